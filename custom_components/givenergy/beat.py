"""When polls start."""

from collections.abc import Callable
from time import monotonic

_SET_UP_POLLS = 2
"""How many polls set-up makes; from the last one on they keep the beat."""

_LARGEST_SHIFT = 0.025
"""By how much of the interval one poll may start earlier or later than the interval says."""


class Beat:
    """Times a whole number of intervals apart, whatever the polls in between take."""

    def __init__(self, interval: float, now: Callable[[], float] = monotonic) -> None:
        """Start now."""
        self._interval = interval
        self._now = now
        self._set_up_polls = _SET_UP_POLLS
        self._first = now()

    def start(self) -> None:
        """Record that a poll starts: the last one of set-up gives the beat."""
        if self._set_up_polls:
            self._set_up_polls -= 1
            self._first = self._now()

    def until_next(self, shift: float = 0.0) -> float:
        """Return the seconds until the next poll starts; a beat that has passed is skipped.

        ``shift`` is how much later polls should start, or earlier if negative: this moves the
        beat towards it, by no more than a small share of the interval.
        """
        most = _LARGEST_SHIFT * self._interval
        shift = max(-most, min(shift, most))
        elapsed = self._now() - self._first
        beats = max(elapsed, elapsed - shift) // self._interval + 1
        self._first += shift
        return beats * self._interval + shift - elapsed
