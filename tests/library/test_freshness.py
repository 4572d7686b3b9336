"""The age of stored blocks, which setting the host's clock does not change."""

from datetime import timedelta

from givenergy_modbus.clock import SYSTEM_CLOCK
from givenergy_modbus.model.plan import Block, Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import IR, Bank
from hypothesis import given
from hypothesis import strategies as st

from tests.library.answers import answer
from tests.library.clocks import START, ManualClock

READ = Read(0x11, Block(Bank.INPUT, 0))


def read_plant() -> tuple[Plant, ManualClock]:
    clock = ManualClock()
    plant = Plant(clock=clock)
    plant.update(answer(0x11, IR(0), [1] * 60))
    return plant, clock


def test_ages_are_those_of_the_clock_given() -> None:
    plant, clock = read_plant()
    clock.advance(30)
    assert plant.block_age(0x11, "IR", 0, 60) == 30
    assert plant.register_age(0x11, IR(5)) == 30
    assert plant.content_unchanged_seconds(0x11, "IR", 0, 60) == 30
    assert plant.is_fresh(READ, 30)
    assert not plant.is_fresh(READ, 29)
    assert plant.stored_monotonic(READ) == clock.monotonic() - 30
    assert (plant.stored_at(READ), plant.last_updated_at) == (START, START)


@given(steps=st.lists(st.tuples(st.integers(-7200, 7200), st.integers(0, 600)), max_size=8))
def test_a_host_clock_that_is_set_makes_nothing_younger_or_older(
    steps: list[tuple[int, int]],
) -> None:
    plant, clock = read_plant()
    for set_back, passed in steps:
        clock.set_back(set_back)
        clock.advance(passed)
    total = sum(passed for _, passed in steps)
    assert plant.block_age(0x11, "IR", 0, 60) == total
    assert plant.register_age(0x11, IR(0)) == total
    assert plant.content_unchanged_seconds(0x11, "IR", 0, 60) == total
    assert plant.is_fresh(READ, 60) is (total <= 60)


def test_a_date_without_a_time_zone_is_utc() -> None:
    plant, _ = read_plant()
    naive = START.replace(tzinfo=None) + timedelta(seconds=12)
    assert plant.block_age(0x11, "IR", 0, 60, naive) == 12
    assert plant.register_age(0x11, IR(0), naive) == 12
    assert plant.content_unchanged_seconds(0x11, "IR", 0, 60, naive) == 12
    plant.update(answer(0x11, IR(0), [2] * 60), naive)
    assert plant.stored_at(READ) == START + timedelta(seconds=12)


def test_the_systems_clock_goes_on_and_knows_its_zone() -> None:
    assert SYSTEM_CLOCK.monotonic() <= SYSTEM_CLOCK.monotonic()
    assert SYSTEM_CLOCK.now().utcoffset() == timedelta()


def test_what_was_last_read_of_the_inverter_is_taken_over_with_its_age() -> None:
    before, clock = read_plant()
    before.update(answer(0x32, IR(60), [7] * 60))
    clock.advance(100)
    before.update(answer(0x11, IR(60), [2] * 60))
    now = Plant(clock=clock)
    now.update(answer(0x11, IR(60), [3] * 60))
    now.take_over(before, max_age=99)
    assert IR(0) not in now.register_caches[0x11]
    now.take_over(before, max_age=100)
    assert now.register_caches[0x11][IR(0)] == 1
    assert now.block_age(0x11, "IR", 0, 60) == 100
    # What was read since stays, and another device may be at another place by now.
    assert now.register_caches[0x11][IR(60)] == 3
    assert 0x32 not in now.register_caches
