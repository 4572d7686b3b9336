"""Commands that look at a plant."""

import asyncio
from contextlib import nullcontext
from datetime import datetime
from itertools import count
from typing import Annotated

import typer
from rich.live import Live

from ..client.client import Client
from ..exceptions import CommunicationError, ReadFailure
from . import views
from .console import Outcome, as_json, complain, line, remark, screen, waiting
from .target import PORT, Factor, Host, Layout, Place, Port, Where, as_far_as_possible, spelled

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Everything = Annotated[
    bool, typer.Option("--all", "-a", help="Show every value, not only the most interesting.")
]


def detect(
    place: Place = None,
    host: Host = None,
    port: Port = PORT,
    layout: Layout = None,
    patience: Factor = 1.0,
    *,
    anew: Annotated[
        bool, typer.Option("--anew", help="Look everywhere, whatever the layout says.")
    ] = False,
    json: Json = False,
) -> None:
    """Find out what the plant is made of.

    As JSON it is what --layout keeps.
    """
    asyncio.run(_detect(Where.at(place or host, port, layout, patience), anew=anew, json=json))


async def _detect(where: Where, *, anew: bool, json: bool) -> None:
    async with where.reached() as client:
        found = await where.find(client, anew=anew)
        if json:
            as_json(found.to_dict())
        else:
            screen.print(views.overview(client.plant))


def show(
    place: Place = None,
    host: Host = None,
    port: Port = PORT,
    layout: Layout = None,
    patience: Factor = 1.0,
    *,
    everything: Everything = False,
    json: Json = False,
) -> None:
    """Show what the plant measures and how it is set."""
    asyncio.run(
        _show(Where.at(place or host, port, layout, patience), everything=everything, json=json)
    )


async def _show(where: Where, *, everything: bool, json: bool) -> None:
    async with where.found() as client:
        with waiting("Reading"):
            missed = spelled(await as_far_as_possible(client.load_config, client.refresh))
        if json:
            as_json(views.as_values(client.plant, missed))
        else:
            screen.print(views.readings(client.plant, everything=everything))
    if missed:
        remark(f"not answered: {', '.join(missed)}")
        raise typer.Exit(Outcome.PARTIAL)


def watch(
    place: Place = None,
    host: Host = None,
    port: Port = PORT,
    layout: Layout = None,
    patience: Factor = 1.0,
    *,
    interval: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="The time from one poll to the next.")
    ] = 10.0,
    polls: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help="Stop after so many polls.")
    ] = None,
    everything: Everything = False,
    json: Annotated[bool, typer.Option("--json", help="Write a line of JSON to the poll.")] = False,
) -> None:
    """Show what the plant measures, again and again."""
    watching = _Watch(everything=everything, json=json)
    asyncio.run(watching.run(Where.at(place or host, port, layout, patience), interval, polls))


class _Watch:
    """One look after the other, on a screen that is drawn anew or in lines."""

    def __init__(self, *, everything: bool, json: bool) -> None:
        self._everything, self._json = everything, json
        self._in_lines = json or not screen.is_terminal
        self._live = None if self._in_lines else Live(console=screen, auto_refresh=False)

    async def run(self, where: Where, interval: float, polls: int | None) -> None:
        """Poll until told to stop, or so many times."""
        loop = asyncio.get_running_loop()
        async with where.found() as client:
            await as_far_as_possible(client.load_config)
            with self._live or nullcontext():
                for number in count(1):
                    began = loop.time()
                    await self._look(client)
                    if number == polls:
                        return
                    await asyncio.sleep(max(0.0, began + interval - loop.time()))

    async def _look(self, client: Client) -> None:
        """Poll once; a plant out of reach may be back next time."""
        try:
            missed = await as_far_as_possible(client.refresh)
        except CommunicationError as err:
            complain(err)
        else:
            self._draw(client, missed)

    def _draw(self, client: Client, missed: list[ReadFailure]) -> None:
        if self._json:
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            values = {"at": now, **views.as_values(client.plant, spelled(missed))}
            as_json(values, compact=True)
        elif self._live is None:
            line(f"{datetime.now().astimezone():%H:%M:%S}  {views.headline(client.plant)}")
        else:
            self._live.update(
                views.readings(client.plant, everything=self._everything), refresh=True
            )
        if missed:
            remark(f"not answered: {', '.join(spelled(missed))}")
