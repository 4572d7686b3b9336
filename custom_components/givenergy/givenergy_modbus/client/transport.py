"""Send requests and match responses, over a connection that is renewed when needed."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from logging import WARNING, getLogger
from random import uniform
from statistics import median
from typing import Any

from ..exceptions import CommunicationError, ConnectionLost, ExceptionBase, InvalidFrame, WrongPlant
from ..model.guards import Verdict
from ..model.plant import Plant
from ..model.serials import is_serial
from ..pdu import (
    BasePDU,
    HeartbeatRequest,
    NullResponse,
    Shape,
    TransparentRequest,
    TransparentResponse,
)
from .identity import IDENTITY, names_another, stated_serial
from .pending_request import Answer, CorruptedResponse, PendingRequest
from .tcp_connection import Connection, ConnectionLossLogger, Tap
from .timing import RetryPolicy, Timing

_LOGGER = getLogger(__name__)

_REMEMBERED = 16

_CORRUPTED_REPEATS = 2
"""How often a request is sent again at once because its response arrived damaged."""
_MOST_GAPS = 2
"""Gaps a request waits for its turn at most, however often heartbeats are answered."""
_LOSSY_SECONDS = 60.0
"""Seconds for which a link counts as lossy after a damaged or lost frame."""
_LOSSY_TIMES, _LOSSY_LEAST = 2, 0.4
"""Typical response times, and the least seconds, to wait for a response on a lossy link."""
_MOST_FOREIGN = 256
"""Different blocks that are stored although this client never requested them."""


class Transport:
    """Sends one request at a time, and stores every response the adapter broadcasts.

    That includes responses to other clients; a response is stored before its callers resume.
    """

    def __init__(
        self,
        plant: Plant,
        host: str,
        port: int,
        timing: Timing,
        tap: Tap,
        loss_level: int = WARNING,
    ) -> None:
        """Initialize; the first request opens the connection."""
        self.plant = plant
        self.host = host
        self.port = port
        self.timing = timing
        self.tap = tap
        self.connections = 0
        """The number of connections opened."""
        self.error_count = 0
        """Responses that were lost, corrupted, refused or late; a measure of link quality."""
        self.corrupted_count = 0
        """Frames that arrived damaged."""
        self.answered_at = float("-inf")
        """When a device last responded, in the event loop's time."""
        self.answer_times: deque[float] = deque(maxlen=_REMEMBERED)
        """Seconds the last responses took."""
        self._closed = False
        self._connection: Connection | None = None
        self._opening: asyncio.Future[Connection] | None = None
        self._send_lock = asyncio.Lock()
        self._next_send_at = 0.0
        self._pending: list[PendingRequest] = []
        self._given_up: set[Shape] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._requested: set[Shape] = set()
        """Shapes this client has requested."""
        self._foreign: set[Shape] = set()
        self._corrupted_at = float("-inf")
        self._frame_lost_at = float("-inf")
        self._loss_log = ConnectionLossLogger(loss_level)

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._connection is not None and self._connection.alive

    @property
    def closed(self) -> bool:
        """Whether the client was closed."""
        return self._closed

    async def connect(self) -> None:
        """Open a new connection; raises CommunicationError, or WrongPlant for another inverter."""
        self._closed = False
        if self._opening is None:
            await self._end("the connection is being renewed")
        await self.ready()

    async def ready(self) -> Connection:
        """Return the connection, opened again if it was lost; callers share one attempt."""
        if self._closed:
            raise ConnectionLost("the client is closed")
        if self._connection is not None and self._connection.alive:
            return self._connection
        if (opening := self._opening) is None:
            opening = self._opening = asyncio.get_running_loop().create_future()
            self._start(self._open(opening))
        await asyncio.wait({opening})
        return opening.result()

    async def drop(self) -> None:
        """Close the connection and fail pending requests; the next request opens another."""
        await self._end("the connection was closed")

    async def renew(self, *, unless_heard_since: float) -> None:
        """Close a connection that has received nothing since a time of the event loop."""
        connection = self._connection
        if connection is not None and connection.heard_at < unless_heard_since:
            _LOGGER.debug("No response on the connection, reconnecting")
            await self.drop()

    async def close(self) -> None:
        """Close the connection and fail pending requests; safe to repeat, never raises."""
        self._closed = True
        await self._end("the client was closed")

    async def _end(self, why: str) -> None:
        error = ConnectionLost(why)
        self._settle(self._opening, error)
        self._opening = None
        self._fail_all(error)
        self._pending.clear()
        connection, self._connection = self._connection, None
        if tasks := set(self._tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if connection is not None:
            await connection.close()

    async def _open(self, opened: asyncio.Future[Connection]) -> None:
        connection: Connection | None = None
        try:
            connection = await Connection.open(
                self, self.host, self.port, self.timing.connect_timeout
            )
            await self._verify_identity(connection)
            self._connection, connection = connection, None
            self.connections += 1
            opened.set_result(self._connection)
        except CommunicationError as err:
            self._settle(opened, err)
        finally:
            # Callers must not wait forever, even after an unexpected error.
            self._settle(opened, ConnectionLost("there is no connection"))
            if self._opening is opened:
                self._opening = None
            if connection is not None:
                await connection.close()

    def _settle(
        self, opening: asyncio.Future[Connection] | None, error: CommunicationError
    ) -> None:
        if opening is not None and not opening.done():
            opening.set_exception(error)
            opening.exception()  # there may be no caller left

    async def _verify_identity(self, connection: Connection) -> None:
        """Check that the inverter is the known one, before anything is stored."""
        expected = self.plant.inverter_serial
        if not expected:
            connection.trusted = True
            return
        pending = PendingRequest(IDENTITY.request, self.timing.refresh, probing=False)
        self._pending.append(pending)
        await self._run_request(pending, connection)
        response = pending.answer.result().response
        if not connection.trusted:
            found = stated_serial(response)
            if not is_serial(found):
                raise CommunicationError("the inverter does not report its serial number")
            raise WrongPlant(expected, found)

    def lost(self, connection: Connection, error: ConnectionLost) -> None:
        """Fail the requests that wait for a lost connection."""
        self._loss_log.note(error)
        self._fail_all(error)

    async def ask(
        self, request: TransparentRequest, policy: RetryPolicy, *, probing: bool = False
    ) -> Answer:
        """Send a request and return its response.

        Raises ResponseTimeout, WriteRefused or ConnectionLost.
        """
        return await self.answer(self.put(request, policy, probing=probing))

    def put(
        self, request: TransparentRequest, policy: RetryPolicy, *, probing: bool = False
    ) -> PendingRequest:
        """Queue a request without waiting; identical reads share one."""
        if self._closed:
            raise ConnectionLost("the client is closed")
        request.ensure_valid_state()
        pending = next((known for known in self._pending if known.is_shared_by(request)), None)
        if pending is None:
            pending = PendingRequest(request, policy, probing=probing)
            self._pending.append(pending)
            pending.task = self._start(self._run_request(pending))
        else:
            pending.policy = pending.policy.combined_with(policy)
            pending.probing = pending.probing and probing
        return pending

    async def answer(self, pending: PendingRequest) -> Answer:
        """Wait for the response to a request; canceling one caller does not affect others."""
        pending.waiters += 1
        try:
            await asyncio.wait({pending.answer})
            return pending.answer.result()
        finally:
            pending.waiters -= 1
            if not pending.waiters and not pending.answer.done():
                self._release(pending)

    def _release(self, pending: PendingRequest) -> None:
        """Drop a request without callers; a frame already sent can still be answered."""
        pending.policy = pending.policy.replace(retries=0)
        if not pending.waiting and pending.task is not None:
            self._remove(pending)
            pending.task.cancel()

    def _remove(self, pending: PendingRequest) -> None:
        if pending in self._pending:
            self._pending.remove(pending)

    async def _run_request(
        self, pending: PendingRequest, connection: Connection | None = None
    ) -> None:
        """Send a request, retrying until it is answered or its retries are used up."""
        failures = corrupted = 0
        try:
            connection = connection or await self.ready()
            while (error := await self._attempt(pending, connection)) is not None:
                if isinstance(error, CorruptedResponse) and not pending.is_write:
                    corrupted += 1
                    if corrupted <= _CORRUPTED_REPEATS and pending.waiters:
                        if not pending.probing:
                            self.plant.record_retry(pending.request.device_address)
                        continue
                failures += 1
                self.error_count += not pending.probing
                if failures > pending.policy.retries:
                    self._given_up.add(pending.request.expected_shape)
                    pending.fail(error)
                    return
                if not pending.probing:
                    self.plant.record_retry(pending.request.device_address)
                await asyncio.wait({pending.answer}, timeout=pending.policy.retry_delay)
        except CommunicationError as err:
            pending.fail(err)
        finally:
            # Callers must not wait forever, even after an unexpected error.
            pending.fail(ConnectionLost("the request was given up"))
            self._remove(pending)

    async def _attempt(
        self, pending: PendingRequest, connection: Connection
    ) -> CommunicationError | None:
        """Send a request once, when its turn comes; return the error of the attempt, if any."""
        async with self._send_lock:
            latest = _now() + _MOST_GAPS * (self.timing.gap + self.timing.jitter)
            while not pending.answer.done():
                if (pause := min(self._next_send_at, latest) - _now()) <= 0:
                    break
                await asyncio.wait({pending.answer}, timeout=pause)
            if pending.answer.done():
                return None
            if not connection.alive:
                raise ConnectionLost("the connection was lost")
            pending.mark_sent()
            self._requested.add(pending.request.expected_shape)
            self._note_sent()
            await connection.send(pending.request.encode())
            sent_at = _now()
            error = await pending.wait(self._lossy_timeout(pending))
            if error is None:
                self.answer_times.append(_now() - sent_at)
            return error

    @property
    def is_lossy(self) -> bool:
        """Whether a frame was damaged or lost lately."""
        return _now() - self._frame_lost_at < _LOSSY_SECONDS

    def record_lost_frame(self) -> None:
        """Record that a frame was lost: only a repeated request was answered."""
        self._frame_lost_at = _now()

    def heard_since(self, moment: float) -> bool:
        """Return whether a response, damaged or not, arrived since a time of the event loop."""
        return max(self.answered_at, self._corrupted_at) >= moment

    def _lossy_timeout(self, pending: PendingRequest) -> float | None:
        """Return how long to wait on a lossy link, where requests are lost; None on a good one."""
        if pending.is_write or pending.probing or not self.is_lossy or not self.answer_times:
            return None
        return max(_LOSSY_LEAST, _LOSSY_TIMES * median(self.answer_times))

    def _note_sent(self) -> None:
        jitter = uniform(0, self.timing.jitter)  # noqa: S311
        self._next_send_at = _now() + self.timing.gap + jitter

    def received(self, connection: Connection, item: BasePDU | ExceptionBase) -> None:
        """Handle a message: answer heartbeats, store responses, complete requests."""
        if isinstance(item, HeartbeatRequest):
            connection.write(item.answer().encode())
            self._note_sent()
        elif isinstance(item, NullResponse):
            self.plant.update(item)
            self._corrupted(item.raw_frame, item.device_address)
        elif isinstance(item, TransparentResponse) and item.crc_failed:
            self.plant.update(item)
            self._corrupted(item.raw_frame)
        elif isinstance(item, TransparentResponse):
            self._take(connection, item)
        elif isinstance(item, InvalidFrame):
            self._corrupted(item.frame)
        else:
            _LOGGER.debug("Skipping %s", item)

    def _corrupted(self, frame: bytes, wiped_device: int | None = None) -> None:
        """End the attempt whose response arrived damaged.

        Of a response overwritten with zeros only the device address is left.
        """
        self.error_count += 1
        self.corrupted_count += 1
        self._corrupted_at = _now()
        self.record_lost_frame()
        for pending in self._pending:
            if pending.is_answered_by_damaged(frame) or (
                not pending.is_write and pending.request.device_address == wiped_device
            ):
                pending.fail_attempt(CorruptedResponse(f"the answer to {pending} was damaged"))

    def _take(self, connection: Connection, response: TransparentResponse) -> None:
        connection.trusted = (
            connection.trusted or stated_serial(response) == self.plant.inverter_serial
        )
        verdict = Verdict.IGNORED
        if connection.trusted:
            if not self._is_of_interest(response):
                return
            verdict = self.plant.update(response)
            if verdict is Verdict.REJECTED and names_another(
                response, self.plant.inverter_serial_number
            ):
                return
        elif response.target != IDENTITY.request.target:
            return
        answer = Answer(response, verdict)
        self.answered_at = _now()
        concerned = [pending for pending in tuple(self._pending) if pending.offer(answer)]
        if response.error or (response.shape in self._given_up and not concerned):
            self.error_count += 1
        self._given_up.discard(response.shape)

    def _is_of_interest(self, response: TransparentResponse) -> bool:
        """Return whether to store a response; the number of foreign blocks is limited."""
        shape = response.shape
        if shape in self._requested or shape in self._foreign:
            return True
        if len(self._foreign) >= _MOST_FOREIGN:
            return False
        self._foreign.add(shape)
        return True

    def _fail_all(self, error: ConnectionLost) -> None:
        for pending in self._pending:
            pending.fail(error)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _now() -> float:
    return asyncio.get_running_loop().time()
