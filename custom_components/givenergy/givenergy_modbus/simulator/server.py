"""A plant one can connect to."""

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
from .adapter import DataAdapter, regularly
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
"""Seconds hardware takes to answer, and how often it takes much longer."""

CLOCK_OFFSET = -24.0
CLOCK_DRIFT = -1.5
"""How wrong an inverter's clock is, in seconds and in seconds a day."""

WIPED_WHOLLY = 0.25
"""How often a heartbeat that wipes an answer out leaves nothing but its address."""


class Simulator:
    """A plant on a local port, with the manners of its hardware and, if asked for, faults."""

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
        """Prepare a plant, by name or described.

        ``latency`` is how long an answer takes; left out, as long as with hardware.
        With a ``speed`` time passes by itself, so many seconds to the second, from now
        on; without, only in ``step``. ``heartbeat`` is the period, 0 for none.
        ``collisions`` is how often a heartbeat wipes out the answer it meets.
        """
        self.profile = profile(plant) if isinstance(plant, str) else plant
        self.host, self.port = host, port
        self.latency, self.speed = latency, speed
        self.check_crc = check_crc
        self.collisions, self.reboot_seconds = collisions, reboot_seconds
        self.requests: list[TransparentRequest] = []
        """Everything any client has asked, in order."""
        self.random = Random(seed)
        self.faults = Faults(self.random)
        site = self.profile.site
        if start is None:
            start = datetime.now() if speed else self.profile.start  # noqa: DTZ005
        if clock_offset is None:
            # What a recorded clock shows is how wrong it was.
            clock_offset = 0.0 if site is None else CLOCK_OFFSET
        clock = InverterClock(start, offset=clock_offset, drift=clock_drift)
        self.bus = Bus(self.profile, clock, rejects=rejects, clamps=clamps, reasserts=reasserts)
        self.simulation = (
            None if site is None else Simulation(self.profile, site, self.registers, clock, seed)
        )
        self.bus.show_clock()
        self.adapter = DataAdapter(
            self.profile.adapter_serial,
            self._hear,
            idle_timeout=idle_timeout,
            max_clients=max_clients,
        )
        self.heartbeat_period = self.bus.firmware.heartbeat if heartbeat is None else heartbeat
        self._foreign = tuple(foreign)
        self._queue: asyncio.Queue[TransparentRequest] = asyncio.Queue()
        self._quiet_until = 0.0
        self._busy = False

    @classmethod
    def from_capture(cls, *paths: str | Path, **options: Any) -> Self:
        """Return a plant as recorded in logs of its frames; ValueError if there are none."""
        return cls(sources.recorded(*paths), **options)

    @classmethod
    def from_dump(cls, dump: str | Path | Mapping[str, Any], **options: Any) -> Self:
        """Return a plant as saved in diagnostics or compact text."""
        return cls(sources.dumped(dump), **options)

    @classmethod
    def from_file(cls, path: str | Path, **options: Any) -> Self:
        """Return a plant as described by attribute names in a YAML or JSON file."""
        return cls(sources.described(path), **options)

    @property
    def registers(self) -> dict[int, RegisterCache]:
        """The words of every device as they are now; change them at will."""
        return self.bus.registers

    @property
    def silent(self) -> set[Silence]:
        """Addresses, or pairs of address and first register, that are not answered."""
        return self.bus.silent

    @silent.setter
    def silent(self, silent: set[Silence]) -> None:
        self.bus.silent = silent

    @property
    def writes(self) -> list[tuple[int, int, int]]:
        """Every write that was taken: address, register, value."""
        return self.bus.writes

    @property
    def clients(self) -> int:
        """How many are connected."""
        return self.adapter.clients

    async def __aenter__(self) -> Self:
        """Start serving."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        await self.close()

    async def start(self) -> tuple[str, int]:
        """Start serving, and return where."""
        self.host, self.port = await self.adapter.open(self.host, self.port)
        spawn = self.adapter.spawn
        spawn(self._work())
        if self.heartbeat_period:
            spawn(regularly(self.heartbeat_period, self.beat))
        if self.speed:
            spawn(regularly(1, self._live))
        for poller in self._foreign:
            spawn(poller.run(self._queue.put_nowait, self.random))
        return self.host, self.port

    async def close(self) -> None:
        """Hang up on everybody and stop serving."""
        await self.adapter.close()

    async def serve_forever(self) -> None:
        """Serve until cancelled."""
        async with self:
            await asyncio.get_running_loop().create_future()

    def step(self, seconds: float) -> None:
        """Let time pass for the plant."""
        if self.simulation is None:
            self.bus.clock.advance(seconds)
        else:
            self.simulation.step(seconds)
        self.bus.tick()
        self.bus.show_clock()

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
        """Switch a fault on: for some answers or until cleared, everywhere or at one place.

        ``start`` is the first register of a block. ``seconds`` is how late an answer
        comes, or how long nobody is answered.
        """
        terms = Injection(times, address, start, probability, seconds)
        self.faults.inject(fault, terms)

    def clear(self, fault: Fault | None = None) -> None:
        """Switch a fault off, or all of them."""
        self.faults.clear(fault)

    def mute(self, seconds: float) -> None:
        """OutgoingResponse nobody for a while."""
        self._quiet_until = asyncio.get_running_loop().time() + seconds

    def drop_connections(self, *, reset: bool = False) -> None:
        """Hang up on every client, or break the connections off."""
        self.adapter.drop_connections(reset=reset)

    def heartbeat(self) -> bytes:
        """Return the frame of a heartbeat."""
        return self.adapter.heartbeat()

    def foreign(self) -> bytes:
        """Return the frame of an answer to a question somebody else has asked."""
        asked = Read(INVERTER_ADDRESS, Block(Bank.INPUT, 0)).request
        response = self.bus.answer(asked)
        return b"" if response is None else self._signed(response).encode()

    def fields(self, address: int) -> Iterable[RegisterField]:
        """Return the declared registers of the device at an address."""
        models = models_at(address, self.profile.traits)
        return chain.from_iterable(model.register_fields.values() for model in models)

    async def beat(self) -> None:
        """Send everybody a heartbeat, which may wipe out the answer it meets."""
        if not self._busy or self.random.random() >= self.collisions:
            await self.adapter.beat()
            return
        self.adapter.reckon()
        wholly = self.random.random() < WIPED_WHOLLY
        self.inject(Fault.NULL_RESPONSE if wholly else Fault.ZERO_TAIL, 1)

    async def announce(self) -> None:
        """Send everybody the adapter's network addresses."""
        await self.adapter.announce()

    async def send(self, *pieces: bytes) -> None:
        """Send bytes to every client, in pieces that arrive apart."""
        await self.adapter.send(*pieces)

    def _hear(self, request: TransparentRequest) -> None:
        """Queue a request, unless hardware would not even look at it."""
        self.requests.append(request)
        spoilt = self.check_crc and request.crc_failed
        if not spoilt and inner_length(request.raw_frame):
            self._queue.put_nowait(request)

    async def _work(self) -> None:
        """OutgoingResponse one request after the other, whoever asked."""
        now = asyncio.get_running_loop().time
        while True:
            request = await self._queue.get()
            self._busy = True
            if delay := self._service_time():
                await asyncio.sleep(delay)
            if now() >= self._quiet_until:
                try:
                    await self._answer(request)
                except Exception:
                    _LOGGER.exception("Cannot answer %s", request)
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

    async def _live(self) -> None:
        self.step(self.speed)


def _restarts(request: TransparentRequest) -> bool:
    return (
        isinstance(request, WriteHoldingRegisterRequest)
        and request.register == REBOOT.address
        and request.value == REBOOT_WORD
    )
