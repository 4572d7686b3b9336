"""Moving a plant to another address, and replacing its inverter."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value

from custom_components.givenergy.const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator, profile
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..conftest import nobody_at
from ..states import identity_of, stored
from .flow_steps import address_of, agree, search


async def test_reconfigure_keeps_everything_but_the_address(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
    identities = loaded.data[CONF_IDENTITIES]
    async with Simulator(profile("gen1_hybrid"), latency=0) as moved:
        flow = await loaded.start_reconfigure_flow(hass)
        assert flow["step_id"] == "reconfigure"
        schema = flow["data_schema"].schema
        assert get_schema_suggested_value(schema, CONF_PORT) == simulator.port
        flow = await search(hass, flow, address_of(moved))
        await hass.async_block_till_done(wait_background_tasks=True)
        assert flow["type"] is FlowResultType.ABORT
        assert flow["reason"] == "reconfigure_successful"
        assert loaded.data[CONF_PORT] == moved.port
        assert loaded.data[CONF_IDENTITIES] == identities
        assert loaded.state is ConfigEntryState.LOADED
        after = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
        assert {(item.entity_id, item.unique_id) for item in after} == {
            (item.entity_id, item.unique_id) for item in before
        }
        await nobody_at(simulator)
        assert await hass.config_entries.async_unload(loaded.entry_id)


async def test_a_replaced_inverter_takes_over_after_a_question(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    registry = er.async_get(hass)
    before = er.async_entries_for_config_entry(registry, loaded.entry_id)
    identities, old_serial = loaded.data[CONF_IDENTITIES], loaded.unique_id
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
        assert flow["type"] is FlowResultType.FORM
        assert flow["step_id"] == "replace"
        serial = flow["description_placeholders"]["serial"]
        assert flow["description_placeholders"]["old_serial"] == old_serial != serial
        assert loaded.data[CONF_PORT] == simulator.port
        assert loaded.unique_id == old_serial
        flow = await agree(hass, flow)
        assert flow["reason"] == "reconfigure_successful"
        await hass.async_block_till_done(wait_background_tasks=True)
        assert loaded.state is ConfigEntryState.LOADED
        assert loaded.unique_id == serial
        assert loaded.data[CONF_CAPABILITIES]["served_blocks"]
        now = loaded.data[CONF_IDENTITIES]
        assert now.keys() >= identities.keys()
        assert stored(loaded, "inverter@17")["serial"] == serial
        assert identity_of(loaded, "inverter@17") == old_serial
        after = er.async_entries_for_config_entry(registry, loaded.entry_id)
        assert {(entity.entity_id, entity.unique_id) for entity in after} >= {
            (entity.entity_id, entity.unique_id) for entity in before
        }
        root = loaded.runtime_data.plant_devices[0]
        issues = ir.async_get(hass).issues
        assert not [key for _, key in issues if key.endswith(root.identity)]
        assert await hass.config_entries.async_unload(loaded.entry_id)


async def test_reconfigure_refuses_another_kind_of_system(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    async with Simulator(profile("ems"), latency=0) as other:
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "wrong_plant"
    assert loaded.data[CONF_PORT] == simulator.port
    assert loaded.state is ConfigEntryState.LOADED


async def test_reconfigure_refuses_a_system_that_has_an_entry(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
        serial = flow["description_placeholders"]["serial"]
        hass.config_entries.flow.async_abort(flow["flow_id"])
        MockConfigEntry(domain=DOMAIN, unique_id=serial, data=address_of(other)).add_to_hass(hass)
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


async def test_reconfigure_keeps_the_form_after_an_error(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, mute: int
) -> None:
    flow = await loaded.start_reconfigure_flow(hass)
    flow = await search(hass, flow, {CONF_HOST: "127.0.0.1", CONF_PORT: mute})
    assert flow["step_id"] == "reconfigure"
    assert flow["errors"] == {"base": "not_givenergy"}
    assert get_schema_suggested_value(flow["data_schema"].schema, CONF_PORT) == mute
    flow = await search(hass, flow, address_of(simulator))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["reason"] == "reconfigure_successful"
