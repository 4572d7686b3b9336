"""A schedule of more windows than slots, day after day, on a simulated inverter."""

from datetime import time
from typing import Any

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.givenergy.const import CONF_READ_ONLY, DOMAIN
from custom_components.givenergy.givenergy_modbus.model import TimeSlot
from custom_components.givenergy.givenergy_modbus.model.inverter import SinglePhaseInverter
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.time_of_day import contains

from ..actions import use
from ..conftest import set_up
from ..overrides.conftest import Time
from ..overrides.plants import INVERTER, set_words, settings
from ..states import poll

COSY = [
    {"start": "04:00", "end": "07:00"},
    {"start": "13:00", "end": "16:00"},
    {"start": "22:00", "end": "23:59"},
]


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up no entities."""
    return []


@pytest.fixture(autouse=True)
def _no_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [])


def slot(window: dict[str, str]) -> TimeSlot:
    """Return a window as a slot."""
    return TimeSlot(time.fromisoformat(window["start"]), time.fromisoformat(window["end"]))


def held(simulator: Simulator) -> set[TimeSlot | None]:
    """Return the charge slots of a two-slot inverter."""
    inverter = SinglePhaseInverter.from_register_cache(simulator.registers[INVERTER])
    return {inverter.charge_slot_1, inverter.charge_slot_2}


async def keep(hass: HomeAssistant, entry: GivEnergyConfigEntry, **data: Any) -> Any:
    """Set the schedule of three windows."""
    return await use(
        hass, entry, "action.set_schedule", **{"kind": "charge", "slots": COSY, **data}
    )


async def test_three_windows_on_two_slots_cost_four_writes_a_day(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    time_of: Time,
) -> None:
    answer = await keep(hass, loaded)
    assert len(answer["written"]) + len(answer["unchanged"]) == 4
    writes = []
    for day in range(3):
        simulator.writes.clear()
        for step in range(48):
            await time_of.passes(loaded, minutes=30)
            now = dt_util.now().time()
            for window in COSY:
                if contains(slot(window), now):
                    assert slot(window) in held(simulator), (day, now)
            if step == 20:
                await hass.config_entries.async_reload(loaded.entry_id)
                await hass.async_block_till_done(wait_background_tasks=True)
        writes.append(len(simulator.writes))
    assert writes[1:] == [4, 4]
    assert slot(COSY[0]) in held(simulator)


async def test_the_whole_schedule_is_shown_with_what_is_in_the_inverter(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await keep(hass, loaded)
    shown: Any = (await use(hass, loaded, "action.get_schedule"))["charge"]
    assert [(item["start"], item["end"]) for item in shown] == [
        (window["start"], window["end"]) for window in COSY
    ]
    assert sorted(item["slot"] for item in shown if item["slot"]) == [1, 2]
    # At 14:00 the second window is active, and the night's is the longest.
    assert [bool(item["slot"]) for item in shown] == [True, True, False]
    await use(hass, loaded, "action.set_schedule", kind="charge", slots=COSY[:1])
    assert "slot" not in (await use(hass, loaded, "action.get_schedule"))["charge"][0]
    assert loaded.runtime_data.schedules.kept("charge") is None
    before = settings(simulator)
    await poll(hass, loaded)
    assert settings(simulator) == before


@pytest.mark.parametrize("plant_name", ["ems"])
async def test_targets_move_with_their_windows(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    windows = [
        {"start": f"{hour:02d}:00", "end": f"{hour:02d}:30", "target_soc": 40 + hour}
        for hour in (1, 5, 9, 15, 18)
    ]
    await keep(hass, loaded, kind="ems_charge", slots=windows)
    shown: Any = (await use(hass, loaded, "action.get_schedule"))["ems_charge"]
    assert [item["target_soc"] for item in shown] == [41, 45, 49, 55, 58]
    words = settings(simulator)
    for window in shown:
        if window["slot"]:
            first = 2053 + 3 * (window["slot"] - 1)
            assert words[first] == int(window["start"].replace(":", ""))
            assert words[first + 2] == window["target_soc"]


async def test_a_slot_that_somebody_else_changes_ends_it_and_is_reported(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, time_of: Time
) -> None:
    await keep(hass, loaded)
    set_words(simulator, {95: 515})
    await loaded.runtime_data.client.load_config()
    await poll(hass, loaded)
    issue = f"schedule_taken_over_{loaded.entry_id}_charge"
    assert loaded.runtime_data.schedules.kept("charge") is None
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is not None
    simulator.writes.clear()
    await time_of.passes(loaded, hours=4)
    assert simulator.writes == []
    await keep(hass, loaded)
    await poll(hass, loaded)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is None


async def test_an_override_borrows_a_slot_and_the_schedule_goes_on(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, time_of: Time
) -> None:
    await keep(hass, loaded)
    await time_of.passes(loaded, hours=3)
    assert held(simulator) == {slot(COSY[0]), slot(COSY[2])}
    await use(hass, loaded, "action.force_charge", duration="01:00:00")
    await time_of.passes(loaded, minutes=30)
    assert loaded.runtime_data.overrides.journal is not None
    assert loaded.runtime_data.schedules.kept("charge") is not None
    await time_of.passes(loaded, minutes=40)
    assert loaded.runtime_data.overrides.journal is None
    await poll(hass, loaded, 2)
    assert held(simulator) == {slot(COSY[0]), slot(COSY[2])}
    assert loaded.runtime_data.schedules.kept("charge") is not None


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"slots": [*COSY, {"start": "06:00", "end": "08:00"}]}, "slots_overlap"),
        ({"slots": [{**window, "target_soc": 50} for window in COSY]}, "not_supported"),
        (
            {
                "slots": [
                    {"start": f"{number:02d}:00", "end": f"{number:02d}:30"} for number in range(11)
                ]
            },
            "too_many_slots",
        ),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    data: dict[str, Any],
    key: str,
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await keep(hass, loaded, **data)
    assert caught.value.translation_key == key
    assert simulator.writes == []


async def test_read_only_mode_writes_nothing(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, time_of: Time
) -> None:
    await keep(hass, loaded)
    hass.config_entries.async_update_entry(loaded, options={CONF_READ_ONLY: True})
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    simulator.writes.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await keep(hass, loaded)
    assert caught.value.translation_key == "read_only"
    await time_of.passes(loaded, hours=4)
    assert simulator.writes == []


async def test_a_change_that_failed_half_way_is_made_at_a_later_poll(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.bus.rejects = {32: {1600}}
    with pytest.raises(HomeAssistantError):
        await keep(hass, loaded)
    simulator.bus.rejects = {}
    await hass.config_entries.async_unload(loaded.entry_id)
    await set_up(hass, loaded)
    await poll(hass, loaded)
    assert held(simulator) == {slot(COSY[0]), slot(COSY[1])}
