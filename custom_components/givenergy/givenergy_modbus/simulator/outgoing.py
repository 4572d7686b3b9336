"""A response on its way to the clients, and the conditions of faults."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from ..model.device_kinds import LV_BATTERY
from ..model.register import Bank, Register, RegisterField
from ..pdu import (
    ReadRegistersRequest,
    ReadRegistersResponse,
    TransparentRequest,
    TransparentResponse,
    WriteHoldingRegisterRequest,
)

FULL_PAGE = 60
"""Registers in a full page."""


class Adapter(Protocol):
    """What a fault can do beyond changing the response."""

    def heartbeat(self) -> bytes:
        """Return a heartbeat frame."""

    def foreign(self) -> bytes:
        """Return a response frame to another client's request."""

    def mute(self, seconds: float) -> None:
        """Respond to nothing for some seconds."""

    def drop_connections(self, *, reset: bool = False) -> None:
        """Close all connections."""

    def fields(self, address: int) -> Iterable[RegisterField]:
        """Return the declared registers of the device at an address."""


@dataclass(slots=True)
class OutgoingResponse:
    """The response to one request, before it is sent."""

    request: TransparentRequest
    adapter: Adapter
    random: Random
    response: TransparentResponse | None = None
    replaced: bool = False
    """The response replaces the device's own."""
    chunks: list[bytes] = field(default_factory=list)
    """The bytes to send; several items arrive as separate packets."""
    delay: float = 0.0
    """Seconds to delay the response while others are served."""

    @property
    def page(self) -> ReadRegistersResponse | None:
        """The read response, None for an exception, a write or silence."""
        response = self.response
        return (
            response if isinstance(response, ReadRegistersResponse) and not response.error else None
        )

    @property
    def pack_page(self) -> ReadRegistersResponse | None:
        """The full page of a low-voltage pack, None if it is another response."""
        page = self.page
        if page is None or page.device_address not in LV_BATTERY.addresses:
            return None
        whole = (page.bank, page.base_register, page.register_count) == (Bank.INPUT, 60, FULL_PAGE)
        return page if whole else None

    def replace_response(self, response: TransparentResponse | None) -> bool:
        """Send this response instead of the device's."""
        self.response, self.replaced = response, True
        return True

    def rewrite(self, words: Iterable[int]) -> bool:
        """Replace the page's words; return whether any differ."""
        page, fresh = self.page, tuple(words)
        assert page is not None
        if fresh == page.register_values:
            return False
        self.response = replace(page, register_values=fresh)
        return True


@dataclass(slots=True, eq=False)
class Injection:
    """The conditions of an injected fault."""

    times: int | None = None
    """Number of responses it affects; None until cleared."""
    address: int | None = None
    """Device address; None for all."""
    start: Register | None = None
    """First register of the block; None for all."""
    probability: float = 1.0
    seconds: float = 1.0
    """Duration of a timed fault."""
    memory: dict[Register, tuple[int, ...]] = field(default_factory=dict)

    def count_use(self) -> bool:
        """Count one affected response, and return whether it was the last."""
        if self.times is None:
            return False
        self.times -= 1
        return self.times <= 0

    def matches(self, request: TransparentRequest) -> bool:
        """Return whether the fault applies to a request."""
        if self.address is not None and request.device_address != self.address:
            return False
        return self.start is None or self.start == first_register(request)


def first_register(request: TransparentRequest) -> Register | None:
    """Return the first register of a request."""
    match request:
        case ReadRegistersRequest(base_register=base):
            return Register.at(Bank(request.bank), base)
        case WriteHoldingRegisterRequest(register=register):
            return Register.at(Bank.HOLDING, register)
    return None
