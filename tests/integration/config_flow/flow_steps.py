"""The steps by which a person adds a plant."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator


def address_of(simulator: Simulator) -> dict[str, Any]:
    """Return what is typed in to reach a plant."""
    return {CONF_HOST: simulator.host, CONF_PORT: simulator.port}


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a plant."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def search(
    hass: HomeAssistant, flow: ConfigFlowResult, address: dict[str, Any]
) -> ConfigFlowResult:
    """Enter an address, and wait for the end of the detection."""
    flows = hass.config_entries.flow
    shown = await flows.async_configure(flow["flow_id"], address)
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    assert shown["progress_action"] == "detect"
    assert shown["description_placeholders"] == {"host": address[CONF_HOST].strip().lower()}
    await hass.async_block_till_done(wait_background_tasks=True)
    return await flows.async_configure(flow["flow_id"])


async def agree(hass: HomeAssistant, flow: ConfigFlowResult) -> ConfigFlowResult:
    """Agree to what is proposed."""
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    return result
