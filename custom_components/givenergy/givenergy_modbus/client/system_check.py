"""Check a system: connection, response times, other clients, clock and unusual settings."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median

from ..exceptions import CommunicationError, ExceptionBase, RefreshError
from ..model.models import row_of
from ..model.plan import MEASUREMENTS, Block, Read
from ..model.plant import Plant
from ..model.redaction import redact_serial
from ..model.register import Bank
from ..pdu import (
    MARKER,
    ReadRegistersRequest,
    ReadRegistersResponse,
    decode_request,
    decode_response,
)
from .client import Client

REQUESTS = 20
SLOW_RESPONSE = 1.0
"""Median response time, in seconds, above which a connection is slow."""
CLOCK_TOLERANCE = 60
"""Seconds an inverter's clock may be off."""
_SLOTS = range(1, 11)
_KINDS = ("charge_slot", "discharge_slot")

type Value = str | int | float
type JsonValue = bool | str | int | float | list[JsonValue] | dict[str, JsonValue] | None


class FindingCode(StrEnum):
    """What a check can find."""

    NAME_NOT_FOUND = "name_not_found"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_TIMED_OUT = "connection_timed_out"
    UNREACHABLE = "unreachable"
    NO_RESPONSE = "no_response"
    ANOTHER_DEVICE = "another_device"
    SLOW_RESPONSES = "slow_responses"
    LOST_RESPONSES = "lost_responses"
    OTHER_CLIENTS = "other_clients"
    CLOCK_DRIFT = "clock_drift"
    OUTPUT_LIMITED = "output_limited"
    SEVERAL_SLOTS = "several_slots"
    RESERVE_ABOVE_TARGET = "reserve_above_target"
    MANAGED_BY_EMS = "managed_by_ems"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth attention, with the figures of its text."""

    code: FindingCode
    data: Mapping[str, Value] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class SystemCheck:
    """The result of a check; None is what could not be found out."""

    is_connected: bool = False
    model: str | None = None
    dongle_serial: str | None = None
    inverter_serial: str | None = None
    firmware: str | None = None
    response_times: list[float] = field(default_factory=list)
    """Seconds each answered request took."""
    lost: int = 0
    """Requests without a valid response."""
    foreign_responses: int = 0
    """Responses on the wire to requests of other clients."""
    seconds: float = 0.0
    """How long other clients were listened for."""
    clock_drift: float | None = None
    """Seconds the inverter's clock is ahead."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def foreign_per_minute(self) -> float:
        """Responses to other clients per minute."""
        return round(60 * self.foreign_responses / self.seconds, 1) if self.seconds else 0.0

    def to_dict(self, *, redact: bool = True) -> dict[str, JsonValue]:
        """Return the result as JSON values, serials without the unit's number if ``redact``."""
        times = self.response_times
        return {
            "connected": self.is_connected,
            "model": self.model,
            "dongle_serial": _shown(self.dongle_serial, redact=redact),
            "inverter_serial": _shown(self.inverter_serial, redact=redact),
            "firmware": self.firmware,
            "requests": len(times) + self.lost,
            "lost": self.lost,
            "response_time_median": round(median(times), 3) if times else None,
            "response_time_max": round(max(times), 3) if times else None,
            "foreign_responses_per_minute": self.foreign_per_minute,
            "clock_drift": None if self.clock_drift is None else round(self.clock_drift),
            "findings": [{"code": finding.code.value, **finding.data} for finding in self.findings],
        }


async def check_system(
    client: Client, *, listen: float = 30.0, now: datetime | None = None
) -> SystemCheck:
    """Check the system a client connects to; an error is a finding, not an exception.

    Detects the devices unless the client knows them. ``listen`` is how many seconds other
    clients are listened for, at least; ``now`` is the local time to compare the inverter's
    clock with.
    """
    check = SystemCheck()
    try:
        await client.connect()
    except CommunicationError as err:
        check.findings.append(Finding(connection_failure(err)))
        return check
    check.is_connected = True
    traffic = _Traffic()
    listening = asyncio.create_task(client.capture_frames(traffic.add, 24 * 3600))
    try:
        await _check_connected(client, check, traffic, listen, now)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return check


async def _check_connected(
    client: Client, check: SystemCheck, traffic: _Traffic, listen: float, now: datetime | None
) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        if client.plant.capabilities is None:
            await client.detect()
    except CommunicationError:
        is_other = traffic.noise and not traffic.received
        code = FindingCode.ANOTHER_DEVICE if is_other else FindingCode.NO_RESPONSE
        check.findings.append(Finding(code))
        return
    with suppress(RefreshError):
        await client.load_config()
    await _measure(client, check)
    await asyncio.sleep(max(0.0, started + listen - loop.time()))
    check.seconds = loop.time() - started
    check.foreign_responses = traffic.foreign()
    _read_identity(client.plant, check, now or datetime.now())  # noqa: DTZ005 - as inverters do
    check.findings += [*_wire_findings(check), *_clock_findings(check)]
    check.findings += _setting_findings(client.plant)


