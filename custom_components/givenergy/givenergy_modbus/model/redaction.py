"""Which words name one particular device, and how they are blanked before sharing.

A serial keeps what helps a reader, the product family and the week of
manufacture, and loses the number of the unit.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from .device_kinds import AIO_MODULE, HV_MODULE, HV_STACK, LV_BATTERY, METER
from .register import HR, IR, MR, Bank, Register

_KEPT = 7
"""Two letters, year and week, a letter; or three letters, year and week."""

_SHAPE = rb"(?:[A-Z]{2}\d{4}[A-Z]\d{3}|[A-Z]{3}\d{7})"
_SERIAL = re.compile(_SHAPE)
_ANYWHERE = re.compile(rb"(?=" + _SHAPE + rb")")
_NO_TEXT = re.compile(rb"[^A-Za-z0-9\0 ]")

_ALL = range(0x100)
_NONE = range(0)
_MODULES = range(AIO_MODULE.addresses.start, HV_MODULE.addresses.stop)


@dataclass(frozen=True, slots=True)
class SerialGroup:
    """A run of registers that holds, or may hold, what names a device."""

    first: Register
    words: int = 5
    sure_at: range = _ALL
    """The addresses of devices that have nothing else there."""
    numeric: bool = False
    """It is a binary number, of which nothing is kept."""
    kept: int = _KEPT
    """The leading characters to keep."""

    @property
    def registers(self) -> tuple[Register, ...]:
        """The registers of the run."""
        return tuple(Register(self.first + offset) for offset in range(self.words))

    def is_sure(self, device_address: int | None) -> bool:
        """Whether the run can hold nothing but a serial."""
        return device_address in self.sure_at or self.sure_at == _ALL


SERIAL_GROUPS = (
    SerialGroup(HR(8)),  # the first battery, on older firmware
    SerialGroup(HR(13)),
    SerialGroup(HR(180), 7),  # a longer one, on newer firmware
    SerialGroup(IR(110), sure_at=LV_BATTERY.addresses),
    SerialGroup(IR(114), sure_at=_MODULES),
    # Some modules keep the two letters of it in IR(110), and the rest here.
    SerialGroup(IR(115), 4, sure_at=_MODULES, kept=_KEPT - 2),
    SerialGroup(IR(138), sure_at=HV_STACK.addresses),
    *(SerialGroup(IR(first), sure_at=_NONE) for first in range(234, 955, 120)),
    SerialGroup(IR(1627)),
    # A gateway has its serials at every fifth register, or at every seventh.
    SerialGroup(IR(1841)),
    *(SerialGroup(IR(first), sure_at=_NONE) for first in (1846, 1848, 1851, 1855)),
    *(SerialGroup(IR(first)) for first in range(2066, 2082, 5)),
    SerialGroup(MR(60), 2, numeric=True),
    SerialGroup(IR(95), 2, sure_at=METER.addresses, numeric=True),
)
"""Every place known for it; where measurements may be instead, the shape decides."""


def redact_serial(serial: str, *, strict: bool = False) -> str:
    """Return a serial without the number of its unit.

    What does not have a serial's shape stays as it is or, if ``strict``, becomes nothing.
    """
    if _SERIAL.fullmatch(serial.upper().encode("latin-1", "replace")):
        return f"{serial[:_KEPT]}000"
    return "" if strict else serial


def redact_text(raw: bytes) -> bytes:
    """Return bytes in which everything shaped like a serial has lost its unit number."""
    redacted = bytearray(raw)
    for match in _ANYWHERE.finditer(raw.upper()):
        redacted[match.start() + _KEPT : match.start() + _KEPT + 3] = b"000"
    return bytes(redacted)


def redact_words(
    words: Mapping[Register, int], device_address: int | None = None
) -> dict[Register, int]:
    """Return the registers of one device, serials without the number of their unit.

    The device address helps to distinguish serials from measurements.
    """
    redacted = dict(words)
    for run in _runs(words):
        redacted.update(_split(run, redact_text(_join(words, run))))
    meter = device_address is None and _is_meter(words)
    for group in SERIAL_GROUPS:
        registers = [register for register in group.registers if register in words]
        sure = group.is_sure(device_address)
        if group.numeric:
            if sure or meter:
                redacted.update(dict.fromkeys(registers, 0))
        elif registers:
            raw = _redact_group(group, registers, _join(redacted, registers), sure=sure)
            redacted.update(_split(registers, raw))
    return redacted


def _is_meter(words: Mapping[Register, int]) -> bool:
    """Whether a device that may answer anywhere keeps its number where meters do.

    Batteries, their modules and their controllers have something behind it.
    """
    behind = (words.get(IR(address), 0) for address in range(106, 120))
    return not any(behind) and all(register.bank is not Bank.HOLDING for register in words)


def _redact_group(
    group: SerialGroup, registers: list[Register], raw: bytes, *, sure: bool
) -> bytes:
    """Return the bytes of a group, or of as much of it as was read, redacted in place.

    NULs within a serial are no part of it, and stay.
    """
    places = [2 * (register - group.first) + half for register in registers for half in (0, 1)]
    filled = [at for at, byte in enumerate(raw) if byte not in b"\0 "]
    text = b"AA"[: _KEPT - group.kept] + bytes(raw[at] for at in filled).upper()
    if len(registers) == group.words and _SERIAL.fullmatch(text):
        unit = filled[group.kept :]
    elif sure and not _NO_TEXT.search(raw):
        unit = [at for n, at in enumerate(filled) if max(n, places[at]) >= group.kept]
    else:
        return raw
    redacted = bytearray(raw)
    for at in unit:
        redacted[at] = ord("0")
    return bytes(redacted)


def _join(words: Mapping[Register, int], registers: Iterable[Register]) -> bytes:
    return b"".join(words[register].to_bytes(2) for register in registers)


def _split(registers: Iterable[Register], raw: bytes) -> Iterator[tuple[Register, int]]:
    for at, register in enumerate(registers):
        yield register, int.from_bytes(raw[2 * at : 2 * at + 2])


def _runs(words: Mapping[Register, int]) -> Iterator[list[Register]]:
    """Yield the registers that follow on one another."""
    for _, run in groupby(enumerate(sorted(words)), lambda numbered: numbered[1] - numbered[0]):
        yield [register for _, register in run]
