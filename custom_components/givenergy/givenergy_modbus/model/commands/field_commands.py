"""Commands that write one declared field."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from inspect import Signature, signature
from typing import Any, Protocol, get_args

from ..enums import ExportPriority
from ..register_model import RegisterModel, Requests


class SetEnabled(Protocol):
    """Switch something on or off."""

    def __call__(self, enabled: bool) -> Requests:
        """Return the requests that do it."""
        ...


class SetValue(Protocol):
    """Set a number."""

    def __call__(self, val: int) -> Requests:
        """Return the requests that do it."""
        ...


class SetTargetSoc(Protocol):
    """Set a state of charge in percent."""

    def __call__(self, target_soc: int) -> Requests:
        """Return the requests that do it."""
        ...


class SetRate(Protocol):
    """Set a percentage of the rated power."""

    def __call__(self, target: int) -> Requests:
        """Return the requests that do it."""
        ...


class SetWatts(Protocol):
    """Set a power in watts."""

    def __call__(self, watts: int) -> Requests:
        """Return the requests that do it."""
        ...


class SetPriority(Protocol):
    """Set where surplus power goes first."""

    def __call__(self, priority: ExportPriority | int) -> Requests:
        """Return the requests that do it."""
        ...


class SetClock(Protocol):
    """Set a date and time."""

    def __call__(self, dt: datetime) -> Requests:
        """Return the requests that do it."""
        ...


class FieldCommand[C: Callable[..., Requests]]:
    """A command of a device class that writes one of its fields.

    Which registers and values that means, the class it is called on declares.
    """

    def __init__(self, field: str) -> None:
        """Write a field; the type argument gives the parameter its name and type."""
        self.field = field
        self.name = f"set_{field}"

    def __set_name__(self, owner: type, name: str) -> None:
        """Note the name of the command."""
        self.name = name

    def __get__(self, instance: RegisterModel | None, owner: type[RegisterModel]) -> C:
        """Return the command of a device class."""
        return self.of(owner)

    def of(self, device: type[RegisterModel]) -> C:
        """Return the command for a class of devices."""
        (protocol,) = get_args(self.__orig_class__)  # type: ignore[attr-defined]
        command: Any = _bound(self.name, self.field, device, protocol)
        return command  # type: ignore[no-any-return]


@cache
def _bound(
    name: str, field: str, device: type[RegisterModel], protocol: type[Any]
) -> Callable[..., Requests]:
    """Return the function that writes a field of a class of devices."""
    parameters = Signature([*signature(protocol.__call__).parameters.values()][1:])
    setting = device.setting_aliases.get(field, field)

    def command(*args: Any, **kwargs: Any) -> Requests:
        (value,) = parameters.bind(*args, **kwargs).args
        return device.write(**{field: value})

    command.__name__ = name
    command.__qualname__ = f"{device.__name__}.{name}"
    command.__doc__ = f"Return the requests that set ``{setting}``."
    command.__signature__ = parameters  # type: ignore[attr-defined]
    return command
