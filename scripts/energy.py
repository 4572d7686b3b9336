"""The days before a demonstration, as statistics that the energy dashboard shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register_model import RegisterModel
from givenergy_modbus.simulator import Simulator

from .home_assistant import HomeAssistant

SAMPLE = timedelta(minutes=10)
LONG = timedelta(days=60)
_RESET = 0.9
"""The share of its last value below which Home Assistant takes a counter as reset."""
MEANS = {"W": "power", "%": "unitless"}
"""The units that have a mean, with their unit class."""


@dataclass
class Hour:
    """The values of a plant during one hour."""

    start: datetime
    readings: list[RegisterModel] = field(default_factory=list)

    def values(self, key: str) -> list[float]:
        """Return the readings of one value."""
        found = (getattr(device, key, None) for device in self.readings)
        return [value for value in found if isinstance(value, int | float)]


def simulate_hours(simulator: Simulator, now: datetime, zone: ZoneInfo) -> list[Hour]:
    """Simulate a plant until now, and return its full hours."""
    hours: list[Hour] = []
    at = (
        simulator.profile.start
        if simulator.simulation is None
        else simulator.simulation.world.clock.now
    )
    while at < now:
        step = min(SAMPLE, now - at)
        simulator.step(step.total_seconds())
        at += step
        start = (at - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
        aware = start.replace(tzinfo=zone)
        if not hours or hours[-1].start != aware:
            hours.append(Hour(aware))
        hours[-1].readings.append(_root(simulator))
    return hours[:-1]


def _root(simulator: Simulator) -> RegisterModel:
    plant = Plant.from_caches(simulator.registers)
    return plant.ems or plant.gateway or plant.inverter


async def import_statistics(home_assistant: HomeAssistant, hours: list[Hour]) -> None:
    """Import the hours before a plant was added into Home Assistant's statistics."""
    for entity in await _root_sensors(home_assistant):
        key, unit = entity["key"], entity["unit"]
        if entity["state_class"] == "total_increasing" and unit == "kWh":
            stats = list(_sums(key, hours))
            kind = {"has_sum": True, "mean_type": 0, "unit_class": "energy"}
        elif entity["state_class"] == "measurement" and unit in MEANS:
            stats = list(_means(key, hours))
            kind = {"has_sum": False, "mean_type": 1, "unit_class": MEANS[unit]}
        else:
            continue
        if stats:
            await home_assistant.command(
                "recorder/import_statistics",
                metadata={
                    **kind,
                    "source": "recorder",
                    "statistic_id": entity["entity_id"],
                    "unit_of_measurement": unit,
                    "name": None,
                },
                stats=stats,
            )


async def _root_sensors(home_assistant: HomeAssistant) -> list[dict[str, str]]:
    """Return the sensors of the plant's first device, each with the value it shows."""
    states = {
        state["entity_id"]: state["attributes"]
        for state in await home_assistant.command("get_states")
    }
    first = (await home_assistant.devices())[0]["id"]
    return [
        {
            "entity_id": item["entity_id"],
            "key": item["unique_id"].partition("_")[2],
            "unit": state.get("unit_of_measurement"),
            "state_class": state.get("state_class"),
        }
        for item in await home_assistant.registry()
        if item["device_id"] == first and (state := states.get(item["entity_id"])) is not None
    ]


def _sums(key: str, hours: Iterable[Hour]) -> Iterator[dict[str, Any]]:
    """Count up an energy; the sum ends at zero, where Home Assistant's own begins.

    What it begins with would show as the first hour's, so it is imported long before.
    """
    counted: list[tuple[datetime, float, float]] = []
    total, before = 0.0, None
    for hour in hours:
        if values := hour.values(key):
            value = values[-1]
            if before is not None:
                # A balance of counters dips a little; only a counter that begins anew drops.
                value = before if _RESET * before < value < before else value
                total += value - before if value >= before else value
            before = value
            counted.append((hour.start, value, total))
    if counted:
        start, value, _ = counted[0]
        yield {"start": (start - LONG).isoformat(), "state": value, "sum": -total}
    for start, value, so_far in counted:
        yield {"start": start.isoformat(), "state": value, "sum": so_far - total}


def _means(key: str, hours: Iterable[Hour]) -> Iterator[dict[str, Any]]:
    for hour in hours:
        if values := hour.values(key):
            low, high = min(values), max(values)
            yield {
                "start": hour.start.isoformat(),
                "mean": fmean(values),
                "min": low,
                "max": high,
            }
