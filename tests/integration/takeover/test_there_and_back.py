"""Entities of other integrations move in with all that belongs to them, and back."""

import pytest
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.repairs import async_create_fix_flow

from ..peers import DOMAIN as PEER
from ..peers import PLANTS
from .recorded import SUM, compile_now, counters, record, statistics_of
from .registries import by_people, customize, kept_of
from .takeover_steps import add, choose

OF_THE_CLIENT = ("_responses", "_errors", "_retries")
"""Ends of the unique ids of counters that start again with each start, in either integration."""


@pytest.mark.parametrize("peer_name", PLANTS)
async def test_entities_move_in_and_back(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry, peer_name: str
) -> None:
    customize(hass, peer_name)
    await hass.async_block_till_done()
    before = kept_of(hass, peer.entry_id)
    counted = counters(hass, peer.entry_id)
    states = {entity_id: hass.states.get(entity_id).state for entity_id in counted}
    await record(hass, counted)
    recorded = await statistics_of(hass, counted)
    assert len(recorded) == len(counted)

    entry = await add(hass, simulator, move=True)
    registry = er.async_get(hass)
    moved = {key for key in before if registry.entities.get_entry(key).platform == DOMAIN}
    assert 0 < len(moved) < len(before)
    assert peer.disabled_by is ConfigEntryDisabler.USER
    assert set(kept_of(hass, peer.entry_id)) == before.keys() - moved
    ours = kept_of(hass, entry.entry_id)
    for key in moved:
        for name in (
            "id",
            "entity_id",
            "name",
            "area_id",
            "labels",
            "aliases_v2",
            "icon",
            "hidden_by",
            "disabled_by",
            "categories",
            "created_at",
        ):
            assert ours[key][name] == before[key][name]
        assert by_people(before[key]["options"]) == by_people(ours[key]["options"])
        state = hass.states.get(ours[key]["entity_id"])
        assert (state is None) == (ours[key]["disabled_by"] is not None)
        assert state is None or state.state != STATE_UNAVAILABLE
    continued = [
        kept["entity_id"]
        for key, kept in ours.items()
        if key in moved
        and kept["entity_id"] in counted
        and not kept["unique_id"].endswith(OF_THE_CLIENT)
    ]
    for entity_id in continued:
        assert float(hass.states.get(entity_id).state) == pytest.approx(
            float(states[entity_id]), abs=1, rel=0.01
        )
    assert await statistics_of(hass, counted) == recorded
    start = await compile_now(hass)
    now = await statistics_of(hass, continued, "5minute", start)
    for entity_id in continued:
        gained = float(hass.states.get(entity_id).state) - float(states[entity_id])
        assert now[entity_id][0]["sum"] == pytest.approx(SUM + gained, abs=0.01)

    await choose(hass, entry, "give_back", {})
    assert peer.disabled_by is None
    assert peer.state is ConfigEntryState.LOADED
    assert kept_of(hass, peer.entry_id) == before
    for entity_id, state in states.items():
        assert hass.states.get(entity_id).state == state
    assert await statistics_of(hass, counted) == recorded


async def test_not_now_leaves_everything_and_later_is_possible(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    before = kept_of(hass, peer.entry_id)
    entry = await add(hass, simulator, move=False)
    assert kept_of(hass, peer.entry_id) == before
    assert peer.state is ConfigEntryState.LOADED
    registry = er.async_get(hass)
    own = registry.async_get_entity_id("sensor", DOMAIN, "SA2241G101_battery_soc")
    theirs = registry.async_get_entity_id("sensor", PEER, "SA2241G101_battery_percent")

    await choose(hass, entry, "takeover", {"move": False})
    assert kept_of(hass, peer.entry_id) == before
    await choose(hass, entry, "takeover", {"move": True})
    assert registry.async_get_entity_id("sensor", DOMAIN, "SA2241G101_battery_soc") == theirs
    assert registry.async_get(own) is None
    assert hass.states.get(own) is None
    assert hass.states.get(theirs).state == "64"

    # Ours are made anew when theirs go back, with the ids they had.
    await choose(hass, entry, "give_back", {})
    assert kept_of(hass, peer.entry_id) == before
    assert registry.async_get_entity_id("sensor", DOMAIN, "SA2241G101_battery_soc") == own


async def test_entities_go_back_when_our_entry_is_removed(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    before = kept_of(hass, peer.entry_id)
    entry = await add(hass, simulator, move=True)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert kept_of(hass, peer.entry_id).keys() == before.keys()
    assert peer.disabled_by is ConfigEntryDisabler.USER
    issue_id = f"given_back_{peer.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None
    facts = ir.async_get(hass).async_get_issue(DOMAIN, issue_id).data
    repair = await async_create_fix_flow(hass, issue_id, facts)
    repair.hass, repair.handler, repair.issue_id = hass, DOMAIN, issue_id
    assert (await repair.async_step_init())["type"] is FlowResultType.FORM
    done = await repair.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert peer.state is ConfigEntryState.LOADED
    assert kept_of(hass, peer.entry_id) == before
