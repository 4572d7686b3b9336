"""Energies no register counts, and figures made of several batteries."""

from datetime import datetime, timedelta

import pytest
from freezegun import freeze_time
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model.plan import Block, Read
from custom_components.givenergy.givenergy_modbus.model.register import IR, Bank, Register
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.sensor.derived import HighWater

from .conftest import set_up

MIDNIGHT = datetime(2026, 6, 15)  # noqa: DTZ001 - inverters know no zone
NOON = MIDNIGHT - timedelta(hours=12)
OUT_DAY, MADE_DAY, P_BATTERY = IR(25), IR(44), IR(52)
READINGS = Read(0x11, Block(Bank.INPUT, 0))


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up nothing but sensors."""
    return [Platform.SENSOR]


def state_of(hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str, part: int = 0) -> State:
    """Return the state of one of a device's sensors."""
    identity = entry.runtime_data.plant_devices[part].identity
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{identity}_{key}")
    assert entity_id is not None, key
    state = hass.states.get(entity_id)
    assert state is not None
    return state


async def poll(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Have the plant polled now."""
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)


def put(simulator: Simulator, register: Register, word: int) -> None:
    """Set values of the inverter."""
    simulator.registers[0x11][register] = word & 0xFFFF


# Sums that may not dip


def test_a_sum_does_not_fall_within_a_day() -> None:
    mark = HighWater()
    assert mark.take(4.0, NOON, daily=True) == 4.0
    assert mark.take(3.8, NOON, daily=True) == 4.0
    assert mark.take(4.1, NOON, daily=True) == 4.1


def test_a_sum_starts_again_with_the_day_however_the_counters_follow() -> None:
    mark = HighWater(20.0, NOON.date())
    assert mark.take(19.5, MIDNIGHT - timedelta(seconds=10), daily=True) == 20.0
    # The counters behind it have not all started again yet.
    assert mark.take(19.5, MIDNIGHT + timedelta(seconds=20), daily=True) == 19.5
    assert mark.take(0.0, MIDNIGHT + timedelta(seconds=50), daily=True) == 0.0
    assert mark.take(0.3, MIDNIGHT + timedelta(hours=3), daily=True) == 0.3
    assert mark.take(0.2, MIDNIGHT + timedelta(hours=4), daily=True) == 0.3


def test_a_sum_is_never_below_zero() -> None:
    assert HighWater().take(-0.4, NOON, daily=True) == 0.0


def test_a_lifetime_sum_outlasts_midnight_and_follows_another_inverter() -> None:
    mark = HighWater(900.0, NOON.date())
    assert mark.take(899.5, NOON + timedelta(days=1), daily=False) == 900.0
    assert mark.take(3.0, NOON + timedelta(days=2), daily=False) == 3.0


async def test_self_consumption_does_not_fall_while_the_battery_exports(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, simulator: Simulator
) -> None:
    put(simulator, MADE_DAY, simulator.registers[0x11][OUT_DAY] + 1)
    await poll(hass, loaded)
    before = float(state_of(hass, loaded, "e_self_consumption_today").state)
    put(simulator, OUT_DAY, simulator.registers[0x11][OUT_DAY] + 1)
    await poll(hass, loaded)
    assert float(state_of(hass, loaded, "e_self_consumption_today").state) == before


async def test_a_sum_survives_a_restart_within_the_day(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, simulator: Simulator
) -> None:
    day = simulator.profile.start.date()
    restore(hass, entry, "e_consumption_today", {"best": 99.0, "day": day.isoformat()})
    await set_up(hass, entry)
    assert float(state_of(hass, entry, "e_consumption_today").state) == 99.0


async def test_a_sum_of_another_day_is_forgotten(
    hass: HomeAssistant, entry: GivEnergyConfigEntry
) -> None:
    restore(hass, entry, "e_consumption_today", {"best": 99.0, "day": "2026-06-17"})
    await set_up(hass, entry)
    assert float(state_of(hass, entry, "e_consumption_today").state) < 99.0


# Powers counted up


@pytest.mark.parametrize("plant_name", ["gen3_hybrid"])
async def test_a_power_is_counted_up_from_poll_to_poll(
    hass: HomeAssistant, all_enabled: None, loaded: GivEnergyConfigEntry, simulator: Simulator
) -> None:
    kwh = [await _charged(hass, loaded, simulator, watts=-3000)]
    kwh.append(await _charged(hass, loaded, simulator, watts=-3000, after=40))
    kwh.append(await _charged(hass, loaded, simulator, watts=1200, after=40))
    # Three kilowatts for 40 seconds, then half of it on the way to nothing; a busy machine adds
    # some seconds.
    assert 0.032 < kwh[1] - kwh[0] < 0.06
    assert 0.015 < kwh[2] - kwh[1] < 0.03
    discharged = float(state_of(hass, loaded, "e_battery_discharge_estimated").state)
    assert 0.005 < discharged < 0.015


@pytest.mark.parametrize("plant_name", ["gen3_hybrid"])
async def test_nothing_is_counted_for_a_time_nobody_saw(
    hass: HomeAssistant, all_enabled: None, loaded: GivEnergyConfigEntry, simulator: Simulator
) -> None:
    before = await _charged(hass, loaded, simulator, watts=-3000)
    assert await _charged(hass, loaded, simulator, watts=-3000, after=3600) == before


@pytest.mark.parametrize("plant_name", ["gen3_hybrid"])
async def test_an_estimate_goes_on_after_a_restart(
    hass: HomeAssistant, entry: GivEnergyConfigEntry
) -> None:
    key = "e_battery_charge_estimated"
    restore(hass, entry, key, {"native_value": 12.345, "native_unit_of_measurement": "kWh"})
    await set_up(hass, entry)
    # What is counted meanwhile depends on how long the set-up takes.
    assert 12.344 < float(state_of(hass, entry, key).state) < 12.5


async def _charged(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    simulator: Simulator,
    *,
    watts: int,
    after: float = 0,
) -> float:
    """Return what is estimated after a poll that finds the battery doing this."""
    before = entry.runtime_data.client.plant.stored_at(READINGS)
    assert before is not None
    put(simulator, P_BATTERY, watts)
    with freeze_time(before + timedelta(seconds=after), tick=True):
        await poll(hass, entry)
    return float(state_of(hass, entry, "e_battery_charge_estimated").state)


# Several batteries


@pytest.mark.parametrize(
    ("plant_name", "members", "key"),
    [
        ("gen1_hybrid", "lv_battery", "remaining_energy_nominal_wh"),
        ("all_in_one", "hv_stack", "stored_energy"),
        ("three_phase_hv", "hv_stack", "stored_energy"),
    ],
)
async def test_stored_energy_is_the_sum_over_the_batteries(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, members: str, key: str
) -> None:
    plant_devices = loaded.runtime_data.plant_devices
    each = [
        float(state_of(hass, loaded, key, place).state)
        for place, part in enumerate(plant_devices)
        if part.kind == members
    ]
    whole = state_of(hass, loaded, "battery_stored_energy")
    assert whole.attributes["unit_of_measurement"] == "kWh"
    assert float(whole.state) == pytest.approx(sum(each), abs=0.002)


@pytest.mark.parametrize(
    ("plant_name", "there"),
    [("gen1_hybrid", True), ("gen2_hybrid", False), ("ems", True), ("gateway", True)],
)
async def test_the_mean_level_is_there_where_no_other_figure_stands_for_it(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, there: bool
) -> None:
    identity = loaded.runtime_data.plant_devices[0].identity
    found = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{identity}_battery_average_soc"
    )
    assert (found is not None) is there


async def test_a_figure_of_several_batteries_needs_all_of_them(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, simulator: Simulator
) -> None:
    simulator.silent = {0x33}
    for _ in range(loaded.runtime_data.coordinator.availability.limit):
        await poll(hass, loaded)
    assert state_of(hass, loaded, "battery_stored_energy").state == STATE_UNAVAILABLE
    assert state_of(hass, loaded, "soc", 1).state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
    simulator.silent = set()
    await poll(hass, loaded)
    assert float(state_of(hass, loaded, "battery_stored_energy").state) > 0


def restore(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str, saved: dict[str, object]
) -> None:
    """Have a sensor of the first device find what it saved before a restart."""
    entity_id = (
        er.async_get(hass)
        .async_get_or_create("sensor", DOMAIN, f"{entry.unique_id}_{key}", config_entry=entry)
        .entity_id
    )
    mock_restore_cache_with_extra_data(hass, [(State(entity_id, "0"), saved)])
