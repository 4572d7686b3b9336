"""How values are spelled in 16-bit words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from . import TimeSlot


@dataclass(frozen=True, slots=True)
class Codec[T]:
    """How a value of one kind is spelled in ``words`` registers."""

    kind: type[T]
    decode: Callable[..., T | None]
    encode: Callable[[T], tuple[int, ...]] | None = None
    words: int = 1
    precision: int = 0
    optional: int = 0
    """How many of the first words may be unread; they count as zero."""
    identifies: bool = False
    """Whether the text names one particular device, and is redacted before sharing."""


def _signed(bits: int) -> Callable[[int], int]:
    return lambda raw: raw - (1 << bits) if raw >> (bits - 1) else raw


def _int32(high: int, low: int) -> int:
    raw = high << 16 | low
    return raw - (1 << 32) if raw >> 31 else raw


uint16 = Codec(int, decode=int, encode=lambda value: (value,))
int16 = Codec(int, decode=_signed(16), encode=lambda value: (value & 0xFFFF,))
uint32 = Codec(
    int,
    decode=lambda high, low: high << 16 | low,
    encode=lambda value: (value >> 16, value & 0xFFFF),
    words=2,
)
int32 = Codec(
    int,
    decode=_int32,
    encode=lambda value: (value >> 16 & 0xFFFF, value & 0xFFFF),
    words=2,
)
high_byte = Codec(int, decode=lambda word: word >> 8)
low_byte = Codec(int, decode=lambda word: word & 0xFF)
flag = Codec(bool, decode=bool, encode=lambda on: (int(on),))
high_flag = Codec(bool, decode=lambda word: word >> 8 != 0)
low_flag = Codec(bool, decode=lambda word: word & 0xFF != 0)


def bits(lsb: int, width: int) -> Codec[int]:
    """Spell a number in ``width`` bits of a word, ``lsb`` being its lowest."""
    mask = (1 << width) - 1
    return Codec(int, decode=lambda word: word >> lsb & mask)


def scaled(whole: Codec[int], divisor: int, offset: float = 0) -> Codec[float]:
    """Spell a fixed-point number as a whole count of ``1/divisor``, from ``offset`` on."""
    decode_whole, encode_whole = whole.decode, whole.encode
    precision = len(str(divisor)) - 1

    def encode(value: float) -> tuple[int, ...]:
        assert encode_whole is not None
        count = round((value - offset) * divisor, 4)
        if count != int(count):
            raise ValueError(f"{value} is finer than 1/{divisor}")
        return encode_whole(int(count))

    decode: Callable[..., float]
    if whole is uint16:
        decode = _plain_quotient(divisor) if not offset else _offset_quotient(divisor, offset)
    else:

        def decode(*words: int) -> float:
            value = (decode_whole(*words) or 0) / divisor
            return round(value + offset, precision) if offset else value

    return Codec(
        float,
        decode=decode,
        encode=None if encode_whole is None else encode,
        words=whole.words,
        precision=precision,
    )


def _plain_quotient(divisor: int) -> Callable[[int], float]:
    return lambda word: word / divisor


def _offset_quotient(divisor: int, offset: float) -> Callable[[int], float]:
    precision = len(str(divisor)) - 1
    return lambda word: round(word / divisor + offset, precision)


def negated(whole: Codec[int]) -> Codec[int]:
    """Spell a number with its sign turned round."""
    decode_whole, encode_whole = whole.decode, whole.encode
    return Codec(
        int,
        decode=lambda *words: -(decode_whole(*words) or 0),
        encode=None if encode_whole is None else lambda value: encode_whole(-value),
        words=whole.words,
    )


deci, centi, milli = scaled(uint16, 10), scaled(uint16, 100), scaled(uint16, 1000)
deci_int16, centi_int16 = scaled(int16, 10), scaled(int16, 100)
deci_uint32, centi_uint32, milli_uint32 = (
    scaled(uint32, 10),
    scaled(uint32, 100),
    scaled(uint32, 1000),
)
deci_int32 = scaled(int32, 10)
factor = scaled(uint16, 10_000, offset=-1)
"""A power factor from -1 to 1, 0 being unity: positive lagging, negative leading."""


def enum[E: IntEnum](members: type[E], of: Codec[int] = uint16) -> Codec[E]:
    """Spell a choice; a number no member has decodes to None."""
    known = {member.value: member for member in members}
    decode_number, encode_number = of.decode, of.encode
    return Codec(
        members,
        decode=known.get if of is uint16 else lambda *words: known.get(decode_number(*words) or 0),
        encode=None if encode_number is None else lambda member: encode_number(int(member)),
    )


def lookup(values: Mapping[int, int]) -> Codec[int]:
    """Spell one of a few numbers by its place in a list; other words decode to None."""
    words = {value: word for word, value in values.items()}
    return Codec(int, decode=values.get, encode=lambda value: (words[value],))


def hexadecimal(digits: int, of: Codec[int] = uint16) -> Codec[str]:
    """Spell a code as lower-case hexadecimal digits."""
    decode_number, encode_number = of.decode, of.encode
    return Codec(
        str,
        decode=lambda *words: f"{decode_number(*words):0{digits}x}",
        encode=None if encode_number is None else lambda text: encode_number(int(text, 16)),
        words=of.words,
    )


def decimal_text(decimals: int) -> Codec[str]:
    """Spell a version as a number written with fixed decimals."""
    scale = 10**decimals
    return Codec(
        str,
        decode=lambda word: f"{word / scale:.{decimals}f}",
        encode=lambda text: (round(float(text) * scale),),
    )


def text(words: int) -> Codec[str]:
    """Spell Latin-1 text, two characters to the register; NULs are dropped wherever they are."""
    return Codec(
        str,
        decode=lambda *raw: (
            b"".join(word.to_bytes(2, "big") for word in raw)
            .replace(b"\0", b"")
            .upper()
            .decode("latin1")
        ),
        encode=lambda value: _spell_text(value, words),
        words=words,
    )


def _spell_text(value: str, words: int) -> tuple[int, ...]:
    raw = value.encode("latin1").ljust(2 * words, b"\0")
    if len(raw) > 2 * words:
        raise ValueError(f"{value!r} is longer than {2 * words} characters")
    return tuple(int.from_bytes(raw[at : at + 2], "big") for at in range(0, 2 * words, 2))


_ten = text(5)
serial = Codec(str, decode=_ten.decode, encode=_ten.encode, words=5, identifies=True)
"""A device's serial number, ten characters."""


