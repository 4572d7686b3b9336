"""Messages name a setting as its entity does."""

import json
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant

from custom_components.givenergy.givenergy_modbus.model import TimeSlot
from custom_components.givenergy.givenergy_modbus.model.devices.ems import Ems
from custom_components.givenergy.givenergy_modbus.model.enums import BatteryPauseMode
from custom_components.givenergy.givenergy_modbus.model.inverter import SinglePhaseInverter
from custom_components.givenergy.givenergy_modbus.model.inverter_threephase import (
    ThreePhaseInverter,
)
from custom_components.givenergy.givenergy_modbus.model.register_model import RegisterModel
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.setting_names import SettingNames

ENGLISH = json.loads(
    (Path(__file__).parents[2] / "custom_components/givenergy/translations/en.json").read_text()
)


def words() -> set[str]:
    """Return every name an entity or a kind of slot has on the screen, numbers filled in."""
    names = {text["name"] for platform in ENGLISH["entity"].values() for text in platform.values()}
    kinds = ENGLISH["selector"]["slot_kind"]["options"].values()
    numbered = {name.format(number=number) for name in names if "{number}" in name
                for number in range(1, 11)}  # fmt: skip
    return (
        names
        | numbered
        | set(kinds)
        | {f"{kind} {number}" for kind in kinds for number in range(1, 11)}
    )


@pytest.mark.parametrize("device", [SinglePhaseInverter, ThreePhaseInverter, Ems])
async def test_every_setting_has_the_name_of_its_entity(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, device: type[RegisterModel]
) -> None:
    names = SettingNames(hass, device)
    known = words()
    settings = [
        field
        for field in device.register_fields.values()
        if field.writable is not None and not field.name.startswith("smart_load_slot_")
    ]
    assert len(settings) >= 20
    assert {names.name(field.name) for field in settings} <= known
    for field in settings:
        found = names.names_at(register.address for register in field.registers)
        assert names.name(field.name) in found


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("charge_target_soc", "Charge target"),
        ("charge_slot_1", "Charge slot 1"),
        ("charge_target_soc_3", "Charge slot 3 target"),
        ("battery_pause_slot_1", "Battery pause slot"),
        ("inverter_reboot", "Restart inverter"),
        ("no_such_setting", "No such setting"),
    ],
)
async def test_settings_are_named(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, setting: str, name: str
) -> None:
    assert SettingNames(hass, SinglePhaseInverter).name(setting) == name


async def test_values_are_shown_as_their_entities_show_them(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    names, fields = SettingNames(hass, SinglePhaseInverter), SinglePhaseInverter.register_fields
    pause = fields["battery_pause_mode"]
    assert names.value(pause, BatteryPauseMode.PAUSE_BOTH) == "Both paused"
    assert names.value(fields["enable_charge"], True) == "On"
    slot = TimeSlot.from_components(2, 0, 6, 30)
    assert names.value(fields["charge_slot_1"], slot) == "02:00-06:30"
    assert names.value(fields["charge_target_soc"], 80) == "80"


async def test_only_a_range_has_limits(hass: HomeAssistant, loaded: GivEnergyConfigEntry) -> None:
    names = SettingNames(hass, SinglePhaseInverter)
    assert names.limits("battery_soc_reserve") == (4, 100)
    assert names.limits("enable_charge") is None
    assert names.limits("no_such_setting") is None
