"""Decide which blocks of measurements one poll asks for.

A block that something uses is asked for at its pace: a fast one on every poll, a slow
one often enough that its values are never older than a minute. A block nothing uses is
asked for every ten minutes. What another client has asked for lately is not asked again; see
also ``other_polls.py``.
"""

from collections.abc import Collection, Iterable, Sequence
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

    def due(
        self, used: Collection[Read] | None = None, watched: Collection[Read] | None = None
    ) -> list[Read]:
        """Return the blocks the next poll should ask for, in the order of the register plan.

        ``used`` are the blocks that something reads, ``watched`` those that it reads for what
        changes fast; None means all. Blocks that were never stored are always due.
        """
        fast: list[Read] = []
        slow: list[Read] = []
        unused: list[Read] = []
        for read in self._plan:
            if not self._is_in(used, read):
                unused.append(read)
            elif self.is_fast(read) and self._is_in(watched, read):
                fast.append(read)
            else:
                slow.append(read)
        self._follow_others(fast)
        due = {read for read in fast if self._is_fast_due(read)}
        due |= self._oldest(slow, SLOW_AGE, _SHARED_SLOW_AGE)
        due |= self._oldest(unused, UNUSED_AGE, UNUSED_AGE / 2)
        return [read for read in self._plan if read in due]

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
    def _is_in(reads: Collection[Read] | None, read: Read) -> bool:
        return reads is None or read in reads

    def _is_fast_due(self, read: Read) -> bool:
        age = self._age(read)
        if age is None:
            return True
        if self.passive:
            return age >= _PASSIVE_INTERVALS * self.interval
        return not self._is_shared(read) or age > self.interval / 2

    def _oldest(self, reads: Sequence[Read], limit: float, fresh: float) -> set[Read]:
        """Return the slow blocks one poll asks for, the oldest first.

        That is as few as keep all of them within the limit, and later polls small. What another
        client has asked for less than ``fresh`` seconds ago waits.
        """
        ages = {read: self._age(read) for read in reads}
        due = {read for read, age in ages.items() if age is None}
        known = {read: age for read, age in ages.items() if age is not None}
        if self.passive:
            limit = max(limit, _PASSIVE_INTERVALS * self.interval)
            return due | {read for read, age in known.items() if age >= limit}
        for read in [read for read, age in known.items() if age < fresh and self._is_shared(read)]:
            del known[read]
        share = ceil(len(reads) * self.interval / limit)
        oldest = sorted(known, key=lambda read: -known[read])
        return due | set(oldest[: self._needed([known[read] for read in oldest], limit, share)])

    def _needed(self, ages: Sequence[float], limit: float, share: int) -> int:
        """Return how many to ask for now, so that later polls need no more than their share."""
        needed = 0
        for count, age in enumerate(ages, start=1):
            # How many polls there are until the next one would come too late, this one included.
            polls = max(1, int((limit - age) // self.interval) + 1)
            needed = max(needed, count - (polls - 1) * share)
        return needed

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
