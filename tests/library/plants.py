"""Clients connected to simulated plants, and an adapter with scripted responses."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Self

from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy, Timing
from givenergy_modbus.framer import ServerFramer
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.plan import Read
from givenergy_modbus.model.topology import candidate_blocks, derive_capabilities
from givenergy_modbus.pdu import (
    BasePDU,
    HeartbeatRequest,
    HeartbeatResponse,
    ReadRegistersRequest,
    ReadRegistersResponse,
    TransparentRequest,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
)
from givenergy_modbus.simulator import PlantProfile, Simulator

from tests.library.answers import ADAPTER, INVERTER, words_of

QUICK = Timing(
    connect_timeout=2.0,
    gap=0.0,
    known=RetryPolicy(0.25, 2, 0.02),
    probe=RetryPolicy(0.05, 1, 0.0),
    config=RetryPolicy(0.25, 2, 0.02),
    refresh=RetryPolicy(0.25, 1, 0.02),
    command=RetryPolicy(0.25, 0, 0.02),
)
"""Enough for a plant on the same machine that answers at once."""

CALM = replace(QUICK, **dict.fromkeys(("known", "refresh", "command"), RetryPolicy(10.0, 1, 0.0)))
"""For tests in which every awaited response arrives, or the test fails."""

_TURNS = 10
"""Turns of the event loop in which every message has arrived and has been processed."""

_RESET = struct.pack("ii", 1, 0)


async def settle() -> None:
    """Let everything happen that waits for no time-out, on a busy machine too."""
    for _ in range(_TURNS):
        await asyncio.sleep(0.003)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens by itself."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def layout_of(sim: Simulator) -> PlantCapabilities:
    """Return what detection would find."""
    layout = derive_capabilities(sim.registers)
    reads = [
        read
        for read in candidate_blocks(layout)
        if isinstance(answer := sim.bus.answer(read.request), ReadRegistersResponse)
        and not answer.error
    ]
    served = {str(read) for read in reads if not _is_part(read, reads)}
    return replace(layout, served_blocks=sorted(served))


def _is_part(read: Read, reads: list[Read]) -> bool:
    return any(
        other != read
        and other.device_address == read.device_address
        and other.block.covers(read.block)
        for other in reads
    )


@asynccontextmanager
async def client_of(
    sim: Simulator, *, timing: Timing = QUICK, **options: Any
) -> AsyncIterator[Client]:
    """Connect a client to a simulated plant whose layout it knows."""
    async with Client(sim.host, sim.port, timing=timing, **options) as client:
        client.adopt(layout_of(sim))
        yield client


@asynccontextmanager
async def plant_of(
    plant: PlantProfile | str, *, timing: Timing = QUICK, **options: Any
) -> AsyncIterator[tuple[Simulator, Client]]:
    """Simulate a plant that answers at once, and connect a client that knows its layout."""
    options = {"latency": 0.0, "heartbeat": 0, **options}
    async with Simulator(plant, **options) as sim, client_of(sim, timing=timing) as client:
        yield sim, client


def identity(serial: str = INVERTER) -> tuple[int, ...]:
    """Return the words of an inverter's first page, as far as they matter here."""
    words = [0x2001, *[0] * 12, *words_of(serial), *[0] * 42]
    words[21] = 449
    return tuple(words)


class ScriptedAdapter:
    """An adapter that leaves all answering to the test."""

    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.connections = 0
        self.heartbeats: list[HeartbeatResponse] = []
        self._requests: asyncio.Queue[TransparentRequest] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._attend, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.disconnect()
        await self._server.wait_closed()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        framer = ServerFramer()
        try:
            while data := await reader.read(4096):
                for item in framer.feed(data):
                    if isinstance(item, HeartbeatResponse):
                        self.heartbeats.append(item)
                    else:
                        assert isinstance(item, TransparentRequest), item
                        self._requests.put_nowait(item)
        except OSError:
            pass
        finally:
            writer.close()

    def client(self, timing: Timing = CALM, **options: Any) -> Client:
        """Return a client of this adapter."""
        return Client(self.host, self.port, timing=timing, **options)

    async def next_request(self) -> TransparentRequest:
        """Return the next request."""
        async with asyncio.timeout(5):
            return await self._requests.get()

    async def next_read(self) -> ReadRegistersRequest:
        """Return the next request, which must be a read."""
        request = await self.next_request()
        assert isinstance(request, ReadRegistersRequest), request
        return request

    async def expect_no_request(self) -> None:
        """Fail if a request comes."""
        await settle()
        assert self._requests.empty(), self._requests.get_nowait()

    def send(self, *messages: BasePDU | bytes) -> None:
        """Send messages to all connected clients, in one segment."""
        data = b"".join(
            message if isinstance(message, bytes) else message.encode() for message in messages
        )
        for writer in self._writers:
            writer.write(data)

    def respond(self, request: TransparentRequest, words: Sequence[int] = ()) -> None:
        """Answer a request."""
        self.send(answer_to(request, words))

    def disconnect(self, *, reset: bool = False) -> None:
        """Close all connections, or break them off."""
        for writer in self._writers:
            if reset:
                connection: socket.socket = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                writer.transport.abort()
            else:
                writer.close()
        self._writers.clear()


def answer_to(
    request: TransparentRequest, words: Sequence[int] = (), *, serial: str = INVERTER
) -> ReadRegistersResponse | WriteHoldingRegisterResponse:
    """Return the answer to a request; words that are not given are 7."""
    if isinstance(request, WriteHoldingRegisterRequest):
        return acknowledgement(request.register, request.value, serial=serial)
    assert isinstance(request, ReadRegistersRequest)
    return request.response_type(
        data_adapter_serial_number=ADAPTER,
        inverter_serial_number=serial,
        device_address=request.device_address,
        base_register=request.base_register,
        register_count=request.register_count,
        register_values=tuple(words) or (7,) * request.register_count,
    )


def acknowledgement(
    register: int, value: int, *, error: bool = False, serial: str = INVERTER
) -> WriteHoldingRegisterResponse:
    """Return what an inverter answers to a write."""
    return WriteHoldingRegisterResponse(
        data_adapter_serial_number=ADAPTER,
        inverter_serial_number=serial,
        error=error,
        register=register,
        value=value,
    )


def exception_to(request: ReadRegistersRequest, count: int = 0) -> ReadRegistersResponse:
    """Return how a device turns a read down, as likely as not forgetting how much was asked."""
    return request.response_type(
        data_adapter_serial_number=ADAPTER,
        inverter_serial_number=INVERTER,
        device_address=request.device_address,
        error=True,
        base_register=request.base_register,
        register_count=count,
    )


def corrupted(message: BasePDU) -> bytes:
    """Return a frame whose checksum is wrong."""
    frame = bytearray(message.encode())
    frame[-1] ^= 0xFF
    return bytes(frame)


def wiped(message: BasePDU, keep: int = 42) -> bytes:
    """Return a frame of which only so many bytes are left, and zeros after them."""
    frame = message.encode()
    return frame[:keep] + bytes(len(frame) - keep)


HEARTBEAT = HeartbeatRequest(data_adapter_serial_number=ADAPTER)
