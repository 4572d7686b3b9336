"""All commands together."""

from typing import Annotated

import typer

from . import dumps, recording, setting, showing, simulating
from .console import Commands, line, log

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, chosen: bool) -> None:
    if chosen:
        line(dumps.version_line())
        raise typer.Exit


@app.callback()
def settings(
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Tell more; twice, everything.")
    ] = 0,
    *,
    _shown: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda value: _version(chosen=value),
            help="Show the version, and end.",
        ),
    ] = False,
) -> None:
    """Talk to a GivEnergy plant on the local network.

    Exit codes: 0 done, 1 out of reach or refused, 2 used wrongly, 3 not everything came.
    """
    log(verbose)


for _command in (
    showing.detect,
    showing.show,
    showing.watch,
    dumps.probe,
    recording.capture,
    recording.replay,
    simulating.simulate,
    dumps.redact,
):
    app.command()(_command)
app.command("set")(setting.set_)
