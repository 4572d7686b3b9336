"""What Predbat writes to an inverter, mode by mode."""

from collections.abc import Mapping
from typing import Any, Protocol

type Steps = list[tuple[str, Any]]
"""Predbat's keys and the values they get, in order."""

MODES = {
    "charge": "Charging",
    "freeze charge": "Freeze charging",
    "export": "Exporting",
    "freeze export": "Freeze exporting",
    "demand": "Demand",
}
"""Predbat's modes, and what its status calls them."""

RATE_TOLERANCE = 0.05
"""Share of a power limit's maximum by which it may differ from what was written."""

EXPORT_OFF: Steps = [("inverter_mode", True), ("scheduled_discharge_enable", False)]
CHARGE_ON: Steps = [
    ("scheduled_charge_enable", False),
    ("charge_start_time", "01:30:00"),
    ("charge_end_time", "04:00:00"),
    ("scheduled_charge_enable", True),
    ("charge_limit", 77),
    ("charge_limit_enable", True),
]
EXPORT_ON: Steps = [
    ("discharge_start_time", "17:00:00"),
    ("discharge_end_time", "18:30:00"),
    ("discharge_target_soc", 20),
    ("scheduled_discharge_enable", True),
    ("inverter_mode", False),
]


class Numbers(Protocol):
    """The entities for Predbat's keys, and the range of those that are numbers."""

    entities: Mapping[str, str]

    def highest(self, key: str) -> float:
        """Return the most a number accepts, 0 if there is none."""

    def lowest(self, key: str) -> float:
        """Return the least a number accepts, 0 if there is none."""


def pause(mode: str) -> Steps:
    """Return the steps that pause the battery all day."""
    return [
        ("pause_start_time", "00:00:00"),
        ("pause_end_time", "23:59:00"),
        ("pause_mode", mode),
    ]


def sequences(predbat: Numbers) -> dict[str, Steps]:
    """Return the steps of every mode, and those that reset it."""
    can_pause = "pause_mode" in predbat.entities
    return {
        "charge": CHARGE_ON,
        "freeze charge": [
            ("scheduled_charge_enable", False),
            *(pause("Pause Discharge") if can_pause else [("reserve", 61), ("discharge_rate", 0)]),
        ],
        "export": [("charge_rate", predbat.highest("charge_rate")), *EXPORT_ON],
        "freeze export": [
            *EXPORT_OFF,
            *(pause("Pause Charge") if can_pause else [("charge_rate", 0)]),
        ],
        "demand": [*EXPORT_OFF, *(pause("Not Paused") if can_pause else [])],
        "reset": [
            ("charge_rate", predbat.highest("charge_rate")),
            ("scheduled_charge_enable", False),
            ("charge_limit", 100),
            *([("pause_mode", "Not Paused")] if can_pause else []),
            ("reserve", predbat.lowest("reserve")),
            ("discharge_rate", predbat.highest("discharge_rate")),
            *EXPORT_OFF,
        ],
    }


def call_for(entity_id: str, value: Any) -> tuple[str, str, dict[str, Any]]:
    """Return the domain, the name and the data of the action that writes a value."""
    domain = entity_id.partition(".")[0]
    action, field = {
        "number": ("set_value", "value"),
        "select": ("select_option", "option"),
        "time": ("set_value", "time"),
        "switch": ("turn_on" if value else "turn_off", None),
    }[domain]
    return domain, action, {"entity_id": entity_id, **({} if field is None else {field: value})}


def is_written(entity_id: str, state: str, attributes: Mapping[str, Any], value: Any) -> bool:
    """Return whether an entity shows what was written, as Predbat compares it."""
    domain = entity_id.partition(".")[0]
    if domain == "number":
        in_watts = attributes.get("unit_of_measurement") == "W"
        tolerance = RATE_TOLERANCE * float(attributes["max"]) if in_watts else 0
        return abs(float(state) - float(value)) <= tolerance
    return state == (("on" if value else "off") if domain == "switch" else value)
