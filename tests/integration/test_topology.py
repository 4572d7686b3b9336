"""A plant that grows, shrinks, and has its parts exchanged."""

from typing import Any

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.givenergy import async_remove_config_entry_device
from custom_components.givenergy.const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.devices import PlantDevice, plant_devices_of
from custom_components.givenergy.givenergy_modbus.model.capabilities import PlantCapabilities
from custom_components.givenergy.givenergy_modbus.model.models import Model
from custom_components.givenergy.givenergy_modbus.model.register import Bank
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.identities import DeviceStatus, Identity
from custom_components.givenergy.issues import FIRST_SCAN, SCAN_INTERVAL
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import set_up
from .states import asked, identity_of, keys_of, of_part, poll, stored, unavailable


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up nothing but sensors."""
    return [Platform.SENSOR]


@pytest.fixture(autouse=True)
def _few_platforms(monkeypatch: pytest.MonkeyPatch, platforms: list[Platform]) -> None:
    """Do so after a reload too."""
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", platforms)


def forget(hass: HomeAssistant, entry: GivEnergyConfigEntry, *keys: str) -> None:
    """Store a plant as it was before it had some devices."""
    layout = PlantCapabilities.from_dict(entry.data[CONF_CAPABILITIES])
    identities = dict(entry.data[CONF_IDENTITIES])
    for key in keys:
        del identities[identity_of(entry, key)]
        kind, _, place = key.partition("@")
        if kind not in ("managed_inverter", "aio_unit"):
            layout = layout.without(int(place))
    data = {**entry.data, CONF_CAPABILITIES: layout.to_dict(), CONF_IDENTITIES: identities}
    hass.config_entries.async_update_entry(entry, data=data)


def part_of(entry: GivEnergyConfigEntry, key: str) -> PlantDevice:
    """Return one of a plant's devices."""
    return next(part for part in entry.runtime_data.plant_devices if part.key == key)


def page_of(hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str) -> dr.DeviceEntry:
    """Return the page of one of a plant's devices."""
    identity = identity_of(entry, key)
    page = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, identity), entry.entry_id)
    assert page is not None
    return page


async def settle(hass: HomeAssistant) -> None:
    """Let searches and reloads end."""
    await hass.async_block_till_done(wait_background_tasks=True)


# Growing


@pytest.mark.parametrize("plant_name", ["hv_gen3"])
async def test_a_module_more_at_start_is_taken_up(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    whole = dict(entry.data)
    forget(hass, entry, "hv_module@82")
    smaller = {**entry.data[CONF_CAPABILITIES], "bcu_stacks": [[0, 2]]}
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAPABILITIES: smaller})
    await set_up(hass, entry)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data == whole
    assert of_part(hass, entry, "hv_module@82")
    assert unavailable(hass) == set()
    assert simulator.clients == 1


async def test_another_product_with_the_same_serial_number_is_looked_at_again(
    hass: HomeAssistant, entry: GivEnergyConfigEntry
) -> None:
    whole = entry.data[CONF_CAPABILITIES]
    other = {**whole, "device_type": Model.AC.name}
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAPABILITIES: other})
    await set_up(hass, entry)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data[CONF_CAPABILITIES] == whole


async def test_a_pack_more_is_found_soon_after_a_start(
    hass: HomeAssistant, clock: TickingDateTimeFactory, entry: GivEnergyConfigEntry
) -> None:
    whole = dict(entry.data)
    forget(hass, entry, "lv_battery@51")
    await set_up(hass, entry)
    assert len(entry.runtime_data.plant_devices) == 2
    async_fire_time_changed(hass, dt_util.utcnow() + FIRST_SCAN)
    await settle(hass)
    assert entry.data == whole
    assert of_part(hass, entry, "lv_battery@51")
    assert unavailable(hass) == set()


async def test_a_pack_more_is_found_within_a_day(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
    entry: GivEnergyConfigEntry,
) -> None:
    forget(hass, entry, "lv_battery@51")
    simulator.silent.add(0x33)
    await set_up(hass, entry)
    async_fire_time_changed(hass, dt_util.utcnow() + FIRST_SCAN)
    await settle(hass)
    assert len(entry.runtime_data.plant_devices) == 2
    simulator.silent.clear()
    async_fire_time_changed(hass, dt_util.utcnow() + SCAN_INTERVAL)
    await settle(hass)
    assert of_part(hass, entry, "lv_battery@51")


async def test_a_search_that_fails_harms_nobody(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
    loaded: GivEnergyConfigEntry,
) -> None:
    before = dict(loaded.data)
    await simulator.close()
    async_fire_time_changed(hass, dt_util.utcnow() + FIRST_SCAN)
    await settle(hass)
    assert loaded.data == before
    assert loaded.state is ConfigEntryState.LOADED


