"""Clocks that a test controls."""

from datetime import UTC, datetime, timedelta
from typing import override

from givenergy_modbus.clock import SYSTEM_CLOCK

START = datetime(2026, 6, 5, 12, tzinfo=UTC)


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START, monotonic: float = 1000.0) -> None:
        self._now = now
        self._monotonic = monotonic

    def monotonic(self) -> float:
        """Return the seconds passed, and some to begin with."""
        return self._monotonic

    def now(self) -> datetime:
        """Return the date and time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._monotonic += seconds
        self._now += timedelta(seconds=seconds)

    def set_back(self, seconds: float) -> None:
        """Set the date and time back, as a host that corrects its clock does."""
        self._now -= timedelta(seconds=seconds)


class ShiftedClock(ManualClock):
    """The host's clock, moved on by what a test adds: time passes by itself too."""

    def __init__(self) -> None:
        super().__init__(SYSTEM_CLOCK.now(), SYSTEM_CLOCK.monotonic())
        self._started = self._monotonic

    @override
    def monotonic(self) -> float:
        """Return the host's seconds and those added."""
        return self._monotonic + self._elapsed

    @override
    def now(self) -> datetime:
        """Return the host's date and time when this began, moved on and set."""
        return self._now + timedelta(seconds=self._elapsed)

    @property
    def _elapsed(self) -> float:
        return SYSTEM_CLOCK.monotonic() - self._started
