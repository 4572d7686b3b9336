"""Read the blocks of a plant, and report those that failed."""

import asyncio
from collections.abc import Iterable, Sequence
from logging import getLogger

from ..exceptions import (
    CommunicationError,
    ConnectionLost,
    ReadFailure,
    ReadingRejected,
    RefreshError,
    RefreshFailed,
    RefreshPartiallySucceeded,
    ResponseTimeout,
    WrongPlant,
)
from ..model.guards import Verdict
from ..model.plan import INVERTER_ADDRESS, Read
from ..model.plant import Plant
from .pending_request import ExceptionResponse
from .timing import RetryPolicy
from .transport import Transport

_LOGGER = getLogger(__name__)

_UNANSWERED_LIMIT = 2
"""Unanswered reads, besides retries, after which a poll without any response ends."""

_LOSSY_LIMIT = 3
"""How many times as many it takes on a lossy link."""

_SILENT_POLLS = 3
"""Unanswered polls in a row after which every second poll skips a device."""

_RECENT = 5.0
"""Seconds since the last response within which one unanswered block is no dead connection."""

_LOSSY_ROUNDS = 4
"""How often what a poll missed is requested again at its end, on a lossy link, if time is left."""

_ROUNDS_SHARE = 0.8
"""Share of the interval between polls after which nothing is requested a third time."""


class SilentDevices:
    """Tracks silent devices, so that they are polled every other time instead of timing out.

    A device at the inverter's address is tracked block by block. Three polls in a row request
    a device that does not respond, from then on every second one does. On a lossy link,
    no device becomes silent: there, silence proves nothing.
    """

    def __init__(self) -> None:
        """Initialize without silent devices."""
        self._polls: dict[object, int] = {}

    def note(self, read: Read, *, lossy: bool = False) -> None:
        """Count a poll in which a read was not answered, or skipped."""
        key = _answering(read)
        if not lossy or key in self._polls:
            self._polls[key] = self._polls.get(key, 0) + 1

    def forget_unproven(self) -> None:
        """Forget devices that were silent for less than three polls."""
        self._polls = {key: n for key, n in self._polls.items() if n >= _SILENT_POLLS}

    def expect(self, device_addresses: Iterable[int]) -> None:
        """Reset to these devices as the silent ones, just polled."""
        self._polls = dict.fromkeys(device_addresses, _SILENT_POLLS)

    def heard(self, read: Read) -> bool:
        """Record a response; return whether its device missed a poll, and was not silent yet."""
        return 0 < self._polls.pop(_answering(read), 0) < _SILENT_POLLS

    def __contains__(self, read: Read) -> bool:
        """Return whether the device of a read is known to be silent."""
        return _answering(read) in self._polls

    def skip_this_poll(self, read: Read) -> bool:
        """Return whether to leave a read out of this poll."""
        polls = self._polls.get(_answering(read), 0)
        return polls >= _SILENT_POLLS and (polls - _SILENT_POLLS) % 2 == 0


def _answering(read: Read) -> object:
    return read if read.device_address == INVERTER_ADDRESS else read.device_address


class Poller:
    """Reads blocks with the retries of a policy."""

    def __init__(self, transport: Transport) -> None:
        """Initialize with what to request over."""
        self.silent_devices = SilentDevices()
        self.skipped: frozenset[Read] = frozenset()
        """Reads the last poll left out because their device is silent."""
        self._transport = transport

    async def poll(
        self, plan: Iterable[Read], policy: RetryPolicy, max_age: float | None = None
    ) -> Plant:
        """Read blocks, except those stored at most ``max_age`` seconds ago.

        Raises RefreshPartiallySucceeded, RefreshFailed, or WrongPlant where another
        inverter responds. Both count the skipped reads as failed.
        """
        reads = [read for read in plan if max_age is None or not self._is_fresh(read, max_age)]
        silent = self.silent_devices
        if self._transport.is_lossy:
            silent.forget_unproven()
        self.skipped = frozenset(read for read in reads if silent.skip_this_poll(read))
        await _Poll(self._transport, reads, policy, silent).run()
        return self._transport.plant

    async def read(self, reads: Iterable[Read], policy: RetryPolicy) -> None:
        """Read blocks, those of silent devices too; raises as :meth:`poll` does."""
        await _Poll(self._transport, list(reads), policy, SilentDevices()).run()

    def _is_fresh(self, read: Read, max_age: float) -> bool:
        return self._transport.plant.is_fresh(read, max_age)


