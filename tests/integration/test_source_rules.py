"""Rules of Home Assistant that the source of an integration can be checked for."""

import ast
import re
from collections.abc import Iterator

import pytest

from custom_components.givenergy import PLATFORMS

from .test_data_files import INTEGRATION, SOURCES, calls

READ_ONLY = {"binary_sensor", "event", "sensor"}


def functions(module: str, name: str) -> Iterator[ast.AsyncFunctionDef]:
    """Yield a module's coroutine functions of a name."""
    for node in ast.walk(SOURCES[module]):
        if isinstance(node, ast.AsyncFunctionDef) and node.name == name:
            yield node


@pytest.mark.parametrize("platform", PLATFORMS)
def test_platforms_say_how_much_they_do_at_once(platform: str) -> None:
    (value,) = (
        node.value
        for node in SOURCES[platform].body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PARALLEL_UPDATES"
    )
    assert ast.unparse(value) == ("0" if platform in READ_ONLY else "1")


def test_platforms_are_in_order_and_complete() -> None:
    assert sorted(PLATFORMS) == PLATFORMS
    with_setup = {name for name in SOURCES if any(functions(name, "async_setup_entry"))}
    assert with_setup - {"__init__"} == set(PLATFORMS)


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        ("async_setup_entry", 1),
        ("async_unload_entry", 1),
        ("async_remove_entry", 1),
        ("async_remove_config_entry_device", 1),
        ("async_get_config_entry_diagnostics", 1),
        ("async_get_device_diagnostics", 1),
    ],
)
def test_entries_are_typed(function: str, argument: int) -> None:
    found = [node for name in SOURCES for node in functions(name, function)]
    assert found
    for node in found:
        annotation = node.args.args[argument].annotation
        assert annotation is not None
        assert re.fullmatch(r"\w+ConfigEntry", ast.unparse(annotation))


def test_set_up_keeps_its_data_with_the_entry() -> None:
    (set_up,) = functions("__init__", "async_setup_entry")
    source = ast.unparse(set_up)
    assert "entry.runtime_data = " in source
    assert "async_config_entry_first_refresh()" in source
    assert "async_register" not in source


def test_actions_are_registered_before_any_plant_is_set_up() -> None:
    (set_up,) = functions("__init__", "async_setup")
    assert "async_setup_services(hass)" in ast.unparse(set_up)


def test_the_flow_can_reconfigure_and_knows_whom_it_found() -> None:
    assert any(functions("config_flow", "async_step_reconfigure"))
    assert any(calls("config_flow", "async_set_unique_id"))


@pytest.mark.parametrize(
    "gone",
    [
        r"\bvia_device=",
        r"\.async_get_device\(",
        r"\badd_update_listener\b",
        r"\b_attr_icon\b",
        r"\bself\.entity_id = ",
        r"\bmdi:",
        r"^from __future__",
    ],
)
def test_nothing_is_used_that_home_assistant_gives_up(gone: str) -> None:
    for path in INTEGRATION.glob("*.py"):
        assert not re.search(gone, path.read_text(), re.MULTILINE), path.name


def test_overridden_members_say_so() -> None:
    """Members of entities that Home Assistant calls are marked as overriding."""
    known = re.compile(r"native_\w+|is_on|available|extra_state_attributes|async_added_to_hass")
    for name, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and known.fullmatch(
                node.name
            ):
                decorators = {ast.unparse(it) for it in node.decorator_list}
                assert "override" in decorators, f"{name}.{node.name}"
