"""Which controls a plant has, and when an entity's state is written."""

from collections import Counter
from typing import Any

import pytest
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.event_type import EventType

from custom_components.givenergy.entity import GivEnergyControlDescription, capabilities_of
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.scope import EntityScope

from .states import entities, poll

INVERTER = 0x11
CONTROLS = [Platform.BUTTON, Platform.NUMBER, Platform.SELECT, Platform.SWITCH, Platform.TIME]

MODES = {
    "select.battery_power_mode",
    "select.operating_mode",
    "button.eco_preset",
    "switch.eco_mode",
}
CARE = {
    "button.calibration_charge_only",
    "button.calibration_start",
    "button.calibration_stop",
    "button.reboot",
}
LIMITS = {"number.charge_power_limit", "number.discharge_power_limit"}
AC_SETTINGS = {
    "number.battery_charge_limit_ac",
    "number.battery_discharge_limit_ac",
    "select.battery_pause_mode",
    "select.export_priority",
    "switch.enable_eps",
    "time.battery_pause_slot_1_end",
    "time.battery_pause_slot_1_start",
}
EVERY_INVERTER = {
    "button.end_override",
    "button.sync_clock",
    "number.battery_soc_reserve",
    "number.charge_target_soc",
    "switch.enable_charge",
}
UNPROVEN = {"switch.enable_charge_target", "switch.enable_discharge"}
"""On three-phase inverters."""
SINGLE_PHASE_HIDDEN = {
    "number.active_power_rate",
    "number.battery_charge_limit",
    "number.battery_discharge_limit",
    "number.battery_discharge_min_power_reserve",
}


def ends(*indexes: int) -> set[str]:
    """Return both ends of both kinds of window."""
    return {
        f"time.{kind}_slot_{idx}_{end}"
        for kind in ("charge", "discharge")
        for idx in indexes
        for end in ("start", "end")
    }


def clearing(*indexes: int) -> set[str]:
    """Return the buttons that clear windows."""
    return {
        f"button.clear_{kind}_slot_{idx}" for kind in ("charge", "discharge") for idx in indexes
    }


def targets(*indexes: int) -> set[str]:
    """Return the windows' own targets."""
    return {
        f"number.{kind}_target_soc_{idx}" for kind in ("charge", "discharge") for idx in indexes
    }


LATER = tuple(range(3, 11))
SINGLE_PHASE = EVERY_INVERTER | UNPROVEN | MODES | LIMITS | ends(1, 2)
PAUSING = {"button.clear_battery_pause_slot_1", "select.predbat_pause"}
TEN_SLOTS = ends(*LATER) | clearing(*LATER) | targets(1, 2, *LATER)
HIDDEN = CARE | SINGLE_PHASE_HIDDEN | clearing(1, 2)
DOUBTFUL = {"time.charge_slot_2_end", "time.charge_slot_2_start"}
"""Owners of AC Coupled and Gen 2 report that this slot does not exist."""
EMS_SLOTS = tuple((kind, idx) for kind in ("charge", "discharge", "export") for idx in (1, 2, 3))

SHOWN_AND_HIDDEN = {
    "gen1_hybrid": (SINGLE_PHASE, HIDDEN),
    "gen2_hybrid": (SINGLE_PHASE - DOUBTFUL, HIDDEN | DOUBTFUL),
    "gen3_hybrid": (SINGLE_PHASE | AC_SETTINGS, HIDDEN | PAUSING | TEN_SLOTS),
    "ac_coupled": ((SINGLE_PHASE | AC_SETTINGS) - DOUBTFUL, HIDDEN | PAUSING | DOUBTFUL),
    "all_in_one": (SINGLE_PHASE | AC_SETTINGS, HIDDEN | PAUSING | TEN_SLOTS),
    "hv_gen3": (SINGLE_PHASE, HIDDEN | TEN_SLOTS),
    "three_phase_hv": (
        EVERY_INVERTER
        | ends(1, 2)
        | {
            "number.battery_reserve_soc",
            "switch.force_charge_enable",
            "switch.force_discharge_enable",
        },
        CARE | MODES | UNPROVEN | clearing(1, 2, *LATER) | ends(*LATER) | targets(*LATER),
    ),
    "ems": (
        {f"time.{kind}_slot_{idx}_{end}" for kind, idx in EMS_SLOTS for end in ("start", "end")}
        | {f"number.{kind}_target_{idx}" for kind, idx in EMS_SLOTS}
        | {"button.end_override", "switch.plant_enabled"},
        {f"button.clear_{kind}_slot_{idx}" for kind, idx in EMS_SLOTS}
        | {"number.export_power_limit"},
    ),
    "gateway": (set(), set()),
}
"""By plant: the controls that are there from the start, and those that start disabled."""

