"""The checksum, against published values and against its definition."""

import pytest
from givenergy_modbus.crc import crc16
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("data", "wire"),
    [
        ("11030000003c", "474b"),
        ("11040000003c", "f28b"),
        ("0104003c001e", "b00e"),
        ("313233343536373839", "374b"),  # the catalogue's check value, 0x4B37
        ("", "ffff"),
    ],
)
def test_known_values(data: str, wire: str) -> None:
    assert crc16(bytes.fromhex(data)).to_bytes(2, "little").hex() == wire


@given(st.binary(max_size=150))
def test_agrees_with_the_bitwise_definition(data: bytes) -> None:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    assert crc16(data) == crc


@given(st.binary(max_size=150))
def test_vanishes_over_data_and_checksum(data: bytes) -> None:
    assert crc16(data + crc16(data).to_bytes(2, "little")) == 0


@given(st.binary(min_size=1, max_size=150), st.data())
def test_notices_any_single_wrong_byte(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) - 1))
    wrong = bytearray(data)
    wrong[at] ^= draw.draw(st.integers(1, 0xFF))
    assert crc16(bytes(wrong)) != crc16(data)
