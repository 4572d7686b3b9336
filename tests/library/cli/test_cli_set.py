"""The command set."""

import json
import re
import time

import pytest
from givenergy_modbus.cli.arguments import parse, placeholder
from givenergy_modbus.cli.setting import COMMANDS
from givenergy_modbus.client import commands
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.enums import BatteryPauseMode, ExportPriority
from givenergy_modbus.model.register import HR
from givenergy_modbus.simulator import Fault

from tests.library.cli.command_line import Cli, run


async def test_set_writes_reads_back_and_does_not_repeat_itself(hybrid: Cli) -> None:
    shown = await hybrid("set", "charge-slot", 1, "01:30-04:00")
    assert shown.exit_code == 0, shown.stderr
    assert re.search(r"HR\(94\) +│ charge_slot_1 +│ 130 +│ written", shown.stdout)
    assert hybrid.sim.writes == [(0x11, 94, 130), (0x11, 95, 400)]
    again = await hybrid("set", "set_charge_slot", 1, "01:30-04:00", "--json")
    assert [row["outcome"] for row in json.loads(again.stdout)["registers"]] == ["unchanged"] * 2
    assert len(hybrid.sim.writes) == 2
    await hybrid("set", "set_charge_slot", 1, "01:30-04:00", "--always")
    assert len(hybrid.sim.writes) == 4


async def test_set_only_shows_what_it_would_do(hybrid: Cli) -> None:
    shown = await hybrid("set", "mode_dynamic", "--dry-run", "--json")
    assert shown.exit_code == 0, shown.stderr
    rows = json.loads(shown.stdout)["registers"]
    assert [(row["register"], row["value"]) for row in rows] == [(27, 1), (110, 4), (59, 0)]
    assert hybrid.sim.writes == []


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["nonsense"], 2, "unknown command 'nonsense'"),
        (["enable_charge"], 2, "usage: set enable_charge on|off"),
        (["enable_charge", "on", "off"], 2, "usage: set enable_charge on|off"),
        (["enable_charge", "maybe"], 2, "enabled: 'maybe' is not on or off"),
        (["battery_soc_reserve", "half"], 2, "val: 'half' is not a whole number"),
        (["battery_soc_reserve", "101"], 2, "battery_soc_reserve must be 4 to 100"),
        (["charge_slot", "3", "01:00-02:00"], 2, "there is no charge slot 3"),
        (["charge_slot", "1", "25:00-02:00"], 2, "is not HH:MM-HH:MM or none"),
        (["battery_pause_mode", "pause_both"], 1, "cannot be written on Hybrid Gen 1"),
        (["force_charge", "on"], 1, "set_force_charge is not supported by this system"),
    ],
)
async def test_set_says_in_a_line_what_is_wrong(
    hybrid: Cli, words: list[str], code: int, error: str
) -> None:
    shown = await hybrid("set", *words)
    assert shown.exit_code == code, shown.stderr
    assert error in shown.stderr
    assert shown.stderr.startswith("error: ")
    assert shown.stderr.count("\n") == 1
    assert hybrid.sim.writes == []


async def test_set_tells_of_a_refusal_and_of_what_was_done_before(hybrid: Cli) -> None:
    hybrid.sim.inject(Fault.WRITE_REFUSED, start=HR(95))
    shown = await hybrid("set", "charge_slot", 1, "02:00-03:00")
    assert shown.exit_code == 1
    assert re.search(r"HR\(94\).*written", shown.stdout)
    assert re.search(r"HR\(95\).*refused", shown.stdout)
    assert shown.stderr.startswith("error: ")


async def test_set_tells_of_a_setting_that_was_not_taken(hybrid: Cli) -> None:
    hybrid.sim.inject(Fault.WRITE_IGNORED)
    shown = await hybrid("set", "battery_soc_reserve", 20)
    assert shown.exit_code == 1
    assert re.search(r"HR\(110\).*reported as 4", shown.stdout)


@pytest.mark.parametrize("plant", ["ems"], indirect=True)
async def test_set_talks_to_a_plant_controller(plant: Cli) -> None:
    shown = await plant("set", "ems_charge_slot", 1, "01:00-05:00")
    assert shown.exit_code == 0, shown.stderr
    assert [write[2] for write in plant.sim.writes] == [100, 500]


@pytest.mark.parametrize("plant", ["ac_coupled"], indirect=True)
async def test_set_knows_what_only_some_inverters_take(plant: Cli) -> None:
    shown = await plant("set", "battery_pause_mode", "pause_charge")
    assert shown.exit_code == 0, shown.stderr
    assert plant.sim.writes == [(0x11, 318, 1)]


@pytest.mark.parametrize("plant", ["three_phase_hv"], indirect=True)
async def test_set_writes_where_this_inverter_keeps_a_setting(plant: Cli) -> None:
    shown = await plant("set", "battery_soc_reserve", 30)
    assert shown.exit_code == 0, shown.stderr
    assert plant.sim.writes == [(0x11, 1109, 30)]


def test_set_offers_every_command_but_former_names() -> None:
    functions = {
        name
        for name in commands.__all__
        if not hasattr(getattr(commands, name), "__deprecated__") and not name.endswith("_3ph")
    }
    assert functions == set(COMMANDS)
    shown = run("set", "--list")
    assert shown.exit_code == 0
    for name in COMMANDS:
        assert name.removeprefix("set_") in shown.stdout


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("on", "set_enable_charge", True),
        ("0", "set_enable_charge", False),
        ("80", "set_charge_target_soc", 80),
        ("pause-charge", "set_battery_pause_mode", BatteryPauseMode.PAUSE_CHARGE),
        ("2", "set_battery_pause_mode", 2),
        ("GRID_FIRST", "set_export_priority", ExportPriority.GRID_FIRST),
        ("none", "set_pause_slot", None),
        ("0030-0430", "set_pause_slot", TimeSlot.from_components(0, 30, 4, 30)),
        ("7:05-23:59", "set_pause_slot", TimeSlot.from_components(7, 5, 23, 59)),
    ],
)
def test_what_is_typed_becomes_what_a_command_takes(text: str, name: str, value: object) -> None:
    annotation = COMMANDS[name].parameters[-1].annotation
    assert parse(text, annotation) == value
    assert type(parse(text, annotation)) is type(value)


def test_every_argument_says_how_it_is_typed() -> None:
    for command in COMMANDS.values():
        for parameter in command.parameters:
            assert placeholder(parameter.annotation)
    clock = COMMANDS["set_system_date_time"].parameters[0].annotation
    assert parse("2026-06-18T13:30", clock).hour == 13
    assert abs(parse("now", clock).timestamp() - time.time()) < 5
