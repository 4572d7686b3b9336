"""Whether to believe a low-voltage battery's page.

The bus behind the inverter now and then hands over a page patched together from
pieces of others, under a checksum that is right. What gives it away is change: a
cell does not jump, a serial number does not move. A page is compared with the last
one believed; one odd value waits for the next page to agree, several are turned
down, and a battery seen for the first time has to say the same twice.

Everything here is a function of the words before, the words now and a small state.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple, override

from .guards import Page, Verdict
from .register import IR, Bank, Register

FIRST = 60
COUNT = 60
"""The page of a battery: IR(60,60)."""

_PAGE = tuple(IR(address) for address in range(FIRST, FIRST + COUNT))
_SENSORS = range(76 - FIRST, 80 - FIRST)
_CELLS = slice(60 - FIRST, 76 - FIRST)
_SIGNS_OF_LIFE = (98 - FIRST, 88 - FIRST, 89 - FIRST)

STALE = timedelta(seconds=300)
"""After this long without a page, any change is possible."""

INSISTENCE = 10
"""How many pages in a row it takes to talk the guard into a change."""

type Stored = Sequence[int | None]
"""What is stored of a battery's page, in the order of its registers."""

type Words = tuple[int, ...]
"""A whole page."""


class Kind(Enum):
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
    kind: Kind = Kind.PHYSICS
    signed: bool = False
    usual: tuple[int, int] | None = None
    """Where a value is plausible on its own, should it insist."""


def _each(*addresses: int) -> tuple[tuple[Register, ...], ...]:
    return tuple((IR(address),) for address in addresses)


def _pairs(*addresses: int) -> tuple[tuple[Register, ...], ...]:
    return tuple((IR(address), IR(address + 1)) for address in addresses)


# fmt: off
RULES = (
    Rule("cell voltage", _each(*range(60, 76)), 300, usual=(1000, 5000)),
    Rule("cell temperature", _each(76, 77, 78, 79, 103, 104), 50, signed=True),
    Rule("MOSFET temperature", _each(81), 200, signed=True),
    Rule("sum of cell voltages", _each(80), 1600, usual=(16000, 80000)),
    Rule("state of charge", _each(100), 10),
    Rule("lifetime energy", _each(105, 106), 50),
    Rule("terminal voltage", _pairs(82), 4000, usual=(16000, 80000)),
    Rule("capacity", _pairs(84, 86, 88, 101), 1500, usual=(0, 50000)),
    Rule("number of cells", _each(97), kind=Kind.SCALAR),
    Rule("firmware", _each(98), kind=Kind.SCALAR),
    Rule("serial number", _each(*range(110, 115)), kind=Kind.SERIAL),
)
# fmt: on


class Trip(NamedTuple):
    """A value that moved further than it may."""

    rule: Rule
    register: Register
    value: int

    @override
    def __str__(self) -> str:
        return f"{self.rule.what} {self.register}"


class Streak(NamedTuple):
    """Pages in a row that insist on the same change."""

    changes: frozenset[tuple[Register, int]]
    last: Words
    since: datetime
    pages: int

    def lasted(self, at: datetime, span: timedelta) -> bool:
        """Whether it has been insisted on often and long enough."""
        return self.pages >= INSISTENCE and at - self.since >= span


@dataclass(frozen=True, slots=True)
class Watch:
    """What the guard remembers of one battery."""

    seen: datetime | None = None
    """When the last whole page came in, believed or not."""
    first: tuple[Words, datetime] | None = None
    """A page that waits for a second to agree, nothing being known yet."""
    odd: Trip | None = None
    """The one odd value that waits for the next page to agree."""
    scalar: Streak | None = None
    surge: Streak | None = None

    @property
    def calm(self) -> Watch:
        """The same without anything pending."""
        return Watch(seen=self.seen)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a change has to be insisted on."""

    scalar: timedelta = timedelta(seconds=900)
    surge: timedelta | None = None
    """For several measurements at once; never believed if None."""


class Judgement(NamedTuple):
    """The verdict on a page, what to remember, and what was odd."""

    verdict: Verdict
    watch: Watch
    trips: tuple[Trip, ...] = ()
    why: str = ""


def concerns(page: Page) -> bool:
    """Whether a page brings any of the registers guarded here."""
    return (
        page.bank is Bank.INPUT
        and page.start < FIRST + COUNT
        and page.start + len(page.words) > FIRST
    )


def is_whole(page: Page) -> bool:
    """Whether a page is exactly the one batteries are asked for."""
    return page.bank is Bank.INPUT and (page.start, len(page.words)) == (FIRST, COUNT)


def stored_page(stored: Mapping[Register, int]) -> Stored:
    """Return what is stored of a battery's page."""
    return [stored.get(register) for register in _PAGE]


def lacks_temperatures(words: Stored) -> bool:
    """Whether two or more of the four sensors read exactly zero."""
    return sum(words[at] == 0 for at in _SENSORS) >= 2


def is_impossible(words: Stored) -> bool:
    """Whether no cell has any voltage in a battery that is otherwise there."""
    if any(word != 0 for word in words[_CELLS]):
        return False
    return any(words[at] for at in _SIGNS_OF_LIFE)


