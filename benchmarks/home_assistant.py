"""What a plant costs Home Assistant: time of its event loop, memory, states written.

``python -m benchmarks.home_assistant --write`` puts the table in the documentation.
"""

import argparse
import asyncio
import gc
import multiprocessing
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from homeassistant.const import (
    CONF_HOST,
    CONF_PORT,
    EVENT_STATE_CHANGED,
    EVENT_STATE_REPORTED,
)
from homeassistant.const import __version__ as version
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.givenergy.const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.coordinator import GivEnergyCoordinator
from custom_components.givenergy.givenergy_modbus.client.client import Client
from custom_components.givenergy.givenergy_modbus.client.timing import Timing
from custom_components.givenergy.givenergy_modbus.model.register import Bank
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator, profile
from custom_components.givenergy.identities import identify
from custom_components.givenergy.runtime import DATA_TIMING

from .page import DOCS, machine, write_section

PAGE = DOCS / "performance-integration.md"
PLANTS = {
    "gen1_hybrid": "hybrid, two packs",
    "gen3_hybrid": "hybrid, ten slots, a pack",
    "all_in_one": "All-in-One, four modules",
    "three_phase_hv": "three-phase, six modules, two meters",
}
EVERYTHING = "homeassistant.helpers.entity.Entity.entity_registry_enabled_default"
POLL_INTERVAL = 30
LATENCY = 0.2
MANY = 4
DISTURBED = 270
"""Fields to change for about 200 changed states; some show in several, some in none."""


@dataclass
class Cost:
    """What was measured of one plant."""

    entities: int = 0
    loop_ms: list[float] = field(default_factory=list)
    stall_ms: list[float] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    process_ms: list[float] = field(default_factory=list)
    idle_update_ms: list[float] = field(default_factory=list)
    busy_update_ms: list[float] = field(default_factory=list)
    busy_stall_ms: list[float] = field(default_factory=list)
    busy_changes: int = 0
    set_up_s: float = 0.0
    set_up_loop_ms: float = 0.0
    set_up_stall_ms: float = 0.0
    memory_mb: float = 0.0


# The plant, which lives in a process of its own so that its work is not counted


def plant_process(name: str, serial: str, latency: float, pipe: Connection) -> None:
    """Serve a plant, and advance its time as the other process requests."""

    async def serve() -> None:
        devices = {0x11: {"serial_number": serial}} if serial else {}
        async with Simulator(profile(name, devices=devices), latency=latency) as plant:
            pipe.send((plant.host, plant.port))
            while (seconds := await asyncio.to_thread(pipe.recv)) is not None:
                plant.step(seconds)
                pipe.send(True)

    asyncio.run(serve())


@dataclass
class Neighbour:
    """A plant in another process."""

    host: str
    port: int
    pipe: Connection

    def step(self, seconds: float) -> None:
        """Let time pass for it."""
        self.pipe.send(seconds)
        self.pipe.recv()


@contextmanager
def neighbour(name: str, *, serial: str = "", latency: float = 0.0) -> Iterator[Neighbour]:
    """Run a plant in another process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=plant_process, args=(name, serial, latency, theirs))
    process.start()
    host, port = ours.recv()
    try:
        yield Neighbour(host, port, ours)
    finally:
        ours.send(None)
        process.join()


# Home Assistant


@asynccontextmanager
async def run_home_assistant() -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant with nothing else in it."""
    with tempfile.TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            asyncio.get_running_loop().set_debug(False)
            yield hass
            await hass.async_stop(force=True)


