"""The command line with the address of a simulated plant."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from givenergy_modbus.simulator import Simulator

from tests.library.cli.command_line import Cli


@pytest.fixture
async def hybrid(tmp_path: Path) -> AsyncIterator[Cli]:
    """Return the command line for a hybrid with two packs."""
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        yield Cli(sim, tmp_path / "layout.json")


@pytest.fixture
async def plant(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Cli]:
    """Return the command line for the plant a test names."""
    async with Simulator(request.param, latency=0, heartbeat=0) as sim:
        yield Cli(sim, tmp_path / "layout.json")
