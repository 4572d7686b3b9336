"""How an energy counter can move.

Counters lose their high word for a poll, wrap, or read another register,
and a home's energy history keeps every such slip. So a counter may rise as fast as
inverter or supply can move energy, and a daily one may start again at the inverter's
midnight. Anything else is doubted.
"""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from ..register import Energy, RegisterField

SLACK = 0.2
"""kWh a counter may rise however little time has passed."""

HEADROOM = 1.5
"""How much more than its rating a plant is thought to move."""

RESTARTED = 0.3
"""kWh a daily counter has to fall below when the day begins."""

MIDNIGHT = timedelta(minutes=15)
"""How far from midnight, either way, a daily counter may start again."""

COUNTERS = (Energy.LIFETIME, Energy.DAILY)


class Counted(NamedTuple):
    """The words of a field, and when they were read."""

    words: tuple[int, ...]
    at: float
    """Seconds of the monotonic clock."""


class Context(NamedTuple):
    """What it takes to judge a reading besides the reading itself."""

    at: float
    watts: float
    """What can flow through what is counted."""
    clock: datetime | None = None
    """What the inverter's clock shows; None if that is not known."""

    def allowance(self, seconds: float) -> float:
        """Return the kWh that can have been moved in so many seconds."""
        return HEADROOM * self.watts / 1000 * max(seconds, 0.0) / 3600

    def since_midnight(self, last: float) -> float | None:
        """Return how many seconds ago the day may have begun, None if not since ``last``.

        Any time within the quarter of an hour before or after it counts as midnight.
        """
        if self.clock is None:
            return 0.0
        midnight = datetime.combine(self.clock + MIDNIGHT, time())
        latest = midnight + MIDNIGHT
        if latest < self.clock - timedelta(seconds=self.at - last):
            return None
        return max((self.clock - latest).total_seconds(), 0.0)


def believes(field: RegisterField, before: Counted, words: tuple[int, ...], now: Context) -> bool:
    """Return whether a counter can have got from one reading to another."""
    old, new = field.codec.decode(*before.words), field.codec.decode(*words)
    if old is None or new is None:
        return True
    if new >= old:
        return bool(new - old <= SLACK + now.allowance(now.at - before.at) + 1e-9)
    if field.energy is not Energy.DAILY:
        return False
    begun = now.since_midnight(before.at)
    return begun is not None and new < RESTARTED + now.allowance(begun)


def watts_between(field: RegisterField, before: Counted, now: Counted) -> float:
    """Return the power that a rise from one reading to another takes, 0 if there is none."""
    old, new = field.codec.decode(*before.words), field.codec.decode(*now.words)
    if old is None or new is None or new <= old + SLACK or now.at <= before.at:
        return 0.0
    return float((new - old - SLACK) * 3_600_000 / (now.at - before.at) / HEADROOM)
