"""The writes of each command, on each device that takes it."""

import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import inf, nan
from typing import Any

import pytest
from givenergy_modbus.client import commands, deprecated_commands
from givenergy_modbus.exceptions import InvalidSetting, PlantNotDetected
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.enums import BatteryPauseMode, ExportPriority
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import THREE_PHASE_SLOTS, ThreePhaseInverter

from tests.library.devices import EMS, HYBRID, NIGHT, THREE_PHASE, Writes, numbered, writes

# fmt: off
SETTINGS: tuple[tuple[str, tuple[Any, ...], Writes, Writes], ...] = (
    # command, arguments, what a single-phase inverter is written, what a three-phase one is
    (
        "set_charge_target_enabled", (80,),
        [(96, 1), (20, 1), (116, 80)], [(1112, 1), (20, 1), (1111, 80)],
    ),
    (
        "set_charge_target_enabled", (100,),
        [(96, 1), (20, 0), (116, 100)], [(1112, 1), (20, 0), (1111, 100)],
    ),
    (
        "set_charge_target_enabled", (100.0,),
        [(96, 1), (20, 0), (116, 100)], [(1112, 1), (20, 0), (1111, 100)],
    ),
    ("set_charge_target_soc", (4,), [(116, 4)], [(1111, 4)]),
    ("set_enable_charge_target", (True,), [(20, 1)], [(20, 1)]),
    ("disable_charge_target", (), [(20, 0), (116, 100)], [(20, 0), (1111, 100)]),
    ("set_enable_charge", (True,), [(96, 1)], [(1112, 1)]),
    ("set_enable_charge", (False,), [(96, 0)], [(1112, 0)]),
    ("set_battery_charge_limit", (0,), [(111, 0)], [(111, 0)]),
    ("set_battery_charge_limit", (50.0,), [(111, 50)], [(111, 50)]),
    ("set_enable_discharge", (False,), [(59, 0)], [(59, 0)]),
    ("set_battery_discharge_limit", (100,), [(112, 100)], [(112, 100)]),
    ("set_battery_soc_reserve", (20,), [(110, 20)], [(1109, 20)]),
    ("set_battery_power_reserve", (4,), [(114, 4)], [(114, 4)]),
    ("set_mode_dynamic", (), [(27, 1), (110, 4), (59, 0)], [(27, 1), (1109, 4), (59, 0)]),
    ("set_discharge_mode_max_power", (), [(27, 0)], [(27, 0)]),
    ("set_discharge_mode_to_match_demand", (), [(27, 1)], [(27, 1)]),
    ("set_export_priority", (ExportPriority.GRID_FIRST,), [(311, 2)], [(311, 2)]),
    ("set_export_priority", (1,), [(311, 1)], [(311, 1)]),
    ("set_enable_eps", (True,), [(317, 1)], [(317, 1)]),
    ("set_calibrate_battery_soc", (), [(29, 1)], [(29, 1)]),
    ("set_calibrate_battery_soc", (3,), [(29, 3)], [(29, 3)]),
    ("set_active_power_rate", (0,), [(50, 0)], [(50, 0)]),
    ("set_enable_rtc", (True,), [(166, 1)], [(166, 1)]),
    ("set_inverter_reboot", (), [(163, 100)], [(163, 100)]),
    (
        "set_system_date_time", (datetime(2024, 2, 29, 23, 59, 58, 999999, tzinfo=UTC),),
        [(35, 24), (36, 2), (37, 29), (38, 23), (39, 59), (40, 58)],
        [(35, 24), (36, 2), (37, 29), (38, 23), (39, 59), (40, 58)],
    ),
)
# fmt: on


@pytest.mark.parametrize(("name", "arguments", "single", "three"), SETTINGS, ids=numbered(SETTINGS))
def test_settings(name: str, arguments: tuple[Any, ...], single: Writes, three: Writes) -> None:
    """A command writes a setting where the device it is called on keeps it."""
    assert writes(getattr(HYBRID, name)(*arguments)) == single
    assert writes(getattr(SinglePhaseInverter, name)(*arguments)) == single
    assert writes(getattr(commands, name)(*arguments)) == single
    assert writes(getattr(THREE_PHASE, name)(*arguments)) == three


