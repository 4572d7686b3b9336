"""How often a block of measurements is worth reading, derived from the fields in it."""

from collections.abc import Collection, Iterator
from enum import Enum, auto
from functools import cache

from .capabilities import PlantCapabilities
from .device_kinds import DEVICE_KINDS
from .plan import Block, Read
from .register import Register, RegisterField, Unit
from .register_model import RegisterModel


class Pace(Enum):
    """How often a block is read while something uses it."""

    FAST = auto()
    """On every poll: powers, currents, state of charge and status, which automations act on."""
    SLOW = auto()
    """Every minute: cells, temperatures, capacities and counters that share no fast block."""


_FAST_UNITS = frozenset({Unit.WATT, Unit.VOLT_AMPERE, Unit.AMPERE})
_SLOW_UNITS = frozenset({Unit.KILOWATT_HOUR, Unit.KILOVAR_HOUR, Unit.CELSIUS, Unit.HOUR})
_MESSAGES = tuple[str, ...]
"""Texts of faults and warnings, most of which are in slow blocks anyway."""


def pace_of(capabilities: PlantCapabilities, read: Read) -> Pace:
    """Return the pace of a block of the measurement plan."""
    return _pace(_model_at(capabilities, read.device_address), read.block)


def is_watched(model: type[RegisterModel], registers: Collection[Register]) -> bool:
    """Return whether any of a device's registers hold what a person watches.

    A fast block of which nothing but counters, temperatures and messages are used is worth
    no more than a slow one.
    """
    return not _watched(model).isdisjoint(registers)


@cache
def _watched(model: type[RegisterModel]) -> frozenset[Register]:
    codes = {
        register
        for field in model.all_fields.values()
        if field.kind == _MESSAGES
        for register in field.registers
    }
    return frozenset(
        register
        for field in model.register_fields.values()
        if field.unit not in _SLOW_UNITS and field.kind is not str
        for register in field.registers
        if register not in codes
    )


@cache
def _pace(model: type[RegisterModel], block: Block) -> Pace:
    fast = any(_is_fast(field) for field in _fields_in(model, block))
    return Pace.FAST if fast else Pace.SLOW


def _fields_in(model: type[RegisterModel], block: Block) -> Iterator[RegisterField]:
    for field in model.register_fields.values():
        if any(register in block for register in field.registers):
            yield field


def _is_fast(field: RegisterField) -> bool:
    if field.unit is Unit.PERCENT:
        return "soc" in field.name
    return field.unit in _FAST_UNITS


def _model_at(capabilities: PlantCapabilities, device_address: int) -> type[RegisterModel]:
    if device_address == capabilities.inverter_address:
        return DEVICE_KINDS[capabilities.root_kind].model_for(capabilities.traits)
    for row in capabilities.peripherals:
        if device_address in capabilities.addresses(row.kind):
            return row.model
    raise ValueError(f"no device at {device_address:#04x}")
