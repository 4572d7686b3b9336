"""A device of a new serial number is a new one."""

from collections.abc import Mapping

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from custom_components.givenergy.const import CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import IR, Register
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.identities import DeviceStatus
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..conftest import set_up
from ..states import entity_id_of, identity_of, poll, stored
from .swaps import (
    AIO_MODULES,
    CONFIRMED,
    GONE,
    MODULES,
    NEW,
    PACK_SERIAL,
    PACKS,
    STACK,
    Answer,
    Kind,
    Watch,
    assert_never_mixed,
    entities_of,
    exchange,
    is_unavailable,
    missing,
    put,
    states_of,
    words,
)


@pytest.mark.parametrize("pause", [61, 400], ids=["quick", "slow"])
@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES, AIO_MODULES, STACK])
async def test_a_new_serial_number_is_a_new_device(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    answer: Answer,
    found_as: Kind,
    pause: float,
) -> None:
    kind, one, _, serial = found_as
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, f"{kind}@{one}")
    before = states_of(hass, old)
    if kind == "hv_stack":
        # It cannot be exchanged while it answers: its serial number is read less often.
        simulator.silent.add(one)
        await poll(hass, loaded)
        simulator.silent.discard(one)
    exchange(simulator, one, serial)
    await poll(hass, loaded, seconds=pause)
    await poll(hass, loaded, 3 * CONFIRMED)
    assert identity_of(loaded, f"{kind}@{one}") == NEW
    assert loaded.data[CONF_IDENTITIES][old]["status"] == DeviceStatus.DISPLACED
    assert is_unavailable(hass, old)
    assert not is_unavailable(hass, NEW)
    assert_never_mixed(shown, before)
    page = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, NEW), loaded.entry_id)
    assert page is not None
    assert page.serial_number == NEW
    assert missing(hass) == {old}
    new = states_of(hass, NEW)
    await answer(old, "accept")
    assert not entities_of(hass, old)
    assert states_of(hass, NEW) == new
    assert missing(hass) == set()


@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES, AIO_MODULES, STACK])
async def test_a_device_exchanged_while_home_assistant_was_off_is_a_new_one(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    found_as: Kind,
) -> None:
    kind, one, _, serial = found_as
    await poll(hass, loaded)
    old = identity_of(loaded, f"{kind}@{one}")
    before = states_of(hass, old)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    exchange(simulator, one, serial)
    await set_up(hass, loaded)
    data = loaded.runtime_data
    assert is_unavailable(hass, old)
    await poll(hass, loaded, 2 * CONFIRMED)
    assert identity_of(loaded, f"{kind}@{one}") == NEW
    assert not is_unavailable(hass, NEW)
    assert_never_mixed(shown, before)
    assert missing(hass) == {old}
    assert loaded.runtime_data is data


@pytest.mark.parametrize(("plant_name", "found_as"), [STACK])
async def test_a_stack_exchanged_between_two_polls_is_noticed_in_the_next(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    found_as: Kind,
) -> None:
    never_reloaded(loaded)
    # So seldom that every poll reads its serial number.
    await poll(hass, loaded, CONFIRMED, seconds=320)
    old = identity_of(loaded, "hv_stack@112")
    before = states_of(hass, old)
    exchange(simulator, found_as.one, found_as.serial)
    await poll(hass, loaded, seconds=320)
    assert identity_of(loaded, "hv_stack@112") == old
    assert_never_mixed(shown, before)
    await poll(hass, loaded, CONFIRMED, seconds=320)
    assert identity_of(loaded, "hv_stack@112") == NEW
    assert not is_unavailable(hass, NEW)
    assert_never_mixed(shown, before)


async def test_sums_are_of_the_batteries_that_are_there(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    def stored_energy(identity: str | None) -> float:
        key = (
            "battery_stored_energy"
            if identity == loaded.unique_id
            else "remaining_energy_nominal_wh"
        )
        state = hass.states.get(entity_id_of(hass, "sensor", f"{identity}_{key}"))
        assert state is not None
        return float(state.state)

    await poll(hass, loaded, CONFIRMED)
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 3 * CONFIRMED)
    first = identity_of(loaded, "lv_battery@50")
    total = stored_energy(first) + stored_energy(NEW)
    assert stored_energy(loaded.unique_id) == pytest.approx(total, abs=0.01)


async def test_a_pack_that_comes_back_is_itself(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    answer: Answer,
    never_reloaded: Watch,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, "lv_battery@51")
    before, ids = states_of(hass, old), entities_of(hass, old)
    pack = dict(simulator.registers[0x33])
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 4 * CONFIRMED)
    await answer(old, "accept")
    assert stored(loaded, "lv_battery@51")["number"] == 3
    put(simulator, 0x33, pack)
    await poll(hass, loaded, 4 * CONFIRMED)
    assert identity_of(loaded, "lv_battery@51") == old
    assert stored(loaded, "lv_battery@51")["number"] == 2
    assert entities_of(hass, old) == ids
    assert states_of(hass, old) == before
    assert missing(hass) == {NEW}


@pytest.mark.parametrize(
    ("plant_name", "kind", "serials"),
    [("ems", "managed_inverter", None), ("gateway", "aio_unit", (IR(1841), IR(1846)))],
)
async def test_what_another_device_reports_on_follows_its_serial_number(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    never_reloaded: Watch,
    kind: str,
    serials: tuple[Register, Register] | None,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded)
    devices = {
        device.place: device for device in loaded.runtime_data.plant_devices if device.kind == kind
    }
    first, second = (devices[place] for place in (1, 2))
    one, two = (device.named_in for device in (first, second))
    cache = simulator.registers[0x11]
    swapped = dict(zip((*one, *two), [cache[at] for at in (*two, *one)], strict=True))
    cache.update(swapped)
    await poll(hass, loaded, 2)
    assert identity_of(loaded, f"{kind}@1") == second.identity
    assert identity_of(loaded, f"{kind}@2") == first.identity
    assert missing(hass) == set()
    assert not is_unavailable(hass, first.identity)
    # One that is reported no longer is missing, and one of a new serial number is new.
    cache.update(dict(zip(two, words(NEW), strict=True)))
    await poll(hass, loaded, 1)
    assert is_unavailable(hass, first.identity)
    await poll(hass, loaded, CONFIRMED + GONE)
    assert identity_of(loaded, f"{kind}@2") == f"{loaded.unique_id}_{NEW}"
    assert missing(hass) == {first.identity}
