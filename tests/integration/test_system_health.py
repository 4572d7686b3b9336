"""The figures on the system health page."""

import json
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

import custom_components.givenergy as integration
from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .states import poll

MANIFEST = Path(integration.__file__).with_name("manifest.json")


async def test_what_the_page_says(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    fine = {
        "version": json.loads(MANIFEST.read_text(encoding="utf-8"))["version"],
        "systems": 1,
        "systems_connected": 1,
        "blocks_unavailable": 0,
        "writes_today": 0,
    }
    assert await get_system_health_info(hass, DOMAIN) == fine
    loaded.runtime_data.store.count_writes(3)
    simulator.silent.add(0x33)
    await poll(hass, loaded, 3)
    after = {**fine, "blocks_unavailable": 1, "writes_today": 3}
    assert await get_system_health_info(hass, DOMAIN) == after
    assert await hass.config_entries.async_unload(loaded.entry_id)
    gone = {**fine, "systems_connected": 0}
    assert await get_system_health_info(hass, DOMAIN) == gone
