"""The command that simulates a plant."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ..simulator import PROFILES, Fault, PlantProfile, Simulator, cloud, profile
from ..simulator.sources import described, dumped, recorded
from .console import Misuse, screen
from .target import PORT

_FILE = {"exists": True, "dir_okay": False, "metavar": "FILE"}


def listed(*, chosen: bool) -> None:
    """Show every plant and every fault there is, and end."""
    if not chosen:
        return
    plants = Table("Plant", "What it is", box=None, pad_edge=False)
    for name, plant in PROFILES.items():
        plants.add_row(name, plant.title)
    faults = Table("Fault", "What it does", box=None, pad_edge=False)
    for fault in Fault:
        faults.add_row(fault.name.lower(), fault.description)
    screen.print(plants, "", faults)
    raise typer.Exit


def simulate(
    plant: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=lambda: list(PROFILES),
            help="A plant that --list names.",
        ),
    ] = None,
    capture: Annotated[
        list[Path] | None, typer.Option(help="A plant as recorded; repeat for more files.", **_FILE)
    ] = None,
    dump: Annotated[Path | None, typer.Option(help="A plant as probed.", **_FILE)] = None,
    file: Annotated[
        Path | None, typer.Option(help="A plant described in YAML or JSON.", **_FILE)
    ] = None,
    host: Annotated[str, typer.Option(metavar="NAME", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="NUMBER", help="On which port; 0 is any.")
    ] = PORT,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=SHARE]",
            help="What goes wrong, always or with a share of the answers; repeat for more.",
        ),
    ] = None,
    latency: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="How long an answer takes; left out, as long as with hardware.",
        ),
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0, metavar="FACTOR", help="How fast its time passes; 0 stops it.")
    ] = 1.0,
    *,
    others: Annotated[
        bool, typer.Option("--others", help="Have somebody else ask the plant too.")
    ] = False,
    _list: Annotated[
        bool,
        typer.Option(
            "--list",
            is_eager=True,
            callback=lambda value: listed(chosen=value),
            help="Show every plant and every fault, and end.",
        ),
    ] = False,
) -> None:
    """Simulate a plant that one can connect to, until Ctrl-C."""
    chosen = _profile(plant, capture or (), dump, file)
    faults = [_fault(it) for it in fault or ()]
    simulator = Simulator(
        chosen,
        host=host,
        port=port,
        latency=latency,
        speed=speed,
        foreign=cloud(chosen) if others else (),
    )
    for what, share in faults:
        simulator.inject(what, probability=share)
    asyncio.run(_serve(simulator, chosen))


def _profile(
    plant: str | None, captures: list[Path] | tuple[()], dump: Path | None, file: Path | None
) -> PlantProfile:
    """Return the one plant that was asked for; Misuse if there is none."""
    if sum(map(bool, (plant, captures, dump, file))) > 1:
        raise Misuse("--plant, --capture, --dump and --file each name a plant")
    try:
        if captures:
            return recorded(*captures)
        if dump is not None:
            return dumped(dump)
        if file is not None:
            return described(file)
    except (ValueError, KeyError) as err:
        raise Misuse(str(err)) from err
    if plant is not None and plant not in PROFILES:
        raise Misuse(f"there is no plant {plant!r}; simulate --list has all")
    return profile(plant or next(iter(PROFILES)))


def _fault(text: str) -> tuple[Fault, float]:
    """Return a fault and how often it strikes; Misuse if there is none of the name."""
    name, _, share = text.partition("=")
    try:
        fault = Fault[name.upper().replace("-", "_")]
    except KeyError:
        raise Misuse(f"there is no fault {name!r}; simulate --list has all") from None
    try:
        often = float(share or 1)
    except ValueError:
        often = -1.0
    if not 0 <= often <= 1:
        raise Misuse(f"{share!r} is no share between 0 and 1")
    return fault, often


async def _serve(simulator: Simulator, plant: PlantProfile) -> None:
    """Serve until interrupted."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, over.set)
    async with simulator:
        title = plant.title or plant.name
        where = f"{simulator.host}:{simulator.port}"
        screen.print(f"{title}: listening on {where}; Ctrl-C stops it", soft_wrap=True)
        await over.wait()
