"""Implement the check command."""

import typer
from rich.table import Table

from ..client.client import Client
from ..client.system_check import SystemCheck, check_system
from ..client.timing import Timing
from .console import ExitCode, screen, waiting, write_json, write_line
from .options import Target

_IN_SECONDS = {"response_time_median", "response_time_max", "clock_drift"}


async def check(target: Target, *, listen: float, redacted: bool, json: bool) -> None:
    """Check the system and show the result with a sentence of advice for each finding."""
    client = Client(target.host, target.port, timing=Timing().scaled(target.timeout_factor))
    try:
        with waiting("Checking"):
            result = await check_system(client, listen=listen)
    finally:
        await client.close()
    if json:
        write_json(result.to_dict(redact=redacted))
    else:
        _show(result, redacted=redacted)
    if result.inverter_serial is None:
        raise typer.Exit(ExitCode.FAILED)


def _show(result: SystemCheck, *, redacted: bool) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in result.to_dict(redact=redacted).items():
        if name != "findings":
            shown = "-" if value is None else f"{value} s" if name in _IN_SECONDS else str(value)
            table.add_row(name.replace("_", " "), shown)
    screen.print(table)
    for finding in result.findings:
        write_line(f"* {finding.advice}")
    if not result.findings:
        write_line("Nothing unusual found.")
