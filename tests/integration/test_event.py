"""What happens to a plant, as events."""

import json
from typing import Any

import pytest
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNKNOWN, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from custom_components.givenergy.const import CONF_MISSED_POLLS
from custom_components.givenergy.givenergy_modbus.model import UNSET_TIME
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import entity_of, state_of, use
from .conftest import set_up
from .states import entities, poll

INVERTER, PACK_2 = 0x11, 0x33

type FiredEvents = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what the tests use."""
    return [Platform.EVENT, Platform.NUMBER, Platform.SELECT, Platform.SWITCH]


@pytest.fixture
def fired(hass: HomeAssistant) -> FiredEvents:
    """Return the events fired from now on: their types and attributes."""
    found: FiredEvents = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.domain == "event" and new.state != STATE_UNKNOWN:
            attributes = dict(new.attributes)
            about = {"battery", "message", "setting", "old", "new"}
            found.append(
                (
                    attributes["event_type"],
                    {name: attributes[name] for name in about & attributes.keys()},
                )
            )

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return found


async def read_all(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Poll a plant with its settings, as is done every five minutes."""
    await entry.runtime_data.client.load_config()
    await poll(hass, entry)


async def test_nothing_is_told_at_first(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    for key in ("battery_link", "fault", "grid", "setting"):
        assert state_of(hass, loaded, f"event.{key}") == STATE_UNKNOWN
    await read_all(hass, loaded)
    assert fired == []


# Settings


@pytest.mark.parametrize(
    ("words", "name", "old", "new"),
    [
        ({116: 60}, "charge_target_soc", 85, 60),
        ({59: 1}, "enable_discharge", False, True),
        ({27: 0}, "battery_power_mode", "self_consumption", "export"),
        ({95: 500}, "charge_slot_1", "00:30-04:30", "00:30-05:00"),
        ({94: UNSET_TIME}, "charge_slot_1", "00:30-04:30", None),
    ],
)
async def test_a_setting_changed_by_somebody_else_is_told(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    fired: FiredEvents,
    words: dict[int, int],
    name: str,
    old: Any,
    new: Any,
) -> None:
    for register, word in words.items():
        simulator.registers[INVERTER][HR(register)] = word
    await read_all(hass, loaded)
    assert fired == [("setting_changed", {"setting": name, "old": old, "new": new})]
    state = hass.states.get(entity_of(hass, loaded, "event.setting"))
    assert state is not None
    assert json.loads(json.dumps(state.as_dict_json.decode()))
    await read_all(hass, loaded)
    assert len(fired) == 1


@pytest.mark.parametrize(
    ("hand", "using"),
    [
        ("number.charge_target_soc", {"value": 60}),
        ("switch.enable_charge", {"turn": "turn_off"}),
        ("select.operating_mode", {"option": "timed_export"}),
        ("action.set_charge_slot", {"index": 1, "start": "01:00", "end": "02:00"}),
    ],
)
async def test_our_own_changes_are_not_told(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    fired: FiredEvents,
    hand: str,
    using: dict[str, Any],
) -> None:
    await use(hass, loaded, hand, **using)
    await read_all(hass, loaded)
    assert fired == []


async def test_our_own_changes_are_not_told_by_a_poll_in_between(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    fired: FiredEvents,
) -> None:
    update = loaded.runtime_data.coordinator.async_update_listeners
    plant = loaded.runtime_data.client.plant
    plant_update = plant.update

    def look_at_everything(*args: Any) -> Any:
        verdict = plant_update(*args)
        update()
        return verdict

    plant.update = look_at_everything  # type: ignore[assignment,method-assign]
    await use(hass, loaded, "action.set_charge_slot", index=1, start="01:00", end="02:00")
    await use(hass, loaded, "select.operating_mode", option="timed_export")
    assert fired == []


async def test_a_clamp_is_ours_too(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    simulator.bus.clamps = {116: (4, 70)}
    with pytest.raises(Exception, match="70"):
        await use(hass, loaded, "number.charge_target_soc", value=80)
    await read_all(hass, loaded)
    assert fired == []


async def test_a_write_whose_answer_was_lost_is_ours_too(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    silent = {(INVERTER, HR(116)), (INVERTER, HR(60))}
    simulator.silent |= silent
    with pytest.raises(Exception, match="respond"):
        await use(hass, loaded, "number.charge_target_soc", value=60)
    simulator.silent -= silent
    simulator.registers[INVERTER][HR(116)] = 60
    await read_all(hass, loaded)
    assert fired == []


async def test_a_change_after_a_refused_write_is_not_ours(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    old = simulator.registers[INVERTER][HR(116)]
    simulator.bus.rejects = {116: (60,)}
    with pytest.raises(HomeAssistantError):
        await use(hass, loaded, "number.charge_target_soc", value=60)
    simulator.registers[INVERTER][HR(116)] = 60
    await read_all(hass, loaded)
    changed = {"setting": "charge_target_soc", "old": old, "new": 60}
    assert fired == [("setting_changed", changed)]


async def test_what_we_wrote_is_not_ours_for_ever(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    await use(hass, loaded, "number.charge_target_soc", value=60)
    for word in (70, 60):
        simulator.registers[INVERTER][HR(116)] = word
        await read_all(hass, loaded)
    about = {"setting": "charge_target_soc"}
    assert fired == [
        ("setting_changed", {**about, "old": 60, "new": 70}),
        ("setting_changed", {**about, "old": 70, "new": 60}),
    ]


@pytest.mark.parametrize("plant_name", ["ems"])
async def test_an_ems_tells_of_its_own_settings(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    simulator.registers[INVERTER][HR(2055)] = 40
    await read_all(hass, loaded)
    assert fired == [("setting_changed", {"setting": "charge_target_1", "old": 100, "new": 40})]


# Batteries, faults, the grid


async def test_a_lost_battery_is_told_and_a_found_one(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    simulator.silent.add(PACK_2)
    await poll(hass, loaded, 2)
    assert fired == []
    await poll(hass, loaded, 4)
    assert fired == [("battery_lost", {"battery": 2})]
    simulator.silent.clear()
    await poll(hass, loaded, 4)
    assert fired == [("battery_lost", {"battery": 2}), ("battery_found", {"battery": 2})]


async def test_a_plant_that_is_silent_has_not_lost_its_batteries(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    simulator.inject(Fault.SILENT)
    await poll(hass, loaded, 4)
    simulator.clear()
    await poll(hass, loaded, 4)
    assert fired == []


@pytest.mark.parametrize("missed_polls", [1, 3])
async def test_a_battery_that_missed_only_the_start_is_not_told(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    fired: FiredEvents,
    missed_polls: int,
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_MISSED_POLLS: missed_polls})
    simulator.silent.add(PACK_2)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.runtime_data.coordinator.availability.missed_at(PACK_2) == 1
    simulator.silent.clear()
    await hass.async_block_till_done(wait_background_tasks=True)
    await poll(hass, entry, 4)
    assert fired == []


async def test_a_battery_missing_at_start_is_told_as_lost_and_found(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    simulator.silent.add(PACK_2)
    await set_up(hass, entry)
    assert fired == []
    await poll(hass, entry, 6)
    assert fired == [("battery_lost", {"battery": 2})]
    simulator.silent.clear()
    await poll(hass, entry, 4)
    assert fired == [("battery_lost", {"battery": 2}), ("battery_found", {"battery": 2})]


async def test_faults_are_told_one_by_one(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    cache = simulator.registers[INVERTER]
    before = cache.get(IR(57), 0)
    cache[IR(57)] = 0b11
    await poll(hass, loaded)
    messages = [about["message"] for kind, about in fired if kind == "fault_appeared"]
    assert len(messages) == 2
    cache[IR(57)] = before
    await poll(hass, loaded)
    cleared = [about["message"] for kind, about in fired if kind == "fault_cleared"]
    assert cleared == messages
    assert len(fired) == 4


@pytest.mark.parametrize(
    ("plant_name", "phases"),
    [("gen1_hybrid", [5]), ("three_phase_hv", [1061, 1062, 1063]), ("gateway", [1608])],
)
async def test_the_grid_is_lost_and_back(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    fired: FiredEvents,
    phases: list[int],
) -> None:
    cache = simulator.registers[INVERTER]
    volts = {IR(phase): cache[IR(phase)] for phase in phases}
    cache.update(dict.fromkeys(volts, 0))
    await poll(hass, loaded, 2)
    assert fired == [("grid_lost", {})]
    cache.update(volts)
    await poll(hass, loaded, 2)
    assert fired == [("grid_lost", {}), ("grid_restored", {})]


async def test_what_is_read_for_the_first_time_has_not_just_happened(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    cache = simulator.registers[INVERTER]
    cache[IR(5)], cache[IR(57)] = 0, 0b11
    simulator.silent.update({(INVERTER, IR(0)), (INVERTER, HR(60))})
    await set_up(hass, entry)
    simulator.silent.clear()
    await poll(hass, entry, 5)
    assert fired == []
    assert entry.runtime_data.client.plant.inverter.charge_target_soc == 85
    cache[IR(5)] = 2400
    await poll(hass, entry)
    assert fired == [("grid_restored", {})]


@pytest.mark.parametrize("plant_name", ["three_phase_hv"])
async def test_one_phase_missing_is_no_lost_grid(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fired: FiredEvents
) -> None:
    simulator.registers[INVERTER][IR(1062)] = 0
    await poll(hass, loaded, 2)
    assert [kind for kind, _ in fired] == []


@pytest.mark.parametrize(
    ("plant_name", "there"),
    [
        ("gen1_hybrid", {"battery_link", "fault", "grid", "override", "setting"}),
        ("three_phase_hv", {"battery_link", "fault", "grid", "override", "setting"}),
        ("all_in_one", {"battery_link", "fault", "grid", "override", "setting"}),
        ("ems", {"override", "setting"}),
        ("gateway", {"fault", "grid"}),
    ],
)
async def test_a_plant_tells_what_it_can(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, there: set[str]
) -> None:
    root = loaded.runtime_data.plant_devices[0]
    unique_ids = {f"{root.identity}_{key}" for key in there}
    assert {event.unique_id for event in events(hass)} == unique_ids


def events(hass: HomeAssistant) -> list[Any]:
    """Return the events that are there."""
    return [entity for entity in entities(hass) if entity.platform.domain == "event"]
