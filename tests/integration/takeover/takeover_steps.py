"""The steps by which a person moves entities, in the flow and in the options."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator


async def find(hass: HomeAssistant, simulator: Simulator) -> Any:
    """Go through the flow until the system is found and agreed to."""
    flows = hass.config_entries.flow
    flow = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    address = {CONF_HOST: simulator.host, CONF_PORT: simulator.port}
    await flows.async_configure(flow["flow_id"], address)
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await flows.async_configure(flow["flow_id"])
    assert flow["step_id"] == "found"
    flow = await flows.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    return flow


async def add(hass: HomeAssistant, simulator: Simulator, **choice: bool) -> Any:
    """Add the system and move what can be moved; return our entry."""
    flow = await find(hass, simulator)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "takeover"
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], choice)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    entry = flow["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def choose(hass: HomeAssistant, entry: Any, step: str, choice: dict[str, Any]) -> Any:
    """Go through one of the steps in the options."""
    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    assert flow["type"] is FlowResultType.MENU
    assert step in flow["menu_options"]
    flow = await options.async_configure(flow["flow_id"], {"next_step_id": step})
    assert flow["step_id"] == step
    flow = await options.async_configure(flow["flow_id"], choice)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert entry.state is ConfigEntryState.LOADED
    return flow
