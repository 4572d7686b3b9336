"""Starts and ends of daily windows."""

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from custom_components.givenergy.givenergy_modbus.model import UNSET_TIME
from custom_components.givenergy.givenergy_modbus.model.devices.ems import Ems
from custom_components.givenergy.givenergy_modbus.model.inverter import SinglePhaseInverter
from custom_components.givenergy.givenergy_modbus.model.inverter_threephase import (
    ThreePhaseInverter,
)
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.model.register_model import RegisterModel
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.slots import SLOT_KINDS

from .actions import state_of, use

INVERTER = 0x11
START, END = "time.charge_slot_1_start", "time.charge_slot_1_end"


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up window ends alone."""
    return [Platform.TIME]


@pytest.fixture
def words() -> tuple[int, int]:
    """Have the plant charge from half past midnight to half past four."""
    return 30, 430


@pytest.fixture
async def simulator(simulator: Simulator, words: tuple[int, int]) -> Simulator:
    """Set the first charge window."""
    cache = simulator.registers[INVERTER]
    cache[HR(94)], cache[HR(95)] = words
    return simulator


def shown(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> tuple[str, str]:
    """Return what both ends show."""
    return state_of(hass, entry, START), state_of(hass, entry, END)


async def test_one_end_is_one_write(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert shown(hass, loaded) == ("00:30:00", "04:30:00")
    await use(hass, loaded, START, time="23:45")
    await use(hass, loaded, END, time="05:00")
    assert simulator.writes == [(INVERTER, 94, 2345), (INVERTER, 95, 500)]
    assert shown(hass, loaded) == ("23:45:00", "05:00:00")


@pytest.mark.parametrize("words", [(UNSET_TIME, UNSET_TIME)])
@pytest.mark.parametrize("hand", [START, END])
async def test_setting_one_end_of_an_unset_window_sets_both(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, hand: str
) -> None:
    assert shown(hass, loaded) == ("00:00:00", "00:00:00")
    await use(hass, loaded, hand, time="02:15")
    assert simulator.writes == [(INVERTER, 94, 215), (INVERTER, 95, 215)]
    assert shown(hass, loaded) == ("02:15:00", "02:15:00")
    other = END if hand == START else START
    with pytest.raises(ServiceValidationError, match="would have no length"):
        await use(hass, loaded, other, time="02:15")
    await use(hass, loaded, other, time="03:15")
    assert set(shown(hass, loaded)) == {"02:15:00", "03:15:00"}


@pytest.mark.parametrize("words", [(30, UNSET_TIME)])
async def test_an_end_that_is_set_stays_when_the_other_is_set(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert shown(hass, loaded) == ("00:30:00", "00:00:00")
    await use(hass, loaded, END, time="04:30")
    assert simulator.writes == [(INVERTER, 95, 430)]
    assert shown(hass, loaded) == ("00:30:00", "04:30:00")


async def test_a_cleared_window_is_midnight_to_midnight(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.clear_slot", kind="charge", index=1)
    assert simulator.writes == [(INVERTER, 94, 0), (INVERTER, 95, 0)]
    assert shown(hass, loaded) == ("00:00:00", "00:00:00")


@pytest.mark.parametrize(
    ("hand", "time", "message"),
    [
        (
            START,
            "04:30",
            "Charge slot 1 from cannot be 04:30, because Charge slot 1 to is 04:30 too",
        ),
        (
            END,
            "00:30",
            "Charge slot 1 to cannot be 00:30, because Charge slot 1 from is 00:30 too",
        ),
        (END, "04:15:30", "Slots start and end on the minute (got 04:15:30"),
    ],
)
async def test_an_end_at_which_no_slot_can_be_is_an_error_that_says_so(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    hand: str,
    time: str,
    message: str,
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await use(hass, loaded, hand, time=time)
    assert str(error.value).startswith(message)
    assert simulator.writes == []
    assert shown(hass, loaded) == ("00:30:00", "04:30:00")


async def test_a_slot_that_cannot_run_is_moved_end_by_end(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await loaded.runtime_data.client.one_shot_command(SinglePhaseInverter.set_enable_charge(False))
    await loaded.runtime_data.client.load_config()
    simulator.writes.clear()
    await use(hass, loaded, START, time="04:30")
    assert shown(hass, loaded) == ("04:30:00", "04:30:00")
    await use(hass, loaded, END, time="05:00")
    assert simulator.writes == [(INVERTER, 94, 430), (INVERTER, 95, 500)]


async def test_a_slot_is_cleared_end_by_end(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, END, time="00:00")
    await use(hass, loaded, START, time="00:00")
    assert simulator.writes == [(INVERTER, 95, 0), (INVERTER, 94, 0)]


_KINDS = {kind.key: kind for kind in SLOT_KINDS}


@pytest.mark.parametrize(
    ("kind", "device", "enabled"),
    [
        ("charge", SinglePhaseInverter(enable_charge=False), False),
        ("charge", SinglePhaseInverter(enable_charge=True), True),
        ("charge", SinglePhaseInverter(), None),
        ("charge", ThreePhaseInverter(ac_charge_enable=False, force_charge_enable=False), False),
        ("charge", ThreePhaseInverter(ac_charge_enable=False, force_charge_enable=True), True),
        ("charge", ThreePhaseInverter(ac_charge_enable=True), True),
        ("charge", ThreePhaseInverter(ac_charge_enable=False), None),
        ("discharge", SinglePhaseInverter(enable_discharge=False), False),
        ("discharge", SinglePhaseInverter(enable_discharge=True), True),
        (
            "discharge",
            ThreePhaseInverter(enable_discharge=False, force_discharge_enable=False),
            False,
        ),
        ("discharge", ThreePhaseInverter(force_discharge_enable=True), True),
        ("pause", SinglePhaseInverter(battery_pause_mode=0), False),
        ("pause", SinglePhaseInverter(battery_pause_mode=2), True),
        ("ems_charge", Ems(plant_enabled=False), False),
        ("ems_discharge", Ems(plant_enabled=True), True),
        ("ems_export", Ems(plant_enabled=True), True),
    ],
)
def test_a_slot_can_run_while_a_setting_lets_it(
    kind: str, device: RegisterModel, enabled: bool | None
) -> None:
    assert _KINDS[kind].is_enabled(device) is enabled
