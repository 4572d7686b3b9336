"""Every command of the library beside the hand that sends it, and what that writes.

``python -m tests.integration.command_table`` writes it anew, at the end of the page on controls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import getattr_static
from pathlib import Path
from typing import Any, override

from custom_components.givenergy.givenergy_modbus.model.commands.field_commands import FieldCommand
from custom_components.givenergy.givenergy_modbus.model.inverter import SinglePhaseInverter

from .entities_page import ROOT, WORDS
from .entity_tables import rows_on

PAGE: Path = ROOT / "docs" / "controls.md"

PLANTS = {
    "gen1_hybrid": "single-phase",
    "gen3_hybrid": "with ten slots",
    "ac_coupled": "AC Coupled, All in One",
    "three_phase_hv": "three-phase",
    "ems": "EMS",
}
"""The simulated plants that stand for all plants of a kind."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One command on one kind of plant."""

    command: str
    plant: str
    hand: str
    """The platform and key of an entity, or ``action`` and a name."""
    using: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[int, int] = field(default_factory=dict)
    """Registers that must have another value before, so that the command writes."""
    writes: tuple[tuple[int, int | None], ...]
    """Registers and words in the order they go; None for a word that time decides."""
    reads: Mapping[str, Any] = field(default_factory=dict)
    """Values of the device afterwards, by attribute."""
    shows: str | None = None
    """What the entity then shows."""

    @property
    def called(self) -> str:
        """What the hand is called."""
        platform, _, key = self.hand.partition(".")
        if platform == "action":
            return f"`givenergy.{key}`"
        row = next(row for _, row in rows_on(platform) if row.key == key)
        name = WORDS["entity"][platform][row.translation_key]["name"]
        return f"{platform} *{name.format(**row.translation_placeholders or {})}*"

    @property
    def registers(self) -> str:
        """What is written, as one reads it."""
        return ", ".join(f"HR{register}" for register, _ in self.writes)

    @override
    def __str__(self) -> str:
        """Name the row in a test's report."""
        return f"{self.plant}-{self.command}-{self.hand}"


def _number(plant: str, command: str, key: str, value: int, register: int) -> Row:
    return Row(
        command=command,
        plant=plant,
        hand=f"number.{key}",
        using={"value": value},
        writes=((register, value),),
        reads={key: value},
        shows=str(value),
    )


def _switch(
    plant: str, command: str, key: str, on: bool, register: int, reads: str | None = None
) -> Row:
    return Row(
        command=command,
        plant=plant,
        hand=f"switch.{key}",
        using={"turn": "turn_on" if on else "turn_off"},
        writes=((register, int(on)),),
        reads={reads or key: on},
        shows="on" if on else "off",
    )


def _select(
    plant: str,
    command: str,
    key: str,
    option: str,
    *writes: tuple[int, int],
    given: Mapping[int, int] | None = None,
) -> Row:
    return Row(
        command=command,
        plant=plant,
        hand=f"select.{key}",
        using={"option": option},
        given=given or {},
        writes=writes,
        shows=option,
    )


def _end(plant: str, command: str, key: str, register: int, at: str = "05:15") -> Row:
    return Row(
        command=command,
        plant=plant,
        hand=f"time.{key}",
        using={"time": at},
        writes=((register, int(at.replace(":", ""))),),
        shows=f"{at}:00",
    )


def _button(
    plant: str,
    command: str,
    key: str,
    *writes: tuple[int, int | None],
    given: Mapping[int, int] | None = None,
) -> Row:
    return Row(command=command, plant=plant, hand=f"button.{key}", given=given or {}, writes=writes)


def _action(
    plant: str,
    command: str,
    name: str,
    using: Mapping[str, Any],
    *writes: tuple[int, int],
    given: Mapping[int, int] | None = None,
    **reads: Any,
) -> Row:
    return Row(
        command=command,
        plant=plant,
        hand=f"action.{name}",
        using=using,
        given=given or {},
        writes=writes,
        reads=reads,
    )


_WINDOW = {"start": "01:15", "end": "05:45"}
_CLOCK = tuple((register, None) for register in range(35, 41))


