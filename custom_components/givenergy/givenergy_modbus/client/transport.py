"""Requests and answers over a connection that is renewed when it is needed."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from datetime import UTC, datetime
from logging import getLogger
from random import uniform
from typing import Any

from ..exceptions import CommunicationError, ConnectionLost, ExceptionBase, WrongPlant
from ..model.codecs import serial
from ..model.guards import Verdict
from ..model.plan import CONFIG, FACADE_ADDRESS, INVERTER_ADDRESS, Read
from ..model.plant import Plant
from ..model.serials import is_serial
from ..pdu import (
    BasePDU,
    HeartbeatRequest,
    NullResponse,
    ReadHoldingRegistersResponse,
    TransparentRequest,
    TransparentResponse,
)
from .pending_request import Answer, CorruptedResponse, PendingRequest
from .tcp_connection import Connection, ConnectionLossLogger, Tap
from .timing import RetryPolicy, Timing

_LOGGER = getLogger(__name__)

IDENTITY = Read(INVERTER_ADDRESS, CONFIG[0])
"""What says which plant this is."""

_SERIAL = slice(13, 18)
_REMEMBERED = 16

_COLLISION = 1.0
"""Seconds between a heartbeat and an answer wiped out by it, at most."""

_IDENTITY_REQUEST = IDENTITY.request


class Transport:
    """Puts one pending at a time to a plant, and keeps all it hears.

    Everything the adapter passes on is taken in, whoever asked for it, before whoever
    waits for it is told.
    """

    def __init__(
        self,
        plant: Plant,
        host: str,
        port: int,
        timing: Timing,
        tap: Tap,
    ) -> None:
        """Remember where the plant is; the first pending goes there."""
        self.plant = plant
        self.host = host
        self.port = port
        self.timing = timing
        self.tap = tap
        self.connections = 0
        """How often a connection was made."""
        self.error_count = 0
        """Responses that were lost, corrupted, refused or late; a measure of link quality."""
        self.answered_at = float("-inf")
        """When a device last said something, by the event loop's clock."""
        self.answer_times: deque[float] = deque(maxlen=_REMEMBERED)
        """How many seconds the last answers took."""
        self._closed = False
        self._connection: Connection | None = None
        self._opening: asyncio.Future[Connection] | None = None
        self._send_lock = asyncio.Lock()
        self._next_send_at = 0.0
        self._pending: list[PendingRequest] = []
        self._given_up: set[tuple[int, ...]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._heartbeat_at, self._wiped_at = float("-inf"), float("inf")
        self._wiped_device = 0
        self._loss_log = ConnectionLossLogger()

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as anybody knows."""
        return self._connection is not None and self._connection.alive

    @property
    def closed(self) -> bool:
        """Whether it was closed for good."""
        return self._closed

    async def connect(self) -> None:
        """Connect anew; raises CommunicationError, or WrongPlant where another plant answers."""
        self._closed = False
        if self._opening is None:
            await self._end("the connection is being renewed")
        await self.ready()

    async def ready(self) -> Connection:
        """Return the connection, made again if it was lost; callers share one attempt."""
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
        """Close the connection and fail whatever waits; the next pending makes another."""
        await self._end("the connection was closed")

    async def renew(self, *, unless_heard_since: float) -> None:
        """Drop a connection that has brought nothing at all since a time of the event loop."""
        connection = self._connection
        if connection is not None and connection.heard_at < unless_heard_since:
            _LOGGER.debug("Nothing comes from %s:%s, connecting anew", self.host, self.port)
            await self.drop()

    async def close(self) -> None:
        """Close the connection for good and fail whatever waits; safe to repeat, never raises."""
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
            # Nobody waits for ever, whatever has happened.
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
            opening.exception()  # nobody may be waiting

    async def _verify_identity(self, connection: Connection) -> None:
        """Make sure that the plant is the one known so far, before anything is stored."""
        expected = self.plant.inverter_serial
        if not expected:
            connection.trusted = True
            return
        pending = PendingRequest(_IDENTITY_REQUEST, self.timing.refresh, probing=False)
        self._pending.append(pending)
        await self._run_request(pending, connection)
        response = pending.answer.result().response
        if not connection.trusted:
            found = _serial_in(response)
            if not is_serial(found):
                raise CommunicationError("the inverter does not say which one it is")
            raise WrongPlant(f"inverter {found} answers where {expected} used to")

    def lost(self, connection: Connection, error: ConnectionLost) -> None:
        """Fail whatever waits for the connection that is gone."""
        self._loss_log.note(f"{self.host}:{self.port}", error)
        self._fail_all(error)

    async def ask(
        self, request: TransparentRequest, policy: RetryPolicy, *, probing: bool = False
    ) -> Answer:
        """Put a pending and return the answer.

        Raises ResponseTimeout, WriteRefused or ConnectionLost.
        """
        return await self.answer(self.put(request, policy, probing=probing))

    def put(
        self, request: TransparentRequest, policy: RetryPolicy, *, probing: bool = False
    ) -> PendingRequest:
        """Put a pending without waiting; a read that is already being asked is shared."""
        if self._closed:
            raise ConnectionLost("the client is closed")
        request.ensure_valid_state()
        pending = next((it for it in self._pending if it.is_shared_by(request)), None)
        if pending is None:
            pending = PendingRequest(request, policy, probing=probing)
            self._pending.append(pending)
            pending.task = self._start(self._run_request(pending))
        else:
            pending.policy = pending.policy.combined_with(policy)
            pending.probing = pending.probing and probing
        return pending

    async def answer(self, pending: PendingRequest) -> Answer:
        """Wait for the answer to a pending; to be cancelled here concerns nobody else."""
        pending.waiters += 1
        try:
            await asyncio.wait({pending.answer})
            return pending.answer.result()
        finally:
            pending.waiters -= 1
            if not pending.waiters and not pending.answer.done():
                self._release(pending)

    def _release(self, pending: PendingRequest) -> None:
        """Let go of a pending that nobody waits for; a frame that is out still has its time."""
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
        """Put a pending until it is answered or its policy is used up."""
        failures, excused = 0, False
        try:
            connection = connection or await self.ready()
            while (error := await self._attempt(pending, connection)) is not None:
                if isinstance(error, CorruptedResponse) and not excused:
                    excused = True
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
            # Nobody waits for ever, whatever has happened.
            pending.fail(ConnectionLost("the request was given up"))
            self._remove(pending)

    async def _attempt(
        self, pending: PendingRequest, connection: Connection
    ) -> CommunicationError | None:
        """Put a pending once, when its turn comes; return what went wrong, if anything."""
        async with self._send_lock:
            while not pending.answer.done() and (pause := self._next_send_at - _now()) > 0:
                await asyncio.wait({pending.answer}, timeout=pause)
            if pending.answer.done():
                return None
            if not connection.alive:
                raise ConnectionLost("the connection was lost")
            pending.mark_sent()
            self._note_sent()
            await connection.send(pending.request.encode())
            sent_at = _now()
            error = await pending.wait()
            if error is None:
                self.answer_times.append(_now() - sent_at)
            return error

    def _note_sent(self) -> None:
        jitter = uniform(0, self.timing.jitter)  # noqa: S311
        self._next_send_at = _now() + self.timing.gap + jitter

    def received(self, connection: Connection, item: BasePDU | ExceptionBase) -> None:
        """Take what came in: answer heartbeats at once, store words, then tell who waits."""
        if isinstance(item, HeartbeatRequest):
            connection.write(item.answer().encode())
            self._note_sent()
            self._heartbeat_at = _now()
            self._look_for_collision()
        elif isinstance(item, TransparentResponse):
            self._take(connection, item)
        else:
            _LOGGER.debug("Skipping %s", item)

    def _take(self, connection: Connection, response: TransparentResponse) -> None:
        if response.crc_failed or isinstance(response, NullResponse):
            self.plant.update(response)
            self.error_count += 1
            if response.raw_frame.endswith(b"\0\0"):
                self._wiped_at, self._wiped_device = _now(), response.device_address
                self._look_for_collision()
            return
        connection.trusted = (
            connection.trusted or _serial_in(response) == self.plant.inverter_serial
        )
        verdict = Verdict.IGNORED
        if connection.trusted:
            verdict = self.plant.update(response, datetime.now(UTC))
            if verdict is Verdict.REJECTED and self._names_another(response):
                return
        elif response.target != _IDENTITY_REQUEST.target:
            return
        answer = Answer(response, verdict)
        self.answered_at = _now()
        concerned = [it for it in tuple(self._pending) if it.offer(answer)]
        if response.error or (response.shape in self._given_up and not concerned):
            self.error_count += 1
        self._given_up.discard(response.shape)

    def _names_another(self, response: TransparentResponse) -> bool:
        """Whether an answer is addressed by another inverter's serial, so cannot be for us."""
        return (
            response.device_address in (INVERTER_ADDRESS, FACADE_ADDRESS)
            and is_serial(response.inverter_serial_number)
            and response.inverter_serial_number != self.plant.inverter_serial_number
        )

    def _look_for_collision(self) -> None:
        """Give up waiting for an answer that a heartbeat has wiped out.

        The two leave the adapter together, in either order.
        """
        if abs(self._heartbeat_at - self._wiped_at) > _COLLISION:
            return
        for pending in self._pending:
            if not pending.is_write and pending.request.device_address == self._wiped_device:
                pending.fail_attempt(CorruptedResponse(f"the answer to {pending} was wiped out"))
        self._wiped_at = float("inf")

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


def _serial_in(response: TransparentResponse) -> str | None:
    """Return the serial an answer states, if it is the inverter's own page that does."""
    if response.shape != _IDENTITY_REQUEST.expected_shape or response.error:
        return None
    assert isinstance(response, ReadHoldingRegistersResponse)
    stated = serial.decode(*response.register_values[_SERIAL])
    return stated if is_serial(stated) else response.inverter_serial_number
