"""What is doubtful in a page: registers and how far their values may move."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import override

from ..register import Register
from .page import Page, Reason

type Words = Mapping[Register, int]
"""What is stored of a device, by register."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """Registers of a page that are not believed without corroboration."""

    reason: Reason
    what: str
    registers: tuple[Register, ...]
    limit: float = 0
    """How far the value may be off and still count as the same; raw units."""
    signed: bool = False
    implausible: bool = False
    """Whether it takes no earlier page to doubt it."""

    def repeats(self, page: Page, earlier: Page) -> bool:
        """Return whether an earlier page had the same values in these registers."""
        if not self.limit:
            return all(page.get(register) == earlier.get(register) for register in self.registers)
        old, new = (value_of(self.registers, each, signed=self.signed) for each in (earlier, page))
        return old is not None and new is not None and abs(new - old) <= self.limit

    @override
    def __str__(self) -> str:
        return f"{self.what} {self.registers[0]}"


def value_of(
    registers: tuple[Register, ...], words: Words | Page, *, signed: bool = False
) -> int | None:
    """Return the number in some registers, None if one of them is missing."""
    value = 0
    for register in registers:
        word = words.get(register)
        if word is None:
            return None
        value = value << 16 | word
    return value - 0x10000 if signed and value & 0x8000 else value
