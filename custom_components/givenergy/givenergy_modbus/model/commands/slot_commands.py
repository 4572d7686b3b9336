"""Daily slots, written wherever a device keeps them.

A slot, or one end of it, is cleared by None, which is midnight: a device does
not tell the two apart.
"""

from datetime import datetime, time

from ...errors import InvalidSetting
from ...pdu import WriteHoldingRegisterRequest
from .. import TimeSlot, encode_time
from ..codecs import uint16
from ..enums import BatteryPowerMode
from ..register import HR, RegisterField, Writable
from ..register_model import RegisterModel, Requests
from .slot_map import Ends, SlotMap

type SlotTime = time | datetime | None
"""When a slot begins or ends: seconds and zone do not count, None clears it."""

_SMART_LOAD_SLOTS = {idx: (552 + 2 * idx, 553 + 2 * idx) for idx in range(1, 11)}


def set_charge_slot(idx: int, timeslot: TimeSlot | None, slot_map: SlotMap) -> Requests:
    """Set charge slot ``idx``, counting from 1; None clears it."""
    return _slot(f"charge slot {idx}", _ends(slot_map, "charge", idx), timeslot)


def set_charge_slot_start(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the start of charge slot ``idx``; None clears it."""
    return _end(f"the start of charge slot {idx}", _ends(slot_map, "charge", idx)[0], t)


def set_charge_slot_end(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the end of charge slot ``idx``; None clears it."""
    return _end(f"the end of charge slot {idx}", _ends(slot_map, "charge", idx)[1], t)


def reset_charge_slot(idx: int, slot_map: SlotMap) -> Requests:
    """Clear charge slot ``idx``."""
    return set_charge_slot(idx, None, slot_map)


def set_charge_slot_target_soc(idx: int, soc: int, slot_map: SlotMap) -> Requests:
    """Set the percentage at which charging stops in charge slot ``idx``."""
    return _target(slot_map, "charge", idx, soc)


def set_discharge_slot(idx: int, timeslot: TimeSlot | None, slot_map: SlotMap) -> Requests:
    """Set discharge slot ``idx``, counting from 1; None clears it."""
    return _slot(f"discharge slot {idx}", _ends(slot_map, "discharge", idx), timeslot)


def set_discharge_slot_start(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the start of discharge slot ``idx``; None clears it."""
    return _end(f"the start of discharge slot {idx}", _ends(slot_map, "discharge", idx)[0], t)


def set_discharge_slot_end(idx: int, t: SlotTime, slot_map: SlotMap) -> Requests:
    """Set the end of discharge slot ``idx``; None clears it."""
    return _end(f"the end of discharge slot {idx}", _ends(slot_map, "discharge", idx)[1], t)


def reset_discharge_slot(idx: int, slot_map: SlotMap) -> Requests:
    """Clear discharge slot ``idx``."""
    return set_discharge_slot(idx, None, slot_map)


def set_discharge_slot_target_soc(idx: int, soc: int, slot_map: SlotMap) -> Requests:
    """Set the percentage at which discharging stops in discharge slot ``idx``."""
    return _target(slot_map, "discharge", idx, soc)


# No device is known to have smart-load slots, so no client sends these.


def set_smart_load_slot(idx: int, slot: TimeSlot | None) -> Requests:
    """Set smart-load slot ``idx``, 1 to 10; None clears it."""
    return _slot(f"smart-load slot {idx}", _smart_load_ends(idx), slot)


def set_smart_load_slot_start(idx: int, t: SlotTime) -> Requests:
    """Set the start of smart-load slot ``idx``; None clears it."""
    return _end(f"the start of smart-load slot {idx}", _smart_load_ends(idx)[0], t)


def set_smart_load_slot_end(idx: int, t: SlotTime) -> Requests:
    """Set the end of smart-load slot ``idx``; None clears it."""
    return _end(f"the end of smart-load slot {idx}", _smart_load_ends(idx)[1], t)


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


def write_slot(device: type[RegisterModel], name: str, timeslot: TimeSlot | None) -> Requests:
    """Set a slot a device declares; None clears it."""
    return _slot(name, _declared(device, name), timeslot)


def write_start(device: type[RegisterModel], name: str, t: SlotTime) -> Requests:
    """Set the start of a slot a device declares; None clears it."""
    return _end(f"the start of {name}", _declared(device, name)[0], t)


def write_end(device: type[RegisterModel], name: str, t: SlotTime) -> Requests:
    """Set the end of a slot a device declares; None clears it."""
    return _end(f"the end of {name}", _declared(device, name)[1], t)


def slot_name(kind: str, idx: int) -> str:
    """Return what a plant controller calls one of its three settings of a kind."""
    if (number := _index(kind, idx)) not in range(1, 4):
        raise InvalidSetting(kind, idx, "1 to 3")
    return f"{kind}_{number}"


def _declared(device: type[RegisterModel], name: str) -> Ends:
    start, end = device.setting(name).registers
    return start.address, end.address


def _ends(slot_map: SlotMap, kind: str, idx: int) -> Ends:
    return slot_map.ends(kind, _index(f"{kind} slot", idx))


def _smart_load_ends(idx: int) -> Ends:
    try:
        return _SMART_LOAD_SLOTS[_index("smart-load slot", idx)]
    except KeyError:
        raise InvalidSetting("smart-load slot", idx, "1 to 10") from None


def _target(slot_map: SlotMap, kind: str, idx: int, soc: int) -> Requests:
    register = slot_map.target(kind, _index(f"{kind} slot", idx))
    target = RegisterField(
        f"{kind}_target_soc_{idx}", (HR(register),), uint16, writable=Writable(4, 100)
    )
    return [WriteHoldingRegisterRequest(register, *target.encode(soc))]


def _slot(what: str, ends: Ends, timeslot: TimeSlot | None) -> Requests:
    if timeslot is None:
        timeslot = TimeSlot(time(), time())
    if not isinstance(timeslot, TimeSlot):
        raise InvalidSetting(what, timeslot, "a TimeSlot or None")
    start, end = ends
    return [*_end(what, start, timeslot.start), *_end(what, end, timeslot.end)]


def _end(what: str, register: int, t: SlotTime) -> Requests:
    if t is not None and not isinstance(t, time | datetime):
        raise InvalidSetting(what, t, "a time of day or None")
    at = t.time() if isinstance(t, datetime) else t or time()
    return [WriteHoldingRegisterRequest(register, encode_time(at))]


def _index(what: str, idx: object) -> int:
    """Return the number of a slot, which a whole float is too."""
    if isinstance(idx, bool) or not isinstance(idx, int | float) or idx % 1:
        raise InvalidSetting(what, idx, "a whole number")
    return int(idx)
