"""Split a stream of bytes, possibly damaged, into frames and decode them."""

import logging
import re
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from enum import Enum
from typing import NamedTuple, override

from .errors import ExceptionBase, InvalidFrame
from .pdu import BasePDU, LanConfigBroadcast, decode_request, decode_response
from .pdu.base import (
    COUNTED,
    COVERED,
    ENVELOPE,
    HEADER,
    HEARTBEAT,
    MARKER,
    TRANSPARENT,
    inner_length,
    intact,
)

_LOGGER = logging.getLogger(__name__)

_SHORTEST = ENVELOPE.size
_LONGEST = COUNTED + 300
"""Longer than any frame seen, which is 164 bytes."""
_REQUEST_SIZE = 34
_HEARTBEAT = re.compile(rb"YY\x00\x01\x00\x0d[\x00\x01]\x01[0-9A-Za-z*]{10}.", re.DOTALL)
_PARTIAL_MARKERS = (MARKER[:1], MARKER[:2], MARKER[:3])
_MUCH_NOISE = 100


class ChunkKind(Enum):
    """What a stretch of the stream is."""

    SOUND = "sound"
    """A whole frame, proven by its checksum or, lacking one, by its form."""
    DOUBTFUL = "doubtful"
    """A whole frame by its own account only."""
    BROKEN = "broken"
    """The beginning of a frame that another one cut short, or that was given up."""
    NOISE = "noise"
    """No frame."""


class Chunk(NamedTuple):
    """A stretch of the stream; all chunks in a row are the stream again."""

    kind: ChunkKind
    data: bytes


def split(stream: bytes, *, flush: bool = False) -> tuple[list[Chunk], bytes]:
    """Cut off the front of ``stream`` all that is certain; return the chunks and the rest.

    The rest, at most one frame, needs more bytes. ``flush`` stops waiting for those
    its first chunk lacks: repeated, it leaves nothing.
    """
    chunks: list[Chunk] = []
    start = 0
    while (marker := stream.find(MARKER, start)) >= 0:
        if marker > start:
            chunks.append(Chunk(ChunkKind.NOISE, stream[start:marker]))
        start = marker
        cut = _cut(stream, start)
        if cut is None:
            if not flush:
                return chunks, stream[start:]
            flush = False
            cut = _cut_anyhow(stream, start)
        kind, end = cut
        chunks.append(Chunk(kind, stream[start:end]))
        start = end
    # The last bytes may be the beginning of a marker.
    end = len(stream) if flush else max(start, len(stream) - len(MARKER) + 1)
    if end > start:
        chunks.append(Chunk(ChunkKind.NOISE, stream[start:end]))
    return chunks, stream[end:]


def _cut(stream: bytes, start: int) -> tuple[ChunkKind, int] | None:
    """Return what begins with the marker at ``start``, and where it ends.

    None if more bytes are needed. A frame with a valid checksum wins over any marker in
    it; any other ends where the next begins.
    """
    # No frame is this short, and an adapter's serial holds no marker.
    if (end := stream.find(MARKER, start + 1, start + _SHORTEST + 3)) >= 0:
        return ChunkKind.BROKEN, end
    if not (size := _claimed_size(stream, start)):
        return ChunkKind.NOISE, start + len(MARKER)
    end = start + size
    if end <= len(stream):
        return _judge(stream, start, end)
    # A valid frame after it shows that this one will not be completed.
    return (ChunkKind.BROKEN, first) if (first := _buried(stream, start)) else None


def _judge(stream: bytes, start: int, end: int) -> tuple[ChunkKind, int] | None:
    """Classify a whole frame, and return where it ends; None if more bytes are needed."""
    if _is_sound(stream[start:end]):
        inner = _overrun(stream, start, end)
        return (
            None
            if inner is None
            else (ChunkKind.BROKEN, inner)
            if inner
            else (ChunkKind.SOUND, end)
        )
    if inner := _next_frame(stream, start + _SHORTEST, end):
        return (ChunkKind.BROKEN, inner) if inner + HEADER <= len(stream) else None
    if _marker_begins(stream, end):
        return None
    return ChunkKind.DOUBTFUL, end


def _overrun(stream: bytes, start: int, end: int) -> int | None:
    """Return where a frame with a checksum of its own begins inside a sound one; 0 if nowhere.

    Then the outer checksum, over what is left of a frame and the next, is right by
    accident. None if more bytes are needed.
    """
    while start := _next_frame(stream, start + _SHORTEST, end):
        stop = start + _claimed_size(stream, start)
        if start + HEADER > len(stream) or stop > len(stream):
            return None
        if _has_checksum(stream[start:stop]):
            return start
    return 0


def _cut_anyhow(stream: bytes, start: int) -> tuple[ChunkKind, int]:
    """Classify the frame at ``start`` as if no more bytes followed."""
    end = start + _claimed_size(stream, start)
    if end <= len(stream) and _is_sound(stream[start:end]):
        return ChunkKind.SOUND, end
    if inner := _next_frame(stream, start + len(MARKER), len(stream)):
        return ChunkKind.BROKEN, inner
    if end <= len(stream):
        return ChunkKind.DOUBTFUL, end
    end = len(stream)
    return ChunkKind.BROKEN, end - _marker_begins(stream, end)


