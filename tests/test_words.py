"""Docstrings use the terms of the field, not private idioms."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "givenergy"
LIBRARY = INTEGRATION / "givenergy_modbus"

IDIOMS = re.compile(
    r"\b(told|tells?|says?|said|brings?|brought|whoever|whom|nobody|somebody|anybody|whatever|be it"
    r"|amounts? to|worked out|hangs?|spoilt|garbled|hush|at will|so already|for ever|made up|be so"
    r"|no matter|none worth|may have their way|gone astray|in command|speaks? for)\b",
    re.IGNORECASE,
)
LIMIT = 0.03
"""Share of docstrings that may have one of them."""

PARTS = {
    "integration": sorted(set(INTEGRATION.rglob("*.py")) - set(LIBRARY.rglob("*.py"))),
    "library": sorted(LIBRARY.rglob("*.py")),
    "tests": sorted((ROOT / "tests").rglob("*.py")),
    "scripts": sorted([*(ROOT / "scripts").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]),
}


def docstrings(path: Path) -> Iterator[str]:
    """Yield the docstrings of a module, those of attributes too."""
    for node in ast.walk(ast.parse(path.read_text())):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield text


@pytest.mark.parametrize("part", PARTS)
def test_docstrings_use_the_terms_of_the_field(part: str) -> None:
    found = [
        (f"{path.relative_to(ROOT)}: {text}", bool(IDIOMS.search(text)))
        for path in PARTS[part]
        for text in docstrings(path)
    ]
    idioms = [text for text, is_idiom in found if is_idiom]
    assert len(found) > 100
    assert len(idioms) < LIMIT * len(found), "\n".join(idioms)


@pytest.mark.parametrize("part", PARTS)
def test_loop_variables_are_words(part: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in PARTS[part]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "it"
    ]
    assert found == []
