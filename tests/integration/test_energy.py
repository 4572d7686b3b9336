"""The option that adds a system to the energy dashboard."""

from typing import Any

import pytest
from homeassistant.components.energy.data import (
    ENERGY_SOURCE_SCHEMA,
    EnergyManager,
    async_get_manager,
)
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import async_list_statistic_ids
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from syrupy.assertion import SnapshotAssertion

from custom_components.givenergy.energy import SOURCES, statistics_of
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import entity_of
from .test_several_systems import add, second, second_name  # noqa: F401

GRID = {
    "type": "grid",
    "stat_energy_from": "sensor.meter_import",
    "stat_energy_to": "sensor.meter_export",
    "cost_adjustment_day": 0,
}


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Record less: each event is a transaction of its own."""
    noise = ["entity_registry_updated", "device_registry_updated", "service_registered"]
    return {"exclude": {"event_types": noise}}


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Have the recorder before anything else."""


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what the energy dashboard takes."""
    return [Platform.SENSOR]


@pytest.fixture
async def energy(hass: HomeAssistant, hass_storage: dict[str, Any]) -> EnergyManager:
    """Set up the energy component with an empty dashboard."""
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    assert manager.data is None
    return manager


async def step(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Any:
    """Choose the step in an entry's options."""
    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    assert "energy" in flow["menu_options"]
    return await options.async_configure(flow["flow_id"], {"next_step_id": "energy"})


def offered(flow: Any) -> list[str]:
    """Return the sources that a form offers."""
    assert flow["type"] is FlowResultType.FORM
    options: list[str] = flow["data_schema"].schema["sources"].config["options"]
    return options


def preselected(flow: Any) -> list[str]:
    """Return the sources that are added unless somebody deselects them."""
    chosen: list[str] = flow["data_schema"]({})["sources"]
    return chosen


async def add_all(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Add all that is offered."""
    flow = await step(hass, entry)
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"sources": offered(flow)}
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


def sources(manager: EnergyManager) -> list[dict[str, Any]]:
    """Return what the dashboard has."""
    assert manager.data is not None
    return [dict(source) for source in manager.data["energy_sources"]]


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_each_family_gets_sources_that_home_assistant_finds_valid(
    hass: HomeAssistant,
    energy: EnergyManager,
    loaded: GivEnergyConfigEntry,
    hass_ws_client: WebSocketGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    shown = await step(hass, loaded)
    assert energy.data is None
    assert shown["description_placeholders"]["table"] == snapshot(name="shown")
    hass.config_entries.options.async_abort(shown["flow_id"])
    await add_all(hass, loaded)
    assert sources(energy) == snapshot(name="added")
    assert ENERGY_SOURCE_SCHEMA(sources(energy)) == sources(energy)
    await async_wait_recording_done(hass)
    now = dt_util.utcnow()
    do_adhoc_statistics(
        hass, start=now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    )
    await async_wait_recording_done(hass)
    known = {row["statistic_id"] for row in await async_list_statistic_ids(hass)}
    assert {item for source in sources(energy) for item in statistics_of(source)} <= known
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "energy/validate"})
    result = (await client.receive_json())["result"]
    assert result["energy_sources"] == [[]] * len(sources(energy))


async def test_nothing_is_added_twice(
    hass: HomeAssistant, energy: EnergyManager, loaded: GivEnergyConfigEntry
) -> None:
    await add_all(hass, loaded)
    before = sources(energy)
    flow = await step(hass, loaded)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "energy_complete")
    assert sources(energy) == before


async def test_only_what_is_missing_is_added(
    hass: HomeAssistant, energy: EnergyManager, loaded: GivEnergyConfigEntry
) -> None:
    """A source with another sensor of the system, as a person selected it, is the system's."""
    today = entity_of(hass, loaded, "sensor.e_pv_today")
    own = {"type": "solar", "stat_energy_from": today, "config_entry_solar_forecast": None}
    await energy.async_update({"energy_sources": [own]})  # type: ignore[typeddict-item]
    flow = await step(hass, loaded)
    assert offered(flow) == preselected(flow) == ["grid", "battery"]
    hass.config_entries.options.async_abort(flow["flow_id"])
    await add_all(hass, loaded)
    assert [source["type"] for source in sources(energy)] == ["solar", "grid", "battery"]
    assert sources(energy)[0] == own


@pytest.mark.parametrize("has_power", [True, False])
async def test_other_sources_stay_and_may_measure_the_same(
    hass: HomeAssistant, energy: EnergyManager, loaded: GivEnergyConfigEntry, has_power: bool
) -> None:
    power = {"power_config": {"stat_rate_inverted": "sensor.meter_power"}} if has_power else {}
    devices = [{"stat_consumption": "sensor.car"}]
    await energy.async_update(
        {
            "energy_sources": ENERGY_SOURCE_SCHEMA([{**GRID, **power}]),
            "device_consumption": devices,  # type: ignore[typeddict-item]
        }
    )
    (meter,) = sources(energy)
    flow = await step(hass, loaded)
    assert offered(flow) == ["grid", "solar", "battery"]
    assert preselected(flow) == ["solar", "battery"]
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"sources": preselected(flow)}
    )
    assert sources(energy)[0] == meter
    assert [source["type"] for source in sources(energy)] == ["grid", "solar", "battery"]
    assert energy.data is not None
    assert energy.data["device_consumption"] == devices


