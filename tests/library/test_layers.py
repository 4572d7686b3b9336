"""The library depends downwards only, and on nothing of Home Assistant's."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from textwrap import dedent

import givenergy_modbus
import pytest

PACKAGE = Path(givenergy_modbus.__path__[0])

FOREIGN = ("homeassistant", "custom_components", "givenergy_modbus")

LAYERS = (
    ("errors", "crc", "clock", "write_report"),
    ("pdu", "framer"),
    ("capture_file",),
    ("model",),
    ("exceptions",),
    ("client",),
    ("simulator", "testing"),
    ("cli", "__main__"),
)
"""Parts of the library, each of which may use what is named before it."""

MODEL_LAYERS = (
    ("", "enums", "fault_codes", "field_docs", "models"),
    ("codecs",),
    ("serials",),
    ("register",),
    ("plan",),
    ("register_model",),
    ("commands",),
    ("devices",),
    ("inverter", "inverter_threephase"),
    ("device_kinds",),
    ("redaction", "register_cache", "capabilities"),
    ("topology", "allowlist", "pace"),
    ("plant_inverter", "freshness"),
    ("guards",),
    ("ingest",),
    ("plant_views",),
    ("plant_devices",),
    ("plant",),
)
"""The same within the model; a package counts for all its modules."""


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return what each module of the library imports, from the library and from elsewhere."""
    return {
        _name(path): frozenset(imported(path.read_text(), _package(path)))
        for path in PACKAGE.rglob("*.py")
    }


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _package(path: Path) -> tuple[str, ...]:
    return path.relative_to(PACKAGE).parts[:-1]


def imported(source: str, package: tuple[str, ...]) -> Iterator[str]:
    """Yield what a module imports, also inside functions and for typing only.

    A module of the library goes by its name below the library, anything else by its
    own name with a colon in front.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (f":{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield f":{node.module}"
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            base += tuple((node.module or "").split(".")) if node.module else ()
            yield from (_module(base, alias.name) for alias in node.names)


def _module(base: tuple[str, ...], name: str) -> str:
    """Return the module that ``from base import name`` loads: name itself, or base."""
    folder = PACKAGE.joinpath(*base)
    if (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists():
        return ".".join((*base, name))
    return ".".join(base)


def layer(module: str) -> tuple[int, int]:
    """Return how high a module stands, and how high within the model."""
    if not module:
        return -1, 0
    part, _, rest = module.partition(".")
    height = next(at for at, names in enumerate(LAYERS) if part in names)
    if part != "model":
        return height, 0
    named = {name: at for at, names in enumerate(MODEL_LAYERS) for name in names}
    return height, named.get(rest, named[rest.partition(".")[0]] if rest else named[""])


def test_nothing_of_home_assistant_and_no_name_of_its_own() -> None:
    for module, names in imports().items():
        absolute = {name[1:].partition(".")[0] for name in names if name.startswith(":")}
        assert not absolute & set(FOREIGN), module


def test_no_module_reaches_up() -> None:
    for module, names in imports().items():
        for name in names:
            if not name.startswith(":"):
                assert layer(name) <= layer(module), f"{module} imports {name}"


def test_no_module_depends_on_itself() -> None:
    graph = {
        module: {name for name in names if not name.startswith(":")} - {module, ""}
        for module, names in imports().items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as err:
        pytest.fail(" imports ".join(err.args[1]))


def test_everything_has_its_layer() -> None:
    assert len(imports()) > 40
    for module in imports():
        assert layer(module) is not None


def test_an_import_is_seen_wherever_it_hides() -> None:
    source = dedent(
        """
        import json
        from typing import TYPE_CHECKING
        from .model import register
        from . import exceptions
        if TYPE_CHECKING:
            from .client.client import Client
        else:
            from .framer import Framer
        def late():
            from .pdu.base import BasePDU
        """
    )
    assert set(imported(source, ())) == {
        ":json",
        ":typing",
        "model.register",
        "exceptions",
        "client.client",
        "framer",
        "pdu.base",
    }
    assert set(imported("from ..crc import crc16\nfrom . import TimeSlot", ("model",))) == {
        "crc",
        "model",
    }
