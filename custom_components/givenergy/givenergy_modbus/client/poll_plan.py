"""Decide which blocks of measurements one poll asks for.

A block that something uses is asked for at its pace: a fast one on every poll, a slow
one often enough that its values are never older than a minute. A block nothing uses is
asked for every ten minutes. What another client has asked for lately is not asked again; see
also ``other_polls.py``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from ..model.pace import Pace, pace_of
from ..model.plan import Read
from ..model.plant import Plant
from .other_polls import OtherPolls

SLOW_AGE = 60.0
"""Seconds a used slow block may be old."""
UNUSED_AGE = 600.0
"""Seconds a block that nothing uses may be old."""
_SHARED_SLOW_AGE = 30.0
"""Seconds for which a slow block that another client asked for counts as just read."""
_PASSIVE_INTERVALS = 3
"""Intervals that a passive client waits for another client's request."""


@dataclass(slots=True)
class PollPlan:
    """The blocks of one plant, and when this client last asked for each.

    ``interval`` is the number of seconds from one poll to the next. With ``passive``, only
    blocks that no other client has asked for within three intervals are due.
    """

    plant: Plant
    interval: float
    passive: bool = False
    shift: float = 0.0
    """How many seconds later polls should start to follow those of another client."""
    _asked_at: dict[Read, float] = field(default_factory=dict)
    _others: OtherPolls = field(init=False)

    def __post_init__(self) -> None:
        """Start with no other client noticed."""
        self._others = OtherPolls(self.interval)

    def due(self, used: Collection[Read] | None = None) -> list[Read]:
        """Return the blocks the next poll should ask for, in the order of the register plan.

        ``used`` are the blocks that something reads; None means all. Blocks that were never
        stored are always due.
        """
        plan = self._plan
        fast = [read for read in plan if self._is_used(read, used) and self.is_fast(read)]
        slow = [read for read in plan if self._is_used(read, used) and not self.is_fast(read)]
        unused = [read for read in plan if not self._is_used(read, used)]
        self._follow_others(fast)
        due = {read for read in fast if self._is_fast_due(read)}
        due |= self._oldest(slow, SLOW_AGE, _SHARED_SLOW_AGE)
        due |= self._oldest(unused, UNUSED_AGE, UNUSED_AGE / 2)
        return [read for read in plan if read in due]

    def first(self) -> list[Read]:
        """Return the blocks to read before anything is shown: the fast ones."""
        return [read for read in self._plan if self.is_fast(read)]

    def is_fast(self, read: Read) -> bool:
        """Return whether a block is read on every poll while something uses it."""
        capabilities = self.plant.capabilities
        assert capabilities is not None
        return pace_of(capabilities, read) is Pace.FAST

    def record(self, reads: Iterable[Read]) -> None:
        """Record that this client has just asked for blocks, answered or not."""
        now = self.plant.clock.monotonic()
        self._asked_at |= dict.fromkeys(reads, now)

    def _follow_others(self, fast: Iterable[Read]) -> None:
        for read in fast:
            at = self.plant.stored_monotonic(read)
            if at is not None and self._is_shared(read):
                self._others.record(read, at)
        self.shift = self._others.shift(self.plant.clock.monotonic())

    @property
    def _plan(self) -> Sequence[Read]:
        capabilities = self.plant.capabilities
        return () if capabilities is None else capabilities.measurement_plan

    @staticmethod
    def _is_used(read: Read, used: Collection[Read] | None) -> bool:
        return used is None or read in used

    def _is_fast_due(self, read: Read) -> bool:
        age = self._age(read)
        if age is None:
            return True
        if self.passive:
            return age >= _PASSIVE_INTERVALS * self.interval
        return not self._is_shared(read) or age > self.interval / 2

    def _oldest(self, reads: Sequence[Read], limit: float, fresh: float) -> set[Read]:
        """Return the share of slow blocks one poll asks for, the oldest first.

        The share is such that all are asked for within the limit; a block younger than
        ``fresh`` seconds waits.
        """
        if self.passive:
            limit = max(limit, _PASSIVE_INTERVALS * self.interval)
            fresh = limit
        ages = {read: self._age(read) for read in reads}
        never = {read for read, age in ages.items() if age is None}
        known = {read: age for read, age in ages.items() if age is not None and age >= fresh}
        # The next poll would come too late for these.
        late = {read for read, age in known.items() if age + self.interval > limit}
        return never | late | set(self._share(known, len(reads), limit))

    def _share(self, ages: Mapping[Read, float], count: int, limit: float) -> list[Read]:
        share = ceil(count * self.interval / limit)
        return sorted(ages, key=lambda read: -ages[read])[:share]

    def _age(self, read: Read) -> float | None:
        """Return the seconds since a block was stored, or asked for without an answer."""
        times = (self.plant.stored_monotonic(read), self._asked_at.get(read))
        latest = max((at for at in times if at is not None), default=None)
        return None if latest is None else self.plant.clock.monotonic() - latest

    def _is_shared(self, read: Read) -> bool:
        """Return whether another client requested a block since this one last did."""
        stored = self.plant.stored_monotonic(read)
        asked = self._asked_at.get(read)
        return stored is not None and (asked is None or stored > asked)
