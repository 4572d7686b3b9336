"""The conditions, each in automations on a simulated system."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.const import Platform, UnitOfPower
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.condition import async_get_all_descriptions

from custom_components.givenergy.condition import CONDITIONS
from custom_components.givenergy.givenergy_modbus.model.register import IR, Register
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import entity_of
from .automations import automate, for_all_targets, ran, targets
from .states import poll

INVERTER, PACK_2 = 0x11, 0x33
POWER, LEVEL, FAULTS, GRID = IR(52), IR(59), IR(57), IR(49)
CALM: dict[Register, int] = {POWER: 0, LEVEL: 50, FAULTS: 0, GRID: 1}

ENTITIES = {
    "is_battery_charging": "binary_sensor.battery_charging",
    "is_battery_discharging": "sensor.battery_discharge_power",
    "is_battery_level": "sensor.battery_soc",
    "is_battery_lost": "binary_sensor.battery_link",
    "is_fault_present": "binary_sensor.problem",
    "is_grid_connected": "binary_sensor.grid_connected",
    "is_grid_lost": "binary_sensor.grid_connected",
    "is_override_active": "sensor.override",
}
"""The entity behind each condition."""

BELOW_20 = {"threshold": {"type": "below", "value": {"number": 20}}}


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what the conditions observe."""
    return [Platform.BINARY_SENSOR, Platform.SENSOR]


async def automate_all(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, **options: Any
) -> list[ServiceCall]:
    """Set up an automation for every condition and every kind of target; ``check`` runs them."""
    return await automate(
        hass,
        {
            f"{condition} {kind}": {
                "triggers": {"trigger": "event", "event_type": "check"},
                "conditions": {
                    "condition": f"givenergy.{condition}",
                    "target": target,
                    "options": {**options, **(BELOW_20 if "level" in condition else {})},
                },
            }
            for condition, hand in ENTITIES.items()
            for kind, target in targets(hass, entry, entity_of(hass, entry, hand)).items()
        },
    )


async def check(hass: HomeAssistant) -> None:
    """Run the automations."""
    hass.bus.async_fire("check")
    await hass.async_block_till_done()


def test_every_condition_is_tried() -> None:
    assert ENTITIES.keys() == CONDITIONS.keys()


@pytest.mark.parametrize(
    ("words", "passing"),
    [
        ({}, {"is_grid_connected"}),
        ({POWER: 0x10000 - 51}, {"is_grid_connected", "is_battery_charging"}),
        ({POWER: 0x10000 - 50}, {"is_grid_connected"}),
        ({POWER: 51}, {"is_grid_connected", "is_battery_discharging"}),
        ({POWER: 50}, {"is_grid_connected"}),
        ({LEVEL: 20}, {"is_grid_connected"}),
        ({LEVEL: 19}, {"is_grid_connected", "is_battery_level"}),
        ({FAULTS: 1}, {"is_grid_connected", "is_fault_present"}),
        ({GRID: 0}, {"is_grid_lost"}),
    ],
)
async def test_conditions_pass_for_every_kind_of_target(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    words: dict[Register, int],
    passing: set[str],
) -> None:
    simulator.registers[INVERTER].update(CALM | words)
    await poll(hass, loaded, 2)
    calls = await automate_all(hass, loaded)
    await check(hass)
    assert ran(calls) == for_all_targets(**dict.fromkeys(passing, 1))


async def test_a_battery_is_lost_until_it_responds_again(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER].update(CALM)
    calls = await automate_all(hass, loaded)
    simulator.silent.add(PACK_2)
    await poll(hass, loaded, 6)
    await check(hass)
    assert ran(calls) == for_all_targets(is_grid_connected=1, is_battery_lost=1)
    calls.clear()
    simulator.silent.clear()
    await poll(hass, loaded, 4)
    await check(hass)
    assert ran(calls) == for_all_targets(is_grid_connected=1)


async def test_nothing_passes_while_the_system_does_not_respond(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER].update({**CALM, LEVEL: 10, FAULTS: 1})
    calls = await automate_all(hass, loaded)
    simulator.inject(Fault.SILENT)
    await poll(hass, loaded, 6)
    await check(hass)
    assert not calls


async def test_a_condition_waits_for_its_duration(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
    loaded: GivEnergyConfigEntry,
) -> None:
    simulator.registers[INVERTER].update(CALM | {POWER: 500})
    await poll(hass, loaded, 2)
    calls = await automate_all(hass, loaded, **{"for": "00:10:00"})
    await check(hass)
    assert not calls
    clock.tick(timedelta(minutes=11))
    await check(hass)
    assert ran(calls) == for_all_targets(is_grid_connected=1, is_battery_discharging=1)


async def test_discharging_is_seen_in_another_unit(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    entity_id = entity_of(hass, loaded, "sensor.battery_discharge_power")
    er.async_get(hass).async_update_entity_options(
        entity_id, "sensor", {"unit_of_measurement": UnitOfPower.KILO_WATT}
    )
    simulator.registers[INVERTER].update(CALM | {POWER: 600})
    await poll(hass, loaded, 2)
    state = hass.states.get(entity_id)
    assert state is not None
    assert float(state.state) == 0.6
    calls = await automate_all(hass, loaded)
    await check(hass)
    assert ran(calls) == for_all_targets(is_grid_connected=1, is_battery_discharging=1)


async def test_home_assistant_takes_the_descriptions(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    await automate_all(hass, loaded)
    found = await async_get_all_descriptions(hass)
    assert {key.partition(".")[2] for key in found if key.startswith("givenergy.")} == set(
        CONDITIONS
    )
    assert all(found[f"givenergy.{condition}"] for condition in CONDITIONS)
