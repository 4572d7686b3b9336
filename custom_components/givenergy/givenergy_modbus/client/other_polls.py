"""Notice another client that polls at the same interval, and when its answers come."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model.plan import Read

_SAME = 0.03
"""By how much of the interval the other client's may differ to count as the same."""
_MARGIN = 0.03
"""What to aim at from the other client's last answer to our poll, as a share of the interval."""
_LEAST, _MOST = 0.01, 0.45
"""What to keep for every answer: the other interval is never quite the same."""


@dataclass(slots=True)
class OtherPolls:
    """When the blocks that other clients asked for came, in seconds of the plant's clock."""

    interval: float
    _came: dict[Read, tuple[float, float]] = field(default_factory=dict)
    """The last two times, the latest one last."""

    def record(self, read: Read, at: float) -> None:
        """Record when another client's answer came; the same one may be recorded again."""
        before, latest = self._came.get(read, (at, at))
        if at > latest:
            self._came[read] = latest, at
        else:
            self._came[read] = before, latest

    def shift(self, now: float) -> float:
        """Return how much later polls like the one that starts now should start.

        It is such that they follow the other client's, and find most blocks fresh: no more
        than half an interval old. It is negative where earlier is nearer, and zero where
        nobody polls at this interval or nothing is gained.
        """
        phases = [(at - now) % self.interval for at in self._expected(now)]
        shifts = [0.0, *(self._nearest(phase + _MARGIN * self.interval) for phase in phases)]
        return max(shifts, key=lambda shift: (self._fresh(phases, shift), -abs(shift)))

    def _expected(self, now: float) -> Iterable[float]:
        """Yield when each block that comes at this interval is expected next."""
        for before, latest in self._came.values():
            # Two may have come between two polls of ours, which see the later one.
            apart = (latest - before) / (2 if latest - before > 1.5 * self.interval else 1)
            is_same = abs(apart - self.interval) <= _SAME * self.interval
            if is_same and now - latest < 1.5 * self.interval:
                yield latest + apart

    def _nearest(self, shift: float) -> float:
        shift %= self.interval
        return shift - self.interval if shift > self.interval / 2 else shift

    def _fresh(self, phases: Iterable[float], shift: float) -> int:
        """Return how many blocks are safely fresh when a poll starts that much later."""
        ages = ((shift - phase) % self.interval / self.interval for phase in phases)
        return sum(_LEAST <= age <= _MOST for age in ages)
