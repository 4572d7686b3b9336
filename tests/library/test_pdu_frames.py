"""Messages decoded from recorded frames, and encoded again."""

import pytest
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    HeartbeatResponse,
    LanConfigBroadcast,
    NullResponse,
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
    ReadMeterProductRegistersResponse,
    ReadRegistersResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
    decode_request,
    decode_response,
)

from tests.library import frames

RESPONSE_FRAMES = {
    name: frame
    for name, frame in vars(frames).items()
    if isinstance(frame, bytes)
    and "AND_HEARTBEAT" not in name
    and name not in {"HEARTBEAT_ANSWER", "READ_IR_0", "READ_METER", "WRITE"}
}


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
