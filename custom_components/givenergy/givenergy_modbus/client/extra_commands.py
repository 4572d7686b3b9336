"""Commands that are no methods of an inverter.

Few models take them, and an inverter's own methods are meant for all; the
client knows which may be sent where.
"""

from datetime import time

from ..model import TimeSlot
from ..model.commands.device_commands import code
from ..model.commands.slot_commands import (
    SlotTime,
    storage_mode,
    write_end,
    write_slot,
    write_start,
)
from ..model.commands.slot_map import SINGLE_PHASE_SLOTS, SlotMap
from ..model.enums import BatteryPauseMode
from ..model.inverter import SinglePhaseInverter
from ..model.register_model import Requests

_PAUSE_SLOT = "battery_pause_slot_1"
_EVENING_TO_MORNING = TimeSlot(time(16), time(7))


def set_battery_charge_limit_ac(val: int) -> Requests:
    """Limit charging, in percent of what the inverter is rated for."""
    return SinglePhaseInverter.write(battery_charge_limit_ac=val)


def set_battery_discharge_limit_ac(val: int) -> Requests:
    """Limit discharging, in percent of what the inverter is rated for."""
    return SinglePhaseInverter.write(battery_discharge_limit_ac=val)


def set_battery_pause_mode(val: BatteryPauseMode | int) -> Requests:
    """Set what the battery is kept from doing during the pause slot."""
    name = "battery_pause_mode"
    return SinglePhaseInverter.write(**{name: code(SinglePhaseInverter, name, val)})


def set_pause_slot(slot: TimeSlot | None) -> Requests:
    """Set when the battery pauses; None clears it."""
    return write_slot(SinglePhaseInverter, _PAUSE_SLOT, slot)


def set_pause_slot_start(t: SlotTime) -> Requests:
    """Set when the battery begins to pause; None clears it."""
    return write_start(SinglePhaseInverter, _PAUSE_SLOT, t)


def set_pause_slot_end(t: SlotTime) -> Requests:
    """Set when the battery stops pausing; None clears it."""
    return write_end(SinglePhaseInverter, _PAUSE_SLOT, t)


def set_mode_storage(
    discharge_slot_1: TimeSlot | None = _EVENING_TO_MORNING,
    discharge_slot_2: TimeSlot | None = None,
    discharge_for_export: bool = False,
    slot_map: SlotMap = SINGLE_PHASE_SLOTS,
) -> Requests:
    """Keep what the battery holds for the slots given; the second is cleared if it is not."""
    return storage_mode(
        SinglePhaseInverter, slot_map, discharge_slot_1, discharge_slot_2, discharge_for_export
    )
