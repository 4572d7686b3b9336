"""Which readings of energy counters are believed."""

import json
from datetime import datetime, timedelta

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.freshness import Instant
from givenergy_modbus.model.guards import Page, Reason
from givenergy_modbus.model.guards.energy_guard import COUNTERS, Context, Counted, believes
from givenergy_modbus.model.guards.field_guard import (
    Doubted,
    FieldGuards,
    Surroundings,
    guarded_fields,
)
from givenergy_modbus.model.guards.limits import PHASE_WATTS, Limits, is_of_supply
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.models import Model, traits_of
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import IR, Bank, Energy
from givenergy_modbus.model.topology import role_of
from hypothesis import given
from hypothesis import strategies as st

from tests.library.answers import after, put

WATTS = 4000
"""Believed to be 6 kW, which are 0.05 kWh in half a minute and 0.1 in a minute."""

TOTAL = SinglePhaseInverter.register_fields["e_grid_out_total"]
TODAY = SinglePhaseInverter.register_fields["e_grid_out_day"]

NIGHT = datetime(2026, 6, 6)  # noqa: DTZ001


def at(seconds: float, clock: datetime | None = None) -> Context:
    return Context(seconds, WATTS, clock)


def spelled(kwh: float, words: int) -> tuple[int, ...]:
    return divmod(round(kwh * 10), 0x10000)[-words:]


def total(before: float, now: float, seconds: float) -> bool:
    start = Counted(spelled(before, 2), 0.0)
    return believes(TOTAL, start, spelled(now, 2), at(seconds))


def today(before: float, now: float, clock: datetime | None, seconds: float = 30) -> bool:
    """Whether a daily counter may read so ``seconds`` later, when the clock shows that."""
    start = Counted(spelled(before, 1), 0.0)
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
    assert not believes(field, Counted((65_535,), 0.0), (0,), at(30))


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
    start = Counted(spelled(9.0, 2), 0.0)
    assert not believes(TOTAL, start, spelled(0.0, 2), at(30, NIGHT))


# Which registers are counters.


def names(model: Model, start: int = 0, count: int = 60) -> set[str]:
    role = role_of(0x11, PlantCapabilities(model), {})
    return {
        field.field.name
        for field in guarded_fields(role.models, role.absent, Bank.INPUT, start, count)
        if field.field.energy in COUNTERS
    }


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
    guarded = guarded_fields((SinglePhaseInverter,), absent, Bank.INPUT, 0, 60)
    found = [field.field for field in guarded if field.field.energy in COUNTERS]
    registers = [register for field in found for register in field.registers]
    assert len(registers) == len(set(registers))
    assert {item.energy for item in found} == {Energy.LIFETIME, Energy.DAILY}


# What a plant shows of a counter.


class Meter:
    """A total that is polled, with another word that changes with every poll."""

    def __init__(self, start: float = 100.0) -> None:
        self.guards = FieldGuards()
        self.seconds = 0.0
        self.limits = Limits(WATTS, 1)
        for _ in range(2):
            self.read(start, 30)

    def read(self, kwh: float, later: float, *, same: bool = False) -> float:
        """Return what is shown after a page some time later."""
        self.seconds += later
        other = 0 if same else round(self.seconds * 100) & 0xFFFF
        page = Page(0x11, Bank.INPUT, 20, (other, *spelled(kwh, 2)))
        now = Surroundings(self.seconds, 30, self.limits)
        doubted = self.guards.update((SinglePhaseInverter,), frozenset(), page, now)
        words = [doubted.instead.get(register, page.get(register)) for register in TOTAL.registers]
        return float(TOTAL.codec.decode(*words))

    def reads(self, *readings: float, every: float = 30, same: bool = False) -> list[float]:
        """Return what is shown after each reading."""
        return [self.read(kwh, every, same=same) for kwh in readings]


def test_a_second_page_corroborates() -> None:
    assert Meter().reads(5.0, 5.0) == [100.0, 5.0]
    assert Meter().reads(900.0, 900.1, 900.2) == [100.0, 900.1, 900.2]


def test_a_page_within_ten_seconds_proves_nothing() -> None:
    """Three pages within 10 ms leapt by 500 kWh and were believed, and the truth was not."""
    meter = Meter()
    assert meter.reads(600.0, 600.0, 600.0, 600.0, every=0.005) == [100.0] * 4
    assert meter.reads(100.1, 100.1) == [100.1, 100.1]


def test_the_same_page_has_to_be_served_for_three_minutes() -> None:
    shown = Meter().reads(*[5.0] * 8, same=True)
    assert shown == [100.0] * 6 + [5.0, 5.0]


def test_a_reading_in_between_starts_anew() -> None:
    assert Meter().reads(5.0, 100.1, 5.0, 5.0) == [100.0, 100.1, 100.1, 5.0]


def test_readings_have_to_follow_from_one_another() -> None:
    assert Meter().reads(5.0, 3.0, 2.0, 2.0) == [100.0, 100.0, 100.0, 2.0]


def test_a_reading_in_another_clients_block_counts() -> None:
    meter = Meter()
    assert meter.read(5.0, 30) == 100.0
    smaller = Page(0x11, Bank.INPUT, 21, tuple(spelled(5.0, 2)))
    for later, believed in ((175, False), (185, True)):
        now = Surroundings(meter.seconds + later, 30, meter.limits)
        doubted = meter.guards.update((SinglePhaseInverter,), frozenset(), smaller, now)
        assert (doubted.instead == {}) is believed
    assert meter.read(5.0, 200) == 5.0


