"""The table of the page about the energy dashboard, generated from the integration's table.

``python -m tests.integration.energy_page`` renews it; the text around it is written by hand.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from custom_components.givenergy.energy import SOURCES, Keys

from .entities_page import name_of
from .entity_tables import rows

PAGE = Path(__file__).parents[2] / "docs" / "energy.md"
BEGIN, END = "<!-- The table is generated. -->\n", "<!-- End of the table. -->\n"

TITLES = {
    "grid": "Electricity grid",
    "solar": "Solar panels",
    "battery": "Home battery storage",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "grid": {
        "stat_energy_from": "*Energy imported from grid*",
        "stat_energy_to": "*Energy exported to grid*",
        "stat_rate_from": "*Two sensors*: *Power imported from grid*",
        "stat_rate_to": "*Two sensors*: *Power exported to grid*",
        "stat_rate_inverted": "or *Inverted*: *Power sensor*",
    },
    "solar": {
        "stat_energy_from": "*Solar production energy*",
        "stat_rate": "*Solar production power*",
    },
    "battery": {
        "stat_energy_from": "*Energy discharged from the battery*",
        "stat_energy_to": "*Energy charged into the battery*",
        "stat_soc": "*Battery state of charge sensor*",
        "stat_rate": "*Standard*: *Power sensor*",
        "stat_rate_from": "or *Two sensors*: *Discharge power*",
        "stat_rate_to": "or *Two sensors*: *Charge power*",
        "capacity": "*Battery capacity*",
    },
}
"""Home Assistant's words for the fields."""


def fields() -> Iterator[tuple[str, str, Keys]]:
    """Yield the fields of every source with the keys of their sensors."""
    for kind, source in SOURCES.items():
        for statistics in (source.statistics, *source.power, {"capacity": source.capacity}):
            yield from ((kind, field, keys) for field, keys in statistics.items() if keys)


def table() -> str:
    """Return the table."""
    names = {row.key: name_of("sensor", row) for _, row in rows()["sensor"]}
    lines = ["| Source | Field | Sensor |", "| --- | --- | --- |"]
    before = None
    for kind, field, keys in fields():
        sensors = dict.fromkeys(f"*{names[key]}*" for key in keys)
        title = "" if kind == before else f"*{TITLES[kind]}*"
        lines.append(f"| {title} | {FIELDS[kind][field]} | {', else '.join(sensors)} |")
        before = kind
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the whole page."""
    introduction, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{introduction}{BEGIN}{table()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page())
