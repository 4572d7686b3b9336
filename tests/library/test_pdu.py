"""Messages: worked frames, both directions, and what is refused."""

import contextlib
import dataclasses
import itertools
import re
import struct
from enum import IntEnum

import pytest
from givenergy_modbus.crc import crc16
from givenergy_modbus.exceptions import InvalidFrame, InvalidPduState
from givenergy_modbus.pdu import (
    REQUESTS,
    RESPONSES,
    BasePDU,
    HeartbeatRequest,
    HeartbeatResponse,
    LanConfigBroadcast,
    NullResponse,
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    ReadMeterProductRegistersRequest,
    ReadMeterProductRegistersResponse,
    ReadRegistersRequest,
    ReadRegistersResponse,
    TransparentResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
    decode_request,
    decode_response,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.library import frames
from tests.library.messages import READ_REQUESTS, REQUEST_MESSAGES, RESPONSE_MESSAGES

RESPONSE_FRAMES = {
    name: frame
    for name, frame in vars(frames).items()
    if isinstance(frame, bytes)
    and "AND_HEARTBEAT" not in name
    and name not in {"HEARTBEAT_ANSWER", "READ_IR_0", "READ_METER", "WRITE"}
}


def frame_of(covered: str) -> bytes:
    """Return a frame with the given device address, function and data, properly sealed."""
    inner = bytes.fromhex(covered)
    inner += crc16(inner).to_bytes(2, "little")
    return (
        bytes.fromhex("59590001")
        + struct.pack(">HBB10sQ", len(inner) + 20, 1, 2, b"WF2125G000", len(inner))
        + inner
    )


# --- worked frames ---------------------------------------------------------------------


@pytest.mark.parametrize("name", RESPONSE_FRAMES)
def test_response_is_read_and_said_again_byte_by_byte(name: str) -> None:
    frame = RESPONSE_FRAMES[name]
    message = decode_response(frame)
    assert message.raw_frame == frame
    assert message.encode() == frame


@pytest.mark.parametrize(
    "frame",
    [frames.HEARTBEAT_ANSWER, frames.READ_IR_0, frames.READ_METER, frames.WRITE],
    ids=["heartbeat", "read", "read-meter", "write"],
)
def test_request_is_read_and_said_again_byte_by_byte(frame: bytes) -> None:
    message = decode_request(frame)
    assert message.raw_frame == frame
    assert message.encode() == frame


@pytest.mark.parametrize(
    ("frame", "kind", "adapter", "device", "serial", "base", "count"),
    [
        (frames.IDENTITY, ReadHoldingRegistersResponse, "WF2125G000", 0x11, "SA2114G000", 0, 60),
        (frames.MEASUREMENTS, ReadInputRegistersResponse, "WF2125G000", 0x11, "SA2114G000", 0, 60),
        (frames.BATTERY, ReadInputRegistersResponse, "WF2125G000", 0x32, "SA2114G000", 60, 60),
        (frames.GHOST, ReadInputRegistersResponse, "WF2125G000", 0x34, "SA2114G000", 60, 60),
        (frames.METER, ReadInputRegistersResponse, "WT2337G000", 0x01, "TC2337G000", 60, 30),
        (frames.BMS_SUMMARY, ReadInputRegistersResponse, "WT2337G000", 0xA0, "TC2337G000", 60, 5),
        (frames.BCU, ReadInputRegistersResponse, "WJ2414G000", 0x70, "HC2414G000", 60, 60),
        (frames.HV_MODULE, ReadInputRegistersResponse, "WT2337G000", 0x50, "TC2337G000", 60, 60),
        (frames.SPLIT_SERIAL, ReadInputRegistersResponse, "WJ2414G000", 0x50, "HX2414G000", 60, 60),
        (
            frames.EMS_SETTINGS,
            ReadHoldingRegistersResponse,
            "FO2522G000",
            0x11,
            "EMS2522000",
            2040,
            36,
        ),
        (frames.EMS_ROLLUP, ReadInputRegistersResponse, "FO2522G000", 0x11, "EMS2522000", 2040, 60),
        (
            frames.ONE_REGISTER,
            ReadHoldingRegistersResponse,
            "FO2522G000",
            0x11,
            "EMS2522000",
            2053,
            1,
        ),
        (frames.GATEWAY, ReadInputRegistersResponse, "WK2412G000", 0x11, "GW2412G000", 1840, 20),
        (frames.LV_BCU, ReadInputRegistersResponse, "WG2302G000", 0x31, "EA2302G000", 60, 60),
        (
            frames.METER_PRODUCT,
            ReadMeterProductRegistersResponse,
            "WT2337G000",
            0x02,
            "TC2337G000",
            60,
            60,
        ),
    ],
    ids=frames.name_of,
)
def test_read_response(
    frame: bytes,
    kind: type[ReadRegistersResponse],
    adapter: str,
    device: int,
    serial: str,
    base: int,
    count: int,
) -> None:
    message = decode_response(frame)
    assert type(message) is kind
    assert isinstance(message, ReadRegistersResponse)
    assert message.data_adapter_serial_number == adapter
    assert message.device_address == device
    assert message.inverter_serial_number == serial
    assert (message.base_register, message.register_count) == (base, count)
    assert len(message.register_values) == count
    assert not message.error
    assert not message.crc_failed


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        (frames.IDENTITY, {0: 0x2001, 3: 0x0201, 19: 449, 21: 449, 35: 26, 50: 100, 55: 346}),
        (frames.MEASUREMENTS, {0: 1, 1: 3110, 13: 5009, 18: 1891, 30: 304, 52: 63040, 59: 81}),
        (frames.BATTERY, {60: 3356, 96: 1114, 97: 16, 98: 3007, 100: 80, 115: 8}),
        (frames.GHOST, {60: 0, 68: 3330, 110: 0}),
        (frames.METER, {60: 2311, 84: 0x137E, 87: 0x7103}),
        (frames.BMS_SUMMARY, {60: 1, 61: 1, 62: 6, 63: 144, 64: 72}),
        (frames.BCU, {64: 4, 67: 96, 73: 0x0C4A, 76: 0xFFF4, 80: 0x2A29}),
        (frames.EMS_SETTINGS, {2040: 1, 2044: 1900, 2045: 2359, 2046: 4, 2055: 100, 2071: 9500}),
        (frames.EMS_ROLLUP, {2043: 0x0011, 2046: 0xF8B3, 2086: 638, 2090: 2507, 2091: 4105}),
        (frames.ONE_REGISTER, {2053: 0}),
        (frames.METER_PRODUCT, {64: 0x0088, 67: 1, 68: 9600}),
    ],
    ids=frames.name_of,
)
def test_words_of_a_read_response(frame: bytes, values: dict[int, int]) -> None:
    message = decode_response(frame)
    assert isinstance(message, ReadRegistersResponse)
    assert message.to_dict() | values == message.to_dict()


