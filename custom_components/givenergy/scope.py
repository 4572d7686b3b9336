"""Which registers of a plant are polled, and which may be written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from .givenergy_modbus.model.allowlist import writable_registers
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import DEVICE_KINDS, DeviceKind
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.plan import Block
from .givenergy_modbus.model.register import Register, RegisterField


@dataclass(frozen=True, slots=True)
class EntityScope:
    """Registers that are polled and registers that may be written, computed once per plant."""

    traits: Trait
    blocks: Mapping[int, tuple[Block, ...]]
    """What is polled, by device address."""
    settings: Mapping[int, RegisterField]
    """What may be written, by holding register."""

    @classmethod
    def of(cls, capabilities: PlantCapabilities) -> Self:
        """Return the scope of a plant's capabilities."""
        blocks: dict[int, tuple[Block, ...]] = {}
        for address, block in (*capabilities.measurement_plan, *capabilities.config_plan):
            blocks[address] = (*blocks.get(address, ()), block)
        return cls(capabilities.traits, blocks, writable_registers(capabilities))

    def can_read(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Whether all of a device's registers are polled."""
        blocks = self.blocks.get(device_address, ())
        return all(any(register in block for block in blocks) for register in registers)

    def can_read_kind(self, kind: DeviceKind, registers: Iterable[Register]) -> bool:
        """Whether all of these registers are polled of any device of a kind, if there is one."""
        row = DEVICE_KINDS[kind]
        assert row.block is not None
        polled = [block for at in row.addresses for block in self.blocks.get(at, ())]
        blocks = polled or (row.block, *row.extras)
        return all(any(register in block for block in blocks) for register in registers)

    def can_write(self, registers: Iterable[Register]) -> bool:
        """Whether all of these registers may be written."""
        return all(register.address in self.settings for register in registers)
