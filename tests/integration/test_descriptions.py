"""Every row of every platform: named, pictured, and in units that fit together."""

import json
import re
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import hass_frontend
import pytest
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.number.const import DEVICE_CLASS_UNITS as NUMBER_UNITS
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.components.sensor.const import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS,
)

from custom_components.givenergy.givenergy_modbus.model.models import Model
from custom_components.givenergy.number import GivEnergyNumberDescription
from custom_components.givenergy.sensor.aggregate import AGGREGATES
from custom_components.givenergy.sensor.description import joined

from .entity_tables import TABLES, plant_devices, plants, rows_of, rows_on, translation_keys
from .test_data_files import ENGLISH, ICONS, INTEGRATION, PLACEHOLDER

ICON_NAMES = {
    f"mdi:{icon['name']}"
    for icon in json.loads(
        (Path(hass_frontend.__path__[0]) / "static/mdi/iconList.json").read_text()
    )
}
ALL_WORDS = {
    path.stem: json.loads(path.read_text())
    for path in (INTEGRATION / "translations").glob("*.json")
}
"""The texts of every language."""
PICTURED_BY_CLASS = {"enum", None}
"""Device classes without a telling icon of their own."""


def sensors() -> list[SensorEntityDescription]:
    """Return every sensor row."""
    return [row for _, row in rows_on("sensor") if isinstance(row, SensorEntityDescription)]


@pytest.mark.parametrize("platform", TABLES)
def test_every_key_has_words_and_all_words_are_used(platform: str) -> None:
    assert ENGLISH["entity"][platform].keys() == translation_keys(platform)


@pytest.mark.parametrize("platform", TABLES)
def test_names_have_the_placeholders_that_rows_fill(platform: str) -> None:
    for _, row in rows_on(platform):
        name = ENGLISH["entity"][platform][row.translation_key]["name"]
        given = set(row.translation_placeholders or {})
        assert set(PLACEHOLDER.findall(name)) <= given, row.key


@pytest.mark.parametrize("platform", TABLES)
def test_no_two_entities_of_a_device_share_a_key_or_a_name(platform: str) -> None:
    for capabilities in plants():
        for part in plant_devices(capabilities):
            there = rows_of(platform, part, capabilities)
            assert max(Counter(row.key for row in there).values(), default=1) == 1
            named = [
                (str(row.translation_key), dict(row.translation_placeholders or {}))
                for row in there
            ]
            if platform == "sensor" and part.parent is None and part.kind == "inverter":
                named += [(aggregate.key, {}) for aggregate in AGGREGATES]
            for language, words in ALL_WORDS.items():
                names = [
                    words["entity"][platform][key]["name"].format(**placeholders)
                    for key, placeholders in named
                ]
                twice = [name for name, count in Counter(names).items() if count > 1]
                assert not twice, (language, capabilities.device_type, part.kind)


def test_choices_have_words_for_every_option() -> None:
    for platform in ("sensor", "select"):
        for _, row in rows_on(platform):
            options = _options(row)
            if options is not None and row.key != "predbat_pause":
                states = ENGLISH["entity"][platform][row.translation_key]["state"]
                assert set(options) == states.keys(), row.key


def _options(row: Any) -> list[str] | None:
    if isinstance(row, SelectEntityDescription):
        return list(row.choices)  # type: ignore[attr-defined]
    options: list[str] | None = row.options
    return options


def test_events_have_words_for_every_type() -> None:
    for _, row in rows_on("event"):
        assert isinstance(row, EventEntityDescription)
        words = ENGLISH["entity"]["event"][row.translation_key]["state_attributes"]
        assert set(row.event_types or ()) == words["event_type"]["state"].keys()


# Icons


@pytest.mark.parametrize("platform", TABLES)
def test_what_has_no_picture_by_its_class_has_an_icon(platform: str) -> None:
    bare = {
        str(row.translation_key)
        for _, row in rows_on(platform)
        if row.device_class in PICTURED_BY_CLASS
    }
    assert ICONS["entity"][platform].keys() == bare


def test_icons_exist_and_states_differ_from_the_default() -> None:
    for platform, entities in ICONS["entity"].items():
        for key, icons in entities.items():
            assert icons.keys() <= {"default", "state", "range"}, key
            assert icons["default"] in ICON_NAMES, key
            for state, icon in icons.get("state", {}).items():
                assert icon in ICON_NAMES, key
                assert icon != icons["default"], (platform, key, state)
    for icons in ICONS["services"].values():
        assert icons.keys() == {"service"}
        assert icons["service"] in ICON_NAMES


def test_icon_states_are_states() -> None:
    for platform, entities in ICONS["entity"].items():
        for key, icons in entities.items():
            states = icons.get("state", {}).keys() - {"on", "off"}
            assert states <= ENGLISH["entity"][platform][key].get("state", {}).keys(), key


