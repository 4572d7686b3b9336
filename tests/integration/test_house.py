"""The house's device adds up what several systems measure."""

from collections.abc import AsyncIterator

import pytest
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from custom_components.givenergy import async_remove_config_entry_device
from custom_components.givenergy.const import CONF_HOUSE, DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import Bank
from custom_components.givenergy.givenergy_modbus.simulator import Simulator, profile
from custom_components.givenergy.house import FIGURES, IDENTIFIER
from custom_components.givenergy.runtime import DATA_TIMING, GivEnergyConfigEntry

from .conftest import QUICK
from .states import open_options
from .test_several_systems import add, find


@pytest.fixture(autouse=True)
def _quick(hass: HomeAssistant) -> None:
    hass.data[DATA_TIMING] = QUICK


@pytest.fixture
async def second(socket_enabled: None) -> AsyncIterator[Simulator]:
    """Run a second plant."""
    async with Simulator(profile("all_in_one"), latency=0, speed=0) as running:
        yield running


@pytest.fixture
async def pair(
    hass: HomeAssistant, simulator: Simulator, second: Simulator
) -> tuple[GivEnergyConfigEntry, GivEnergyConfigEntry]:
    """Add two systems, and the house with the second."""
    first = await add(hass, simulator)
    flow = await find(hass, second)
    assert CONF_HOUSE in flow["data_schema"].schema
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {CONF_NAME: "Barn", CONF_HOUSE: True}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    added: GivEnergyConfigEntry = flow["result"]
    return first, added


def house_of(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> dr.DeviceEntry | None:
    """Return the house's device if it is an entry's."""
    return dr.async_get(hass).async_get_device_by_identifier(IDENTIFIER, entry.entry_id)


def number(hass: HomeAssistant, unique_id: str) -> float:
    """Return the value of a sensor."""
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    assert entity_id is not None
    return float(hass.states.get(entity_id).state)


def house_state(hass: HomeAssistant, key: str) -> str:
    """Return the state of one of the house's sensors."""
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"house_{key}")
    assert entity_id is not None
    return hass.states.get(entity_id).state


async def poll(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Poll a system once."""
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_powers_and_energies_are_summed(
    hass: HomeAssistant, pair: tuple[GivEnergyConfigEntry, GivEnergyConfigEntry]
) -> None:
    first, owner = pair
    await poll(hass, owner)
    device = house_of(hass, owner)
    assert device is not None
    assert device.name == "House"
    found = er.async_entries_for_device(er.async_get(hass), device.id)
    assert len(found) == len(FIGURES)
    assert all(entity.entity_id.startswith("sensor.house_") for entity in found)
    for key in ("pv_power", "battery_charge_power", "e_pv_total", "e_grid_in_total"):
        parts = [number(hass, f"{entry.unique_id}_{key}") for entry in pair]
        assert number(hass, f"house_{key}") == pytest.approx(sum(parts))
    assert number(hass, "house_pv_power") == 3109 + 3889
    assert house_of(hass, first) is None


async def test_the_battery_level_is_weighted_by_capacity(
    hass: HomeAssistant,
    simulator: Simulator,
    pair: tuple[GivEnergyConfigEntry, GivEnergyConfigEntry],
) -> None:
    first, owner = pair
    simulator.registers[0x11].store(Bank.INPUT, 59, (20,))
    await poll(hass, first)
    await poll(hass, owner)
    levels = [number(hass, f"{entry.unique_id}_battery_soc") for entry in pair]
    weights = [number(hass, f"{entry.unique_id}_battery_usable_capacity") for entry in pair]
    assert levels == [20, 64]
    assert weights[0] != weights[1]
    expected = sum(map(float.__mul__, levels, weights, strict=True)) / sum(weights)
    assert number(hass, "house_battery_soc") == pytest.approx(expected, abs=0.01)


async def test_the_house_is_unavailable_without_one_of_its_systems(
    hass: HomeAssistant, pair: tuple[GivEnergyConfigEntry, GivEnergyConfigEntry]
) -> None:
    first, owner = pair
    await hass.config_entries.async_unload(first.entry_id)
    await poll(hass, owner)
    assert house_state(hass, "pv_power") == "unavailable"
    await hass.config_entries.async_setup(first.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await poll(hass, owner)
    assert float(house_state(hass, "pv_power")) == 3109 + 3889

    # A system that is disabled is no longer part of the house.
    await hass.config_entries.async_set_disabled_by(first.entry_id, ConfigEntryDisabler.USER)
    await poll(hass, owner)
    assert float(house_state(hass, "pv_power")) == 3889


@pytest.mark.parametrize("which", [0, 1])
async def test_the_house_goes_when_one_system_is_left(
    hass: HomeAssistant, pair: tuple[GivEnergyConfigEntry, GivEnergyConfigEntry], which: int
) -> None:
    await hass.config_entries.async_remove(pair[which].entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    left = pair[1 - which]
    assert left.state is ConfigEntryState.LOADED
    assert house_of(hass, left) is None
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("sensor", DOMAIN, "house_pv_power") is None
    assert not left.options.get(CONF_HOUSE, False)


async def test_the_house_passes_to_another_system(
    hass: HomeAssistant,
    socket_enabled: None,
    pair: tuple[GivEnergyConfigEntry, GivEnergyConfigEntry],
) -> None:
    first, owner = pair
    async with Simulator(profile("gen3_hybrid"), latency=0, speed=0) as running:
        await add(hass, running, {CONF_NAME: "Shed"})
        await hass.config_entries.async_remove(owner.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert house_of(hass, first) is not None
        entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, "house_pv_power")
        assert entity_id == "sensor.house_solar_power"
        for entry in hass.config_entries.async_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


async def test_the_house_can_be_had_later_and_left(
    hass: HomeAssistant, simulator: Simulator, second: Simulator
) -> None:
    first = await add(hass, simulator)
    other = await add(hass, second)
    for wanted in (True, False):
        flow = await open_options(hass, first)
        chosen = {CONF_HOUSE: wanted}
        await hass.config_entries.options.async_configure(flow["flow_id"], chosen)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert (house_of(hass, first) is not None) is wanted
        flow = await open_options(hass, other)
        # There is one per house.
        assert (CONF_HOUSE in flow["data_schema"].schema) is not wanted
        hass.config_entries.options.async_abort(flow["flow_id"])


async def test_the_house_can_be_removed_from_its_page(
    hass: HomeAssistant, pair: tuple[GivEnergyConfigEntry, GivEnergyConfigEntry]
) -> None:
    _, owner = pair
    device = house_of(hass, owner)
    assert device is not None
    assert await async_remove_config_entry_device(hass, owner, device)
    assert owner.options[CONF_HOUSE] is False


@pytest.mark.parametrize("plant_name", ["ems"])
async def test_what_another_system_reports_for_is_not_added_twice(
    hass: HomeAssistant, simulator: Simulator, second: Simulator
) -> None:
    whole = await add(hass, simulator)
    words = [int.from_bytes(b"CE2230G172"[at : at + 2]) for at in range(0, 10, 2)]
    second.registers[0x11].store(Bank.HOLDING, 13, tuple(words))
    part = await add(hass, second, {CONF_NAME: "Part", CONF_HOUSE: True})
    await poll(hass, part)
    ems = number(hass, f"{whole.unique_id}_battery_charge_power")
    assert float(house_state(hass, "battery_charge_power")) == ems
