"""What an override is planned for: the inverter or EMS as it was last read."""

from datetime import datetime

from homeassistant.util import dt as dt_util

from ..givenergy_modbus.model.allowlist import command_class, writable_registers
from ..givenergy_modbus.model.commands.slot_map import SlottedDevice
from ..givenergy_modbus.model.plan import INVERTER_ADDRESS
from ..givenergy_modbus.model.plant import Plant
from ..givenergy_modbus.model.register import HR
from ..inverter_clock import CLOCK_DRIFT_LIMIT, drift_of
from .journal import OverrideJournal
from .plan import Situation
from .request import OverrideRefused, OverrideRequest
from .restore import setting_words
from .window import moved_slot, override_slot


def device_class_of(plant: Plant) -> type[SlottedDevice] | None:
    """Return the class of the inverter or EMS, None for what takes no commands."""
    found = None if plant.capabilities is None else command_class(plant.capabilities)
    return found if found is not None and issubclass(found, SlottedDevice) else None


def situation_of(
    plant: Plant, request: OverrideRequest, replaced: OverrideJournal | None
) -> Situation:
    """Return the inverter as it was just read, without what a replaced override changed.

    Raises OverrideRefused where there can be no override, or its end would be wrong.
    """
    device_class = device_class_of(plant)
    if plant.capabilities is None or device_class is None:
        raise OverrideRefused("override_not_supported")
    if (drift := drift_of(plant)) is None:
        raise OverrideRefused("override_clock_unknown")
    if abs(drift) > CLOCK_DRIFT_LIMIT:
        minutes = round(abs(drift).total_seconds() / 60)
        raise OverrideRefused("override_clock_off", minutes=str(minutes))
    words = setting_words(plant)
    pristine = words if replaced is None else replaced.pristine(words)
    cache = {
        **plant.register_caches[INVERTER_ADDRESS],
        **{HR(register): word for register, word in pristine.items()},
    }
    now = dt_util.utcnow()
    return Situation(
        device=device_class.from_register_cache(cache),
        words=cache,
        writable=writable_registers(plant.capabilities),
        slot=override_slot(request, now, _shown(plant, now), replaced, words),
    )


def slot_moves(plant: Plant, journal: OverrideJournal) -> dict[int, int]:
    """Return the words that move an override's slot after the inverter's clock was changed."""
    if drift_of(plant) is None:
        return {}
    now = dt_util.utcnow()
    return moved_slot(journal, now, _shown(plant, now), setting_words(plant))


def _shown(plant: Plant, at: datetime) -> datetime:
    """Return what the inverter's clock shows at a time."""
    drift = drift_of(plant)
    assert drift is not None
    return dt_util.as_local(at).replace(tzinfo=None) + drift
