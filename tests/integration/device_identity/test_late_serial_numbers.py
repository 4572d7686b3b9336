"""Devices whose serial number becomes known later, or never."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant

from custom_components.givenergy.const import CONF_IDENTITIES
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..conftest import set_up
from ..states import identity_of, poll, stored
from .swaps import CONFIRMED, NEW, PACK_SERIAL, Watch, exchange, states_of, swap


async def test_a_device_is_followed_once_its_serial_number_is_known(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
) -> None:
    data = {key: value for key, value in entry.data.items() if key != CONF_IDENTITIES}
    hass.config_entries.async_update_entry(entry, data=data)
    simulator.silent.add(0x33)
    await set_up(hass, entry)
    never_reloaded(entry)
    pack = f"{entry.unique_id}_lv_battery_0x33"
    assert stored(entry, "lv_battery@51")["serial"] is None
    simulator.silent.clear()
    await poll(hass, entry, 2 * CONFIRMED)
    assert identity_of(entry, "lv_battery@51") == pack
    assert stored(entry, "lv_battery@51")["serial"] == "BG2238G219"
    before = states_of(hass, pack)
    swap(simulator, 0x32, 0x33)
    await poll(hass, entry, 2 * CONFIRMED)
    assert identity_of(entry, "lv_battery@50") == pack
    assert states_of(hass, pack) == before
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, entry, 3 * CONFIRMED)
    assert identity_of(entry, "lv_battery@51") == NEW
    assert states_of(hass, pack) == before


async def test_meters_stay_where_they_are(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert all(
        device.serial is None
        for device in loaded.runtime_data.plant_devices
        if device.kind == "meter"
    )
