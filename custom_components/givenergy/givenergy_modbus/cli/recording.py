"""Commands that record what is said on the wire, and show what was."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TextIO

import typer

from ..client.capture import Sink
from ..client.client import Client
from ..exceptions import CommunicationError
from ..testing import plant_from_capture, read_lines
from . import views
from .console import Misuse, as_json, progress, remark, screen
from .showing import Everything, Json
from .target import PORT, Factor, Host, Port, Where, read_layout

_STEP = 0.2


def capture(
    file: Annotated[
        Path, typer.Argument(dir_okay=False, writable=True, metavar="FILE", show_default=False)
    ],
    host: Host = None,
    port: Port = PORT,
    patience: Factor = 1.0,
    *,
    duration: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to record.")
    ] = 60.0,
    interval: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="The time from one poll to the next.")
    ] = 5.0,
) -> None:
    """Record what is said on the wire, for a bug report; serial numbers lose the unit.

    The plant is detected and polled meanwhile, so that there is something to record.
    """
    counts = asyncio.run(_capture(Where.at(host, port, None, patience), file, duration, interval))
    received, sent = counts["rx"], counts["tx"]
    screen.print(f"{file}: {received} frames received, {sent} sent", soft_wrap=True)


async def _capture(where: Where, file: Path, duration: float, interval: float) -> Counter[str]:
    counts: Counter[str] = Counter()
    async with where.reached() as client:
        with file.open("w", encoding="utf-8") as to:
            await _record(client, partial(_write, to, counts), duration, interval)
    return counts


def _write(to: TextIO, counts: Counter[str], direction: str, frame: bytes) -> None:
    counts[direction] += 1
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    to.write(f"{now} {direction} {frame.hex()}\n")
    to.flush()


async def _record(client: Client, sink: Sink, duration: float, interval: float) -> None:
    """Show everything to a sink for a while, and see to it that there is something."""
    asking = asyncio.create_task(_ask(client, interval))
    showing = asyncio.create_task(_show_time(duration))
    try:
        await client.capture_frames(sink, duration)
    finally:
        for task in (asking, showing):
            task.cancel()
        await asyncio.gather(asking, showing, return_exceptions=True)


async def _ask(client: Client, interval: float) -> None:
    """Detect the plant and poll it; what fails is worth recording too."""
    known = False
    while True:
        with suppress(CommunicationError):
            if not known:
                await client.detect()
                known = True
                await client.load_config()
            await client.refresh()
        await asyncio.sleep(interval)


async def _show_time(duration: float) -> None:
    with progress() as bar:
        task = bar.add_task("Recording", total=round(duration))
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            bar.update(task, completed=int(loop.time() - began))
            await asyncio.sleep(_STEP)


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, metavar="FILE...", show_default=False),
    ],
    layout: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="What the plant is made of, where the capture does not tell.",
        ),
    ] = None,
    *,
    everything: Everything = False,
    json: Json = False,
) -> None:
    """Show the plant that a capture was made of."""
    chunks = len(read_lines(*files))
    try:
        plant = plant_from_capture(*files, prior=read_layout(layout))
    except ValueError as err:
        raise Misuse(str(err)) from err
    if json:
        as_json(views.as_values(plant))
    else:
        screen.print(views.overview(plant))
        screen.print(views.readings(plant, everything=everything))
    if dropped := sum(plant.dropped.values()):
        reasons = ", ".join(f"{count} {reason}" for reason, count in plant.dropped.most_common())
        remark(f"{dropped} of {chunks} not believed: {reasons}")
