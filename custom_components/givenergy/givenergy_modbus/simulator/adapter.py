"""The data adapter: what is between a plant and everybody connected to it."""

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from logging import getLogger
from typing import Any

from ..crc import crc16
from ..exceptions import InvalidPduState
from ..framer import ServerFramer
from ..pdu import HeartbeatRequest, HeartbeatResponse, LanConfigBroadcast, TransparentRequest

_LOGGER = getLogger(__name__)

MISSED_HEARTBEATS = 3
LAN_PERIOD = 180.0
LAN_PREFIX = "WO"
"""Adapters whose serial begins like this announce their network addresses."""
PIECE_GAP = 0.003
"""Seconds between pieces of a frame that shall arrive apart."""

_BACKLOG = 1 << 18
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True, eq=False)
class _Client:
    """Somebody connected."""

    writer: asyncio.StreamWriter
    framer: ServerFramer = field(default_factory=ServerFramer)
    unanswered: int = 0
    """Heartbeats in a row without an answer."""

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection, or break it off."""
        if reset:
            connection = self.writer.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.writer.transport.abort()
        else:
            self.writer.close()


class DataAdapter:
    """Passes on what clients ask, and tells everybody everything."""

    def __init__(
        self,
        serial: str,
        hear: Callable[[TransparentRequest], None],
        *,
        idle_timeout: float | None = None,
        max_clients: int | None = None,
        lan_addresses: tuple[str, str, str] = ("192.168.0.77", "255.255.255.0", "192.168.0.1"),
    ) -> None:
        """Pass what is asked to ``hear``."""
        self.serial = serial
        self._hear = hear
        self._idle_timeout = idle_timeout
        self._max_clients = max_clients
        self._lan_addresses = lan_addresses
        self._clients: set[_Client] = set()
        self._line = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Start listening, and return where."""
        self._server = await asyncio.start_server(self._attend, host, port)
        if self.serial.startswith(LAN_PREFIX):
            self.spawn(regularly(LAN_PERIOD, self.announce))
        found: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return found

    async def close(self) -> None:
        """Hang up on everybody and stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self.drop_connections()
            await self._server.wait_closed()
            self._server = None

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside, until this closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def drop_connections(self, *, reset: bool = False) -> None:
        """Hang up on every client, or break the connections off."""
        for client in list(self._clients):
            client.hang_up(reset=reset)

    def heartbeat(self) -> bytes:
        """Return the frame of a heartbeat."""
        return HeartbeatRequest(data_adapter_serial_number=self.serial).encode()

    def reckon(self) -> None:
        """Count a heartbeat sent to everybody, and hang up on those who missed three."""
        for client in list(self._clients):
            if client.unanswered >= MISSED_HEARTBEATS:
                client.hang_up()
            client.unanswered += 1

    async def beat(self) -> None:
        """Send everybody a heartbeat."""
        self.reckon()
        await self.send(self.heartbeat())

    async def announce(self) -> None:
        """Send everybody the adapter's network addresses."""
        ip, netmask, gateway = self._lan_addresses
        text = f"{ip},{netmask},{gateway}\r\n\r\n".encode()
        message = LanConfigBroadcast(
            data_adapter_serial_number=self.serial,
            ip=ip,
            netmask=netmask,
            gateway=gateway,
            check=crc16(text).to_bytes(2, "little"),
        )
        await self.send(message.encode())

    async def send(self, *pieces: bytes) -> None:
        """Send bytes to every client, in pieces that arrive apart."""
        async with self._line:
            for number, piece in enumerate(pieces):
                if number:
                    await asyncio.sleep(PIECE_GAP)
                for client in list(self._clients):
                    if client.writer.transport.get_write_buffer_size() > _BACKLOG:
                        client.hang_up(reset=True)
                    else:
                        client.writer.write(piece)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Listen to one client until it, or we, hang up."""
        client = _Client(writer)
        if self._max_clients is not None and len(self._clients) >= self._max_clients:
            client.hang_up(reset=True)
            return
        self._clients.add(client)
        try:
            with suppress(OSError, TimeoutError):
                while data := await asyncio.wait_for(reader.read(4096), self._idle_timeout):
                    for item in client.framer.feed(data):
                        self._take(client, item)
        finally:
            self._clients.discard(client)
            writer.close()

    def _take(self, client: _Client, item: object) -> None:
        match item:
            case HeartbeatResponse():
                client.unanswered = 0
            case TransparentRequest():
                self._hear(item)
            case InvalidPduState(pdu=TransparentRequest() as request):
                self._hear(request)
            case _:
                _LOGGER.debug("Not understood: %s", item)


async def regularly(period: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do something again and again, first after one period."""
    while True:
        await asyncio.sleep(period)
        await work()