DAILY = {
    "button.end_override",
    "number.battery_reserve_soc",
    "number.battery_soc_reserve",
    "number.charge_power_limit",
    "number.charge_target_soc",
    "number.discharge_power_limit",
    "button.eco_preset",
    "select.battery_pause_mode",
    "select.battery_power_mode",
    "select.operating_mode",
    "switch.eco_mode",
    "switch.enable_charge",
    "switch.enable_charge_target",
    "switch.enable_discharge",
    "switch.force_charge_enable",
    "switch.force_discharge_enable",
    "switch.plant_enabled",
}
"""What is used day by day; all other controls but window ends are configuration."""


def hands(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> dict[str, er.RegistryEntry]:
    """Return every control of a plant's first device by platform and key."""
    root = entry.runtime_data.plant_devices[0]
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        f"{item.domain}.{item.unique_id.removeprefix(f'{root.identity}_')}": item for item in found
    }


@pytest.fixture
def platforms() -> list[Platform] | None:
    """Set up controls alone."""
    return CONTROLS


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_a_plant_has_the_controls_that_suit_it(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, plant_name: str
) -> None:
    found = hands(hass, loaded)
    shown, hidden = SHOWN_AND_HIDDEN[plant_name]
    if plant_name != "gateway":
        shown = {*shown, "button.end_override"}
    assert {key for key, item in found.items() if item.disabled_by is None} == shown
    # What else is there and disabled stands in the snapshots.
    assert {key for key, item in found.items() if item.disabled_by is not None} >= hidden
    for key, entry in found.items():
        is_daily = key in DAILY or entry.domain == "time"
        assert entry.entity_category == (None if is_daily else "config"), key


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("plant_name", PROFILES)
async def test_controls_write_only_what_the_plant_takes_and_shows(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, plant_name: str
) -> None:
    layout = capabilities_of(loaded)
    reach = EntityScope.of(layout)
    registers = {
        register
        for entity in entities(hass)
        if isinstance(row := entity.entity_description, GivEnergyControlDescription)
        for register in (*row.reads, *row.sets)
    }
    assert reach.can_read(INVERTER, registers)
    assert reach.can_write(registers)
    if layout.is_ems:
        assert {register.address for register in registers} == {2040, *range(2044, 2072)}
    if layout.is_three_phase:
        assert not registers & set(map(HR, (50, 111, 112, 114, 166, *range(300, 360))))
    assert bool(registers) is not layout.is_gateway


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("plant_name", ["three_phase_hv"])
@pytest.mark.parametrize("platforms", [None])
async def test_states_are_written_when_they_change_and_only_then(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    written: Counter[str] = Counter()
    reported: list[str] = []

    @callback
    def note(event: Event) -> None:
        if event.event_type == EVENT_STATE_CHANGED:
            written[event.data["entity_id"]] += 1
        else:
            reported.append(event.data["entity_id"])

    @callback
    def every(_: object) -> bool:
        return True

    for event_type in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED):
        hass.bus.async_listen(EventType[Any](event_type), note, event_filter=every)
    assert len(hass.states.async_all()) > 500
    loaded.runtime_data.coordinator.async_update_listeners()
    assert (written, reported) == ({}, [])
    before = {state.entity_id: state for state in hass.states.async_all()}
    simulator.registers[INVERTER][IR(1061)] += 10
    await poll(hass, loaded)
    assert reported == []
    assert set(written.values()) == {1}
    after = {state.entity_id: state for state in hass.states.async_all()}
    assert written.keys() == {item for item, state in after.items() if state is not before[item]}
    # One phase's voltage, and what the link says of itself.
    assert 1 <= len(written) <= 6
    written.clear()
    simulator.step(30)
    await poll(hass, loaded)
    assert reported == []
    assert set(written.values()) == {1}
    assert 50 < len(written) < 400
