"""Entities of other integrations move in with all that belongs to them, and back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.config_entries import SOURCE_USER, ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import (
    CONF_HOST,
    CONF_PORT,
    EVENT_RECORDER_5MIN_STATISTICS_GENERATED,
    STATE_UNAVAILABLE,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.json import json_dumps
from homeassistant.util import dt as dt_util
from homeassistant.util.json import json_loads
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.repairs import async_create_fix_flow
from custom_components.givenergy.runtime import DATA_TIMING
from custom_components.givenergy.takeover import move
from custom_components.givenergy.takeover.move import async_plan_return
from custom_components.givenergy.takeover.registry import give_back
from custom_components.givenergy.takeover.takeover_journal import (
    TakeoverJournal,
    TakeoverPhase,
    forget_journal,
)

from .conftest import QUICK
from .peers import DOMAIN as PEER
from .peers import PLANTS, install, listed


@pytest.fixture
def recorder_config(peer_name: str) -> dict[str, Any]:
    """Record the counters alone: each state is a transaction of its own."""
    rows = listed(peer_name).rows
    counting = [row.entity_id for row in rows if row.state_class == "total_increasing"]
    noise = ["entity_registry_updated", "device_registry_updated", "service_registered"]
    return {
        "include": {"entities": [*counting, "sensor.my_import"]},
        "exclude": {"event_types": noise},
    }


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Have the recorder before anything else."""


@pytest.fixture(autouse=True)
def _quick(hass: HomeAssistant) -> None:
    hass.data[DATA_TIMING] = QUICK


@pytest.fixture
def plant_name(peer_name: str) -> str:
    """Simulate the plant that the list was made on."""
    return PLANTS[peer_name]


@pytest.fixture
def peer_name() -> str:
    """Name the list of another integration's entities; tests choose others."""
    return "c_gen1_hybrid"


@pytest.fixture
async def peer(hass: HomeAssistant, peer_name: str) -> MockConfigEntry:
    """Return the entry of another integration that serves the plant."""
    return await install(hass, peer_name)


# What people have set, and what has been recorded


def kept_of(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Return all that the registry keeps of an entry's entities, by registry id."""
    found: dict[str, Any] = {
        entry.id: json_loads(json_dumps(entry.as_storage_fragment))
        for entry in er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    }
    for kept in found.values():
        del kept["modified_at"]
        kept["labels"].sort()
    return found


def by_people(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of an entity without those that integrations set."""
    kept = {
        domain: {key: value for key, value in found.items() if not key.startswith("suggested_")}
        for domain, found in options.items()
        if not domain.endswith(".private")
    }
    return {domain: found for domain, found in kept.items() if found}


def customize(hass: HomeAssistant, peer_name: str) -> str:
    """Set what people set on entities and devices; return the entity id that was renamed."""
    registry = er.async_get(hass)
    area = ar.async_get(hass).async_create("Garage")
    first, second, third, fourth = [
        row.entity_id for row in listed(peer_name).rows if row.state_class == "total_increasing"
    ][:4]
    registry.async_update_entity(
        first,
        new_entity_id="sensor.my_import",
        name="My import",
        area_id=area.id,
        labels={"money"},
        aliases=["imported"],
        icon="mdi:cash",
    )
    registry.async_update_entity_options(second, "sensor", {"display_precision": 3})
    registry.async_update_entity_options(second, "conversation", {"should_expose": True})
    registry.async_update_entity(third, hidden_by=er.RegistryEntryHider.USER)
    registry.async_update_entity(fourth, disabled_by=er.RegistryEntryDisabler.USER)
    devices = dr.async_get(hass)
    entry_id = registry.async_get(second).config_entry_id
    for device in dr.async_entries_for_config_entry(devices, entry_id):
        devices.async_update_device(
            device.id, area_id=area.id, labels={"solar"}, name_by_user=f"My {device.name}"
        )
    return "sensor.my_import"


def counters(hass: HomeAssistant, entry_id: str) -> list[str]:
    """Return an entry's entities that have a sum in the statistics and a number now."""
    return [
        entry.entity_id
        for entry in er.async_entries_for_config_entry(er.async_get(hass), entry_id)
        if (entry.capabilities or {}).get("state_class") in ("total", "total_increasing")
        and (state := hass.states.get(entry.entity_id)) is not None
        and state.state.replace(".", "").isdigit()
    ]


def hour(hours_ago: float) -> datetime:
    """Return the start of an hour some time ago."""
    moment = dt_util.utcnow() - timedelta(hours=hours_ago)
    return moment.replace(minute=0, second=0, microsecond=0)


SUM = 5023.9

OF_THE_CLIENT = ("_responses", "_errors", "_retries")
"""Ends of the unique ids of counters that start again with each start, in either integration."""


async def record(
    hass: HomeAssistant, entity_ids: list[str], *, last_hour: int = 1, with_short_term: bool = True
) -> None:
    """Give counters a day of statistics that ends with what they are now."""
    for entity_id in entity_ids:
        state = hass.states.get(entity_id)
        assert state is not None
        value = float(state.state)
        unit = state.attributes.get("unit_of_measurement")
        metadata: Any = {
            "statistic_id": entity_id,
            "source": "recorder",
            "name": None,
            "unit_of_measurement": unit,
            "unit_class": "energy" if unit == "kWh" else "duration" if unit == "h" else None,
            "has_sum": True,
            "mean_type": StatisticMeanType.NONE,
        }
        rows = [
            {"start": hour(ago), "state": value - ago + last_hour, "sum": SUM - ago + last_hour}
            for ago in range(last_hour + 24, last_hour - 1, -1)
        ]
        instance = get_instance(hass)
        instance.async_import_statistics(metadata, rows, Statistics)
        if with_short_term:
            recent: StatisticData = {
                "start": hour(1) + timedelta(minutes=55),
                "state": value,
                "sum": SUM,
            }
            instance.async_import_statistics(metadata, [recent], StatisticsShortTerm)
    await async_wait_recording_done(hass)


async def statistics_of(
    hass: HomeAssistant, entity_ids: list[str], period: str = "hour", start: datetime | None = None
) -> dict[str, Any]:
    """Return what the recorder keeps of some entities, the present hour's total left out."""
    return await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        start or hour(24 * 30),
        hour(0) if period == "hour" else None,
        set(entity_ids),
        period,
        None,
        {"state", "sum"},
    )


async def compile_now(hass: HomeAssistant) -> datetime:
    """Compile the five minutes that are now; return their start."""
    now = dt_util.utcnow()
    start = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    await async_wait_recording_done(hass)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)
    await async_wait_recording_done(hass)
    return start


