"""Pages that are recognized by their own words, or by what they wipe out."""

from collections.abc import Mapping
from functools import cache

from ..register import Register, RegisterField
from ..register_model import RegisterModel
from ..serials import is_serial
from .deviation import Deviation, Words
from .page import Page, Reason

_MANY = 20
"""The words of which not all have a reason to be zero at once."""

# Where a leaked network packet has these words, on the network where it was recorded.
_LEAKED: Mapping[int, tuple[int, ...]] = {
    28: (0x4C32,),
    30: (0xA119,),
    31: (0x34EA,),
    32: (0xE77F,),
    33: (0xD475,),
    35: (0x4500,),
    40: (0xE4F9, 0xB619),
    41: (0xC0A8,),
    43: (0xC0A8,),
    46: (0xC5E9,),
    50: (0x60EF, 0x503C),
    51: (0x8018,),
    52: (0x43E0,),
    53: (0xF6CE,),
    56: (0x080A,),
    58: (0xFCC1,),
    59: (0x661E,),
}
_COINCIDENCES = 5

_IP_HEADER = slice(35, 45)
"""Where a leaked packet's IPv4 header of 20 bytes is."""

_VERSION_AND_LENGTH = 0x45
_PROTOCOLS = (6, 17)
"""TCP and UDP."""

_HIGH = 0xE000
_HIGH_SHARE = 10 / 60
_UNSIGNED_SHARE = 1 / 4
"""How many of the high words must be no small negative numbers."""


def is_leaked(page: Page) -> bool:
    """Return whether the adapter answered with a network packet of its own."""
    alike = sum(page.words[at] in words for at, words in _LEAKED.items() if at < len(page.words))
    return alike > _COINCIDENCES or _has_ip_header(page.words[_IP_HEADER])


def _has_ip_header(words: tuple[int, ...]) -> bool:
    """Return whether ten words are an IPv4 header, which its checksum proves on any network."""
    if len(words) < 10 or words[0] >> 8 != _VERSION_AND_LENGTH or words[4] & 0xFF not in _PROTOCOLS:
        return False
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def dropout(stored: Words, page: Page) -> Deviation | None:
    """Return what is wrong with a page of zeros where something else is known.

    A device that has reported values is not plausible with nothing but zeros; it may be
    off, or its strings in the dark, so the zeros are believed once they last.
    """
    if len(page.words) < _MANY or any(page.words):
        return None
    if not any(stored.get(register) for register in page.registers):
        return None
    return Deviation(Reason.ZEROS, "all", tuple(page.registers), implausible=True)


def memory(models: tuple[type[RegisterModel], ...], stored: Words, page: Page) -> Deviation | None:
    """Return the words of a page that are addresses of the adapter's memory, if many are.

    Numbers a little below zero look alike: some must be where no number has a sign, or
    many must have been no such numbers before.
    """
    places = [place for place, word in enumerate(page.words) if word >= _HIGH]
    many = _HIGH_SHARE * len(page.words)
    if len(page.words) < _MANY or len(places) < many:
        return None
    high = tuple(Register(page.first + place) for place in places)
    signed = _signed(models)
    if all(register not in stored for register in high):
        if sum(register not in signed for register in high) < _UNSIGNED_SHARE * len(high):
            return None
        return Deviation(Reason.MEMORY, "high words from", high, implausible=True)
    fresh = [register for register in high if stored.get(register, 0) < _HIGH]
    if len(fresh) < many and all(register in signed for register in fresh):
        return None
    return Deviation(Reason.MEMORY, "high words from", high, implausible=True)


@cache
def _signed(models: tuple[type[RegisterModel], ...]) -> frozenset[Register]:
    """Return the registers that hold the sign of some field."""
    return frozenset(
        field.registers[0]
        for model in models
        for field in model.register_fields.values()
        if field.kind in (int, float) and _may_be_negative(field)
    )


def _may_be_negative(field: RegisterField) -> bool:
    value = field.codec.decode(*[0xFFFF] * len(field.registers))
    return value is not None and bool(value < 0)


def blanks_serial(field: RegisterField, stored: Words, page: Page, *, required: bool) -> bool:
    """Return whether a page leaves no serial number where there is one, or has to be one.

    That is an empty place answering, not the device.
    """
    words = [page.get(register) for register in field.registers]
    if None in words or any(word not in (0, None, 0x2020) for word in words):
        return False
    return required or any(stored.get(register) for register in field.registers)


def serial_after(field: RegisterField, stored: Words, page: Page) -> str | None:
    """Return the whole serial number of a device once a page is stored, None if it gives none."""
    if all(page.get(register) is None for register in field.registers):
        return None
    after = {register: _word(register, stored, page) for register in field.registers}
    serial = field.read({at: word for at, word in after.items() if word is not None})
    return str(serial) if is_serial(serial) else None


def other_serial(field: RegisterField, stored: Words, page: Page) -> Deviation | None:
    """Return the serial number of a page if it is whole and another than the stored one."""
    before, after = field.read(stored), serial_after(field, stored, page)
    if after is None or after == before or not is_serial(before):
        return None
    return Deviation(Reason.SPLICE, "serial number", field.registers)


def odd_serial(
    field: RegisterField, stored: Words, page: Page, *, required: bool
) -> Deviation | None:
    """Return the serial number of a page if the device would have no whole one with it.

    Some modules keep theirs in a form of their own: unless it is required, only a
    whole one that goes away counts.
    """
    after = {register: _word(register, stored, page) for register in field.registers}
    if all(page.get(register) is None for register in after) or None in after.values():
        return None
    if is_serial(field.read({at: word for at, word in after.items() if word is not None})):
        return None
    if not required and not is_serial(field.read(stored)):
        return None
    if all(stored.get(register) == page.get(register) for register in after):
        return None
    return Deviation(Reason.SERIAL, "serial number", field.registers, implausible=required)


def _word(register: Register, stored: Words, page: Page) -> int | None:
    fresh = page.get(register)
    return stored.get(register) if fresh is None else fresh