# fmt: off
FUNCTIONS: tuple[tuple[Any, tuple[Any, ...], Writes], ...] = (
    (commands.set_battery_charge_limit_ac, (1,), [(313, 1)]),
    (commands.set_battery_discharge_limit_ac, (100,), [(314, 100)]),
    (commands.set_battery_pause_mode, (BatteryPauseMode.PAUSE_BOTH,), [(318, 3)]),
    (commands.set_battery_pause_mode, (0,), [(318, 0)]),
    (commands.set_pause_slot, (NIGHT,), [(319, 2330), (320, 530)]),
    (commands.set_pause_slot, (None,), [(319, 0), (320, 0)]),
    (commands.set_pause_slot_start, (time(1, 2, 3),), [(319, 102)]),
    (commands.set_pause_slot_end, (None,), [(320, 0)]),
    (commands.set_ac_charge, (True,), [(1112, 1)]),
    (commands.set_force_charge, (True,), [(1123, 1)]),
    (commands.set_force_discharge, (False,), [(1122, 0)]),
    (commands.set_battery_reserve_soc, (4,), [(1078, 4)]),
    (commands.set_battery_soc_reserve_3ph, (5,), [(1109, 5)]),
    (commands.set_charge_target_enabled_3ph, (80,), [(1112, 1), (20, 1), (1111, 80)]),
    (commands.set_charge_target_soc_3ph, (80,), [(1111, 80)]),
    (commands.disable_charge_target_3ph, (), [(20, 0), (1111, 100)]),
    (commands.set_smart_load_slot, (1, NIGHT), [(554, 2330), (555, 530)]),
    (commands.set_smart_load_slot, (10, None), [(572, 0), (573, 0)]),
    (commands.set_smart_load_slot_start, (2, time(1)), [(556, 100)]),
    (commands.set_smart_load_slot_end, (2, time(1)), [(557, 100)]),
    (commands.set_mode_storage, (), [(27, 1), (59, 1), (56, 1600), (57, 700), (44, 0), (45, 0)]),
    (
        commands.set_mode_storage, (NIGHT, NIGHT, True),
        [(27, 0), (59, 1), (56, 2330), (57, 530), (44, 2330), (45, 530)],
    ),
    (
        commands.set_mode_storage, (None, None, False, THREE_PHASE_SLOTS),
        [(27, 1), (59, 1), (1118, 0), (1119, 0), (1120, 0), (1121, 0)],
    ),
    (
        HYBRID.set_mode_storage, (NIGHT,),
        [(27, 1), (59, 1), (56, 2330), (57, 530), (44, 0), (45, 0)],
    ),
    (
        THREE_PHASE.set_mode_storage, (NIGHT, None, True),
        [(27, 0), (59, 1), (1118, 2330), (1119, 530), (1120, 0), (1121, 0)],
    ),
)
# fmt: on


@pytest.mark.parametrize(("command", "arguments", "expected"), FUNCTIONS, ids=numbered(FUNCTIONS))
def test_functions(
    command: Callable[..., Any], arguments: tuple[Any, ...], expected: Writes
) -> None:
    """Commands of few devices, and modes that set several things at once."""
    assert writes(command(*arguments)) == expected


def test_ems() -> None:
    """A plant controller's other commands."""
    assert writes(EMS.set_ems_plant(True)) == [(2040, 1)]
    assert writes(EMS.set_ems_export_power_limit(65535)) == [(2071, 65535)]
    assert writes(EMS.set_export_slot(2, NIGHT)) == [(2065, 2330), (2066, 530)]
    assert writes(EMS.set_export_slot_start(2, time(1))) == [(2065, 100)]
    assert writes(EMS.set_export_slot_end(2, None)) == [(2066, 0)]


# fmt: off
PERCENTAGES: tuple[tuple[Any, int], ...] = (
    (commands.set_charge_target_enabled, 4),
    (commands.set_charge_target_soc, 4),
    (commands.set_battery_charge_limit, 0),
    (commands.set_battery_discharge_limit, 0),
    (commands.set_battery_soc_reserve, 4),
    (commands.set_battery_power_reserve, 4),
    (commands.set_active_power_rate, 0),
    (commands.set_battery_charge_limit_ac, 1),
    (commands.set_battery_discharge_limit_ac, 1),
    (commands.set_battery_reserve_soc, 4),
    (commands.set_battery_soc_reserve_3ph, 4),
    (commands.set_charge_target_enabled_3ph, 4),
    (commands.set_charge_target_soc_3ph, 4),
    (lambda soc: commands.set_ems_charge_target_soc(1, soc), 0),
    (lambda soc: commands.set_ems_discharge_target_soc(2, soc), 0),
    (lambda soc: commands.set_ems_export_target_soc(3, soc), 0),
)
# fmt: on


@pytest.mark.parametrize(("command", "lowest"), PERCENTAGES, ids=numbered(PERCENTAGES))
def test_percentages(command: Callable[[Any], Any], lowest: int) -> None:
    """A percentage is a whole number within the bounds of its setting."""
    assert command(lowest)[-1].value == lowest
    assert command(100.0)[-1].value == 100
    for value in (lowest - 1, 101, 50.5, "80", None, True, nan, inf, -inf, Decimal(50)):
        with pytest.raises(InvalidSetting, match=f"must be {lowest} to 100, not"):
            command(value)


SWITCHES: tuple[Callable[[Any], Any], ...] = (
    commands.set_enable_charge,
    commands.set_enable_charge_target,
    commands.set_enable_discharge,
    commands.set_enable_eps,
    commands.set_enable_rtc,
    commands.set_ac_charge,
    commands.set_force_charge,
    commands.set_force_discharge,
    commands.set_ems_plant,
    lambda enabled: commands.set_mode_storage(discharge_for_export=enabled),
)


