"""The time: a clock that never goes back for ages, and the date for people."""

import time
from datetime import UTC, datetime
from typing import Final, Protocol


class Clock(Protocol):
    """Where the library reads the time; give a client its own to control it in a test."""

    def monotonic(self) -> float:
        """Return seconds since some moment in the past; they never go back."""
        ...

    def now(self) -> datetime:
        """Return the date and time in UTC, which the host may set at any moment."""
        ...


class SystemClock:
    """The host's clock."""

    def monotonic(self) -> float:
        """Return seconds since some moment in the past; they never go back."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the date and time in UTC, which the host may set at any moment."""
        return datetime.now(UTC)


SYSTEM_CLOCK: Final[Clock] = SystemClock()
"""The clock that is used unless another is given."""


def as_utc(at: datetime) -> datetime:
    """Return a date and time in UTC; without a time zone it is taken as UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
