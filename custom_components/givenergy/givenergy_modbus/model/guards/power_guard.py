"""Which powers are believable: none beyond what inverter or supply can carry."""

from ..register import Bank, RegisterField, Unit

POWERS = (Unit.WATT, Unit.VOLT_AMPERE, Unit.VAR)

HEADROOM_INVERTER = 2.0
"""More solar may be connected than an inverter converts, and it gives more for a moment."""

HEADROOM_SUPPLY = 1.2


def is_power(field: RegisterField) -> bool:
    """Return whether a field is a measured power."""
    return field.unit in POWERS and field.registers[0].bank is Bank.INPUT


def measurable(field: RegisterField, watts: float) -> float:
    """Return a limit in watts, less where the largest signed word stands for no measurement."""
    if len(field.registers) != 1 or not _is_signed(field):
        return watts
    highest = field.codec.decode(0x7FFF) or 0
    return min(watts, float(abs(highest)) * 0x7FFE / 0x7FFF)


def _is_signed(field: RegisterField) -> bool:
    """Return whether a word with the highest bit set is a number with the other sign."""
    return (field.codec.decode(0x7FFF) or 0) + (field.codec.decode(0x8001) or 0) == 0


def believes(field: RegisterField, words: tuple[int, ...], watts: float) -> bool:
    """Return whether a power is within a limit, in watts."""
    value = field.codec.decode(*words)
    return value is None or abs(value) <= watts