@pytest.mark.parametrize("command", SWITCHES, ids=numbered(SWITCHES))
@pytest.mark.parametrize("value", [0, 1, 1.0, "off", "on", "", None, [], nan])
def test_switches(command: Callable[[Any], Any], value: Any) -> None:
    """On or off is True or False, not what happens to look like it."""
    with pytest.raises(InvalidSetting):
        command(value)


CHOICES: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (commands.set_export_priority, (-1, 3, 0.5, True, "2", None, nan, inf)),
    (commands.set_battery_pause_mode, (-1, 4, 99, 65536, 1.0, True, "PAUSE_CHARGE", None)),
    (commands.set_calibrate_battery_soc, (-1, 2, 4, 7, 1.0, True, "1", None)),
    (commands.set_ems_export_power_limit, (-1, 65536, 0.5, True, "1", None, inf)),
    (commands.set_system_date_time, (datetime(1999, 12, 31, tzinfo=UTC), "now", 0, None)),
    (commands.set_system_date_time, (date(2024, 1, 1), time(1))),
)


@pytest.mark.parametrize(("command", "values"), CHOICES, ids=numbered(CHOICES))
def test_choices(command: Callable[[Any], Any], values: tuple[Any, ...]) -> None:
    """A command for one of a few values takes no other."""
    for value in values:
        with pytest.raises(InvalidSetting):
            command(value)


def test_surfaces() -> None:
    """A device has the commands it takes, and no others."""
    for name in ("set_ac_charge", "set_force_charge", "set_battery_reserve_soc"):
        assert hasattr(THREE_PHASE, name)
        assert not hasattr(HYBRID, name)
    for name in ("set_battery_charge_limit_ac", "set_battery_pause_mode", "set_pause_slot"):
        assert not hasattr(HYBRID, name)
        assert not hasattr(THREE_PHASE, name)
    ems = {name for name in dir(EMS) if name.startswith(("set_", "reset_"))} - {"setting_aliases"}
    assert len(ems) == 17
    assert not any(hasattr(HYBRID, name) for name in ems)


def test_facade_is_complete() -> None:
    """Every command of a device is in the module of commands too."""
    for device in (SinglePhaseInverter, ThreePhaseInverter, Ems):
        names = {
            name
            for name in dir(device)
            if name.startswith(("set_", "reset_", "disable_")) and name != "setting_aliases"
        }
        assert names <= set(commands.__all__)


def test_facade_is_the_same() -> None:
    """The module of commands carries the devices' own functions."""
    assert commands.set_mode_dynamic == SinglePhaseInverter.set_mode_dynamic
    assert commands.set_force_charge == ThreePhaseInverter.set_force_charge
    assert commands.set_ems_plant == Ems.set_ems_plant


# fmt: off
RENAMED: tuple[tuple[Any, tuple[Any, ...], Writes], ...] = (
    (commands.set_shallow_charge, (4,), [(110, 4)]),
    (commands.set_charge_target, (45,), [(96, 1), (20, 1), (116, 45)]),
    (HYBRID.set_charge_target, (45,), [(96, 1), (20, 1), (116, 45)]),
    (THREE_PHASE.set_charge_target, (45,), [(1112, 1), (20, 1), (1111, 45)]),
    (commands.set_charge_target_3ph, (45,), [(1112, 1), (20, 1), (1111, 45)]),
    (commands.enable_charge, (), [(96, 1)]),
    (commands.disable_charge, (), [(96, 0)]),
    (commands.enable_discharge, (), [(59, 1)]),
    (commands.disable_discharge, (), [(59, 0)]),
    (commands.set_charge_slot_1, (NIGHT,), [(94, 2330), (95, 530)]),
    (commands.set_charge_slot_2, (NIGHT,), [(31, 2330), (32, 530)]),
    (commands.set_discharge_slot_1, (NIGHT,), [(56, 2330), (57, 530)]),
    (commands.set_discharge_slot_2, (NIGHT, THREE_PHASE_SLOTS), [(1120, 2330), (1121, 530)]),
    (commands.reset_charge_slot_1, (), [(94, 0), (95, 0)]),
    (commands.reset_charge_slot_2, (), [(31, 0), (32, 0)]),
    (commands.reset_discharge_slot_1, (), [(56, 0), (57, 0)]),
    (commands.reset_discharge_slot_2, (), [(44, 0), (45, 0)]),
)
# fmt: on


@pytest.mark.parametrize(("command", "arguments", "expected"), RENAMED, ids=numbered(RENAMED))
def test_renamed(command: Callable[..., Any], arguments: tuple[Any, ...], expected: Writes) -> None:
    """A command's former name warns, and works."""
    with pytest.deprecated_call():
        assert writes(command(*arguments)) == expected


def test_refresh_plant_data() -> None:
    """Polling is no command any more."""
    with pytest.deprecated_call(), pytest.raises(PlantNotDetected):
        commands.refresh_plant_data(complete=True)


def test_current_names_do_not_warn() -> None:
    """Only former names warn."""
    former = {name for name in dir(deprecated_commands) if not name.startswith("_")}
    with warnings.catch_warnings(action="error"):
        for name, arguments, _, _ in SETTINGS:
            assert name not in former
            getattr(commands, name)(*arguments)
