"""Output and exit codes."""

import json
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from enum import IntEnum
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, override

import typer
from rich.console import Console
from typer.core import TyperGroup

from ..errors import ExceptionBase, InvalidSetting

if TYPE_CHECKING:
    from rich.progress import Progress

_DISTRIBUTION = "givenergy-local-modbus"

screen = Console(highlight=False)
"""Standard output."""

aside = Console(stderr=True, highlight=False)
"""Standard error: progress, warnings and errors."""


class ExitCode(IntEnum):
    """The exit codes."""

    SUCCESS = 0
    FAILED = 1
    """The plant is unreachable, did not respond, or refused."""
    USAGE = 2
    """The arguments are invalid."""
    PARTIAL = 3
    """Some reads failed; the others are shown."""


class UsageError(Exception):
    """The arguments are invalid, for the reason in the message."""


class Commands(TyperGroup):
    """A command group that reports errors in one line each, with an exit code."""

    @override
    def invoke(self, ctx: Any) -> Any:
        """Run a command, and translate its exceptions to exit codes."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:
            raise  # the reading end of a pipe has closed
        except (UsageError, InvalidSetting) as err:
            write_error(err)
            raise typer.Exit(ExitCode.USAGE) from err
        except (ExceptionBase, OSError) as err:
            write_error(err)
            raise typer.Exit(ExitCode.FAILED) from err


def version_line() -> str:
    """Return the program's name and version."""
    try:
        return f"givenergy-modbus {version(_DISTRIBUTION)}"
    except PackageNotFoundError:
        return "givenergy-modbus"


def write_error(message: object) -> None:
    """Write an error message in one line."""
    text = " ".join(str(message).split()) or type(message).__name__
    aside.print(f"[bold red]error:[/] {_escape(text)}", soft_wrap=True)


def write_warning(message: object) -> None:
    """Write a warning."""
    aside.print(f"[yellow]{_escape(str(message))}[/]", soft_wrap=True)


def write_line(text: str) -> None:
    """Write a line without markup."""
    typer.echo(text)


def write_json(value: Mapping[str, Any], *, compact: bool = False) -> None:
    """Write a value as JSON; ``compact`` in one line."""
    typer.echo(json.dumps(value, indent=None if compact else 2, ensure_ascii=False, default=str))


def progress_bar() -> Progress:
    """Return a transient progress bar."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

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
    """Show a spinner while something takes time."""
    return aside.status(text) if aside.is_terminal else nullcontext()


def configure_logging(verbosity: int) -> None:
    """Log errors to standard error; info with ``verbosity`` 1, debug with 2."""
    from rich.logging import RichHandler

    level = (logging.ERROR, logging.INFO, logging.DEBUG)[min(verbosity, 2)]
    handler = RichHandler(console=aside, show_path=False, markup=False)
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler], force=True)


def _escape(text: str) -> str:
    """Escape rich markup."""
    return text.replace("[", r"\[")
