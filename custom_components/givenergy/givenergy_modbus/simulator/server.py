"""The simulator: a plant on a local TCP port."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain
from logging import getLogger
from pathlib import Path
from random import Random
from typing import Any, Self

from ..model.plan import INVERTER_ADDRESS, Block, Read
from ..model.register import Bank, Register, RegisterField
from ..model.register_cache import RegisterCache
from ..pdu import TransparentRequest, TransparentResponse, WriteHoldingRegisterRequest
from ..pdu.base import inner_length
from . import sources
from .adapter import DataAdapter, run_every
from .bus import REBOOT, REBOOT_WORD, Bus, Silence
from .faults import Fault, Faults, Stage
from .foreign import ForeignPoller
from .inverter_clock import InverterClock
from .outgoing import Injection, OutgoingResponse
from .plant_profile import PlantProfile, models_at
from .profiles import profile
from .simulation import Simulation

_LOGGER = getLogger(__name__)

SERVICE_TIME = (0.13, 0.33)
SLOW_SERVICE = 2.7
SLOW_SHARE = 0.012
"""Response times of hardware in seconds, and the share of slow responses."""

CLOCK_OFFSET = -24.0
CLOCK_DRIFT = -1.5
"""Offset of an inverter's clock in seconds, and drift in seconds per day."""

WIPED_WHOLLY = 0.25
"""Share of colliding heartbeats that leave only a response's address."""


