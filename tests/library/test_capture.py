"""What a recording of the wire shows, and what it must not."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from givenergy_modbus.client.capture import FrameRedactor, FrameTee
from givenergy_modbus.crc import crc16
from givenergy_modbus.model.register import HR, IR, MR, Bank, Register
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    LanConfigBroadcast,
    NullResponse,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    ReadMeterProductRegistersResponse,
    ReadRegistersResponse,
    TransparentResponse,
    WriteHoldingRegisterResponse,
    decode_request,
    decode_response,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.library import frames
from tests.library.pages import spelled
from tests.library.test_framer_properties import streams

ADAPTER = "WF2125G987"
INVERTER = "SA2114G654"


def response(
    kind: type[ReadRegistersResponse], base: int, words: list[int], address: int = 0x11
) -> ReadRegistersResponse:
    """Return an answer as an unredacted adapter passes it on."""
    return kind(
        data_adapter_serial_number=ADAPTER,
        inverter_serial_number=INVERTER,
        device_address=address,
        base_register=base,
        register_count=len(words),
        register_values=tuple(words),
    )


IDENTITY = response(
    ReadHoldingRegistersResponse,
    0,
    [
        *(0x2001, 3, 2098, 513, 0, 50000, 3600, 1),
        *spelled("BG2134G321"),
        *spelled(INVERTER),
        *(3005, 449, 0, 449),
    ],
)


def redacted(frame: bytes, direction: str = "rx") -> bytes:
    """Return a frame as a recording shows it."""
    redactor = FrameRedactor(direction)
    shown = redactor.feed(frame) + redactor.flush()
    assert len(shown) == len(frame)
    return shown


def test_answer() -> None:
    """An answer keeps its readings, and of serials family and date."""
    shown = decode_response(redacted(IDENTITY.encode()))
    assert isinstance(shown, ReadHoldingRegistersResponse)
    assert not shown.crc_failed
    assert shown.data_adapter_serial_number == "WF2125G000"
    assert shown.inverter_serial_number == "SA2114G000"
    words = dict(enumerate(shown.register_values))
    assert [words[at] for at in range(8, 13)] == spelled("BG2134G000")
    assert [words[at] for at in range(13, 18)] == spelled("SA2114G000")
    assert all(words[at] == IDENTITY.register_values[at] for at in words if not 8 <= at < 18)


@pytest.mark.parametrize(
    ("kind", "first", "address", "words", "shown"),
    [
        (ReadMeterProductRegistersResponse, MR(60), 2, [0x3A79, 0x5E01, 69], [0, 0, 69]),
        (ReadInputRegistersResponse, IR(94), 2, [1, 0x3A79, 0x5E01, 69], [1, 0, 0, 69]),
        (ReadInputRegistersResponse, IR(94), 0x32, [1, 1234, 80, 16], [1, 1234, 80, 16]),
        (ReadInputRegistersResponse, IR(115), 0x50, spelled("2414G987"), spelled("2414G000")),
        (ReadHoldingRegistersResponse, HR(16), 0x11, spelled("G987"), spelled("G000")),
    ],
)
def test_places(
    kind: type[ReadRegistersResponse],
    first: Register,
    address: int,
    words: list[int],
    shown: list[int],
) -> None:
    """Serial numbers are found by the device address and the registers of the response."""
    assert Bank(kind.bank) is first.bank
    frame = redacted(response(kind, first.address, words, address).encode())
    message = decode_response(frame)
    assert isinstance(message, ReadRegistersResponse)
    assert list(message.register_values) == shown
    assert not message.crc_failed


@pytest.mark.parametrize("serial", ["SA2114\0987", "some text", "sa2114g\0\0\0", "S"])
def test_serials_of_no_known_shape(serial: str) -> None:
    """An envelope shows no serial that is not recognised as one."""
    message = WriteHoldingRegisterResponse(
        data_adapter_serial_number=serial, inverter_serial_number=serial, register=96, value=1
    )
    shown = decode_response(redacted(message.encode()))
    assert isinstance(shown, WriteHoldingRegisterResponse)
    assert shown.data_adapter_serial_number == "*" * 10
    assert shown.inverter_serial_number == "*" * 10
    assert (shown.register, shown.value, shown.crc_failed) == (96, 1, False)


def test_requests() -> None:
    """Requests carry a client's name for itself."""
    frame = ReadInputRegistersRequest(base_register=0, register_count=60).encode()
    shown = decode_request(redacted(frame, "tx"))
    assert isinstance(shown, ReadInputRegistersRequest)
    assert shown.data_adapter_serial_number == "AB1234G000"
    assert (shown.base_register, shown.register_count, shown.crc_failed) == (0, 60, False)


