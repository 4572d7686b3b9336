"""Judges single fields of a page: energy counters and powers.

A page is stored with the last believed words of a doubted field in place of the new
ones; a field that never had any is not stored. The rule is that of pages.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from logging import getLogger
from operator import itemgetter
from typing import Any, NamedTuple

from ..freshness import Instant
from ..register import Bank, Register, RegisterField
from ..register_model import RegisterModel
from . import energy_guard, power_guard
from .corroboration import Decision, GuardState, Sighting, decide
from .energy_guard import COUNTERS, Context, Counted
from .limits import Limits, is_of_supply
from .page import Page, Reason

_LOGGER = getLogger(__name__)

_ENDLESS = float("inf")

_LEARNED = 1.5
"""How much more than a power that was corroborated is believed from then on."""


class CounterState(NamedTuple):
    """What is remembered of one field."""

    guard: GuardState = GuardState()
    believed: Counted | None = None
    proven_watts: float = 0.0
    """The largest power, or rate of a counter, that was corroborated."""


class Guarded(NamedTuple):
    """A field of a block, the model it belongs to, and its place in the page."""

    model: type[RegisterModel]
    field: RegisterField
    places: tuple[int, ...]

    def words(self, page: Page) -> tuple[int, ...]:
        """Return the words of the field."""
        return tuple(page.words[place] for place in self.places)

    def earlier_words(self, page: Page) -> tuple[int, ...] | None:
        """Return the words of the field in a page that may be of another block."""
        words = [page.get(register) for register in self.field.registers]
        return None if None in words else tuple(word for word in words if word is not None)


class Surroundings(NamedTuple):
    """What all fields of a page are judged by."""

    at: float
    interval: float
    """Seconds between polls."""
    limits: Limits
    clock: datetime | None = None
    """What the inverter's clock shows."""
    may_store: bool = True
    """Whether the page as a whole is believed."""


class Doubted(NamedTuple):
    """The fields of a page that are not believed."""

    instead: dict[Register, int | None]
    """The words that stay, None where there are none."""
    reasons: list[Reason]
    """Why, once per field."""


@cache
def guarded_fields(
    models: tuple[type[RegisterModel], ...],
    absent: frozenset[str],
    bank: Bank,
    start: int,
    count: int,
) -> tuple[Guarded, ...]:
    """Return the counters and powers that lie in a block with all their words.

    ``absent`` are fields of the first model; others may have fields of the same name.
    """
    first = Register.at(bank, start)
    found: dict[tuple[Register, ...], Guarded] = {}
    for number, model in enumerate(models):
        for name, field in model.register_fields.items():
            if (number == 0 and name in absent) or not _is_guarded(field):
                continue
            places = tuple(register - first for register in field.registers)
            if all(0 <= place < count for place in places):
                found[field.registers] = Guarded(model, field, places)
    return tuple(found.values())


def _is_guarded(field: RegisterField) -> bool:
    return field.energy in COUNTERS or power_guard.is_power(field)


type _States = dict[tuple[int, Register], CounterState]


class FieldGuards:
    """The counters and powers of a whole plant."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._counters: _States = {}
        self._powers: _States = {}

    def update(
        self,
        models: tuple[type[RegisterModel], ...],
        absent: frozenset[str],
        page: Page,
        now: Surroundings,
    ) -> Doubted:
        """Judge the fields of a page, and return those in doubt."""
        doubted = Doubted({}, [])
        block = page.bank, page.start, len(page.words)
        for guarded in guarded_fields(models, absent, *block):
            counts = guarded.field.energy in COUNTERS
            states = self._counters if counts else self._powers
            key = (page.device_address, guarded.field.registers[0])
            judge = _update_counter if counts else _update_power
            state, believed = judge(states.get(key, CounterState()), guarded, page, now)
            states[key] = state
            if believed or not now.may_store:
                continue
            _LOGGER.debug(
                "%s: %s in doubt, %d times", page, guarded.field.name, state.guard.refused
            )
            doubted.reasons.append(Reason.ENERGY if counts else Reason.POWER)
            words = state.believed.words if state.believed else (None,) * len(guarded.places)
            doubted.instead.update(zip(guarded.field.registers, words, strict=True))
        return doubted

    def forget(self, device_address: int) -> None:
        """Remove what is remembered of a device: another one answers in its place."""
        for states in (self._counters, self._powers):
            for key in [key for key in states if key[0] == device_address]:
                del states[key]

    def memory(self, now: Instant) -> dict[int, dict[str, Any]]:
        """Return the last believed counters by device address, as plain JSON values."""
        memory: dict[int, dict[str, Any]] = {}
        for (address, register), state in sorted(self._counters.items(), key=itemgetter(0)):
            if (believed := state.believed) is None:
                continue
            at = now.utc - timedelta(seconds=now.monotonic - believed.at)
            memory.setdefault(address, {})[str(register)] = {
                "words": list(believed.words),
                "at": at.isoformat(),
            }
        return memory

    def restore(self, device_address: int, counters: Mapping[str, Any], now: Instant) -> None:
        """Take up a device's counters of :meth:`memory`; what makes no sense is left out."""
        for name, reading in counters.items():
            try:
                self._counters[device_address, _parse(name)] = _restored(reading, now)
            except KeyError, TypeError, ValueError:
                _LOGGER.debug("No reading to restore: %#04x %s", device_address, name)