async def entry_for(
    hass: HomeAssistant, plant: Neighbour, *, by_place: bool = False
) -> MockConfigEntry:
    """Store the entry of a plant, as the config flow would.

    With ``by_place``, devices go by their place: several plants here have the same packs.
    """
    quick = Timing(gap=0.0)
    async with Client(plant.host, plant.port, timing=quick) as client:
        capabilities = await client.detect()
        await client.refresh()
    serial = client.plant.inverter_serial
    identities = identify(client.plant, {})
    if by_place:
        identities = {
            identity if identity == serial else f"{serial}_{known['kind']}_{known['place']}": {
                **known,
                "serial": None,
            }
            for identity, known in identities.items()
        }
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=serial,
        data={
            CONF_HOST: plant.host,
            CONF_PORT: plant.port,
            CONF_CAPABILITIES: capabilities.to_dict(),
            CONF_IDENTITIES: identities,
        },
    )
    entry.add_to_hass(hass)
    return entry


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up with every entity enabled."""
    with patch(EVERYTHING, return_value=True):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()


class LoopTime:
    """Counts the processor time of the event loop's thread, callback by callback."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.spent: list[float] = []

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count while this lasts; time in which other programs run does not count."""
        run: Callable[[asyncio.Handle], None] = asyncio.Handle._run  # noqa: SLF001 - no other hook

        def timed(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            run(handle)
            self.spent.append((time.thread_time() - began) * 1000)

        with patch.object(asyncio.Handle, "_run", timed):
            self.spent.clear()
            yield


async def poll(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Poll a plant, and wait until all of it is written."""
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()


async def weigh_polls(
    hass: HomeAssistant, entry: MockConfigEntry, plant: Neighbour, polls: int, cost: Cost
) -> None:
    """Measure polls half a minute of the plant's time apart."""
    clock = LoopTime()
    for _ in range(polls):
        plant.step(POLL_INTERVAL)
        began = time.process_time()
        with clock.counting():
            await poll(hass, entry)
            await asyncio.sleep(0)
        cost.process_ms.append((time.process_time() - began) * 1000)
        cost.loop_ms.append(sum(clock.spent))
        cost.stall_ms.append(max(clock.spent))


async def weigh_updates(entry: MockConfigEntry, polls: int, cost: Cost) -> None:
    """Measure the update of entities alone: when nothing changed, and when many states did."""
    coordinator: GivEnergyCoordinator = entry.runtime_data.coordinator
    for _ in range(polls):
        began = time.thread_time()
        coordinator.async_update_listeners()
        cost.idle_update_ms.append((time.thread_time() - began) * 1000)
    hass, clock = coordinator.hass, LoopTime()
    for _ in range(polls):
        before = {state.entity_id: state.state for state in hass.states.async_all()}
        disturb(entry)
        with clock.counting():
            # As a poll does once it has the answers; a task, so that it is counted.
            await asyncio.create_task(coordinator._update_in_turns())  # noqa: SLF001
            coordinator.async_update_listeners()
        cost.busy_update_ms.append(sum(clock.spent))
        cost.busy_stall_ms.append(max(clock.spent))
        after = {state.entity_id: state.state for state in hass.states.async_all()}
        cost.busy_changes = sum(before[entity] != after[entity] for entity in after)


def disturb(entry: MockConfigEntry) -> None:
    """Change the words behind many sensors, as if all had been measured anew."""
    plant = entry.runtime_data.client.plant
    measured = [
        (plant.register_caches[device.address], field_.registers[0])
        for device in entry.runtime_data.plant_devices
        for field_ in device.model.register_fields.values()
        if field_.unit is not None and field_.registers[0].bank is Bank.INPUT
    ]
    for cache, register in measured[:DISTURBED]:
        if register in cache:
            cache[register] ^= 1


async def count_writes(
    hass: HomeAssistant, entry: MockConfigEntry, plant: Neighbour, polls: int, cost: Cost
) -> None:
    """Count the states written in a poll, and those of them that are not as before."""
    seen: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        seen.append(str(event.event_type))

    listeners = [
        hass.bus.async_listen(str(kind), note, event_filter=callback(lambda _: True))
        for kind in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED)
    ]
    for _ in range(polls):
        plant.step(POLL_INTERVAL)
        seen.clear()
        await poll(hass, entry)
        cost.writes.append(len(seen))
        cost.changes.append(seen.count(str(EVENT_STATE_CHANGED)))
    for stop in listeners:
        stop()


