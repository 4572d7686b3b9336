"""Which windows of a schedule belong into the inverter's slots now."""

from collections.abc import Mapping, Sequence
from datetime import time

from ..givenergy_modbus.model import TimeSlot
from ..time_of_day import DAY, contains, length, minute_of

LEAD = 180
"""Minutes before its start by which a window is in a slot, if slots allow."""


def wait(window: TimeSlot, at: time) -> int:
    """Return the minutes until a window starts, -1 while it is active."""
    if contains(window, at):
        return -1
    return (minute_of(window.start) - minute_of(at)) % DAY


def assign(
    windows: Sequence[TimeSlot], present: Mapping[int, int | None], at: time
) -> dict[int, int | None]:
    """Return which window, by its index, each slot should hold at a time of the inverter's clock.

    ``present`` has the window that each slot holds now. The longest window, which is the
    night's charge, stays in a slot even if Home Assistant stops. Through the other
    slots go the rest: the active one, the next, and those that start soon. A slot is
    changed only for one of these, and then the one that is needed latest.
    """
    slots = list(present)
    needed = _needed(windows, len(slots), at)
    kept: dict[int, int | None] = {}
    for slot, index in present.items():
        kept[slot] = index if index is not None and index not in kept.values() else None
    missing = [index for index in needed if index not in kept.values()]
    for index in missing:
        evictable = [slot for slot in slots if kept[slot] not in needed or kept[slot] is None]
        kept[max(evictable, key=lambda slot: _latest(windows, kept[slot], at))] = index
    return kept


def _latest(windows: Sequence[TimeSlot], index: int | None, at: time) -> int:
    """Return how late a slot's window is needed; an empty slot is free at once."""
    return 2 * DAY if index is None else wait(windows[index], at)


def _needed(windows: Sequence[TimeSlot], slots: int, at: time) -> list[int]:
    """Return the windows that have to be in a slot now, at most one for each slot."""
    indexes = sorted(range(len(windows)), key=lambda index: wait(windows[index], at))
    if len(windows) <= slots:
        return indexes
    pinned: list[int] = []
    if slots > 1:
        pinned = [max(range(len(windows)), key=lambda index: length(windows[index]))]
    others = [index for index in indexes if index not in pinned]
    active = [index for index in others if wait(windows[index], at) < 0]
    waiting = [index for index in others if index not in active]
    soon = [index for index in waiting[1:] if wait(windows[index], at) <= LEAD]
    return [*pinned, *active, *waiting[:1], *soon][:slots]
