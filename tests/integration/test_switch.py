"""Settings that are on or off."""

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import state_of, use

INVERTER = 0x11


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what the tests use."""
    return [Platform.NUMBER, Platform.SWITCH]


async def test_the_charge_target_is_switched_alone_and_kept(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    for turn, shown in (("turn_off", "off"), ("turn_on", "on")):
        await use(hass, loaded, "switch.enable_charge_target", turn=turn)
        assert state_of(hass, loaded, "switch.enable_charge_target") == shown
        assert state_of(hass, loaded, "number.charge_target_soc") == "85"
        assert state_of(hass, loaded, "switch.enable_charge") == "on"
    assert simulator.writes == [(INVERTER, 20, 0), (INVERTER, 20, 1)]


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("plant_name", ["three_phase_hv"])
@pytest.mark.parametrize(
    ("key", "register"),
    [("enable_charge", 1112), ("force_charge_enable", 1123), ("force_discharge_enable", 1122)],
)
async def test_three_phase_switches_use_three_phase_registers(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    key: str,
    register: int,
) -> None:
    was_on = state_of(hass, loaded, f"switch.{key}") == "on"
    await use(hass, loaded, f"switch.{key}", turn="toggle")
    assert simulator.writes == [(INVERTER, register, int(not was_on))]
    assert state_of(hass, loaded, f"switch.{key}") == ("off" if was_on else "on")


@pytest.mark.parametrize("plant_name", ["gen1_hybrid", "all_in_one"])
async def test_eco_mode_is_the_discharge_strategy(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert state_of(hass, loaded, "switch.eco_mode") == "on"
    for turn, shown in (("turn_on", "on"), ("turn_off", "off"), ("turn_on", "on")):
        await use(hass, loaded, "switch.eco_mode", turn=turn)
        assert state_of(hass, loaded, "switch.eco_mode") == shown
    assert simulator.writes == [(INVERTER, 27, 0), (INVERTER, 27, 1)]
