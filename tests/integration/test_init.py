"""A plant's entry from being set up to being removed."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import CONF_CAPABILITIES, DOMAIN, LOGGER
from custom_components.givenergy.discovery import responds
from custom_components.givenergy.givenergy_modbus.model.capabilities import PlantCapabilities
from custom_components.givenergy.givenergy_modbus.model.plan import CONFIG, Block, Read
from custom_components.givenergy.givenergy_modbus.model.register import IR
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator, profile
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import look_at, nobody_at, set_up
from .states import asked, entities, keys_of, poll, unavailable

PACK_1, PACK_2 = 0x32, 0x33


def plan_of(entry: GivEnergyConfigEntry) -> set[Read]:
    """Return every block that the stored plant is read for, without what it takes to serve it."""
    layout = PlantCapabilities.from_dict(entry.data[CONF_CAPABILITIES])
    return {
        Read(address, Block(block.bank, block.start, block.count))
        for address, block in (*layout.measurement_plan, *layout.config_plan)
    }


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_every_plant_comes_up_asked_for_every_block_and_goes(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert loaded.state is ConfigEntryState.LOADED
    assert simulator.clients == 1
    assert hass.states.async_all()
    assert unavailable(hass) == set()
    counts = asked(simulator)
    assert counts.keys() == plan_of(loaded)
    # The second poll asks for the fast ones again; a pack's first page waits for another one.
    assert max(counts.values()) <= 3
    plan = loaded.runtime_data.coordinator.capabilities.config_plan
    settings = counts.keys() & set(plan)
    assert {read for read in settings if counts[read] > 1} <= {Read(0x11, CONFIG[0])}
    assert simulator.writes == []
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    await nobody_at(simulator)


async def test_a_reload_leaves_one_connection(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    for _ in range(3):
        assert await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert simulator.clients == 1
    assert loaded.runtime_data.client.connected


async def test_removal_closes_the_connection_and_forgets(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert f"{DOMAIN}.{loaded.entry_id}" in hass_storage
    await set_up(hass, loaded)
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await nobody_at(simulator)
    assert f"{DOMAIN}.{loaded.entry_id}" not in hass_storage


async def test_the_connection_ends_with_home_assistant(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    await nobody_at(simulator)


# What may go wrong


async def test_not_ready_where_nobody_listens(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    await simulator.close()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "connection_refused"


async def test_not_ready_while_the_inverter_is_silent(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.silent.add(0x11)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "no_answer"
    await nobody_at(simulator)
    simulator.silent.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_not_ready_without_a_single_reading(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    alone = PlantCapabilities.from_dict(entry.data[CONF_CAPABILITIES])
    stored = alone.without(PACK_1).without(PACK_2).to_dict()
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAPABILITIES: stored})
    simulator.silent |= {(0x11, IR(0)), (0x11, IR(180))}
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.reason == "The system is not responding"
    await nobody_at(simulator)


async def test_another_inverter_at_the_address_is_refused(
    hass: HomeAssistant, socket_enabled: None, entry: GivEnergyConfigEntry
) -> None:
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        data = {**entry.data, CONF_HOST: other.host, "port": other.port}
        hass.config_entries.async_update_entry(entry, data=data)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "wrong_plant"
        assert entry.data == data
        issue = ir.async_get(hass).async_get_issue(DOMAIN, f"wrong_plant_{entry.entry_id}")
        assert issue is not None
        assert issue.translation_placeholders == {
            "plant": entry.title,
            "expected": entry.unique_id,
            "found": other.bus.inverter_serial,
        }
        await nobody_at(other)


async def test_another_system_while_running_is_a_failed_update_until_the_right_one_responds(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    coordinator = loaded.runtime_data.coordinator
    await simulator.close()
    caplog.clear()
    caplog.set_level(logging.INFO)
    async with Simulator(profile("gen3_hybrid"), latency=0, port=simulator.port) as other:
        for polls in range(1, 5):
            await poll(hass, loaded)
            assert not coordinator.last_update_success
            assert not responds(loaded)
            assert bool(unavailable(hass)) is (polls >= 3)
        assert loaded.state is ConfigEntryState.LOADED
        issue_id = f"wrong_plant_{loaded.entry_id}"
        issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert issue.translation_placeholders == {
            "plant": loaded.title,
            "expected": loaded.unique_id,
            "found": other.bus.inverter_serial,
        }
        await nobody_at(other)
    await simulator.start()
    await poll(hass, loaded)
    assert coordinator.last_update_success
    assert not unavailable(hass)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None
    ours = [record for record in caplog.records if record.name == LOGGER.name]
    lines = [record.levelname for record in ours if record.levelno >= logging.INFO]
    assert lines == ["WARNING", "INFO"]


@pytest.fixture
async def refused(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> AsyncIterator[str]:
    """Set the entry up where another system responds; return the id of its issue."""
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        own = dict(entry.data)
        data = {**own, CONF_HOST: other.host, "port": other.port}
        hass.config_entries.async_update_entry(entry, data=data)
        await set_up(hass, entry)
        issue_id = f"wrong_plant_{entry.entry_id}"
        assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None
        hass.config_entries.async_update_entry(entry, data=own)
        yield issue_id
        await nobody_at(other)


async def test_the_issue_of_another_system_closes_when_the_right_one_responds(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, refused: str
) -> None:
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert ir.async_get(hass).async_get_issue(DOMAIN, refused) is None


async def test_the_issue_of_another_system_goes_with_its_entry(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, refused: str
) -> None:
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert ir.async_get(hass).async_get_issue(DOMAIN, refused) is None


@pytest.mark.parametrize("plant_name", ["gen3_hybrid"])
@pytest.mark.parametrize("stored", [{}, {"schema_version": 99}, {"device_type": "TOASTER"}])
async def test_a_layout_nobody_can_read_is_found_out_anew(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, stored: dict[str, Any]
) -> None:
    before = entry.data[CONF_CAPABILITIES]
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAPABILITIES: stored})
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data[CONF_CAPABILITIES] == before


# Several plants


@pytest.fixture
async def second(socket_enabled: None) -> AsyncIterator[Simulator]:
    """Run another plant of the same make."""
    renamed = profile(
        "gen1_hybrid",
        devices={
            0x11: {"serial_number": "SA2241G199"},
            0x32: {"serial_number": "BG2238G298"},
            0x33: {"serial_number": "BG2238G299"},
        },
    )
    async with Simulator(renamed, latency=0) as running:
        yield running


async def test_plants_share_nothing(
    hass: HomeAssistant, simulator: Simulator, second: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    other = MockConfigEntry(domain=DOMAIN, **await look_at(second))
    other.add_to_hass(hass)
    await set_up(hass, other)
    one, two = loaded.runtime_data, other.runtime_data
    assert not {part.identity for part in one.plant_devices} & {
        part.identity for part in two.plant_devices
    }
    assert keys_of(loaded) == keys_of(other)

    second.silent |= set(range(256))
    await poll(hass, other, 3)
    mine, theirs = (
        {entity.entity_id for entity in entities(hass) if entity.coordinator is data.coordinator}
        for data in (one, two)
    )
    assert unavailable(hass)
    assert unavailable(hass) <= theirs
    assert not unavailable(hass) & mine
    assert one.coordinator.availability.lost == frozenset()
    assert two.coordinator.availability.all_lost

    assert await hass.config_entries.async_unload(other.entry_id)
    assert loaded.state is ConfigEntryState.LOADED
    await poll(hass, loaded)
    assert simulator.clients == 1
    assert two.client is not one.client
    assert not two.client.connected
