"""Predbat's contract: what it reads and writes, on every family, without Predbat itself."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import yaml
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator, profile
from custom_components.givenergy.predbat import ROWS
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from tests.predbat_steps import EXPORT_ON, call_for, is_written, sequences

from .actions import use
from .conftest import look_at, set_up
from .states import poll

INVERTER = 0x11
FAMILIES = (
    "gen1_hybrid",
    "gen2_hybrid",
    "gen3_hybrid",
    "ac_coupled",
    "all_in_one",
    "three_phase_hv",
    "ems",
)
TIME = re.compile(r"[0-2]\d:[0-5]\d:00")
PAUSES = ["Not Paused", "Pause Charge", "Pause Discharge", "Pause Charge & Discharge"]


@dataclass(frozen=True)
class Term:
    """What Predbat expects of the entity for one of its keys."""

    domain: str
    unit: str | None = None
    low: float | None = None
    high: float | None = None


TERMS = {
    **dict.fromkeys(
        ("load_today", "import_today", "export_today", "pv_today"), Term("sensor", "kWh", 0, 200)
    ),
    **dict.fromkeys(
        ("battery_power", "grid_power", "pv_power", "load_power"),
        Term("sensor", "W", -20_000, 20_000),
    ),
    **dict.fromkeys(("inverter_limit", "export_limit"), Term("sensor", "W", 1000, 20_000)),
    "soc_percent": Term("sensor", "%", 0, 100),
    "soc_max": Term("sensor", "kWh", 2, 100),
    "battery_temperature": Term("sensor", "°C", -20, 60),
    "battery_voltage": Term("sensor", "V", 40, 600),
    "inverter_time": Term("sensor"),
    "reserve": Term("number", "%", 4, 100),
    "charge_limit": Term("number", "%", 4, 100),
    "discharge_target_soc": Term("number", "%", 0, 100),
    **dict.fromkeys(("charge_rate", "discharge_rate"), Term("number", "W", 0, 20_000)),
    **dict.fromkeys(
        ("charge_limit_enable", "scheduled_charge_enable", "scheduled_discharge_enable"),
        Term("switch"),
    ),
    "inverter_mode": Term("switch"),
    "pause_mode": Term("select"),
    **{
        f"{slot}_{end}_time": Term("time")
        for slot in ("charge", "discharge", "idle", "pause")
        for end in ("start", "end")
    },
}
MOST_REQUESTS = 3
"""Of one write until its read-back: read the block, write, read back.

A dongle takes some 0.5 s for each, so a value is confirmed within 3 s, and Predbat looks after 10.
"""
REQUIRED = {
    "load_today", "battery_power", "grid_power", "pv_power", "load_power", "soc_percent",
    "inverter_time", "charge_limit", "charge_start_time", "charge_end_time",
    "discharge_start_time", "discharge_end_time",
}  # fmt: skip


class Predbat:
    """Writes as Predbat does: by its keys, through Home Assistant's own actions."""

    def __init__(self, hass: HomeAssistant, text: str) -> None:
        """Read the configuration."""
        self._hass = hass
        self.config: dict[str, Any] = yaml.safe_load(text)["pred_bat"]
        self.entities = {key: self.config[key][0] for key in TERMS if key in self.config}

    def state(self, key: str) -> State:
        """Return the state of the entity for a key."""
        state = self._hass.states.get(self.entities[key])
        assert state is not None, f"{key} is disabled"
        return state

    async def write(self, key: str, value: object) -> None:
        """Write one value as Predbat writes it, and compare what is read back."""
        if key not in self.entities:
            return
        domain, action, data = call_for(self.entities[key], value)
        assert domain == TERMS[key].domain
        await self._hass.services.async_call(domain, action, data, blocking=True)
        state = self.state(key)
        assert is_written(state.entity_id, state.state, state.attributes, value), key

    def highest(self, key: str) -> float:
        """Return the most a number accepts."""
        return float(self.state(key).attributes["max"]) if key in self.entities else 0.0

    def lowest(self, key: str) -> float:
        """Return the least a number accepts."""
        return float(self.state(key).attributes["min"]) if key in self.entities else 0.0


