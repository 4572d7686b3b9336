"""A bare connection to a simulated plant: what comes in, the way it comes in."""

import asyncio
from typing import Self

from givenergy_modbus.exceptions import ExceptionBase
from givenergy_modbus.framer import ClientFramer
from givenergy_modbus.pdu import (
    BasePDU,
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadRegistersResponse,
    TransparentRequest,
    WriteHoldingRegisterRequest,
)
from givenergy_modbus.simulator import Simulator

QUIET = 0.03
"""Seconds without a byte after which nothing more is expected."""
_TURNS = 10
"""Turns of the event loop in the same time, however busy the machine is."""


def hr(start: int, count: int = 60, at: int = 0x11) -> ReadHoldingRegistersRequest:
    """Return a question for holding registers."""
    return ReadHoldingRegistersRequest(device_address=at, base_register=start, register_count=count)


def ir(start: int, count: int = 60, at: int = 0x11) -> ReadInputRegistersRequest:
    """Return a question for input registers."""
    return ReadInputRegistersRequest(device_address=at, base_register=start, register_count=count)


def write(register: int, value: int) -> WriteHoldingRegisterRequest:
    """Return a write to the inverter."""
    return WriteHoldingRegisterRequest(register, value)


class RawConnection:
    """One connection, which keeps every piece it receives."""

    def __init__(self, simulator: Simulator) -> None:
        """Prepare to connect to a plant."""
        self._simulator = simulator
        self._framer = ClientFramer()
        self.pieces: list[bytes] = []
        self.ended = False
        self.reset = False

    async def __aenter__(self) -> Self:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(
            self._simulator.host, self._simulator.port
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        self._writer.close()

    @property
    def heard(self) -> bytes:
        """Every byte received so far."""
        return b"".join(self.pieces)

    def send(self, *messages: BasePDU | bytes) -> None:
        """Send messages, or any bytes, in one piece."""
        self._writer.write(
            b"".join(
                message if isinstance(message, bytes) else message.encode() for message in messages
            )
        )

    async def listen(
        self, quiet: float = QUIET, enough: int | None = None
    ) -> list[BasePDU | ExceptionBase]:
        """Return what the bytes mean that come until there are none for a while, or enough."""
        items: list[BasePDU | ExceptionBase] = []
        try:
            while enough is None or len(items) < enough:
                data = await self._read(quiet)
                if not data:
                    self.ended = data is not None
                    break
                self.pieces.append(data)
                items += self._framer.feed(data)
        except ConnectionResetError:
            self.reset = True
        return items

    async def _read(self, quiet: float) -> bytes | None:
        """Return the next bytes, None once nothing comes for a while, in which the loop ran."""
        reading = asyncio.ensure_future(self._reader.read(4096))
        turns = 0
        while not reading.done() and (turns < _TURNS or not self._simulator.is_idle):
            await asyncio.wait({reading}, timeout=quiet / _TURNS)
            turns += 1
        if not reading.done():
            reading.cancel()
            await asyncio.wait({reading})
        return None if reading.cancelled() else reading.result()

    async def ask(
        self, *requests: TransparentRequest | bytes, quiet: float = QUIET
    ) -> list[BasePDU | ExceptionBase]:
        """Return everything that comes after some questions."""
        self.send(*requests)
        return await self.listen(quiet)

    async def page(self, request: TransparentRequest) -> dict[int, int]:
        """Return the words of the one answer to a question."""
        self.send(request)
        (answer,) = await self.listen(quiet=1, enough=1)
        assert isinstance(answer, ReadRegistersResponse)
        assert not answer.error
        assert not answer.crc_failed
        assert answer.shape == request.expected_shape
        return answer.to_dict()
