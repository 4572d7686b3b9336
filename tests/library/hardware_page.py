"""The tables in docs/hardware.md, which are those the tests go by.

``python -m tests.library.hardware_page`` writes them anew.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.library import differences, differences_devices
from tests.library.difference import Difference, table

PAGE = Path(__file__).parents[2] / "docs" / "hardware.md"


def listed(questions: Mapping[str, str]) -> str:
    """Write open questions as a Markdown list."""
    return "\n".join(f"- `{name}`: {why}" for name, why in questions.items())


def sections() -> Iterable[tuple[str, str]]:
    """Yield what stands between the marks of each name."""
    rows: tuple[Difference, ...] = (*differences.DIFFERENCES, *differences_devices.DIFFERENCES)
    yield "differences", table(rows)
    yield "open inverters", listed(differences.OPEN)
    yield "open devices", listed(differences_devices.OPEN)


def filled(page: str) -> str:
    """Return the page with every marked section as the tables have it."""
    for name, content in sections():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        if not (begin and end):
            raise ValueError(f"the page has no section {name}")
        page = f"{before}{begin}\n{content}\n\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
