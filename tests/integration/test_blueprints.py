"""The blueprints: each automation does what its description promises, on a simulated plant."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint import Blueprint
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model import TimeSlot
from custom_components.givenergy.givenergy_modbus.model.inverter import SinglePhaseInverter
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .states import poll

FOLDER = Path(__file__).parents[2] / "blueprints"
BLUEPRINTS = sorted(FOLDER.glob("automation/givenergy/*.yaml"))
SECOND_PACK = 0x33


def inverter(simulator: Simulator) -> SinglePhaseInverter:
    """Return the inverter as its registers are now."""
    return SinglePhaseInverter.from_register_cache(simulator.registers[0x11])


def entity(hass: HomeAssistant, entry: GivEnergyConfigEntry, domain: str, key: str) -> str:
    """Return the id of an entity of the inverter."""
    found = er.async_get(hass).async_get_entity_id(domain, DOMAIN, f"{entry.unique_id}_{key}")
    assert found is not None
    return found


def device(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> str:
    """Return the id of the inverter's device."""
    identifier = (DOMAIN, str(entry.unique_id))
    found = dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)
    assert found is not None
    return found.id


class Automate(Protocol):
    """Makes an automation of a blueprint."""

    async def __call__(self, blueprint: str, **inputs: Any) -> None: ...


@pytest.fixture(autouse=True)
async def at_noon(hass: HomeAssistant) -> None:
    """Set a time zone in which it is noon, before the times in the blueprints."""
    ahead = 12 - dt_util.utcnow().hour
    await hass.config.async_set_time_zone(f"Etc/GMT{-ahead:+d}")


@pytest.fixture
async def automate(hass: HomeAssistant, tmp_path: Path) -> AsyncIterator[Automate]:
    """Let a test make automations, which end with it."""
    shutil.copytree(FOLDER, tmp_path / "blueprints")
    hass.config.config_dir = str(tmp_path)

    async def make(blueprint: str, **inputs: Any) -> None:
        use = {"path": f"givenergy/{blueprint}.yaml", "input": inputs}
        config = {"automation": {"use_blueprint": use}}
        assert await async_setup_component(hass, "automation", config)
        await hass.async_block_till_done()
        assert [state.state for state in hass.states.async_all("automation")] == ["on"]

    yield make
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


@pytest.fixture(autouse=True)
def _at_noon(clock: TickingDateTimeFactory) -> None:
    """Begin at noon, so that the times of day that tests use follow each other."""
    clock.move_to("2026-06-18 12:00:00-07:00")


async def strike(hass: HomeAssistant, at: time) -> None:
    """Fire what is due until a time of this afternoon."""
    when = dt_util.now().replace(hour=at.hour, minute=at.minute, second=at.second, microsecond=0)
    async_fire_time_changed(hass, when)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_home_assistant_takes_it(path: Path) -> None:
    blueprint = Blueprint(
        load_yaml_dict(str(path)),
        path=str(path),
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    assert blueprint.name.startswith("GivEnergy: ")
    assert blueprint.metadata["source_url"].endswith(str(path.relative_to(FOLDER.parent)))
    described = blueprint.inputs.values()
    assert all(text["name"] for text in described)


@pytest.mark.parametrize(("expected", "target"), [("18.5", 50), ("3", 90), ("unavailable", 90)])
async def test_it_charges_at_the_cheap_rate(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    expected: str,
    target: int,
) -> None:
    charging = entity(hass, loaded, "switch", "enable_charge")
    await hass.services.async_call("switch", "turn_off", {"entity_id": charging}, blocking=True)
    hass.states.async_set("sensor.sun_tomorrow", expected)
    await automate(
        "cheap_rate_charge",
        plant=device(hass, loaded),
        charging=charging,
        start="01:30:00",
        end="05:45:00",
        target=90,
        forecast=["sensor.sun_tomorrow"],
    )
    await strike(hass, time(23))
    now = inverter(simulator)
    assert now.charge_slot_1 == TimeSlot(time(1, 30), time(5, 45))
    assert now.charge_target_soc == target
    assert now.enable_charge_target
    assert now.enable_charge


async def test_it_charges_fully_without_a_limit(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, automate: Automate
) -> None:
    charging = entity(hass, loaded, "switch", "enable_charge")
    await automate("cheap_rate_charge", plant=device(hass, loaded), charging=charging)
    await strike(hass, time(23))
    now = inverter(simulator)
    assert not now.enable_charge_target
    assert now.enable_charge


@pytest.mark.parametrize("ends", ["time", "charge"])
async def test_it_exports_in_the_peak_and_stops(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    ends: str,
) -> None:
    mode = entity(hass, loaded, "select", "operating_mode")
    soc = entity(hass, loaded, "sensor", "battery_soc")
    await automate(
        "export_before_peak",
        plant=device(hass, loaded),
        mode=mode,
        soc=soc,
        start="16:30:00",
        keep=30,
    )
    await strike(hass, time(16, 30))
    assert hass.states.get(mode).state == "timed_export"
    now = inverter(simulator)
    assert now.discharge_slot_1 == TimeSlot(time(16, 30), time(19))
    assert now.enable_discharge
    if ends == "time":
        await strike(hass, time(19))
    else:
        (register,) = SinglePhaseInverter.register_fields["battery_soc"].registers
        simulator.registers[0x11][register] = 29
        await poll(hass, loaded)
    assert hass.states.get(mode).state == "eco"
    assert not inverter(simulator).enable_discharge


async def test_it_exports_nothing_there_is_not(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, automate: Automate
) -> None:
    await automate(
        "export_before_peak",
        plant=device(hass, loaded),
        mode=entity(hass, loaded, "select", "operating_mode"),
        soc=entity(hass, loaded, "sensor", "battery_soc"),
        keep=90,
    )
    await strike(hass, time(16))
    assert simulator.writes == []


async def test_it_keeps_a_reserve_in_a_storm(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, automate: Automate
) -> None:
    hass.states.async_set("binary_sensor.storm", "off")
    await automate(
        "storm_reserve",
        warning="binary_sensor.storm",
        reserve=entity(hass, loaded, "number", "battery_soc_reserve"),
        otherwise=10,
    )
    for warning, reserve in (("on", 80), ("unavailable", 80), ("off", 10)):
        hass.states.async_set("binary_sensor.storm", warning)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert inverter(simulator).battery_soc_reserve == reserve


@pytest.mark.parametrize("comes_back", [False, True])
async def test_it_tells_of_a_battery_that_stays_away(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    automate: Automate,
    comes_back: bool,
) -> None:
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "somebody")
    notification = {"action": "notify.somebody", "data": {"message": "Battery {{ battery }}"}}
    link = entity(hass, loaded, "event", "battery_link")
    await automate("lost_battery", link=link, notify=[notification])
    simulator.silent.add(SECOND_PACK)
    await poll_beside_a_wait(loaded, 3)
    assert hass.states.get(link).attributes["event_type"] == "battery_lost"
    if comes_back:
        simulator.silent.clear()
        await poll_beside_a_wait(loaded, 2)
    assert calls == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=11))
    await hass.async_block_till_done()
    assert [call.data["message"] for call in calls] == ([] if comes_back else ["Battery 2"])


async def poll_beside_a_wait(entry: GivEnergyConfigEntry, times: int) -> None:
    """Poll a plant so many times, while an automation goes on waiting."""
    for _ in range(times):
        await entry.runtime_data.coordinator.async_refresh()
    for _ in range(20):
        await asyncio.sleep(0)
