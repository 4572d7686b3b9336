"""Settings that are numbers."""

import pytest
from homeassistant.components.number import NumberEntity, NumberMode
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from hypothesis import given
from hypothesis import strategies as st

from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.power_limits import PowerScale
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import entity_of, state_of, use
from .states import entities

INVERTER = 0x11

pytestmark = pytest.mark.usefixtures("all_enabled")


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up numbers alone."""
    return [Platform.NUMBER]


@pytest.fixture
async def simulator(simulator: Simulator, words: dict[int, int]) -> Simulator:
    """Give the plant the words that a test asks for."""
    for register, word in words.items():
        simulator.registers[INVERTER][HR(register)] = word
    return simulator


@pytest.fixture
def words() -> dict[int, int]:
    """Leave the plant as it is."""
    return {}


def number_of(hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str) -> NumberEntity:
    """Return a number itself."""
    entity_id = entity_of(hass, entry, f"number.{key}")
    found = next(entity for entity in entities(hass) if entity.entity_id == entity_id)
    assert isinstance(found, NumberEntity)
    return found


@pytest.mark.parametrize(
    ("plant_name", "key", "low", "high", "unit", "mode"),
    [
        ("gen1_hybrid", "charge_target_soc", 4, 100, "%", NumberMode.SLIDER),
        ("gen1_hybrid", "battery_soc_reserve", 4, 100, "%", NumberMode.SLIDER),
        ("gen1_hybrid", "battery_charge_limit", 0, 50, "%", NumberMode.SLIDER),
        ("gen1_hybrid", "active_power_rate", 0, 100, "%", NumberMode.SLIDER),
        ("ac_coupled", "battery_charge_limit_ac", 1, 100, "%", NumberMode.SLIDER),
        ("gen3_hybrid", "charge_target_soc_10", 4, 100, "%", NumberMode.SLIDER),
        ("three_phase_hv", "charge_target_soc", 5, 100, "%", NumberMode.SLIDER),
        ("three_phase_hv", "battery_soc_reserve", 5, 100, "%", NumberMode.SLIDER),
        ("three_phase_hv", "battery_reserve_soc", 5, 100, "%", NumberMode.SLIDER),
        ("gen1_hybrid", "charge_power_limit", 0, 2600, "W", NumberMode.BOX),
        ("gen3_hybrid", "discharge_power_limit", 0, 3600, "W", NumberMode.BOX),
        ("ac_coupled", "charge_power_limit", 0, 3000, "W", NumberMode.BOX),
        ("all_in_one", "discharge_power_limit", 0, 6000, "W", NumberMode.BOX),
        ("hv_gen3", "charge_power_limit", 0, 5990, "W", NumberMode.BOX),
        ("ems", "charge_target_1", 0, 100, "%", NumberMode.SLIDER),
        ("ems", "export_power_limit", 0, 65535, "W", NumberMode.BOX),
    ],
)
async def test_bounds_step_and_unit_are_the_settings_own(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    key: str,
    low: float,
    high: float,
    unit: str,
    mode: NumberMode,
) -> None:
    number = number_of(hass, loaded, key)
    assert (number.native_min_value, number.native_max_value, number.native_step) == (low, high, 1)
    assert number.native_unit_of_measurement == unit
    assert number.mode is mode


@pytest.mark.parametrize(
    ("words", "key", "low", "high"),
    [
        ({111: 80}, "battery_charge_limit", 0, 100),
        ({112: 100}, "battery_discharge_limit", 0, 100),
        ({110: 0}, "battery_soc_reserve", 0, 100),
        ({111: 50}, "battery_charge_limit", 0, 50),
    ],
)
async def test_a_plant_set_to_something_unusual_widens_the_slider(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, key: str, low: float, high: float
) -> None:
    number = number_of(hass, loaded, key)
    assert (number.native_min_value, number.native_max_value) == (low, high)
    assert low <= float(state_of(hass, loaded, f"number.{key}")) <= high


@pytest.mark.parametrize("words", [{111: 80}])
async def test_what_the_slider_widened_to_can_be_set(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.bus.clamps = {}
    await use(hass, loaded, "number.battery_charge_limit", value=100)
    assert simulator.writes == [(INVERTER, 111, 100)]


@pytest.mark.parametrize("value", [3, 101, -1])
async def test_a_value_out_of_range_is_refused_with_nothing_sent(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, value: int
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, "number.charge_target_soc", value=value)
    assert caught.value.translation_key == "out_of_range"
    assert simulator.writes == []


async def test_a_value_finer_than_the_step_is_refused_with_nothing_sent(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, "number.charge_target_soc", value=70.5)
    assert caught.value.translation_key == "out_of_range"
    assert caught.value.translation_placeholders == {
        "setting": "Charge target",
        "low": "4",
        "high": "100",
        "value": "70.5",
    }
    assert simulator.writes == []
    assert state_of(hass, loaded, "number.charge_target_soc") == "85"


@pytest.mark.parametrize("words", [{110: 0}])
async def test_a_setting_does_not_take_all_that_an_inverter_may_have(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, "number.battery_soc_reserve", value=2)
    assert caught.value.translation_key == "out_of_range"
    assert simulator.writes == []


# Limits in W


@pytest.mark.parametrize(
    ("words", "shown"),
    [({111: 50}, "2600"), ({111: 100}, "2600"), ({111: 8}, "1311"), ({111: 0}, "0")],
)
async def test_a_power_limit_shows_its_share_of_the_capacity_in_watts(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, shown: str
) -> None:
    assert state_of(hass, loaded, "number.charge_power_limit") == shown


@pytest.mark.parametrize(
    ("watts", "share"), [(2599, 16), (1300, 8), (82, 1), (81, 0), (0, 0), (1233.5, 8)]
)
async def test_a_power_limit_writes_the_nearest_share_and_shows_what_was_asked(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    watts: float,
    share: int,
) -> None:
    await use(hass, loaded, "number.discharge_power_limit", value=watts)
    assert simulator.writes == [(INVERTER, 112, share)]
    assert float(state_of(hass, loaded, "number.discharge_power_limit")) == watts
    assert float(state_of(hass, loaded, "number.battery_discharge_limit")) == share
    await use(hass, loaded, "number.discharge_power_limit", value=watts)
    assert len(simulator.writes) == 1


@pytest.mark.parametrize("words", [{111: 8}])
async def test_the_highest_power_limit_is_none(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "number.charge_power_limit", value=2600)
    assert simulator.writes == [(INVERTER, 111, 50)]
    with pytest.raises(ServiceValidationError):
        await use(hass, loaded, "number.charge_power_limit", value=2601)
    assert len(simulator.writes) == 1


async def test_a_power_limit_set_elsewhere_replaces_the_value_that_was_asked(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "number.charge_power_limit", value=1300)
    await use(hass, loaded, "number.battery_charge_limit", value=10)
    assert state_of(hass, loaded, "number.charge_power_limit") == "1638"


async def test_the_value_that_was_asked_outlives_a_restart(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "number.charge_power_limit", value=1300)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert float(state_of(hass, loaded, "number.charge_power_limit")) == 1300


@pytest.mark.parametrize("words", [{55: 0}])
async def test_without_a_capacity_there_is_no_limit_in_watts(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert state_of(hass, loaded, "number.charge_power_limit") == STATE_UNKNOWN
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, "number.charge_power_limit", value=1000)
    assert caught.value.translation_key == "battery_capacity_unknown"
    assert simulator.writes == []


@given(
    capacity=st.floats(2, 100),
    port=st.none() | st.integers(1000, 20_000),
    share=st.floats(0, 1),
)
def test_a_power_limit_is_within_half_a_share_of_what_was_asked(
    capacity: float, port: int | None, share: float
) -> None:
    scale = PowerScale.of(capacity, port, None)
    assert scale is not None
    asked = scale.top * share
    assert 0 <= scale.c_rate(asked) <= 50
    assert abs(scale.watts(scale.c_rate(asked)) - asked) <= capacity * 10 / 2 + 1
