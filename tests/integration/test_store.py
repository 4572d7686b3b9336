"""What is remembered of a plant between starts."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE, Platform
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import IR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from tests.library.clocks import ShiftedClock

from .conftest import set_up
from .states import entity_id_of, poll

PV_TODAY = IR(17)
"""In tenths of kilowatt-hours."""


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what is written, and what counts it."""
    return [Platform.SENSOR, Platform.SWITCH]


@pytest.fixture(autouse=True)
def _few_platforms(monkeypatch: pytest.MonkeyPatch, platforms: list[Platform]) -> None:
    """Do so after a reload too."""
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", platforms)


def saved(hass_storage: dict[str, Any], entry: GivEnergyConfigEntry) -> dict[str, Any]:
    """Return what was saved of a plant."""
    found: dict[str, Any] = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    return found


async def test_a_counter_that_jumps_over_a_restart_is_doubted(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = loaded.runtime_data.client.plant.inverter.e_pv1_day
    assert before is not None
    assert await hass.config_entries.async_unload(loaded.entry_id)
    simulator.registers[0x11][PV_TODAY] += 9000
    await set_up(hass, loaded)
    plant = loaded.runtime_data.client.plant
    assert plant.inverter.e_pv1_day in (None, before)
    assert sum(plant.dropped.values())
    # Polls that go on saying so are believed.
    plant.clock = clock = ShiftedClock()
    clock.advance(200)
    await poll(hass, loaded, 1)
    assert plant.inverter.e_pv1_day == pytest.approx(before + 900)


async def test_writes_are_counted_over_restarts(
    hass: HomeAssistant, hass_storage: dict[str, Any], loaded: GivEnergyConfigEntry
) -> None:
    identity = loaded.runtime_data.plant_devices[0].identity
    switch = entity_id_of(hass, "switch", f"{identity}_enable_charge")
    shown = entity_id_of(hass, "sensor", f"{identity}_writes_today")
    for _ in range(2):
        await hass.services.async_call("switch", "turn_off", {"entity_id": switch}, blocking=True)
        assert hass.states.get(shown).state == "1"
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert saved(hass_storage, loaded)["writes_total"] == 1
    await set_up(hass, loaded)
    assert hass.states.get(shown).state == "1"
    await hass.services.async_call("switch", "turn_on", {"entity_id": switch}, blocking=True)
    assert hass.states.get(shown).state == "2"
    assert loaded.runtime_data.store.memory.writes_total == 2


async def test_todays_writes_begin_anew_at_midnight(
    clock: TickingDateTimeFactory, loaded: GivEnergyConfigEntry
) -> None:
    store = loaded.runtime_data.store
    store.count_writes(5)
    assert store.writes_today == 5
    clock.tick(timedelta(days=1))
    assert store.writes_today == 0
    store.count_writes(1)
    assert store.writes_today == 1
    assert store.memory.writes_total == 6


async def test_writes_are_saved_soon_and_counters_now_and_then(
    hass: HomeAssistant, hass_storage: dict[str, Any], loaded: GivEnergyConfigEntry
) -> None:
    key = f"{DOMAIN}.{loaded.entry_id}"
    await poll(hass, loaded)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert key not in hass_storage
    loaded.runtime_data.store.count_writes(1)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert saved(hass_storage, loaded)["writes_total"] == 1
    del hass_storage[key]
    await poll(hass, loaded, 3)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=16))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert saved(hass_storage, loaded)["energy"]


async def test_everything_is_saved_when_home_assistant_stops(
    hass: HomeAssistant, hass_storage: dict[str, Any], loaded: GivEnergyConfigEntry
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert saved(hass_storage, loaded)["energy"]
    assert saved(hass_storage, loaded)["firmware"]


async def test_what_a_later_version_remembers_is_passed_over(
    hass: HomeAssistant, hass_storage: dict[str, Any], entry: GivEnergyConfigEntry
) -> None:
    key = f"{DOMAIN}.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"writes_total": 7, "of later": True},
    }
    await set_up(hass, entry)
    assert entry.runtime_data.store.memory.writes_total == 7
