"""A request from the call that makes it to its response, over all attempts."""

import asyncio
from typing import Any, NamedTuple, override

from ..exceptions import CommunicationError, ResponseTimeout, WriteRefused
from ..model.guards import Verdict
from ..pdu import (
    ReadRegistersRequest,
    TransparentRequest,
    TransparentResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
)
from .timing import RetryPolicy

_ADDRESS = 26
_FUNCTION = 27
_FIRST_REGISTER = slice(38, 40)
_ERROR = 0x80

_LAST_TURNS = 10
_LAST_TURN = 0.001
"""Turns of the event loop after a time-out, and the seconds of each."""


class Answer(NamedTuple):
    """A response, and the verdict of the guards on it."""

    response: TransparentResponse
    verdict: Verdict


class CorruptedResponse(ResponseTimeout):
    """The response arrived damaged: waiting longer is pointless."""


class ExceptionResponse(ResponseTimeout):
    """The device responded with a Modbus exception."""


class PendingRequest:
    """A request that one or more callers wait for.

    A read is completed by every response of its shape, to any attempt and any client.
    A write is completed only by an acknowledgement of its value, after its frame was sent.
    """

    def __init__(
        self, request: TransparentRequest, policy: RetryPolicy, *, probing: bool = False
    ) -> None:
        self.request = request
        self.policy = policy
        self.probing = probing
        """Whether a device that does not respond is nothing unusual."""
        self.waiters = 0
        """The number of callers that wait for the response."""
        self.sent = False
        """Whether the frame was sent at least once."""
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None
        self._attempt_error: asyncio.Future[CommunicationError] | None = None
        self._refused = False

    @override
    def __str__(self) -> str:
        match self.request:
            case ReadRegistersRequest(base_register=base, register_count=count) as read:
                return f"{read.device_address:#04x}:{read.bank}({base},{count})"
            case WriteHoldingRegisterRequest(register=register, value=value):
                return f"HR({register})={value}"
            case other:
                return type(other).__name__

    @property
    def waiting(self) -> bool:
        """Whether an attempt is under way: sent, and neither answered nor failed."""
        return self._attempt_error is not None

    @property
    def is_write(self) -> bool:
        """Whether the request writes a register."""
        return isinstance(self.request, WriteHoldingRegisterRequest)

    def mark_sent(self) -> None:
        """Begin an attempt: from now on the request can be answered or refused."""
        self.sent, self._refused = True, False
        self._attempt_error = asyncio.get_running_loop().create_future()

    def is_shared_by(self, request: TransparentRequest) -> bool:
        """Return whether the same response completes another caller's read."""
        return (
            not self.answer.done()
            and not self.is_write
            and request.expected_shape == self.request.expected_shape
        )

    async def wait(self, longest: float | None = None) -> CommunicationError | None:
        """Wait for the response to the attempt under way; return the error of the attempt, if any.

        Waits for the policy's time-out from now, at most ``longest`` seconds; a caller that joins
        with a longer time-out extends it.
        """
        attempt_error = self._attempt_error
        assert attempt_error is not None
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self._wait_for_either(attempt_error, longest)
        finally:
            self._attempt_error = None
        if self.answer.done():
            return None
        if attempt_error.done():
            return attempt_error.result()
        if self._refused:
            return self._refusal()
        return ResponseTimeout(f"no answer to {self} in {loop.time() - began:.2g} s")

    async def _wait_for_either(
        self, attempt_error: asyncio.Future[CommunicationError], longest: float | None
    ) -> None:
        """Wait for the response or an error until the time-out, and some turns of the loop more.

        When the loop was held up, the time-out and the response are due together, and a response
        needs several turns to be processed.
        """
        loop = asyncio.get_running_loop()
        began, last_turns = loop.time(), 0
        either: set[asyncio.Future[Any]] = {self.answer, attempt_error}
        while not any(future.done() for future in either) and last_turns < _LAST_TURNS:
            timeout = self.policy.timeout
            limit = timeout if longest is None else min(timeout, longest)
            if (remaining := began + limit - loop.time()) <= 0:
                last_turns, remaining = last_turns + 1, _LAST_TURN
            await asyncio.wait(either, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)

    def _refusal(self) -> CommunicationError:
        if self.is_write:
            return WriteRefused(f"the device refused {self}")
        return ExceptionResponse(f"{self} was answered with an exception")

    def offer(self, answer: Answer) -> bool:
        """Complete the request if this is its response; return whether it concerns the request."""
        if self.answer.done():
            return False
        response = answer.response
        if isinstance(self.request, WriteHoldingRegisterRequest):
            return self._offer_acknowledgement(self.request, answer)
        if self.request.is_refused_by(response):
            self.fail_attempt(self._refusal())
            return True
        if response.error or response.shape != self.request.expected_shape:
            return False
        self.answer.set_result(answer)
        return True

    def _offer_acknowledgement(self, request: WriteHoldingRegisterRequest, answer: Answer) -> bool:
        response = answer.response
        if (
            not self.sent
            or not isinstance(response, WriteHoldingRegisterResponse)
            or response.target != request.target
        ):
            return False
        if response.value != request.value:
            # Another client's. A refusal counts only if no better response arrives.
            self._refused = self._refused or response.error
        elif response.error:
            self.fail_attempt(self._refusal())
        else:
            self.answer.set_result(answer)
        return True

    def is_answered_by_damaged(self, frame: bytes) -> bool:
        """Return whether a damaged or cut frame was the response to this request.

        Device, function and first register decide; in a shorter frame, those it still has.
        """
        if not self.waiting or len(frame) <= _FUNCTION:
            return False
        device_address, function, first_register = self.request.target[1:4]
        if frame[_ADDRESS] != device_address or frame[_FUNCTION] & ~_ERROR != function:
            return False
        if len(frame) < _FIRST_REGISTER.stop:
            return not self.is_write
        return int.from_bytes(frame[_FIRST_REGISTER]) == first_register

    def fail_attempt(self, error: CommunicationError) -> None:
        """End the attempt under way, if there is one."""
        if self._attempt_error is not None and not self._attempt_error.done():
            self._attempt_error.set_result(error)

    def fail(self, error: Exception) -> None:
        """Raise an error in all callers that wait."""
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # there may be no caller left
