"""Which readings of energy counters are believed."""

import json
from datetime import datetime, timedelta

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.counters import (
    Counted,
    Counters,
    Moment,
    Tally,
    believes,
    counters_in,
    weigh,
)
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.guards import Page
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.models import Model, traits_of
from givenergy_modbus.model.register import Bank, Energy
from givenergy_modbus.model.topology import role_of
from hypothesis import given
from hypothesis import strategies as st

from tests.library.answers import after

WATTS = 4000
"""Believed to be 6 kW, which are 0.05 kWh in half a minute and 0.1 in a minute."""

TOTAL = SinglePhaseInverter.register_fields["e_grid_out_total"]
TODAY = SinglePhaseInverter.register_fields["e_grid_out_day"]

NIGHT = datetime(2026, 6, 6)  # noqa: DTZ001


def at(seconds: float, clock: datetime | None = None) -> Moment:
    return Moment(after(seconds), WATTS, clock)


def spelled(kwh: float, words: int) -> tuple[int, ...]:
    return divmod(round(kwh * 10), 0x10000)[-words:]


def total(before: float, now: float, seconds: float) -> bool:
    start = Counted(spelled(before, 2), after(0))
    return believes(TOTAL, start, spelled(now, 2), at(seconds))


def today(before: float, now: float, clock: datetime | None, seconds: float = 30) -> bool:
    """Whether a daily counter may read so ``seconds`` later, when the clock shows that."""
    start = Counted(spelled(before, 1), after(0))
    return believes(TODAY, start, spelled(now, 1), at(seconds, clock))


@pytest.mark.parametrize(
    ("before", "now", "seconds", "expected"),
    [
        (100.0, 100.0, 0, True),
        (100.0, 100.2, 0, True),
        (100.0, 100.3, 0, False),
        (100.0, 100.3, 60, True),
        (100.0, 100.4, 60, False),
        (100.0, 106.2, 3600, True),
        (100.0, 106.3, 3600, False),
        (100.0, 99.9, 3600, False),
        (100.0, 100.2, -60, True),
        (100.0, 100.3, -60, False),
    ],
)
def test_a_counter_rises_as_fast_as_the_plant_moves_energy(
    before: float, now: float, seconds: float, *, expected: bool
) -> None:
    assert total(before, now, seconds) is expected


def test_a_counter_without_its_high_word_is_not_believed() -> None:
    assert not total(6600.0, 6600.0 - 6553.6, 30)
    assert not total(6600.0 - 6553.6, 6600.0, 30)


def test_a_counter_that_wraps_is_not_believed_at_once() -> None:
    field = Battery.register_fields["e_battery_charge_total"]
    assert not believes(field, Counted((65_535,), after(0)), (0,), at(30))


@pytest.mark.parametrize(
    ("minutes", "now", "expected"),
    [
        (0, 0.0, True),
        (0, 0.2, True),
        (0, 0.3, False),
        (-15, 0.2, True),
        (-16, 0.0, False),
        (15, 0.2, True),
        (16, 0.0, False),
        (12 * 60, 0.0, False),
    ],
)
def test_a_day_begins_around_midnight(minutes: int, now: float, *, expected: bool) -> None:
    assert today(9.0, now, NIGHT + timedelta(minutes=minutes)) is expected


def test_a_day_may_begin_any_time_while_the_clock_is_not_known() -> None:
    assert today(9.0, 0.2, None)
    assert not today(9.0, 0.3, None)


def test_a_day_that_began_while_nobody_looked_has_counted_since() -> None:
    """At seven in the morning, eight hours after the last reading, with 6 kW believed."""
    morning = NIGHT + timedelta(hours=7)
    assert today(9.0, 3.0, morning, seconds=8 * 3600)
    assert not today(90.0, 0.3 + 6.75 * 6, morning, seconds=8 * 3600)
    assert not today(9.0, 3.0, morning, seconds=6 * 3600), "the day had begun before"


def test_a_total_does_not_begin_anew_at_midnight() -> None:
    start = Counted(spelled(9.0, 2), after(0))
    assert not believes(TOTAL, start, spelled(0.0, 2), at(30, NIGHT))


def insist(*readings: float, first: float = 100.0, every: float = 30) -> list[float]:
    """Return what a total is believed to be after each reading."""
    tally = weigh(TOTAL, None, spelled(first, 2), at(0))
    believed = []
    for number, reading in enumerate(readings, 1):
        tally = weigh(TOTAL, tally, spelled(reading, 2), at(every * number))
        believed.append(TOTAL.codec.decode(*tally.believed.words))
    return believed


def test_the_first_reading_is_believed() -> None:
    assert insist() == []
    assert weigh(TOTAL, None, spelled(1e5, 2), at(0)).believed.words == spelled(1e5, 2)


def test_three_readings_in_a_row_are_believed() -> None:
    assert insist(5.0, 5.0, 5.0) == [100.0, 100.0, 5.0]
    assert insist(5.0, 5.1, 5.2, 5.3) == [100.0, 100.0, 5.2, 5.3]
    assert insist(900.0, 900.0, 900.0) == [100.0, 100.0, 900.0]


def test_a_reading_in_between_starts_the_count_anew() -> None:
    assert insist(5.0, 5.0, 100.1, 5.0, 5.0, 5.0) == [100.0, 100.0, 100.1, 100.1, 100.1, 5.0]


def test_readings_have_to_follow_from_one_another() -> None:
    assert insist(5.0, 70.0, 3.0, 90.0, 90.0, 90.0) == [100.0] * 5 + [90.0]


