"""Repair issues, and the flows that fix them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.givenergy.const import (
    CONF_CAPABILITIES,
    CONF_READ_ONLY,
    DOMAIN,
)
from custom_components.givenergy.givenergy_modbus.client.timing import RetryPolicy, Timing
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.issues import MANY_WRITES
from custom_components.givenergy.repairs import NotLoadedFlow, async_create_fix_flow
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.tracking import MISSING_AFTER

from .conftest import QUICK, set_up
from .states import identity_of, keys_of, of_part, poll, unavailable

type Click = Callable[..., Awaitable[dict[str, Any]]]


MISSING_POLLS = 2 * MISSING_AFTER - 3
"""Polls in which a silent device is asked so often: the first three, then every other one."""


@pytest.fixture(autouse=True)
def _few_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up nothing but sensors, after a reload too."""
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [Platform.SENSOR])


@pytest.fixture
def timing() -> Timing:
    """Wait for silent devices no longer than need be, for they are asked very often here."""
    return replace(QUICK, refresh=RetryPolicy(0.1, 0, 0.0))


@pytest.fixture(autouse=True)
def _now(
    hass: HomeAssistant, simulator: Simulator, clock: TickingDateTimeFactory
) -> TickingDateTimeFactory:
    """Let the inverter's clock be right, and no minute be about to end."""
    clock.move_to("2026-06-18 20:30:10+00:00")
    drift(simulator, timedelta())
    return clock


def drift(simulator: Simulator, by: timedelta) -> None:
    """Put an inverter's clock so far ahead."""
    shown = dt_util.now().replace(tzinfo=None) + by
    simulator.bus.clock.advance((shown - simulator.bus.clock.shown).total_seconds())
    simulator.bus.update_clock()


