"""Commands that are no methods of an inverter.

Few models take them, and an inverter's own methods are meant for all; the client
knows which may be sent to which model.
"""

from datetime import time

from ..model import TimeSlot
from ..model.commands.device_commands import code
from ..model.commands.field_commands import FieldCommand, SetValue
from ..model.commands.slot_commands import storage_mode
from ..model.commands.slot_map import SlotMap
from ..model.commands.slot_writes import SlotTime, slot_name, write_end, write_slot, write_start
from ..model.enums import BatteryPauseMode
from ..model.inverter import SINGLE_PHASE_SLOTS, SinglePhaseInverter
from ..model.register_model import Requests

_PAUSE_SLOT = "battery_pause_slot_1"
_SMART_LOAD_SLOTS = 10
_EVENING_TO_MORNING = TimeSlot(time(16), time(7))

set_battery_charge_limit_ac = FieldCommand[SetValue]("battery_charge_limit_ac").of(
    SinglePhaseInverter
)
set_battery_discharge_limit_ac = FieldCommand[SetValue]("battery_discharge_limit_ac").of(
    SinglePhaseInverter
)


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
    """Discharge only in the slots given; a second one that is not given is cleared."""
    return storage_mode(
        SinglePhaseInverter, slot_map, discharge_slot_1, discharge_slot_2, discharge_for_export
    )


# No device is known to have smart-load slots, so no client sends these.


def set_smart_load_slot(idx: int, slot: TimeSlot | None) -> Requests:
    """Set smart-load slot ``idx``, 1 to 10; None clears it."""
    return write_slot(SinglePhaseInverter, _smart_load(idx), slot)


def set_smart_load_slot_start(idx: int, t: SlotTime) -> Requests:
    """Set the start of smart-load slot ``idx``; None clears it."""
    return write_start(SinglePhaseInverter, _smart_load(idx), t)


def set_smart_load_slot_end(idx: int, t: SlotTime) -> Requests:
    """Set the end of smart-load slot ``idx``; None clears it."""
    return write_end(SinglePhaseInverter, _smart_load(idx), t)


def _smart_load(idx: int) -> str:
    return slot_name("smart_load_slot", idx, _SMART_LOAD_SLOTS)