class Simulator:
    """A plant on a local port, with its hardware's behavior and injected faults."""

    def __init__(
        self,
        plant: PlantProfile | str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: float | None = None,
        heartbeat: float | None = None,
        speed: float = 0.0,
        start: datetime | None = None,
        clock_offset: float | None = None,
        clock_drift: float = CLOCK_DRIFT,
        seed: int = 0,
        rejects: Mapping[int, Any] | None = None,
        clamps: Mapping[int, tuple[int, int]] | None = None,
        reasserts: Mapping[int, int] | None = None,
        foreign: Iterable[ForeignPoller] = (),
        check_crc: bool = True,
        idle_timeout: float | None = None,
        max_clients: int | None = None,
        collisions: float = 0.0,
        reboot_seconds: float = 60.0,
    ) -> None:
        """Initialize from a profile or the name of a predefined plant.

        ``latency`` is the response time in seconds; None varies it as hardware does.
        With a ``speed`` time passes, so many seconds per second, from now
        on; without, only in ``step``. ``heartbeat`` is the period, 0 for none.
        ``collisions`` is the share of heartbeats that zero the response they meet.
        """
        self.profile = profile(plant) if isinstance(plant, str) else plant
        self.host, self.port = host, port
        self.latency, self.speed = latency, speed
        self.check_crc = check_crc
        self.collisions, self.reboot_seconds = collisions, reboot_seconds
        self.requests: list[TransparentRequest] = []
        """Every request of any client, in order."""
        self.random = Random(seed)
        self.faults = Faults(self.random)
        clock = _inverter_clock(self.profile, start, clock_offset, clock_drift, runs=bool(speed))
        self.bus = Bus(self.profile, clock, rejects=rejects, clamps=clamps, reasserts=reasserts)
        site = self.profile.site
        self.simulation = (
            None if site is None else Simulation(self.profile, site, self.registers, clock, seed)
        )
        self.bus.update_clock()
        serial = self.profile.adapter_serial
        self.adapter = DataAdapter(
            serial, self._receive, idle_timeout=idle_timeout, max_clients=max_clients
        )
        self.heartbeat_period = self.bus.firmware.heartbeat if heartbeat is None else heartbeat
        self._foreign = tuple(foreign)
        self._queue: asyncio.Queue[TransparentRequest] = asyncio.Queue()
        self._muted_until = 0.0
        self._busy = False

    @classmethod
    def from_capture(cls, *paths: str | Path, **options: Any) -> Self:
        """Return a plant from capture files. Raises ValueError if they hold no frames."""
        return cls(sources.recorded(*paths), **options)

    @classmethod
    def from_dump(cls, dump: str | Path | Mapping[str, Any], **options: Any) -> Self:
        """Return a plant from a diagnostics file or a register dump."""
        return cls(sources.dumped(dump), **options)

    @classmethod
    def from_file(cls, path: str | Path, **options: Any) -> Self:
        """Return a plant from a YAML or JSON description."""
        return cls(sources.described(path), **options)

    @property
    def registers(self) -> dict[int, RegisterCache]:
        """The registers of every device, which may be changed."""
        return self.bus.registers

    @property
    def silent(self) -> set[Silence]:
        """Addresses, or pairs of address and first register, that do not respond."""
        return self.bus.silent

    @silent.setter
    def silent(self, silent: set[Silence]) -> None:
        self.bus.silent = silent

    @property
    def writes(self) -> list[tuple[int, int, int]]:
        """Every accepted write: address, register, value."""
        return self.bus.writes

    @property
    def clients(self) -> int:
        """The number of connected clients."""
        return self.adapter.clients

    @property
    def is_idle(self) -> bool:
        """Whether no request waits for a response; a delayed one does not count."""
        return self._queue.empty() and not self._busy

    async def __aenter__(self) -> Self:
        """Start serving."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        await self.close()

    async def start(self) -> tuple[str, int]:
        """Start serving, and return host and port."""
        self.host, self.port = await self.adapter.open(self.host, self.port)
        spawn = self.adapter.spawn
        spawn(self._serve_queue())
        if self.heartbeat_period:
            spawn(run_every(self.heartbeat_period, self.beat))
        if self.speed:
            spawn(run_every(1, self._advance_clock))
        for poller in self._foreign:
            spawn(poller.run(self._queue.put_nowait, self.random))
        return self.host, self.port

    async def close(self) -> None:
        """Close all connections and stop serving."""
        await self.adapter.close()

    async def serve_forever(self) -> None:
        """Serve until canceled."""
        async with self:
            await asyncio.get_running_loop().create_future()

    def step(self, seconds: float) -> None:
        """Advance the plant's time, in seconds."""
        if self.simulation is None:
            self.bus.clock.advance(seconds)
        else:
            self.simulation.step(seconds)
        self.bus.tick()
        self.bus.update_clock()

    def inject(
        self,
        fault: Fault,
        times: int | None = None,
        *,
        address: int | None = None,
        start: Register | None = None,
        probability: float = 1.0,
        seconds: float = 1.0,
    ) -> None:
        """Inject a fault for a number of responses, or until cleared.

        ``address`` limits it to a device, ``start`` to the block with this first register.
        ``seconds`` is the delay of a response or the length of a silence.
        """
        terms = Injection(times, address, start, probability, seconds)
        self.faults.inject(fault, terms)

    def clear(self, fault: Fault | None = None) -> None:
        """Clear a fault, or all of them."""
        self.faults.clear(fault)

    def mute(self, seconds: float) -> None:
        """Respond to nothing for some seconds."""
        self._muted_until = asyncio.get_running_loop().time() + seconds

    def drop_connections(self, *, reset: bool = False) -> None:
        """Close all connections, with a TCP reset if ``reset``."""
        self.adapter.drop_connections(reset=reset)

    def heartbeat(self) -> bytes:
        """Return a heartbeat frame."""
        return self.adapter.heartbeat()

    def foreign(self) -> bytes:
        """Return a response frame to another client's request."""
        asked = Read(INVERTER_ADDRESS, Block(Bank.INPUT, 0)).request
        response = self.bus.answer(asked)
        return b"" if response is None else self._signed(response).encode()

    def fields(self, address: int) -> Iterable[RegisterField]:
        """Return the declared registers of the device at an address."""
        models = models_at(address, self.profile.traits)
        return chain.from_iterable(model.register_fields.values() for model in models)

    async def beat(self) -> None:
        """Send a heartbeat to all clients, which may zero the response it meets."""
        if self.is_idle or self.random.random() >= self.collisions:
            await self.adapter.beat()
            return
        self.adapter.count_heartbeat()
        wholly = self.random.random() < WIPED_WHOLLY
        self.inject(Fault.NULL_RESPONSE if wholly else Fault.ZERO_TAIL, 1)

    async def announce(self) -> None:
        """Broadcast the adapter's network addresses."""
        await self.adapter.announce()

    async def send(self, *parts: bytes) -> None:
        """Send bytes to all clients; several parts arrive separately."""
        await self.adapter.send(*parts)

    def _receive(self, request: TransparentRequest) -> None:
        """Queue a request, unless hardware would ignore it."""
        self.requests.append(request)
        corrupted = self.check_crc and request.crc_failed
        if not corrupted and inner_length(request.raw_frame):
            self._queue.put_nowait(request)

    async def _serve_queue(self) -> None:
        """Respond to requests of all clients, one after the other."""
        now = asyncio.get_running_loop().time
        while True:
            request = await self._queue.get()
            self._busy = True
            if delay := self._service_time():
                await asyncio.sleep(delay)
            if now() >= self._muted_until:
                try:
                    await self._answer(request)
                except Exception:
                    _LOGGER.exception("Cannot respond to %s", request)
            self._busy = False

    def _service_time(self) -> float:
        if self.latency is not None:
            return self.latency
        if self.random.random() < SLOW_SHARE:
            return SLOW_SERVICE
        return self.random.uniform(*SERVICE_TIME)

    async def _answer(self, request: TransparentRequest) -> None:
        outgoing = OutgoingResponse(request, self, self.random)
        self.faults.apply(outgoing, Stage.REQUEST)
        if not outgoing.replaced:
            outgoing.response = self.bus.answer(request)
        self.faults.apply(outgoing, Stage.RESPONSE)
        if outgoing.response is None:
            return
        outgoing.response = self._signed(outgoing.response)
        outgoing.chunks = [outgoing.response.encode()]
        self.faults.apply(outgoing, Stage.FRAME)
        if outgoing.delay:
            self.adapter.spawn(self._send_late(outgoing))
        else:
            await self.send(*outgoing.chunks)
        if _restarts(request) and not outgoing.response.error:
            self.drop_connections()
            self.mute(self.reboot_seconds)

    async def _send_late(self, outgoing: OutgoingResponse) -> None:
        await asyncio.sleep(outgoing.delay)
        await self.send(*outgoing.chunks)

    def _signed(self, response: TransparentResponse) -> TransparentResponse:
        serial = response.inverter_serial_number or self.bus.envelope(response.device_address)
        return replace(
            response,
            inverter_serial_number=serial,
            data_adapter_serial_number=self.profile.adapter_serial,
        )

    async def _advance_clock(self) -> None:
        self.step(self.speed)


def _restarts(request: TransparentRequest) -> bool:
    return (
        isinstance(request, WriteHoldingRegisterRequest)
        and request.register == REBOOT.address
        and request.value == REBOOT_WORD
    )


def _inverter_clock(
    plant: PlantProfile, start: datetime | None, offset: float | None, drift: float, *, runs: bool
) -> InverterClock:
    """Return the clock of an inverter; one that runs starts with the host's time."""
    if start is None:
        start = datetime.now() if runs else plant.start  # noqa: DTZ005
    if offset is None:
        # A recorded clock shows its own error already.
        offset = 0.0 if plant.site is None else CLOCK_OFFSET
    return InverterClock(start, offset=offset, drift=drift)
