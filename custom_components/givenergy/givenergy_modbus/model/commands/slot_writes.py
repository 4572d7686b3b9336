"""Requests that write daily slots.

A slot, or one end of it, is cleared by None, which is midnight: a device does not
distinguish the two.
"""

from datetime import datetime, time

from ...errors import InvalidSetting
from ...pdu import WriteHoldingRegisterRequest
from .. import TimeSlot, encode_time
from ..codecs import uint16
from ..register import HR, RegisterField, Writable
from ..register_model import RegisterModel, Requests
from .slot_map import Ends, SlotMap

type SlotTime = time | datetime | None
"""When a slot begins or ends: seconds and zone do not count, None clears it."""


def write_slot(device: type[RegisterModel], name: str, timeslot: TimeSlot | None) -> Requests:
    """Set a slot a device declares; None clears it."""
    return slot_requests(name, _declared(device, name), timeslot)


def write_start(device: type[RegisterModel], name: str, t: SlotTime) -> Requests:
    """Set the start of a slot a device declares; None clears it."""
    return end_requests(f"the start of {name}", _declared(device, name)[0], t)


def write_end(device: type[RegisterModel], name: str, t: SlotTime) -> Requests:
    """Set the end of a slot a device declares; None clears it."""
    return end_requests(f"the end of {name}", _declared(device, name)[1], t)


def slot_name(kind: str, idx: int, count: int) -> str:
    """Return the name of one of ``count`` settings of a kind, counting from 1."""
    if not 1 <= (number := slot_index(kind, idx)) <= count:
        raise InvalidSetting(kind, idx, f"1 to {count}")
    return f"{kind}_{number}"


def _declared(device: type[RegisterModel], name: str) -> Ends:
    start, end = device.setting(name).registers
    return start.address, end.address


def ends_of(slot_map: SlotMap, kind: str, idx: int) -> Ends:
    """Return the registers of a slot, counting from 1."""
    return slot_map.ends(kind, slot_index(f"{kind} slot", idx))


def target_requests(slot_map: SlotMap, kind: str, idx: int, soc: int) -> Requests:
    """Return the request that sets the target SOC of a slot, in percent."""
    register = slot_map.target(kind, slot_index(f"{kind} slot", idx))
    target = RegisterField(
        f"{kind}_target_soc_{idx}", (HR(register),), uint16, writable=Writable(4, 100)
    )
    return [WriteHoldingRegisterRequest(register, *target.encode(soc))]


def slot_requests(what: str, ends: Ends, timeslot: TimeSlot | None) -> Requests:
    """Return the requests that set both ends of a slot; None clears it."""
    if timeslot is None:
        timeslot = TimeSlot(time(), time())
    if not isinstance(timeslot, TimeSlot):
        raise InvalidSetting(what, timeslot, "a TimeSlot or None")
    start, end = ends
    return [*end_requests(what, start, timeslot.start), *end_requests(what, end, timeslot.end)]


def end_requests(what: str, register: int, t: SlotTime) -> Requests:
    """Return the request that sets one end of a slot; None clears it."""
    if t is not None and not isinstance(t, time | datetime):
        raise InvalidSetting(what, t, "a time of day or None")
    at = t.time() if isinstance(t, datetime) else t or time()
    return [WriteHoldingRegisterRequest(register, encode_time(at))]


def slot_index(what: str, idx: object) -> int:
    """Return the number of a slot, which a whole float is too."""
    if isinstance(idx, bool) or not isinstance(idx, int | float) or idx % 1:
        raise InvalidSetting(what, idx, "a whole number")
    return int(idx)
