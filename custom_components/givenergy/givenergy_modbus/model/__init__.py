"""The model of a plant: registers, devices and commands."""

from dataclasses import dataclass
from datetime import time
from typing import Self

UNSET_TIME = 60
"""The word for a time that was never set."""


def parse_time(word: int) -> time | None:
    """Read a decimal HHMM word, or None when it is no time of day."""
    try:
        return time(*divmod(word, 100))
    except ValueError:
        return None


def encode_time(at: time) -> int:
    """Encode a time of day as a decimal HHMM word; seconds are dropped."""
    return at.hour * 100 + at.minute


@dataclass(frozen=True, slots=True)
class TimeSlot:
    """A daily slot; it may run past midnight."""

    start: time
    end: time

    @classmethod
    def from_components(
        cls, start_hour: int, start_minute: int, end_hour: int, end_minute: int
    ) -> Self:
        """Build a slot from hours and minutes; ValueError when they are none."""
        return cls(time(start_hour, start_minute), time(end_hour, end_minute))

    @classmethod
    def from_repr(cls, start: int | str, end: int | str) -> Self:
        """Build a slot from two HHMM numbers or texts; ValueError when they are no times."""
        return cls(time(*divmod(int(start), 100)), time(*divmod(int(end), 100)))

    @classmethod
    def parse(cls, start: int, end: int) -> Self | None:
        """Read a slot from two HHMM words, or None when either is unset or no time."""
        if UNSET_TIME in (start, end):
            return None
        first, last = parse_time(start), parse_time(end)
        return None if first is None or last is None else cls(first, last)

    def encode(self) -> tuple[int, int]:
        """Encode the slot as two HHMM words."""
        return encode_time(self.start), encode_time(self.end)

    def __contains__(self, at: time) -> bool:
        """Return whether a time of day is in the slot, the end excluded; start = end is empty."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    @property
    def is_empty(self) -> bool:
        """Whether the slot lasts no time at all."""
        return self.start == self.end