async def ask(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> tuple[str, list[str]]:
    """Return the configuration and its notes."""
    response: Any = await use(hass, entry, "action.get_predbat_config")
    assert response.keys() == {"apps_yaml", "notes"}
    return response["apps_yaml"], response["notes"]


@pytest.fixture
async def predbat(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> Predbat:
    """Return Predbat, configured, with every entity enabled that the notes name."""
    text, notes = await ask(hass, loaded)
    registry = er.async_get(hass)
    for note in notes:
        if note.startswith("Enable "):
            entity_id = note.removeprefix("Enable ").partition(",")[0]
            registry.async_update_entity(entity_id, disabled_by=None)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    text, notes = await ask(hass, loaded)
    assert not [note for note in notes if note.startswith("Enable ")]
    return Predbat(hass, text)


def test_every_key_has_terms() -> None:
    assert {row.key for row in ROWS} == TERMS.keys()
    assert all(row.platform == TERMS[row.key].domain for row in ROWS)


@pytest.mark.parametrize("plant_name", FAMILIES)
async def test_every_entity_is_as_predbat_expects(
    hass: HomeAssistant, simulator: Simulator, predbat: Predbat
) -> None:
    assert predbat.entities.keys() >= REQUIRED
    for key, entity_id in predbat.entities.items():
        term, state = TERMS[key], predbat.state(key)
        assert entity_id.startswith(f"{term.domain}.")
        assert state.attributes.get("unit_of_measurement") == term.unit, key
        if term.low is not None and term.high is not None:
            assert term.low <= float(state.state) <= term.high, key
        elif term.domain == "time":
            assert TIME.fullmatch(state.state), key
        elif term.domain == "select":
            assert state.attributes["options"] == PAUSES
        elif term.domain == "switch":
            assert state.state in ("on", "off"), key
        else:
            assert datetime.fromisoformat(state.state).tzinfo is not None


@pytest.mark.parametrize("plant_name", FAMILIES)
async def test_every_mode_is_taken_and_an_equal_value_writes_nothing(
    hass: HomeAssistant, simulator: Simulator, predbat: Predbat, snapshot: SnapshotAssertion
) -> None:
    written: dict[str, list[str]] = {}
    for mode, steps in sequences(predbat).items():
        simulator.writes.clear()
        for step in steps:
            simulator.requests.clear()
            await predbat.write(*step)
            assert len(simulator.requests) <= MOST_REQUESTS, step
        written[mode] = [f"HR{register}={word}" for _, register, word in simulator.writes]
        last = dict(steps)
        simulator.writes.clear()
        for step in last.items():
            await predbat.write(*step)
        assert simulator.writes == [], mode
    assert written == snapshot


@pytest.mark.parametrize("plant_name", [*FAMILIES, "gateway"])
async def test_the_configuration(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, snapshot: SnapshotAssertion
) -> None:
    text, notes = await ask(hass, loaded)
    assert text.splitlines() == snapshot(name="apps.yaml")
    assert notes == snapshot(name="notes")


async def test_renamed_entities_are_found(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    text, _ = await ask(hass, loaded)
    before = Predbat(hass, text).entities["reserve"]
    er.async_get(hass).async_update_entity(before, new_entity_id="number.akku_reserve")
    text, _ = await ask(hass, loaded)
    assert Predbat(hass, text).entities["reserve"] == "number.akku_reserve"


async def test_what_stands_in_the_way_is_noted(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    cache = simulator.registers[INVERTER]
    cache[HR(50)], cache[HR(114)], cache[HR(31)], cache[HR(32)] = 80, 10, 1300, 1500
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    _, notes = await ask(hass, entry)
    for text in ("limit is 80%", "cutoff is 10%", "Charge slot 2 is set (13:00-15:00)"):
        assert any(text in note for note in notes), text


async def test_a_reload_leaves_a_forced_export_going(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, predbat: Predbat
) -> None:
    for step in EXPORT_ON:
        await predbat.write(*step)
    simulator.writes.clear()
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert simulator.writes == []
    assert predbat.state("inverter_mode").state == "off"
    assert predbat.state("scheduled_discharge_enable").state == "on"


async def test_a_reload_leaves_everything_with_its_last_value(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, predbat: Predbat
) -> None:
    before = {key: predbat.state(key).state for key in predbat.entities}
    assert await hass.config_entries.async_reload(loaded.entry_id)
    # Settings are not read yet: they are part of the second poll.
    after = {key: predbat.state(key).state for key in predbat.entities}
    del before["inverter_time"], after["inverter_time"]
    assert after == before


async def test_a_silent_poll_leaves_the_state_of_charge_available(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, predbat: Predbat
) -> None:
    before = predbat.state("soc_percent").state
    simulator.mute(60)
    await poll(hass, loaded)
    assert predbat.state("soc_percent").state == before


async def test_several_systems_are_items_of_lists(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    socket_enabled: None,
) -> None:
    async with Simulator(profile("all_in_one"), latency=0, speed=0) as second:
        found = await look_at(second)
        other = MockConfigEntry(domain=DOMAIN, entry_id="01JGIVENERGYSECOND00000000", **found)
        other.add_to_hass(hass)
        await set_up(hass, other)
        text, _ = await ask(hass, loaded)
        config = yaml.safe_load(text)["pred_bat"]
        assert config["num_inverters"] == 2
        assert config["inverter_type"] == ["GEC", "GEC"]
        assert len(set(config["reserve"])) == 2
        first, last = config["pause_mode"]
        assert first is None
        assert last.startswith("select.")
        response: Any = await use(
            hass, loaded, "action.get_predbat_config", config_entry_id=loaded.entry_id
        )
        assert yaml.safe_load(response["apps_yaml"])["pred_bat"]["num_inverters"] == 1
        await hass.config_entries.async_unload(other.entry_id)
