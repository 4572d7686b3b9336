"""Starts and ends of daily windows."""

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from custom_components.givenergy.givenergy_modbus.model import UNSET_TIME
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

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
