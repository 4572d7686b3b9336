"""Recordings of the traffic for a bug report, without serial numbers and addresses."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable

from ..crc import crc16
from ..exceptions import ExceptionBase
from ..framer import Chunk, ChunkKind, split
from ..model.redaction import redact_serial, redact_words
from ..model.register import Bank, Register
from ..pdu import (
    MAX_REGISTERS,
    BasePDU,
    HeartbeatMessage,
    LanConfigBroadcast,
    NullResponse,
    ReadRegistersResponse,
    TransparentResponse,
    decode_request,
    decode_response,
)
from ..pdu.base import (
    ADAPTER_SERIAL_FIELD,
    CHECK_SIZE,
    COVERED,
    DEVICE_SERIAL_FIELD,
    INNER_LENGTH_FIELD,
)

_LOGGER = logging.getLogger(__name__)

type Sink = Callable[[str, bytes], object]
"""Takes the direction, ``rx`` or ``tx``, and the bytes of a frame."""

_REQUEST_RANGE = slice(DEVICE_SERIAL_FIELD.start, DEVICE_SERIAL_FIELD.start + 4)
_RESPONSE_RANGE = slice(DEVICE_SERIAL_FIELD.stop, DEVICE_SERIAL_FIELD.stop + 4)
_DIGIT = re.compile(rb"\d")
_SHOWN_OR_DIGITS = re.compile(rb"([A-Z]{2}\d{4}[A-Z]000|[A-Z]{3}\d{4}000)|\d{3,}")


class FrameRedactor:
    """Blanks what names a device or a network in one direction's bytes.

    Every byte comes out again, in its place: serials keep family and date, and what
    cannot be read keeps only its device address and registers.
    """

    def __init__(self, direction: str | None = "rx") -> None:
        """Initialize for a direction: ``rx`` is what the adapter sends, None is unknown."""
        self._receives = direction != "tx"
        self._decoders = {"rx": (decode_response,), "tx": (decode_request,)}.get(
            direction or "", (decode_response, decode_request)
        )
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """Return the frames ``data`` completes."""
        return b"".join(self.frames(data))

    def flush(self) -> bytes:
        """Return what still waits for more bytes."""
        return b"".join(self.last_frames())

    def frames(self, data: bytes) -> list[bytes]:
        """Return the frames ``data`` completes, one by one."""
        chunks, self._rest = split(self._rest + data)
        return [self._redact(chunk) for chunk in chunks]

    def last_frames(self) -> list[bytes]:
        """Return what still waits for more bytes, frame by frame."""
        chunks: list[Chunk] = []
        while self._rest:
            more, self._rest = split(self._rest, flush=True)
            chunks += more
        return [self._redact(chunk) for chunk in chunks]

    def _redact(self, chunk: Chunk) -> bytes:
        """Return a stretch of the stream with everything private blanked."""
        if chunk.kind is ChunkKind.NOISE:
            # It may be the end of a frame whose beginning was missed.
            return _DIGIT.sub(b"0", chunk.data)
        frame = bytearray(chunk.data)
        frame[ADAPTER_SERIAL_FIELD] = _redact_envelope_serial(frame[ADAPTER_SERIAL_FIELD])
        message = self._read(chunk)
        if message is None:
            self._blank(frame)
        elif isinstance(message, LanConfigBroadcast):
            frame[COVERED:-CHECK_SIZE] = _DIGIT.sub(b"0", frame[COVERED:-CHECK_SIZE])
        elif isinstance(message, HeartbeatMessage):
            _zero(frame, message.size, len(frame))
        else:
            self._redact_message(frame, message)
        return bytes(frame)

    def _read(self, chunk: Chunk) -> BasePDU | None:
        if chunk.kind is ChunkKind.BROKEN:
            return None
        error: ExceptionBase | None = None
        for decode in self._decoders:
            try:
                return decode(chunk.data)
            except ExceptionBase as err:
                error = error or err
        _LOGGER.warning("Blanking a frame that cannot be decoded: %s", error)
        return None

    def _blank(self, frame: bytearray) -> None:
        """Leave of a frame's payload the device, the function, and the range if it is one."""
        registers = _RESPONSE_RANGE if self._receives else _REQUEST_RANGE
        about = bytes(frame[registers])
        _zero(frame, COVERED + 2, len(frame))
        # No three characters of a serial can be taken for a count, nor for a length.
        if len(about) == 4 and int.from_bytes(about[2:]) <= MAX_REGISTERS:
            frame[registers] = about
        if any(frame[INNER_LENGTH_FIELD][:-2]):
            frame[INNER_LENGTH_FIELD] = bytes(len(frame[INNER_LENGTH_FIELD]))
        frame[:] = _SHOWN_OR_DIGITS.sub(_shown, frame)

    def _redact_message(self, frame: bytearray, message: BasePDU) -> None:
        """Blank serials at the places of this message type, and all that follows the message."""
        original = bytes(frame)
        is_response = isinstance(message, TransparentResponse)
        known = _RESPONSE_RANGE.stop if is_response else _REQUEST_RANGE.stop
        if isinstance(message, NullResponse):
            known = DEVICE_SERIAL_FIELD.stop
        if is_response:
            frame[DEVICE_SERIAL_FIELD] = _redact_envelope_serial(frame[DEVICE_SERIAL_FIELD])
        if isinstance(message, ReadRegistersResponse):
            words = _redacted_values(message)
            frame[known : known + len(words)] = words
            known += len(words)
        _zero(frame, known, len(frame) - CHECK_SIZE)
        _check_again(frame, original)


