"""Devices that are missing, and what is answered about them."""

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..states import identity_of, keys_of, poll, stored
from .swaps import (
    CONFIRMED,
    GONE,
    NEW,
    PACK_SERIAL,
    Answer,
    Watch,
    entities_of,
    exchange,
    is_unavailable,
    missing,
    put,
)


async def test_missing_devices_are_answered_one_by_one(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    answer: Answer,
    never_reloaded: Watch,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33))
    exchange(simulator, 0x32, PACK_SERIAL, "ZZ2601G001")
    exchange(simulator, 0x33, PACK_SERIAL, "ZZ2601G002")
    await poll(hass, loaded, 4 * CONFIRMED)
    assert missing(hass) == {first, second}
    await answer(first, "accept")
    await answer(second, "wait")
    await poll(hass, loaded, 2)
    assert missing(hass) == set()
    assert not entities_of(hass, first)
    assert is_unavailable(hass, second)
    assert keys_of(loaded) == {"inverter@17", "lv_battery@50", "lv_battery@51"}
    assert [stored(loaded, f"lv_battery@{at}")["number"] for at in (0x32, 0x33)] == [3, 4]


async def test_an_exchanged_device_is_waited_for_over_a_restart(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, answer: Answer
) -> None:
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, "lv_battery@51")
    pack = dict(simulator.registers[0x33])
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 4 * CONFIRMED)
    await answer(old, "wait")
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await poll(hass, loaded, GONE)
    assert is_unavailable(hass, old)
    assert missing(hass) == set()
    put(simulator, 0x33, pack)
    await poll(hass, loaded, 4 * CONFIRMED)
    assert not is_unavailable(hass, old)
    assert missing(hass) == {NEW}


async def test_a_device_whose_pages_are_refused_is_not_missing(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded, CONFIRMED)
    pack = identity_of(loaded, "lv_battery@51")
    fired = async_capture_events(hass, EVENT_STATE_CHANGED)
    simulator.inject(Fault.PATTERN_A, address=0x33)
    await poll(hass, loaded, GONE, seconds=5)
    assert loaded.runtime_data.coordinator.data.refused
    assert is_unavailable(hass, pack)
    assert missing(hass) == set()
    assert loaded.runtime_data.coordinator.availability.missed_at(0x33) == 0
    assert not [event for event in fired if event.data["entity_id"].startswith("event.")]


async def test_an_empty_place_that_answers_is_missing(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded, CONFIRMED)
    pack = identity_of(loaded, "lv_battery@51")
    simulator.inject(Fault.LOST_PACK_ZEROS, address=0x33)
    await poll(hass, loaded, GONE)
    assert is_unavailable(hass, pack)
    assert missing(hass) == {pack}