def _claimed_size(stream: bytes, start: int) -> int:
    """Return the announced size of the frame at ``start``, 0 if that cannot be a frame.

    While its header is incomplete, that is the size of the shortest frame.
    """
    if len(stream) < start + HEADER:
        return _SHORTEST
    size = COUNTED + (stream[start + 4] << 8 | stream[start + 5])
    unit, main_function = stream[start + 6], stream[start + 7]
    if unit > 1 or main_function not in (HEARTBEAT, TRANSPARENT):
        return 0
    return size if _SHORTEST <= size <= _LONGEST else 0


def _has_checksum(frame: bytes) -> bool:
    """Return whether a frame carries a checksum that is right, and two lengths that agree."""
    transparent = frame[HEADER - 1] == TRANSPARENT and len(frame) >= _REQUEST_SIZE
    return transparent and inner_length(frame) == len(frame) - COVERED and intact(frame)


def _is_sound(frame: bytes) -> bool:
    transparent = frame[HEADER - 1] == TRANSPARENT
    if transparent and len(frame) >= _REQUEST_SIZE and intact(frame):
        # One checksum in 65536 is right by accident; two lengths then still differ.
        return inner_length(frame) == len(frame) - COVERED or MARKER not in frame[HEADER:]
    # Without a checksum, the end could as well be the beginning of the next marker.
    return not frame.endswith(_PARTIAL_MARKERS) and (
        LanConfigBroadcast.is_lan_config(frame)
        if transparent
        else _HEARTBEAT.fullmatch(frame) is not None
    )


def _next_frame(stream: bytes, start: int, end: int) -> int:
    """Return where, from ``start`` on and before ``end``, a frame may begin; 0 if nowhere."""
    while (start := stream.find(MARKER, start, end + len(MARKER) - 1)) >= 0:
        if _claimed_size(stream, start):
            return start
        start += len(MARKER)
    return 0


def _buried(stream: bytes, start: int) -> int:
    """Return where the first frame begins inside the unfinished one at ``start``.

    0 unless there is a sound one among them.
    """
    first = start = _next_frame(stream, start + _SHORTEST, len(stream))
    while start:
        end = start + _claimed_size(stream, start)
        if end <= len(stream) and _is_sound(stream[start:end]):
            return first
        start = _next_frame(stream, start + len(MARKER), len(stream))
    return 0


def _marker_begins(stream: bytes, end: int) -> int:
    """Return how many bytes before ``end`` a marker may begin that is not all there; 0 if none."""
    for length in (3, 2, 1):
        if MARKER.startswith(stream[end - length :]):
            return length
    return 0


class Framer(ABC):
    """Cuts a stream into frames and reads them; one per connection, or reset for each.

    A partial frame holds up what follows it for ``hold_timeout`` seconds at most, and not
    at all once a sound frame has arrived behind it.
    """

    def __init__(
        self, *, hold_timeout: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience = hold_timeout
        self._clock = clock
        self._rest = b""
        self._held_up_since: float | None = None
        self._warned = False

    @property
    def pending(self) -> int:
        """The number of bytes that wait for more."""
        return len(self._rest)

    @property
    def partial(self) -> bytes:
        """The bytes that wait for more, such as the first part of a frame."""
        return self._rest

    def reset(self) -> None:
        """Forget what is left of a former connection."""
        self._rest = b""
        self._held_up_since = None

    def feed(self, data: bytes) -> list[BasePDU | ExceptionBase]:
        """Return the messages ``data`` completes, and an error for each frame that is none.

        Raises nothing. Without any data it only gives up what has waited too long.
        """
        now = self._clock()
        chunks: list[Chunk] = []
        if self._held_up_since is not None and now - self._held_up_since >= self._patience:
            chunks, self._rest = split(self._rest, flush=True)
            self._held_up_since = None
        more, rest = split(self._rest + data)
        if not rest.startswith(MARKER):
            self._held_up_since = None
        elif more or self._held_up_since is None:
            self._held_up_since = now
        self._rest = rest
        return [item for chunk in chunks + more if (item := self._read(chunk)) is not None]

    async def decode(self, data: bytes) -> AsyncIterator[BasePDU | ExceptionBase]:
        """Yield what ``feed`` returns."""
        for item in self.feed(data):
            yield item

    @abstractmethod
    def _decode(self, frame: bytes, *, verified: bool) -> BasePDU:
        """Return the message in a frame; raises InvalidFrame or InvalidPduState."""

    def _read(self, chunk: Chunk) -> BasePDU | ExceptionBase | None:
        kind, data = chunk
        if kind is ChunkKind.NOISE or len(data) < _SHORTEST:
            # One warning until a frame is found, not one for every chunk of noise.
            loud = len(data) > _MUCH_NOISE and not self._warned
            self._warned = self._warned or loud
            level = logging.WARNING if loud else logging.DEBUG
            _LOGGER.log(level, "Skipped %d bytes that are no frame", len(data))
            return None
        self._warned = False
        if kind is ChunkKind.BROKEN:
            return InvalidFrame(f"frame broken off after {len(data)} bytes", data)
        try:
            return self._decode(data, verified=kind is ChunkKind.SOUND)
        except ExceptionBase as err:
            return err


class ClientFramer(Framer):
    """Reads what an adapter sends."""

    @override
    def _decode(self, frame: bytes, *, verified: bool) -> BasePDU:
        return decode_response(frame, verified=verified)


class ServerFramer(Framer):
    """Reads what clients send."""

    @override
    def _decode(self, frame: bytes, *, verified: bool) -> BasePDU:
        return decode_request(frame, verified=verified)
