"""Reading a plant's blocks, and accounting for those that did not come."""

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

_NOBODY = 2
"""How many unanswered reads end a poll in which nobody answers, retries not counted."""


class SilentDevices:
    """Remembers who has not answered lately, so that nobody waits for them every time.

    That is a device or, of the inverter, a single block. In the poll after it has
    fallen silent it is asked once, then in every second one.
    """

    def __init__(self) -> None:
        """Start with everybody expected to answer."""
        self._polls: dict[object, int] = {}

    def note(self, read: Read) -> None:
        """Count a poll in which a read brought no answer, or was not asked for that reason."""
        key = _answering(read)
        self._polls[key] = self._polls.get(key, 0) + 1

    def expect(self, device_addresses: Iterable[int]) -> None:
        """Start anew with these devices, and no others, known to be silent and just asked."""
        self._polls = dict.fromkeys(device_addresses, 2)

    def heard(self, read: Read) -> None:
        """Note that there was an answer."""
        self._polls.pop(_answering(read), None)

    def __contains__(self, read: Read) -> bool:
        """Whether nobody expects an answer."""
        return _answering(read) in self._polls

    def skip_this_poll(self, read: Read) -> bool:
        """Whether it is not worth asking this time."""
        polls = self._polls.get(_answering(read), 0)
        return polls > 0 and polls % 2 == 0


def _answering(read: Read) -> object:
    return read if read.device_address == INVERTER_ADDRESS else read.device_address


class Poller:
    """Reads what a plan names, as hard as a policy allows."""

    def __init__(self, transport: Transport) -> None:
        """Ask over this transport."""
        self.silent_devices = SilentDevices()
        self._transport = transport

    async def poll(
        self, plan: Iterable[Read], policy: RetryPolicy, max_age: float | None = None
    ) -> Plant:
        """Read a plan's blocks, without those stored at most ``max_age`` seconds ago.

        Raises RefreshPartiallySucceeded, RefreshFailed or, where another inverter has
        taken the place of this one, WrongPlant.
        """
        reads = [read for read in plan if max_age is None or not self._is_fresh(read, max_age)]
        await _Poll(self._transport, reads, policy, self.silent_devices).run()
        return self._transport.plant

    async def read(self, reads: Iterable[Read], policy: RetryPolicy) -> None:
        """Read blocks, whoever is known to be silent; raises as a poll does."""
        await _Poll(self._transport, list(reads), policy, SilentDevices()).run()

    def _is_fresh(self, read: Read, max_age: float) -> bool:
        return self._transport.plant.is_fresh(read, max_age)


class _Poll:
    """One round of reads."""

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
        """Read everything, or raise what it comes to."""
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
        known = all(read in self._silent_devices for read in self._reads)
        if known or len(self._problems) < len(self._reads):
            self._record_silent()
        else:
            # It is the connection, not the devices.
            await self._transport.renew(unless_heard_since=self._began_at)

    async def _sweep(self, waiting: list[Read], *, again: bool) -> list[Read]:
        """Ask for each read once; return those worth another try."""
        retry: list[Read] = []
        while waiting:
            read = self._next(waiting)
            if again and self._has_come(read):
                continue
            try:
                await self._bring(read, again=again)
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
        """Take out the read to ask for next.

        While nobody has answered, that is one of a device not asked yet.
        """
        at = 0
        if self._nothing_heard:
            strangers = (n for n, it in enumerate(waiting) if it.device_address not in self._asked)
            at = next(strangers, 0)
        return waiting.pop(at)

    async def _bring(self, read: Read, *, again: bool) -> None:
        if again:
            self._plant.record_retry(read.device_address)
        self._asked.add(read.device_address)
        once = RetryPolicy(self._policy.timeout)
        answer = await self._transport.ask(read.request, once)
        if answer.verdict is Verdict.HELD and self._plant.stored_monotonic(read) is not None:
            # The last believed values stay until it is corroborated, which has an end.
            return
        if answer.verdict is not Verdict.STORED:
            raise ReadingRejected(f"{read} was answered with something not to be believed")

    def _has_come(self, read: Read) -> bool:
        """Return whether a read was answered after all: late, or to somebody else."""
        at = self._plant.stored_monotonic(read)
        if at is None or at < self._began:
            return False
        self._problems.pop(read, None)
        return True

    @property
    def _nothing_heard(self) -> bool:
        return self._transport.answered_at < self._began_at

    def _goes_nowhere(self) -> bool:
        """Return whether there is no point in asking on: nobody at all answers."""
        self._unanswered += 1
        return self._nothing_heard and self._unanswered >= _NOBODY + self._policy.retries

    def _record_silent(self) -> None:
        """Note whose every read went unanswered."""
        silent = {}
        for read in self._reads:
            problem = self._problems.get(read)
            if isinstance(problem, ResponseTimeout) and not isinstance(problem, ExceptionResponse):
                silent[_answering(read)] = read
        for read in self._reads:
            if not isinstance(self._problems.get(read), ConnectionLost | ResponseTimeout):
                self._silent_devices.heard(read)
                silent.pop(_answering(read), None)
        for read in silent.values():
            self._silent_devices.note(read)

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
