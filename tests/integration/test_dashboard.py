"""The dashboard that the integration builds names entities there are, and only those."""

from collections.abc import Iterator
from typing import Any

import pytest
from homeassistant.components.energy.data import (
    EnergyPreferencesUpdate,
    SolarSourceType,
    async_get_manager,
)
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.givenergy.const import CONF_HOUSE, DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator, profile
from custom_components.givenergy.runtime import DATA_TIMING, GivEnergyConfigEntry

from .conftest import QUICK
from .test_several_systems import add

NOW, BATTERY, CONTROL, HISTORY, DIAGNOSTICS = "now", "battery", "control", "history", "diagnostics"


FLOWS = {"power-sankey", "energy-distribution"}
SOLAR = "sensor.givenergy_inverter_solar_power"
SOLAR_ENERGY = "sensor.givenergy_inverter_solar_energy_total"
MOST_TILES = 15
"""More on the first view are hard to take in."""


async def views(hass_ws_client: WebSocketGenerator, hass: HomeAssistant) -> dict[str, Any]:
    """Return the views of the dashboard by path, as the frontend gets them."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "givenergy/dashboard", "language": "en"})
    answer = await client.receive_json()
    assert answer["success"]
    return {view["path"]: view for view in answer["result"]["views"]}


def shown(node: Any) -> Iterator[str]:
    """Yield the entities that a part of a dashboard names."""
    if isinstance(node, list):
        for part in node:
            yield from shown(part)
    elif isinstance(node, dict):
        if isinstance(entity := node.get("entity"), str):
            yield entity
        for part in node.values():
            yield from shown(part)


def headings(view: Any) -> list[str]:
    """Return the headings of a view's sections."""
    return [section["cards"][0]["heading"] for section in view["sections"]]


def card_types(built: dict[str, Any]) -> set[str]:
    """Return the types of cards on any view."""
    return {
        card["type"]
        for view in built.values()
        for section in view["sections"]
        for card in section["cards"]
    }


@pytest.mark.parametrize("plant_name", sorted(PROFILES))
async def test_every_system_has_a_dashboard_of_entities_there_are(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    built = await views(hass_ws_client, hass)
    assert {NOW, HISTORY, DIAGNOSTICS} <= set(built)
    registry = er.async_get(hass)
    for view in built.values():
        names = list(shown(view))
        assert names
        for name in names:
            assert hass.states.get(name) is not None
            entry = registry.async_get(name)
            assert entry is not None
            assert entry.platform == DOMAIN
    assert any(name.startswith("sensor.") for name in shown(built[NOW]))
    assert len(list(shown(built[NOW]))) <= MOST_TILES


@pytest.mark.parametrize(
    ("plant_name", "number"), [("all_in_one", 4), ("hv_gen3", 3), ("three_phase_hv", 6)]
)
async def test_the_battery_view_has_the_stack_and_below_it_its_modules(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    hass_ws_client: WebSocketGenerator,
    number: int,
) -> None:
    battery = (await views(hass_ws_client, hass))[BATTERY]
    _, stack, *modules = headings(battery)
    assert stack == "GivEnergy battery stack 1"
    assert modules == [f"GivEnergy battery module {place}" for place in range(1, number + 1)]
    for name in ("cell_voltage_spread", "highest_cell_temperature"):
        assert f"sensor.givenergy_battery_module_{number}_{name}" in shown(battery)


@pytest.mark.parametrize(
    ("plant_name", "lines"),
    [
        ("gen1_hybrid", ["Solar power", "Home power", "Grid power", "Battery power"]),
        ("gateway", ["Solar power", "Home power", "Grid power", "Battery power"]),
        ("ems", ["Generation power", "Home power", "Grid power", "Battery power"]),
    ],
)
async def test_the_history_has_the_powers_that_matter(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    hass_ws_client: WebSocketGenerator,
    lines: list[str],
) -> None:
    history = (await views(hass_ws_client, hass))[HISTORY]
    _, power, *_ = history["sections"][0]["cards"]
    assert [line["name"] for line in power["entities"]] == lines


async def test_two_systems_are_told_apart_and_the_house_comes_first(
    hass: HomeAssistant,
    simulator: Simulator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    hass.data[DATA_TIMING] = QUICK
    async with Simulator(profile("all_in_one"), latency=0, speed=0) as second:
        await add(hass, simulator)
        await add(hass, second, {CONF_NAME: "Garage", CONF_HOUSE: True})
        built = await views(hass_ws_client, hass)
        assert headings(built[NOW]) == [
            "House", "House: Today",
            "GivEnergy inverter", "GivEnergy inverter: Today",
            "Garage All in One", "Garage All in One: Today",
        ]  # fmt: skip
        named = list(shown(built[NOW]))
        assert len(named) == len(set(named))
        for entry in hass.config_entries.async_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


async def test_flows_are_shown_where_the_energy_preferences_have_the_system(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    assert FLOWS.isdisjoint(card_types(await views(hass_ws_client, hass)))
    hass.config.components.add("energy")
    manager = await async_get_manager(hass)
    for power, energy in (("sensor.roof", "sensor.roof_energy"), (SOLAR, SOLAR_ENERGY)):
        await manager.async_update(
            EnergyPreferencesUpdate(
                energy_sources=[
                    SolarSourceType(
                        type="solar",
                        stat_energy_from=energy,
                        stat_rate=power,
                        config_entry_solar_forecast=None,
                    )
                ],
                device_consumption=[],
                device_consumption_water=[],
            )
        )
        found = FLOWS & card_types(await views(hass_ws_client, hass))
        assert found == (FLOWS if power == SOLAR else set())


async def test_an_inverter_with_packs_has_every_view(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    built = await views(hass_ws_client, hass)
    assert list(built) == [NOW, BATTERY, CONTROL, HISTORY, DIAGNOSTICS]
    assert "sensor.givenergy_inverter_solar_power" in shown(built[NOW])
    assert "sensor.givenergy_battery_1_battery_level" in shown(built[BATTERY])
    assert "select.givenergy_inverter_operating_mode" in shown(built[CONTROL])
    assert "time.givenergy_inverter_charge_slot_1_from" in shown(built[CONTROL])
    assert "sensor.givenergy_inverter_battery_level" in shown(built[HISTORY])
    assert "binary_sensor.givenergy_inverter_connection" in shown(built[DIAGNOSTICS])


async def test_renamed_entities_are_followed_and_disabled_ones_left_out(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    registry = er.async_get(hass)
    solar, home = "sensor.givenergy_inverter_solar_power", "sensor.givenergy_inverter_home_power"
    registry.async_update_entity(solar, new_entity_id="sensor.roof", name="Roof")
    registry.async_update_entity(home, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    now = (await views(hass_ws_client, hass))[NOW]
    cards = {card.get("entity"): card for part in now["sections"] for card in part["cards"]}
    assert cards["sensor.roof"]["name"] == "Roof"
    assert solar not in cards
    assert home not in cards


async def test_a_user_sees_only_what_they_may_read(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
) -> None:
    solar = "sensor.givenergy_inverter_solar_power"
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": {"entity_ids": {solar: True}}})
    built = await views(hass_ws_client, hass)
    assert {name for view in built.values() for name in shown(view)} == {solar}


async def test_the_strategy_is_served_where_there_is_a_frontend(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "frontend", {})
    assert await async_setup_component(hass, DOMAIN, {})
    (url,) = (path for path in hass.data[DATA_EXTRA_MODULE_URL].urls if DOMAIN in path)
    response = await (await hass_client()).get(url)
    assert "ll-strategy-dashboard-givenergy" in await response.text()
