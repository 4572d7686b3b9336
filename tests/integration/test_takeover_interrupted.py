"""Takeovers that were cut short, or whose other integration has changed meanwhile.

Only the entity registry is looked at; our entry is not set up, so there is no plant.
"""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.takeover import move
from custom_components.givenergy.takeover.move import (
    CONF_TAKEOVER,
    async_finish,
    async_plan_return,
    async_release,
    async_returnable,
    async_settle,
)
from custom_components.givenergy.takeover.registry import give_back, take
from custom_components.givenergy.takeover.takeover_journal import (
    MovedEntity,
    TakeoverJournal,
    TakeoverPhase,
    async_journal,
    forget_journal,
)

from .peers import DOMAIN as PEER
from .peers import install

FIRST = ("e_grid_in_total", "e_grid_out_total", "battery_percent")
SECOND = ("e_pv_day", "p_pv")
SERIAL = "SA2241G101"


@pytest.fixture
async def peer(hass: HomeAssistant) -> MockConfigEntry:
    return await install(hass, "c_gen1_hybrid")


@pytest.fixture
def ours(hass: HomeAssistant) -> MockConfigEntry:
    entry = MockConfigEntry(domain=DOMAIN, title="GivEnergy")
    entry.add_to_hass(hass)
    return entry


def ids(hass: HomeAssistant, keys: tuple[str, ...]) -> dict[str, str]:
    """Return the registry ids of some of their entities, by key."""
    registry = er.async_get(hass)
    found = {key: registry.async_get_entity_id("sensor", PEER, f"{SERIAL}_{key}") for key in keys}
    return {key: registry.entities[entity_id].id for key, entity_id in found.items()}


def agree(
    hass: HomeAssistant, ours: MockConfigEntry, peer: MockConfigEntry, registry_ids: dict[str, str]
) -> None:
    """Note in our entry what the flow notes when a person agrees."""
    entities = [
        {"registry_id": registry_id, "new_unique_id": f"{SERIAL}_new_{key}"}
        for key, registry_id in registry_ids.items()
    ]
    agreed = {
        "peer": PEER,
        "entry_id": peer.entry_id,
        "title": peer.title,
        "entities": entities,
    }
    hass.config_entries.async_update_entry(ours, data={**ours.data, CONF_TAKEOVER: [agreed]})


async def start(hass: HomeAssistant, ours: MockConfigEntry) -> None:
    """Do what a start of Home Assistant does, from what is stored."""
    forget_journal(hass, ours.entry_id)
    await async_settle(hass, ours)
    await async_finish(hass, ours)
    await hass.async_block_till_done()


async def give_all_back(hass: HomeAssistant, ours: MockConfigEntry) -> None:
    """Give back in the options, which loads our entry again."""
    await async_plan_return(hass, ours.entry_id)
    await start(hass, ours)


def platforms(hass: HomeAssistant, registry_ids: dict[str, str]) -> set[str]:
    """Return whose entities some are now."""
    registry = er.async_get(hass)
    return {registry.entities.get_entry(each).platform for each in registry_ids.values()}


def kept_of(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the entities of an entry but for what changes by itself, by registry id."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        each.id: {**each.extended_dict, "modified_at": None, "labels": sorted(each.labels)}
        for each in found
    }


async def phases(hass: HomeAssistant, ours: MockConfigEntry) -> list[TakeoverPhase]:
    stored = await TakeoverJournal(hass, ours.entry_id).async_load()
    return [takeover.phase for takeover in stored.takeovers]


