"""The adapter's heartbeat, and the client's response to it."""

from dataclasses import dataclass
from typing import ClassVar, Self, override

from ..errors import InvalidFrame
from .base import ADAPTER_SERIAL, ENVELOPE, HEARTBEAT, BasePDU, Shape, adapter_serial


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatMessage(BasePDU):
    """A sign of life; it has neither an inner length nor a checksum."""

    main_function: ClassVar[int] = HEARTBEAT
    size: ClassVar[int] = ENVELOPE.size + 1
    """The bytes of its frame."""

    data_adapter_type: int = 1

    @property
    @override
    def shape(self) -> Shape:
        return (self.main_function, self.data_adapter_type)

    @override
    def ensure_valid_state(self) -> None:
        self._require("adapter type", self.data_adapter_type, 0, 0xFF)

    @override
    def _body(self) -> bytes:
        return bytes((self.data_adapter_type,))

    @classmethod
    @override
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        if len(frame) < cls.size:
            raise InvalidFrame("heartbeat without an adapter type", frame)
        return cls(
            data_adapter_serial_number=adapter_serial(frame),
            raw_frame=frame,
            data_adapter_type=frame[ENVELOPE.size],
        )


class HeartbeatResponse(HeartbeatMessage):
    """A client's response, repeating the adapter's type."""

    __slots__ = ()


class HeartbeatRequest(HeartbeatMessage):
    """Sent by an adapter to its clients every one to three minutes."""

    __slots__ = ()

    @property
    def expected_shape(self) -> Shape:
        """The shape of the answer."""
        return self.shape

    def answer(self, data_adapter_serial_number: str = ADAPTER_SERIAL) -> HeartbeatResponse:
        """Return the answer that keeps the connection; it is due within 5 seconds."""
        return HeartbeatResponse(
            data_adapter_serial_number=data_adapter_serial_number,
            data_adapter_type=self.data_adapter_type,
        )
