"""What people have set is kept on the way in and on the way back."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator

from ..peers import DOMAIN as PEER
from ..peers import listed
from .registries import customize, kept_of
from .takeover_steps import add, choose


async def test_device_settings_are_kept(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry, peer_name: str
) -> None:
    customize(hass, peer_name)
    await hass.async_block_till_done()
    entry = await add(hass, simulator, move=True)
    devices = dr.async_get(hass)
    area = ar.async_get(hass).async_get_area_by_name("Garage")
    for serial, name in listed(peer_name).devices.items():
        device = devices.async_get_device_by_identifier((DOMAIN, serial), entry.entry_id)
        assert device.area_id == area.id
        assert device.labels == {"solar"}
        assert device.name_by_user == f"My {name}"


async def test_what_people_change_meanwhile_is_kept_on_the_way_back(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("sensor", PEER, "SA2241G101_battery_percent")
    entry = await add(hass, simulator, move=True)
    registry.async_update_entity(entity_id, new_entity_id="sensor.charge", name="Charge")
    await hass.async_block_till_done()
    await choose(hass, entry, "give_back", {})
    back = registry.async_get("sensor.charge")
    assert (back.platform, back.name) == (PEER, "Charge")


@pytest.mark.parametrize("peer_name", ["d_ems"])
async def test_units_stay_as_they_are_shown(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    before = kept_of(hass, peer.entry_id)
    entity_id = "sensor.givenergy_ems_ems2522171_ems_remaining_battery_energy"
    assert float(hass.states.get(entity_id).state) == 12160
    entry = await add(hass, simulator, move=True)
    assert er.async_get(hass).async_get(entity_id).platform == DOMAIN
    state = hass.states.get(entity_id)
    assert (float(state.state), state.attributes["unit_of_measurement"]) == (12160, "Wh")
    await choose(hass, entry, "give_back", {})
    assert kept_of(hass, peer.entry_id) == before