def test_a_first_reading_that_nothing_confirmed_refuses_nobody() -> None:
    meter = Meter()
    meter.guards = FieldGuards()
    assert meter.reads(5000.0, 100.0, every=0.25) == [5000.0, 100.0]


def test_doubt_ends_whatever_is_read() -> None:
    falling = [90.0 - number for number in range(20)]
    shown = Meter().reads(*falling)
    assert shown.index(falling[8]) == 8
    assert shown[8:] == falling[8:]


@pytest.mark.parametrize("every", [5, 15, 90, 300])
@pytest.mark.parametrize(
    ("watts", "limits", "kilowatts"),
    [
        pytest.param(3000, 1, 15, id="3 kW inverter, 15 kW import"),
        pytest.param(6000, 3, 40, id="three-phase 6 kW, 40 kW import"),
    ],
)
def test_import_is_measured_against_the_supply(
    every: float, watts: int, limits: int, kilowatts: float
) -> None:
    """At first 0 of 45 kWh and 0 of 120 kWh were shown."""
    supply = SinglePhaseInverter.register_fields["e_grid_in_total"]
    guards = FieldGuards()
    for number in range(int(3 * 3600 / every)):
        seconds = every * number
        words = spelled(100 + kilowatts * seconds / 3600, 2)
        page = Page(0x11, Bank.INPUT, 32, words)
        now = Surroundings(seconds, every, Limits(watts, limits))
        assert not guards.update((SinglePhaseInverter,), frozenset(), page, now).instead
    assert is_of_supply(SinglePhaseInverter, supply.name)


def test_a_load_beyond_the_supply_is_shown_while_it_lasts() -> None:
    """Twice what a phase carries: in doubt at first, then learned."""
    kilowatts = 4 * PHASE_WATTS / 1000
    meter = Meter()
    true = [round(100 + kilowatts * 30 * (number + 2) / 3600, 1) for number in range(400)]
    shown = meter.reads(*true)
    assert shown[0] == 100.0
    assert shown[1:] == true[1:]


@given(
    st.lists(st.tuples(st.floats(1, 3600), st.floats(0, 1)), max_size=20),
    st.floats(0, 1e6),
)
def test_a_counter_that_behaves_is_always_believed(
    steps: list[tuple[float, float]], start: float
) -> None:
    meter = Meter(round(start, 1))
    energy = start
    for seconds, load in steps:
        energy += load * WATTS / 1000 * seconds / 3600
        assert meter.read(energy, seconds) == pytest.approx(round(energy, 1))


# What outlives a restart.


def page(*changes: tuple[int, int], word: int = 0) -> Page:
    known = dict(changes)
    return Page(0x32, Bank.INPUT, 105, (*(known.get(105 + at, 0) for at in range(2)), word))


def settle(guards: FieldGuards, it: Page, seconds: float) -> Doubted:
    now = Surroundings(seconds, 30, Limits(WATTS, 1))
    return guards.update((Battery,), frozenset(), it, now)


def instant(seconds: float) -> Instant:
    return Instant(seconds, after(seconds))


def known() -> FieldGuards:
    guards = FieldGuards()
    settle(guards, page((105, 1000), (106, 2000)), 0)
    assert settle(guards, page((105, 1001), (106, 2001), word=1), 30) == ({}, [])
    return guards


def test_what_is_not_believed_is_put_back() -> None:
    guards = known()
    assert settle(guards, page((105, 1002), (106, 7), word=2), 60) == (
        put(IR(106), [2001]),
        [Reason.ENERGY],
    )
    assert settle(guards, page((105, 1002), (106, 2002)), 90) == ({}, [])


def test_readings_survive_a_restart() -> None:
    before = known()
    memory = before.memory(instant(40))
    counters = json.loads(json.dumps(memory[0x32]))
    assert memory.keys() == {0x32}
    assert counters == {
        f"IR({at})": {"words": [word], "at": after(30).isoformat()}
        for at, word in ((105, 1001), (106, 2001))
    }
    later = FieldGuards()
    later.restore(0x32, counters, Instant(5.0, after(60)))
    assert later.memory(Instant(5.0, after(60))) == memory
    doubted = settle(later, page((105, 6), (106, 2002)), 5)
    assert doubted.instead == put(IR(105), [1001])


def test_a_clock_set_back_between_two_starts_costs_nothing() -> None:
    later = FieldGuards()
    later.restore(0x32, known().memory(instant(40))[0x32], Instant(5.0, after(-3600)))
    assert settle(later, page((105, 1002), (106, 2002)), 5) == ({}, [])
    assert settle(later, page((105, 1003), (106, 2003)), 35) == ({}, [])


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
    ],
)
def test_a_memory_that_makes_no_sense_is_left_out(counters: dict[str, object]) -> None:
    later = FieldGuards()
    later.restore(0x32, counters, instant(0))
    assert later.memory(instant(0)) == {}


@pytest.mark.parametrize(
    "memory",
    [
        {"nowhere": {"serial": None, "counters": {}}},
        {"0x32": 1000},
        {"0x32": {"counters": {}}},
        {"0x32": {"serial": None, "counters": 1000}},
    ],
)
def test_a_device_that_makes_no_sense_in_a_memory_is_left_out(memory: dict[str, object]) -> None:
    plant = Plant()
    plant.restore_energy(memory)
    assert plant.energy_memory() == {}


def test_a_memory_of_another_shape_is_no_memory() -> None:
    later = FieldGuards()
    stored = {"words": [0, 1000], "at": after(0).isoformat()}
    later.restore(0x32, {"IR(105)": stored}, instant(0))
    assert settle(later, page((105, 7)), 30) == ({}, [])
