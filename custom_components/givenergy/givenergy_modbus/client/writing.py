"""Changing settings: checked, in order, and seen to have taken effect."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from ..exceptions import (
    CommunicationError,
    ConnectionLost,
    InvalidPduState,
    PlantNotDetected,
    RefreshError,
    WriteNotPermitted,
    WriteRefused,
)
from ..model.allowlist import reject_reason, writable_registers
from ..model.capabilities import PlantCapabilities
from ..model.plan import INVERTER_ADDRESS, Read
from ..model.register import HR, Momentary, RegisterField
from ..pdu import TransparentRequest, WriteHoldingRegisterRequest, WriteHoldingRegisterResponse
from ..write_report import Clamped, RegisterWrite, WriteReport
from .polling import Poller
from .timing import RetryPolicy
from .transport import Transport

_RECENT = 5.0
"""How old in seconds a reading may be, when a command is given, to tell that it changes nothing."""

_CLOCK_TOLERANCE = timedelta(seconds=5)


class Writer:
    """Sends one command at a time, in the order they were given."""

    def __init__(self, transport: Transport, poller: Poller) -> None:
        """Write over this transport, and read back as polls do."""
        self._transport = transport
        self._poller = poller
        self._turn = asyncio.Lock()
        self._written_at: dict[int, float] = {}

    def check(self, requests: Sequence[TransparentRequest]) -> PlantCapabilities:
        """Return the layout they are for, if all of them may be sent.

        Raises WriteNotPermitted, or PlantNotDetected where nobody knows what may.
        """
        capabilities = self._transport.plant.capabilities
        if capabilities is None:
            raise PlantNotDetected("detect() has not told yet what may be written")
        for request in requests:
            if isinstance(request, WriteHoldingRegisterRequest):
                _check(capabilities, request)
            else:
                request.ensure_valid_state()
        return capabilities

    async def send(
        self,
        requests: Sequence[TransparentRequest],
        policy: RetryPolicy,
        *,
        only_changes: bool = False,
        verify: bool = False,
    ) -> WriteReport:
        """Send a command, and return what became of it.

        Stops at the first write that fails; the error then has a ``report`` of those
        before it.
        """
        command = _Command(
            self._transport, self._poller, self.check(requests), policy, self._written_at
        )
        async with self._turn:
            try:
                for request in requests:
                    await command.put(request, only_changes=only_changes)
                if verify:
                    await command.verify()
            except CommunicationError as err:
                err.report = command.report
                err.add_note(str(command.report))
                raise
        return command.report


def _check(capabilities: PlantCapabilities, request: WriteHoldingRegisterRequest) -> None:
    try:
        request.ensure_valid_state()
    except InvalidPduState as err:
        raise WriteNotPermitted(err.message, request) from err
    why = reject_reason(capabilities, request.register, request.value, request.device_address)
    if why is not None:
        raise WriteNotPermitted(why, request)


class _Command:
    """One command on its way."""

    def __init__(
        self,
        transport: Transport,
        poller: Poller,
        capabilities: PlantCapabilities,
        policy: RetryPolicy,
        written_at: dict[int, float],
    ) -> None:
        self.report = WriteReport()
        self._transport = transport
        self._plant = transport.plant
        self._poller = poller
        self._budget = policy
        self._plan = capabilities.config_plan
        self._surface = writable_registers(capabilities)
        self._began = self._plant.clock.monotonic()
        self._to_verify: dict[int, int] = {}
        self._written_at = written_at

    async def put(self, request: TransparentRequest, *, only_changes: bool) -> None:
        """Send one request of the command, unless it would change nothing."""
        if not isinstance(request, WriteHoldingRegisterRequest):
            await self._transport.ask(request, self._budget)
            return
        setting = RegisterWrite(request.register, request.value)
        if only_changes and await self._is_so_already(setting):
            self.report.skipped.append(setting)
        else:
            await self._write(setting, request)

    async def _write(self, setting: RegisterWrite, request: WriteHoldingRegisterRequest) -> None:
        momentary = self._momentary(setting.register)
        pending = self._transport.put(request, self._budget)
        try:
            answer = await self._transport.answer(pending)
        except WriteRefused:
            self.report.refused.append(setting)
            raise
        except ConnectionLost:
            if momentary is not Momentary.LINK_DROPS or not pending.sent:
                raise
        else:
            response = answer.response
            assert isinstance(response, WriteHoldingRegisterResponse)
            if response.value != setting.value:
                self.report.clamped.append(Clamped(*setting, response.value))
        self.report.written.append(setting)
        if momentary in (None, Momentary.CLOCK_FOLLOWS):
            self._to_verify[setting.register] = setting.value
        self._written_at[setting.register] = self._plant.clock.monotonic()

    async def _is_so_already(self, setting: RegisterWrite) -> bool:
        """Return whether a fresh reading shows the value; a failed one shows nothing."""
        read = self._block_of(setting.register)
        if self._momentary(setting.register) is not None or read is None:
            return False
        if not self._is_recent(read, setting.register):
            try:
                await self._poller.read([read], self._transport.timing.refresh)
            except RefreshError:
                return False
        return self._shown(setting.register) == setting.value

    def _is_recent(self, read: Read, register: int) -> bool:
        """Return whether a reading is new enough to go by: newer than our own last write, too.

        What was acknowledged is stored, but has not been seen.
        """
        at, written_at = self._plant.stored_monotonic(read), self._written_at.get(register)
        if at is None or at < self._began - _RECENT:
            return False
        return written_at is None or at > written_at

    async def verify(self) -> None:
        """Read back what was written, and note what the inverter made of it.

        It has a second chance: some settings take a moment to show.
        """
        self.report.clamped.clear()
        wrong = list(self._to_verify)
        for last in (False, True):
            if not wrong:
                return
            try:
                await self._read_back(wrong)
            except RefreshError as err:
                if last:
                    raise CommunicationError("what was written could not be read back") from err
            else:
                wrong = [it for it in wrong if not self._agrees(it)]
            if wrong and not last:
                await asyncio.sleep(self._budget.retry_delay)
        self.report.clamped.extend(
            Clamped(it, self._to_verify[it], self._shown(it) or 0) for it in wrong
        )

    async def _read_back(self, registers: Sequence[int]) -> None:
        reads = dict.fromkeys(self._block_of(it) for it in registers)
        await self._poller.read(
            (it for it in reads if it is not None), self._transport.timing.refresh
        )

    def _agrees(self, register: int) -> bool:
        """Return whether the inverter shows what was written."""
        if self._momentary(register) is Momentary.CLOCK_FOLLOWS:
            return self._clock_follows(self._surface[register])
        return self._shown(register) == self._to_verify[register]

    def _clock_follows(self, clock: RegisterField) -> bool:
        """Return whether the inverter's clock has gone on from what it was set to."""
        cache = self._plant.register_caches[INVERTER_ADDRESS]
        words = [self._to_verify.get(it.address, cache.get(it)) for it in clock.registers]
        asked = None if None in words else clock.codec.decode(*words)
        shown = clock.read(cache)
        if asked is None or shown is None:
            return False
        set_at = max(self._written_at[it] for it in self._to_verify if HR(it) in clock.registers)
        since = timedelta(seconds=self._plant.clock.monotonic() - set_at)
        off: timedelta = shown - asked - since
        return abs(off) <= _CLOCK_TOLERANCE

    def _momentary(self, register: int) -> Momentary | None:
        limits = self._surface[register].writable
        return None if limits is None else limits.momentary

    def _block_of(self, register: int) -> Read | None:
        return next((it for it in self._plan if HR(register) in it.block), None)

    def _shown(self, register: int) -> int | None:
        read = self._block_of(register)
        address = INVERTER_ADDRESS if read is None else read.device_address
        cache = self._plant.register_caches.get(address)
        return None if cache is None else cache.get(HR(register))