async def test_nothing_selected_changes_nothing(
    hass: HomeAssistant, energy: EnergyManager, loaded: GivEnergyConfigEntry
) -> None:
    flow = await step(hass, loaded)
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], {"sources": []})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert energy.data is None


async def test_disabled_sensors_are_no_sources(
    hass: HomeAssistant, energy: EnergyManager, loaded: GivEnergyConfigEntry
) -> None:
    registry = er.async_get(hass)
    for key in ("e_grid_in_total", "grid_import_power", "battery_usable_capacity", "pv_power"):
        entity_id = entity_of(hass, loaded, f"sensor.{key}")
        registry.async_update_entity(entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    await add_all(hass, loaded)
    grid, solar, battery = sources(energy)
    assert grid["stat_energy_from"] is None
    power = {"stat_rate_inverted": entity_of(hass, loaded, "sensor.p_grid_out")}
    assert grid["power_config"] == power
    assert "stat_rate" not in solar
    assert "capacity" not in battery


async def test_a_source_without_its_energy_is_none(
    hass: HomeAssistant, energy: EnergyManager, loaded: GivEnergyConfigEntry
) -> None:
    registry = er.async_get(hass)
    for key in SOURCES["battery"].statistics["stat_energy_to"]:
        if entity_id := registry.async_get_entity_id(
            "sensor", "givenergy", f"{loaded.unique_id}_{key}"
        ):
            registry.async_update_entity(entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    assert offered(await step(hass, loaded)) == ["grid", "solar"]


async def test_each_system_of_a_house_adds_its_own(
    hass: HomeAssistant,
    energy: EnergyManager,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    second: Simulator,  # noqa: F811
) -> None:
    await add_all(hass, loaded)
    other = await add(hass, second)
    flow = await step(hass, other)
    assert offered(flow) == preselected(flow) == ["grid", "solar", "battery"]
    hass.config_entries.options.async_abort(flow["flow_id"])
    await add_all(hass, other)
    assert [source["type"] for source in sources(energy)] == ["grid", "solar", "battery"] * 2
    used = [item for source in sources(energy) for item in statistics_of(source)]
    assert len(used) == len(set(used))


async def test_a_source_of_the_house_contains_every_system(
    hass: HomeAssistant,
    energy: EnergyManager,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    second: Simulator,  # noqa: F811
) -> None:
    other = await add(hass, second, {"name": "Barn", "house": True})
    registry = er.async_get(hass)
    imported = registry.async_get_entity_id("sensor", "givenergy", "house_e_grid_in_total")
    await energy.async_update(
        {
            "energy_sources": ENERGY_SOURCE_SCHEMA([{**GRID, "stat_energy_from": imported}]),
            "device_consumption": [],
        }
    )
    for entry in (loaded, other):
        flow = await step(hass, entry)
        assert offered(flow) == preselected(flow) == ["solar", "battery"]
        hass.config_entries.options.async_abort(flow["flow_id"])


async def test_the_energy_component_must_be_there(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    flow = await step(hass, loaded)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "energy_not_set_up")
