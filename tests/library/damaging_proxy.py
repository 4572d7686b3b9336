"""A proxy between client and simulator that damages frames at random."""

import asyncio
import contextlib
from random import Random
from typing import Self

from givenergy_modbus.framer import split


class DamagingProxy:
    """Passes frames on in both directions, a share of them damaged or cut."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        share: float = 0.3,
        seed: int = 1,
    ) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.share = share
        """Share of all frames to damage, from now on."""
        self.frames = self.damaged = 0
        self._target = host, port
        self._random = Random(seed)
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._attend, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers += (writer, far_writer)
        await asyncio.gather(
            self._pass_on(reader, far_writer),
            self._pass_on(far_reader, writer),
        )

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                chunks, rest = split(rest + data)
                for chunk in chunks:
                    writer.write(self._damage(chunk.data))
        writer.close()

    def _damage(self, frame: bytes) -> bytes:
        """Return a frame, now and then with a byte changed or its end missing."""
        self.frames += 1
        if self._random.random() >= self.share:
            return frame
        self.damaged += 1
        at = self._random.randrange(len(frame))
        if self._random.random() < 0.5:
            return frame[:at]
        return frame[:at] + bytes([frame[at] ^ self._random.randrange(1, 256)]) + frame[at + 1 :]
