"""The options of a plant."""

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pytest_homeassistant_custom_component.common import get_schema_suggested_value

from custom_components.givenergy.const import CONF_MISSED_POLLS, CONF_PASSIVE, CONF_READ_ONLY
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..conftest import set_up
from ..states import open_options


async def test_options_take_effect(hass: HomeAssistant, loaded: GivEnergyConfigEntry) -> None:
    before = loaded.runtime_data
    flow = await open_options(hass, loaded)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "init"
    wanted = {
        CONF_SCAN_INTERVAL: 60,
        CONF_MISSED_POLLS: 1,
        CONF_READ_ONLY: True,
        CONF_PASSIVE: False,
    }
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], wanted)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == wanted
    assert all(type(loaded.options[key]) is int for key in (CONF_SCAN_INTERVAL, CONF_MISSED_POLLS))
    assert loaded.state is ConfigEntryState.LOADED
    coordinator = loaded.runtime_data.coordinator
    assert loaded.runtime_data is not before
    assert coordinator.interval.total_seconds() == 60
    assert coordinator.availability.limit == 1
    flow = await open_options(hass, loaded)
    for key, value in wanted.items():
        assert get_schema_suggested_value(flow["data_schema"].schema, key) == value
    hass.config_entries.options.async_abort(flow["flow_id"])


@pytest.mark.parametrize(
    "wrong", [{CONF_SCAN_INTERVAL: 4}, {CONF_SCAN_INTERVAL: 301}, {CONF_MISSED_POLLS: 0}]
)
async def test_options_have_bounds(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, wrong: dict[str, int]
) -> None:
    await set_up(hass, entry)
    flow = await open_options(hass, entry)
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(flow["flow_id"], wrong)
    hass.config_entries.options.async_abort(flow["flow_id"])