def test_time_counts_from_the_last_reading_that_was_believed() -> None:
    assert insist(100.3) == [100.0]
    assert insist(90.0, 100.3) == [100.0, 100.3]


@given(
    st.lists(st.tuples(st.floats(1, 3600), st.floats(0, 1)), max_size=20),
    st.floats(0, 1e6),
)
def test_a_counter_that_behaves_is_always_believed(
    steps: list[tuple[float, float]], start: float
) -> None:
    tally = weigh(TOTAL, None, spelled(start, 2), at(0))
    now, energy = 0.0, start
    for seconds, load in steps:
        now += seconds
        energy += load * WATTS / 1000 * seconds / 3600
        tally = weigh(TOTAL, tally, spelled(energy, 2), at(now))
        assert tally.rival is None


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)), min_size=1))
def test_whatever_a_counter_says_three_times_is_believed(
    readings: list[tuple[int, int]],
) -> None:
    tally: Tally | None = None
    for number, words in enumerate([*readings, *[readings[-1]] * 2]):
        tally = weigh(TOTAL, tally, words, at(number))
    assert tally is not None
    assert tally.believed.words == readings[-1]


# Which registers are counters.


def names(model: Model, start: int = 0, count: int = 60) -> set[str]:
    role = role_of(0x11, PlantCapabilities(model), {})
    (inverter,) = role.models
    return {it.name for it in counters_in(inverter, role.absent, Bank.INPUT, start, count)}


def test_the_counters_of_a_block() -> None:
    assert names(Model.HYBRID_GEN1, 20, 7) == {
        "e_grid_out_total",
        "e_solar_diverter",
        "e_grid_out_day",
        "e_grid_in_day",
    }
    assert names(Model.HYBRID_GEN1, 22, 2) == {"e_solar_diverter"}, "half a counter is none"


def test_a_counter_is_one_only_where_the_product_has_it() -> None:
    assert names(Model.HYBRID_GEN1, 180) >= {
        "e_battery_discharge_total_alt1",
        "e_battery_charge_today_alt2",
    }
    assert not names(Model.HYBRID_GEN2, 180), "a newer inverter has voltages there"
    assert "e_inverter_out_total" in names(Model.AC)
    assert "e_inverter_out_total" in names(Model.HYBRID_GEN1)


def test_every_counter_has_one_reading_of_its_registers() -> None:
    absent = SinglePhaseInverter.absent(traits_of(Model.AC, 282))
    found = counters_in(SinglePhaseInverter, absent, Bank.INPUT, 0, 60)
    registers = [register for field in found for register in field.registers]
    assert len(registers) == len(set(registers))
    assert {it.energy for it in found} == {Energy.LIFETIME, Energy.DAILY}


# A page.


def page(*changes: tuple[int, int]) -> Page:
    known = dict(changes)
    return Page(0x32, Bank.INPUT, 105, tuple(known.get(105 + at, 0) for at in range(3)))


def settle(counters: Counters, it: Page, seconds: float) -> tuple[tuple[int, ...], int]:
    return counters.settle((Battery,), frozenset(), it, at(seconds))


def test_what_is_not_believed_is_put_back() -> None:
    counters = Counters()
    assert settle(counters, page((105, 1000), (106, 2000)), 0) == ((1000, 2000, 0), 0)
    assert settle(counters, page((105, 1001), (106, 7), (107, 9)), 30) == ((1001, 2000, 9), 1)
    assert settle(counters, page((105, 1001), (106, 2001)), 60) == ((1001, 2001, 0), 0)


def test_readings_survive_a_restart() -> None:
    before = Counters()
    settle(before, page((105, 1000), (106, 2000)), 0)
    settle(before, page((105, 5), (106, 2001)), 30)
    memory = json.loads(json.dumps(before.memory()))
    assert memory == {
        "0x32": {
            "IR(105)": {"words": [1000], "at": after(0).isoformat()},
            "IR(106)": {"words": [2001], "at": after(30).isoformat()},
        }
    }
    later = Counters()
    later.restore(memory)
    assert later.memory() == memory
    assert settle(later, page((105, 6), (106, 2002)), 60) == ((1000, 2002, 0), 1)


@pytest.mark.parametrize(
    "counters",
    [
        {"IR(105)": {"words": [1000]}},
        {"IR(105)": {"words": ["much"], "at": "2026-06-05T12:00:00+00:00"}},
        {"IR(105)": {"words": None, "at": "2026-06-05T12:00:00+00:00"}},
        {"IR(105)": {"words": [0x10000], "at": "2026-06-05T12:00:00+00:00"}},
        {"IR(105)": {"words": [1000], "at": "noon"}},
        {"IR(105)": {"words": [1000], "at": "2026-06-05T12:00:00"}},
        {"IR(105)": 1000},
        {"XR(105)": {"words": [1000], "at": "2026-06-05T12:00:00+00:00"}},
        {"IR(x)": {"words": [1000], "at": "2026-06-05T12:00:00+00:00"}},
        1000,
    ],
)
def test_a_memory_that_makes_no_sense_is_left_out(counters: object) -> None:
    later = Counters()
    later.restore({"0x32": counters})
    assert later.memory() == {}
    later.restore({"nowhere": {"IR(105)": {"words": [1], "at": after(0).isoformat()}}})
    assert later.memory() == {}


def test_a_memory_of_another_shape_is_no_memory() -> None:
    later = Counters()
    later.restore({"0x32": {"IR(105)": {"words": [0, 1000], "at": after(0).isoformat()}}})
    assert settle(later, page((105, 7)), 30) == ((7, 0, 0), 0)
