"""Messages encoded, and those that cannot be sent."""

import dataclasses
from enum import IntEnum

import pytest
from givenergy_modbus.exceptions import InvalidPduState
from givenergy_modbus.pdu import (
    BasePDU,
    HeartbeatRequest,
    HeartbeatResponse,
    LanConfigBroadcast,
    NullResponse,
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    ReadMeterProductRegistersRequest,
    ReadRegistersRequest,
    TransparentResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
    decode_request,
    decode_response,
)
from hypothesis import given

from tests.library import frames
from tests.library.messages import READ_REQUESTS, REQUEST_MESSAGES, RESPONSE_MESSAGES

# --- encoding --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "covered"),
    [
        (ReadHoldingRegistersRequest(base_register=0, register_count=60), "11030000003c474b"),
        (ReadInputRegistersRequest(base_register=0, register_count=60), "11040000003cf28b"),
        (
            ReadInputRegistersRequest(base_register=16, register_count=6, device_address=0x32),
            "320400100006740e",
        ),
        (
            ReadMeterProductRegistersRequest(
                base_register=60, register_count=60, device_address=0x01
            ),
            "0116003c003c8814",
        ),
        (WriteHoldingRegisterRequest(20, 1), "1106001400010a9e"),
        (WriteHoldingRegisterRequest(20, 1, device_address=0x32), "3206001400010dcd"),
        (WriteHoldingRegisterRequest(116, 80), "110600740050cb7c"),
    ],
)
def test_request_as_sent(message: BasePDU, covered: str) -> None:
    assert message.encode().hex() == (
        "59590001001c0102414231323334473536370000000000000008" + covered
    )


def test_heartbeat_answer_as_sent() -> None:
    assert (
        HeartbeatResponse(data_adapter_type=0x20).encode().hex()
        == "59590001000d01014142313233344735363720"
    )


@pytest.mark.parametrize(
    ("serial", "sent"),
    [
        ("AB", b"********AB"),
        ("", b"**********"),
        ("ABCDEFGHIJKL", b"CDEFGHIJKL"),
        ("A\0B\xe9567890", b"A\0B\xe9567890"),
    ],
    ids=frames.name_of,
)
def test_serial_as_sent(serial: str, sent: bytes) -> None:
    frame = ReadInputRegistersResponse(
        base_register=0,
        register_count=1,
        register_values=(7,),
        data_adapter_serial_number=serial,
        inverter_serial_number=serial,
    ).encode()
    assert frame[8:18] == frame[28:38] == sent


@pytest.mark.parametrize("count", [1, 5, 6, 20, 21, 30, 36, 54, 60])
def test_inner_length_is_the_true_one(count: int) -> None:
    frame = ReadInputRegistersResponse(
        base_register=0, register_count=count, register_values=(0,) * count
    ).encode()
    assert len(frame) == 44 + 2 * count
    assert frame[18:26] == (18 + 2 * count).to_bytes(8)
    assert frame[4:6] == (38 + 2 * count).to_bytes(2)


@given(RESPONSE_MESSAGES)
def test_response_survives_the_wire(message: BasePDU) -> None:
    decoded = decode_response(message.encode())
    assert decoded == message
    assert decoded.shape == message.shape
    assert decoded.raw_frame == message.encode()


@given(REQUEST_MESSAGES)
def test_request_survives_the_wire(message: BasePDU) -> None:
    decoded = decode_request(message.encode())
    assert decoded == message
    assert decoded.shape == message.shape
    assert decoded.raw_frame == message.encode()


def test_redacted_copy_keeps_its_size_and_gets_a_fresh_checksum() -> None:
    message = decode_response(frames.BATTERY)
    assert isinstance(message, TransparentResponse)
    copy = dataclasses.replace(message, inverter_serial_number="", data_adapter_serial_number="")
    assert len(copy.encode()) == len(frames.BATTERY)
    again = decode_response(copy.encode())
    assert isinstance(again, TransparentResponse)
    assert not again.crc_failed
    assert again.inverter_serial_number == "*" * 10


# --- what must not be sent -------------------------------------------------------------


@pytest.mark.parametrize("kind", READ_REQUESTS)
@pytest.mark.parametrize(
    ("base", "count"),
    [(0, 0), (0, 61), (0, -1), (-1, 1), (0x10000, 1), (0, True), (1.0, 1)],
)
def test_read_request_out_of_range(kind: type[ReadRegistersRequest], base: int, count: int) -> None:
    request = kind(base_register=base, register_count=count)
    with pytest.raises(InvalidPduState) as caught:
        request.encode()
    assert caught.value.pdu is request


@pytest.mark.parametrize(
    ("register", "value"), [(True, 1), (1, False), ("1", 1), (1, 1.0), (None, 1), (1, None)]
)
def test_write_of_what_is_no_integer(register: int, value: int) -> None:
    with pytest.raises(ValueError, match="must be an integer"):
        WriteHoldingRegisterRequest(register, value)


@pytest.mark.parametrize(("register", "value"), [(-1, 0), (0x10000, 0), (0, -1), (0, 0x10000)])
def test_write_out_of_range(register: int, value: int) -> None:
    request = WriteHoldingRegisterRequest(register, value)
    with pytest.raises(InvalidPduState) as caught:
        request.encode()
    assert caught.value.pdu is request


def test_write_of_an_enumerated_value() -> None:
    class Mode(IntEnum):
        ECO = 1

    assert WriteHoldingRegisterRequest(27, Mode.ECO) == WriteHoldingRegisterRequest(27, 1)
    assert (
        WriteHoldingRegisterRequest(27, Mode.ECO).encode()
        == WriteHoldingRegisterRequest(27, 1).encode()
    )


@pytest.mark.parametrize(
    "message",
    [
        ReadInputRegistersRequest(base_register=0, register_count=1, device_address=256),
        ReadInputRegistersRequest(
            base_register=0, register_count=1, data_adapter_serial_number="\u20ac"
        ),
        ReadInputRegistersResponse(base_register=0, register_count=2, register_values=(1,)),
        ReadInputRegistersResponse(base_register=0, register_count=61, register_values=(1,) * 61),
        ReadInputRegistersResponse(base_register=0, register_count=1, register_values=(-1,)),
        ReadInputRegistersResponse(base_register=-1, register_count=0),
        ReadInputRegistersResponse(base_register=0, register_count=-1, error=True),
        WriteHoldingRegisterResponse(register=0, value=0x10000),
        WriteHoldingRegisterResponse(register=-1, value=0),
        NullResponse(device_address=-1),
        HeartbeatRequest(data_adapter_type=256),
        LanConfigBroadcast(ip="", netmask="255.0.0.0", gateway="10.0.0.1"),
        LanConfigBroadcast(ip="10.0.0.2", netmask="255.0.0.0", gateway="fe80::1"),
        LanConfigBroadcast(ip="10.0.0.2", netmask="255.0.0.0", gateway="\u0661.0.0.1"),
        LanConfigBroadcast(ip="10.0.0.2", netmask="255.0.0.0", gateway="10.0.0.1", check=b""),
    ],
)
def test_message_that_cannot_be_sent(message: BasePDU) -> None:
    with pytest.raises(InvalidPduState) as caught:
        message.encode()
    assert caught.value.pdu is message


def test_messages_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        WriteHoldingRegisterRequest(96, 1).value = 0  # type: ignore[misc]
