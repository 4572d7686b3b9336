"""A real Home Assistant without a browser: killed in an override, controlled by a program."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import override

import pytest
from givenergy_modbus.model.register import HR, Bank
from givenergy_modbus.simulator import Simulator, profile

from scripts.home_assistant import HomeAssistant
from tests.e2e.conftest import ZONE, module_wide
from tests.e2e.predbat import PredbatProcess
from tests.e2e.steps import until
from tests.predbat_steps import MODES

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("without_browser"),
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

INVERTER = 0x11
CLOCK = range(35, 41)
OVERRIDE = "sensor.givenergy_inverter_override"
END = "button.givenergy_inverter_end_override"
LAST_WRITE = 3
"""The write of an export after which Home Assistant is killed: half of the slots are changed."""


def settings(simulator: Simulator) -> dict[int, int]:
    """Return the inverter's settings, except its clock."""
    return {
        register.address: word
        for register, word in simulator.registers[INVERTER].items()
        if register.bank is Bank.HOLDING and register.address not in CLOCK
    }


class Fatal(list[tuple[int, int, int]]):
    """Accepted writes, one of which is the last that Home Assistant sends."""

    def __init__(self, home_assistant: HomeAssistant) -> None:
        super().__init__()
        self._home_assistant = home_assistant

    @override
    def append(self, write: tuple[int, int, int]) -> None:
        super().append(write)
        if len(self) == LAST_WRITE:
            self._home_assistant.kill()


@module_wide
async def simulator() -> AsyncIterator[Simulator]:
    """Run a plant that keeps Home Assistant's time, and does not charge from the grid."""
    now = datetime.now(ZONE).replace(tzinfo=None)
    plant = Simulator(
        profile("gen1_hybrid"), latency=0.05, speed=1, start=now, clock_offset=0, clock_drift=0
    )
    plant.registers[INVERTER][HR(96)] = 0
    async with plant:
        yield plant


async def test_a_killed_home_assistant_puts_everything_back(
    home_assistant: HomeAssistant, simulator: Simulator
) -> None:
    entry_id = await home_assistant.add_plant(simulator.host, simulator.port)
    await home_assistant.set_options(entry_id, scan_interval=10, missed_polls=3, read_only=False)
    before = settings(simulator)

    async def export() -> None:
        await home_assistant.command(
            "call_service",
            domain="givenergy",
            service="force_export",
            service_data={"duration": "01:00:00", "config_entry_id": entry_id},
        )

    simulator.bus.writes = Fatal(home_assistant)
    exporting = asyncio.create_task(export())
    with pytest.raises(RuntimeError, match="hung up"):
        await exporting
    assert len(simulator.writes) == LAST_WRITE
    assert settings(simulator) != before
    await home_assistant.stop()
    simulator.bus.writes = []
    await home_assistant.start()
    await until(lambda: settings(simulator), lambda words: words == before)
    await until(lambda: home_assistant.state(OVERRIDE), lambda kind: kind == "none")

    await export()
    ours = settings(simulator)
    assert ours[27] == 0
    home_assistant.kill()
    await home_assistant.stop()
    await home_assistant.start()
    await until(lambda: home_assistant.state(OVERRIDE), lambda kind: kind == "export")
    assert settings(simulator) == ours
    await home_assistant.call("button", "press", END)
    assert settings(simulator) == before


async def test_predbats_stand_in_runs_every_mode(
    home_assistant: HomeAssistant, tmp_path: Path
) -> None:
    """Everything that Predbat needs, up to Predbat itself."""
    command = [sys.executable, "-m", "tests.e2e.predbat_stand_in"]
    async with Simulator(profile("all_in_one"), latency=0) as plant:
        entry_id = await home_assistant.add_plant(plant.host, plant.port)
        async with PredbatProcess(home_assistant, entry_id, tmp_path, command) as predbat:
            for mode, shown in MODES.items():
                plant.writes.clear()
                assert await predbat.run(mode, seconds=60) == shown
                assert plant.writes
                words = settings(plant)
                assert (words[94], words[95]) == (130, 400)
                assert words[27] == (mode != "export")
                assert words[318] == {"freeze charge": 2, "freeze export": 1}.get(mode, words[318])
