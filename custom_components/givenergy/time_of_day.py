"""Daily slots as stretches of minutes: whether one contains a time, or overlaps another."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from .givenergy_modbus.model import TimeSlot

DAY = 24 * 60
"""Minutes of a day."""


def minute_of(at: time) -> int:
    """Return the minute of the day."""
    return at.hour * 60 + at.minute


def stretches(slot: TimeSlot) -> Iterator[tuple[int, int]]:
    """Yield a slot as minutes within one day, in two parts if it runs past midnight.

    A slot without length is cleared, and has no minutes.
    """
    start, end = minute_of(slot.start), minute_of(slot.end)
    if start < end:
        yield start, end
    elif start > end:
        yield start, DAY
        if end:
            yield 0, end


def length(slot: TimeSlot | None) -> int:
    """Return how many minutes a slot lasts."""
    return 0 if slot is None else sum(end - start for start, end in stretches(slot))


def contains(slot: TimeSlot | None, at: time) -> bool:
    """Return whether a time of day is inside a slot."""
    minute = minute_of(at)
    return slot is not None and any(start <= minute < end for start, end in stretches(slot))


def overlap(one: TimeSlot | None, other: TimeSlot | None) -> bool:
    """Return whether two slots share a minute."""
    if one is None or other is None:
        return False
    return any(
        first < other_last and other_first < last
        for first, last in stretches(one)
        for other_first, other_last in stretches(other)
    )


def slot_between(start: datetime, end: datetime) -> TimeSlot:
    """Return the slot from one wall-clock time to another, rounded outward to minutes.

    It is at most 23 hours and 59 minutes long: a slot that ends when it starts is empty.
    """
    first = start.replace(second=0, microsecond=0)
    last = end.replace(second=0, microsecond=0)
    if last < end:
        last += timedelta(minutes=1)
    last = min(last, first + timedelta(minutes=DAY - 1))
    return TimeSlot(first.time(), last.time())
