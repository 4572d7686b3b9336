"""Which windows are in the slots: always the right ones, with few changes."""

from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.givenergy.givenergy_modbus.model import TimeSlot
from custom_components.givenergy.time_of_day import DAY, contains, length, stretches
from custom_components.givenergy.windows.rotation import LEAD, assign, wait

COSY = (
    TimeSlot(time(4), time(7)),
    TimeSlot(time(13), time(16)),
    TimeSlot(time(22), time(0)),
)


def at(minute: int) -> time:
    """Return the time of day of a minute."""
    return time(*divmod(minute % DAY, 60))


@st.composite
def schedules(draw: st.DrawFn) -> tuple[TimeSlot, ...]:
    """Return windows that do not overlap, the first perhaps past midnight."""
    count = draw(st.integers(1, 10))
    ends = st.integers(0, DAY // 5 - 1)
    marks = sorted(draw(st.lists(ends, min_size=2 * count, max_size=2 * count, unique=True)))
    turn = draw(st.integers(0, 1))
    marks = marks[turn:] + marks[:turn]
    pairs = zip(marks[::2], marks[1::2], strict=True)
    return tuple(TimeSlot(at(5 * start), at(5 * end)) for start, end in pairs)


def changes(windows: tuple[TimeSlot, ...], slots: int, days: int, step: int = 5) -> list[int]:
    """Return the slots changed on each day, and assert that every active window is in one."""
    present: dict[int, int | None] = dict.fromkeys(range(1, slots + 1))
    counts = []
    for day in range(days):
        count = 0
        for minute in range(0, DAY, step):
            now = assign(windows, present, at(minute))
            count += sum(now[slot] != present[slot] for slot in now)
            present = now
            held = [windows[window] for window in present.values() if window is not None]
            active = [window for window in windows if contains(window, at(minute))]
            assert all(index in held for index in active), (day, minute)
            assert len(set(held)) == len(held)
            if slots > 1:
                assert max(length(window) for window in windows) in map(length, held)
        counts.append(count)
    return counts


@settings(deadline=None)
@given(schedules(), st.integers(1, 3))
def test_every_window_is_in_a_slot_while_it_is_active(
    windows: tuple[TimeSlot, ...], slots: int
) -> None:
    assert all(stretches(window) for window in windows)
    first, *later = changes(windows, slots, 3)
    assert first >= min(len(windows), slots)
    if len(windows) <= slots:
        assert later == [0, 0]
    # One change for each window that has no slot of its own is the most it takes.
    assert all(count <= len(windows) for count in later)


@pytest.mark.parametrize(("slots", "most"), [(1, 3), (2, 2), (3, 0)])
def test_three_cheap_windows_a_day(slots: int, most: int) -> None:
    assert changes(COSY, slots, 4)[1:] == [most] * 3


@settings(deadline=None)
@given(schedules(), st.integers(2, 3), st.integers(0, DAY - 1))
def test_a_window_is_in_its_slot_early(
    windows: tuple[TimeSlot, ...], slots: int, minute: int
) -> None:
    now = assign(windows, dict.fromkeys(range(1, slots + 1)), at(minute))
    waiting = sorted((wait(window, at(minute)), number) for number, window in enumerate(windows))
    following = next((number for minutes, number in waiting if minutes >= 0), None)
    busy = any(minutes < 0 for minutes, _ in waiting)
    if following is not None and (slots > 2 or not busy):
        assert following in now.values()
    assert LEAD < DAY
