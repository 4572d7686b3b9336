"""One TCP connection to an adapter, from being opened to being lost."""

import asyncio
import contextlib
from collections.abc import Callable
from logging import getLogger
from time import monotonic
from typing import Protocol, Self

from ..exceptions import CommunicationError, ConnectionLost, ExceptionBase
from ..framer import ClientFramer
from ..pdu import BasePDU

_LOGGER = getLogger(__name__)

_CHUNK = 300
_DRAIN_LIMIT = 10.0
_CLOSE_LIMIT = 2.0

type Tap = Callable[[str, bytes], object]
"""Somebody who sees every byte, with the direction it goes: ``rx`` or ``tx``."""


class Owner(Protocol):
    """Who a link works for."""

    tap: Tap

    def received(self, link: Link, item: BasePDU | ExceptionBase) -> None:
        """Take what came in."""

    def lost(self, link: Link, error: ConnectionLost) -> None:
        """Learn that nothing more will come; called once, unless the owner closes the link."""


class Link:
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
        """Connect; raises CommunicationError when nobody is there in time."""
        try:
            async with asyncio.timeout(timeout):
                reader, writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError, UnicodeError, OverflowError) as err:
            # The last two for a name or a port that cannot be one.
            raise CommunicationError(f"Error connecting to {host}:{port}") from err
        return cls(owner, reader, writer)

    @property
    def alive(self) -> bool:
        """Whether it can still be used, as far as anybody knows."""
        return not self._ended

    def write(self, frame: bytes) -> None:
        """Send a frame, without waiting for it to leave."""
        if self._ended:
            return
        self._writer.write(frame)
        self._owner.tap("tx", frame)

    async def send(self, frame: bytes) -> None:
        """Send a frame; what is wrong with the connection is told to the owner."""
        self.write(frame)
        try:
            async with asyncio.timeout(_DRAIN_LIMIT):
                await self._writer.drain()
        except (OSError, TimeoutError) as err:
            self._lose("the connection does not take what is sent", err)

    async def close(self) -> None:
        """Close the connection and wait until nothing of it is left; never raises."""
        self._ended = True
        # First of all, for whoever waits for the rest may be cancelled.
        self._writer.close()
        self._listener.cancel()
        await asyncio.wait({self._listener})
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE_LIMIT):
                await self._writer.wait_closed()

    async def _listen(self) -> None:
        problem: Exception | None = None
        try:
            while chunk := await self._reader.read(_CHUNK):
                self.heard_at = asyncio.get_running_loop().time()
                self._owner.tap("rx", chunk)
                for item in self._framer.feed(chunk):
                    self._owner.received(self, item)
        except OSError as err:
            problem = err
        except Exception as err:
            # Whoever waits must learn of it, rather than wait for ever.
            _LOGGER.exception("Reading from the connection failed")
            problem = err
        self._lose("the connection was closed by the other end", problem)

    def _lose(self, why: str, problem: Exception | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._writer.close()
        error = ConnectionLost(f"{why}: {problem}" if problem else why)
        error.__cause__ = problem
        self._owner.lost(self, error)


class LossLog:
    """Says that connections are being lost, once in a while and not every time.

    Some adapters drop quiet connections every few seconds, for hours.
    """

    quiet = 300.0
    """Seconds after which the next loss is news again."""

    def __init__(self) -> None:
        self._last = self._told = float("-inf")
        self._untold = 0

    def note(self, where: str, error: ConnectionLost) -> None:
        """Log a loss: as a warning if it is news, with the number of those that were not."""
        now = monotonic()
        if now - self._last >= self.quiet:
            self._told, self._untold = now, 0
            _LOGGER.warning("Lost the connection to %s: %s", where, error)
        elif now - self._told >= self.quiet:
            count, self._told, self._untold = self._untold + 1, now, 0
            _LOGGER.warning("Lost the connection to %s %d more times: %s", where, count, error)
        else:
            self._untold += 1
            _LOGGER.debug("Lost the connection to %s: %s", where, error)
        self._last = now