async def test_the_rescan_action_finds_what_is_new(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    forget(hass, entry, "lv_battery@51")
    await set_up(hass, entry)

    async def rescan() -> Any:
        found = await hass.services.async_call(
            DOMAIN,
            "rescan_devices",
            {"config_entry_id": entry.entry_id},
            blocking=True,
            return_response=True,
        )
        await settle(hass)
        return found

    assert await rescan() == {"found": ["lv_battery@51"]}
    assert of_part(hass, entry, "lv_battery@51")
    data = entry.runtime_data
    simulator.requests.clear()
    assert await rescan() == {"found": []}
    # Nothing new, nothing reloaded, and those that are known not asked again.
    assert entry.runtime_data is data
    assert {0x32, 0x33}.isdisjoint(read.device_address for read in asked(simulator))


@pytest.mark.parametrize(
    ("plant_name", "kind"), [("ems", "managed_inverter"), ("gateway", "aio_unit")]
)
async def test_what_another_device_speaks_for_is_found_at_the_first_poll(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, kind: str
) -> None:
    whole = dict(entry.data)
    spoken_for = [key for key in keys_of(entry) if key.startswith(kind)]
    assert len(spoken_for) >= 2
    forget(hass, entry, *spoken_for)
    await set_up(hass, entry)
    assert entry.data[CONF_CAPABILITIES] == whole[CONF_CAPABILITIES]
    assert entry.data[CONF_IDENTITIES] == whole[CONF_IDENTITIES]
    for key in spoken_for:
        assert of_part(hass, entry, key)
        assert page_of(hass, entry, key).via_device_id
    assert unavailable(hass) == set()


# Shrinking


async def can_remove(hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str) -> bool:
    """Try to remove a device by its page."""
    return await async_remove_config_entry_device(hass, entry, page_of(hass, entry, key))


async def test_only_a_device_that_is_gone_can_be_removed(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert not await can_remove(hass, loaded, "inverter@17")
    assert not await can_remove(hass, loaded, "lv_battery@51")
    simulator.silent.add(0x33)
    await poll(hass, loaded)
    assert not await can_remove(hass, loaded, "lv_battery@51")
    await poll(hass, loaded, 2)
    assert await can_remove(hass, loaded, "lv_battery@51")
    await settle(hass)
    assert loaded.data[CONF_CAPABILITIES]["lv_battery_addresses"] == ["0x32"]
    assert "lv_battery@51" not in keys_of(loaded)
    assert {part.key for part in loaded.runtime_data.plant_devices} == {
        "inverter@17",
        "lv_battery@50",
    }
    assert unavailable(hass) == set()
    assert simulator.clients == 1


async def test_nothing_can_be_removed_while_nobody_answers(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.silent |= set(range(256))
    await poll(hass, loaded, 3)
    assert not await can_remove(hass, loaded, "inverter@17")
    assert not await can_remove(hass, loaded, "lv_battery@51")


async def test_nothing_can_be_removed_from_a_plant_that_is_not_loaded(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert not await can_remove(hass, loaded, "lv_battery@51")


async def test_a_page_of_nobody_can_be_removed(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    page = dr.async_get(hass).async_get_or_create(
        config_entry_id=loaded.entry_id, identifiers={(DOMAIN, "of long ago")}
    )
    assert await async_remove_config_entry_device(hass, loaded, page)


@pytest.mark.parametrize("plant_name", ["gateway"])
async def test_a_unit_its_gateway_no_longer_names_can_be_removed(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert not await can_remove(hass, loaded, "aio_unit@2")
    page = page_of(hass, loaded, "aio_unit@2")
    simulator.registers[0x11].store(Bank.INPUT, 1846, (0,) * 5)
    await poll(hass, loaded)
    meters = loaded.data[CONF_CAPABILITIES]["meter_addresses"]
    assert await async_remove_config_entry_device(hass, loaded, page)
    await settle(hass)
    assert "aio_unit@2" not in keys_of(loaded)
    assert loaded.data[CONF_CAPABILITIES]["meter_addresses"] == meters
    assert unavailable(hass) == set()


async def test_a_device_is_removed_while_the_plant_is_away(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    identity = identity_of(loaded, "lv_battery@51")
    entities = er.async_get(hass)
    before = {
        entity.unique_id for entity in er.async_entries_for_config_entry(entities, loaded.entry_id)
    }
    simulator.silent.add(0x33)
    await poll(hass, loaded, 3)
    await simulator.close()
    assert await can_remove(hass, loaded, "lv_battery@51")
    await settle(hass)
    assert loaded.state is ConfigEntryState.LOADED
    after = {
        entity.unique_id for entity in er.async_entries_for_config_entry(entities, loaded.entry_id)
    }
    # One pack alone has no average.
    gone = f"{loaded.unique_id}_battery_average_soc"
    assert after == {known for known in before if not known.startswith(identity)} - {gone}


async def test_what_was_removed_may_come_back_as_it_was(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    entities = er.async_get(hass)
    before = {
        entity.unique_id for entity in er.async_entries_for_config_entry(entities, loaded.entry_id)
    }
    simulator.silent.add(0x33)
    await poll(hass, loaded, 3)
    assert await can_remove(hass, loaded, "lv_battery@51")
    await settle(hass)
    simulator.silent.clear()
    await hass.services.async_call(
        DOMAIN, "rescan_devices", {}, blocking=True, return_response=True
    )
    await settle(hass)
    after = {
        entity.unique_id for entity in er.async_entries_for_config_entry(entities, loaded.entry_id)
    }
    assert after == before


# Who is who


async def test_a_serial_number_readable_later_changes_the_page_and_no_id(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    data = {key: value for key, value in entry.data.items() if key != CONF_IDENTITIES}
    hass.config_entries.async_update_entry(entry, data=data)
    simulator.silent.add(0x33)
    await set_up(hass, entry)
    identity, known = identity_of(entry, "lv_battery@51"), stored(entry, "lv_battery@51")
    assert (identity, known["serial"]) == (f"{entry.unique_id}_lv_battery_0x33", None)
    assert page_of(hass, entry, "lv_battery@51").serial_number is None
    before = {entity.unique_id for entity in er.async_get(hass).entities.values()}
    simulator.silent.clear()
    await poll(hass, entry, 2)
    assert page_of(hass, entry, "lv_battery@51").sw_version == "3009"
    await poll(hass, entry, 4)
    assert page_of(hass, entry, "lv_battery@51").serial_number == "BG2238G219"
    assert entry.data[CONF_IDENTITIES][identity] == {**known, "serial": "BG2238G219"}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert {entity.unique_id for entity in er.async_get(hass).entities.values()} == before
    assert part_of(entry, "lv_battery@51").identity == identity


async def test_a_silent_device_keeps_its_page(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = page_of(hass, loaded, "lv_battery@51")
    assert before.serial_number == "BG2238G219"
    simulator.silent.add(0x33)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await settle(hass)
    after = page_of(hass, loaded, "lv_battery@51")
    assert after.id == before.id
    assert after.serial_number == "BG2238G219"
    assert after.sw_version == "3009"


@pytest.mark.parametrize("plant_name", ["three_phase_hv"])
async def test_devices_hang_below_one_another(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    root = page_of(hass, loaded, "inverter@17")
    stack = page_of(hass, loaded, "hv_stack@112")
    assert root.via_device_id is None
    assert stack.via_device_id == root.id
    assert page_of(hass, loaded, "hv_module@80").via_device_id == stack.id
    assert page_of(hass, loaded, "meter@1").via_device_id == root.id
    assert root.manufacturer == "GivEnergy"
    assert root.serial_number == loaded.unique_id
    assert root.sw_version


@pytest.mark.parametrize("duplicate", ["AC2229G501", "SA2241G1"])
@pytest.mark.parametrize("plant_name", ["ac_coupled"])
async def test_devices_with_the_same_or_half_a_serial_number_are_known_by_their_places(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, duplicate: str
) -> None:
    words = [int.from_bytes(duplicate.ljust(10)[at : at + 2].encode()) for at in range(0, 10, 2)]
    for address in (0x32, 0x33):
        simulator.registers[address].store(Bank.INPUT, 110, tuple(words))
    data = {key: value for key, value in entry.data.items() if key != CONF_IDENTITIES}
    hass.config_entries.async_update_entry(entry, data=data)
    await set_up(hass, entry)
    assert [part.identity for part in entry.runtime_data.plant_devices] == [
        entry.unique_id,
        f"{entry.unique_id}_lv_battery_0x32",
        f"{entry.unique_id}_lv_battery_0x33",
    ]


def test_modules_are_numbered_through_all_stacks() -> None:
    layout = PlantCapabilities(
        Model.HYBRID_3PH,
        bcu_stacks=[(0, 2), (1, 1)],
        hv_bmu_addresses=[0x50, 0x51, 0x52, 0x53],
    )
    keys = [
        "inverter@17",
        "hv_stack@112",
        "hv_stack@113",
        *(f"hv_module@{80 + n}" for n in range(4)),
    ]
    found = [key.split("@") for key in keys]
    identities = {
        f"{kind}@{place}": Identity(
            kind=kind, number=int(place), serial=None, place=int(place), status=DeviceStatus.PLACED
        )
        for kind, place in found
    }
    plant_devices = plant_devices_of(layout, identities)
    assert [part.key for part in plant_devices] == keys
    assert [part.parent for part in plant_devices] == [
        None,
        "inverter@17",
        "inverter@17",
        "hv_stack@112",
        "hv_stack@112",
        "hv_stack@113",
        # One more than the stacks say they have.
        "inverter@17",
    ]