class _Poll:
    """One poll."""

    def __init__(
        self,
        transport: Transport,
        reads: Sequence[Read],
        policy: RetryPolicy,
        silent_devices: SilentDevices,
    ) -> None:
        self._transport = transport
        self._plant = transport.plant
        self._reads = reads
        self._policy = policy
        self._silent_devices = silent_devices
        self._began = self._plant.clock.monotonic()
        self._began_at = asyncio.get_running_loop().time()
        self._problems: dict[Read, CommunicationError] = {}
        self._asked: set[int] = set()
        self._unanswered = 0

    async def run(self) -> None:
        """Read all blocks; raise the resulting error, if any."""
        if not self._reads:
            return
        try:
            await self._transport.ready()
        except WrongPlant:
            raise
        except CommunicationError as err:
            self._problems = dict.fromkeys(self._reads, err)
        else:
            await self._ask_all()
        if self._transport.closed:
            raise ConnectionLost("the client is closed")
        if self._problems:
            raise self._outcome()

    async def _ask_all(self) -> None:
        for read in self._reads:
            if self._silent_devices.skip_this_poll(read):
                self._problems[read] = ResponseTimeout(f"{read} has not been answering")
        waiting = [read for read in self._reads if read not in self._problems]
        for attempt in range(self._policy.retries + 1):
            if attempt and waiting:
                await asyncio.sleep(self._policy.retry_delay)
            waiting = await self._sweep(waiting, again=attempt > 0)
        await self._repeat_missed(waiting)
        known = all(read in self._silent_devices for read in self._reads)
        if known or len(self._problems) < len(self._reads):
            self._record_silent()
        else:
            # It is the connection, not the devices.
            since = self._began_at - (_RECENT if len(self._reads) == 1 else 0)
            await self._transport.renew(unless_heard_since=since)

    async def _repeat_missed(self, waiting: list[Read]) -> None:
        """Request once more what was missed, if anything else was answered.

        The retries of the policy count as such requests. On a lossy link, what was not
        answered at all is requested more often, as long as the next poll is not due.
        """
        for request in range(self._policy.retries + 1, _LOSSY_ROUNDS + 1):
            lossy = self._transport.is_lossy
            if not waiting or (not lossy and (request > 1 or self._nothing_heard)):
                return
            if request > 1:
                waiting = [read for read in waiting if self._was_unanswered(read)]
            waiting = await self._sweep(waiting, again=True, until_late=request > 1)

    async def _sweep(
        self, waiting: list[Read], *, again: bool, until_late: bool = False
    ) -> list[Read]:
        """Request each block once; return those to request again."""
        retry: list[Read] = []
        while waiting:
            if until_late and self._is_late:
                return []
            read = self._next(waiting)
            if again and self._has_come(read):
                continue
            try:
                await self._request(read, again=again)
            except ConnectionLost as err:
                self._problems |= dict.fromkeys((read, *waiting, *retry), err)
                return []
            except CommunicationError as err:
                self._problems[read] = err
                if isinstance(err, ResponseTimeout) and read not in self._silent_devices:
                    retry.append(read)
                if self._goes_nowhere():
                    self._problems |= dict.fromkeys(waiting, err)
                    return []
            else:
                self._problems.pop(read, None)
        return retry

    def _next(self, waiting: list[Read]) -> Read:
        """Remove and return the read to request next.

        Until a device has responded, that is one of a device not requested yet.
        """
        at = 0
        if self._nothing_heard:
            new = (n for n, read in enumerate(waiting) if read.device_address not in self._asked)
            at = next(new, 0)
        return waiting.pop(at)

    async def _request(self, read: Read, *, again: bool) -> None:
        if again:
            self._plant.record_retry(read.device_address)
        self._asked.add(read.device_address)
        once = RetryPolicy(self._policy.timeout)
        answer = await self._transport.ask(read.request, once)
        if again and self._was_unanswered(read):
            self._transport.record_lost_frame()
        if answer.verdict is Verdict.HELD and self._plant.stored_monotonic(read) is not None:
            # The last believed values stay until it is corroborated, which has an end.
            return
        if answer.verdict is not Verdict.STORED:
            raise ReadingRejected(f"{read} was answered with something not to be believed")

    def _has_come(self, read: Read) -> bool:
        """Return whether a block was stored since the poll began: a late or foreign response."""
        at = self._plant.stored_monotonic(read)
        if at is None or at < self._began:
            return False
        self._problems.pop(read, None)
        return True

    def _was_unanswered(self, read: Read) -> bool:
        """Return whether the last request of a read got no response, not even a damaged one."""
        return type(self._problems.get(read)) is ResponseTimeout

    @property
    def _nothing_heard(self) -> bool:
        return not self._transport.heard_since(self._began_at)

    @property
    def _is_late(self) -> bool:
        """Whether another round of requests would delay the next poll."""
        passed = asyncio.get_running_loop().time() - self._began_at
        return passed > _ROUNDS_SHARE * self._plant.poll_interval

    def _goes_nowhere(self) -> bool:
        """Return whether to end the poll because no device responds at all."""
        self._unanswered += 1
        limit = _UNANSWERED_LIMIT + self._policy.retries
        if self._transport.is_lossy:
            limit *= _LOSSY_LIMIT
        return self._nothing_heard and self._unanswered >= limit

    def _record_silent(self) -> None:
        """Record the devices that answered none of their reads."""
        silent = {}
        for read in self._reads:
            problem = self._problems.get(read)
            if isinstance(problem, ResponseTimeout) and not isinstance(problem, ExceptionResponse):
                silent[_answering(read)] = read
        for read in self._reads:
            if not isinstance(self._problems.get(read), ConnectionLost | ResponseTimeout):
                silent.pop(_answering(read), None)
                if self._silent_devices.heard(read):
                    self._transport.record_lost_frame()
        for read in silent.values():
            self._silent_devices.note(read, lossy=self._transport.is_lossy)

    def _outcome(self) -> RefreshError:
        failed = [read for read in self._reads if read in self._problems]
        failures = [
            ReadFailure(address, block.request_type, block.start, block.count)
            for address, block in failed
        ]
        _LOGGER.debug("Not read: %s", ", ".join(str(read) for read in failed))
        every = len(failed) == len(self._reads)
        share = "all" if every else f"{len(failed)} of"
        text = f"{share} {len(self._reads)} register reads failed"
        cause = ExceptionGroup(text, [self._problems[read] for read in failed])
        error = (
            RefreshFailed(text, failures, cause)
            if every
            else RefreshPartiallySucceeded(text, self._plant, failures, cause)
        )
        error.__cause__ = cause
        return error