def redact_bytes(data: bytes, direction: str | None = None) -> bytes:
    """Return bytes with frames redacted, and digits zeroed in what is no frame."""
    redactor = FrameRedactor(direction)
    return redactor.feed(data) + redactor.flush()


def _redact_envelope_serial(serial: bytes | bytearray) -> bytes:
    """Return a serial as it may be shown; asterisks for one of no known shape."""
    if not any(serial):
        return bytes(serial)
    shown = redact_serial(serial.decode("latin-1"), strict=True)
    return shown.encode("latin-1") or b"*" * len(serial)


def _redacted_values(message: ReadRegistersResponse) -> bytes:
    first = Register.at(Bank(message.bank), message.base_register)
    words = {Register(first + n): value for n, value in enumerate(message.register_values)}
    redacted = redact_words(words, message.device_address)
    raw = b"".join(redacted[register].to_bytes(2) for register in words)
    # Where bytes got lost or changed, a serial may be anywhere and look like nothing.
    return _SHOWN_OR_DIGITS.sub(_shown, raw) if message.crc_failed else raw


def _shown(match: re.Match[bytes]) -> bytes:
    """Return a serial without its unit as it is, and zeros for other digits."""
    return match[1] or b"0" * len(match[0])


def _check_again(frame: bytearray, original: bytes) -> None:
    """Renew a frame's checksum; one that was wrong stays wrong by the same bits."""
    error = crc16(original[COVERED:-CHECK_SIZE]) ^ int.from_bytes(original[-CHECK_SIZE:], "little")
    crc = crc16(bytes(frame[COVERED:-CHECK_SIZE])) ^ error
    frame[-CHECK_SIZE:] = crc.to_bytes(CHECK_SIZE, "little")


def _zero(frame: bytearray, start: int, stop: int) -> None:
    if stop > start:
        frame[start:stop] = bytes(stop - start)


class FrameTee:
    """Shows a connection's traffic to one sink at a time."""

    def __init__(self) -> None:
        """Initialize without a sink."""
        self._sink: Sink | None = None
        self._redactors: dict[str, FrameRedactor] = {}

    def __call__(self, direction: str, data: bytes) -> None:
        """Show bytes that just went over the wire, ``rx`` or ``tx``."""
        if self._sink is not None:
            self._show(direction, self._redactors[direction].frames(data))

    async def watch(self, sink: Sink, duration: float) -> None:
        """Show everything to a sink for so many seconds; RuntimeError if another is shown it."""
        if self._sink is not None:
            raise RuntimeError("a frame capture is already running on this client")
        self._sink = sink
        self._redactors = {direction: FrameRedactor(direction) for direction in ("rx", "tx")}
        try:
            await asyncio.sleep(duration)
        finally:
            for direction, redactor in self._redactors.items():
                self._show(direction, redactor.last_frames())
            self._sink = None

    def _show(self, direction: str, frames: Iterable[bytes]) -> None:
        for frame in frames:
            try:
                if self._sink is not None:
                    self._sink(direction, frame)
            except Exception:
                _LOGGER.exception("The capture's sink failed")