# The flows


async def find(hass: HomeAssistant, simulator: Simulator) -> Any:
    """Go through the flow until the system is found and agreed to."""
    flows = hass.config_entries.flow
    flow = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    address = {CONF_HOST: simulator.host, CONF_PORT: simulator.port}
    await flows.async_configure(flow["flow_id"], address)
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await flows.async_configure(flow["flow_id"])
    assert flow["step_id"] == "found"
    flow = await flows.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    return flow


async def add(hass: HomeAssistant, simulator: Simulator, **choice: bool) -> Any:
    """Add the system and move what can be moved; return our entry."""
    flow = await find(hass, simulator)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "takeover"
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], choice)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    entry = flow["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def choose(hass: HomeAssistant, entry: Any, step: str, choice: dict[str, Any]) -> Any:
    """Go through one of the steps in the options."""
    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    assert flow["type"] is FlowResultType.MENU
    assert step in flow["menu_options"]
    flow = await options.async_configure(flow["flow_id"], {"next_step_id": step})
    assert flow["step_id"] == step
    flow = await options.async_configure(flow["flow_id"], choice)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert entry.state is ConfigEntryState.LOADED
    return flow


# There and back


@pytest.mark.parametrize("peer_name", PLANTS)
async def test_entities_move_in_and_back(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry, peer_name: str
) -> None:
    customize(hass, peer_name)
    await hass.async_block_till_done()
    before = kept_of(hass, peer.entry_id)
    counted = counters(hass, peer.entry_id)
    states = {entity_id: hass.states.get(entity_id).state for entity_id in counted}
    await record(hass, counted)
    recorded = await statistics_of(hass, counted)
    assert len(recorded) == len(counted)

    entry = await add(hass, simulator, move=True)
    registry = er.async_get(hass)
    moved = {key for key in before if registry.entities.get_entry(key).platform == DOMAIN}
    assert 0 < len(moved) < len(before)
    assert peer.disabled_by is ConfigEntryDisabler.USER
    assert set(kept_of(hass, peer.entry_id)) == before.keys() - moved
    ours = kept_of(hass, entry.entry_id)
    for key in moved:
        for name in (
            "id",
            "entity_id",
            "name",
            "area_id",
            "labels",
            "aliases_v2",
            "icon",
            "hidden_by",
            "disabled_by",
            "categories",
            "created_at",
        ):
            assert ours[key][name] == before[key][name]
        assert by_people(before[key]["options"]) == by_people(ours[key]["options"])
        state = hass.states.get(ours[key]["entity_id"])
        assert (state is None) == (ours[key]["disabled_by"] is not None)
        assert state is None or state.state != STATE_UNAVAILABLE
    continued = [
        kept["entity_id"]
        for key, kept in ours.items()
        if key in moved
        and kept["entity_id"] in counted
        and not kept["unique_id"].endswith(OF_THE_CLIENT)
    ]
    for entity_id in continued:
        assert float(hass.states.get(entity_id).state) == pytest.approx(
            float(states[entity_id]), abs=1, rel=0.01
        )
    assert await statistics_of(hass, counted) == recorded
    start = await compile_now(hass)
    now = await statistics_of(hass, continued, "5minute", start)
    for entity_id in continued:
        gained = float(hass.states.get(entity_id).state) - float(states[entity_id])
        assert now[entity_id][0]["sum"] == pytest.approx(SUM + gained, abs=0.01)

    await choose(hass, entry, "give_back", {})
    assert peer.disabled_by is None
    assert peer.state is ConfigEntryState.LOADED
    assert kept_of(hass, peer.entry_id) == before
    for entity_id, state in states.items():
        assert hass.states.get(entity_id).state == state
    assert await statistics_of(hass, counted) == recorded


@pytest.mark.parametrize("peer_name", ["c_three_phase_hv"])
async def test_counters_that_differ_move_with_adjusted_sums(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    total = "sensor.solar_inverter_grid_import_total"
    await record(hass, [total])
    entry = await add(hass, simulator, move=True, adjust=True)
    assert er.async_get(hass).async_get(total).config_entry_id == entry.entry_id
    assert hass.states.get(total).state == "9430.7"
    start = await compile_now(hass)
    hass.bus.async_fire(EVENT_RECORDER_5MIN_STATISTICS_GENERATED)
    await async_wait_recording_done(hass)
    [first] = (await statistics_of(hass, [total], "5minute", start))[total]
    assert first["sum"] == pytest.approx(SUM)
    journal = await TakeoverJournal(hass, entry.entry_id).async_load()
    assert journal.takeovers[0].bridges == []


async def test_sums_go_on_after_a_long_gap(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    total = "sensor.solar_inverter_grid_import_total"
    value = float(hass.states.get(total).state)
    await record(hass, [total], last_hour=24 * 11, with_short_term=False)
    await hass.config_entries.async_set_disabled_by(peer.entry_id, ConfigEntryDisabler.USER)
    before = kept_of(hass, peer.entry_id)
    entry = await add(hass, simulator, move=True)
    assert er.async_get(hass).async_get(total).config_entry_id == entry.entry_id
    start = await compile_now(hass)
    [first] = (await statistics_of(hass, [total], "5minute", start))[total]
    assert first["sum"] == 0
    hass.bus.async_fire(EVENT_RECORDER_5MIN_STATISTICS_GENERATED)
    await async_wait_recording_done(hass)
    [first] = (await statistics_of(hass, [total], "5minute", start))[total]
    gained = float(hass.states.get(total).state) - value
    assert first["sum"] == pytest.approx(SUM + gained)

    # It was disabled before, and is so again.
    await choose(hass, entry, "give_back", {})
    assert peer.disabled_by is ConfigEntryDisabler.USER
    assert kept_of(hass, peer.entry_id) == before


async def test_not_now_leaves_everything_and_later_is_possible(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    before = kept_of(hass, peer.entry_id)
    entry = await add(hass, simulator, move=False)
    assert kept_of(hass, peer.entry_id) == before
    assert peer.state is ConfigEntryState.LOADED
    registry = er.async_get(hass)
    own = registry.async_get_entity_id("sensor", DOMAIN, "SA2241G101_battery_soc")
    theirs = registry.async_get_entity_id("sensor", PEER, "SA2241G101_battery_percent")

    await choose(hass, entry, "takeover", {"move": False})
    assert kept_of(hass, peer.entry_id) == before
    await choose(hass, entry, "takeover", {"move": True})
    assert registry.async_get_entity_id("sensor", DOMAIN, "SA2241G101_battery_soc") == theirs
    assert registry.async_get(own) is None
    assert hass.states.get(own) is None
    assert hass.states.get(theirs).state == "64"

    # Ours are made anew when theirs go back, with the ids they had.
    await choose(hass, entry, "give_back", {})
    assert kept_of(hass, peer.entry_id) == before
    assert registry.async_get_entity_id("sensor", DOMAIN, "SA2241G101_battery_soc") == own


async def test_device_settings_are_kept(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry, peer_name: str
) -> None:
    customize(hass, peer_name)
    await hass.async_block_till_done()
    entry = await add(hass, simulator, move=True)
    devices = dr.async_get(hass)
    area = ar.async_get(hass).async_get_area_by_name("Garage")
    for serial, name in listed(peer_name).devices.items():
        device = devices.async_get_device_by_identifier((DOMAIN, serial), entry.entry_id)
        assert device.area_id == area.id
        assert device.labels == {"solar"}
        assert device.name_by_user == f"My {name}"


async def test_what_people_change_meanwhile_is_kept_on_the_way_back(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("sensor", PEER, "SA2241G101_battery_percent")
    entry = await add(hass, simulator, move=True)
    registry.async_update_entity(entity_id, new_entity_id="sensor.charge", name="Charge")
    await hass.async_block_till_done()
    await choose(hass, entry, "give_back", {})
    back = registry.async_get("sensor.charge")
    assert (back.platform, back.name) == (PEER, "Charge")


@pytest.mark.parametrize("peer_name", ["d_ems"])
async def test_units_stay_as_they_are_shown(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    before = kept_of(hass, peer.entry_id)
    entity_id = "sensor.givenergy_ems_ems2522171_ems_remaining_battery_energy"
    assert float(hass.states.get(entity_id).state) == 12160
    entry = await add(hass, simulator, move=True)
    assert er.async_get(hass).async_get(entity_id).platform == DOMAIN
    state = hass.states.get(entity_id)
    assert (float(state.state), state.attributes["unit_of_measurement"]) == (12160, "Wh")
    await choose(hass, entry, "give_back", {})
    assert kept_of(hass, peer.entry_id) == before


# Cut short


class Cut(Exception):
    """The power goes."""


def cut_after(calls: int, function: Callable[..., None]) -> Callable[..., None]:
    """Return a function that fails from some call on."""
    remaining = iter([True] * calls)

    def cut(*args: Any) -> None:
        if next(remaining, None) is None:
            raise Cut
        function(*args)

    return cut


async def restart(hass: HomeAssistant, entry: Any) -> None:
    """Set up our entry again from what was stored, as at the next start."""
    forget_journal(hass, entry.entry_id)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED


async def test_a_takeover_that_was_cut_short_is_resumed(
    hass: HomeAssistant,
    simulator: Simulator,
    peer: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = kept_of(hass, peer.entry_id)
    flow = await find(hass, simulator)
    with monkeypatch.context() as patched:
        patched.setattr(move, "take", cut_after(20, move.take))
        await hass.config_entries.flow.async_configure(flow["flow_id"], {"move": True})
        await hass.async_block_till_done(wait_background_tasks=True)
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(kept_of(hass, entry.entry_id)) == 20
    await restart(hass, entry)
    assert len(kept_of(hass, peer.entry_id)) == 15

    with monkeypatch.context() as patched:
        patched.setattr(move, "give_back", cut_after(20, move.give_back))
        await async_plan_return(hass, entry.entry_id)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(kept_of(hass, peer.entry_id)) == 35
    await restart(hass, entry)
    assert kept_of(hass, peer.entry_id) == before
    assert peer.state is ConfigEntryState.LOADED
    [takeover] = (await TakeoverJournal(hass, entry.entry_id).async_load()).takeovers
    assert takeover.phase is TakeoverPhase.RETURNED
    await restart(hass, entry)
    assert not (await TakeoverJournal(hass, entry.entry_id).async_load()).takeovers
    assert kept_of(hass, peer.entry_id) == before


async def test_a_registry_that_was_not_saved_is_changed_again(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    entry = await add(hass, simulator, move=True)
    taken = kept_of(hass, entry.entry_id)
    await hass.config_entries.async_unload(entry.entry_id)
    for moved in (await TakeoverJournal(hass, entry.entry_id).async_load()).takeovers[0].entities:
        give_back(hass, moved)
    await restart(hass, entry)
    assert len(kept_of(hass, peer.entry_id)) == 15
    assert kept_of(hass, entry.entry_id).keys() == taken.keys()


async def test_entities_go_back_when_our_entry_is_removed(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    before = kept_of(hass, peer.entry_id)
    entry = await add(hass, simulator, move=True)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert kept_of(hass, peer.entry_id).keys() == before.keys()
    assert peer.disabled_by is ConfigEntryDisabler.USER
    issue_id = f"given_back_{peer.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None
    facts = ir.async_get(hass).async_get_issue(DOMAIN, issue_id).data
    repair = await async_create_fix_flow(hass, issue_id, facts)
    repair.hass, repair.handler, repair.issue_id = hass, DOMAIN, issue_id
    assert (await repair.async_step_init())["type"] is FlowResultType.FORM
    done = await repair.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert peer.state is ConfigEntryState.LOADED
    assert kept_of(hass, peer.entry_id) == before
