"""Overrides and schedules when something unusual happens in between."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from custom_components.givenergy.const import CONF_READ_ONLY
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.overrides.journal import OverridePhase
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import use
from ..states import poll
from .conftest import Time
from .plants import INVERTER, changed, set_words, settings, written

HOUR = {"duration": "01:00:00"}


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up no entities: nothing else reads the state of charge."""
    return []


@pytest.fixture(autouse=True)
def _no_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [])


async def set_clock(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, by: timedelta
) -> None:
    """Set the inverter's clock forward or back, and poll."""
    simulator.bus.clock.advance(by.total_seconds())
    simulator.bus.update_clock()
    await read_settings(hass, entry)


async def read_settings(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Poll, settings included."""
    await entry.runtime_data.client.load_config()
    await poll(hass, entry)


def events(entry: GivEnergyConfigEntry) -> list[tuple[str, Any]]:
    """Return the kinds of the overrides that started or ended, and why they ended."""
    return [
        (event.attributes["kind"], event.attributes.get("reason"))
        for event in entry.runtime_data.overrides.history
    ]


# The clock


@pytest.mark.parametrize(("plant_name", "slot"), [("gen1_hybrid", 31), ("ems", 2059)])
async def test_a_clock_set_back_before_the_start_moves_the_whole_slot(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, slot: int
) -> None:
    """With its start in the future, the slot would end before it begins: most of a day."""
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", duration="00:30:00")
    simulator.writes.clear()
    await set_clock(hass, simulator, loaded, timedelta(hours=-1))
    (first, start), (last, end) = written(simulator)
    assert (first, last) == (slot, slot + 1)
    assert 1259 <= start <= 1301
    assert 1329 <= end <= 1331
    await use(hass, loaded, "action.end_override")
    assert settings(simulator) == before


@pytest.mark.parametrize("at", ["2026-11-25 23:00:10+00:00"])
async def test_an_end_that_was_right_already_is_restored_after_a_clock_change(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", until="00:00")
    assert changed(before, settings(simulator))[31] == 2300
    assert 32 not in changed(before, settings(simulator))
    await set_clock(hass, simulator, loaded, timedelta(minutes=10))
    assert changed(before, settings(simulator))[32] in (10, 11)
    await use(hass, loaded, "action.end_override")
    assert settings(simulator) == before


# Other clients


async def test_a_new_override_leaves_alone_what_somebody_else_has_just_changed(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR)
    set_words(simulator, {32: 1745})
    await use(hass, loaded, "action.hold", **HOUR)
    assert changed(before, settings(simulator)) == {31: 1359, 32: 1745, 112: 0}
    await use(hass, loaded, "action.end_override")
    assert changed(before, settings(simulator)) == {31: 1359, 32: 1745}
    assert events(loaded) == [
        ("charge", None),
        ("charge", "taken_over"),
        ("hold", None),
        ("hold", "canceled"),
    ]


@pytest.mark.parametrize("action", ["force_charge", "force_export", "hold"])
async def test_each_register_that_somebody_else_changes_is_left_and_the_others_restored(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, action: str
) -> None:
    before = settings(simulator)
    await use(hass, loaded, f"action.{action}", **HOUR)
    ours = changed(before, settings(simulator))
    await use(hass, loaded, "action.end_override")
    slots = {31: 32, 44: 45, 56: 57}
    slots |= {end: start for start, end in slots.items()}
    for register in ours:
        await use(hass, loaded, f"action.{action}", **HOUR)
        set_words(simulator, {register: ours[register] + 3})
        await read_settings(hass, loaded)
        assert loaded.runtime_data.overrides.journal is None
        left = {register, slots.get(register, register)}
        assert set(changed(before, settings(simulator))) == left
        set_words(simulator, before)


# State of charge


@pytest.mark.parametrize(
    ("plant_name", "registers"),
    [("gen1_hybrid", (59,)), ("three_phase_hv", (1132,)), ("ems", (2058, 2059))],
)
async def test_it_ends_at_its_level_even_if_no_entity_shows_one(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    registers: tuple[int, ...],
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR, target_soc=90)
    for register in registers:
        simulator.registers[INVERTER][IR(register)] = 90
    await poll(hass, loaded)
    assert settings(simulator) == before
    assert events(loaded)[-1] == ("charge", "state_of_charge")


# Failures


async def test_settings_that_are_refused_do_not_keep_the_others(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_export", **HOUR)
    ours = changed(before, settings(simulator))
    refused = (27, 59, 44)
    simulator.bus.rejects = {register: {before[register]} for register in refused}
    with pytest.raises(HomeAssistantError):
        await use(hass, loaded, "action.end_override")
    assert changed(before, settings(simulator)) == {key: ours[key] for key in refused}
    simulator.bus.rejects = {}
    await poll(hass, loaded)
    assert settings(simulator) == before


async def test_a_second_override_that_fails_restores_the_first_as_well(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR)
    simulator.bus.rejects = {27: {0}}
    with pytest.raises(HomeAssistantError):
        await use(hass, loaded, "action.force_export", **HOUR)
    assert settings(simulator) == before
    assert events(loaded) == [("charge", None), ("charge", "replaced"), ("export", "failed")]


async def test_a_disk_that_fills_up_while_it_is_written_undoes_it(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = settings(simulator)
    write = Store._async_write_data

    async def write_once(self: Store[Any], *data: Any) -> None:
        """Write as long as nothing was written to the inverter."""
        if not simulator.writes:
            await write(self, *data)

    with monkeypatch.context() as full:
        full.setattr(Store, "_async_write_data", write_once)
        with pytest.raises(HomeAssistantError):
            await use(hass, loaded, "action.force_charge", **HOUR)
    assert simulator.writes
    assert settings(simulator) == before
    assert loaded.runtime_data.overrides.journal is None


# Read-only mode


@pytest.mark.parametrize("ends", ["by itself", "by hand"])
async def test_it_is_restored_in_read_only_mode(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    time_of: Time,
    ends: str,
) -> None:
    before = settings(simulator)
    await use(hass, loaded, "action.force_charge", **HOUR)
    hass.config_entries.async_update_entry(loaded, options={CONF_READ_ONLY: True})
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    journal = loaded.runtime_data.overrides.journal
    assert journal is not None
    assert journal.phase is OverridePhase.RUNNING
    if ends == "by hand":
        await use(hass, loaded, "action.end_override")
    else:
        await time_of.passes(loaded, minutes=61)
    assert settings(simulator) == before


# Schedules


@pytest.mark.parametrize("plant_name", ["ems"])
async def test_a_schedule_set_during_an_override_clears_what_the_override_restores(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    set_words(simulator, {2053: 100, 2054: 200, 2056: 300, 2057: 400, 2059: 500, 2060: 600})
    await use(hass, loaded, "action.force_charge", **HOUR)
    ours = settings(simulator)[2053]
    assert 1359 <= ours <= 1400
    windows = [{"start": f"{hour:02d}:00", "end": f"{hour:02d}:30"} for hour in (15, 19, 20, 21)]
    await use(hass, loaded, "action.set_schedule", kind="ems_charge", slots=windows)
    assert settings(simulator)[2053] == ours
    await use(hass, loaded, "action.end_override")
    await poll(hass, loaded, 2)
    words = settings(simulator)
    assert {words[start] for start in (2053, 2056, 2059)} <= {0, 1500, 1900, 2000, 2100}
    assert loaded.runtime_data.schedules.kept("ems_charge") is not None
    assert HR(2053) in simulator.registers[INVERTER]
