"""Implement the simulate command."""

import asyncio
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table

from ..simulator import PROFILES, Fault, PlantProfile, Simulator, cloud, profile
from ..simulator.sources import described, dumped, recorded
from .console import UsageError, screen


def list_simulations() -> None:
    """Show every predefined plant and every fault."""
    plants = Table("Plant", "Description", box=None, pad_edge=False)
    for name, plant in PROFILES.items():
        plants.add_row(name, plant.title)
    faults = Table("Fault", "Effect", box=None, pad_edge=False)
    for fault in Fault:
        faults.add_row(fault.name.lower(), fault.description)
    screen.print(plants, "", faults)


def simulate(
    plant: PlantProfile,
    faults: Iterable[tuple[Fault, float]],
    *,
    host: str,
    port: int,
    latency: float | None,
    speed: float,
    others: bool,
) -> None:
    """Serve a simulated plant until interrupted."""
    simulator = Simulator(
        plant,
        host=host,
        port=port,
        latency=latency,
        speed=speed,
        foreign=cloud(plant) if others else (),
    )
    for fault, share in faults:
        simulator.inject(fault, probability=share)
    asyncio.run(_serve(simulator, plant))


def chosen_profile(
    plant: str | None, captures: Sequence[Path], dump: Path | None, file: Path | None
) -> PlantProfile:
    """Return the plant the options choose. Raises UsageError for conflicting options."""
    if sum(map(bool, (plant, captures, dump, file))) > 1:
        raise UsageError("--plant, --capture, --dump and --file exclude one another")
    try:
        if captures:
            return recorded(*captures)
        if dump is not None:
            return dumped(dump)
        if file is not None:
            return described(file)
    except (ValueError, KeyError) as err:
        raise UsageError(str(err)) from err
    if plant is not None and plant not in PROFILES:
        raise UsageError(f"unknown plant {plant!r}: see simulate --list")
    return profile(plant or next(iter(PROFILES)))


def parse_fault(text: str) -> tuple[Fault, float]:
    """Return a fault and its probability. Raises UsageError for invalid text."""
    name, _, share = text.partition("=")
    try:
        fault = Fault[name.upper().replace("-", "_")]
    except KeyError:
        raise UsageError(f"unknown fault {name!r}: see simulate --list") from None
    try:
        probability = float(share or 1)
    except ValueError:
        probability = -1.0
    if not 0 <= probability <= 1:
        raise UsageError(f"{share!r} is not a share between 0 and 1")
    return fault, probability


async def _serve(simulator: Simulator, plant: PlantProfile) -> None:
    """Serve until interrupted."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with simulator:
        title = plant.title or plant.name
        where = f"{simulator.host}:{simulator.port}"
        screen.print(f"{title}: listening on {where}; press Ctrl-C to stop", soft_wrap=True)
        await stopped.wait()
