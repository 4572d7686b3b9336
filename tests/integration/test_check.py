"""The system check in flows and in an action: progress, findings with advice, and what follows."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType

from custom_components.givenergy.check import FIGURES, LEAST_SEARCH, LISTEN, async_advice
from custom_components.givenergy.const import CONF_CHECK, DOMAIN
from custom_components.givenergy.givenergy_modbus.client.findings import (
    ADVICE,
    Finding,
    FindingCode,
)
from custom_components.givenergy.givenergy_modbus.client.system_check import SystemCheck
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator, profile
from custom_components.givenergy.runtime import DATA_TIMING, GivEnergyConfigEntry

from .conftest import QUICK
from .test_data_files import PLACEHOLDER

SERIAL = "SA2241G101"


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up no entities."""
    return []


@pytest.fixture(autouse=True)
def _hasty(hass: HomeAssistant) -> None:
    """Let no step take longer than it must."""
    hass.data[DATA_TIMING] = QUICK
    hass.data[LEAST_SEARCH] = 0.0
    hass.data[LISTEN] = 0.0


@pytest.fixture
async def gone(socket_enabled: None) -> dict[str, Any]:
    """Return an address at which nothing listens any more."""
    async with Simulator(profile("gen1_hybrid"), latency=0) as simulator:
        pass
    return {CONF_HOST: simulator.host, CONF_PORT: simulator.port}


async def go_on(
    hass: HomeAssistant, flows: FlowManager[Any, Any, Any], flow: ConfigFlowResult, **answer: Any
) -> ConfigFlowResult:
    """Answer a form, and wait for the end of the progress that follows."""
    shown: ConfigFlowResult = await flows.async_configure(flow["flow_id"], answer)
    while shown["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done(wait_background_tasks=True)
        shown = await flows.async_configure(flow["flow_id"])
    return shown


def report(flow: ConfigFlowResult) -> str:
    """Return the result that a flow shows."""
    assert flow["step_id"] == "checked"
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    return placeholders["report"]


async def test_a_check_is_offered_once_detection_has_failed(
    hass: HomeAssistant, simulator: Simulator, gone: dict[str, Any]
) -> None:
    flows = hass.config_entries.flow
    flow = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert CONF_CHECK not in flow["data_schema"].schema
    flow = await go_on(hass, flows, flow, **gone)
    assert flow["errors"] == {"base": "connection_refused"}
    assert CONF_CHECK in flow["data_schema"].schema
    flow = await go_on(hass, flows, flow, **gone, check=True)
    assert report(flow) == "- " + ADVICE[FindingCode.CONNECTION_REFUSED]
    flow = await go_on(hass, flows, flow)
    assert flow["step_id"] == "user"
    address = {CONF_HOST: simulator.host, CONF_PORT: simulator.port}
    flow = await go_on(hass, flows, flow, **address)
    assert flow["step_id"] == "found"
    flows.async_abort(flow["flow_id"])


async def test_a_check_follows_a_failed_reconfiguration(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, gone: dict[str, Any]
) -> None:
    flows = hass.config_entries.flow
    flow = await loaded.start_reconfigure_flow(hass)
    flow = await go_on(hass, flows, flow, **gone)
    flow = await go_on(hass, flows, flow, **gone, check=True)
    assert "was refused" in report(flow)
    flow = await go_on(hass, flows, flow)
    assert flow["step_id"] == "reconfigure"
    flows.async_abort(flow["flow_id"])


async def test_the_options_offer_a_check_of_the_loaded_system(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[0x11] |= {HR(50): 60, HR(31): 600, HR(32): 700}
    client = loaded.runtime_data.client
    connections = client.connections
    flows = hass.config_entries.options
    flow = await flows.async_init(loaded.entry_id)
    assert flow["menu_options"] == ["init", "check", "energy"]
    flow = await go_on(hass, flows, flow, next_step_id="check")
    text = report(flow)
    assert "The active power limit is 60%." in text
    assert "2 charge slots are set." in text
    assert "| Model | Hybrid Gen 1 |" in text
    assert "| Requests | 20 |" in text
    assert SERIAL not in text
    assert client.connections == connections
    flow = await go_on(hass, flows, flow)
    assert flow["type"] is FlowResultType.MENU
    flows.async_abort(flow["flow_id"])
    assert client.connected


async def test_the_options_check_a_system_that_does_not_load(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.inject(Fault.EXCEPTION_COUNT_ECHOED, address=0x11)
    await hass.config_entries.async_setup(entry.entry_id)
    flows = hass.config_entries.options
    flow = await flows.async_init(entry.entry_id)
    flow = await go_on(hass, flows, flow, next_step_id="check")
    assert report(flow) == "- " + ADVICE[FindingCode.NOTHING_DETECTED]
    flows.async_abort(flow["flow_id"])


@pytest.mark.parametrize("code", FindingCode)
async def test_advice_is_that_of_the_command_line(hass: HomeAssistant, code: FindingCode) -> None:
    figures: dict[str, str | int | float] = dict.fromkeys(PLACEHOLDER.findall(ADVICE[code]), 7)
    finding = Finding(code, figures)
    assert await async_advice(hass, [finding]) == [finding.advice]


def test_a_check_has_the_figures_that_are_shown() -> None:
    assert FIGURES.keys() <= SystemCheck().to_dict().keys()
