"""Adding a plant."""

import asyncio
from dataclasses import replace

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.core import Event, HomeAssistant
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, FlowResultType

from custom_components.givenergy.check import LEAST_SEARCH
from custom_components.givenergy.const import (
    CONF_BLOCKS_PROBED,
    CONF_CAPABILITIES,
    CONF_IDENTITIES,
    DOMAIN,
)
from custom_components.givenergy.givenergy_modbus.client.timing import RetryPolicy
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator, profile
from custom_components.givenergy.runtime import DATA_TIMING, GivEnergyConfigEntry

from ..conftest import QUICK, nobody_at, until
from .flow_steps import address_of, agree, search, start


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_a_plant_is_looked_at_and_added(hass: HomeAssistant, simulator: Simulator) -> None:
    flow = await start(hass)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
    assert flow["errors"] == {}
    flow = await search(hass, flow, address_of(simulator))
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "found"
    await nobody_at(simulator)
    placeholders = flow["description_placeholders"]
    flow = await agree(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    entry = flow["result"]
    assert entry.unique_id == placeholders["serial"]
    assert entry.title == "GivEnergy"
    assert entry.data.keys() == {
        CONF_NAME,
        CONF_HOST,
        CONF_PORT,
        CONF_BLOCKS_PROBED,
        CONF_BLOCKS_PROBED,
        CONF_CAPABILITIES,
        CONF_IDENTITIES,
    }
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("plant_name", "batteries", "meters"),
    [("gen1_hybrid", "2", "0"), ("all_in_one", "4", "0"), ("three_phase_hv", "6", "2")],
)
async def test_the_summary_says_what_was_found(
    hass: HomeAssistant, simulator: Simulator, batteries: str, meters: str
) -> None:
    flow = await search(hass, await start(hass), address_of(simulator))
    placeholders = flow["description_placeholders"]
    assert placeholders["batteries"] == batteries
    assert placeholders["meters"] == meters
    assert placeholders["product"]
    assert len(placeholders["serial"]) == 10


async def test_the_search_tells_how_far_it_is(hass: HomeAssistant, simulator: Simulator) -> None:
    reported: list[float] = []

    def note(event: Event) -> None:
        reported.append(event.data["progress"])

    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, note)
    await search(hass, await start(hass), address_of(simulator))
    assert len(reported) > 10
    assert reported[-1] == 1.0
    assert all(0 <= value <= 1 for value in reported)


async def test_a_host_is_tidied(hass: HomeAssistant, simulator: Simulator) -> None:
    untidy = {**address_of(simulator), CONF_HOST: f"  {simulator.host} "}
    flow = await agree(hass, await search(hass, await start(hass), untidy))
    assert flow["result"].data[CONF_HOST] == simulator.host


async def test_giving_up_ends_the_search(hass: HomeAssistant, simulator: Simulator) -> None:
    simulator.silent.add(0x11)
    hass.data[DATA_TIMING] = replace(QUICK, known=RetryPolicy(30, 0, 0.0))
    flow = await start(hass)
    flows = hass.config_entries.flow
    await flows.async_configure(flow["flow_id"], address_of(simulator))
    await until(lambda: simulator.requests)
    flows.async_abort(flow["flow_id"])
    await nobody_at(simulator)
    assert not hass.config_entries.async_entries(DOMAIN)


async def test_the_same_plant_is_not_added_twice(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    flow = await start(hass)
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], address_of(simulator))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


async def test_a_plant_added_again_at_a_new_address_is_moved(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    async with Simulator(profile("gen1_hybrid"), latency=0) as moved:
        flow = await search(hass, await start(hass), address_of(moved))
        await hass.async_block_till_done(wait_background_tasks=True)
        assert flow["type"] is FlowResultType.ABORT
        assert flow["reason"] == "already_configured"
        assert loaded.data[CONF_PORT] == moved.port
        assert loaded.state is ConfigEntryState.LOADED
        await nobody_at(simulator)
        assert await hass.config_entries.async_unload(loaded.entry_id)


async def test_a_search_that_fails_at_once_still_shows_progress(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    address = address_of(simulator)
    await simulator.close()
    hass.data[LEAST_SEARCH] = 600.0
    flow = await start(hass)
    flows = hass.config_entries.flow
    await flows.async_configure(flow["flow_id"], address)
    await asyncio.sleep(0.1)
    shown = await flows.async_configure(flow["flow_id"])
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    flows.async_abort(flow["flow_id"])
