"""The findings of a check, and the advice for each."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from errno import EHOSTUNREACH, ENETUNREACH

from ..exceptions import CommunicationError

type Value = str | int | float


class FindingCode(StrEnum):
    """What a check can find."""

    HOST_NOT_FOUND = "host_not_found"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_TIMED_OUT = "connection_timed_out"
    HOST_UNREACHABLE = "host_unreachable"
    CANNOT_CONNECT = "cannot_connect"
    NOT_GIVENERGY = "not_givenergy"
    NOTHING_DETECTED = "nothing_detected"
    SLOW_RESPONSES = "slow_responses"
    LOST_RESPONSES = "lost_responses"
    DAMAGED_RESPONSES = "damaged_responses"
    OTHER_CLIENTS = "other_clients"
    CLOCK_DRIFT = "clock_drift"
    OUTPUT_LIMITED = "output_limited"
    SEVERAL_CHARGE_SLOTS = "several_charge_slots"
    SEVERAL_DISCHARGE_SLOTS = "several_discharge_slots"
    RESERVE_ABOVE_TARGET = "reserve_above_target"
    MANAGED_BY_EMS = "managed_by_ems"


ADVICE: Mapping[FindingCode, str] = {
    FindingCode.HOST_NOT_FOUND: "Could not connect: the host name was not found. Check the "
    "address.",
    FindingCode.CONNECTION_REFUSED: "Could not connect: the connection was refused. Check the "
    "address and the port.",
    FindingCode.CONNECTION_TIMED_OUT: "Could not connect: timed out. Check the address and that "
    "the dongle is online.",
    FindingCode.HOST_UNREACHABLE: "Could not connect: the address cannot be reached. Check the "
    "address and that the dongle is online.",
    FindingCode.CANNOT_CONNECT: "Could not connect, or the connection was lost. Check the address "
    "and that the dongle is online.",
    FindingCode.NOT_GIVENERGY: "A device responds at this address, but not like a GivEnergy "
    "system. If the address is right, the dongle may be busy: try again in a minute.",
    FindingCode.NOTHING_DETECTED: "The dongle responds, but the inverter, EMS or gateway behind "
    "it does not.",
    FindingCode.SLOW_RESPONSES: "Responses take {seconds} s. Check the dongle's Wi-Fi signal, and "
    "poll less often.",
    FindingCode.LOST_RESPONSES: "{lost} of {requests} requests had no response. Check the "
    "dongle's Wi-Fi signal and other clients.",
    FindingCode.DAMAGED_RESPONSES: "{damaged} responses were damaged and {retries} requests "
    "repeated. Check the dongle's Wi-Fi signal, and that it is plugged in firmly.",
    FindingCode.OTHER_CLIENTS: "Other clients cause {per_minute} responses per minute. The "
    "vendor's cloud causes a few; a second integration slows both down.",
    FindingCode.CLOCK_DRIFT: "The inverter's clock is off by {seconds} s, so slots run at the "
    "wrong times. Set the clock.",
    FindingCode.OUTPUT_LIMITED: "The active power limit is {percent}%. Set it to 100%, unless the "
    "installer limited it.",
    FindingCode.SEVERAL_CHARGE_SLOTS: "{count} charge slots are set. Clear those you do not need.",
    FindingCode.SEVERAL_DISCHARGE_SLOTS: "{count} discharge slots are set. Clear those you do not "
    "need.",
    FindingCode.RESERVE_ABOVE_TARGET: "The battery reserve of {reserve}% is above the charge "
    "target of {target}%, so energy charged in a slot is not used.",
    FindingCode.MANAGED_BY_EMS: "An EMS controls the inverters. Change settings on the EMS only.",
}
"""A sentence for each finding; Home Assistant has the same in its translations."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth attention, with the figures of its advice."""

    code: FindingCode
    data: Mapping[str, Value] = field(default_factory=dict)

    @property
    def advice(self) -> str:
        """The sentence of advice, in English."""
        return ADVICE[self.code].format(**self.data)


def connection_failure(error: BaseException) -> FindingCode:
    """Return why a connection could not be opened."""
    match error.__cause__:
        case socket.gaierror() | UnicodeError():
            return FindingCode.HOST_NOT_FOUND
        case ConnectionRefusedError():
            return FindingCode.CONNECTION_REFUSED
        case OSError(errno=number) if number in (EHOSTUNREACH, ENETUNREACH):
            return FindingCode.HOST_UNREACHABLE
        case CommunicationError() as cause:
            return connection_failure(cause)
        case TimeoutError():
            return FindingCode.CONNECTION_TIMED_OUT
    return FindingCode.CANNOT_CONNECT
