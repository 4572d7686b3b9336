"""The register plan: what can be read of an inverter, one row per block of registers.

A block is a run of registers read in one request. Which blocks a device serves
follows from its traits; the few that only some firmware serves are ``maybe``
rows, tried once and remembered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, override

from ..pdu import (
    INVERTER_ADDRESS,
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadMeterProductRegistersRequest,
    ReadRegistersRequest,
)
from .models import Trait
from .register import Bank, Register

__all__ = [
    "BMS_SUMMARY",
    "CONFIG",
    "FACADE_ADDRESS",
    "INVERTER_ADDRESS",
    "MEASUREMENTS",
    "Block",
    "Read",
    "possible",
    "served",
]

FACADE_ADDRESS = 0x31
"""Where older hardware mirrors the inverter; old records name it."""


_REQUESTS: Mapping[Bank, type[ReadRegistersRequest]] = {
    Bank.HOLDING: ReadHoldingRegistersRequest,
    Bank.INPUT: ReadInputRegistersRequest,
    Bank.METER: ReadMeterProductRegistersRequest,
}


@dataclass(frozen=True, slots=True)
class Block:
    """A run of registers read in one request, and what it takes to serve it."""

    bank: Bank
    start: int
    count: int = 60
    needs: Trait = Trait(0)
    maybe: bool = False

    @override
    def __hash__(self) -> int:
        """Hash by place and size, which is quick: blocks are looked up many times a poll."""
        return self.start << 8 | self.count

    @property
    def request_type(self) -> str:
        """The name of the request that reads it, as failures report it."""
        return _REQUESTS[self.bank].__name__

    def __contains__(self, register: Register) -> bool:
        """Return whether the block contains a register."""
        return register.bank is self.bank and 0 <= register.address - self.start < self.count

    def covers(self, other: Block) -> bool:
        """Return whether this block contains all of another."""
        return (
            other.bank is self.bank
            and self.start <= other.start
            and other.start + other.count <= self.start + self.count
        )


class Read(NamedTuple):
    """One block of one device."""

    device_address: int
    block: Block

    @property
    def request(self) -> ReadRegistersRequest:
        """The request that reads it."""
        return _REQUESTS[self.block.bank](
            device_address=self.device_address,
            base_register=self.block.start,
            register_count=self.block.count,
        )

    @override
    def __str__(self) -> str:
        """Write the read as dumps and stored capabilities do."""
        return (
            f"{self.device_address:#04x}:{self.block.bank}({self.block.start},{self.block.count})"
        )


# fmt: off
CONFIG = (
    Block(Bank.HOLDING, 0),
    Block(Bank.HOLDING, 60, needs=Trait.INVERTER),
    Block(Bank.HOLDING, 120, needs=Trait.INVERTER),
    Block(Bank.HOLDING, 180, needs=Trait.NEWER_BLOCK_MAYBE, maybe=True),
    Block(Bank.HOLDING, 1000, needs=Trait.THREE_PHASE),
    Block(Bank.HOLDING, 1060, needs=Trait.THREE_PHASE),
    Block(Bank.HOLDING, 1120, 5, needs=Trait.THREE_PHASE),
    Block(Bank.HOLDING, 240, needs=Trait.EXTENDED_SLOTS),
    Block(Bank.HOLDING, 240, needs=Trait.EXTENDED_SLOTS_MAYBE, maybe=True),
    Block(Bank.HOLDING, 300, needs=Trait.AC_CONFIG),
    Block(Bank.HOLDING, 300, needs=Trait.AC_CONFIG_MAYBE, maybe=True),
    Block(Bank.HOLDING, 318, 3, needs=Trait.AC_CONFIG_MAYBE, maybe=True),
    Block(Bank.HOLDING, 2040, 36, needs=Trait.EMS),
)
MEASUREMENTS = (
    Block(Bank.INPUT, 0, needs=Trait.INVERTER),
    Block(Bank.INPUT, 180, needs=Trait.INVERTER),
    *(Block(Bank.INPUT, start, needs=Trait.THREE_PHASE) for start in range(1000, 1360, 60)),
    Block(Bank.INPUT, 1360, 54, needs=Trait.THREE_PHASE),
    Block(Bank.INPUT, 2040, 55, needs=Trait.EMS),
    *(Block(Bank.INPUT, start, needs=Trait.GATEWAY) for start in range(1600, 1840, 60)),
    Block(Bank.INPUT, 1840, 20, needs=Trait.GATEWAY),
)
# fmt: on


BMS_SUMMARY = Read(0xA0, Block(Bank.INPUT, 60, 5, needs=Trait.HV_BATTERY))
"""How many battery controllers a high-voltage plant has; read in detection only."""


def served(
    blocks: Iterable[Block],
    traits: Trait,
    known: frozenset[str] = frozenset(),
    at: int = INVERTER_ADDRESS,
) -> tuple[Block, ...]:
    """Return the blocks a device with these traits serves.

    A ``maybe`` block counts when ``known`` names it as found to be served at
    the address, in the form ``0x11:HR(240,60)``.
    """
    return tuple(
        block
        for block in blocks
        if block.needs in traits and (not block.maybe or str(Read(at, block)) in known)
    )


def possible(blocks: Iterable[Block], traits: Trait) -> tuple[Block, ...]:
    """Return the ``maybe`` blocks of a device with these traits."""
    return tuple(block for block in blocks if block.maybe and block.needs in traits)
