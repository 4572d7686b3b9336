"""The two promises of the guards, over random plants, histories and garbage.

*Safety*: none of the known kinds of garbage shows, however often it is served within
ten seconds. *Liveness*: from any state, if the devices serve their true words from now
on, all that is shown is true within five minutes or ten polls, whichever is longer.
"""

import logging
from collections.abc import Iterator
from random import Random

import pytest
from givenergy_modbus.model.guards import corroboration, page_guard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.library.guard_world import check_liveness, check_safety

INTERVALS = st.sampled_from((5, 10, 15, 30, 60, 90, 300, 600))
"""Seconds between polls; 600 for blocks that are read seldom."""

SEEDS = st.integers(0, 2**32)

thorough = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Leave out the warnings, of which there would be one for every page."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@thorough
@given(seed=SEEDS, interval=INTERVALS)
def test_no_garbage_shows(seed: int, interval: float) -> None:
    check_safety(Random(seed), interval)


@thorough
@given(seed=SEEDS, interval=INTERVALS)
def test_the_truth_goes_through(seed: int, interval: float) -> None:
    check_liveness(Random(seed), interval)


def fails(check: object, count: int = 60) -> bool:
    assert callable(check)
    for seed in range(count):
        try:
            check(Random(seed), (15, 60, 300)[seed % 3])
        except AssertionError:
            return True
    return False


def test_a_guard_that_believes_everything_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_guard, "_deviations", lambda *_: iter(()))
    assert fails(check_safety)


def test_an_identical_page_that_proves_something_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(corroboration, "UNCHANGED", 0.0)
    assert fails(check_safety)


def test_a_page_soon_after_that_proves_something_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(corroboration, "LATER", 0.0)
    assert fails(check_safety, 400)


@pytest.mark.parametrize("name", ["UNCHANGED", "LATEST"])
def test_a_doubt_without_an_end_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(corroboration, "LATEST", float("inf"))
    monkeypatch.setattr(corroboration, name, float("inf"))
    if name == "LATEST":
        monkeypatch.setattr(corroboration, "LATER", float("inf"))
    assert fails(check_liveness, 200)
