"""What happens to an override between its beginning and its end."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.givenergy.actions.timed_override import next_time
from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator
from custom_components.givenergy.overrides.journal import OverridePhase
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import entity_of, state_of, use
from ..conftest import set_up
from ..states import poll
from .conftest import Time
from .plants import INVERTER, changed, set_words, settings, written

OVERRIDE = "sensor.override"
HOUR = {"duration": "01:00:00"}


def reason(entry: GivEnergyConfigEntry) -> Any:
    """Return why the last override ended."""
    return entry.runtime_data.overrides.history[-1].attributes["reason"]


def phase(entry: GivEnergyConfigEntry) -> OverridePhase | None:
    """Return how far the override is."""
    journal = entry.runtime_data.overrides.journal
    return None if journal is None else journal.phase


# The end


async def test_it_ends_when_the_battery_has_the_charge(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR, target_soc=80)
    simulator.registers[INVERTER][IR(59)] = 79
    await poll(hass, loaded)
    assert phase(loaded) is OverridePhase.RUNNING
    simulator.registers[INVERTER][IR(59)] = 80
    await poll(hass, loaded)
    assert settings(simulator) == before
    assert reason(loaded) == "state_of_charge"


async def test_it_ends_when_the_battery_is_down_to_the_floor(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    answer = await use(hass, loaded, "action.force_export", **HOUR, floor_soc=30)
    assert answer["target_soc"] == 30
    assert simulator.registers[INVERTER][HR(110)] == 30
    simulator.registers[INVERTER][IR(59)] = 30
    await poll(hass, loaded)
    assert settings(simulator) == before
    assert reason(loaded) == "state_of_charge"


async def test_the_button_ends_it(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR)
    await use(hass, loaded, "button.end_override")
    assert settings(simulator) == before
    assert reason(loaded) == "canceled"
    await use(hass, loaded, "button.end_override")


async def test_the_mode_is_changed_last_and_restored_first(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.force_export", **HOUR, floor_soc=20, power=1000)
    registers = [register for register, _ in written(simulator)]
    assert registers == [112, 110, 56, 57, 45, 44, 59, 27]
    simulator.writes.clear()
    await use(hass, loaded, "action.end_override")
    assert [register for register, _ in written(simulator)] == registers[::-1]


async def test_a_charge_costs_few_writes_and_none_where_equal(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.force_charge", **HOUR, target_soc=85)
    assert [register for register, _ in written(simulator)] == [32, 31]
    await use(hass, loaded, "action.end_override")
    assert len(simulator.writes) == 4


# The slot


@pytest.mark.parametrize("plant_name", ["all_in_one"])
async def test_the_highest_free_slot_is_taken_and_the_night_is_left_alone(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    charge = loaded.runtime_data.client.plant.inverter.slot_map.charge_slots
    answer = await use(hass, loaded, "action.force_charge", **HOUR)
    assert answer["slot"] == 10
    assert simulator.registers[INVERTER][HR(charge[10][0])] == 1359
    await use(hass, loaded, "action.end_override")
    for number in (10, 9):
        start, end = charge[number]
        set_words(simulator, {start: 200, end: 300})
    assert (await use(hass, loaded, "action.force_charge", **HOUR))["slot"] == 8


@pytest.mark.parametrize("plant_name", ["gen1_hybrid", "all_in_one"])
async def test_slot_1_is_the_last_resort(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    charge = loaded.runtime_data.client.plant.inverter.slot_map.charge_slots
    for number, (start, end) in charge.items():
        set_words(simulator, {start: 200 + number, end: 230 + number})
    before = settings(simulator)
    answer = await use(hass, loaded, "action.force_charge", **HOUR)
    assert answer["slot"] == 1
    await use(hass, loaded, "action.end_override")
    assert settings(simulator) == before


async def test_a_slot_nobody_has_set_is_cleared_again(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    set_words(simulator, {31: 60, 32: 60})
    await use(hass, loaded, "action.force_charge", **HOUR)
    assert simulator.registers[INVERTER][HR(31)] == 1359
    await use(hass, loaded, "action.end_override")
    assert [simulator.registers[INVERTER][HR(register)] for register in (31, 32)] == [0, 0]


@pytest.mark.parametrize("at", ["2026-11-25 23:30:20+00:00"])
async def test_a_slot_runs_past_midnight(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, time_of: Time
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", until="00:45")
    assert changed(before, settings(simulator))[31] == 2330
    assert changed(before, settings(simulator))[32] == 45
    await time_of.passes(loaded, minutes=40)
    assert phase(loaded) is OverridePhase.RUNNING
    await time_of.passes(loaded, minutes=40)
    assert settings(simulator) == before


async def test_the_longest_override_is_no_empty_slot(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.force_charge", duration="23:59:00")
    words = simulator.registers[INVERTER]
    assert (words[HR(31)], words[HR(32)]) == (1359, 1358)


# The clock


@pytest.mark.parametrize(
    ("at", "ends", "later"),
    [
        ("2026-10-25 00:30:00+00:00", "2026-10-25T03:30:00+00:00", 330),
        ("2026-03-29 00:30:00+00:00", "2026-03-29T03:30:00+00:00", 330),
    ],
    ids=["back", "forward"],
)
async def test_the_night_of_the_clock_change(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    time_of: Time,
    ends: str,
    later: int,
) -> None:
    """The inverter's clock does not change by itself, so its slot is as long as in real time."""
    before = settings(simulator)
    shown = simulator.bus.clock.shown
    answer = await use(hass, loaded, "action.force_charge", duration="03:00:00")
    until = datetime.fromisoformat(str(answer["until"]))
    assert until.astimezone(UTC).isoformat()[:16] == ends[:16]
    end = simulator.registers[INVERTER][HR(32)]
    start_minute = shown.hour * 60 + shown.minute
    assert (end // 100 * 60 + end % 100 - start_minute) in (180, 181)
    # Somebody sets the inverter's clock to the new time: the end follows it.
    await time_of.passes(minutes=100)
    local = dt_util.as_local(time_of.now).replace(tzinfo=None)
    simulator.bus.clock.advance((local - simulator.bus.clock.shown).total_seconds())
    simulator.bus.update_clock()
    await loaded.runtime_data.client.load_config()
    await poll(hass, loaded)
    moved = simulator.registers[INVERTER][HR(32)]
    assert abs((moved // 100 * 60 + moved % 100) - (later - 120)) in (0, 1, 59, 60, 61)
    assert moved != end
    await time_of.passes(loaded, minutes=100)
    assert settings(simulator) == before


async def test_a_clock_that_drifts_does_not_move_the_end_and_one_that_jumps_does(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR)
    for seconds, end in ((60, 1500), (600, 1511), (-660, 1500)):
        simulator.bus.clock.advance(seconds)
        simulator.bus.update_clock()
        simulator.writes.clear()
        await loaded.runtime_data.client.load_config()
        await poll(hass, loaded)
        word = simulator.registers[INVERTER][HR(32)]
        assert word in (end, end + 1)
        assert len(simulator.writes) == (seconds != 60)
    await use(hass, loaded, "action.end_override")
    assert settings(simulator) == before


def test_a_time_of_day_in_the_repeated_hour_may_still_come() -> None:
    zone = dt_util.get_time_zone("Europe/London")
    assert zone is not None
    dt_util.set_default_time_zone(zone)
    night = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert next_time(time(1, 30), night) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert next_time(time(1, 50), night) == datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    assert next_time(time(0, 30), night) == datetime(2026, 10, 26, 0, 30, tzinfo=UTC)


# A second one


async def test_the_same_kind_moves_the_end_and_keeps_what_was_before(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, time_of: Time
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR, target_soc=90)
    await time_of.passes(loaded, minutes=20)
    simulator.writes.clear()
    await use(hass, loaded, "action.force_charge", duration="02:00:00", target_soc=90)
    assert [register for register, _ in written(simulator)] == [32]
    await time_of.passes(loaded, minutes=90)
    assert phase(loaded) is OverridePhase.RUNNING
    await time_of.passes(loaded, minutes=40)
    assert settings(simulator) == before


async def test_another_kind_restores_what_it_does_not_need(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_export", **HOUR, floor_soc=20)
    await use(hass, loaded, "action.hold", **HOUR)
    assert changed(before, settings(simulator)) == {112: 0}
    ended, started = loaded.runtime_data.overrides.history[-2:]
    assert ended.attributes["reason"] == "replaced"
    assert started.attributes["kind"] == "hold"
    await use(hass, loaded, "action.hold", **HOUR, direction="both")
    assert changed(before, settings(simulator)) == {111: 0, 112: 0}
    await use(hass, loaded, "action.end_override")
    assert settings(simulator) == before


# Others


async def test_somebody_else_takes_over(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR)
    set_words(simulator, {32: 1745})
    await loaded.runtime_data.client.load_config()
    await poll(hass, loaded)
    assert state_of(hass, loaded, OVERRIDE) == "none"
    # Its start restored to 00:00, the slot would charge most of the day.
    assert changed(before, settings(simulator)) == {31: 1359, 32: 1745}
    ended = loaded.runtime_data.overrides.history[-1].attributes
    assert ended == {"kind": "charge", "reason": "taken_over", "left": ["Charge slot 2"]}


async def test_our_own_control_takes_over_too(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.force_charge", **HOUR, target_soc=90)
    await use(hass, loaded, "number.charge_target_soc", value=60)
    await poll(hass, loaded)
    assert reason(loaded) == "taken_over"
    assert simulator.registers[INVERTER][HR(116)] == 60
    assert simulator.registers[INVERTER][HR(31)] == 0


# Failure


async def test_a_write_that_is_refused_undoes_the_others(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    simulator.bus.rejects = {27: {0}}
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, "action.force_export", **HOUR)
    assert caught.value.translation_key == "write_refused_partly"
    assert settings(simulator) == before
    assert phase(loaded) is None


async def test_a_link_lost_at_the_end_is_restored_at_the_next_poll_and_reported_meanwhile(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, time_of: Time
) -> None:
    before = settings(simulator)
    issues = ir.async_get(hass)
    issue = f"override_not_restored_{loaded.entry_id}"
    await use(hass, loaded, "action.force_export", **HOUR)
    simulator.inject(Fault.SILENT)
    await time_of.passes(loaded, minutes=61)
    assert phase(loaded) is OverridePhase.RESTORING
    assert state_of(hass, loaded, OVERRIDE) == "export"
    await poll(hass, loaded, 2)
    found = issues.async_get_issue(DOMAIN, issue)
    assert found is not None
    assert "Discharge slot 1" in (found.translation_placeholders or {})["settings"]
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, "action.end_override")
    assert caught.value.translation_key == "override_not_restored"
    simulator.clear()
    await poll(hass, loaded, 2)
    assert settings(simulator) == before
    assert reason(loaded) == "time"
    assert issues.async_get_issue(DOMAIN, issue) is None


async def test_one_setting_that_is_refused_does_not_keep_the_others(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_export", **HOUR)
    simulator.bus.rejects = {59: {0}}
    with pytest.raises(HomeAssistantError):
        await use(hass, loaded, "action.end_override")
    assert changed(before, settings(simulator)) == {59: 1}
    simulator.bus.rejects = {}
    await poll(hass, loaded)
    assert settings(simulator) == before


# Coming and going


async def test_a_reload_leaves_it_running_until_its_end(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, time_of: Time
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR)
    ours = settings(simulator)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert settings(simulator) == ours
    assert phase(loaded) is OverridePhase.RUNNING
    await time_of.passes(loaded, minutes=61)
    assert settings(simulator) == before
    assert reason(loaded) == "time"


async def test_disabling_the_system_restores_first(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_export", **HOUR)
    await hass.config_entries.async_set_disabled_by(loaded.entry_id, ConfigEntryDisabler.USER)
    assert settings(simulator) == before


async def test_removing_the_system_restores_first(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_export", **HOUR)
    await hass.config_entries.async_remove(loaded.entry_id)
    assert settings(simulator) == before


async def test_removing_a_system_that_is_away_names_what_is_left(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.hold", **HOUR)
    simulator.inject(Fault.SILENT)
    await hass.config_entries.async_remove(loaded.entry_id)
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"override_left_{loaded.entry_id}")
    assert found is not None
    assert (found.translation_placeholders or {})["settings"] == "Battery discharge C-rate"


async def test_a_journal_that_cannot_be_read_is_reported_and_changes_nothing(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await use(hass, loaded, "action.hold", **HOUR)
    ours = settings(simulator)
    loaded.runtime_data.store.memory.override = {"id": "half of it"}
    await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded)
    assert "cannot be read" in caplog.text
    assert settings(simulator) == ours
    assert hass.states.get(entity_of(hass, loaded, OVERRIDE)) is not None
