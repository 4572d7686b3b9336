"""Every command as a plain function.

Each returns the requests that carry it out, for ``Client.one_shot_command``. The
devices of a plant have most of them as methods, which know where this very device
keeps its settings; here that is a single-phase inverter, unless only another device
has the command.
"""

from collections.abc import Callable, Iterator
from inspect import getattr_static

from ..model.commands.field_commands import FieldCommand
from ..model.commands.slot_commands import *  # noqa: F403
from ..model.devices.ems import Ems
from ..model.inverter import SinglePhaseInverter
from ..model.inverter_threephase import ThreePhaseInverter
from ..model.register_model import Requests
from .deprecated_commands import *  # noqa: F403
from .extra_commands import *  # noqa: F403

type Command = Callable[..., Requests]

_VERBS = ("set_", "reset_", "enable_", "disable_", "refresh_")
_DEVICES = (SinglePhaseInverter, ThreePhaseInverter, Ems)


def _device_commands() -> Iterator[tuple[str, Command]]:
    """Yield the commands that take no slot map, by name; the first device that has one wins."""
    for device in reversed(_DEVICES):
        for name in dir(device):
            declared = getattr_static(device, name)
            if name.startswith(_VERBS) and isinstance(declared, FieldCommand | classmethod):
                yield name, getattr(device, name)


def __getattr__(name: str) -> Command:
    """Declare for type checkers what is not written out here."""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


globals().update(_device_commands())

disable_charge_target_3ph = ThreePhaseInverter.disable_charge_target
set_battery_soc_reserve_3ph = ThreePhaseInverter.set_battery_soc_reserve
set_charge_target_enabled_3ph = ThreePhaseInverter.set_charge_target_enabled
set_charge_target_soc_3ph = ThreePhaseInverter.set_charge_target_soc

__all__ = [name for name in sorted(globals()) if name.startswith(_VERBS)]