@pytest.mark.parametrize(
    ("frame", "device", "base", "count"),
    [(frames.EXCEPTION, 0x11, 1100, 60), (frames.EXCEPTION_COUNT_0, 0x31, 180, 0)],
    ids=frames.name_of,
)
def test_exception(frame: bytes, device: int, base: int, count: int) -> None:
    message = decode_response(frame)
    assert isinstance(message, ReadRegistersResponse)
    assert message.error
    assert not message.crc_failed
    assert message.device_address == device
    assert (message.base_register, message.register_count) == (base, count)
    assert message.register_values == ()


def test_write_and_its_answers() -> None:
    assert decode_request(frames.WRITE) == WriteHoldingRegisterRequest(96, 1)
    assert decode_response(frames.WRITTEN) == WriteHoldingRegisterResponse(
        data_adapter_serial_number="WF2125G000",
        inverter_serial_number="SA2114G000",
        register=96,
        value=1,
    )
    refused = decode_response(frames.WRITE_REFUSED)
    assert refused == WriteHoldingRegisterResponse(
        data_adapter_serial_number="WO0000G000",
        inverter_serial_number="CE2231G000",
        register=313,
        value=0,
        error=True,
    )


def test_heartbeat_and_its_answer() -> None:
    heartbeat = decode_response(frames.HEARTBEAT)
    assert heartbeat == HeartbeatRequest(data_adapter_serial_number="WJ2414G000")
    assert isinstance(heartbeat, HeartbeatRequest)
    assert heartbeat.answer("AB1234G000").encode() == frames.HEARTBEAT_ANSWER
    assert heartbeat.answer().shape == heartbeat.expected_shape
    assert decode_request(frames.HEARTBEAT_ANSWER) == HeartbeatResponse(
        data_adapter_serial_number="AB1234G000"
    )


def test_null_response() -> None:
    message = decode_response(frames.NULL_AND_HEARTBEAT[:164])
    assert message == NullResponse(data_adapter_serial_number="WF2125G000", device_address=0x33)
    assert message.encode() == frames.NULL_AND_HEARTBEAT[:164]
    assert not message.crc_failed


