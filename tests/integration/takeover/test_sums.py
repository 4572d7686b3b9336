"""Sums in the statistics go on where they were."""

import pytest
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import EVENT_RECORDER_5MIN_STATISTICS_GENERATED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.takeover.takeover_journal import TakeoverJournal

from .recorded import SUM, compile_now, record, statistics_of
from .registries import kept_of
from .takeover_steps import add, choose


@pytest.mark.parametrize("peer_name", ["c_three_phase_hv"])
async def test_counters_that_differ_move_with_adjusted_sums(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    total = "sensor.solar_inverter_grid_import_total"
    await record(hass, [total])
    entry = await add(hass, simulator, move=True, adjust=True)
    assert er.async_get(hass).async_get(total).config_entry_id == entry.entry_id
    assert hass.states.get(total).state == "9430.7"
    start = await compile_now(hass)
    hass.bus.async_fire(EVENT_RECORDER_5MIN_STATISTICS_GENERATED)
    await async_wait_recording_done(hass)
    [first] = (await statistics_of(hass, [total], "5minute", start))[total]
    assert first["sum"] == pytest.approx(SUM)
    journal = await TakeoverJournal(hass, entry.entry_id).async_load()
    assert journal.takeovers[0].bridges == []


async def test_sums_go_on_after_a_long_gap(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    total = "sensor.solar_inverter_grid_import_total"
    value = float(hass.states.get(total).state)
    await record(hass, [total], last_hour=24 * 11, with_short_term=False)
    await hass.config_entries.async_set_disabled_by(peer.entry_id, ConfigEntryDisabler.USER)
    before = kept_of(hass, peer.entry_id)
    entry = await add(hass, simulator, move=True)
    assert er.async_get(hass).async_get(total).config_entry_id == entry.entry_id
    start = await compile_now(hass)
    [first] = (await statistics_of(hass, [total], "5minute", start))[total]
    assert first["sum"] == 0
    hass.bus.async_fire(EVENT_RECORDER_5MIN_STATISTICS_GENERATED)
    await async_wait_recording_done(hass)
    [first] = (await statistics_of(hass, [total], "5minute", start))[total]
    gained = float(hass.states.get(total).state) - value
    assert first["sum"] == pytest.approx(SUM + gained)

    # It was disabled before, and is so again.
    await choose(hass, entry, "give_back", {})
    assert peer.disabled_by is ConfigEntryDisabler.USER
    assert kept_of(hass, peer.entry_id) == before
