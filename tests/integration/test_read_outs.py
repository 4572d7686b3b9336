"""What the sensors of every simulated plant say."""

import pytest
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.givenergy.coordinator import GivEnergyConfigEntry
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES

SAYS_NOTHING = {STATE_UNAVAILABLE, STATE_UNKNOWN}

MAY_BE_UNKNOWN = {"battery_max_power"}
"""What the product rather than the plant decides, and is not known of every product."""


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what can only be read."""
    return [Platform.BINARY_SENSOR, Platform.SENSOR]


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_everything_shown_at_first_says_something(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    silent = {state.entity_id for state in hass.states.async_all() if state.state in SAYS_NOTHING}
    assert not silent


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
    said = [
        record.getMessage()
        for record in caplog.records
        if record.levelname in ("WARNING", "ERROR") and "entity" in record.getMessage().lower()
    ]
    assert not said


async def test_texts_fit_and_carry_their_messages(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    state = hass.states.get("sensor.givenergy_inverter_battery_warnings")
    assert state is not None
    assert state.state == "none"
    assert state.attributes["messages"] == []
    assert state.attributes["code"] == 0
