"""What every test of the library may ask for."""

import asyncio
import os
from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Let tests reach the simulator on the loopback interface."""


@pytest.fixture(autouse=True)
def verify_cleanup(request: pytest.FixtureRequest) -> None:
    """Look for tasks left behind, only where there is an event loop."""
    if iscoroutinefunction(request.function):
        request.getfixturevalue("no_tasks_left")


@pytest.fixture
async def no_tasks_left() -> AsyncIterator[None]:
    """Fail if a test leaves tasks behind."""
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left


# What Home Assistant's test package does for each of its tests takes more time than most tests
# of the library, which does not use Home Assistant.


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Use the event loop as it is."""


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off."""


@pytest.fixture(autouse=True)
def disable_http_server() -> None:
    """Patch no server of Home Assistant."""


@pytest.fixture(autouse=True)
def reset_globals() -> None:
    """Reset nothing of Home Assistant."""


@pytest.fixture(autouse=True)
def fail_on_log_exception() -> None:
    """Patch no logging of Home Assistant."""


@pytest.fixture(autouse=True)
def skip_stop_scripts() -> None:
    """Patch no script of Home Assistant."""


@pytest.fixture(scope="session")
def captures() -> Path:
    """Return the folder of real plants' recordings, which does not travel with the project."""
    folder = os.environ.get("GIVENERGY_CAPTURES")
    if folder is None:
        pytest.skip("GIVENERGY_CAPTURES names no folder of recordings")
    return Path(folder)
