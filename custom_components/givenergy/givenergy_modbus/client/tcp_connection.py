"""One TCP connection to a data adapter, with its framer."""

import asyncio
import contextlib
from collections.abc import Callable
from logging import WARNING, getLogger
from time import monotonic
from typing import Protocol, Self

from ..exceptions import CommunicationError, ConnectionLost, ExceptionBase, InvalidFrame
from ..framer import ClientFramer
from ..pdu import BasePDU

_LOGGER = getLogger(__name__)

_CHUNK = 300
_DRAIN_LIMIT = 10.0
_CLOSE_LIMIT = 2.0
_STALL = 0.3
"""Seconds without a byte after which a partial frame counts as cut."""
_MOST_UNSENT = 16_384
"""Bytes a peer may leave unread before the connection is given up."""

type Tap = Callable[[str, bytes], object]
"""Called with every chunk of bytes and its direction, ``rx`` or ``tx``."""


class Owner(Protocol):
    """The object that uses a connection."""

    tap: Tap

    def received(self, connection: Connection, item: BasePDU | ExceptionBase) -> None:
        """Handle a received message, or the error of a frame that could not be read."""

    def lost(self, connection: Connection, error: ConnectionLost) -> None:
        """Handle the loss of the connection; not called when the owner closes it."""


class Connection:
    """A connection with a framer of its own, so that nothing survives from the last one."""

    def __init__(
        self, owner: Owner, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._owner = owner
        self._reader = reader
        self._writer = writer
        self._framer = ClientFramer()
        self._ended = False
        self.trusted = False
        """Whether the plant at the other end is known to be the right one."""
        self.heard_at = float("-inf")
        """When the last byte came in, by the event loop's clock."""
        self._listener = asyncio.create_task(self._listen(), name="givenergy reader")

    @classmethod
    async def open(cls, owner: Owner, host: str, port: int, timeout: float) -> Self:
        """Connect; raises CommunicationError on failure or time-out."""
        try:
            async with asyncio.timeout(timeout):
                reader, writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError, UnicodeError, OverflowError) as err:
            # The last two for a name or a port that cannot be one.
            raise CommunicationError(f"Error connecting to {host}:{port}") from err
        return cls(owner, reader, writer)

    @property
    def alive(self) -> bool:
        """Whether the connection is open, as far as is known."""
        return not self._ended

    def write(self, frame: bytes) -> None:
        """Send a frame, without waiting for it to leave."""
        if self._ended:
            return
        if self._writer.transport.get_write_buffer_size() > _MOST_UNSENT:
            self._lose("the connection does not take what is sent", None)
            return
        self._writer.write(frame)
        self._owner.tap("tx", frame)

    async def send(self, frame: bytes) -> None:
        """Send a frame; a connection error is reported to the owner."""
        self.write(frame)
        try:
            async with asyncio.timeout(_DRAIN_LIMIT):
                await self._writer.drain()
        except (OSError, TimeoutError) as err:
            self._lose("the connection does not take what is sent", err)

    async def close(self) -> None:
        """Close the connection and wait until nothing of it is left; never raises."""
        self._ended = True
        # First, because the rest may be cancelled.
        self._writer.close()
        self._listener.cancel()
        await asyncio.wait({self._listener})
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE_LIMIT):
                await self._writer.wait_closed()

    async def _listen(self) -> None:
        problem: Exception | None = None
        try:
            while chunk := await self._read():
                self.heard_at = asyncio.get_running_loop().time()
                self._owner.tap("rx", chunk)
                for item in self._framer.feed(chunk):
                    self._owner.received(self, item)
                # Data that has arrived already is read without yielding.
                await asyncio.sleep(0)
        except OSError as err:
            problem = err
        except Exception as err:
            # Pending requests have to fail rather than wait forever.
            _LOGGER.exception("Reading from the connection failed")
            problem = err
        self._lose("the connection was closed by the other end", problem)

    async def _read(self) -> bytes:
        """Return the next bytes, none at the end; report a partial frame that stalls."""
        if self._framer.pending:
            try:
                async with asyncio.timeout(_STALL):
                    return await self._reader.read(_CHUNK)
            except TimeoutError:
                rest = self._framer.partial
                self._owner.received(self, InvalidFrame("incomplete frame", rest))
        return await self._reader.read(_CHUNK)

    def _lose(self, why: str, problem: Exception | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._writer.close()
        error = ConnectionLost(f"{why}: {problem}" if problem else why)
        error.__cause__ = problem
        self._owner.lost(self, error)


class ConnectionLossLogger:
    """Logs lost connections with a limited rate.

    Some adapters drop quiet connections every few seconds, for hours.
    """

    quiet = 300.0
    """Seconds between two warnings."""

    def __init__(self, level: int = WARNING) -> None:
        """Set the level of the lines that are not suppressed."""
        self._level = level
        self._last = self._warned_at = float("-inf")
        self._suppressed = 0

    def note(self, error: ConnectionLost) -> None:
        """Log a loss, with the number of suppressed ones, or else at debug level."""
        now = monotonic()
        if now - self._last >= self.quiet:
            self._warned_at, self._suppressed = now, 0
            _LOGGER.log(self._level, "Lost the connection: %s", error)
        elif now - self._warned_at >= self.quiet:
            count, self._warned_at, self._suppressed = self._suppressed + 1, now, 0
            _LOGGER.log(self._level, "Lost the connection %d more times: %s", count, error)
        else:
            self._suppressed += 1
            _LOGGER.debug("Lost the connection: %s", error)
        self._last = now