async def test_the_other_entry_is_removed_while_entities_move(
    hass: HomeAssistant,
    peer: MockConfigEntry,
    ours: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry_ids = ids(hass, FIRST)
    agree(hass, ours, peer, registry_ids)

    def take_one(*args: Any) -> None:
        take(*args)
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(move, "take", take_one)
        with pytest.raises(RuntimeError):
            await async_settle(hass, ours)
    await hass.config_entries.async_remove(peer.entry_id)
    await start(hass, ours)
    assert len(kept_of(hass, ours)) == 1
    assert await phases(hass, ours) == [TakeoverPhase.MOVED]
    # There is nobody left to give them back to.
    assert await async_returnable(hass, ours.entry_id) == []
    await give_all_back(hass, ours)
    assert len(kept_of(hass, ours)) == 1
    await async_release(hass, ours)


async def test_the_registry_was_not_saved_after_entities_went_back(
    hass: HomeAssistant, peer: MockConfigEntry, ours: MockConfigEntry
) -> None:
    registry_ids = ids(hass, FIRST)
    before = kept_of(hass, peer)
    agree(hass, ours, peer, registry_ids)
    await start(hass, ours)
    journal = await async_journal(hass, ours.entry_id)
    moved = list(journal.takeovers[0].entities)
    await give_all_back(hass, ours)
    assert await phases(hass, ours) == [TakeoverPhase.RETURNED]

    # The power goes: they are ours again, and the other integration adds its own anew.
    await hass.config_entries.async_unload(peer.entry_id)
    for entity in moved:
        take(hass, ours, entity)
    await hass.config_entries.async_setup(peer.entry_id)
    await hass.async_block_till_done()
    assert len(kept_of(hass, peer)) == len(before)
    assert platforms(hass, registry_ids) == {DOMAIN}
    await start(hass, ours)
    assert kept_of(hass, peer) == before
    assert all(hass.states.get(kept["entity_id"]) for kept in before.values())
    await start(hass, ours)
    assert await phases(hass, ours) == []


async def test_the_other_entry_was_enabled_by_hand(
    hass: HomeAssistant, peer: MockConfigEntry, ours: MockConfigEntry
) -> None:
    registry_ids = ids(hass, FIRST)
    before = kept_of(hass, peer)
    agree(hass, ours, peer, registry_ids)
    await start(hass, ours)
    await hass.config_entries.async_set_disabled_by(peer.entry_id, None)
    await hass.async_block_till_done()
    await give_all_back(hass, ours)
    assert kept_of(hass, peer) == before
    assert all(hass.states.get(kept["entity_id"]) for kept in before.values())


async def test_what_moved_at_two_times_goes_back_together(
    hass: HomeAssistant, peer: MockConfigEntry, ours: MockConfigEntry
) -> None:
    before = kept_of(hass, peer)
    for keys in (FIRST, SECOND):
        agree(hass, ours, peer, ids(hass, keys))
        await start(hass, ours)
    assert len(kept_of(hass, ours)) == len(FIRST) + len(SECOND)
    await give_all_back(hass, ours)
    assert peer.state is ConfigEntryState.LOADED
    assert kept_of(hass, peer) == before
    assert all(hass.states.get(kept["entity_id"]) for kept in before.values())
    # The same entities may move once more before the next start.
    agree(hass, ours, peer, ids(hass, FIRST))
    await start(hass, ours)
    assert len(kept_of(hass, ours)) == len(FIRST)


async def test_an_entry_that_cannot_be_unloaded_is_waited_for(
    hass: HomeAssistant, peer: MockConfigEntry, ours: MockConfigEntry
) -> None:
    registry_ids = ids(hass, FIRST)
    agree(hass, ours, peer, registry_ids)
    peer.mock_state(hass, ConfigEntryState.FAILED_UNLOAD)
    await start(hass, ours)
    assert platforms(hass, registry_ids) == {PEER}
    assert await phases(hass, ours) == [TakeoverPhase.MOVING]
    assert peer.disabled_by is ConfigEntryDisabler.USER
    peer.mock_state(hass, ConfigEntryState.LOADED)
    await hass.config_entries.async_unload(peer.entry_id)
    await start(hass, ours)
    assert platforms(hass, registry_ids) == {DOMAIN}
    assert await phases(hass, ours) == [TakeoverPhase.MOVED]


async def test_an_entity_renamed_in_between_moves(
    hass: HomeAssistant, peer: MockConfigEntry, ours: MockConfigEntry
) -> None:
    registry_ids = ids(hass, FIRST)
    agree(hass, ours, peer, registry_ids)
    peer.mock_state(hass, ConfigEntryState.FAILED_UNLOAD)
    await start(hass, ours)
    registry = er.async_get(hass)
    renamed = registry.entities.get_entry(registry_ids["battery_percent"])
    registry.async_update_entity(renamed.entity_id, new_entity_id="sensor.renamed")
    peer.mock_state(hass, ConfigEntryState.LOADED)
    await hass.config_entries.async_unload(peer.entry_id)
    await start(hass, ours)
    assert platforms(hass, registry_ids) == {DOMAIN}
    assert registry.async_get("sensor.renamed").config_entry_id == ours.entry_id


async def test_entities_of_a_disabled_device_can_be_enabled_and_go_back_as_they_were(
    hass: HomeAssistant, peer: MockConfigEntry, ours: MockConfigEntry
) -> None:
    devices = dr.async_get(hass)
    device = devices.async_get_device_by_identifier((PEER, SERIAL), peer.entry_id)
    devices.async_update_device(device.id, disabled_by=dr.DeviceEntryDisabler.USER)
    await hass.async_block_till_done()
    before = kept_of(hass, peer)
    registry_ids = ids(hass, FIRST)
    agree(hass, ours, peer, registry_ids)
    await start(hass, ours)
    assert {kept["disabled_by"] for kept in kept_of(hass, ours).values()} == {"user"}
    await give_all_back(hass, ours)
    assert kept_of(hass, peer) == before


async def test_entities_wait_for_a_connection_to_the_broker(
    hass: HomeAssistant,
    peer: MockConfigEntry,
    ours: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Discovery messages that are still retained would add them again."""
    registry_ids = ids(hass, FIRST)
    agree(hass, ours, peer, registry_ids)
    [agreed] = ours.data[CONF_TAKEOVER]
    data = {CONF_TAKEOVER: [{**agreed, "peer": "mqtt"}]}
    hass.config_entries.async_update_entry(ours, data=data)
    await async_settle(hass, ours)
    assert platforms(hass, registry_ids) == {PEER}
    assert await phases(hass, ours) == [TakeoverPhase.MOVING]
    assert "is not connected" in caplog.text


async def test_what_was_only_disabled_to_move_is_enabled_again(
    hass: HomeAssistant, peer: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    [registry_id] = ids(hass, FIRST[:1]).values()
    entry = registry.entities.get_entry(registry_id)
    before = {"config_entry_id": peer.entry_id, "disabled_by": None}
    registry.async_update_entity(entry.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    give_back(hass, MovedEntity(registry_id=registry_id, new_unique_id="new", before=before))
    assert registry.async_get(entry.entity_id).disabled_by is None