async def _measure(client: Client, check: SystemCheck) -> None:
    """Send requests for one block, and record how long each takes."""
    loop = asyncio.get_running_loop()
    block = next(row for row in MEASUREMENTS if row.start == 0)
    request = Read(client.plant.inverter_address, Block(block.bank, 0)).request
    for _ in range(REQUESTS):
        started = loop.time()
        try:
            await client.send_request_and_await_response(request, retries=0)
        except CommunicationError:
            check.lost += 1
        else:
            check.response_times.append(loop.time() - started)


class _Traffic:
    """Counts the reads of all clients and their responses on the wire."""

    def __init__(self) -> None:
        self.received = 0
        self.noise = 0
        self._sent: Counter[object] = Counter()
        self._responses: Counter[object] = Counter()

    def add(self, direction: str, frame: bytes) -> None:
        """Count one frame."""
        if not frame.startswith(MARKER):
            self.noise += 1
            return
        self.received += direction == "rx"
        with suppress(ExceptionBase, ValueError):
            if direction == "tx":
                request = decode_request(frame)
                if isinstance(request, ReadRegistersRequest):
                    self._sent[_key(request)] += 1
            else:
                response = decode_response(frame)
                if isinstance(response, ReadRegistersResponse) and not response.error:
                    self._responses[_key(response)] += 1

    def foreign(self) -> int:
        """Return the number of responses that no request of ours accounts for."""
        return sum(max(0, count - self._sent[key]) for key, count in self._responses.items())


def _key(message: ReadRegistersRequest | ReadRegistersResponse) -> tuple[int, Bank, int, int]:
    return (
        message.device_address,
        Bank(message.bank),
        message.base_register,
        message.register_count,
    )


def connection_failure(error: CommunicationError) -> FindingCode:
    """Return why a connection could not be opened."""
    match error.__cause__:
        case socket.gaierror() | UnicodeError():
            return FindingCode.NAME_NOT_FOUND
        case ConnectionRefusedError():
            return FindingCode.CONNECTION_REFUSED
        case TimeoutError():
            return FindingCode.CONNECTION_TIMED_OUT
    return FindingCode.UNREACHABLE


def _read_identity(plant: Plant, check: SystemCheck, now: datetime) -> None:
    """Record what the plant reports of itself."""
    device = plant.inverter if plant.ems is None else plant.ems
    if plant.capabilities is not None:
        check.model = row_of(plant.capabilities.device_type).name
    check.dongle_serial = plant.data_adapter_serial_number or None
    check.inverter_serial = plant.inverter_serial or None
    check.firmware = plant.inverter.firmware_version
    shown: datetime | None = getattr(device, "system_time", None)
    if shown is not None:
        check.clock_drift = (shown - now.replace(tzinfo=None)).total_seconds()


def _wire_findings(check: SystemCheck) -> Iterator[Finding]:
    if check.lost:
        yield Finding(FindingCode.LOST_RESPONSES, {"lost": check.lost, "requests": REQUESTS})
    if check.response_times and median(check.response_times) > SLOW_RESPONSE:
        seconds = round(median(check.response_times), 1)
        yield Finding(FindingCode.SLOW_RESPONSES, {"seconds": seconds})
    if check.foreign_responses:
        yield Finding(FindingCode.OTHER_CLIENTS, {"per_minute": check.foreign_per_minute})


def _clock_findings(check: SystemCheck) -> Iterator[Finding]:
    if check.clock_drift is not None and abs(check.clock_drift) > CLOCK_TOLERANCE:
        yield Finding(FindingCode.CLOCK_DRIFT, {"seconds": round(check.clock_drift)})


def _setting_findings(plant: Plant) -> Iterator[Finding]:
    """Yield settings that often surprise."""
    inverter = plant.inverter
    rate: int | None = getattr(inverter, "active_power_rate", None)
    if rate is not None and rate < 100:
        yield Finding(FindingCode.OUTPUT_LIMITED, {"percent": rate})
    for kind in _KINDS:
        slots = [getattr(inverter, f"{kind}_{number}", None) for number in _SLOTS]
        count = sum(slot is not None and slot.start != slot.end for slot in slots)
        if count > 1:
            yield Finding(FindingCode.SEVERAL_SLOTS, {"kind": kind, "count": count})
    reserve: int | None = getattr(inverter, "battery_soc_reserve", None)
    target: int | None = getattr(inverter, "charge_target_soc", None)
    is_targeted = getattr(inverter, "enable_charge_target", True)
    if reserve is not None and target is not None and is_targeted and reserve > target:
        data = {"reserve": reserve, "target": target}
        yield Finding(FindingCode.RESERVE_ABOVE_TARGET, data)
    if plant.ems is not None and getattr(plant.ems, "plant_enabled", None):
        yield Finding(FindingCode.MANAGED_BY_EMS)


def _shown(serial: str | None, *, redact: bool) -> str | None:
    return redact_serial(serial) if serial is not None and redact else serial
