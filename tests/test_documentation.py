"""Paths that the pages for developers name exist."""

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

from tests.library.test_layers import LAYERS

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "givenergy"
LIBRARY = INTEGRATION / "givenergy_modbus"
FOLDERS = (ROOT, INTEGRATION, LIBRARY, ROOT / "docs")

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("adding-a-model", "architecture", "glossary")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
PATH = re.compile(r"`(\.?[\w./-]*(?:/|\.py|\.md|\.json|\.yaml|\.toml|\.yml|\.lock))`")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
EXAMPLES = {"de.json", "diagnostics.json"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_paths_exist(page: Path) -> None:
    named = set(PATH.findall(page.read_text())) - EXAMPLES
    missing = {name for name in named if not any((at / name).exists() for at in FOLDERS)}
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    generated = {"registers/index.md"}
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    links = set(LINK.findall(prose)) - generated
    missing = {link for link in links if not (page.parent / link).exists()}
    assert missing == set()


def test_the_picture_shows_the_layers_in_their_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    picture = page.split("nothing below imports homeassistant")[1].split("```")[0]
    shown: dict[str, int] = {}
    for line, text in enumerate(picture.splitlines()):
        for names in re.findall(r"^  (\w+(?:, \w+)*)", text):
            shown |= dict.fromkeys(names.split(", "), line)
    lines = [shown[names[0]] for names in LAYERS]
    assert lines == sorted(lines, reverse=True)
    (last,) = {shown[name] for name in LAYERS[0]}
    assert last == max(shown.values())


def test_the_picture_names_modules_that_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert len(set(PATH.findall(page))) > 15


def documented() -> list[str]:
    """Return what the reference pages document, by its import path."""
    pages = sorted((ROOT / "docs" / "library").glob("*.md"))
    found = (re.findall(r"^::: (\S+)$", page.read_text(), re.MULTILINE) for page in pages)
    named = [name for names in found for name in names]
    assert len(named) > 30
    return named


@pytest.mark.parametrize("name", documented())
def test_documented_objects_exist(name: str) -> None:
    assert resolve_name(name) is not None


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_pages_call_the_dongle_a_dongle(page: Path) -> None:
    """The vendor's term stands once on a page, beside ours."""
    text = page.read_text()
    assert len(re.findall(r"data\s+adapter", text)) == len(
        re.findall(r"dongles?\s+\(data\s+adapters?\)", text)
    )
    assert len(re.findall(r"data\s+adapter", text)) <= 1
