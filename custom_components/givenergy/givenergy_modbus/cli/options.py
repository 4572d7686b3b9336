"""Options that several commands share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import typer

from .console import UsageError

_PANEL = "Connection"

PORT = 8899

HostArgument = Annotated[
    str | None,
    typer.Argument(metavar="[HOST]", show_default=False, help="The same as --host."),
]
Host = Annotated[
    str | None,
    typer.Option(
        "--host",
        "-H",
        envvar="GIVENERGY_HOST",
        metavar="NAME",
        help="Host name or IP address of the dongle.",
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
        help="TCP port of the dongle.",
        rich_help_panel=_PANEL,
    ),
]
TopologyFile = Annotated[
    Path | None,
    typer.Option(
        "--topology",
        envvar="GIVENERGY_TOPOLOGY",
        metavar="FILE",
        dir_okay=False,
        help="File that stores the detected devices, so that later commands start at once.",
        rich_help_panel=_PANEL,
    ),
]
TimeoutFactor = Annotated[
    float,
    typer.Option(
        "--timeout-factor",
        min=0.01,
        max=10.0,
        metavar="FACTOR",
        help="Scale time-outs and the gap between requests.",
        rich_help_panel=_PANEL,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
AllValues = Annotated[
    bool, typer.Option("--all", "-a", help="Show every value, not only the main ones.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the output file if it exists.")
]


@dataclass(frozen=True, slots=True)
class Target:
    """The plant to connect to."""

    host: str
    port: int
    topology: Path | None = None
    timeout_factor: float = 1.0

    @classmethod
    def of(cls, host: str | None, port: int, topology: Path | None, timeout_factor: float) -> Self:
        """Return the target the options name. Raises UsageError without a host."""
        if not host:
            raise UsageError("no host given: use --host or GIVENERGY_HOST")
        return cls(host, port, topology, timeout_factor)


def check_output(file: Path, *, overwrite: bool) -> None:
    """Raise UsageError if an output file exists and may not be replaced."""
    if file.exists() and not overwrite:
        raise UsageError(f"{file} exists: use --overwrite to replace it")
