"""The page that lists devices and entities of every predefined and recorded plant."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "profiles.md"
PLATFORMS = ("sensor", "binary_sensor", "number", "select", "switch", "time", "button", "event")
WRITES = "WRITE_PROFILES" in os.environ

COLUMNS = ("Plant", "Devices", *PLATFORMS, "all", "disabled", "unknown")
HEAD = f"""\
# Simulated systems in Home Assistant

The devices and entities of the simulator's profiles, and of recordings of real systems that it
replays: entities by platform, how many are disabled by default, and which are unknown when all
are enabled. None is unavailable. Buttons that were never pressed and events that have not
happened are unknown by design and not counted.

| {" | ".join(COLUMNS).replace("_", " ")} |
| --- | --- |{" ---: |" * (len(PLATFORMS) + 2)} --- |
"""

WHY_UNKNOWN = {
    "battery_max_power": "the battery rating of this model is not known",
    "override_ends": "no override is running",
    "t_cell_max_module": "the recorded unit reports a module that does not exist",
    "e_battery_charge_total": "packs with BMS firmware 3007 and 3009 count no energy",
    "e_battery_discharge_total": "packs with BMS firmware 3007 and 3009 count no energy",
    "e_consumption_today": "the grid is not metered: its counters stay near zero",
    "e_consumption_total": "the grid is not metered: its counters stay near zero",
}
"""Why a value may be missing, by the end of its key."""


@dataclass(frozen=True, kw_only=True)
class Census:
    """Devices and entities of one plant."""

    plant: str
    devices: Counter[str]
    entities: Counter[str]
    disabled: int
    unknown: frozenset[str]

    @property
    def row(self) -> str:
        """How it stands in the table."""
        devices = ", ".join(f"{count} {kind}" for kind, count in self.devices.items())
        counts = [
            *(self.entities[platform] for platform in PLATFORMS),
            self.entities.total(),
            self.disabled,
        ]
        unknown = ", ".join(f"`{item}`" for item in sorted(self.unknown)) or "none"
        cells = [self.plant, devices.replace("_", " "), *map(str, counts), unknown]
        return f"| {' | '.join(cells)} |"


def write(censuses: list[Census], plants: Iterable[str]) -> None:
    """Write the page anew; a plant that was not counted keeps its row."""
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in PAGE.read_text().splitlines()}
    rows |= {census.plant: census.row for census in censuses}
    table = "\n".join(rows[plant] for plant in plants if plant in rows)
    reasons = (f"- `{name}`: {why}." for name, why in WHY_UNKNOWN.items() if f"`{name}`" in table)
    PAGE.write_text(f"{HEAD}{table}\n\n## Unknown values\n\n{'\n'.join(reasons)}\n")
