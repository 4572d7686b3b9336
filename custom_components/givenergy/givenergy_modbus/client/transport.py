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
from .link import Link, LossLog, Tap
from .patience import Budget, Patience
from .question import Answer, Garbled, Question

_LOGGER = getLogger(__name__)

IDENTITY = Read(INVERTER_ADDRESS, CONFIG[0])
"""What says which plant this is."""

_SERIAL = slice(13, 18)
_REMEMBERED = 16

_COLLISION = 1.0
"""Seconds between a heartbeat and an answer wiped out by it, at most."""

_WHO = IDENTITY.request


class Transport:
    """Puts one question at a time to a plant, and keeps all it hears.

    Everything the adapter passes on is taken in, whoever asked for it, before whoever
    waits for it is told.
    """

    def __init__(
        self,
        plant: Plant,
        host: str,
        port: int,
        patience: Patience,
        tap: Tap,
    ) -> None:
        """Remember where the plant is; the first question goes there."""
        self.plant = plant
        self.host = host
        self.port = port
        self.patience = patience
        self.tap = tap
        self.connections = 0
        """How often a connection was made."""
        self.troubles = 0
        """How often something was lost, garbled, refused or late: more of it means a bad link."""
        self.answered_at = float("-inf")
        """When a device last said something, by the event loop's clock."""
        self.answer_times: deque[float] = deque(maxlen=_REMEMBERED)
        """How many seconds the last answers took."""
        self._closed = False
        self._link: Link | None = None
        self._opening: asyncio.Future[Link] | None = None
        self._line = asyncio.Lock()
        self._free_at = 0.0
        self._questions: list[Question] = []
        self._given_up: set[tuple[int, ...]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._heartbeat_at, self._wiped_at = float("-inf"), float("inf")
        self._wiped_device = 0
        self._losses = LossLog()

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as anybody knows."""
        return self._link is not None and self._link.alive

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

    async def ready(self) -> Link:
        """Return the connection, made again if it was lost; callers share one attempt."""
        if self._closed:
            raise ConnectionLost("the client is closed")
        if self._link is not None and self._link.alive:
            return self._link
        if (opening := self._opening) is None:
            opening = self._opening = asyncio.get_running_loop().create_future()
            self._start(self._open(opening))
        await asyncio.wait({opening})
        return opening.result()

    async def drop(self) -> None:
        """Close the connection and fail whatever waits; the next question makes another."""
        await self._end("the connection was closed")

    async def renew(self, *, unless_heard_since: float) -> None:
        """Drop a connection that has brought nothing at all since a time of the event loop."""
        link = self._link
        if link is not None and link.heard_at < unless_heard_since:
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
        self._questions.clear()
        link, self._link = self._link, None
        if tasks := set(self._tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if link is not None:
            await link.close()

    async def _open(self, opened: asyncio.Future[Link]) -> None:
        link: Link | None = None
        try:
            link = await Link.open(self, self.host, self.port, self.patience.connect_timeout)
            await self._recognise(link)
            self._link, link = link, None
            self.connections += 1
            opened.set_result(self._link)
        except CommunicationError as err:
            self._settle(opened, err)
        finally:
            # Nobody waits for ever, whatever has happened.
            self._settle(opened, ConnectionLost("there is no connection"))
            if self._opening is opened:
                self._opening = None
            if link is not None:
                await link.close()

    def _settle(self, opening: asyncio.Future[Link] | None, error: CommunicationError) -> None:
        if opening is not None and not opening.done():
            opening.set_exception(error)
            opening.exception()  # nobody may be waiting

    async def _recognise(self, link: Link) -> None:
        """Make sure that the plant is the one known so far, before anything is stored."""
        expected = self.plant.inverter_serial
        if not expected:
            link.trusted = True
            return
        question = Question(_WHO, self.patience.refresh, probing=False)
        self._questions.append(question)
        await self._pursue(question, link)
        response = question.answer.result().response
        if not link.trusted:
            found = _serial_in(response)
            if not is_serial(found):
                raise CommunicationError("the inverter does not say which one it is")
            raise WrongPlant(f"inverter {found} answers where {expected} used to")

    def lost(self, link: Link, error: ConnectionLost) -> None:
        """Fail whatever waits for the connection that is gone."""
        self._losses.note(f"{self.host}:{self.port}", error)
        self._fail_all(error)

    async def ask(
        self, request: TransparentRequest, budget: Budget, *, probing: bool = False
    ) -> Answer:
        """Put a question and return the answer.

        Raises ResponseTimeout, WriteRefused or ConnectionLost.
        """
        return await self.answer(self.put(request, budget, probing=probing))

    def put(
        self, request: TransparentRequest, budget: Budget, *, probing: bool = False
    ) -> Question:
        """Put a question without waiting; a read that is already being asked is shared."""
        if self._closed:
            raise ConnectionLost("the client is closed")
        request.ensure_valid_state()
        question = next((it for it in self._questions if it.is_shared_by(request)), None)
        if question is None:
            question = Question(request, budget, probing=probing)
            self._questions.append(question)
            question.task = self._start(self._pursue(question))
        else:
            question.budget = question.budget.joined_by(budget)
            question.probing = question.probing and probing
        return question

    async def answer(self, question: Question) -> Answer:
        """Wait for the answer to a question; to be cancelled here concerns nobody else."""
        question.callers += 1
        try:
            await asyncio.wait({question.answer})
            return question.answer.result()
        finally:
            question.callers -= 1
            if not question.callers and not question.answer.done():
                self._abandon(question)

    def _abandon(self, question: Question) -> None:
        """Let go of a question that nobody waits for; a frame that is out still has its time."""
        question.budget = question.budget.but(retries=0)
        if not question.waiting and question.task is not None:
            self._retire(question)
            question.task.cancel()

    def _retire(self, question: Question) -> None:
        if question in self._questions:
            self._questions.remove(question)

    async def _pursue(self, question: Question, link: Link | None = None) -> None:
        """Put a question until it is answered or its budget is used up."""
        failures, excused = 0, False
        try:
            link = link or await self.ready()
            while (setback := await self._attempt(question, link)) is not None:
                if isinstance(setback, Garbled) and not excused:
                    excused = True
                    continue
                failures += 1
                self.troubles += not question.probing
                if failures > question.budget.retries:
                    self._given_up.add(question.request.expected_shape)
                    question.fail(setback)
                    return
                if not question.probing:
                    self.plant.record_retry(question.request.device_address)
                await asyncio.wait({question.answer}, timeout=question.budget.retry_delay)
        except CommunicationError as err:
            question.fail(err)
        finally:
            # Nobody waits for ever, whatever has happened.
            question.fail(ConnectionLost("the request was given up"))
            self._retire(question)

    async def _attempt(self, question: Question, link: Link) -> CommunicationError | None:
        """Put a question once, when its turn comes; return what went wrong, if anything."""
        async with self._line:
            while not question.answer.done() and (pause := self._free_at - _now()) > 0:
                await asyncio.wait({question.answer}, timeout=pause)
            if question.answer.done():
                return None
            if not link.alive:
                raise ConnectionLost("the connection was lost")
            question.leave()
            self._note_sent()
            await link.send(question.request.encode())
            sent_at = _now()
            setback = await question.wait()
            if setback is None:
                self.answer_times.append(_now() - sent_at)
            return setback

    def _note_sent(self) -> None:
        jitter = uniform(0, self.patience.jitter)  # noqa: S311
        self._free_at = _now() + self.patience.gap + jitter

    def received(self, link: Link, item: BasePDU | ExceptionBase) -> None:
        """Take what came in: answer heartbeats at once, store words, then tell who waits."""
        if isinstance(item, HeartbeatRequest):
            link.write(item.answer().encode())
            self._note_sent()
            self._heartbeat_at = _now()
            self._look_for_collision()
        elif isinstance(item, TransparentResponse):
            self._take(link, item)
        else:
            _LOGGER.debug("Skipping %s", item)

    def _take(self, link: Link, response: TransparentResponse) -> None:
        if response.crc_failed or isinstance(response, NullResponse):
            self.plant.update(response)
            self.troubles += 1
            if response.raw_frame.endswith(b"\0\0"):
                self._wiped_at, self._wiped_device = _now(), response.device_address
                self._look_for_collision()
            return
        link.trusted = link.trusted or _serial_in(response) == self.plant.inverter_serial
        verdict = Verdict.IGNORED
        if link.trusted:
            verdict = self.plant.update(response, datetime.now(UTC))
            if verdict is Verdict.REJECTED and self._names_another(response):
                return
        elif response.target != _WHO.target:
            return
        answer = Answer(response, verdict)
        self.answered_at = _now()
        concerned = [it for it in tuple(self._questions) if it.consider(answer)]
        if response.error or (response.shape in self._given_up and not concerned):
            self.troubles += 1
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
        for question in self._questions:
            if not question.is_write and question.request.device_address == self._wiped_device:
                question.set_back(Garbled(f"the answer to {question} was wiped out"))
        self._wiped_at = float("inf")

    def _fail_all(self, error: ConnectionLost) -> None:
        for question in self._questions:
            question.fail(error)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _now() -> float:
    return asyncio.get_running_loop().time()


def _serial_in(response: TransparentResponse) -> str | None:
    """Return the serial an answer states, if it is the inverter's own page that does."""
    if response.shape != _WHO.expected_shape or response.error:
        return None
    assert isinstance(response, ReadHoldingRegistersResponse)
    stated = serial.decode(*response.register_values[_SERIAL])
    return stated if is_serial(stated) else response.inverter_serial_number
