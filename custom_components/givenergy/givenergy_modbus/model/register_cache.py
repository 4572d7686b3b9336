"""The registers of one device, and their text form."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from logging import getLogger
from typing import Any, Self, override

from .redaction import redact_words
from .register import Bank, Register

LOGGER = getLogger(__name__)

_KEY = re.compile(r"(HR|IR|MR)[(:](\d+)\)?")
_ROW = re.compile(r"0x([0-9a-fA-F]+):(HR|IR|MR)\((\d+),(\d+)\)\s+([0-9a-fA-F\s]*)")
_LEGACY_HEADER = re.compile(r"#\s*\S+ probe @ device 0x([0-9a-fA-F]+)")
_LEGACY_ROW = re.compile(r"(HR|IR|MR)\((\d+),(\d+)\):\s*([0-9a-fA-F\s]*)")
_HEX = re.compile(r"[0-9a-fA-F]+")
_ROW_LENGTH = 60


class RegisterCache(dict[Register, int]):
    """Registers of one device, by register; reading a missing one adds nothing."""

    def __init__(self, registers: Mapping[Register, int] | None = None) -> None:
        """Start from another cache's registers, or from nothing."""
        super().__init__(registers or {})
        self.revision = 0
        """Goes up whenever words change, so a decode knows it is out of date."""

    def store(self, bank: Bank, start: int, values: Iterable[int]) -> None:
        """Keep a run of words that was just read; those beyond the end of the bank are left out."""
        first, rest = Register.at(bank, start), 0x10000 - start
        self.update(
            {Register(first + offset): word for offset, word in enumerate(islice(values, rest))}
        )

    @override
    def __setitem__(self, register: Register, word: int) -> None:
        super().__setitem__(register, word)
        self.revision += 1

    @override
    def __delitem__(self, register: Register) -> None:
        super().__delitem__(register)
        self.revision += 1

    @override
    def __ior__(self, other: Any) -> Self:  # type: ignore[override]
        self.update(other)
        return self

    @override
    def update(self, *args: Any, **kwargs: int) -> None:
        """Store other registers as well."""
        super().update(*args, **kwargs)
        self.revision += 1

    @override
    def setdefault(self, register: Register, word: int = 0, /) -> int:
        """Return a register's word, and store one if it has none."""
        found = super().setdefault(register, word)
        self.revision += 1
        return found

    @override
    def pop(self, register: Register, *default: Any) -> Any:
        """Remove a register, and return its word."""
        word = super().pop(register, *default)
        self.revision += 1
        return word

    @override
    def popitem(self) -> tuple[Register, int]:
        """Remove some register, and return it with its word."""
        item = super().popitem()
        self.revision += 1
        return item

    @override
    def clear(self) -> None:
        """Remove all registers."""
        super().clear()
        self.revision += 1

    def json(self) -> str:
        """Return the registers as a JSON object, in register order."""
        return json.dumps({str(register): self[register] for register in sorted(self)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`json` wrote; an invalid entry is skipped with a warning.

        Raises ValueError for text that is no JSON object.
        """
        entries = json.loads(text)
        if not isinstance(entries, dict):
            raise ValueError(f"a JSON object of registers is needed, not {type(entries).__name__}")
        cache = cls()
        for name, word in entries.items():
            key = _KEY.fullmatch(name)
            if key is None or not _is_word(word) or int(key[2]) > 0xFFFF:
                if word is not None:
                    LOGGER.warning("Skipping register %s: %r", name, word)
                continue
            cache[Register.at(Bank(key[1]), int(key[2]))] = word
        return cache

    def redact_serials(self) -> Self:
        """Return a copy in which serial numbers keep family and date and lose the unit."""
        return type(self)(redact_words(self))


def _is_word(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0xFFFF


def to_compact(caches: Mapping[int, Mapping[Register, int]]) -> str:
    """Write devices' registers as rows of hex, legible and replayable.

    A row is ``0x11:HR(0,3) 200100030832``: device, bank, first register and
    count, then four digits to the register; rows break at gaps and every 60.
    """
    return "\n".join(
        f"{address:#04x}:{run[0].bank}({run[0].address},{len(run)}) "
        + "".join(f"{cache[register]:04x}" for register in run)
        for address, cache in sorted(caches.items())
        for run in _runs(cache)
    )


def _runs(cache: Mapping[Register, int]) -> Iterator[list[Register]]:
    present = sorted(register for register, word in cache.items() if _is_word(word))
    numbered = enumerate(present)
    for _, run in groupby(
        numbered, lambda item: (item[1] - item[0], item[1].bank, item[1].address // _ROW_LENGTH)
    ):
        yield [register for _, register in run]


def parse_compact(text: str) -> dict[int, RegisterCache]:
    """Read rows that :func:`to_compact` wrote, among any other text.

    Reflowed rows are joined; a row of the wrong length is skipped with a warning.
    """
    caches: dict[int, RegisterCache] = {}
    for address, bank, start, count, digits in _rows(text):
        if len(digits) != 4 * count or start + count > 0x10000:
            LOGGER.warning("Skipping %#04x:%s(%d,%d): wrong length", address, bank, start, count)
            continue
        words = [int(digits[at : at + 4], 16) for at in range(0, len(digits), 4)]
        caches.setdefault(address, RegisterCache()).store(Bank(bank), start, words)
    return caches


def _rows(text: str) -> Iterator[tuple[int, str, int, int, str]]:
    """Yield address, bank, start, count and digits of every row, reflow undone."""
    lines = [line.strip() for line in text.splitlines()]
    device: int | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if header := _LEGACY_HEADER.match(line):
            device = int(header[1], 16)
            continue
        if row := _ROW.fullmatch(line):
            address, bank, start, count, digits = row.groups()
            owner: int | None = int(address, 16)
        elif row := _LEGACY_ROW.fullmatch(line):
            bank, start, count, digits = row.groups()
            owner = device
        else:
            continue
        if owner is None:
            continue
        digits = "".join(digits.split())
        while len(digits) < 4 * int(count) and at < len(lines) and _HEX.fullmatch(lines[at]):
            digits += lines[at]
            at += 1
        yield owner, bank, int(start), int(count), digits
