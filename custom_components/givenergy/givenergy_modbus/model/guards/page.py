"""A page: the words of one response, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import override

from ..plan import Block
from ..register import Bank, Register

_BANK_SIZE = 0x10000


class Verdict(Enum):
    """What became of a message."""

    STORED = auto()
    HELD = auto()
    """Not stored until another page corroborates it; the last values stay."""
    REJECTED = auto()
    """Not stored: recognized as garbage, or not plausible by itself."""
    IGNORED = auto()
    """It holds nothing that could be stored."""


class Reason(StrEnum):
    """Why words were not stored."""

    CHECKSUM = "checksum"
    FOREIGN = "foreign"
    """It came from another plant's inverter."""
    RANGE = "range"
    """It runs over the end of its bank."""
    LEAK = "leak"
    """The adapter answered from its own network buffer."""
    MEMORY = "memory"
    """The adapter answered from another region of its memory."""
    ZEROS = "zeros"
    """Everything fell to zero at once."""
    IMPOSSIBLE = "impossible"
    """A battery without cell voltages that is otherwise well."""
    SERIAL = "serial"
    """The device's own serial number is missing or malformed."""
    SPLICE = "splice"
    """A battery page in which values jumped, as in one patched together from others."""
    ENERGY = "energy"
    """A counter that moved faster than the plant can, or went back."""
    POWER = "power"
    """A power beyond the rating of the inverter or of the supply."""


@dataclass(frozen=True, slots=True)
class Page:
    """The words of one response."""

    device_address: int
    bank: Bank
    start: int
    words: tuple[int, ...]
    first: Register = field(init=False, compare=False, repr=False)
    """Its first register."""

    def __post_init__(self) -> None:
        """Compute the first register once: guards look words up one by one."""
        object.__setattr__(self, "first", Register.at(self.bank, self.start))

    @property
    def block(self) -> Block:
        """The block this is a reading of."""
        return Block(self.bank, self.start, len(self.words))

    @property
    def registers(self) -> Iterator[Register]:
        """Its registers, in order."""
        first = self.first
        return (Register(first + offset) for offset in range(len(self.words)))

    @property
    def fits_its_bank(self) -> bool:
        """Whether all its registers exist: none is beyond the end of the bank."""
        return self.start + len(self.words) <= _BANK_SIZE

    def get(self, register: Register) -> int | None:
        """Return a register's word, None if it is not in the page."""
        offset = register - self.first
        return self.words[offset] if 0 <= offset < len(self.words) else None

    def differs(self, other: Page) -> bool:
        """Return whether a register that another page has too has another word there."""
        if self.start == other.start and len(self.words) == len(other.words):
            return self.words != other.words
        return any(
            other.get(register) not in (None, self.get(register)) for register in self.registers
        )

    @override
    def __str__(self) -> str:
        return f"{self.device_address:#04x}:{self.bank}({self.start},{len(self.words)})"
