"""Implement the commands that show a plant."""

import asyncio
from contextlib import nullcontext
from datetime import datetime
from itertools import count

import typer
from rich.live import Live

from ..client.client import Client
from ..exceptions import CommunicationError, ReadFailure
from . import views
from .connecting import (
    connected,
    detect_devices,
    detected,
    format_failures,
    poll_all,
    read_topology,
)
from .console import ExitCode, screen, waiting, write_error, write_json, write_line, write_warning
from .options import Target


async def detect(target: Target, *, rescan: bool, json: bool) -> None:
    """Detect the devices and show them."""
    # Read it for a rescan too: a file that is not a topology file is not replaced.
    prior = read_topology(target.topology)
    async with connected(target) as client:
        topology = await detect_devices(client, target.topology, None if rescan else prior)
        if json:
            write_json(topology.to_dict())
        else:
            screen.print(views.overview(client.plant))


async def show(target: Target, *, all_values: bool, json: bool) -> None:
    """Read all measurements and settings once and show them."""
    async with detected(target) as client:
        with waiting("Reading"):
            failures = format_failures(await poll_all(client.load_config, client.refresh))
        if json:
            write_json(views.as_values(client.plant, failures))
        else:
            screen.print(views.readings(client.plant, everything=all_values))
    if failures:
        write_warning(f"no response: {', '.join(failures)}")
        raise typer.Exit(ExitCode.PARTIAL)


class Watch:
    """Polls repeatedly, and shows values on a live screen or in lines."""

    def __init__(self, *, all_values: bool, json: bool) -> None:
        """Choose the live screen for terminals, lines otherwise."""
        self._all_values, self._json = all_values, json
        self._in_lines = json or not screen.is_terminal
        self._live = None if self._in_lines else Live(console=screen, auto_refresh=False)

    async def run(self, target: Target, interval: float, polls: int | None) -> None:
        """Poll every ``interval`` seconds until canceled, or for a number of polls."""
        loop = asyncio.get_running_loop()
        async with detected(target) as client:
            await poll_all(client.load_config)
            with self._live or nullcontext():
                for number in count(1):
                    started = loop.time()
                    await self._poll(client)
                    if number == polls:
                        return
                    await asyncio.sleep(max(0.0, started + interval - loop.time()))

    async def _poll(self, client: Client) -> None:
        """Poll once; an error is shown, and the next poll tries again."""
        try:
            failures = await poll_all(client.refresh)
        except CommunicationError as err:
            write_error(err)
        else:
            self._draw(client, failures)

    def _draw(self, client: Client, failures: list[ReadFailure]) -> None:
        if self._json:
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            values = {"at": now, **views.as_values(client.plant, format_failures(failures))}
            write_json(values, compact=True)
        elif self._live is None:
            write_line(f"{datetime.now().astimezone():%H:%M:%S}  {views.headline(client.plant)}")
        else:
            self._live.update(
                views.readings(client.plant, everything=self._all_values), refresh=True
            )
        if failures:
            write_warning(f"no response: {', '.join(format_failures(failures))}")
