"""Figures on the pages of the documentation."""

import os
import platform
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def machine() -> str:
    """Return what was measured on."""
    cpus = os.process_cpu_count()
    return f"Python {platform.python_version()}, {platform.machine()}, {cpus} processors."


def write_section(page: Path, name: str, text: str) -> None:
    """Replace what a page has between two marks; ValueError if it has none of that name."""
    before, begin, rest = page.read_text().partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not (begin and end):
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{after}")
