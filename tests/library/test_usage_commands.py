"""The table of commands on the usage page is the commands there are."""

import re
from inspect import signature
from pathlib import Path

from givenergy_modbus.client import commands
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter

PAGE = Path(__file__).parents[2] / "docs" / "usage.md"

_ROW = re.compile(r"\| `(\w+)\(([^)]*)\)` \| .+ \| ([\w-]+) \|")

DEVICES = {"inverter": SinglePhaseInverter, "three-phase": ThreePhaseInverter, "EMS": Ems}

NOT_LISTED = {"set_smart_load_slot", "set_smart_load_slot_start", "set_smart_load_slot_end"}
"""No device is known to have smart-load slots."""


def rows() -> dict[str, tuple[list[str], str]]:
    """Return parameters and owner of each command in the table."""
    return {
        name: ([part for part in parameters.split(", ") if part], owner)
        for name, parameters, owner in _ROW.findall(PAGE.read_text())
    }


def owner_of(name: str) -> str:
    """Return which devices have a command as a method."""
    return next((owner for owner, device in DEVICES.items() if hasattr(device, name)), "function")


def test_every_command_is_listed() -> None:
    current = {
        name
        for name in commands.__all__
        if not hasattr(getattr(commands, name), "__deprecated__") and not name.endswith("_3ph")
    }
    deprecated = {name for name in rows() if hasattr(getattr(commands, name), "__deprecated__")}
    assert rows().keys() - deprecated == current - NOT_LISTED


def test_every_row_is_right() -> None:
    for name, (parameters, owner) in rows().items():
        known = signature(getattr(commands, name)).parameters
        assert parameters == [part for part in known if part != "slot_map"], name
        assert owner == owner_of(name), name
