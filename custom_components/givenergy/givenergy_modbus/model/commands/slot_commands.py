"""Commands for the daily slots of an inverter, at the registers of its slot map."""

from ...errors import InvalidSetting
from .. import TimeSlot
from ..enums import BatteryPowerMode
from ..register_model import RegisterModel, Requests
from .slot_map import SlotMap
from .slot_writes import SlotTime, end_requests, ends_of, slot_requests, target_requests


def set_charge_slot(idx: int, timeslot: TimeSlot | None, slot_map: SlotMap) -> Requests:
    """Set charge slot ``idx``, counting from 1; None clears it."""
    return slot_requests(f"charge slot {idx}", ends_of(slot_map, "charge", idx), timeslot)


def set_charge_slot_start(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the start of charge slot ``idx``; None clears it."""
    return end_requests(f"the start of charge slot {idx}", ends_of(slot_map, "charge", idx)[0], t)


def set_charge_slot_end(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the end of charge slot ``idx``; None clears it."""
    return end_requests(f"the end of charge slot {idx}", ends_of(slot_map, "charge", idx)[1], t)


def reset_charge_slot(idx: int, slot_map: SlotMap) -> Requests:
    """Clear charge slot ``idx``."""
    return set_charge_slot(idx, None, slot_map)


def set_charge_slot_target_soc(idx: int, soc: int, slot_map: SlotMap) -> Requests:
    """Set the percentage at which charging stops in charge slot ``idx``."""
    return target_requests(slot_map, "charge", idx, soc)


def set_discharge_slot(idx: int, timeslot: TimeSlot | None, slot_map: SlotMap) -> Requests:
    """Set discharge slot ``idx``, counting from 1; None clears it."""
    return slot_requests(f"discharge slot {idx}", ends_of(slot_map, "discharge", idx), timeslot)


def set_discharge_slot_start(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the start of discharge slot ``idx``; None clears it."""
    return end_requests(
        f"the start of discharge slot {idx}", ends_of(slot_map, "discharge", idx)[0], t
    )


def set_discharge_slot_end(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the end of discharge slot ``idx``; None clears it."""
    return end_requests(
        f"the end of discharge slot {idx}", ends_of(slot_map, "discharge", idx)[1], t
    )


def reset_discharge_slot(idx: int, slot_map: SlotMap) -> Requests:
    """Clear discharge slot ``idx``."""
    return set_discharge_slot(idx, None, slot_map)


def set_discharge_slot_target_soc(idx: int, soc: int, slot_map: SlotMap) -> Requests:
    """Set the percentage at which discharging stops in discharge slot ``idx``."""
    return target_requests(slot_map, "discharge", idx, soc)


def storage_mode(
    device: type[RegisterModel],
    slot_map: SlotMap,
    discharge_slot_1: TimeSlot | None,
    discharge_slot_2: TimeSlot | None,
    discharge_for_export: bool,
) -> Requests:
    """Have a device discharge in the slots given, for the house or for export too."""
    if not isinstance(discharge_for_export, bool):
        raise InvalidSetting("discharge_for_export", discharge_for_export, "True or False")
    mode = BatteryPowerMode.EXPORT if discharge_for_export else BatteryPowerMode.SELF_CONSUMPTION
    return [
        *device.write(battery_power_mode=mode, enable_discharge=True),
        *set_discharge_slot(1, discharge_slot_1, slot_map),
        *set_discharge_slot(2, discharge_slot_2, slot_map),
    ]
