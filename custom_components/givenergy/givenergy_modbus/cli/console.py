"""What goes to the screen, and what a command's outcome is to a script."""

import json
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from enum import IntEnum
from typing import Any, override

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from typer.core import TyperGroup

from ..exceptions import ExceptionBase, InvalidSetting

screen = Console(highlight=False)
"""What was asked for; may be piped on."""

aside = Console(stderr=True, highlight=False)
"""Progress, warnings and errors."""


class Outcome(IntEnum):
    """The exit codes."""

    DONE = 0
    FAILED = 1
    """The plant could not be reached, did not answer, or refused."""
    USAGE = 2
    """What was asked for makes no sense."""
    PARTIAL = 3
    """Some of it did not come; what did was shown."""


class Misuse(Exception):
    """What was asked for makes no sense, for the reason given."""


class Commands(TyperGroup):
    """Commands whose errors are one line each, and an exit code."""

    @override
    def invoke(self, ctx: Any) -> Any:
        """Run a command, and end as its outcome says."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:
            raise  # whoever read this has seen enough
        except (Misuse, InvalidSetting) as err:
            complain(err)
            raise typer.Exit(Outcome.USAGE) from err
        except (ExceptionBase, OSError) as err:
            complain(err)
            raise typer.Exit(Outcome.FAILED) from err


def complain(what: object) -> None:
    """Say in a line what went wrong."""
    text = " ".join(str(what).split()) or type(what).__name__
    aside.print(f"[bold red]error:[/] {_plain(text)}", soft_wrap=True)


def remark(what: object) -> None:
    """Say something in passing."""
    aside.print(f"[yellow]{_plain(str(what))}[/]", soft_wrap=True)


def line(text: str) -> None:
    """Write a line exactly as it is."""
    typer.echo(text)


def as_json(value: Mapping[str, Any], *, compact: bool = False) -> None:
    """Write a value for programs to read; ``compact`` in a single line."""
    typer.echo(json.dumps(value, indent=None if compact else 2, ensure_ascii=False, default=str))


def progress() -> Progress:
    """Return a bar that shows how far something is, and leaves nothing behind."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=aside,
        transient=True,
        disable=not aside.is_terminal,
    )


def waiting(text: str) -> AbstractContextManager[object]:
    """Show that something takes a moment."""
    return aside.status(text) if aside.is_terminal else nullcontext()


def log(verbosity: int) -> None:
    """Show what the library says of its doings: errors, or more the higher ``verbosity`` is."""
    level = (logging.ERROR, logging.INFO, logging.DEBUG)[min(verbosity, 2)]
    handler = RichHandler(console=aside, show_path=False, markup=False)
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler], force=True)


def _plain(text: str) -> str:
    """Return text in which brackets mean nothing but themselves."""
    return text.replace("[", r"\[")