def test_lan_config() -> None:
    assert decode_response(frames.LAN_CONFIG) == LanConfigBroadcast(
        data_adapter_serial_number="WO0000G000",
        ip="000.000.0.00",
        netmask="000.000.000.0",
        gateway="000.000.0.0",
        check=bytes.fromhex("b4f2"),
    )


@pytest.mark.parametrize(
    ("ip", "netmask", "gateway", "inner"),
    [
        ("10.0.0.2", "255.0.0.0", "10.0.0.1", 33),
        ("192.168.100.200", "255.255.255.255", "192.168.100.254", 53),
    ],
)
def test_lan_config_is_told_by_its_text_not_its_length(
    ip: str, netmask: str, gateway: str, inner: int
) -> None:
    message = LanConfigBroadcast(ip=ip, netmask=netmask, gateway=gateway)
    frame = message.encode()
    assert frame[25] == inner
    assert decode_response(frame) == message


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


# --- who answers whom ------------------------------------------------------------------


@pytest.mark.parametrize("kind", READ_REQUESTS)
def test_answer_has_the_shape_its_request_expects(kind: type[ReadRegistersRequest]) -> None:
    request = kind(base_register=60, register_count=2, device_address=0x32)
    answer = request.response_type(
        base_register=60, register_count=2, register_values=(1, 2), device_address=0x32
    )
    assert answer.shape == request.expected_shape
    assert answer.function == request.function
    assert answer.bank == request.bank
    assert not request.is_refused_by(answer)


def test_shapes_differ_by_what_matters() -> None:
    requests = [
        kind(base_register=base, register_count=count, device_address=device)
        for kind, base, count, device in itertools.product(
            READ_REQUESTS, (0, 60), (1, 60), (0x11, 0x32)
        )
    ]
    writes = [WriteHoldingRegisterRequest(register, 0) for register in (0, 60)]
    others: list[BasePDU] = [
        HeartbeatRequest(data_adapter_type=1),
        HeartbeatRequest(data_adapter_type=2),
        NullResponse(),
        LanConfigBroadcast(ip="10.0.0.2", netmask="255.0.0.0", gateway="10.0.0.1"),
    ]
    messages = [*requests, *writes, *others]
    assert len({message.shape for message in messages}) == len(messages)


def test_value_is_no_part_of_a_write_shape() -> None:
    request = WriteHoldingRegisterRequest(96, 1)
    answer = request.response_type(register=96, value=0)
    assert answer.shape == request.expected_shape


@pytest.mark.parametrize("count", [0, 60, 120])
def test_exception_is_recognised_whatever_its_count(count: int) -> None:
    request = ReadInputRegistersRequest(base_register=180, register_count=60, device_address=0x31)
    refusal = ReadInputRegistersResponse(
        base_register=180, register_count=count, device_address=0x31, error=True
    )
    assert request.target == refusal.target
    assert request.is_refused_by(refusal)


@pytest.mark.parametrize(
    "response",
    [
        ReadInputRegistersResponse(base_register=120, register_count=0, error=True),
        ReadHoldingRegistersResponse(base_register=180, register_count=0, error=True),
        ReadInputRegistersResponse(
            base_register=180, register_count=0, device_address=0x32, error=True
        ),
        WriteHoldingRegisterResponse(register=180, value=60, error=True),
        ReadInputRegistersResponse(base_register=180, register_count=0),
    ],
    ids=["base", "function", "device", "write", "no exception"],
)
def test_other_exceptions_are_not(response: TransparentResponse) -> None:
    request = ReadInputRegistersRequest(base_register=180, register_count=60)
    assert not request.is_refused_by(response)


def test_write_is_refused() -> None:
    refusal = decode_response(frames.WRITE_REFUSED)
    assert isinstance(refusal, TransparentResponse)
    assert WriteHoldingRegisterRequest(313, 0).is_refused_by(refusal)
    assert not WriteHoldingRegisterRequest(314, 0).is_refused_by(refusal)


# --- the tables ------------------------------------------------------------------------


def test_every_request_has_its_response_under_the_same_function() -> None:
    assert set(RESPONSES) - set(REQUESTS) == {NullResponse.function}
    for function, request in REQUESTS.items():
        assert request.function == RESPONSES[function].function == function
    for read in READ_REQUESTS:
        assert RESPONSES[read.function] is read.response_type


def test_banks() -> None:
    assert [read.bank for read in READ_REQUESTS] == ["HR", "IR", "MR"]
    assert [read.function for read in READ_REQUESTS] == [0x03, 0x04, 0x16]
