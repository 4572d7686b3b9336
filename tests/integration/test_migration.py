"""Entries as earlier versions have left them, and as later ones would."""

import logging
from typing import Any

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.givenergy import async_migrate_entry
from custom_components.givenergy.const import (
    CONF_CAPABILITIES,
    CONF_IDENTITIES,
    DOMAIN,
    ENTRY_VERSION,
)
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.issues import FIRST_SCAN
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import set_up
from .states import unavailable


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up nothing but sensors."""
    return [Platform.SENSOR]


OLD_FORMS: list[tuple[str, dict[str, Any]]] = [
    (
        "gen1_hybrid",
        {
            "device_type": "HYBRID_GEN1",
            "inverter_slave": 0x11,
            "meter_slaves": [],
            "lv_battery_slaves": [0x32, 0x33],
            "bcu_slaves": [],
        },
    ),
    (
        "gen1_hybrid",
        {"device_type": "2001", "inverter_address": "0x32", "lv_battery_addresses": [50, 51]},
    ),
    ("gen1_hybrid", {"schema_version": 1, "device_type": None, "inverter_address": "0x31"}),
    (
        "three_phase_hv",
        {
            "schema_version": 1,
            "device_type": "HYBRID_3PH",
            "inverter_address": "0x11",
            "meter_addresses": ["0x01", "0x02"],
            "bcu_stacks": [[0, 6]],
        },
    ),
]


@pytest.mark.parametrize(("plant_name", "stored"), OLD_FORMS)
async def test_layouts_in_older_forms_become_todays(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
    entry: GivEnergyConfigEntry,
    stored: dict[str, Any],
) -> None:
    today = entry.data[CONF_CAPABILITIES]
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAPABILITIES: stored})
    await set_up(hass, entry)
    # What older forms do not say is found when added hardware is.
    async_fire_time_changed(hass, dt_util.utcnow() + FIRST_SCAN)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    found = entry.data[CONF_CAPABILITIES]
    assert {**found, "served_blocks": sorted(found.get("served_blocks", []))} == {
        **today,
        "served_blocks": sorted(today.get("served_blocks", [])),
    }
    assert unavailable(hass) == set()
    assert simulator.clients == 1


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "nonsense",
        {},
        {"lv_battery@50": {"identity": "BG2238G204", "serial": "BG2238G204"}},
        {"BG2238G204": "nonsense"},
        {
            "BG2238G204": {
                "kind": "car", "number": 1, "serial": None, "place": 50, "status": "placed",
            }
        },
    ],
)  # fmt: skip
async def test_identities_that_were_not_stored_are(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, stored: object
) -> None:
    decided = entry.data[CONF_IDENTITIES]
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_IDENTITIES: stored})
    await set_up(hass, entry)
    assert entry.data[CONF_IDENTITIES] == decided


@pytest.mark.parametrize("forms", [{"version": ENTRY_VERSION, "minor_version": 7}])
async def test_an_entry_of_a_later_release_of_the_same_kind_is_taken(
    hass: HomeAssistant, found: dict[str, Any], entry: GivEnergyConfigEntry, forms: dict[str, int]
) -> None:
    await hass.config_entries.async_remove(entry.entry_id)
    later = MockConfigEntry(domain=DOMAIN, **forms, **found)
    later.add_to_hass(hass)
    await set_up(hass, later)
    assert later.state is ConfigEntryState.LOADED


async def test_an_entry_of_another_kind_is_refused(
    hass: HomeAssistant, found: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    newer = MockConfigEntry(domain=DOMAIN, version=ENTRY_VERSION + 1, **found)
    newer.add_to_hass(hass)
    assert not await async_migrate_entry(hass, newer)
    with caplog.at_level(logging.ERROR):
        await set_up(hass, newer)
    assert newer.state is ConfigEntryState.MIGRATION_ERROR
    assert newer.data == found["data"]


async def test_an_older_entry_needs_no_change(hass: HomeAssistant, found: dict[str, Any]) -> None:
    older = MockConfigEntry(domain=DOMAIN, minor_version=0, **found)
    older.add_to_hass(hass)
    assert await async_migrate_entry(hass, older)
