"""No two classes of one name, and no two modules of one name in the same half of the project."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

INTEGRATION = Path(__file__).parents[1] / "custom_components" / "givenergy"
LIBRARY = INTEGRATION / "givenergy_modbus"

SHARED = {
    "client": "the public path of the class Client is givenergy_modbus.client.client",
    "commands": "givenergy_modbus.client.commands is public and made of model/commands",
}
"""Names of the library that two modules have, and why."""


def _modules(library: bool) -> Iterator[Path]:
    for path in INTEGRATION.rglob("*.py"):
        if path.is_relative_to(LIBRARY) == library:
            yield path


def _name(path: Path) -> str:
    return path.parent.name if path.stem == "__init__" else path.stem


def _shared(names: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: places for name, places in names.items() if len(places) > 1}


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in INTEGRATION.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(INTEGRATION)))
    assert len(places) > 200
    assert _shared(places) == {}


def test_no_two_modules_of_a_half_have_one_name() -> None:
    for library in (False, True):
        places: dict[str, list[str]] = defaultdict(list)
        for path in _modules(library):
            places[_name(path)].append(str(path.relative_to(INTEGRATION)))
        assert len(places) > 50
        assert _shared(places).keys() == (SHARED.keys() if library else set())
