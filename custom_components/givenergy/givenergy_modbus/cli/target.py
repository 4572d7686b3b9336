"""Getting to a plant: where it is, how patient to be, and what is known of it already."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import typer

from ..client.client import Client
from ..client.patience import Patience
from ..exceptions import PlantTopologyMismatch, ReadFailure, RefreshPartiallySucceeded
from ..model.capabilities import PlantCapabilities
from .console import Misuse, progress

_PANEL = "The plant"

Place = Annotated[
    str | None,
    typer.Argument(metavar="[HOST]", show_default=False, help="The same as --host, if given."),
]
Host = Annotated[
    str | None,
    typer.Option(
        "--host",
        "-H",
        envvar="GIVENERGY_HOST",
        metavar="NAME",
        help="Where its data adapter is on the network.",
        rich_help_panel=_PANEL,
    ),
]
Port = Annotated[
    int,
    typer.Option(
        "--port",
        "-p",
        envvar="GIVENERGY_PORT",
        min=1,
        max=65535,
        metavar="NUMBER",
        help="The port it listens on.",
        rich_help_panel=_PANEL,
    ),
]
Layout = Annotated[
    Path | None,
    typer.Option(
        "--layout",
        envvar="GIVENERGY_LAYOUT",
        metavar="FILE",
        dir_okay=False,
        help="Where to keep what the plant is made of, so that it is looked for only once.",
        rich_help_panel=_PANEL,
    ),
]
Factor = Annotated[
    float,
    typer.Option(
        "--patience",
        min=0.0,
        max=10.0,
        metavar="FACTOR",
        help="How long to wait for answers and between questions; 1 suits inverters.",
        rich_help_panel=_PANEL,
    ),
]

PORT = 8899


@dataclass(frozen=True, slots=True)
class Where:
    """A plant to go to."""

    host: str
    port: int
    layout: Path | None = None
    patience: float = 1.0

    @classmethod
    def at(cls, host: str | None, port: int, layout: Path | None, patience: float) -> Self:
        """Return where to go; Misuse if nobody said."""
        if not host:
            raise Misuse("say where the plant is, with --host or in GIVENERGY_HOST")
        return cls(host, port, layout, patience)

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Client]:
        """Connect, and close when done."""
        patience = Patience().scaled(self.patience)
        async with Client(self.host, self.port, patience=patience) as client:
            yield client

    @asynccontextmanager
    async def found(self) -> AsyncIterator[Client]:
        """Connect and find out what the plant is made of."""
        async with self.reached() as client:
            await self.find(client)
            yield client

    async def find(self, client: Client, *, anew: bool = False) -> PlantCapabilities:
        """Find out what the plant is made of, from what is known of it if anything is.

        ``anew`` disregards what is known.
        """
        prior = None if anew else read_layout(self.layout)
        with progress() as bar:
            task = bar.add_task("Looking what is there", total=None)
            try:
                found = await client.detect(
                    prior=prior,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            except PlantTopologyMismatch as err:
                message = f"{err.message} from {self.layout}: detect --anew looks what it is now"
                raise PlantTopologyMismatch(message, err.prior, err.actual) from err
        if self.layout is not None:
            self.layout.write_text(json.dumps(found.to_dict(), indent=2) + "\n")
        return found


def read_layout(layout: Path | None) -> PlantCapabilities | None:
    """Return the layout in a file, None if there is no such file."""
    if layout is None or not layout.exists():
        return None
    try:
        return PlantCapabilities.from_dict(json.loads(layout.read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise Misuse(f"{layout} holds no layout: {err!r}") from err


async def as_far_as_possible(*polls: Callable[[], Awaitable[object]]) -> list[ReadFailure]:
    """Make polls, and return what they did not bring; raises if one brought nothing."""
    missed: list[ReadFailure] = []
    for poll in polls:
        try:
            await poll()
        except RefreshPartiallySucceeded as err:
            missed += err.failures
    return missed


def spelled(missed: Sequence[ReadFailure]) -> list[str]:
    """Return failed reads as dumps name them."""
    banks = {"ReadHoldingRegistersRequest": "HR", "ReadInputRegistersRequest": "IR"}
    return [
        f"{it.device_address:#04x}:{banks.get(it.request_type, 'MR')}"
        f"({it.base_register},{it.register_count})"
        for it in missed
    ]
