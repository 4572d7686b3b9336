"""The dashboard that the integration builds names entities there are, and only those."""

from collections.abc import Iterator
from typing import Any

import pytest
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES
from custom_components.givenergy.runtime import GivEnergyConfigEntry

NOW, BATTERY, CONTROL, HISTORY, DIAGNOSTICS = "now", "battery", "control", "history", "diagnostics"


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