# fmt: off
def _single_phase() -> Iterator[Row]:
    plant = "gen1_hybrid"
    number, switch, select, end, button, action = (
        partial(make, plant) for make in (_number, _switch, _select, _end, _button, _action)
    )
    yield action(
        "disable_charge_target", "set_charge_target", {"enabled": False},
        (20, 0), (116, 100), charge_target_soc=100, enable_charge_target=False,
    )
    yield number("set_charge_target_soc", "charge_target_soc", 70, 116)
    yield switch("set_enable_charge_target", "enable_charge_target", False, 20)
    yield switch("set_enable_charge", "enable_charge", False, 96)
    yield number("set_battery_charge_limit", "battery_charge_limit", 30, 111)
    yield switch("set_enable_discharge", "enable_discharge", True, 59)
    yield number("set_battery_discharge_limit", "battery_discharge_limit", 30, 112)
    yield number("set_battery_soc_reserve", "battery_soc_reserve", 20, 110)
    yield number("set_battery_power_reserve", "battery_discharge_min_power_reserve", 10, 114)
    yield action(
        "set_charge_slot", "set_charge_slot", {"index": 1, **_WINDOW},
        (94, 115), (95, 545), charge_slot_1="01:15-05:45",
    )
    yield end("set_charge_slot_start", "charge_slot_1_start", 94)
    yield end("set_charge_slot_end", "charge_slot_1_end", 95)
    yield button("reset_charge_slot", "clear_charge_slot_1", (94, 0), (95, 0))
    yield action(
        "set_discharge_slot", "set_discharge_slot", {"index": 2, **_WINDOW},
        (44, 115), (45, 545), discharge_slot_2="01:15-05:45",
    )
    yield end("set_discharge_slot_start", "discharge_slot_1_start", 56)
    yield end("set_discharge_slot_end", "discharge_slot_1_end", 57)
    yield button("reset_discharge_slot", "clear_discharge_slot_1", (56, 0), (57, 0))
    yield select("set_discharge_mode_max_power", "battery_power_mode", "export", (27, 0))
    yield select("set_discharge_mode_max_power", "operating_mode", "timed_export", (27, 0), (59, 1))
    yield select(
        "set_discharge_mode_to_match_demand", "battery_power_mode", "self_consumption", (27, 1),
        given={27: 0},
    )
    yield button(
        "set_mode_dynamic", "eco_preset", (27, 1), (110, 4), (59, 0),
        given={27: 0, 110: 30, 59: 1},
    )
    yield action(
        "set_mode_storage", "set_mode_storage", {**_WINDOW, "export": True},
        (27, 0), (59, 1), (56, 115), (57, 545), (44, 0), (45, 0), given={44: 2300, 45: 2330},
        discharge_slot_1="01:15-05:45", discharge_slot_2="00:00-00:00",
    )
    yield button("set_calibrate_battery_soc", "calibration_start", (29, 1))
    yield button("set_calibrate_battery_soc", "calibration_stop", (29, 0))
    yield button("set_calibrate_battery_soc", "calibration_charge_only", (29, 3))
    yield number("set_active_power_rate", "active_power_rate", 60, 50)
    yield button("set_system_date_time", "sync_clock", *_CLOCK)
    yield button("set_inverter_reboot", "reboot", (163, 100))


def _ten_slots() -> Iterator[Row]:
    number, end, action = (partial(make, "gen3_hybrid") for make in (_number, _end, _action))
    yield action(
        "set_charge_slot", "set_charge_slot", {"index": 10, **_WINDOW, "target_soc": 65},
        (267, 115), (268, 545), (269, 65),
        charge_slot_10="01:15-05:45", charge_target_soc_10=65,
    )
    yield end("set_charge_slot_start", "charge_slot_3_start", 246)
    yield end("set_discharge_slot_end", "discharge_slot_10_end", 298)
    yield number("set_charge_slot_target_soc", "charge_target_soc_1", 70, 242)
    yield number("set_discharge_slot_target_soc", "discharge_target_soc_3", 15, 278)


def _ac_settings() -> Iterator[Row]:
    number, switch, select, end, action = (
        partial(make, "ac_coupled") for make in (_number, _switch, _select, _end, _action)
    )
    yield number("set_battery_charge_limit_ac", "battery_charge_limit_ac", 45, 313)
    yield number("set_battery_discharge_limit_ac", "battery_discharge_limit_ac", 55, 314)
    yield select("set_export_priority", "export_priority", "grid_first", (311, 2))
    yield switch("set_enable_eps", "enable_eps", False, 317)
    yield select("set_battery_pause_mode", "battery_pause_mode", "pause_both", (318, 3))
    yield action(
        "set_pause_slot", "set_pause_slot", _WINDOW,
        (319, 115), (320, 545), battery_pause_slot_1="01:15-05:45",
    )
    yield end("set_pause_slot_start", "battery_pause_slot_1_start", 319)
    yield end("set_pause_slot_end", "battery_pause_slot_1_end", 320)


