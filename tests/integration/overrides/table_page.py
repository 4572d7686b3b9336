"""The table of registers in docs/overrides.md, from what simulated plants were written."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "overrides.md"
WRITES = "WRITE_OVERRIDES" in os.environ
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
OVERRIDES = ("force_charge", "force_export", "hold")

type Writes = Sequence[tuple[int, int]]


def table(written: Mapping[tuple[str, str], tuple[Writes, Writes]]) -> str:
    """Return the table: what each plant was written at the start and at the end."""
    lines = ["| Simulated system | Override | Written at the start | Restored at the end |"]
    lines.append("| --- | --- | --- | --- |")
    for (plant, override), (started, ended) in written.items():
        lines.append(f"| {plant} | `{override}` | {_listed(started)} | {_listed(ended)} |")
    return "\n".join(lines) + "\n"


def _listed(writes: Writes) -> str:
    return ", ".join(f"HR{register}={word}" for register, word in writes) or "nothing"


def shown() -> str:
    """Return the table as it is on the page."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0]


def write(text: str) -> None:
    """Put a table on the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + text + END + rest.partition(END)[2])
