"""The blueprints that use overrides, each on a simulated plant."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import entity_of, state_of, use
from ..states import poll
from ..test_blueprints import Automate, automate, device
from .conftest import Time
from .plants import INVERTER, settings

__all__ = ["automate"]


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what the blueprints look at."""
    return [Platform.SENSOR]


def override(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> str:
    """Return the kind of override that runs."""
    return state_of(hass, entry, "sensor.override")


async def settle(hass: HomeAssistant, seconds: float = 0) -> None:
    """Let timers that are due within some seconds fire."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("charging", "idle", "unit", "states"),
    [
        ("7200", "0", "W", ["on"]),
        ("7.2", "0", "kW", ["on"]),
        ("Charging", "Connected", None, ["Charging"]),
        ("on", "off", None, ["on", "charging"]),
    ],
)
async def test_the_battery_does_not_empty_into_the_car(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    charging: str,
    idle: str,
    unit: str | None,
    states: list[str],
) -> None:
    before = settings(simulator)
    attributes = {"unit_of_measurement": unit}
    hass.states.async_set("sensor.charger", idle, attributes)
    await automate(
        "not_into_the_car",
        plant=device(hass, loaded),
        override=entity_of(hass, loaded, "sensor.override"),
        charger="sensor.charger",
        charging=states,
    )
    hass.states.async_set("sensor.charger", charging, attributes)
    await settle(hass, 31)
    assert override(hass, loaded) == "hold"
    assert simulator.registers[INVERTER][HR(112)] == 0
    hass.states.async_set("sensor.charger", "unavailable")
    await settle(hass, 120)
    assert override(hass, loaded) == "hold"
    hass.states.async_set("sensor.charger", idle, attributes)
    await settle(hass, 61)
    assert override(hass, loaded) == "none"
    assert settings(simulator) == before


async def test_the_car_waits_for_another_override_and_leaves_the_users_own_hold(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
) -> None:
    await hass.auth.async_create_user("Owner")
    owner = await hass.auth.async_create_user("User", group_ids=[GROUP_ID_ADMIN])
    await use(hass, loaded, "action.force_charge", duration="01:00:00")
    hass.states.async_set("sensor.charger", "off")
    await automate(
        "not_into_the_car",
        plant=device(hass, loaded),
        override=entity_of(hass, loaded, "sensor.override"),
        charger="sensor.charger",
    )
    hass.states.async_set("sensor.charger", "on")
    await settle(hass, 31)
    assert override(hass, loaded) == "charge"
    await use(hass, loaded, "action.end_override")
    await settle(hass)
    assert override(hass, loaded) == "hold"
    await hass.services.async_call(
        DOMAIN, "hold", {"duration": "02:00:00"}, blocking=True, context=Context(user_id=owner.id)
    )
    hass.states.async_set("sensor.charger", "off")
    await settle(hass, 61)
    assert override(hass, loaded) == "hold"


async def test_it_charges_in_the_cheapest_hours(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    time_of: Time,
) -> None:
    midnight = dt_util.start_of_local_day()
    prices: list[float | None] = [20.0] * 24
    prices[14], prices[15], prices[2], prices[23] = 5.0, 6.0, 7.0, None
    hass.states.async_set(
        "sensor.price",
        "20",
        {
            "raw_today": [
                {
                    "start": midnight + timedelta(hours=hour),
                    "end": midnight + timedelta(hours=hour + 1),
                    "value": price,
                }
                for hour, price in enumerate(prices)
            ]
        },
    )
    await automate(
        "cheapest_hours",
        plant=device(hass, loaded),
        override=entity_of(hass, loaded, "sensor.override"),
        soc=entity_of(hass, loaded, "sensor.battery_soc"),
        price="sensor.price",
    )
    await settle(hass)
    assert override(hass, loaded) == "none"
    await time_of.passes(loaded, minutes=6)
    assert override(hass, loaded) == "charge"
    ends = dt_util.parse_datetime(state_of(hass, loaded, "sensor.override_ends"))
    assert ends == midnight + timedelta(hours=16)
    await time_of.passes(loaded, hours=2)
    assert override(hass, loaded) == "none"


async def test_a_battery_just_below_its_target_does_not_begin_again_and_again(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    time_of: Time,
) -> None:
    simulator.registers[INVERTER][IR(59)] = 96
    await poll(hass, loaded)
    midnight = dt_util.start_of_local_day()
    period = {"start": midnight, "end": midnight + timedelta(hours=23), "value": 1.5}
    hass.states.async_set("sensor.price", "1.5", {"raw_today": [period]})
    await automate(
        "cheapest_hours",
        plant=device(hass, loaded),
        override=entity_of(hass, loaded, "sensor.override"),
        soc=entity_of(hass, loaded, "sensor.battery_soc"),
        price="sensor.price",
    )
    await time_of.passes(loaded, minutes=6)
    assert override(hass, loaded) == "none"


@pytest.mark.parametrize(("plant_name", "power"), [("three_phase_hv", 15000), ("ems", 0)])
async def test_a_free_session_that_has_begun_is_used_when_the_automation_is_saved(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    power: int,
) -> None:
    await automate(
        "free_power_session",
        plant=device(hass, loaded),
        start="2026-11-25 13:30:00",
        end="2026-11-25 15:30:00",
        power=power,
    )
    assert override(hass, loaded) == "none"
    hass.bus.async_fire("automation_reloaded")
    await settle(hass)
    assert override(hass, loaded) == "charge"


async def test_a_session_of_free_power_charges_at_full_power(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    time_of: Time,
) -> None:
    before: dict[int, Any] = settings(simulator)
    await automate(
        "free_power_session",
        plant=device(hass, loaded),
        start="2026-11-25 14:30:00",
        end="2026-11-25 15:30:00",
    )
    await time_of.passes(loaded, minutes=10)
    assert override(hass, loaded) == "none"
    await time_of.passes(loaded, minutes=25)
    assert override(hass, loaded) == "charge"
    assert simulator.registers[INVERTER][HR(111)] == 50
    await time_of.passes(loaded, minutes=60)
    assert override(hass, loaded) == "none"
    assert settings(simulator) == before