# Units and classes


def test_sensor_units_suit_their_classes() -> None:
    for row in sensors():
        if row.device_class is not None and row.device_class in DEVICE_CLASS_UNITS:
            units = DEVICE_CLASS_UNITS[row.device_class]
            assert row.native_unit_of_measurement in units, row.key
            if row.suggested_unit_of_measurement is not None:
                assert row.suggested_unit_of_measurement in units, row.key
        elif row.device_class is not None:
            assert row.native_unit_of_measurement is None, row.key


def test_sensor_state_classes_suit_their_classes() -> None:
    for row in sensors():
        if row.device_class is None or row.state_class is None:
            continue
        assert row.state_class in DEVICE_CLASS_STATE_CLASSES[row.device_class], row.key


def test_choices_and_times_are_not_counted() -> None:
    for row in sensors():
        if row.device_class in (SensorDeviceClass.ENUM, SensorDeviceClass.TIMESTAMP):
            assert row.state_class is None, row.key
            assert row.native_unit_of_measurement is None, row.key
        assert (row.options is not None) is (row.device_class == SensorDeviceClass.ENUM), row.key


def test_energy_sensors_suit_the_energy_dashboard() -> None:
    for row in sensors():
        if row.device_class == SensorDeviceClass.ENERGY:
            assert row.state_class == "total_increasing", row.key
            assert row.native_unit_of_measurement == "kWh", row.key


def test_numbers_with_a_unit_say_how_many_decimals_to_show() -> None:
    for row in sensors():
        if row.native_unit_of_measurement is not None:
            assert row.suggested_display_precision is not None, row.key


def test_number_units_suit_their_classes() -> None:
    for _, row in rows_on("number"):
        assert isinstance(row, GivEnergyNumberDescription)
        if row.device_class is not None:
            assert row.native_unit_of_measurement in NUMBER_UNITS[row.device_class], row.key
        (low, high), (lowest, highest) = row.usual, row.accepted
        assert lowest <= low < high <= highest, row.key


# What is there


@pytest.mark.parametrize("platform", TABLES)
def test_every_described_entity_exists_on_some_product(platform: str) -> None:
    """A row that no product has is a slip."""
    described = {
        (part.kind, row.key)
        for capabilities in plants()
        for part in plant_devices(capabilities)
        for table in TABLES[platform]
        for row in table(part, capabilities)
    }
    there = {(part.kind, row.key) for part, row in rows_on(platform)}
    assert described - there <= UNPOLLED


UNPOLLED = {
    ("inverter", "peak_shaving_enabled"),
    ("inverter", "peak_shaving_export_limit_enabled"),
    ("inverter", "peak_shaving_import_limit_enabled"),
}
"""Flags that have a name and lie in no block that anything is read for."""


def test_cells_and_phases_start_disabled() -> None:
    noisy = re.compile(r"[vt]_cell_\d\d|t_cells_.*|.*_ac[123]|.*_phase_[23]")
    shown = {"v_ac1", "f_ac1", "p_ac1"}
    for _, row in rows_on("sensor"):
        if noisy.fullmatch(row.key) and row.key not in shown:
            assert not row.entity_registry_enabled_default, row.key


def test_there_is_neither_too_little_nor_too_much_to_see_at_first() -> None:
    """What a person sees of a device before touching anything."""
    limits = {"inverter": (35, 65), "lv_battery": (8, 14), "hv_module": (4, 8), "meter": (4, 8)}
    for (model, kind), there in groupby(_shown_sensors(), key=lambda value: value[:2]):
        low, high = limits.get(kind, (1, 65))
        assert low <= len(list(there)) <= high, (model, kind)


def _shown_sensors() -> list[tuple[Model | None, str, str]]:
    return [
        (capabilities.device_type, part.kind, row.key)
        for capabilities in plants()
        for part in plant_devices(capabilities)
        for row in rows_of("sensor", part, capabilities)
        if row.entity_registry_enabled_default and not row.disabled_for & capabilities.traits
    ]


def test_every_product_has_what_the_energy_dashboard_asks_for() -> None:
    """Battery energy both ways, counted or estimated."""
    for capabilities in plants():
        root = next(part for part in plant_devices(capabilities) if part.parent is None)
        keys = {row.key for row in rows_of("sensor", root, capabilities)}
        for way in ("charge", "discharge"):
            names = (f"e_battery_{way}_{kind}" for kind in ("today", "total", "estimated"))
            assert keys & set(names), (capabilities.device_type, way)


# Texts


def test_messages_become_one_state_that_fits() -> None:
    assert joined(None) is None
    assert joined(()) == "none"
    assert joined(("Grid voltage fault", "Relay fault")) == "Grid voltage fault, Relay fault"
    long = joined([f"Something is wrong with part {number}" for number in range(30)])
    assert long is not None
    assert len(long) == 255
    assert long.endswith("…")
