"""A simulated day adds up and stays believable."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest
from givenergy_modbus.model.guards import Page
from givenergy_modbus.model.guards.splice import deviations
from givenergy_modbus.model.models import Trait
from givenergy_modbus.model.plan import INVERTER_ADDRESS
from givenergy_modbus.model.register import IR, Bank, Energy, RegisterField
from givenergy_modbus.model.register_model import RegisterModel
from givenergy_modbus.simulator import PROFILES, profile
from givenergy_modbus.simulator.device_registers import DeviceRegisters
from givenergy_modbus.simulator.inverter_clock import InverterClock
from givenergy_modbus.simulator.plant_profile import models_at

from tests.library.simulated_days import EVENING, NIGHT, NOON, Plant, Snapshot

EVERY_PLANT = pytest.mark.parametrize("name", PROFILES)


@cache
def two_days(name: str) -> tuple[Plant, tuple[tuple[date, Snapshot], ...]]:
    """Return a plant, and its words every quarter of an hour for two days."""
    plant = Plant(name, EVENING)
    return plant, tuple(
        (plant.clock.shown.date(), words) for words in plant.live(48 * 3600, step=900)
    )


def fields(plant: Plant) -> Iterator[tuple[int, type[RegisterModel], RegisterField]]:
    """Yield every declared field of every device there are words for."""
    for address, words in plant.registers.items():
        for model in models_at(address, plant.profile.traits):
            for field in model.register_fields.values():
                if all(register in words for register in field.registers):
                    yield address, model, field


@EVERY_PLANT
def test_counters_never_fall_except_at_midnight(name: str) -> None:
    plant, days = two_days(name)
    counted = 0
    for address, _, field in fields(plant):
        if field.energy not in (Energy.LIFETIME, Energy.DAILY):
            continue
        wraps = 0x1_0000 / 10 if field.codec.words == 1 else None
        for (day, before), (next_day, after) in pairwise(days):
            old, new = field.read(before[address]), field.read(after[address])
            if field.energy is Energy.DAILY and next_day != day:
                assert new < 2, field.name
            elif new < old:
                assert field.energy is Energy.LIFETIME, field.name
                assert wraps is not None, field.name
                assert new + wraps - old < 10, field.name
            else:
                assert new - old <= 12, field.name
            counted += new != old
    assert counted > 500, "something did happen"


@EVERY_PLANT
def test_everything_stays_believable(name: str) -> None:
    plant, days = two_days(name)
    for address, _, field in fields(plant):
        for _, words in days[::8]:
            raw = [words[address][register] for register in field.registers]
            assert all(0 <= word <= 0xFFFF for word in raw)
            if (within := field.within) is None or not any(raw):
                continue
            value = field.codec.decode(*raw)
            assert value is not None, field.name
            assert value in within, f"{field.name} is {value}"


@EVERY_PLANT
def test_powers_add_up(name: str) -> None:
    plant = Plant(name)
    world, site = plant.world, plant.world.site
    for _ in plant.live(24 * 3600, step=600):
        beside = world.solar if site.solar_on_ac else 0
        assert world.ac + beside == world.load + world.grid
        assert abs(world.ac) <= site.rated_w * 1.05
        assert abs(world.battery) <= site.battery_w + 1
        assert 0 <= world.soc <= 100
        assert min(world.strings) >= 0
        assert world.load > 0


@EVERY_PLANT
def test_counters_count_what_flows(name: str) -> None:
    plant = Plant(name, EVENING)
    world = plant.world
    before = {what: world.total(what) for what in ("load", "import", "export", "charge")}
    flowed = dict.fromkeys(before, 0.0)
    for _ in plant.live(5 * 3600, step=60):
        flowed["load"] += world.load
        flowed["import"] += max(-world.grid, 0)
        flowed["export"] += max(world.grid, 0)
        flowed["charge"] += max(-world.battery, 0)
    for what, watt_minutes in flowed.items():
        counted = world.total(what) - before[what]
        assert counted == pytest.approx(watt_minutes / 60_000, abs=0.11), what


@pytest.mark.parametrize("name", ["gen1_hybrid", "gen2_hybrid", "gen3_hybrid", "hv_gen3"])
def test_hybrid_registers_add_up(name: str) -> None:
    _, days = two_days(name)
    for _, words in days:
        inverter = words[INVERTER_ADDRESS]
        terminal, grid = (
            word - 0x10000 if word & 0x8000 else word
            for word in (inverter[IR(24)], inverter[IR(30)])
        )
        assert terminal == inverter[IR(42)] + grid
        solar = inverter[IR(17)] + inverter[IR(19)]
        assert inverter[IR(44)] == solar


@pytest.mark.parametrize("name", ["ac_coupled", "all_in_one"])
def test_solar_beside_the_inverter_adds_up(name: str) -> None:
    plant, days = two_days(name)
    for _, words in days:
        device = DeviceRegisters(
            words[INVERTER_ADDRESS], *models_at(INVERTER_ADDRESS, plant.profile.traits)
        )
        terminal, solar = device["p_grid_out_ph1"], device["p_pv1"]
        assert terminal + solar == device["p_load_demand"] + device["p_grid_out"]


def test_three_phases_add_up() -> None:
    plant, days = two_days("three_phase_hv")
    for _, words in days:
        device = DeviceRegisters(
            words[INVERTER_ADDRESS], *models_at(INVERTER_ADDRESS, plant.profile.traits)
        )
        phases = [device[f"p_meter_active_ac{n}"] for n in (1, 2, 3)]
        assert sum(phases) == device["p_meter_export"] - device["p_meter_import"]
        own = [device[f"p_inverter_active_ac{n}"] for n in (1, 2, 3)]
        assert sum(own) == device["p_inverter_out"]
        assert device["e_pv_today"] == pytest.approx(device["e_pv1_today"] + device["e_pv2_today"])


def test_gateway_sums_its_members_up() -> None:
    plant, days = two_days("gateway")
    for _, words in days:
        device = DeviceRegisters(
            words[INVERTER_ADDRESS], *models_at(INVERTER_ADDRESS, plant.profile.traits)
        )
        assert device["p_pv"] + device["p_liberty"] == device["p_load"] + device["p_ac1"]
        assert device["p_liberty"] == device["p_aio1_inverter"] + device["p_aio2_inverter"]
        for what in ("charge_today", "charge_total", "discharge_today", "discharge_total"):
            parts = device[f"e_aio1_{what}"] + device[f"e_aio2_{what}"]
            assert parts == pytest.approx(device[f"e_battery_{what}"]), what


def test_controller_sums_its_inverters_up() -> None:
    plant, days = two_days("ems")
    for _, words in days:
        device = DeviceRegisters(
            words[INVERTER_ADDRESS], *models_at(INVERTER_ADDRESS, plant.profile.traits)
        )
        assert (
            device["total_battery_power"] == device["inverter_1_power"] + device["inverter_2_power"]
        )
        assert device["grid_meter_power"] == device["meter_1_power"] == -device["p_grid_out"]
        meter = DeviceRegisters(words[0x01], *models_at(0x01, plant.profile.traits))
        assert meter["p_active_total"] == device["meter_1_power"]


@pytest.mark.parametrize("name", [name for name in PROFILES if "hybrid" in name or name[0] == "a"])
def test_batteries_agree_with_themselves(name: str) -> None:
    plant, days = two_days(name)
    for _, words in days[::4]:
        for address in (0x32, 0x33):
            if address not in words:
                continue
            pack = words[address]
            assert sum(pack[IR(at)] for at in range(60, 76)) == pack[IR(80)]
            warmth = [pack[IR(at)] for at in range(76, 80)]
            assert (pack[IR(103)], pack[IR(104)]) == (max(warmth), min(warmth))
        if 0x70 in words:
            stack = DeviceRegisters(words[0x70], *models_at(0x70, plant.profile.traits))
            cells = [words[at][IR(n)] for at in range(0x50, 0x54) for n in range(60, 84)]
            assert stack["battery_voltage"] == pytest.approx(sum(cells) / 1000, abs=0.051)
            assert (stack["v_cell_max"], stack["v_cell_min"]) == (
                max(cells) / 1000,
                min(cells) / 1000,
            )


@pytest.mark.parametrize("name", ["gen1_hybrid", "gen2_hybrid", "gen3_hybrid", "ac_coupled"])
def test_packs_never_look_spliced(name: str) -> None:
    plant = Plant(name, datetime(2026, 6, 18, 0, 10))  # noqa: DTZ001
    before = plant.snapshot()
    for after in plant.live(24 * 3600, step=290):
        for address in (0x32, 0x33):
            if address in after:
                fresh = tuple(after[address].get(IR(at), 0) for at in range(60, 120))
                page = Page(address, Bank.INPUT, 60, fresh)
                assert not list(deviations(before[address], page))
        before = after


def test_the_same_seed_makes_the_same_day() -> None:
    first, second, other = Plant("gen1_hybrid"), Plant("gen1_hybrid"), Plant("gen1_hybrid", seed=7)
    for plant in (first, second, other):
        plant.simulation.step(3600)
    assert first.registers == second.registers
    assert first.registers != other.registers


def test_a_plant_is_found_in_the_middle_of_its_day() -> None:
    world = Plant("gen1_hybrid").world
    assert round(world.soc) == 64
    assert world.solar > 500
    assert world.today("pv1", "pv2") > 3
    assert world.today("load") > 2
    assert world.total("load") - world.today("load") == pytest.approx(18204.0)


def test_no_sun_at_night() -> None:
    plant = Plant("gen1_hybrid", NIGHT)
    assert plant.world.solar == 0
    assert (plant.device()["v_pv1"], plant.device()["p_pv1"]) == (0, 0)


def test_day_begins_by_the_inverters_clock() -> None:
    plant = Plant("gen1_hybrid", datetime(2026, 6, 18, 23, 58, 30))  # noqa: DTZ001
    plant.clock = plant.world.clock
    for register, word in zip(range(35, 41), (26, 6, 18, 22, 0, 0), strict=True):
        plant.clock.set_word(register, word)
    plant.simulation.step(600)
    assert plant.world.today("load") > 5, "its clock says 22:10"
    plant.simulation.step(2 * 3600)
    assert plant.world.today("load") < 1


class TestClock:
    """The inverter's clock runs, a little wrong, and can be set word by word."""

    def test_it_drifts(self) -> None:
        clock = InverterClock(NOON, offset=-24, drift=-2)
        assert clock.shown == NOON - timedelta(seconds=24)
        clock.advance(2 * 86400)
        assert clock.shown - clock.now == timedelta(seconds=-28)

    def test_it_is_set_one_word_at_a_time(self) -> None:
        clock = InverterClock(datetime(2026, 1, 31, 12, 0))  # noqa: DTZ001
        for register, word in zip(range(35, 41), (26, 2, 28, 6, 7, 8), strict=True):
            clock.set_word(register, word)
            assert clock.words[register - 35] == word
        assert clock.shown == datetime(2026, 2, 28, 6, 7, 8)  # noqa: DTZ001
        clock.advance(60)
        assert clock.words == (26, 2, 28, 6, 8, 8)


def test_firmware_decides_what_packs_count() -> None:
    old, new = Plant("gen1_hybrid"), Plant("gen3_hybrid")
    assert old.device(0x32).get("e_battery_charge_total") is None
    assert old.device(0x32)["i_battery"] == 0
    assert new.device(0x32)["e_battery_charge_total"] > 1000
    assert new.device(0x32)["i_battery"] != 0


def test_first_generation_counts_the_battery_elsewhere() -> None:
    inverter = Plant("gen1_hybrid").device()
    assert Trait.BATTERY_TOTALS_IN_IR180 in profile("gen1_hybrid").traits
    assert inverter["e_battery_charge_today_alt2"] == inverter["e_battery_charge_today_alt1"]
    assert inverter["e_battery_charge_total_alt1"] > 5000
