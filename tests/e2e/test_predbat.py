"""Real Predbat runs every mode on a simulated inverter, without errors.

It needs a checkout of Predbat, which is no part of this project::

    PREDBAT_SOURCE=/path/to/checkout pytest tests/e2e/test_predbat.py
"""

import os
import sys
from pathlib import Path

import pytest
from givenergy_modbus.simulator import Simulator, profile

from scripts.home_assistant import HomeAssistant
from tests.e2e.predbat import PredbatProcess
from tests.predbat_steps import MODES

SOURCE = os.environ.get("PREDBAT_SOURCE", "")
SECONDS = 600.0
"""For one run: Predbat makes one every five minutes, and tries a failed write for 100 s."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not SOURCE, reason="PREDBAT_SOURCE names no checkout of Predbat"),
    pytest.mark.timeout(2 * SECONDS * len(MODES)),
    pytest.mark.asyncio(loop_scope="module"),
]


def find_start() -> str:
    """Return the script that starts Predbat by itself."""
    return str(next(Path(SOURCE).resolve().rglob("hass.py")))


@pytest.mark.parametrize("name", ["gen1_hybrid", "all_in_one"])
async def test_predbat_runs_every_mode_without_errors(
    home_assistant: HomeAssistant, tmp_path: Path, name: str
) -> None:
    async with Simulator(profile(name), latency=0.05, speed=1) as plant:
        entry_id = await home_assistant.add_plant(plant.host, plant.port)
        async with PredbatProcess(
            home_assistant, entry_id, tmp_path, [sys.executable, find_start()]
        ) as predbat:
            for mode in MODES:
                assert "Error" not in await predbat.run(mode, SECONDS)
