"""Following another client that polls at the same interval."""

import pytest
from givenergy_modbus.client.other_polls import OtherPolls
from hypothesis import given
from hypothesis import strategies as st

from .test_poll_plan import FAST, Poller

MOST = 0.025
"""By what share of the interval one poll is moved, as the integration does."""


def requests_beside(
    interval: float, other_interval: float, phase: float, spread: float, polls: int = 60
) -> list[int]:
    """Return how many fast blocks each poll asks for beside a client that reads all of them."""
    poller = Poller(interval)
    start = poller.clock.seconds
    at = start
    other = [
        (start + phase + number * other_interval + spread * index / len(FAST), read)
        for number in range(int(polls * interval / other_interval))
        for index, read in enumerate(FAST)
    ]
    other.sort(key=lambda answer: answer[0])
    counts = []
    for _ in range(polls):
        while other and other[0][0] <= at:
            poller.clock.seconds, read = other.pop(0)
            poller.answer(read)
        poller.clock.seconds = at
        reads = poller.plan.due()
        for read in reads:
            poller.answer(read)
        poller.plan.record(reads)
        counts.append(len(set(reads) & set(FAST)))
        at += interval + max(-MOST * interval, min(poller.plan.shift, MOST * interval))
    return counts


@given(
    interval=st.sampled_from([5.0, 10.0, 15.0, 30.0]),
    phase=st.floats(0.0, 1.0),
    spread=st.floats(0.0, 0.4),
    drift=st.floats(-0.01, 0.01),
)
def test_little_is_asked_beside_a_client_of_the_same_interval(
    interval: float, phase: float, spread: float, drift: float
) -> None:
    counts = requests_beside(
        interval, interval * (1 + drift), phase * interval, spread * interval, polls=80
    )
    assert sum(counts[30:]) <= 0.1 * 50 * len(FAST)


def test_a_client_of_another_interval_moves_nothing() -> None:
    others = OtherPolls(10.0)
    for number in range(10):
        others.record(FAST[0], 14.5 * number)
        assert others.shift(14.5 * number + 1) == 0.0


def test_one_that_has_stopped_moves_nothing() -> None:
    others = OtherPolls(10.0)
    others.record(FAST[0], 0.0)
    others.record(FAST[0], 10.0)
    assert others.shift(12.0) == 0.0
    assert others.shift(18.0) == pytest.approx(2.3)
    assert others.shift(26.0) == 0.0
