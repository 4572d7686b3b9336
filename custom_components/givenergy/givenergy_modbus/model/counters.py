"""Whether to believe an energy counter.

Counters lose their high word for a poll, wrap, or read somebody else's register,
and a home's energy history keeps every such slip for ever. So a counter may rise
as fast as the plant can move energy, a daily one may start again at the inverter's
midnight, and anything else has to be insisted on by three pages in a row. Until
then a page is stored with the counter's last believed words in place of the new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache
from itertools import chain
from logging import getLogger
from typing import Any, NamedTuple

from .guards import Page
from .register import Bank, Energy, Register, RegisterField
from .register_model import RegisterModel

LOGGER = getLogger(__name__)

INSISTENCE = 3
"""How many pages in a row it takes to be believed against all likelihood."""

SLACK = 0.2
"""kWh a counter may rise however little time has passed."""

HEADROOM = 1.5
"""How much more than its rating a plant is thought to move."""

RESTARTED = 0.3
"""kWh a daily counter has to fall below when the day begins."""

MIDNIGHT = timedelta(minutes=15)
"""How far from midnight, either way, a daily counter may start again."""

UNKNOWN_RATING = 100_000
"""Watts thought possible where no rating is known."""

_COUNTERS = (Energy.LIFETIME, Energy.DAILY)


class Counted(NamedTuple):
    """What a counter said, and when."""

    words: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """What is remembered of one counter."""

    believed: Counted
    rival: Counted | None = None
    """The last reading that was not believed."""
    insisted: int = 0
    """How many readings in a row were not, each following from the one before."""


class Moment(NamedTuple):
    """What it takes to judge a reading beside the reading itself."""

    at: datetime
    watts: int
    clock: datetime | None = None
    """What the inverter's clock shows; None if that is not known."""

    def allowance(self, span: timedelta) -> float:
        """Return the kWh the plant can have moved in a time."""
        return HEADROOM * self.watts / 1000 * max(span, timedelta()) / timedelta(hours=1)

    def since_midnight(self, last: datetime) -> timedelta | None:
        """Return how long ago the day may have begun, None if it cannot have since ``last``.

        Any time within the quarter of an hour before or after it counts as midnight.
        """
        if self.clock is None:
            return timedelta()
        midnight = datetime.combine(self.clock + MIDNIGHT, time())
        latest = midnight + MIDNIGHT
        if latest < self.clock - (self.at - last):
            return None
        return max(self.clock - latest, timedelta())


def believes(field: RegisterField, before: Counted, words: tuple[int, ...], now: Moment) -> bool:
    """Whether a counter can have got from one reading to another."""
    old, new = field.codec.decode(*before.words), field.codec.decode(*words)
    if old is None or new is None:
        return True
    if new >= old:
        return bool(new - old <= SLACK + now.allowance(now.at - before.at) + 1e-9)
    if field.energy is not Energy.DAILY:
        return False
    begun = now.since_midnight(before.at)
    return begun is not None and new < RESTARTED + now.allowance(begun)


def weigh(field: RegisterField, tally: Tally | None, words: tuple[int, ...], now: Moment) -> Tally:
    """Return what to remember of a counter after a reading; ``believed`` is what it is now."""
    fresh = Counted(words, now.at)
    if tally is None or len(tally.believed.words) != len(words):
        return Tally(fresh)
    if tally.believed.words == words or believes(field, tally.believed, words, now):
        return Tally(fresh)
    follows = tally.rival is not None and believes(field, tally.rival, words, now)
    insisted = tally.insisted + 1 if follows else 1
    if insisted >= INSISTENCE:
        return Tally(fresh)
    return replace(tally, rival=fresh, insisted=insisted)


@cache
def counters_in(
    model: type[RegisterModel], absent: frozenset[str], bank: Bank, start: int, count: int
) -> tuple[RegisterField, ...]:
    """Return a device's counters, but for absent ones, that lie in a block with all their words."""
    first = Register.at(bank, start)
    return tuple(
        {
            field.registers: field
            for name, field in model.register_fields.items()
            if name not in absent
            and field.energy in _COUNTERS
            and all(first <= register < first + count for register in field.registers)
        }.values()
    )


class Counters:
    """The counters of a whole plant."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._tallies: dict[tuple[int, Register], Tally] = {}

    def settle(
        self,
        models: tuple[type[RegisterModel], ...],
        absent: frozenset[str],
        page: Page,
        now: Moment,
    ) -> tuple[tuple[int, ...], int]:
        """Return a page's words with what is not believed put back, and how many that were.

        What is ``absent`` are fields of the first model; others may have fields of the same name.
        """
        words, first, doubted = page.words, Register.at(page.bank, page.start), 0
        block = page.bank, page.start, len(page.words)
        for field in chain.from_iterable(
            counters_in(model, frozenset() if number else absent, *block)
            for number, model in enumerate(models)
        ):
            places = [register - first for register in field.registers]
            said = tuple(page.words[place] for place in places)
            key = (page.device_address, field.registers[0])
            tally = self._tallies[key] = weigh(field, self._tallies.get(key), said, now)
            if tally.rival is None:
                continue
            LOGGER.debug("%s: %s in doubt, %d times", page, field.name, tally.insisted)
            doubted += 1
            believed = dict(zip(places, tally.believed.words, strict=True))
            words = tuple(believed.get(place, word) for place, word in enumerate(words))
        return words, doubted

    def memory(self) -> dict[str, Any]:
        """Return the last believed readings as plain JSON values."""
        memory: dict[str, Any] = {}
        for (address, register), tally in sorted(self._tallies.items()):
            memory.setdefault(f"{address:#04x}", {})[str(register)] = {
                "words": list(tally.believed.words),
                "at": tally.believed.at.isoformat(),
            }
        return memory

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Take up readings that :meth:`memory` returned; whatever makes no sense is left out."""
        for address, counters in memory.items():
            for name in counters if isinstance(counters, Mapping) else ():
                try:
                    key = int(address, 0), _parse(name)
                    self._tallies[key] = Tally(_read(counters[name]))
                except KeyError, TypeError, ValueError:
                    LOGGER.debug("No reading to restore: %s %s", address, name)


def _read(reading: Mapping[str, Any]) -> Counted:
    """Read what a counter said; KeyError, TypeError or ValueError if it makes no sense."""
    at = datetime.fromisoformat(reading["at"])
    if at.tzinfo is None:
        raise ValueError(f"{at} may be any time of day")
    words = tuple(int(word) for word in reading["words"])
    if any(not 0 <= word <= 0xFFFF for word in words):
        raise ValueError(f"{words} do not fit their registers")
    return Counted(words, at)


def _parse(name: str) -> Register:
    """Read a register's written form; ValueError if it is none."""
    bank, _, address = name.partition("(")
    return Register.at(Bank(bank), int(address.removesuffix(")")))
