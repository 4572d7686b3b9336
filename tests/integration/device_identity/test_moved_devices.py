"""Devices that were swapped or renumbered keep everything."""

from collections.abc import Mapping

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.givenergy.const import CONF_CAPABILITIES
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..conftest import set_up
from ..states import identity_of, keys_of, poll, stored
from .swaps import (
    AIO_MODULES,
    CONFIRMED,
    GONE,
    MODULES,
    NEW,
    PACK_SERIAL,
    PACKS,
    Answer,
    Kind,
    Watch,
    assert_never_mixed,
    entities_of,
    exchange,
    is_unavailable,
    missing,
    names_of,
    put,
    states_of,
    swap,
)


@pytest.mark.parametrize("pause", [61, 400], ids=["quick", "slow"])
@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES, AIO_MODULES])
async def test_two_devices_that_were_swapped_keep_everything(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    found_as: Kind,
    pause: float,
) -> None:
    kind, one, other, _ = found_as
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"{kind}@{at}") for at in (one, other))
    before = states_of(hass, first) | states_of(hass, second)
    names = names_of(hass, loaded)
    numbers = [stored(loaded, f"{kind}@{at}")["number"] for at in (one, other)]
    swap(simulator, one, other)
    await poll(hass, loaded, seconds=pause)
    await poll(hass, loaded, 2 * CONFIRMED)
    assert identity_of(loaded, f"{kind}@{one}") == second
    assert identity_of(loaded, f"{kind}@{other}") == first
    assert states_of(hass, first) | states_of(hass, second) == before
    assert_never_mixed(shown, before)
    assert [stored(loaded, f"{kind}@{at}")["number"] for at in (other, one)] == numbers
    assert names_of(hass, loaded) == names
    assert missing(hass) == set()


@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES])
async def test_devices_swapped_while_home_assistant_was_off_keep_everything(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    found_as: Kind,
) -> None:
    kind, one, other, _ = found_as
    await poll(hass, loaded)
    first, second = (identity_of(loaded, f"{kind}@{at}") for at in (one, other))
    before = states_of(hass, first) | states_of(hass, second)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    swap(simulator, one, other)
    await set_up(hass, loaded)
    assert identity_of(loaded, f"{kind}@{one}") == second
    assert identity_of(loaded, f"{kind}@{other}") == first
    assert states_of(hass, first) | states_of(hass, second) == before
    assert_never_mixed(shown, before)
    assert missing(hass) == set()


async def test_an_entity_that_was_disabled_meanwhile_is_left_alone(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded, CONFIRMED)
    first = identity_of(loaded, "lv_battery@50")
    registry = er.async_get(hass)
    disabled = min(entities_of(hass, first))
    registry.async_update_entity(disabled, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done(wait_background_tasks=True)
    swap(simulator, 0x32, 0x33)
    await poll(hass, loaded, 2 * CONFIRMED)
    assert identity_of(loaded, "lv_battery@51") == first
    assert hass.states.get(disabled) is None


async def test_packs_renumbered_when_one_is_added_are_found(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33))
    before = states_of(hass, first) | states_of(hass, second)
    put(simulator, 0x34, simulator.registers[0x33])
    put(simulator, 0x33, simulator.registers[0x32])
    exchange(simulator, 0x32, PACK_SERIAL)
    await poll(hass, loaded, 3 * CONFIRMED)
    assert [identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33, 0x34)] == [
        NEW,
        first,
        second,
    ]
    assert states_of(hass, first) | states_of(hass, second) == before
    assert_never_mixed(shown, before)
    assert stored(loaded, "lv_battery@50")["number"] == 3
    assert not is_unavailable(hass, NEW)
    assert missing(hass) == set()


async def test_packs_renumbered_when_one_is_removed_leave_an_address(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    answer: Answer,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33))
    before = states_of(hass, first) | states_of(hass, second)
    put(simulator, 0x32, simulator.registers[0x33])
    simulator.silent.add(0x33)
    await poll(hass, loaded, CONFIRMED + GONE)
    assert keys_of(loaded) == {"inverter@17", "lv_battery@50"}
    assert identity_of(loaded, "lv_battery@50") == second
    assert loaded.data[CONF_CAPABILITIES]["lv_battery_addresses"] == ["0x32"]
    assert states_of(hass, second).items() <= before.items()
    assert is_unavailable(hass, first)
    assert_never_mixed(shown, before)
    assert missing(hass) == {first}
    await answer(first, "accept")
    assert missing(hass) == set()
    assert not entities_of(hass, first)
    assert states_of(hass, second).items() <= before.items()
