"""A system in a Home Assistant that is set to German shows nothing in English."""

import json
import re
from typing import Any

import pytest
from homeassistant.const import EntityStateAttribute
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator
from custom_components.givenergy.overrides.journal import EndReason
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import entity_of, state_of, use
from .states import poll
from .test_data_files import ENGLISH, INTEGRATION, leaves

GERMAN = json.loads((INTEGRATION / "translations/de.json").read_text())
INVERTER = 0x11
OF_PLATFORMS = {"event_type", "event_types", "max", "min", "mode", "options", "state_class", "step"}
"""Attributes that a platform of Home Assistant adds."""


@pytest.fixture(autouse=True)
def _german(hass: HomeAssistant) -> None:
    """Set Home Assistant to German before anything is set up."""
    hass.config.language = "de"


async def text(hass: HomeAssistant, category: str, key: str, placeholders: Any = None) -> str:
    """Return a text as the frontend shows it."""
    texts = await async_get_translations(hass, "de", category, [DOMAIN])
    return texts[f"component.{DOMAIN}.{category}.{key}"].format(**(placeholders or {}))


@pytest.mark.parametrize("plant_name", ["gen1_hybrid"])
async def test_devices_and_entities_have_german_names(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    assert {(device.name, device.model) for device in devices} == {
        ("GivEnergy Wechselrichter", "Hybrid Gen 1 5.0 kW"),
        ("GivEnergy Batterie 1", "Batterie"),
        ("GivEnergy Batterie 2", "Batterie"),
    }
    names = {
        hand: hass.states.get(entity_of(hass, loaded, hand))
        for hand in ("sensor.battery_soc", "number.charge_target_soc", "time.charge_slot_1_start")
    }
    assert [state and state.name for state in names.values()] == [
        "GivEnergy Wechselrichter Ladezustand",
        "GivEnergy Wechselrichter Ladeziel",
        "GivEnergy Wechselrichter Laden 1 ab",
    ]


@pytest.mark.parametrize("plant_name", ["gen1_hybrid"])
async def test_entity_ids_are_made_of_german_names(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    assert entity_of(hass, loaded, "sensor.battery_soc") == (
        "sensor.givenergy_wechselrichter_ladezustand"
    )


@pytest.mark.parametrize("plant_name", sorted(PROFILES))
async def test_no_name_of_a_system_is_english(
    hass: HomeAssistant, all_enabled: None, loaded: GivEnergyConfigEntry
) -> None:
    english = {words for _, words in leaves(ENGLISH["entity"])}
    german = {words for _, words in leaves(GERMAN["entity"])}
    for entry in er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id):
        assert entry.original_name not in english - german, entry.entity_id
    models = set(ENGLISH["selector"]["model"]["options"].values())
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id):
        assert device.model not in models - set(GERMAN["selector"]["model"]["options"].values())


async def test_states_are_german(hass: HomeAssistant, loaded: GivEnergyConfigEntry) -> None:
    """A state is a key, which the frontend translates."""
    await use(hass, loaded, "select.operating_mode", option="timed_export")
    mode = state_of(hass, loaded, "select.operating_mode")
    key = f"select.operating_mode.state.{mode}"
    assert await text(hass, "entity", key) == "Einspeisung nach Zeitplan"


async def test_faults_are_german(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER][IR(57)] = 0b11
    await poll(hass, loaded)
    messages = ["BMS: Untertemperatur beim Laden", "BMS: Untertemperatur beim Entladen"]
    sensor = hass.states.get(entity_of(hass, loaded, "sensor.charger_warning_messages"))
    problem = hass.states.get(entity_of(hass, loaded, "binary_sensor.problem"))
    event = hass.states.get(entity_of(hass, loaded, "event.fault"))
    assert sensor is not None
    assert sensor.state == ", ".join(messages)
    assert sensor.attributes["messages"] == messages
    assert problem is not None
    assert problem.attributes["messages"] == messages
    assert event is not None
    assert event.attributes["message"] in messages
    assert event.attributes["fault"] in {
        "bms_under_temperature_charge",
        "bms_under_temperature_discharge",
    }


async def test_a_changed_setting_has_its_german_name(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER][HR(116)] = 60
    await loaded.runtime_data.client.load_config()
    await poll(hass, loaded)
    event = hass.states.get(entity_of(hass, loaded, "event.setting"))
    assert event is not None
    assert event.attributes["name"] == "Ladeziel"
    assert event.attributes["setting"] == "charge_target_soc"


async def test_an_error_of_an_action_is_german(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client(hass)
    slot = {"kind": "charge", "index": 9}
    await client.send_json_auto_id(
        {"type": "call_service", "domain": DOMAIN, "service": "clear_slot", "service_data": slot}
    )
    error = (await client.receive_json())["error"]
    key = f"{error['translation_key']}.message"
    shown = await text(hass, "exceptions", key, error["translation_placeholders"])
    assert shown == "Ladefenster 9 gibt es nicht; diese Anlage hat 2."


async def test_issues_are_german(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    loaded.runtime_data.store.memory.schedules_lost = ["charge"]
    await poll(hass, loaded)
    (issue,) = (
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "schedule_taken_over"
    )
    placeholders = issue.translation_placeholders
    title = await text(hass, "issues", "schedule_taken_over.title", placeholders)
    assert title.endswith(": Ein Zeitplan wurde aufgegeben")
    assert placeholders is not None
    assert placeholders["kind"] == "Ladefenster"


async def test_the_dashboard_is_german(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "givenergy/dashboard", "language": "de"})
    built = (await client.receive_json())["result"]
    assert [view["title"] for view in built["views"]] == [
        "Jetzt",
        "Batterie",
        "Steuerung",
        "Verlauf",
        "Diagnose",
    ]
    english = {words for _, words in leaves(ENGLISH)} - {words for _, words in leaves(GERMAN)}
    shown = set(re.findall(r'"(?:title|heading|name)": "(.*?)"', json.dumps(built)))
    assert len(shown) > 20
    assert shown & english == set()


async def test_predbat_is_explained_in_german(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER][HR(31)] = 1300
    simulator.registers[INVERTER][HR(32)] = 1500
    await loaded.runtime_data.client.load_config()
    answer = await use(hass, loaded, "action.get_predbat_config")
    assert answer is not None
    assert any("Ladefenster 2 ist gesetzt (13:00-15:00)" in note for note in answer["notes"])  # type: ignore[union-attr,operator]


@pytest.mark.parametrize("plant_name", sorted(PROFILES))
async def test_every_attribute_has_a_name(
    hass: HomeAssistant, all_enabled: None, loaded: GivEnergyConfigEntry
) -> None:
    """Attributes of the integration's own are shown too; Home Assistant's have names already."""
    for entry in er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id):
        state = hass.states.get(entry.entity_id)
        assert state is not None
        own = state.attributes.keys() - set(EntityStateAttribute) - OF_PLATFORMS
        words = ENGLISH["entity"][entry.domain][entry.translation_key]
        assert own <= words.get("state_attributes", {}).keys(), entry.entity_id


def test_every_attribute_of_an_override_event_has_words() -> None:
    words = ENGLISH["entity"]["event"]["override"]["state_attributes"]
    assert words["reason"]["state"].keys() == {reason.value for reason in EndReason}