def _update_counter(
    state: CounterState, guarded: Guarded, page: Page, now: Surroundings
) -> tuple[CounterState, bool]:
    field, words = guarded.field, guarded.words(page)
    watts = max(now.limits.watts(guarded.model, field), state.proven_watts)
    before = state.believed
    if before is not None and len(before.words) != len(words):
        before = None
    context = Context(now.at, watts, now.clock)

    def follows(earlier: Sighting) -> bool:
        if (seen := guarded.earlier_words(earlier.page)) is None:
            return False
        previous = Counted(seen, earlier.at)
        if energy_guard.believes(field, previous, words, context):
            return True
        # A load beyond the limit goes on at the rate at which it began.
        rate = 0.0 if before is None else energy_guard.watts_between(field, before, previous)
        return rate > 0 and energy_guard.believes(
            field, previous, words, context._replace(watts=rate * 1.5)
        )

    doubted = before is not None and not (
        before.words == words or energy_guard.believes(field, before, words, context)
    )
    decision = _decide(state, page, now, doubted=doubted, repeats=follows, interval=_ENDLESS)
    if not decision.believed:
        return state._replace(guard=decision.state), False
    fresh = Counted(words, now.at)
    proven = state.proven_watts
    if doubted and decision.state.baseline is not None:
        begun = decision.state.baseline
        if (seen := guarded.earlier_words(begun.page)) is not None:
            rate = energy_guard.watts_between(field, Counted(seen, begun.at), fresh)
            proven = max(proven, rate * 1.5)
    return CounterState(decision.state, fresh, proven), True


def _update_power(
    state: CounterState, guarded: Guarded, page: Page, now: Surroundings
) -> tuple[CounterState, bool]:
    field, words = guarded.field, guarded.words(page)
    supply = is_of_supply(guarded.model, field.name)
    headroom = power_guard.HEADROOM_SUPPLY if supply else power_guard.HEADROOM_INVERTER
    limit = power_guard.measurable(field, headroom * now.limits.watts(guarded.model, field))
    watts = max(limit, state.proven_watts)

    def exceeds(earlier: Sighting) -> bool:
        if (previous := guarded.earlier_words(earlier.page)) is None:
            return False
        same_sign = (previous[0] ^ words[0]) & 0x8000 == 0
        return same_sign and not power_guard.believes(field, previous, watts)

    doubted = not power_guard.believes(field, words, watts)
    decision = _decide(
        state, page, now, doubted=doubted, repeats=exceeds, interval=now.interval, implausible=True
    )
    if not decision.believed:
        return state._replace(guard=decision.state), False
    proven = state.proven_watts
    if doubted and (value := field.codec.decode(*words)) is not None:
        proven = _LEARNED * abs(value)
    return CounterState(decision.state, Counted(words, now.at), proven), True


def _decide(
    state: CounterState,
    page: Page,
    now: Surroundings,
    *,
    doubted: bool,
    repeats: Callable[[Sighting], bool],
    interval: float,
    implausible: bool = False,
) -> Decision:
    return decide(
        state.guard.seen(now.at, interval),
        Sighting(page, now.at),
        doubted=doubted,
        repeats=repeats,
        implausible=implausible,
        may_store=now.may_store,
    )


def _restored(reading: Mapping[str, Any], now: Instant) -> CounterState:
    """Read a counter from memory; KeyError, TypeError or ValueError if it makes no sense."""
    utc = datetime.fromisoformat(reading["at"])
    if utc.tzinfo is None:
        raise ValueError(f"{utc} may be any time of day")
    words = tuple(int(word) for word in reading["words"])
    if any(not 0 <= word <= 0xFFFF for word in words):
        raise ValueError(f"{words} do not fit their registers")
    at = now.monotonic - max((now.utc - utc).total_seconds(), 0.0)
    return CounterState(GuardState(corroborated=True), Counted(words, at))


def _parse(name: str) -> Register:
    """Read a register's written form; ValueError if it is none."""
    bank, _, address = name.partition("(")
    return Register.at(Bank(bank), int(address.removesuffix(")")))
