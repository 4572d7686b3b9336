"""Check a system: connection, response times, other clients, clock and unusual settings."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from ..exceptions import CommunicationError, ConnectionLost, ExceptionBase
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
from .findings import Finding, FindingCode, connection_failure

REQUESTS = 20
SLOW_RESPONSE = 1.0
"""Median response time, in seconds, above which a connection is slow."""
CLOCK_TOLERANCE = 60
"""Seconds an inverter's clock may be off."""
_LATE_TIMES = 3
"""Typical time-outs to wait for a response: a late one is no lost one."""
_MOST_UNANSWERED = 5
"""First requests without a response after which no more are sent."""
_SLOTS = range(1, 11)
_SEVERAL = {
    "charge_slot": FindingCode.SEVERAL_CHARGE_SLOTS,
    "discharge_slot": FindingCode.SEVERAL_DISCHARGE_SLOTS,
}

type JsonValue = bool | str | int | float | list[JsonValue] | dict[str, JsonValue] | None


@dataclass(slots=True, kw_only=True)
class SystemCheck:
    """The result of a check; None is what could not be found out."""

    is_connected: bool = False
    model: str | None = None
    dongle_serial: str | None = None
    inverter_serial: str | None = None
    firmware: str | None = None
    requests: int = 0
    """Requests whose responses were timed."""
    response_times: list[float] = field(default_factory=list)
    """Seconds from sending a request to its response."""
    lost: int = 0
    """Requests without a valid response."""
    damaged: int = 0
    """Frames that arrived damaged during the check."""
    retries: int = 0
    """Requests that were sent again during the check."""
    foreign_responses: int = 0
    """Responses on the wire to requests of other clients."""
    seconds: float = 0.0
    """How long other clients were listened for; 0 while a recording is running."""
    clock_drift: float | None = None
    """Seconds the inverter's clock is ahead."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def foreign_per_minute(self) -> float | None:
        """Responses to other clients per minute."""
        return round(60 * self.foreign_responses / self.seconds, 1) if self.seconds else None

    def to_dict(self, *, redact: bool = True) -> dict[str, JsonValue]:
        """Return the result as JSON values, serials without the unit's number if ``redact``."""
        times = self.response_times
        return {
            "connected": self.is_connected,
            "model": self.model,
            "dongle_serial": _shown(self.dongle_serial, redact=redact),
            "inverter_serial": _shown(self.inverter_serial, redact=redact),
            "firmware": self.firmware,
            "requests": self.requests,
            "lost": self.lost,
            "damaged": self.damaged,
            "retries": self.retries,
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
    clients are listened for, at least; ``now`` is the local time at the start, to compare the
    inverter's clock with.
    """
    check = SystemCheck()
    loop = asyncio.get_running_loop()
    started = loop.time()
    now = now or datetime.now()  # noqa: DTZ005 - local time without a zone, as inverters have
    traffic = _Traffic(settle=client.timing.known.timeout if client.connected else 0.0)
    if not client.connected:
        try:
            await client.connect()
        except CommunicationError as err:
            check.findings.append(Finding(connection_failure(err)))
            return check
    check.is_connected = True
    damaged, retries = client.corrupted_frames, _retries(client)
    listening = asyncio.create_task(client.capture_frames(traffic.add, 24 * 3600))
    try:
        await _check_connected(client, check, traffic, listen)
        check.damaged = client.corrupted_frames - damaged
        check.retries = _retries(client) - retries
        if listening.done():
            check.seconds = 0.0
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    if client.plant.capabilities is not None:
        read_identity(client.plant, check, now + timedelta(seconds=loop.time() - started))
        check.findings += [*_wire_findings(check), *_clock_findings(check)]
        check.findings += _setting_findings(client.plant)
    return check


async def _check_connected(
    client: Client, check: SystemCheck, traffic: _Traffic, listen: float
) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        if client.plant.capabilities is None:
            await client.detect()
    except ConnectionLost:
        check.findings.append(Finding(FindingCode.CANNOT_CONNECT))
        return
    except CommunicationError:
        is_dongle = client.answered or traffic.received
        code = FindingCode.NOTHING_DETECTED if is_dongle else FindingCode.NOT_GIVENERGY
        check.findings.append(Finding(code))
        return
    with suppress(CommunicationError):
        await client.load_config()
    await _measure(client, check, traffic)
    await asyncio.sleep(max(0.0, started + listen - loop.time()))
    check.seconds = loop.time() - started
    check.foreign_responses = traffic.foreign()


async def _measure(client: Client, check: SystemCheck, traffic: _Traffic) -> None:
    """Send requests for one block, and record how long the responses take."""
    block = next(row for row in MEASUREMENTS if row.start == 0)
    request = Read(client.plant.inverter_address, Block(block.bank, 0)).request
    timeout = _LATE_TIMES * client.timing.known.timeout
    answered = 0
    for number in range(REQUESTS):
        if number == _MOST_UNANSWERED and not answered:
            break
        try:
            await client.send_request_and_await_response(request, timeout, retries=0)
        except CommunicationError:
            check.lost += 1
        else:
            answered += 1
    check.requests = answered + check.lost
    check.response_times = traffic.times[_key(request)]


def _retries(client: Client) -> int:
    return sum(client.plant.retry_count.values())


class _Traffic:
    """Counts the reads of all clients and their responses on the wire."""

    def __init__(self, settle: float) -> None:
        """Initialize; responses to what was sent before may arrive for ``settle`` seconds."""
        self.received = 0
        self.times: defaultdict[object, list[float]] = defaultdict(list)
        """Seconds from sending a request to its response, by block."""
        self._now = asyncio.get_running_loop().time
        self._settles_at = self._now() + settle
        self._sent_at: dict[object, float] = {}
        self._sent: Counter[object] = Counter()
        self._responses: Counter[object] = Counter()

    def add(self, direction: str, frame: bytes) -> None:
        """Count one frame."""
        if not frame.startswith(MARKER):
            return
        self.received += direction == "rx"
        with suppress(ExceptionBase, ValueError):
            if direction == "tx":
                request = decode_request(frame)
                if isinstance(request, ReadRegistersRequest):
                    self._sent[_key(request)] += 1
                    self._sent_at[_key(request)] = self._now()
            else:
                response = decode_response(frame)
                if isinstance(response, ReadRegistersResponse) and not (
                    response.error or response.crc_failed
                ):
                    self._add_response(_key(response))

    def _add_response(self, key: object) -> None:
        if (sent_at := self._sent_at.pop(key, None)) is not None:
            self.times[key].append(self._now() - sent_at)
        elif key not in self._sent and self._now() < self._settles_at:
            return
        self._responses[key] += 1

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


def read_identity(plant: Plant, check: SystemCheck, now: datetime) -> None:
    """Record what the plant reports of itself, its clock as it was when it was read."""
    device = plant.inverter if plant.ems is None else plant.ems
    if plant.capabilities is not None:
        check.model = row_of(plant.capabilities.device_type).name
    check.dongle_serial = plant.data_adapter_serial_number or None
    check.inverter_serial = plant.inverter_serial or None
    check.firmware = plant.inverter.firmware_version
    shown: datetime | None = getattr(device, "system_time", None)
    if shown is not None:
        clock, *_ = type(device).all_fields["system_time"].registers
        age = plant.register_age(plant.inverter_address, clock) or 0.0
        check.clock_drift = (shown - now.replace(tzinfo=None)).total_seconds() + age


def _wire_findings(check: SystemCheck) -> Iterator[Finding]:
    if check.requests and check.lost == check.requests:
        yield Finding(FindingCode.NOTHING_DETECTED)
    elif check.lost:
        data = {"lost": check.lost, "requests": check.requests}
        yield Finding(FindingCode.LOST_RESPONSES, data)
    if check.damaged or (check.retries and not check.lost):
        data = {"damaged": check.damaged, "retries": check.retries}
        yield Finding(FindingCode.DAMAGED_RESPONSES, data)
    if check.response_times and median(check.response_times) > SLOW_RESPONSE:
        seconds = round(median(check.response_times), 1)
        yield Finding(FindingCode.SLOW_RESPONSES, {"seconds": seconds})
    if check.foreign_per_minute:
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
    for kind, code in _SEVERAL.items():
        slots = [getattr(inverter, f"{kind}_{number}", None) for number in _SLOTS]
        count = sum(slot is not None and slot.start != slot.end for slot in slots)
        if count > 1:
            yield Finding(code, {"count": count})
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