def test_heartbeats() -> None:
    """A heartbeat carries the adapter's serial and nothing else."""
    frame = HeartbeatRequest(data_adapter_serial_number=ADAPTER).encode()
    assert redacted(frame) == HeartbeatRequest(data_adapter_serial_number="WF2125G000").encode()


def test_network_addresses() -> None:
    """An adapter's network addresses keep their dots."""
    frame = LanConfigBroadcast(
        data_adapter_serial_number="WO2125G987",
        ip="192.168.1.20",
        netmask="255.255.255.0",
        gateway="192.168.1.1",
        check=b"\x01\x02",
    ).encode()
    shown = decode_response(redacted(frame))
    assert isinstance(shown, LanConfigBroadcast)
    assert (shown.ip, shown.netmask, shown.gateway) == (
        "000.000.0.00",
        "000.000.000.0",
        "000.000.0.0",
    )
    assert shown.data_adapter_serial_number == "WO2125G000"
    assert shown.check == b"\x01\x02"


def test_wiped_answers() -> None:
    """A wiped-out answer stays wiped out."""
    assert redacted(frames.NULL_AND_HEARTBEAT) == frames.NULL_AND_HEARTBEAT
    message = NullResponse(data_adapter_serial_number=ADAPTER).encode()
    filled = message[:60] + b"SA2114G987" + message[70:]
    assert redacted(filled)[38:-2] == bytes(len(filled) - 40)


def test_a_broken_checksum_stays_broken() -> None:
    """A recording distinguishes valid frames from damaged ones, which show no serial."""
    frame = bytearray(IDENTITY.encode())
    frame[43] ^= 1
    shown = decode_response(redacted(bytes(frame)))
    assert isinstance(shown, ReadRegistersResponse)
    assert shown.crc_failed
    # A serial that has lost a letter is not to be recognised by its shape.
    frame[69] = 0xFF
    raw = redacted(bytes(frame))
    assert b"654" not in raw
    assert b"SA2114" in raw


def test_unreadable_frames() -> None:
    """Of an unreadable frame, the device, the function and the range remain."""
    frame = bytearray(IDENTITY.encode())
    frame[27] = 0x2A
    shown = redacted(bytes(frame))
    assert shown[:8] == bytes(frame[:8])
    assert shown[8:18] == b"WF2125G000"
    assert shown[18:28] == bytes(frame[18:28])
    assert shown[38:42] == bytes(frame[38:42])
    assert shown[28:38] == bytes(10)
    assert shown[42:] == bytes(len(frame) - 42)


def test_unreadable_ranges() -> None:
    """What is no range of registers is not shown as one."""
    frame = bytearray(ReadInputRegistersRequest(base_register=0, register_count=60).encode())
    frame[27] = 0x2A
    assert redacted(bytes(frame), "tx")[26:32] == bytes(frame[26:32])
    frame[28:32] = b"G987"
    assert redacted(bytes(frame), "tx")[28:] == bytes(len(frame) - 28)


def test_remainder() -> None:
    """A recording that ends within a frame shows no more of it than of an unreadable one."""
    whole = IDENTITY.encode()
    for kept in range(len(whole)):
        redactor = FrameRedactor()
        shown = redactor.feed(whole[:kept]) + redactor.flush()
        assert len(shown) == kept
        assert b"987" not in shown
        assert b"654" not in shown
        assert not any(shown[42:])
        assert redactor.flush() == b""


def test_noise() -> None:
    """What lies between frames keeps its letters; it may be the end of one."""
    assert redacted(b"GET /index.html?9\r\n") == b"GET /index.html?0\r\n"
    tail = IDENTITY.encode()[-20:]
    shown = redacted(tail + frames.HEARTBEAT)
    assert shown[20:] == frames.HEARTBEAT
    assert not any(byte in b"123456789" for byte in shown[:20])


def test_surplus_bytes() -> None:
    """Bytes a message does not account for are not shown."""
    body = IDENTITY.encode()[26:-2] + b"SA2114G987"
    covered = body + crc16(body).to_bytes(2, "little")
    frame = (
        frames.IDENTITY[:4]
        + (len(covered) + 20).to_bytes(2)
        + frames.IDENTITY[6:18]
        + len(covered).to_bytes(8)
        + covered
    )
    shown = redacted(frame)
    assert shown[-12:-2] == bytes(10)
    message = decode_response(shown)
    assert isinstance(message, TransparentResponse)
    assert not message.crc_failed


