"""How values are spelled in words, and which words are no value."""

import math
from datetime import datetime, time
from enum import IntEnum
from typing import Any

import pytest
from givenergy_modbus.model import TimeSlot, codecs
from givenergy_modbus.model.codecs import Codec
from hypothesis import given
from hypothesis import strategies as st

WORD = st.integers(0, 0xFFFF)


class Colour(IntEnum):
    RED = 0
    BLUE = 3


ONE_TO_ONE: dict[str, Codec[Any]] = {
    name: getattr(codecs, name)
    for name in (
        *("uint16", "int16", "uint32", "int32"),
        *("deci", "centi", "milli", "factor", "deci_int16", "centi_int16"),
        *("deci_int32", "deci_uint32", "centi_uint32", "milli_uint32"),
    )
}
"""Numbers that every word spells, and only one word each."""


@pytest.mark.parametrize("codec", ONE_TO_ONE.values(), ids=ONE_TO_ONE)
@given(data=st.data())
def test_every_word_is_a_number_and_its_only_spelling(codec: Codec[Any], data: Any) -> None:
    words = data.draw(st.tuples(*[WORD] * codec.words))
    value = codec.decode(*words)
    assert type(value) is codec.kind
    assert codec.encode is not None
    assert codec.encode(value) == words


@pytest.mark.parametrize(
    ("codec", "words", "value"),
    [
        (codecs.int16, (0xFFFF,), -1),
        (codecs.int16, (0x8000,), -32768),
        (codecs.int32, (0xFFFF, 0xFFFF), -1),
        (codecs.uint32, (1, 2), 65538),
        (codecs.deci, (2431,), 243.1),
        (codecs.centi_int16, (0xFFFF,), -0.01),
        (codecs.deci_int32, (0xFFFF, 0xFFF6), -1.0),
        (codecs.milli_uint32, (1, 0), 65.536),
        (codecs.factor, (10_000,), 0.0),
        (codecs.factor, (0,), -1.0),
        (codecs.factor, (19_999,), 0.9999),
        (codecs.scaled(codecs.uint16, 10, -100), (0,), -100.0),
        (codecs.negated(codecs.int16), (5,), -5),
        (codecs.high_byte, (0x0201,), 2),
        (codecs.low_byte, (0x0201,), 1),
        (codecs.high_flag, (0x00FF,), False),
        (codecs.high_flag, (0x0100,), True),
        (codecs.low_flag, (0xFF00,), False),
        (codecs.low_flag, (0x0001,), True),
        (codecs.flag, (2,), True),
        (codecs.bits(3, 3), (0b101_000,), 5),
        (codecs.hexadecimal(4), (0x20A1,), "20a1"),
        (codecs.hexadecimal(8, codecs.uint32), (3, 2078), "0003081e"),
        (codecs.decimal_text(2), (140,), "1.40"),
        (codecs.firmware, (449, 282), "D0.449-A0.282"),
        (codecs.version, (0x4241, 0x4241, 0, 9), "BABA0009"),
        (codecs.lookup({0: 230, 1: 208}), (1,), 208),
        (codecs.lookup({0: 230, 1: 208}), (2,), None),
        (codecs.enum(Colour), (3,), Colour.BLUE),
        (codecs.enum(Colour), (1,), None),
        (codecs.enum(Colour, codecs.bits(4, 4)), (0x30,), Colour.BLUE),
        (codecs.enum(Colour, codecs.bits(4, 4)), (0x10,), None),
        (codecs.text(2), (0x6100, 0x0042), "AB"),
        (codecs.serial, (0x4345, 0x3232, 0x3331, 0x4730, 0x3030), "CE2231G000"),
        (codecs.messages({0: "a", 1: "b"}), (3,), ("a", "b")),
        (codecs.messages({0: "a", 1: "b"}, highest_first=True), (3,), ("b", "a")),
        (codecs.messages({0: "a", 16: "b"}, 2), (1, 0), ("b",)),
        (codecs.messages({0: "a"}), (2,), ()),
        (codecs.slot, (30, 430), TimeSlot(time(0, 30), time(4, 30))),
        (codecs.slot, (2330, 530), TimeSlot(time(23, 30), time(5, 30))),
        (codecs.slot, (0, 0), TimeSlot(time(0), time(0))),
        (codecs.slot, (60, 430), None),
        (codecs.slot, (0, 2400), None),
        (codecs.slot, (0, 175), None),
        (codecs.clock, (26, 5, 28, 19, 19, 36), datetime.fromisoformat("2026-05-28T19:19:36")),
        (codecs.clock, (26, 2, 30, 0, 0, 0), None),
        (codecs.clock, (65535, 1, 1, 0, 0, 0), None),
    ],
)
def test_words_mean(codec: Codec[Any], words: tuple[int, ...], value: Any) -> None:
    decoded = codec.decode(*words)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (codecs.deci, 0.05),
        (codecs.centi, 0.281),
        (codecs.factor, 0.00001),
        (codecs.serial, "ELEVENCHARS"),
        (codecs.clock, datetime.fromisoformat("1999-12-31")),
    ],
)
def test_what_cannot_be_spelled_is_refused(codec: Codec[Any], value: Any) -> None:
    assert codec.encode is not None
    with pytest.raises(ValueError, match=r".+"):
        codec.encode(value)


@given(st.integers(0, 6553))
def test_a_scaled_value_survives_arithmetic_noise(count: int) -> None:
    """0.1 + 0.2 is 0.3 to a register."""
    assert codecs.deci.encode is not None
    assert codecs.deci.encode(math.nextafter(count / 10, math.inf)) == (count,)


@given(st.times())
def test_a_window_drops_seconds(at: time) -> None:
    assert codecs.slot.encode is not None
    words = codecs.slot.encode(TimeSlot(at, at))
    expected = at.replace(second=0, microsecond=0)
    assert codecs.slot.decode(*words) == TimeSlot(expected, expected)
