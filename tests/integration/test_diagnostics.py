"""The file that goes with a bug report: no one's serial, and the whole plant."""

import json
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.givenergy.const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register_cache import (
    parse_compact,
    to_compact,
)
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Fault, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import look_at, nobody_at, set_up
from .states import entities, keys_of, poll, unavailable


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up nothing but sensors."""
    return [Platform.SENSOR]


@pytest.fixture(autouse=True)
async def _page(hass: HomeAssistant) -> None:
    """Offer diagnostics for download."""
    assert await async_setup_component(hass, "diagnostics", {})


def secrets(simulator: Simulator, entry: GivEnergyConfigEntry) -> set[str]:
    """Return everything that would identify the plant or its owner."""
    known = {simulator.host, simulator.profile.adapter_serial, str(entry.unique_id)}
    for identity, device in entry.data[CONF_IDENTITIES].items():
        known |= {identity, device["serial"]}
    for address in simulator.registers:
        for field in simulator.fields(address):
            if field.codec.identifies:
                known.add(field.read(simulator.registers[address]))
    return {text for text in known if text and len(text) > 4}


def shown(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> dict[tuple[str, str], str]:
    """Return the states that come from registers, but for whose they are and what time it is."""
    return {
        (entity.plant_device.key, entity.entity_description.key): hass.states.get(
            entity.entity_id
        ).state
        for entity in entities(hass)
        if entity.coordinator is entry.runtime_data.coordinator
        and entity.entity_description.reads
        and "serial" not in entity.entity_description.key
        and entity.entity_description.key != "clock_drift"
        and not entity.entity_description.key.endswith("_estimated")
    }


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_nobody_is_named_and_the_plant_can_be_replayed(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
) -> None:
    found = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    text = json.dumps(found)
    for secret in secrets(simulator, loaded):
        assert secret not in text
        # Nor word by word, as registers hold it.
        words = [int.from_bytes(secret[at : at + 2].encode()) for at in range(0, len(secret), 2)]
        assert ",".join(map(str, words)) not in text
        assert " ".join(f"{word:04x}" for word in words) not in text
        assert "".join(f"{word:04x}" for word in words) not in text
    for page in dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id):
        text = json.dumps(await get_diagnostics_for_device(hass, hass_client, loaded, page))
        assert not [secret for secret in secrets(simulator, loaded) if secret in text]
    await replay(hass, loaded, json.loads(json.dumps(found)))


async def replay(hass: HomeAssistant, loaded: GivEnergyConfigEntry, found: dict[str, Any]) -> None:
    """Check that the plant comes up again from its diagnostics."""
    async with Simulator.from_dump(found, latency=0) as copy:
        again = MockConfigEntry(domain=DOMAIN, **await look_at(copy))
        assert again.data[CONF_CAPABILITIES] == loaded.data[CONF_CAPABILITIES]
        assert keys_of(again) == keys_of(loaded)
        again.add_to_hass(hass)
        await set_up(hass, again)
        assert again.state is ConfigEntryState.LOADED
        assert unavailable(hass) == set()
        assert shown(hass, loaded) == shown(hass, again)
        assert await hass.config_entries.async_unload(again.entry_id)
        await nobody_at(copy)


async def test_the_link_is_described(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
) -> None:
    simulator.silent.add(0x33)
    simulator.inject(Fault.WRONG_CRC, 1, address=0x32)
    await poll(hass, loaded, 3)
    found = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert found["state"] == "loaded"
    assert found["reason"] is None
    assert found["stored"]["host"] == "**REDACTED**"
    assert found["stored"][CONF_CAPABILITIES]["device_type"] == "HYBRID_GEN1"
    assert found["connection"]["connected"] is True
    assert found["connection"]["connections"] == 1
    assert found["connection"]["last_poll_failed_reads"] == ["0x33:IR(60,60)"]
    assert found["connection"]["consecutive_failed_reads"] == {"0x33:IR(60,60)": 3}
    assert found["counters"]["crc_errors"] == {"0x32": 1}
    assert found["counters"]["rejected_readings"]["checksum"] == 1
    assert found["writes"] == {"today": 0, "total": 0}
    assert [device["device"] for device in found["devices"]] == [
        "inverter@17",
        "lv_battery@50",
        "lv_battery@51",
    ]
    assert all(device["followed_by_serial"] for device in found["devices"])
    words = parse_compact("\n".join(found["registers"]))
    assert words.keys() >= {0x11, 0x32, 0x33}
    assert to_compact(words).splitlines() == found["registers"]


async def test_one_device_is_described(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, loaded: GivEnergyConfigEntry
) -> None:
    part = loaded.runtime_data.plant_devices[1]
    page = dr.async_get(hass).async_get_device_by_identifier(part.identifier, loaded.entry_id)
    assert page is not None
    found = await get_diagnostics_for_device(hass, hass_client, loaded, page)
    [described] = found["devices"]
    assert described["device"] == "lv_battery@50"
    assert described["number"] == 1
    assert described["firmware"] == "3009"
    assert described["consecutive_failed_polls"] == 0
    assert parse_compact("\n".join(described["registers"])).keys() == {0x32}


async def test_a_plant_that_does_not_come_up_tells_why(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
) -> None:
    [page, *_] = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    await simulator.close()
    await hass.config_entries.async_reload(loaded.entry_id)
    found: dict[str, Any] = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert found["state"] == "setup_retry"
    assert found["reason"] == "connection_refused"
    assert "registers" not in found
    described = await get_diagnostics_for_device(hass, hass_client, loaded, page)
    assert described == {"state": "setup_retry"}
