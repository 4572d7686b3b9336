"""What polling costs on the wire: requests and seconds per poll, ages of values, start.

``python -m benchmarks.polling --write`` puts the table in the documentation. Each system
answers after 0.2 s, as real ones do. All run side by side, as most of it is waiting.
"""

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from unittest.mock import patch

from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import CONF_BLOCKS_PROBED, CONF_PASSIVE
from custom_components.givenergy.coordinator import GivEnergyCoordinator
from custom_components.givenergy.givenergy_modbus.client.client import Client
from custom_components.givenergy.givenergy_modbus.exceptions import CommunicationError
from custom_components.givenergy.givenergy_modbus.model.pace import Pace, pace_of
from custom_components.givenergy.poll_report import PollReport

from .home_assistant import (
    EVERYTHING,
    LATENCY,
    PAGE,
    circumstances,
    entry_for,
    neighbour,
    run_home_assistant,
)
from .page import write_section

PLANTS = {
    "gen1_hybrid": "hybrid, two packs",
    "all_in_one": "All-in-One, four modules",
    "three_phase_hv": "three-phase, six modules, two meters",
    "gateway": "gateway, two meters",
}
INTERVAL = 10
LOADING, APART = 60, 15
"""Seconds until all processes have loaded Home Assistant, and between the starts of two systems:
none is set up beside another."""
RESTARTS = 4
"""How often a set-up is timed; the shortest counts, as others use the machine too."""
TO_FOLLOW = 240
"""Seconds until polls have moved to those of a second client, a little with each."""


@dataclass
class Polling:
    """What was seen of one system's polls."""

    requests: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    fast_age: float = 0.0
    slow_age: float = 0.0
    first_values: float = 0.0

    def row(self, name: str) -> str:
        """Return the figures as a line of the table."""
        gaps = [later - earlier for earlier, later in pairwise(self.starts)]
        return (
            f"| {name} | {self.first_values:.2f} s "
            f"| {sum(self.requests) / len(self.requests):.1f} "
            f"| {sum(self.seconds) / len(self.seconds):.2f} s | {median(gaps):.2f} s "
            f"| {self.fast_age:.1f} s | {self.slow_age:.1f} s |"
        )


def _ages(coordinator: GivEnergyCoordinator, seen: Polling) -> None:
    """Keep the oldest age of the blocks that enabled entities use."""
    plant = coordinator.plant
    for read in coordinator.used_blocks & set(coordinator.capabilities.measurement_plan):
        at = plant.stored_monotonic(read)
        if at is None:
            continue
        age = plant.clock.monotonic() - at
        is_fast = pace_of(coordinator.capabilities, read) is Pace.FAST
        if is_fast and read in coordinator.watched_blocks:
            seen.fast_age = max(seen.fast_age, age)
        else:
            seen.slow_age = max(seen.slow_age, age)


async def watch(coordinator: GivEnergyCoordinator, seconds: float) -> Polling:
    """Watch the polls of a system that is set up."""
    seen = Polling()
    poll: Callable[[], Awaitable[PollReport]] = coordinator._async_update_data  # noqa: SLF001

    async def measured() -> PollReport:
        _ages(coordinator, seen)
        seen.starts.append(time.monotonic())
        report = await poll()
        seen.requests.append(len(report.asked))
        seen.seconds.append(report.seconds)
        return report

    with patch.object(coordinator, "_async_update_data", measured):
        await asyncio.sleep(seconds)
    return seen


async def poll_beside(host: str, port: int) -> None:
    """Be another client that polls everything at the same interval, start to start."""
    async with Client(host, port) as client:
        await client.detect()
        start = time.monotonic()
        while True:
            with suppress(CommunicationError):
                await client.refresh()
            await asyncio.sleep(INTERVAL - (time.monotonic() - start) % INTERVAL)


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> float:
    """Set a system up again, as after a restart; return the seconds it took."""
    await asyncio.sleep(INTERVAL)
    assert await hass.config_entries.async_unload(entry.entry_id)
    began = time.monotonic()
    assert await hass.config_entries.async_setup(entry.entry_id)
    return time.monotonic() - began


async def measure(
    name: str, seconds: float, *, everything: bool, second: bool, passive: bool
) -> Polling:
    """Set a system up as after a restart, and watch its polls."""
    async with AsyncExitStack() as stack:
        plant = stack.enter_context(neighbour(name, latency=LATENCY))
        hass: HomeAssistant = await stack.enter_async_context(run_home_assistant())
        entry: MockConfigEntry = await entry_for(hass, plant)
        hass.config_entries.async_update_entry(
            entry,
            data={**entry.data, CONF_BLOCKS_PROBED: True},
            options={CONF_SCAN_INTERVAL: INTERVAL, CONF_PASSIVE: passive},
        )
        if everything:
            stack.enter_context(patch(EVERYTHING, return_value=True))
        assert await hass.config_entries.async_setup(entry.entry_id)
        first_values = min([await restart(hass, entry) for _ in range(RESTARTS)])
        other = asyncio.create_task(poll_beside(plant.host, plant.port)) if second else None
        await asyncio.sleep(TO_FOLLOW if second else 2 * INTERVAL)
        seen = await watch(entry.runtime_data.coordinator, seconds)
        seen.first_values = first_values
        if other is not None:
            other.cancel()
        return seen


WAYS = {
    "": {"everything": False, "second": False, "passive": False},
    "everything enabled": {"everything": True, "second": False, "passive": False},
    "with a second client": {"everything": False, "second": True, "passive": False},
    "passive with a second client": {"everything": False, "second": True, "passive": True},
}
HEAD = """| System | First values | Requests | Wire | Interval | Oldest fast | Oldest slow |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |"""


def row(number: int, name: str, way: str, seconds: float) -> str:
    """Return the line of one system; for a process of its own."""
    time.sleep(LOADING + number * APART)
    seen = asyncio.run(measure(name, seconds, **WAYS[way]))
    return seen.row(", ".join(filter(None, (PLANTS[name], way))))


def main() -> None:
    """Measure, print and, if asked to, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--plants", nargs="*", choices=PLANTS, default=list(PLANTS))
    parser.add_argument("--write", action="store_true", help="put the table in the documentation")
    options = parser.parse_args()
    cases = [(name, way) for name in options.plants for way in options.ways]
    with ProcessPoolExecutor(len(cases), multiprocessing.get_context("spawn")) as pool:
        found = [
            pool.submit(row, number, *case, options.seconds) for number, case in enumerate(cases)
        ]
        lines = "\n".join(line.result() for line in found)
    text = f"{circumstances()}\n\n{HEAD}\n{lines}"
    print(text)
    if options.write:
        write_section(PAGE, "polling", text)


if __name__ == "__main__":
    main()
