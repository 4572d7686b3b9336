"""Which answers to believe: what can be said of any page from its words alone.

A page is what one answer brings: a run of words of one device. Every guard is a
pure function of the words stored so far and the page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import override

from .plan import Block
from .register import Bank, Register, RegisterField
from .serials import is_serial

_MANY = 20
"""The words of which not all have a reason to be zero at once."""


class Verdict(Enum):
    """What became of a message."""

    STORED = auto()
    HELD = auto()
    """Kept aside until the next one says the same."""
    REJECTED = auto()
    IGNORED = auto()
    """Nothing in it that could be stored."""


class Reason(StrEnum):
    """Why words were not stored."""

    CHECKSUM = "checksum"
    FOREIGN = "foreign"
    """It came from another plant's inverter."""
    LEAK = "leak"
    """The adapter answered from its own network buffer."""
    ZEROS = "zeros"
    """Everything fell to zero at once."""
    IMPOSSIBLE = "impossible"
    """A battery without cell voltages that is otherwise well."""
    SERIAL = "serial"
    """The device's own serial number is none."""
    SPLICE = "splice"
    """A battery page patched together from others."""
    ENERGY = "energy"
    """A counter that moved faster than the plant can, or went back."""


type Words = Mapping[Register, int]
"""What is stored of a device, by register."""


@dataclass(frozen=True, slots=True)
class Page:
    """The words one answer brings."""

    device_address: int
    bank: Bank
    start: int
    words: tuple[int, ...]

    @property
    def block(self) -> Block:
        """The block this is a reading of."""
        return Block(self.bank, self.start, len(self.words))

    @property
    def registers(self) -> Iterator[Register]:
        """The registers it brings, in order."""
        first = Register.at(self.bank, self.start)
        return (Register(first + offset) for offset in range(len(self.words)))

    def get(self, register: Register) -> int | None:
        """Return a register's word, None if the page does not bring it."""
        offset = register - Register.at(self.bank, self.start)
        return self.words[offset] if 0 <= offset < len(self.words) else None

    @override
    def __str__(self) -> str:
        return f"{self.device_address:#04x}:{self.bank}({self.start},{len(self.words)})"


# Positions in a page where a leaked network packet has these words.
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


def is_leaked(page: Page) -> bool:
    """Whether the adapter put a network packet where measurements should be."""
    if page.bank is not Bank.INPUT:
        return False
    alike = (page.words[at] in words for at, words in _LEAKED.items() if at < len(page.words))
    return sum(alike) > _COINCIDENCES


def is_dropout(stored: Words, page: Page) -> bool:
    """Whether a page reads zero throughout where something else is known."""
    if len(page.words) < _MANY or any(page.words):
        return False
    return any(stored.get(register) for register in page.registers)


def loses_serial(
    field: RegisterField, stored: Words, page: Page, *, must_have_one: bool = True
) -> bool:
    """Whether a device would have no whole serial number once the page is stored.

    Some modules keep theirs in a form of their own: unless they must have one,
    only a whole one that goes away counts.
    """
    after = {register: _word(register, stored, page) for register in field.registers}
    if all(page.get(register) is None for register in after) or None in after.values():
        return False
    if is_serial(field.read({at: word for at, word in after.items() if word is not None})):
        return False
    return must_have_one or is_serial(field.read(stored))


def _word(register: Register, stored: Words, page: Page) -> int | None:
    fresh = page.get(register)
    return stored.get(register) if fresh is None else fresh
