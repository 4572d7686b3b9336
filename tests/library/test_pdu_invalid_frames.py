"""Frames that are no message, and frames with damage."""

import contextlib
import re
import struct

import pytest
from givenergy_modbus.crc import crc16
from givenergy_modbus.exceptions import InvalidFrame, InvalidPduState
from givenergy_modbus.pdu import (
    LanConfigBroadcast,
    ReadHoldingRegistersRequest,
    ReadInputRegistersResponse,
    TransparentResponse,
    WriteHoldingRegisterRequest,
    decode_request,
    decode_response,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.library import frames


def frame_of(covered: str) -> bytes:
    """Return a frame with the given device address, function and data, properly sealed."""
    inner = bytes.fromhex(covered)
    inner += crc16(inner).to_bytes(2, "little")
    return (
        bytes.fromhex("59590001")
        + struct.pack(">HBB10sQ", len(inner) + 20, 1, 2, b"WF2125G000", len(inner))
        + inner
    )


# --- frames that are none --------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (b"", "shorter than an envelope"),
        (frames.HEARTBEAT[:17], "shorter than an envelope"),
        (b"YY\0\2" + frames.HEARTBEAT[4:], "marker"),
        (frames.HEARTBEAT + b"\0", "13 bytes announced, 14 carried"),
        (frames.HEARTBEAT[:-1], "13 bytes announced, 12 carried"),
        (frames.HEARTBEAT[:5] + b"\x0c" + frames.HEARTBEAT[6:-1], "adapter type"),
        (frames.HEARTBEAT[:6] + b"\2" + frames.HEARTBEAT[7:], "unit id 2"),
        (frames.HEARTBEAT[:7] + b"\3" + frames.HEARTBEAT[8:], "unknown main function 0x03"),
        (frames.HEARTBEAT[:7] + b"\2" + frames.HEARTBEAT[8:], "too short"),
        (frame_of("11"), "too short to name"),
        (frame_of("1103"), "too short for a ReadHoldingRegistersResponse"),
        (frame_of("1106" + "41" * 10 + "0060"), "too short for a WriteHoldingRegisterResponse"),
        (frame_of("1100" + "00" * 133), "too short for a NullResponse"),
        (frame_of("112b" + "41" * 10 + "00000000"), "unknown function 0x2b"),
        (frame_of("1180" + "00" * 134), "unknown function 0x80"),
        (frame_of("11ab" + "41" * 10 + "00000000"), "unknown function 0xab"),
        (frame_of("1104" + "41" * 10 + "0000003d" + "0000" * 60), "61 registers announced"),
        (frame_of("1104" + "41" * 10 + "0000003d" + "0000" * 61), "61 registers announced"),
        (frame_of("1104" + "41" * 10 + "00000002" + "0000"), "2 registers announced"),
        (frame_of("1104" + "41" * 10 + "00000001" + "00"), "1 registers announced"),
    ],
    ids=frames.name_of,
)
def test_response_that_is_none(frame: bytes, why: str) -> None:
    with pytest.raises(InvalidFrame, match=re.escape(why)) as caught:
        decode_response(frame)
    assert caught.value.frame == frame


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (frame_of("110500000001"), "unknown function 0x05"),
        (frame_of("111000000001"), "unknown function 0x10"),
        (frame_of("118300000001"), "unknown function 0x83"),
        (frame_of("11030000"), "too short for a ReadHoldingRegistersRequest"),
        (frame_of("11060000"), "too short for a WriteHoldingRegisterRequest"),
        (frames.LAN_CONFIG, "unknown function 0x30"),
    ],
    ids=frames.name_of,
)
def test_request_that_is_none(frame: bytes, why: str) -> None:
    with pytest.raises(InvalidFrame, match=re.escape(why)):
        decode_request(frame)


@pytest.mark.parametrize("count", [0, 61, 120])
def test_read_request_no_client_should_send_is_handed_over_with_the_error(count: int) -> None:
    with pytest.raises(InvalidPduState) as caught:
        decode_request(frame_of(f"11030000{count:04x}"))
    request = caught.value.pdu
    assert isinstance(request, ReadHoldingRegistersRequest)
    assert request.register_count == count


def test_lan_config_with_a_lying_length_is_none() -> None:
    frame = bytearray(frames.LAN_CONFIG)
    frame[5] += 1
    with pytest.raises(InvalidFrame, match="announced"):
        decode_response(bytes(frame))
    with pytest.raises(InvalidFrame, match="not a LAN configuration"):
        LanConfigBroadcast.from_frame(frames.IDENTITY)


@given(st.binary(max_size=320))
def test_any_bytes_are_a_message_or_an_invalid_frame(body: bytes) -> None:
    sealed = b"YY\0\1" + (len(body) + 2).to_bytes(2) + b"\1\2" + body
    for frame in (body, sealed):
        for decode in (decode_request, decode_response):
            with contextlib.suppress(InvalidFrame, InvalidPduState):
                decode(frame)


# --- damage ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [frames.IDENTITY, frames.METER_PRODUCT, frames.EXCEPTION, frames.WRITTEN],
    ids=frames.name_of,
)
@pytest.mark.parametrize("at", [26, 40, -1])
def test_checksum_failure_is_marked(frame: bytes, at: int) -> None:
    damaged = bytearray(frame)
    damaged[at] ^= 0x01
    try:
        message = decode_response(bytes(damaged))
    except InvalidFrame:
        assert at == 40  # the count: fewer registers than announced
        return
    assert isinstance(message, TransparentResponse)
    assert message.crc_failed


def test_checksum_failure_of_a_request_is_marked() -> None:
    message = decode_request(frames.WRITE[:-1] + b"\0")
    assert message == WriteHoldingRegisterRequest(96, 1, crc_failed=True)


def test_verified_frame_is_not_verified_again() -> None:
    damaged = frames.WRITTEN[:-1] + b"\0"
    message = decode_response(damaged, verified=True)
    assert isinstance(message, TransparentResponse)
    assert not message.crc_failed


@pytest.mark.parametrize(("count", "values"), [(5, (1, 2, 3, 4, 5)), (0, ())])
def test_fewer_registers_announced_than_carried(count: int, values: tuple[int, ...]) -> None:
    frame = bytearray(
        ReadInputRegistersResponse(
            base_register=16, register_count=6, register_values=(1, 2, 3, 4, 5, 6)
        ).encode()
    )
    frame[41] = count
    message = decode_response(bytes(frame))
    assert isinstance(message, ReadInputRegistersResponse)
    assert message.crc_failed
    assert message.register_values == values


@pytest.mark.parametrize("inner", [0, 0x8A, 2**64 - 1])
def test_wrong_inner_length_is_forgiven(inner: int) -> None:
    frame = frames.METER[:18] + inner.to_bytes(8) + frames.METER[26:]
    assert decode_response(frame) == decode_response(frames.METER)
