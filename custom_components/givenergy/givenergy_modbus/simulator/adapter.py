"""The data adapter: TCP server, heartbeats and broadcasts."""

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

MAX_MISSED_HEARTBEATS = 3
LAN_PERIOD = 180.0
LAN_PREFIX = "WO"
"""Serial prefix of adapters that broadcast their network addresses."""
PART_GAP = 0.003
"""Seconds between the parts of a frame that is sent in parts."""

_BACKLOG = 1 << 18
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True, eq=False)
class _Client:
    """A connected client."""

    writer: asyncio.StreamWriter
    framer: ServerFramer = field(default_factory=ServerFramer)
    unanswered: int = 0
    """Consecutive heartbeats without a response."""

    def close(self, *, reset: bool = False) -> None:
        """Close the connection, with a TCP reset if ``reset``."""
        if reset:
            connection = self.writer.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.writer.transport.abort()
        else:
            self.writer.close()


class DataAdapter:
    """Queues requests of all clients, and broadcasts every response to all of them."""

    def __init__(
        self,
        serial: str,
        on_request: Callable[[TransparentRequest], None],
        *,
        idle_timeout: float | None = None,
        max_clients: int | None = None,
        lan_addresses: tuple[str, str, str] = ("192.168.0.77", "255.255.255.0", "192.168.0.1"),
    ) -> None:
        """Pass every request received to ``on_request``."""
        self.serial = serial
        self._on_request = on_request
        self._idle_timeout = idle_timeout
        self._max_clients = max_clients
        self._lan_addresses = lan_addresses
        self._clients: set[_Client] = set()
        self._send_lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def clients(self) -> int:
        """The number of connected clients."""
        return len(self._clients)

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Start listening, and return host and port."""
        self._server = await asyncio.start_server(self._serve_client, host, port)
        if self.serial.startswith(LAN_PREFIX):
            self.spawn(run_every(LAN_PERIOD, self.announce))
        found: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return found

    async def close(self) -> None:
        """Close all connections and stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self.drop_connections()
            await self._server.wait_closed()
            self._server = None

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background until the adapter closes."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def drop_connections(self, *, reset: bool = False) -> None:
        """Close all connections, with a TCP reset if ``reset``."""
        for client in list(self._clients):
            client.close(reset=reset)

    def heartbeat(self) -> bytes:
        """Return a heartbeat frame."""
        return HeartbeatRequest(data_adapter_serial_number=self.serial).encode()

    def count_heartbeat(self) -> None:
        """Count one more unanswered heartbeat; drop clients that missed three."""
        for client in list(self._clients):
            if client.unanswered >= MAX_MISSED_HEARTBEATS:
                client.close()
            client.unanswered += 1

    async def beat(self) -> None:
        """Send a heartbeat to all clients."""
        self.count_heartbeat()
        await self.send(self.heartbeat())

    async def announce(self) -> None:
        """Broadcast the adapter's network addresses."""
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

    async def send(self, *parts: bytes) -> None:
        """Send bytes to all clients; several parts arrive separately."""
        async with self._send_lock:
            for number, part in enumerate(parts):
                if number:
                    await asyncio.sleep(PART_GAP)
                for client in list(self._clients):
                    if client.writer.transport.get_write_buffer_size() > _BACKLOG:
                        client.close(reset=True)
                    else:
                        client.writer.write(part)

    async def _serve_client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one client until either side closes the connection."""
        client = _Client(writer)
        if self._max_clients is not None and len(self._clients) >= self._max_clients:
            client.close(reset=True)
            return
        self._clients.add(client)
        try:
            with suppress(OSError, TimeoutError):
                while data := await asyncio.wait_for(reader.read(4096), self._idle_timeout):
                    for message in client.framer.feed(data):
                        self._dispatch(client, message)
        finally:
            self._clients.discard(client)
            writer.close()

    def _dispatch(self, client: _Client, message: object) -> None:
        match message:
            case HeartbeatResponse():
                client.unanswered = 0
            case TransparentRequest():
                self._on_request(message)
            case InvalidPduState(pdu=TransparentRequest() as request):
                self._on_request(request)
            case _:
                _LOGGER.debug("Ignoring %s", message)


async def run_every(period: float, task_function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function once per period, first after one period."""
    while True:
        await asyncio.sleep(period)
        await task_function()
