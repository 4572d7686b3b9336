"""One request, from being asked for to being answered, however often it is put."""

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


class Answer(NamedTuple):
    """What a device said, and what the plant made of it."""

    response: TransparentResponse
    verdict: Verdict


class CorruptedResponse(ResponseTimeout):
    """The answer was wiped out on its way; there is no point in waiting for it."""


class ExceptionResponse(ResponseTimeout):
    """The device answered, and only to say that it will not tell."""


class PendingRequest:
    """A request that one or more callers wait for.

    Its answer is whatever message has its shape, to whichever attempt and whoever
    asked. A write is more particular: only what follows our own frame counts, and
    only an acknowledgement of the value it carries.
    """

    def __init__(self, request: TransparentRequest, policy: RetryPolicy, *, probing: bool) -> None:
        self.request = request
        self.policy = policy
        self.probing = probing
        """Nobody knows whether there is anything to answer."""
        self.waiters = 0
        self.sent = False
        """Whether the frame has left at least once."""
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None
        self._attempt_error: asyncio.Future[CommunicationError] | None = None
        self._doubtful: Answer | None = None

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
        """Whether the frame is out and neither answered nor given up."""
        return self._attempt_error is not None

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return isinstance(self.request, WriteHoldingRegisterRequest)

    def mark_sent(self) -> None:
        """Note that the frame is leaving: from now on it may be answered or refused."""
        self.sent = True
        self._attempt_error = asyncio.get_running_loop().create_future()

    def is_shared_by(self, request: TransparentRequest) -> bool:
        """Whether another caller's request is answered by the same message: a read's is."""
        return (
            not self.answer.done()
            and not self.is_write
            and request.expected_shape == self.request.expected_shape
        )

    async def wait(self) -> CommunicationError | None:
        """Wait for an answer to the frame that has just left; return what was wrong, if anything.

        The clock starts now.
        """
        error = self._attempt_error
        assert error is not None
        try:
            either: set[asyncio.Future[Any]] = {self.answer, error}
            await asyncio.wait(
                either,
                timeout=self.policy.timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            self._attempt_error = None
        if self.answer.done():
            return None
        if error.done():
            return error.result()
        return self._fall_back()

    def _fall_back(self) -> CommunicationError | None:
        """Take, at the end of the wait, what was not quite the answer."""
        if (doubtful := self._doubtful) is not None:
            if doubtful.response.error:
                return self._refusal()
            self.answer.set_result(doubtful)
            return None
        return ResponseTimeout(f"no answer to {self} in {self.policy.timeout:g} s")

    def _refusal(self) -> CommunicationError:
        if self.is_write:
            return WriteRefused(f"the device refused {self}")
        return ExceptionResponse(f"{self} was answered with an exception")

    def offer(self, answer: Answer) -> bool:
        """Take a message as the answer if it is; return whether it had to do with this."""
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
            # Somebody else's, or the value the device made of ours: time will tell.
            self._doubtful = answer
        elif response.error:
            self.fail_attempt(self._refusal())
        else:
            self.answer.set_result(answer)
        return True

    def fail_attempt(self, error: CommunicationError) -> None:
        """End the wait for this attempt, if one is under way."""
        if self._attempt_error is not None and not self._attempt_error.done():
            self._attempt_error.set_result(error)

    def fail(self, error: Exception) -> None:
        """Give everybody who waits this error in place of an answer."""
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # nobody may be waiting any more
