"""What all messages have in common: the envelope, the serials, the checksum.

Every frame starts with a marker, the number of bytes that follow, a unit id, the
main function and the serial of the data adapter. A transparent frame goes on with
an inner length and, from there to its end, what is an ordinary Modbus RTU message
but for the device's serial in every answer.
"""

import struct
from dataclasses import dataclass, field
from typing import ClassVar, Self, override

from ..crc import crc16
from ..errors import InvalidPduState

MARKER = b"YY\x00\x01"
"""The four bytes every frame begins with."""

HEARTBEAT = 0x01
TRANSPARENT = 0x02
ERROR = 0x80
"""Set in the function of an exception, the answer of a device that refuses."""

MAX_REGISTERS = 60
"""The most registers one request may ask for."""

INVERTER_ADDRESS = 0x11
"""Where the inverter (or EMS controller, or gateway) answers, on every model."""

ADAPTER_SERIAL = "AB1234G567"
"""The serial a client sends as its own; adapters ignore it."""

ENVELOPE = struct.Struct(">4sHBB10s")
"""Marker, length of the rest, unit id, main function, adapter serial."""

COUNTED = 6
"""Where the part begins that the length counts."""

HEADER = 8
"""Where the header ends: marker, length, unit id and main function."""

ADAPTER_SERIAL_FIELD = slice(HEADER, ENVELOPE.size)
"""Where the data adapter's serial is."""

_INNER_LENGTH = struct.Struct(">Q")

INNER_LENGTH_FIELD = slice(ENVELOPE.size, ENVELOPE.size + _INNER_LENGTH.size)
"""Where the inner length of a transparent frame is."""

COVERED = INNER_LENGTH_FIELD.stop
"""Where the part begins that inner length and checksum cover; first the device address."""

DEVICE_SERIAL_FIELD = slice(COVERED + 2, COVERED + 12)
"""Where the serial of the device is in a response."""

CHECK_SIZE = 2
"""Bytes of the checksum that ends a transparent frame."""

_ANSWER = struct.Struct(">B10s")
_SERIAL_LENGTH = 10
_UNIT = 0x01

type Shape = tuple[int, ...]
"""What ties an answer to its request, there being no transaction ids."""


def intact(frame: bytes) -> bool:
    """Return whether a transparent frame ends with the checksum of what it carries."""
    return crc16(frame[COVERED:-2]) == frame[-2] | frame[-1] << 8


def inner_length(frame: bytes) -> int:
    """Return the announced number of bytes of a transparent frame from its device address on."""
    (length,) = _INNER_LENGTH.unpack_from(frame, ENVELOPE.size)
    return int(length)


def is_integer(number: object) -> bool:
    """Return whether this is a number a register can hold, which a bool is not."""
    return isinstance(number, int) and not isinstance(number, bool)


def adapter_serial(frame: bytes) -> str:
    """Return the data adapter's serial; NULs stay, some devices send them."""
    return frame[ADAPTER_SERIAL_FIELD].decode("latin-1")


def device_serial(frame: bytes) -> str:
    """Return the serial of the device that answered; NULs stay."""
    return frame[DEVICE_SERIAL_FIELD].decode("latin-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class BasePDU:
    """One message, in either direction."""

    # No ABC: its metaclass has a method "register", which a write's field would default to.

    data_adapter_serial_number: str = ADAPTER_SERIAL
    raw_frame: bytes = field(default=b"", repr=False, compare=False)
    """The bytes this message was read from; empty if it was not."""

    main_function: ClassVar[int]

    @property
    def shape(self) -> Shape:
        """What an answer and its request have in common, and no other pair."""
        raise NotImplementedError

    @classmethod
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        """Read the message from a frame whose envelope has been looked at.

        Raises InvalidFrame or, for too few bytes, ``struct.error``.
        """
        raise NotImplementedError

    def ensure_valid_state(self) -> None:
        """Raise InvalidPduState if this cannot be sent."""
        raise NotImplementedError

    def encode(self) -> bytes:
        """Return the frame that carries this message; raises InvalidPduState."""
        self.ensure_valid_state()
        serial = self._serial(self.data_adapter_serial_number)
        body = self._body()
        length = len(body) + ENVELOPE.size - COUNTED
        return ENVELOPE.pack(MARKER, length, _UNIT, self.main_function, serial) + body

    def _body(self) -> bytes:
        """Return what follows the adapter's serial."""
        raise NotImplementedError

    def _seal(self, covered: bytes, check: bytes) -> bytes:
        return _INNER_LENGTH.pack(len(covered) + len(check)) + covered + check

    def _serial(self, serial: str) -> bytes:
        """Return a serial as it is sent: its end, filled up with asterisks in front."""
        try:
            return serial[-_SERIAL_LENGTH:].rjust(_SERIAL_LENGTH, "*").encode("latin-1")
        except UnicodeEncodeError as err:
            raise InvalidPduState(f"serial {serial!r} is not Latin-1", self) from err

    def _require(self, what: str, value: int, low: int, high: int) -> None:
        if not is_integer(value) or not low <= value <= high:
            raise InvalidPduState(f"{what} must be from {low} to {high}, not {value!r}", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransparentMessage(BasePDU):
    """A message to or from a device behind the adapter."""

    device_address: int = INVERTER_ADDRESS
    crc_failed: bool = False
    """The checksum did not match: the contents are not valid."""

    main_function: ClassVar[int] = TRANSPARENT
    function: ClassVar[int]

    @property
    @override
    def shape(self) -> Shape:
        return (self.main_function, self.device_address, self.function, *self._key)

    @property
    def target(self) -> Shape:
        """Device, function and first register: as much as an exception repeats reliably."""
        return self.shape[:4]

    @override
    def ensure_valid_state(self) -> None:
        self._require("device address", self.device_address, 0, 0xFF)

    @property
    def _key(self) -> Shape:
        """Return what distinguishes this message from others of its kind to the same device."""
        raise NotImplementedError

    def _data(self) -> bytes:
        """Return what follows the function or, in an answer, the device's serial."""
        raise NotImplementedError

    def _head(self) -> bytes:
        return bytes((self.device_address, self.function))

    def _check(self, covered: bytes) -> bytes:
        return crc16(covered).to_bytes(2, "little")

    @override
    def _body(self) -> bytes:
        covered = self._head() + self._data()
        return self._seal(covered, self._check(covered))


class TransparentRequest(TransparentMessage):
    """A message a client sends to a device."""

    __slots__ = ()

    @property
    def expected_shape(self) -> Shape:
        """The shape of the answer."""
        return self.shape

    def is_refused_by(self, response: TransparentResponse) -> bool:
        """Return whether this is the exception response to the request."""
        return response.error and response.target == self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class TransparentResponse(TransparentMessage):
    """A message a device answers with."""

    inverter_serial_number: str = ""
    """The serial of the device that answered, which need not be an inverter."""
    error: bool = False
    """This is an exception response: the device refused the request, without a reason."""

    @override
    def _head(self) -> bytes:
        function = self.function | ERROR if self.error else self.function
        return bytes((self.device_address,)) + _ANSWER.pack(
            function, self._serial(self.inverter_serial_number)
        )
