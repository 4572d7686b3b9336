"""What every test of the library may ask for."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Let tests reach the simulator on the loopback interface."""


@pytest.fixture(scope="session")
def captures() -> Path:
    """Return the folder of real plants' recordings, which does not travel with the project."""
    folder = os.environ.get("GIVENERGY_CAPTURES")
    if folder is None:
        pytest.skip("GIVENERGY_CAPTURES names no folder of recordings")
    return Path(folder)
