"""What changes too much from one page of a low-voltage battery to the next.

The bus behind the inverter now and then hands over a page patched together from
pieces of others, under a checksum that is right. What gives it away is change: a
cell does not jump, a serial number does not move.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ..plan import Block
from ..register import IR, Bank, Register
from .corroboration import GAP
from .deviation import Deviation, Words, value_of
from .page import Page, Reason

PAGE = Block(Bank.INPUT, 60, 60)
"""The page of a battery."""

_SENSORS = tuple(IR(address) for address in range(76, 80))
_CELLS = tuple(IR(address) for address in range(60, 76))
_CALIBRATED, _DESIGN, _REMAINING = ((IR(at), IR(at + 1)) for at in (84, 86, 88))
_SUM, _CHARGE = IR(80), IR(100)
_FULLER = 1.3
"""How many times its capacity a battery may hold at most."""

_SUM_LIMIT = 1600
"""Millivolts by which the sum of the cells' voltages may be off."""

_SIGNS_OF_LIFE = (IR(98), IR(88), IR(89))


_MOST = 4.0
"""How many times its limit a value may move at most, however long ago the last page was."""


class RuleKind(Enum):
    """What changed."""

    PHYSICS = auto()
    """A measurement jumped."""
    SCALAR = auto()
    """Number of cells or firmware, which change once in years."""
    SERIAL = auto()
    """It is another battery."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How far some registers may move from one page to the next, in raw units."""

    what: str
    places: tuple[tuple[Register, ...], ...]
    limit: int = 0
    kind: RuleKind = RuleKind.PHYSICS
    signed: bool = False
    lasting: bool = False
    """Whether a longer time allows for more."""


def _each(*addresses: int) -> tuple[tuple[Register, ...], ...]:
    return tuple((IR(address),) for address in addresses)


def _pairs(*addresses: int) -> tuple[tuple[Register, ...], ...]:
    return tuple((IR(address), IR(address + 1)) for address in addresses)


# fmt: off
RULES = (
    Rule("cell voltage", _each(*range(60, 76)), 300),
    Rule("cell temperature", _each(76, 77, 78, 79, 103, 104), 50, signed=True, lasting=True),
    Rule("MOSFET temperature", _each(81), 200, signed=True, lasting=True),
    Rule("sum of cell voltages", _each(80), 1600),
    Rule("state of charge", _each(100), 10, lasting=True),
    Rule("lifetime energy", _each(105, 106), 50, lasting=True),
    Rule("terminal voltage", _pairs(82), 4000),
    Rule("capacity", _pairs(84, 86, 88, 101), 1500, lasting=True),
    Rule("number of cells", _each(97), kind=RuleKind.SCALAR),
    Rule("firmware", _each(98), kind=RuleKind.SCALAR),
    Rule("serial number", _each(*range(110, 115)), kind=RuleKind.SERIAL),
)
# fmt: on
_TEMPERATURES = tuple(
    (places[0], rule.limit) for rule in RULES if rule.signed for places in rule.places
)
_KINDS = {rule.what: rule.kind for rule in RULES}


def concerns(page: Page) -> bool:
    """Return whether a page holds any of the registers guarded here."""
    return (
        page.bank is Bank.INPUT
        and page.start < PAGE.start + PAGE.count
        and page.start + len(page.words) > PAGE.start
    )


def deviations(stored: Words, page: Page, elapsed: float = 0.0) -> Iterator[Deviation]:
    """Yield every value that moved further than it may in ``elapsed`` seconds."""
    longer = min(max(1.0, elapsed / GAP), _MOST)
    for rule in RULES:
        limit = rule.limit * (longer if rule.lasting else 1)
        for registers in rule.places:
            old = value_of(registers, stored, signed=rule.signed)
            new = value_of(registers, page, signed=rule.signed)
            if old is not None and new is not None and abs(new - old) > limit:
                yield Deviation(Reason.SPLICE, rule.what, registers, limit, rule.signed)


def implausible(page: Page) -> Iterator[tuple[Register, ...]]:
    """Yield the registers whose values no battery has: they need no earlier page to be doubted."""
    full = max(value_of(_CALIBRATED, page) or 0, value_of(_DESIGN, page) or 0)
    if full and (value_of(_REMAINING, page) or 0) > _FULLER * full:
        yield _REMAINING
    if (page.get(_CHARGE) or 0) > 100:
        yield (_CHARGE,)
    cells = value_of((_SUM,), page)
    if page.start == PAGE.start and cells:
        total = sum(page.get(register) or 0 for register in _CELLS)
        if total and abs(total - cells) > _SUM_LIMIT:
            yield (_SUM,)


def is_single(found: tuple[Deviation, ...]) -> bool:
    """Return whether no more than one measurement jumped, or only what seldom changes."""
    kinds = [_KINDS.get(deviation.what) for deviation in found]
    if any(kind in (None, RuleKind.SERIAL) for kind in kinds):
        return False
    return len(kinds) == 1 or RuleKind.SCALAR in kinds


def no_cells(stored: Words, page: Page) -> Deviation | None:
    """Return the cells of a battery that is well but for their voltages, which are all zero."""
    if not _is_without_cells(page) or _is_without_cells(stored):
        return None
    return Deviation(Reason.IMPOSSIBLE, "cells from", _CELLS, implausible=True)


def _is_without_cells(words: Words | Page) -> bool:
    if any(words.get(register) != 0 for register in _CELLS):
        return False
    return any(words.get(register) for register in _SIGNS_OF_LIFE)


def lacks_temperatures(words: Words | Page) -> bool:
    """Return whether two or more of the four sensors read exactly zero."""
    return sum(words.get(register) == 0 for register in _SENSORS) >= 2


def unknown_temperatures(stored: Words, page: Page) -> list[Register]:
    """Return the temperatures of a page that are none: zero because sensors are not read.

    A zero that a temperature can have fallen to is one.
    """
    if not lacks_temperatures(page):
        return []
    return [
        register
        for register, limit in _TEMPERATURES
        if page.get(register) == 0
        and ((old := value_of((register,), stored, signed=True)) is None or abs(old) > limit)
    ]
