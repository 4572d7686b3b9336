"""The allow-list: which registers of a plant may be written, and to which values.

It is derived: a plant may be written the settings that are also read from it.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from ..errors import InvalidSetting
from . import TimeSlot
from .capabilities import PlantCapabilities
from .commands.slot_map import SlotMap
from .devices.ems import Ems
from .inverter import SinglePhaseInverter
from .inverter_threephase import THREE_PHASE_SLOTS, select_inverter
from .models import Trait, row_of
from .plan import INVERTER_ADDRESS, Block
from .register import HR, Register, RegisterField
from .register_model import RegisterModel

_SLOTS = range(240, 300)
"""Slots and their targets, in the order of the ten-slot models."""

_AC_CONFIG = range(300, 360)
"""Three-phase inverters respond here, but keep none of these settings here."""

_AROUND: Mapping[type, tuple[int, ...]] = {TimeSlot: (0, 0), datetime: (24, 1, 1, 0, 0, 0)}
"""Valid words of a setting with several registers, for checking one of them alone."""


def writable_registers(capabilities: PlantCapabilities) -> Mapping[int, RegisterField]:
    """Return the holding registers a plant may be written, and the setting each belongs to."""
    device = command_class(capabilities)
    if device is None:
        return {}
    blocks = tuple(
        read.block
        for read in capabilities.config_plan
        if read.device_address == capabilities.inverter_address
    )
    return _surface(device, capabilities.traits, blocks)


@lru_cache
def _surface(
    device: type[RegisterModel], traits: Trait, blocks: tuple[Block, ...]
) -> Mapping[int, RegisterField]:
    return MappingProxyType(
        {
            register.address: setting
            for name, field in device.register_fields.items()
            if field.writable is not None
            for setting in (device.setting(name),)
            for register in setting.registers
            if any(register in block for block in blocks) and not _withheld(register, traits)
        }
    )


def command_class(capabilities: PlantCapabilities) -> type[RegisterModel] | None:
    """Return the class of the device that takes a plant's commands, None if there is none.

    A gateway takes none, nor does an unknown model: its registers may mean anything.
    """
    traits = capabilities.traits
    if capabilities.device_type is None or Trait.GATEWAY in traits:
        return None
    if Trait.EMS in traits:
        return Ems
    return select_inverter(traits)


def reject_reason(
    capabilities: PlantCapabilities,
    register: int,
    value: int,
    device_address: int = INVERTER_ADDRESS,
) -> str | None:
    """Return why a plant may not be written a value, None if it may."""
    product = row_of(capabilities.device_type).name
    if device_address != INVERTER_ADDRESS:
        return f"settings are written at {INVERTER_ADDRESS:#04x}, not at {device_address:#04x}"
    field = writable_registers(capabilities).get(register)
    if field is None:
        return f"{_called(capabilities, register)} cannot be written on {product}"
    if not accepts(field, register, value):
        return f"HR({register}) does not take {value}: {field.name} is {field.allowed}"
    return None


def accepts(field: RegisterField, register: int, word: int) -> bool:
    """Return whether a setting may have this word in one of its registers."""
    place = field.registers.index(HR(register))
    words = list(_AROUND.get(field.kind, (0,) * len(field.registers)))
    words[place] = word
    try:
        return field.encode(field.codec.decode(*words)) == tuple(words)
    except InvalidSetting:
        return False


def _withheld(register: Register, traits: Trait) -> bool:
    """Return whether a three-phase inverter answers for a register it makes no use of."""
    if Trait.THREE_PHASE not in traits:
        return False
    if register.address in _SLOTS:
        return register.address not in _mapped(THREE_PHASE_SLOTS)
    return register.address in _AC_CONFIG


def _mapped(slot_map: SlotMap) -> set[int]:
    """Return every register of a slot map."""
    slots = [*slot_map.charge_slots.values(), *slot_map.discharge_slots.values()]
    targets = slot_map.targets.values()
    return {end for ends in slots for end in ends} | {
        register for by_index in targets for register in by_index.values()
    }


def _called(capabilities: PlantCapabilities, register: int) -> str:
    """Return a register with the name of the setting it would be."""
    device = command_class(capabilities) or SinglePhaseInverter
    names = (
        field.name
        for field in device.register_fields.values()
        if field.writable is not None and HR(register) in field.registers
    )
    name = next(names, None)
    return f"HR({register})" if name is None else f"{name} at HR({register})"