def part_is_believable(page: Page) -> bool:
    """Whether a page that brings a part of the registers looks whole as far as it goes."""
    return sum(page.get(_PAGE[at]) == 0 for at in _SENSORS) < 2


def changes(before: Stored, now: Words) -> Iterator[Trip]:
    """Yield every value that moved further than it may."""
    for rule in RULES:
        for registers in rule.places:
            old = _value(rule, registers, before)
            new = _value(rule, registers, now)
            if old is not None and new is not None and abs(new - old) > rule.limit:
                yield Trip(rule, registers[0], new)


def _value(rule: Rule, registers: tuple[Register, ...], words: Stored) -> int | None:
    value = 0
    for register in registers:
        word = words[register - _PAGE[0]]
        if word is None:
            return None
        value = value << 16 | word
    return value - 0x10000 if rule.signed and value & 0x8000 else value


def judge(watch: Watch, before: Stored, now: Words, at: datetime, patience: Patience) -> Judgement:
    """Return what to make of a whole page that came in ``at`` some time."""
    last_seen, watch = watch.seen, replace(watch, seen=at)
    if all(word is None for word in before) or (is_impossible(before) and not is_impossible(now)):
        return _first(watch, now, at)
    watch = replace(watch, first=None)
    if last_seen is not None and at - last_seen > STALE:
        if lacks_temperatures(now):
            return _rejected(replace(watch, seen=last_seen), (), "temperatures are missing")
        return Judgement(Verdict.STORED, watch.calm)
    trips = tuple(changes(before, now))
    if not trips:
        return Judgement(Verdict.STORED, watch.calm)
    return _tripped(watch, trips, now, at, patience)


def _tripped(
    watch: Watch, trips: tuple[Trip, ...], now: Words, at: datetime, patience: Patience
) -> Judgement:
    """Return what to make of a page in which something moved further than it may."""
    kinds = [trip.rule.kind for trip in trips]
    if Kind.SERIAL in kinds:
        return _rejected(watch.calm, trips, "it is another battery's")
    if Kind.SCALAR in kinds:
        return _insisted(watch, trips, now, at, patience)
    if len(trips) > 1:
        return _surging(watch, trips, now, at, patience)
    return _single(watch, trips[0])


def _rejected(watch: Watch, trips: tuple[Trip, ...], why: str = "") -> Judgement:
    return Judgement(Verdict.REJECTED, watch, trips, why or _list(trips))


def _held(watch: Watch, trips: tuple[Trip, ...], why: str = "") -> Judgement:
    return Judgement(Verdict.HELD, watch, trips, why or _list(trips))


def _list(trips: Iterable[Trip]) -> str:
    return ", ".join(map(str, trips))


def _first(watch: Watch, now: Words, at: datetime) -> Judgement:
    """Believe the first page of a battery once a second one agrees."""
    if watch.first is not None:
        held, held_at = watch.first
        agrees = at - held_at <= STALE and not any(changes(held, now))
        if agrees and not lacks_temperatures(now):
            return Judgement(Verdict.STORED, watch.calm)
    return _held(replace(watch.calm, first=(now, at)), (), "the next page has to agree")


def _single(watch: Watch, trip: Trip) -> Judgement:
    """Hold a page for one odd value, unless the page before held the same."""
    odd = watch.odd
    if (
        odd is not None
        and odd.register == trip.register
        and abs(odd.value - trip.value) <= trip.rule.limit
    ):
        return Judgement(Verdict.STORED, watch.calm)
    return _held(replace(watch.calm, odd=trip), (trip,))


def _insisted(
    watch: Watch, trips: tuple[Trip, ...], now: Words, at: datetime, patience: Patience
) -> Judgement:
    """Hold a page for what seldom changes, until many have insisted on it."""
    what = frozenset((trip.register, trip.value) for trip in trips if trip.rule.kind is Kind.SCALAR)
    streak = watch.scalar
    if streak is None or streak.changes != what:
        streak = Streak(what, now, at, 0)
    streak = streak._replace(last=now, pages=streak.pages + 1)
    if streak.lasted(at, patience.scalar):
        return Judgement(Verdict.STORED, watch.calm)
    return _held(replace(watch.calm, scalar=streak), trips)


def _surging(
    watch: Watch, trips: tuple[Trip, ...], now: Words, at: datetime, patience: Patience
) -> Judgement:
    """Turn down a page with several odd values, however often it comes.

    Unless asked to: then a new level may be insisted on where each page follows from
    the one before.
    """
    if patience.surge is None or not all(_is_usual(trip) for trip in trips):
        return _rejected(watch.calm, trips)
    streak = watch.surge
    if streak is None or any(changes(streak.last, now)):
        streak = Streak(frozenset(), now, at, 0)
    streak = streak._replace(last=now, pages=streak.pages + 1)
    if streak.lasted(at, patience.surge):
        return Judgement(Verdict.STORED, watch.calm)
    return _held(replace(watch.calm, surge=streak), trips)


def _is_usual(trip: Trip) -> bool:
    usual = trip.rule.usual
    return usual is not None and usual[0] <= trip.value <= usual[1]