def _three_phase() -> Iterator[Row]:
    number, switch, select, end, button, action = (
        partial(make, "three_phase_hv")
        for make in (_number, _switch, _select, _end, _button, _action)
    )
    yield action(
        "disable_charge_target", "set_charge_target", {"soc": 100},
        (20, 0), (1111, 100), charge_target_soc=100, enable_charge_target=False,
    )
    yield number("set_charge_target_soc", "charge_target_soc", 70, 1111)
    yield switch("set_enable_charge_target", "enable_charge_target", False, 20)
    for command in ("set_enable_charge", "set_ac_charge"):
        yield switch(command, "enable_charge", False, 1112, reads="ac_charge_enable")
    yield switch("set_enable_discharge", "enable_discharge", True, 59)
    yield number("set_battery_soc_reserve", "battery_soc_reserve", 20, 1109)
    yield number("set_battery_reserve_soc", "battery_reserve_soc", 15, 1078)
    yield switch("set_force_charge", "force_charge_enable", True, 1123)
    yield switch("set_force_discharge", "force_discharge_enable", True, 1122)
    yield action(
        "set_charge_slot", "set_charge_slot", {"index": 2, **_WINDOW},
        (1115, 115), (1116, 545), charge_slot_2="01:15-05:45",
    )
    yield end("set_charge_slot_start", "charge_slot_1_start", 1113)
    yield end("set_charge_slot_end", "charge_slot_1_end", 1114)
    yield button("reset_charge_slot", "clear_charge_slot_1", (1113, 0), (1114, 0))
    yield action(
        "set_discharge_slot", "set_discharge_slot", {"index": 1, **_WINDOW},
        (1118, 115), (1119, 545), discharge_slot_1="01:15-05:45",
    )
    yield end("set_discharge_slot_start", "discharge_slot_1_start", 1118)
    yield end("set_discharge_slot_end", "discharge_slot_1_end", 1119)
    yield button("reset_discharge_slot", "clear_discharge_slot_1", (1118, 0), (1119, 0))
    yield select("set_discharge_mode_max_power", "battery_power_mode", "export", (27, 0))
    yield select(
        "set_discharge_mode_to_match_demand", "battery_power_mode", "self_consumption", (27, 1),
        given={27: 0},
    )
    yield button(
        "set_mode_dynamic", "eco_preset", (27, 1), (1109, 4), (59, 0),
        given={27: 0, 1109: 30, 59: 1},
    )
    yield action(
        "set_mode_storage", "set_mode_storage", {**_WINDOW, "start_2": "06:00", "end_2": "07:00"},
        (27, 1), (59, 1), (1118, 115), (1119, 545), (1120, 600), (1121, 700), given={27: 0},
        discharge_slot_1="01:15-05:45", discharge_slot_2="06:00-07:00",
    )
    yield button("set_calibrate_battery_soc", "calibration_start", (29, 1))
    yield button("set_system_date_time", "sync_clock", *_CLOCK)
    yield button("set_inverter_reboot", "reboot", (163, 100))


def _ems() -> Iterator[Row]:
    number, switch, end, action = (
        partial(make, "ems") for make in (_number, _switch, _end, _action)
    )
    yield switch("set_ems_plant", "plant_enabled", False, 2040)
    yield number("set_ems_export_power_limit", "export_power_limit", 5000, 2071)
    for kind, first in (("charge", 2053), ("discharge", 2044), ("export", 2062)):
        start, stop, target = first + 3, first + 4, first + 5
        commands = [f"set_ems_{kind}_slot"]
        if kind == "export":
            commands.append("set_export_slot")
        for command in commands:
            yield action(
                command, "set_ems_slot", {"kind": kind, "index": 2, **_WINDOW, "target_soc": 50},
                (start, 115), (stop, 545), (target, 50),
                **{f"{kind}_slot_2": "01:15-05:45", f"{kind}_target_2": 50},
            )
            yield end(f"{command}_start", f"{kind}_slot_2_start", start)
            yield end(f"{command}_end", f"{kind}_slot_2_end", stop)
        yield number(f"set_ems_{kind}_target_soc", f"{kind}_target_2", 60, target)


# fmt: on
def _all() -> Iterator[Row]:
    yield from _single_phase()
    yield from _ten_slots()
    yield from _ac_settings()
    yield from _three_phase()
    yield from _ems()


def _switches(written_out: set[str]) -> Iterator[Row]:
    """Yield a row for each other command that turns one declared field on or off."""
    for name in dir(SinglePhaseInverter):
        command = getattr_static(SinglePhaseInverter, name)
        if not isinstance(command, FieldCommand) or name in written_out:
            continue
        field = SinglePhaseInverter.setting(command.field)
        if field.kind is bool:
            yield _switch("gen1_hybrid", name, field.name, True, field.registers[0].address)


ROWS = (*_all(), *_switches({row.command for row in _all()}))


def table() -> str:
    """Return the table as the page on controls has it."""
    lines = ["| Command | On | Entity or action | Writes |", "| --- | --- | --- | --- |"]
    for row in sorted(ROWS, key=lambda row: row.command):
        cells = (f"`{row.command}`", PLANTS[row.plant], row.called, row.registers)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text, _, _ = PAGE.read_text().partition("| Command")
    PAGE.write_text(text + table())
