"""When polls start."""

import pytest

from custom_components.givenergy.beat import Beat


class Clock:
    """A clock that a test moves."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("takes", [0.0, 0.1, 4.0, 9.9])
@pytest.mark.parametrize("shift", [0.0, 4.0, -4.0, 0.1])
def test_polls_are_an_interval_apart_but_for_a_gentle_shift(takes: float, shift: float) -> None:
    clock = Clock()
    beat = Beat(10.0, clock)
    beat.start()
    beat.start()
    moved = max(-0.25, min(shift, 0.25))
    for _ in range(5):
        clock.seconds += takes
        until_next = beat.until_next(shift)
        assert until_next > 0
        gap = takes + until_next
        assert gap == pytest.approx(10 + moved) or gap == pytest.approx(20 + moved)
        clock.seconds += until_next


def test_a_beat_that_has_passed_is_skipped() -> None:
    clock = Clock()
    beat = Beat(10.0, clock)
    clock.seconds += 23.0
    assert beat.until_next() == pytest.approx(7.0)