def _decode_clock(
    year: int, month: int, day: int, hour: int, minute: int, second: int
) -> datetime | None:
    try:
        return datetime(year + 2000, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError, OverflowError:
        return None


def _encode_clock(at: datetime) -> tuple[int, ...]:
    if at.year < 2000:
        raise ValueError(f"the clock cannot show {at:%Y}")
    return at.year - 2000, at.month, at.day, at.hour, at.minute, at.second


clock = Codec(datetime, decode=_decode_clock, encode=_encode_clock, words=6)
"""Local wall time without a zone, one word to the component, years since 2000."""

slot = Codec(TimeSlot, decode=TimeSlot.parse, encode=TimeSlot.encode, words=2)
"""A daily window: start and end as decimal HHMM."""


def _spell_firmware(version: str) -> tuple[int, ...]:
    dsp, arm = version.split("-")
    return int(dsp.removeprefix("D0.")), int(arm.removeprefix("A0."))


firmware = Codec(str, decode=lambda dsp, arm: f"D0.{dsp}-A0.{arm}", encode=_spell_firmware, words=2)
"""The two processors' firmware numbers, as the vendor writes them together."""


def _decode_version(*words: int) -> str:
    letters = b"".join(word.to_bytes(2, "big") for word in words[:2]).decode("latin1")
    digits = "".join(f"{byte}" for word in words[2:] for byte in word.to_bytes(2, "big"))
    return (letters.replace("\0", "") + digits).upper()


version = Codec(str, decode=_decode_version, words=4)
"""A version of four letters and four small numbers, a byte each."""


def messages(
    table: Mapping[int, str], words: int = 1, *, highest_first: bool = False
) -> Codec[tuple[str, ...]]:
    """Spell a set of conditions, one to the bit, listed in the order of their bits."""
    ordered = sorted(table.items(), reverse=highest_first)

    def decode(*raw: int) -> tuple[str, ...]:
        value = 0
        for word in raw:
            value = value << 16 | word
        return tuple(message for bit, message in ordered if value >> bit & 1)

    kind: Any = tuple[str, ...]
    return Codec(kind, decode=decode, words=words)
