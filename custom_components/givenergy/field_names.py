"""Names of device fields, picked by attribute access so that the type checker verifies them."""

from collections.abc import Callable
from typing import cast

from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import RegisterModel


class _Names:
    """Stands in for a device: each attribute's value is its own name."""

    def __getattr__(self, name: str) -> str:
        return name


def names_of[DeviceT](pick: Callable[[DeviceT], object]) -> tuple[str, ...]:
    """Return the names of the fields, one or a tuple of several, that a function picks."""
    picked = pick(cast("DeviceT", _Names()))
    return tuple(map(str, picked)) if isinstance(picked, tuple) else (str(picked),)


def name_of[DeviceT](pick: Callable[[DeviceT], object]) -> str:
    """Return the name of the field that a function picks from a device."""
    (name,) = names_of(pick)
    return name


def registers_of[DeviceT: RegisterModel](
    model: type[DeviceT], pick: Callable[[DeviceT], object]
) -> tuple[Register, ...]:
    """Return the registers of the fields that a function picks from a device."""
    fields = model.all_fields
    return tuple(register for name in names_of(pick) for register in fields[name].registers)