def resident() -> float:
    """Return the memory this process holds, in megabytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def weigh_memory(hass: HomeAssistant, name: str) -> float:
    """Return what one more plant holds, as a mean over several, polled a few times."""
    root = PROFILES[name].devices[0x11]["serial_number"]
    before = resident()
    for number in range(MANY):
        with neighbour(name, serial=f"{root[:-2]}{90 + number}") as plant:
            entry = await entry_for(hass, plant, by_place=True)
            await set_up(hass, entry)
            for _ in range(3):
                plant.step(POLL_INTERVAL)
                await poll(hass, entry)
    return (resident() - before) / MANY


async def set_up_slowly(name: str, cost: Cost) -> None:
    """Measure a set-up against a plant that answers as slowly as real ones."""
    with neighbour(name, latency=LATENCY) as plant:
        async with run_home_assistant() as hass:
            entry = await entry_for(hass, plant)
            clock = LoopTime()
            began = time.monotonic()
            with clock.counting(), patch(EVERYTHING, return_value=True):
                assert await hass.config_entries.async_setup(entry.entry_id)
            cost.set_up_s = time.monotonic() - began
            cost.set_up_loop_ms, cost.set_up_stall_ms = sum(clock.spent), max(clock.spent)


async def weigh(name: str, polls: int) -> Cost:
    """Measure everything of one plant."""
    cost = Cost()
    with neighbour(name) as plant:
        async with run_home_assistant() as hass:
            hass.data[DATA_TIMING] = Timing(gap=0.0)
            entry = await entry_for(hass, plant)
            await set_up(hass, entry)
            cost.entities = len(hass.states.async_all())
            await poll(hass, entry)
            await weigh_polls(hass, entry, plant, polls, cost)
            await count_writes(hass, entry, plant, polls, cost)
            await weigh_updates(entry, polls, cost)
            cost.memory_mb = await weigh_memory(hass, name)
    await set_up_slowly(name, cost)
    return cost


def measure(name: str, polls: int) -> Cost:
    """Measure everything of one plant; for a process of its own."""
    return asyncio.run(weigh(name, polls))


def circumstances() -> str:
    """Return the release of Home Assistant and the machine of this measurement."""
    return f"Home Assistant {version}, {machine()}"


def table(costs: dict[str, Cost]) -> str:
    """Write the costs as a Markdown table."""
    rows: dict[str, Callable[[Cost], Any]] = {
        "entities": lambda cost: cost.entities,
        "event loop per poll, median": lambda cost: f"{median(cost.loop_ms):.1f} ms",
        "event loop per poll, most": lambda cost: f"{max(cost.loop_ms):.1f} ms",
        "whole process per poll, median": lambda cost: f"{median(cost.process_ms):.1f} ms",
        "longest stall in a poll, median": lambda cost: f"{median(cost.stall_ms):.1f} ms",
        "longest stall in a poll, most": lambda cost: f"{max(cost.stall_ms):.1f} ms",
        "states written per poll, median": lambda cost: f"{median(cost.writes):.0f}",
        "of these not as before": lambda cost: f"{median(cost.changes):.0f}",
        "update without a change, median": lambda cost: f"{median(cost.idle_update_ms):.2f} ms",
        "update with many changes, median": lambda cost: f"{median(cost.busy_update_ms):.1f} ms",
        "states changed by it": lambda cost: f"{cost.busy_changes}",
        "longest stall in it, median": lambda cost: f"{median(cost.busy_stall_ms):.1f} ms",
        "set-up after a restart, 0.2 s per answer": lambda cost: f"{cost.set_up_s:.1f} s",
        "event loop in a set-up": lambda cost: f"{cost.set_up_loop_ms:.0f} ms",
        "longest stall in a set-up": lambda cost: f"{cost.set_up_stall_ms:.0f} ms",
        "memory of one more plant": lambda cost: f"{cost.memory_mb:.1f} MB",
    }
    head = f"| | {' | '.join(PLANTS[name] for name in costs)} |\n|---|{' ---: |' * len(costs)}\n"
    return head + "\n".join(
        f"| {what} | {' | '.join(str(value_of(cost)) for cost in costs.values())} |"
        for what, value_of in rows.items()
    )


def main() -> None:
    """Measure, print and, if asked to, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--polls", type=int, default=40)
    parser.add_argument("--plants", nargs="*", choices=PLANTS, default=list(PLANTS))
    parser.add_argument("--write", action="store_true", help="put the table in the documentation")
    options = parser.parse_args()
    # Each in a process of its own, so that none fills memory that another has left.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as one:
        costs = {name: one.submit(measure, name, options.polls) for name in options.plants}
        text = (
            f"{circumstances()}\n\n{table({name: cost.result() for name, cost in costs.items()})}"
        )
    print(text)
    if options.write:
        write_section(PAGE, "figures", text)


if __name__ == "__main__":
    main()
