"""The states of the sensors of every simulated plant."""

from datetime import time, timedelta

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.givenergy.givenergy_modbus.model import TimeSlot
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator
from custom_components.givenergy.issues import clock_drift
from custom_components.givenergy.runtime import GivEnergyConfigEntry

SAYS_NOTHING = {STATE_UNAVAILABLE, STATE_UNKNOWN}

MAY_BE_UNKNOWN = {
    "override_ends",
    "battery_max_power",
    "e_battery_charge_total",
    "e_battery_discharge_total",
}
"""What model or firmware decides, and is not known of every one."""


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what can only be read."""
    return [Platform.BINARY_SENSOR, Platform.SENSOR]


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_everything_shown_at_first_says_something(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    silent = {state.entity_id for state in hass.states.async_all() if state.state in SAYS_NOTHING}
    assert all(entity_id.endswith("_override_ends") for entity_id in silent)


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_every_detail_says_something_when_enabled(
    hass: HomeAssistant,
    all_enabled: None,
    loaded: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    registry = er.async_get(hass)
    silent = {
        entry.unique_id.partition("_")[2]
        for entry in er.async_entries_for_config_entry(registry, loaded.entry_id)
        if (state := hass.states.get(entry.entity_id)) is None or state.state in SAYS_NOTHING
    }
    assert silent <= MAY_BE_UNKNOWN
    texts = [
        record.getMessage()
        for record in caplog.records
        if record.levelname in ("WARNING", "ERROR") and "entity" in record.getMessage().lower()
    ]
    assert not texts


async def test_texts_fit_and_carry_their_messages(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    state = hass.states.get("sensor.givenergy_inverter_battery_warnings")
    assert state is not None
    assert state.state == "none"
    assert state.attributes["messages"] == []
    assert state.attributes["code"] == 0


@pytest.mark.parametrize(
    ("start", "end", "at", "inside"),
    [
        (1600, 1900, time(16), True),
        (1600, 1900, time(19), False),
        (2330, 430, time(23, 45), True),
        (2330, 430, time(4, 29), True),
        (2330, 430, time(12), False),
        (0, 0, time(0), False),
    ],
)
def test_a_window_ends_where_the_next_may_begin(
    start: int, end: int, at: time, inside: bool
) -> None:
    assert (at in TimeSlot.from_repr(start, end)) is inside


async def test_a_window_counts_by_the_clock_of_the_inverter_and_while_it_is_on(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, simulator: Simulator
) -> None:
    entity_id = "binary_sensor.givenergy_inverter_charge_slot_active"
    now = simulator.profile.start
    words = simulator.registers[0x11]
    words[HR(94)], words[HR(95)] = (now.hour * 100, (now.hour + 1) * 100)
    for enabled, state in ((1, "on"), (0, "off")):
        words[HR(96)] = enabled
        await loaded.runtime_data.client.load_config()
        loaded.runtime_data.coordinator.async_update_listeners()
        assert (shown := hass.states.get(entity_id)) is not None
        assert shown.state == state


async def test_a_slot_becomes_active_on_the_minute_between_polls(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
) -> None:
    entity_id = "binary_sensor.givenergy_inverter_charge_slot_active"
    drift = clock_drift(loaded)
    assert drift is not None
    start = dt_util.now() + drift + timedelta(minutes=2)
    words = simulator.registers[0x11]
    words[HR(96)] = 1
    words[HR(94)], words[HR(95)] = (
        start.hour * 100 + start.minute,
        (start.hour + 1) % 24 * 100,
    )
    await loaded.runtime_data.client.load_config()
    loaded.runtime_data.coordinator.async_update_listeners()
    assert (shown := hass.states.get(entity_id)) is not None
    assert shown.state == "off"
    simulator.silent |= set(range(256))
    at = (dt_util.now() + timedelta(minutes=4)).replace(second=5)
    clock.move_to(at)
    async_fire_time_changed(hass, at)
    await hass.async_block_till_done()
    assert (shown := hass.states.get(entity_id)) is not None
    assert shown.state == "on"
