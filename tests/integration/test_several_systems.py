"""Several systems in one house share no name, no entity id and no identity."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.check import async_check
from custom_components.givenergy.const import CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.givenergy_modbus.client.findings import Finding, FindingCode
from custom_components.givenergy.givenergy_modbus.model.register import Bank
from custom_components.givenergy.givenergy_modbus.simulator import Simulator, profile
from custom_components.givenergy.runtime import DATA_TIMING, GivEnergyConfigEntry

from .conftest import QUICK


@pytest.fixture(autouse=True)
def _quick(hass: HomeAssistant) -> None:
    hass.data[DATA_TIMING] = QUICK


@pytest.fixture
def second_name() -> str:
    """Name the second plant to simulate."""
    return "all_in_one"


@pytest.fixture
async def second(socket_enabled: None, second_name: str) -> AsyncIterator[Simulator]:
    """Run a second plant."""
    async with Simulator(profile(second_name), latency=0, speed=0) as running:
        yield running


async def find(hass: HomeAssistant, simulator: Simulator) -> ConfigFlowResult:
    """Go through the flow until the system is found."""
    flows = hass.config_entries.flow
    flow = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    address = {CONF_HOST: simulator.host, CONF_PORT: simulator.port}
    await flows.async_configure(flow["flow_id"], address)
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await flows.async_configure(flow["flow_id"])
    assert flow["step_id"] == "found"
    return flow


async def add(
    hass: HomeAssistant, simulator: Simulator, choice: dict[str, object] | None = None
) -> GivEnergyConfigEntry:
    """Add a system, with the proposed name unless another is given."""
    flow = await find(hass, simulator)
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], choice or {})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["result"].state is ConfigEntryState.LOADED
    added: GivEnergyConfigEntry = flow["result"]
    return added


def entity_ids(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> set[str]:
    """Return the entity ids of a system."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {entity.entity_id for entity in found}


