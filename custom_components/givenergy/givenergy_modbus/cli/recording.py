"""Implement the commands that record traffic and show recordings."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from ..capture_file import read_lines
from ..client.capture import Sink
from ..client.client import Client
from ..exceptions import CommunicationError
from ..testing import plant_from_capture
from . import views
from .connecting import connected, read_topology
from .console import UsageError, progress_bar, screen, write_json, write_warning
from .options import Target

_PROGRESS_INTERVAL = 0.2


def capture(target: Target, file: Path, duration: float, interval: float) -> None:
    """Record traffic into a file, for ``duration`` seconds."""
    counts = asyncio.run(_capture(target, file, duration, interval))
    received, sent = counts["rx"], counts["tx"]
    screen.print(f"{file}: {received} frames received, {sent} sent", soft_wrap=True)


async def _capture(target: Target, file: Path, duration: float, interval: float) -> Counter[str]:
    counts: Counter[str] = Counter()
    async with connected(target) as client:
        with file.open("w", encoding="utf-8") as output:
            await _record(client, partial(_write, output, counts), duration, interval)
    return counts


def _write(output: TextIO, counts: Counter[str], direction: str, frame: bytes) -> None:
    counts[direction] += 1
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    output.write(f"{now} {direction} {frame.hex()}\n")
    output.flush()


async def _record(client: Client, sink: Sink, duration: float, interval: float) -> None:
    """Pass all frames to a sink for some seconds, and poll meanwhile."""
    polling = asyncio.create_task(_poll(client, interval))
    showing = asyncio.create_task(_show_progress(duration))
    try:
        await client.capture_frames(sink, duration)
    finally:
        for task in (polling, showing):
            task.cancel()
        await asyncio.gather(polling, showing, return_exceptions=True)


async def _poll(client: Client, interval: float) -> None:
    """Detect the devices and poll them; failures are recorded like everything else."""
    detected = False
    while True:
        with suppress(CommunicationError):
            if not detected:
                await client.detect()
                detected = True
                await client.load_config()
            await client.refresh()
        await asyncio.sleep(interval)


async def _show_progress(duration: float) -> None:
    with progress_bar() as bar:
        task = bar.add_task("Recording", total=round(duration))
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            bar.update(task, completed=int(loop.time() - started))
            await asyncio.sleep(_PROGRESS_INTERVAL)


def replay(files: list[Path], topology: Path | None, *, all_values: bool, json: bool) -> None:
    """Show the plant recorded in capture files."""
    chunks = len(read_lines(*files))
    try:
        plant = plant_from_capture(*files, prior=read_topology(topology))
    except ValueError as err:
        raise UsageError(str(err)) from err
    if json:
        write_json(views.as_values(plant))
    else:
        screen.print(views.overview(plant))
        screen.print(views.readings(plant, everything=all_values))
    if dropped := sum(plant.dropped.values()):
        reasons = ", ".join(f"{count} {reason}" for reason, count in plant.dropped.most_common())
        write_warning(f"{dropped} of {chunks} responses rejected as implausible: {reasons}")
