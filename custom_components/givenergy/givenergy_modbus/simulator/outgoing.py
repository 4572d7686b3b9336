"""An answer on its way, what a fault may do to it, and on what terms."""

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
"""The registers of a whole page."""


class Adapter(Protocol):
    """What a fault can do beyond the answer it spoils."""

    def heartbeat(self) -> bytes:
        """Return the frame of a heartbeat."""

    def foreign(self) -> bytes:
        """Return the frame of an answer to somebody else's question."""

    def mute(self, seconds: float) -> None:
        """OutgoingResponse nobody for a while."""

    def drop_connections(self, *, reset: bool = False) -> None:
        """Hang up on every client."""

    def fields(self, address: int) -> Iterable[RegisterField]:
        """Return the declared registers of the device at an address."""


@dataclass(slots=True)
class OutgoingResponse:
    """What one request is about to bring."""

    request: TransparentRequest
    adapter: Adapter
    random: Random
    response: TransparentResponse | None = None
    replaced: bool = False
    """The device need not be asked any more."""
    chunks: list[bytes] = field(default_factory=list)
    """The bytes to send, in as many pieces as the client shall receive."""
    delay: float = 0.0
    """Seconds to wait with the answer while others are answered."""

    @property
    def page(self) -> ReadRegistersResponse | None:
        """The registers the device told of, None if it told of none."""
        response = self.response
        return (
            response if isinstance(response, ReadRegistersResponse) and not response.error else None
        )

    @property
    def pack_page(self) -> ReadRegistersResponse | None:
        """The whole page of a low-voltage pack, None if this is something else."""
        page = self.page
        if page is None or page.device_address not in LV_BATTERY.addresses:
            return None
        whole = (page.bank, page.base_register, page.register_count) == (Bank.INPUT, 60, FULL_PAGE)
        return page if whole else None

    def replace_response(self, response: TransparentResponse | None) -> bool:
        """OutgoingResponse this instead of asking the device."""
        self.response, self.replaced = response, True
        return True

    def rewrite(self, words: Iterable[int]) -> bool:
        """Tell of other words in place of those of the page; return whether any differ."""
        page, fresh = self.page, tuple(words)
        assert page is not None
        if fresh == page.register_values:
            return False
        self.response = replace(page, register_values=fresh)
        return True


@dataclass(slots=True, eq=False)
class Injection:
    """The terms on which a fault is switched on."""

    times: int | None = None
    """How many answers it spoils before it goes away; None is until cleared."""
    address: int | None = None
    """Which device; None is any it can apply."""
    start: Register | None = None
    """Which block, by its first register; None is any."""
    probability: float = 1.0
    seconds: float = 1.0
    """How long a fault with a duration lasts."""
    memory: dict[Register, tuple[int, ...]] = field(default_factory=dict)

    def count_use(self) -> bool:
        """Count one answer spoilt, and return whether it was the last."""
        if self.times is None:
            return False
        self.times -= 1
        return self.times <= 0

    def matches(self, request: TransparentRequest) -> bool:
        """Whether the fault may apply the answer to a request."""
        if self.address is not None and request.device_address != self.address:
            return False
        return self.start is None or self.start == first_register(request)


def first_register(request: TransparentRequest) -> Register | None:
    """Return the first register a request is about."""
    match request:
        case ReadRegistersRequest(base_register=base):
            return Register.at(Bank(request.bank), base)
        case WriteHoldingRegisterRequest(register=register):
            return Register.at(Bank.HOLDING, register)
    return None
