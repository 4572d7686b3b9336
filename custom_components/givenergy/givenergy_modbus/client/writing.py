"""Write settings: check them, send them in order, verify the result."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from ..exceptions import (
    CommunicationError,
    ConnectionLost,
    InvalidPduState,
    PlantNotDetected,
    RefreshError,
    ResponseTimeout,
    WriteNotPermitted,
    WriteRefused,
)
from ..model.allowlist import reject_reason, writable_registers
from ..model.capabilities import PlantCapabilities
from ..model.plan import INVERTER_ADDRESS, Read
from ..model.register import HR, Momentary, RegisterField
from ..pdu import TransparentRequest, WriteHoldingRegisterRequest
from ..write_report import Clamped, RegisterWrite, WriteReport
from .polling import Poller
from .timing import RetryPolicy
from .transport import Transport

_RECENT = 5.0
"""Seconds a reading may be old, when a command is given, to skip an unchanged setting."""

_CLOCK_TOLERANCE = timedelta(seconds=5)


class CommandWriter:
    """Sends one command at a time, in call order."""

    def __init__(self, transport: Transport, poller: Poller) -> None:
        """Initialize with what to write over, and what to read back with."""
        self._transport = transport
        self._poller = poller
        self._lock = asyncio.Lock()
        self._written_at: dict[int, float] = {}

    def check(self, requests: Sequence[TransparentRequest]) -> PlantCapabilities:
        """Check all requests of a command; return the capabilities they were checked against.

        Raises WriteNotPermitted, or PlantNotDetected before detection.
        """
        capabilities = self._transport.plant.capabilities
        if capabilities is None:
            raise PlantNotDetected("detect() must run before settings are written")
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
        """Send a command; return a report of each write.

        Stops at the first write that fails, and raises an error with the ``report`` so far.
        """
        command = _Command(
            self._transport, self._poller, self.check(requests), policy, self._written_at
        )
        async with self._lock:
            try:
                for request in requests:
                    await command.put(request, only_changes=only_changes, settle=verify)
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
    """One command while it is sent."""

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
        self._policy = policy
        self._plan = capabilities.config_plan
        self._surface = writable_registers(capabilities)
        self._began = self._plant.clock.monotonic()
        self._to_verify: dict[int, int] = {}
        self._to_confirm: dict[int, WriteHoldingRegisterRequest] = {}
        """Skipped because of a reading from before the command."""
        self._written_at = written_at

    async def put(self, request: TransparentRequest, *, only_changes: bool, settle: bool) -> None:
        """Send one request of the command, unless it would change nothing.

        With ``settle``, a write that is not acknowledged is read back and sent once more.
        """
        if not isinstance(request, WriteHoldingRegisterRequest):
            await self._transport.ask(request, self._policy)
            return
        setting = RegisterWrite(request.register, request.value)
        if only_changes and await self._has_value(setting):
            self.report.skipped.append(setting)
            if not self._was_read(setting.register):
                self._to_confirm[setting.register] = request
        else:
            await self._write(setting, request, settle=settle)

    async def _write(
        self, setting: RegisterWrite, request: WriteHoldingRegisterRequest, *, settle: bool
    ) -> None:
        momentary = self._momentary(setting.register)
        if settle and momentary is None:
            await self._send_and_settle(setting, request)
        else:
            await self._send_once(setting, request, momentary)
        self.report.written.append(setting)
        if momentary in (None, Momentary.CLOCK_FOLLOWS):
            self._to_verify[setting.register] = setting.value
        self._written_at[setting.register] = self._plant.clock.monotonic()

    async def _send_once(
        self,
        setting: RegisterWrite,
        request: WriteHoldingRegisterRequest,
        momentary: Momentary | None,
    ) -> None:
        pending = self._transport.put(request, self._policy)
        try:
            await self._transport.answer(pending)
        except WriteRefused:
            self.report.refused.append(setting)
            raise
        except ConnectionLost:
            if momentary is not Momentary.LINK_DROPS or not pending.sent:
                raise

    async def _send_and_settle(
        self, setting: RegisterWrite, request: WriteHoldingRegisterRequest
    ) -> None:
        """Send a write; without an acknowledgement, read the register back and repeat it once.

        A write is never repeated on another connection.
        """
        for last in (False, True):
            connections = self._transport.connections
            pending = self._transport.put(request, self._policy)
            try:
                await self._transport.answer(pending)
            except (ResponseTimeout, WriteRefused) as err:
                error: CommunicationError = err
            except ConnectionLost as err:
                if not pending.sent or self._transport.closed:
                    raise
                error = err
            else:
                return
            was_read = await self._try_read_back(setting.register)
            if was_read and self._shown(setting.register) == setting.value:
                return
            same_connection = self._transport.connections == connections
            if last or isinstance(error, ConnectionLost) or not same_connection:
                raise self._failed(setting, error, was_read=was_read)

    def _failed(
        self, setting: RegisterWrite, error: CommunicationError, *, was_read: bool
    ) -> CommunicationError:
        """Return the error of a write that the register does not show."""
        if was_read and not isinstance(error, WriteRefused):
            reported = self._shown(setting.register)
            message = f"HR({setting.register}) is {reported}, not {setting.value}"
            refused = WriteRefused(f"{message}: the device did not accept the write")
            refused.__cause__ = error
            error = refused
        if isinstance(error, WriteRefused):
            self.report.refused.append(setting)
        return error

    async def _try_read_back(self, register: int) -> bool:
        """Read a register's block; return whether that succeeded."""
        try:
            await self._read_back([register])
        except CommunicationError:
            return False
        return True

    async def _has_value(self, setting: RegisterWrite) -> bool:
        """Return whether a recent reading shows the value; reads the block if there is none."""
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
        """Return whether a reading is recent, and newer than our last write of the register.

        The stored value of an acknowledged write is not a reading.
        """
        at, written_at = self._plant.stored_monotonic(read), self._written_at.get(register)
        if at is None or at < self._began - _RECENT:
            return False
        return written_at is None or at > written_at

    def _was_read(self, register: int) -> bool:
        """Return whether a register's block was read since the command began."""
        read = self._block_of(register)
        at = None if read is None else self._plant.stored_monotonic(read)
        return at is not None and at >= self._began

    async def verify(self) -> None:
        """Read back what was written or skipped, and report values that differ.

        A register is read twice if need be: some settings take a moment to show. What was
        skipped but differs is written.
        """
        await self._confirm_skipped()
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
                wrong = [register for register in wrong if not self._agrees(register)]
            if wrong and not last:
                await asyncio.sleep(self._policy.retry_delay)
        self.report.clamped.extend(
            Clamped(register, self._to_verify[register], self._shown(register) or 0)
            for register in wrong
        )

    async def _confirm_skipped(self) -> None:
        """Read what was skipped because of an earlier reading; write what has changed since."""
        stale = [register for register in self._to_confirm if not self._was_read(register)]
        if stale:
            await self._read_back(stale)
        for register, request in self._to_confirm.items():
            setting = RegisterWrite(register, request.value)
            if self._shown(register) != request.value:
                self.report.skipped.remove(setting)
                await self._write(setting, request, settle=True)

    async def _read_back(self, registers: Sequence[int]) -> None:
        reads = dict.fromkeys(self._block_of(register) for register in registers)
        await self._poller.read(
            (read for read in reads if read is not None), self._transport.timing.refresh
        )

    def _agrees(self, register: int) -> bool:
        """Return whether the inverter shows what was written."""
        if self._momentary(register) is Momentary.CLOCK_FOLLOWS:
            return self._clock_follows(self._surface[register])
        return self._shown(register) == self._to_verify[register]

    def _clock_follows(self, clock: RegisterField) -> bool:
        """Return whether the inverter's clock runs on from the time it was set to."""
        cache = self._plant.register_caches[INVERTER_ADDRESS]
        words = [
            self._to_verify.get(register.address, cache.get(register))
            for register in clock.registers
        ]
        asked = None if None in words else clock.codec.decode(*words)
        shown = clock.read(cache)
        if asked is None or shown is None:
            return False
        set_at = max(
            self._written_at[register]
            for register in self._to_verify
            if HR(register) in clock.registers
        )
        since = timedelta(seconds=self._plant.clock.monotonic() - set_at)
        off: timedelta = shown - asked - since
        return abs(off) <= _CLOCK_TOLERANCE

    def _momentary(self, register: int) -> Momentary | None:
        limits = self._surface[register].writable
        return None if limits is None else limits.momentary

    def _block_of(self, register: int) -> Read | None:
        return next((read for read in self._plan if HR(register) in read.block), None)

    def _shown(self, register: int) -> int | None:
        read = self._block_of(register)
        address = INVERTER_ADDRESS if read is None else read.device_address
        cache = self._plant.register_caches.get(address)
        return None if cache is None else cache.get(HR(register))