@given(streams, st.sampled_from(["rx", "tx"]), st.lists(st.integers(0, 400), max_size=8))
def test_length(stream: bytes, direction: str, cuts: list[int]) -> None:
    """Every byte of a stream comes out in its place, however it was cut up."""
    redactor = FrameRedactor(direction)
    shown = b""
    start = 0
    for cut in [*sorted(cuts), len(stream)]:
        shown += redactor.feed(stream[start:cut])
        start = max(start, cut)
        assert len(shown) <= start
    shown += redactor.flush()
    assert len(shown) == len(stream)


_quiet = st.binary(max_size=40).map(lambda raw: bytes(byte & 0x0F for byte in raw))


@given(
    before=_quiet,
    kept=st.integers(0, 200),
    at=st.integers(0, 200),
    between=_quiet,
    flipped=st.tuples(st.integers(0, 85), st.integers(0, 0xFF)),
    direction=st.sampled_from(["rx", "tx"]),
)
def test_damaged_streams_tell_no_serial(
    before: bytes, kept: int, at: int, between: bytes, flipped: tuple[int, int], direction: str
) -> None:
    """Bytes lost, added and changed do not reveal a serial's unit."""
    frame = bytearray(IDENTITY.encode())
    if flipped[1] & 0xF0 != 0x30:  # else the change itself would spell the digits
        frame[flipped[0]] = flipped[1]
    damaged = bytes(frame)
    stream = before + damaged[:kept] + between + damaged[at:] + IDENTITY.encode()
    shown = redacted(stream, direction)
    for unit in (b"G987", b"G654", b"G321"):
        assert unit not in shown


def test_recordings_stay(captures: Path) -> None:
    """What was redacted once loses meters' numbers at most."""
    for path in sorted((captures / "captures").glob("*.log")):
        for direction in ("rx", "tx"):
            stream = _recorded(path, direction)
            redactor = FrameRedactor(direction)
            pairs = []
            for frame in redactor.frames(stream) + redactor.last_frames():
                pairs.append((stream[: len(frame)], frame))
                stream = stream[len(frame) :]
            assert stream == b""
            for original, shown in pairs:
                if original != shown:
                    assert original[26] in range(1, 9), path


def _recorded(path: Path, direction: str) -> bytes:
    lines = (line.replace(":", " ").split() for line in path.read_text().splitlines())
    return b"".join(
        bytes.fromhex(words[-1])
        for words in lines
        if len(words) > 1 and words[-2] == direction and not words[0].startswith("#")
    )


async def test_tee() -> None:
    """A sink is shown frames of both directions, one at a time, for as long as it asked."""
    tee = FrameTee()
    seen: list[tuple[str, bytes]] = []
    tee("rx", frames.HEARTBEAT)
    watching = asyncio.create_task(tee.watch(lambda *frame: seen.append(frame), 0.05))
    await asyncio.sleep(0)
    tee("rx", frames.HEARTBEAT + frames.IDENTITY[:50])
    tee("tx", frames.READ_IR_0)
    tee("rx", frames.IDENTITY[50:] + frames.METER[:30])
    await watching
    tee("rx", frames.HEARTBEAT)
    assert seen == [
        ("rx", frames.HEARTBEAT),
        ("tx", frames.READ_IR_0),
        ("rx", frames.IDENTITY),
        ("rx", frames.METER[:28] + b"\0\0"),
    ]


async def test_one_sink_at_a_time() -> None:
    """A second capture is refused, and one after the first is not."""
    tee = FrameTee()
    watching = asyncio.create_task(tee.watch(print, 10))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="already running"):
        await tee.watch(print, 0)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    await tee.watch(print, 0)


async def test_a_failing_sink(caplog: pytest.LogCaptureFixture) -> None:
    """A sink's failure is its own: it is logged, and the next frame comes all the same."""
    tee = FrameTee()
    seen: list[bytes] = []

    def fail_once(direction: str, frame: bytes) -> Any:
        seen.append(frame)
        if len(seen) == 1:
            raise OSError("disk full")

    watching = asyncio.create_task(tee.watch(fail_once, 0.02))
    await asyncio.sleep(0)
    with caplog.at_level(logging.ERROR):
        tee("rx", frames.HEARTBEAT)
        tee("rx", frames.HEARTBEAT)
        await watching
    assert seen == [frames.HEARTBEAT] * 2
    assert "disk full" in caplog.text