def device_names(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> list[str]:
    """Return the names of a system's devices."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return sorted(str(device.name) for device in found)


async def test_two_systems_share_nothing(
    hass: HomeAssistant, simulator: Simulator, second: Simulator
) -> None:
    entries = [await add(hass, simulator), await add(hass, second)]
    assert [entry.title for entry in entries] == ["GivEnergy", "All in One 141"]
    ours, others = (entity_ids(hass, entry) for entry in entries)
    known = ours | others
    assert not {entity_id for entity_id in known if f"{entity_id}_2" in known}
    assert all("givenergy_" in entity_id for entity_id in ours)
    assert all(".all_in_one_141_" in entity_id for entity_id in others)
    assert device_names(hass, entries[0]) == [
        "GivEnergy battery 1", "GivEnergy battery 2", "GivEnergy inverter",
    ]  # fmt: skip
    assert "All in One 141" in device_names(hass, entries[1])
    assert "All in One 141 battery module 4" in device_names(hass, entries[1])


async def test_a_name_that_gives_the_same_entity_ids_is_refused(
    hass: HomeAssistant, simulator: Simulator, second: Simulator
) -> None:
    first = await add(hass, simulator, {CONF_NAME: " Garage "})
    assert first.title == "Garage"
    flow = await find(hass, second)
    for name in ("garage", "GARAGE!", " "):
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {CONF_NAME: name})
        assert flow["errors"] == {CONF_NAME: "name_taken"}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {CONF_NAME: "Barn"})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["title"] == "Barn"


@pytest.mark.parametrize("second_name", ["gen1_hybrid"])
async def test_a_name_that_makes_a_device_of_another_system_is_refused(
    hass: HomeAssistant, simulator: Simulator, second: Simulator
) -> None:
    first = await add(hass, simulator)
    assert "GivEnergy inverter" in device_names(hass, first)
    second.registers[0x11].store(Bank.HOLDING, 17, (int.from_bytes(b"77"),))
    flow = await find(hass, second)
    name = {CONF_NAME: "GivEnergy inverter"}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], name)
    assert flow["errors"] == {CONF_NAME: "name_taken"}


async def test_an_entry_without_a_name_keeps_its_entity_ids(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    assert CONF_NAME not in loaded.data
    assert "GivEnergy inverter" in device_names(hass, loaded)
    assert all("givenergy_" in entity_id for entity_id in entity_ids(hass, loaded))


@pytest.mark.parametrize("plant_name", ["ems", "gateway"])
async def test_reported_hardware_may_be_a_system_of_its_own(
    hass: HomeAssistant, simulator: Simulator, second: Simulator, plant_name: str
) -> None:
    whole = await add(hass, simulator)
    reported = {
        identity: found
        for identity, found in whole.data[CONF_IDENTITIES].items()
        if found["kind"] in ("managed_inverter", "aio_unit")
    }
    assert reported
    for identity, found in reported.items():
        assert identity == f"{whole.unique_id}_{found['serial']}"
    serial = next(iter(reported.values()))["serial"]
    words = [int.from_bytes(serial[at : at + 2].encode()) for at in range(0, 10, 2)]
    second.registers[0x11].store(Bank.HOLDING, 13, tuple(words))
    alone = await add(hass, second)
    assert alone.unique_id == serial
    assert not whole.data[CONF_IDENTITIES].keys() & alone.data[CONF_IDENTITIES].keys()
    assert not entity_ids(hass, whole) & entity_ids(hass, alone)
    # Its own registers do not say that an EMS controls it.
    check = await async_check(hass, alone.runtime_data.client, 0.0)
    is_managed = Finding(FindingCode.MANAGED_BY_EMS) in check.findings
    assert is_managed == (plant_name == "ems")


async def test_an_inverter_whose_successor_took_over_its_entry_may_be_added_again(
    hass: HomeAssistant, simulator: Simulator, found: dict[str, Any]
) -> None:
    successor = MockConfigEntry(
        domain=DOMAIN,
        unique_id="EA2304G118",
        data={**found["data"], CONF_HOST: "192.0.2.1"},
        disabled_by=ConfigEntryDisabler.USER,
    )
    successor.add_to_hass(hass)
    registry = er.async_get(hass)
    unique_id = f"{found['unique_id']}_battery_soc"
    theirs = registry.async_get_or_create("sensor", DOMAIN, unique_id, config_entry=successor)
    again = await add(hass, simulator, {CONF_NAME: "Old"})
    assert again.unique_id == found["unique_id"]
    assert not again.data[CONF_IDENTITIES].keys() & successor.data[CONF_IDENTITIES].keys()
    assert registry.async_get(theirs.entity_id) == theirs
    assert hass.states.get("sensor.old_inverter_battery_level") is not None


@pytest.mark.parametrize(
    ("plant_name", "name", "parent"),
    [
        ("all_in_one", "GivEnergy battery module 1", "GivEnergy battery stack 1"),
        ("three_phase_hv", "GivEnergy battery module 6", "GivEnergy battery stack 1"),
        ("gen2_hybrid", "GivEnergy battery 1", "GivEnergy battery controller"),
        ("gen1_hybrid", "GivEnergy battery 2", "GivEnergy inverter"),
        ("all_in_one", "GivEnergy battery stack 1", "GivEnergy All in One"),
    ],
)
async def test_modules_are_below_their_stack(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, name: str, parent: str
) -> None:
    found = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    devices = {device.name: device for device in found}
    assert devices[name].via_device_id == devices[parent].id


@pytest.mark.parametrize("plant_name", ["gen2_hybrid"])
async def test_a_meter_names_its_hardware(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    meter = loaded.runtime_data.plant_devices[-1]
    assert meter.kind == "meter"
    device = dr.async_get(hass).async_get_device_by_identifier(meter.identifier, loaded.entry_id)
    assert device is not None
    assert (device.hw_version, device.sw_version) == ("256", "256")


async def test_the_first_device_names_its_model_and_the_dongles_page(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, str(loaded.unique_id)), loaded.entry_id
    )
    assert device is not None
    assert device.model_id == "2001"
    assert device.configuration_url == "http://127.0.0.1"