@pytest.fixture
async def click(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Click:
    """Return a function that answers one step of a repair, the first one if given no flow."""

    async def answer(issue_id: str, flow: Any = None, **user_input: Any) -> dict[str, Any]:
        # Once the server runs, nothing more can be set up that has pages of its own.
        await async_setup_component(hass, "repairs", {})
        client = await hass_client()
        path = "/api/repairs/issues/fix"
        if flow is None:
            response = await client.post(path, json={"handler": DOMAIN, "issue_id": issue_id})
        else:
            response = await client.post(f"{path}/{flow['flow_id']}", json=user_input)
        assert response.status == HTTPStatus.OK
        found: dict[str, Any] = await response.json()
        await hass.async_block_till_done(wait_background_tasks=True)
        return found

    return answer


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return our open issues by their names."""
    return {
        issue_id: issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    }


def only_issue(hass: HomeAssistant) -> tuple[str, ir.IssueEntry]:
    """Return the one issue there is."""
    [found] = issues(hass).items()
    return found


# The clock


@pytest.mark.parametrize("minutes", [-3, 3])
async def test_a_wrong_clock_is_set_with_a_click(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    click: Click,
    minutes: int,
) -> None:
    drift(simulator, timedelta(minutes=minutes))
    await set_up(hass, entry)
    issue_id, issue = only_issue(hass)
    assert issue.translation_key == ("clock_fast" if minutes > 0 else "clock_slow")
    assert issue.is_fixable
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["minutes"] == "3"
    flow = await click(issue_id)
    assert flow["step_id"] == "confirm"
    assert simulator.writes == []
    flow = await click(issue_id, flow)
    assert flow["type"] == "create_entry"
    assert [register for _, register, _ in simulator.writes] == list(range(35, 41))
    assert abs(simulator.bus.clock.shown - dt_util.now().replace(tzinfo=None)) < timedelta(
        seconds=5
    )
    assert issues(hass) == {}
    await poll(hass, entry)
    assert issues(hass) == {}


async def test_seconds_neither_rewrite_nor_close_the_issue_of_a_wrong_clock(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    for first, then in ((148, 153), (121, 119)):
        drift(simulator, timedelta(seconds=first))
        await (set_up(hass, entry) if not issues(hass) else poll(hass, entry, seconds=301))
        _, issue = only_issue(hass)
        drift(simulator, timedelta(seconds=then))
        await poll(hass, entry, seconds=301)
        assert only_issue(hass)[1] is issue
    for seconds, minutes in ((163, "3"), (400, "7")):
        drift(simulator, timedelta(seconds=seconds))
        await poll(hass, entry, seconds=301)
        _, issue = only_issue(hass)
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["minutes"] == minutes
    drift(simulator, timedelta(seconds=100))
    await poll(hass, entry, seconds=301)
    assert issues(hass) == {}


async def test_a_clock_that_cannot_be_set_stays_an_issue(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, click: Click
) -> None:
    drift(simulator, timedelta(minutes=10))
    await set_up(hass, entry)
    issue_id, _ = only_issue(hass)
    flow = await click(issue_id)
    simulator.silent.add(0x11)
    flow = await click(issue_id, flow)
    assert flow["step_id"] == "confirm"
    assert flow["errors"] == {"base": "sync_failed"}
    assert issue_id in issues(hass)
    simulator.silent.clear()
    flow = await click(issue_id, flow)
    assert flow["type"] == "create_entry"
    assert issues(hass) == {}


@pytest.mark.parametrize(
    ("plant_name", "options"),
    [("gen1_hybrid", {CONF_READ_ONLY: True}), ("ems", {}), ("gateway", {})],
)
async def test_a_clock_that_may_not_be_set_has_no_repair(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    options: dict[str, Any],
) -> None:
    hass.config_entries.async_update_entry(entry, options=options)
    drift(simulator, timedelta(minutes=10))
    await set_up(hass, entry)
    found = [issue for issue in issues(hass).values() if str(issue.translation_key)[:5] == "clock"]
    if entry.runtime_data.client.plant.inverter.system_time is None:
        assert not found
        return
    (issue,) = found
    assert issue.translation_key == "clock_fast_read_only"
    assert not issue.is_fixable


async def test_a_repair_left_open_over_an_unload_ends_with_a_reason(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, click: Click
) -> None:
    drift(simulator, timedelta(minutes=10))
    await set_up(hass, entry)
    issue_id, _ = only_issue(hass)
    flow = await click(issue_id)
    assert flow["step_id"] == "confirm"
    assert await hass.config_entries.async_unload(entry.entry_id)
    flow = await click(issue_id, flow)
    assert flow["type"] == "abort"
    assert flow["reason"] == "not_loaded"
    assert simulator.writes == []


async def test_a_clock_that_is_nearly_right_is_fine(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    drift(simulator, timedelta(seconds=100))
    await set_up(hass, entry)
    assert issues(hass) == {}


async def test_a_clock_that_shows_no_time_is_no_issue(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.bus.clock.set_word(36, 0)
    await set_up(hass, entry)
    assert entry.runtime_data.client.plant.inverter.system_time is None
    assert issues(hass) == {}


# Devices that are missing


def missing(hass: HomeAssistant) -> set[str]:
    """Return the names of the devices that a repair asks about."""
    return {
        issue.translation_placeholders["device"]
        for issue in issues(hass).values()
        if issue.translation_key == "device_missing" and issue.translation_placeholders
    }


async def lose(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, *places: int
) -> None:
    """Let devices be silent for so long that they are missing."""
    simulator.silent |= set(places)
    await poll(hass, entry, MISSING_POLLS)


@pytest.mark.parametrize("plant_name", ["three_phase_hv"])
async def test_what_is_missing_is_named_after_a_while(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.silent |= {0x51, 0x02}
    await poll(hass, loaded, MISSING_AFTER - 1)
    assert issues(hass) == {}
    await poll(hass, loaded, MISSING_POLLS)
    assert {issue.translation_key for issue in issues(hass).values()} == {"device_missing"}
    assert missing(hass) == {"GivEnergy battery module 2", "GivEnergy meter 2"}
    simulator.silent.remove(0x51)
    await poll(hass, loaded, 2)
    assert missing(hass) == {"GivEnergy meter 2"}
    simulator.silent.clear()
    await poll(hass, loaded, 2)
    assert issues(hass) == {}
    assert unavailable(hass) == set()


async def test_what_is_missing_since_the_start_is_named_too(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.silent.add(0x33)
    await set_up(hass, entry)
    stored = entry.data[CONF_CAPABILITIES]
    await poll(hass, entry, MISSING_POLLS - 1)
    assert missing(hass) == {"GivEnergy battery 2"}
    assert entry.data[CONF_CAPABILITIES] == stored


async def test_nobody_is_missing_while_nobody_answers(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await simulator.close()
    await poll(hass, loaded, MISSING_POLLS + 1)
    assert issues(hass) == {}


async def test_the_new_layout_can_be_accepted(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, click: Click
) -> None:
    identity = identity_of(loaded, "lv_battery@51")
    data = loaded.runtime_data
    await lose(hass, simulator, loaded, 0x33)
    issue_id, _ = only_issue(hass)
    flow = await click(issue_id)
    assert flow["type"] == "menu"
    assert flow["menu_options"] == ["accept", "wait"]
    assert flow["description_placeholders"] == {"device": "GivEnergy battery 2"}
    flow = await click(issue_id, flow, next_step_id="accept")
    assert flow["type"] == "create_entry"
    assert issues(hass) == {}
    assert loaded.runtime_data is data
    assert loaded.data[CONF_CAPABILITIES]["lv_battery_addresses"] == ["0x32"]
    assert "lv_battery@51" not in keys_of(loaded)
    registry = dr.async_get(hass)
    assert registry.async_get_device_by_identifier((DOMAIN, identity), loaded.entry_id) is None
    left = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
    assert left
    assert not [entity for entity in left if entity.unique_id.startswith(identity)]
    assert unavailable(hass) == set()
    assert simulator.clients == 1


async def test_who_came_back_meanwhile_is_not_removed(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, click: Click
) -> None:
    await lose(hass, simulator, loaded, 0x33)
    issue_id, _ = only_issue(hass)
    flow = await click(issue_id)
    simulator.silent.clear()
    await poll(hass, loaded, 2)
    await click(issue_id, flow, next_step_id="accept")
    assert "lv_battery@51" in keys_of(loaded)
    assert of_part(hass, loaded, "lv_battery@51")


async def test_one_can_keep_waiting(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, click: Click
) -> None:
    await lose(hass, simulator, loaded, 0x33)
    issue_id, _ = only_issue(hass)
    flow = await click(issue_id, await click(issue_id), next_step_id="wait")
    assert flow["type"] == "create_entry"
    await poll(hass, loaded, 2)
    assert issues(hass) == {}
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await poll(hass, loaded, MISSING_POLLS)
    assert issues(hass) == {}
    assert of_part(hass, loaded, "lv_battery@51") <= unavailable(hass)
    # Once it has been back, it is missed again.
    simulator.silent.clear()
    await poll(hass, loaded, 2)
    assert unavailable(hass) == set()
    await lose(hass, simulator, loaded, 0x33)
    assert issue_id in issues(hass)


# Other news


async def test_new_firmware_is_news_until_noted(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, click: Click
) -> None:
    await set_up(hass, entry)
    page = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, entry.unique_id), entry.entry_id
    )
    assert page is not None
    before = page.sw_version
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.registers[0x11][HR(19)] += 1
    await set_up(hass, entry)
    issue_id, issue = only_issue(hass)
    after = dr.async_get(hass).async_get(page.id)
    assert after is not None
    assert after.sw_version != before
    assert issue.translation_placeholders == {
        "plant": entry.title,
        "device": "GivEnergy inverter",
        "before": before,
        "now": after.sw_version,
    }
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issue_id in issues(hass)
    flow = await click(issue_id)
    assert flow["step_id"] == "confirm"
    flow = await click(issue_id, flow)
    assert flow["type"] == "create_entry"
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issues(hass) == {}


async def test_many_writes_are_worth_a_look_until_midnight(
    hass: HomeAssistant, clock: TickingDateTimeFactory, loaded: GivEnergyConfigEntry
) -> None:
    loaded.runtime_data.store.count_writes(MANY_WRITES)
    await poll(hass, loaded)
    assert issues(hass) == {}
    loaded.runtime_data.store.count_writes(1)
    await poll(hass, loaded)
    _, issue = only_issue(hass)
    assert issue.translation_key == "many_writes"
    assert not issue.is_fixable
    assert issue.translation_placeholders == {
        "plant": loaded.title,
        "writes": str(MANY_WRITES + 1),
    }
    clock.tick(timedelta(days=1))
    await poll(hass, loaded)
    assert "many_writes" not in {issue.translation_key for issue in issues(hass).values()}
    assert loaded.runtime_data.store.memory.writes_total == MANY_WRITES + 1


# Plants that are not there


async def test_a_plant_that_is_not_loaded_has_no_issues(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    drift(simulator, timedelta(hours=1))
    await set_up(hass, entry)
    issue_id, issue = only_issue(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert issues(hass) == {}
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    assert isinstance(flow, NotLoadedFlow)


@pytest.mark.parametrize("about", [None, {}, {"entry_id": "of long ago"}])
async def test_an_issue_of_nobody_is_simply_confirmed(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, about: dict[str, Any] | None
) -> None:
    flow = await async_create_fix_flow(hass, "clock_drift", about)
    assert isinstance(flow, ConfirmRepairFlow)
    other = await async_create_fix_flow(hass, "other", {"entry_id": loaded.entry_id})
    assert isinstance(other, ConfirmRepairFlow)
