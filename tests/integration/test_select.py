"""Settings that are one of a few."""

import pytest
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import state_of, use
from .states import poll

INVERTER = 0x11
MODE = "select.operating_mode"


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up choices alone."""
    return [Platform.SELECT]


@pytest.mark.parametrize(
    ("option", "strategy", "timed"),
    [
        ("timed_discharge", 1, 1),
        ("timed_export", 0, 1),
        ("export_paused", 0, 0),
        ("eco", 1, 0),
    ],
)
async def test_an_operating_mode_is_two_writes_the_discharge_flag_last(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    option: str,
    strategy: int,
    timed: int,
) -> None:
    cache = simulator.registers[INVERTER]
    cache[HR(27)], cache[HR(59)] = 1 - strategy, 1 - timed
    before = {
        register: word
        for register, word in cache.items()
        if register not in (HR(27), HR(59), *map(HR, range(35, 41)))
    }
    await poll_settings(hass, loaded)
    await use(hass, loaded, MODE, option=option)
    assert simulator.writes == [(INVERTER, 27, strategy), (INVERTER, 59, timed)]
    assert state_of(hass, loaded, MODE) == option
    assert all(cache[register] == word for register, word in before.items())


async def poll_settings(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Read the settings anew."""
    await entry.runtime_data.client.load_config()
    await poll(hass, entry)


async def test_an_unknown_code_is_no_choice(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER][HR(27)] = 7
    await poll_settings(hass, loaded)
    assert state_of(hass, loaded, "select.battery_power_mode") == STATE_UNKNOWN
    assert state_of(hass, loaded, MODE) == STATE_UNKNOWN


async def test_only_what_is_offered_can_be_chosen(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError):
        await use(hass, loaded, MODE, option="holiday")
    assert simulator.writes == []


@pytest.mark.parametrize("plant_name", ["ac_coupled"])
@pytest.mark.parametrize(
    ("option", "word"), [("pause_charge", 1), ("pause_discharge", 2), ("pause_both", 3)]
)
async def test_pause_modes(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    option: str,
    word: int,
) -> None:
    assert state_of(hass, loaded, "select.battery_pause_mode") == "disabled"
    await use(hass, loaded, "select.battery_pause_mode", option=option)
    assert simulator.writes == [(INVERTER, 318, word)]
    assert state_of(hass, loaded, "select.battery_pause_mode") == option


@pytest.mark.parametrize("plant_name", ["ac_coupled"])
@pytest.mark.parametrize(("option", "word"), [("battery_first", 1), ("grid_first", 2)])
async def test_surplus_priorities(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    option: str,
    word: int,
) -> None:
    assert state_of(hass, loaded, "select.export_priority") == "load_first"
    await use(hass, loaded, "select.export_priority", option=option)
    assert simulator.writes == [(INVERTER, 311, word)]
    assert state_of(hass, loaded, "select.export_priority") == option


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("plant_name", ["ac_coupled", "all_in_one"])
@pytest.mark.parametrize(
    ("option", "word"),
    [("Pause Charge", 1), ("Pause Discharge", 2), ("Pause Charge & Discharge", 3)],
)
async def test_predbat_pauses_in_its_own_words(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    option: str,
    word: int,
) -> None:
    assert state_of(hass, loaded, "select.predbat_pause") == "Not Paused"
    for chosen in (option, "Not Paused"):
        await use(hass, loaded, "select.predbat_pause", option=chosen)
        assert state_of(hass, loaded, "select.predbat_pause") == chosen
    assert simulator.writes == [(INVERTER, 318, word), (INVERTER, 318, 0)]
