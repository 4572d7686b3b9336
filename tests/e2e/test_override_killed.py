"""The process of a real Home Assistant is killed during an override, and started again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import override

import pytest
from givenergy_modbus.model.register import HR, Bank
from givenergy_modbus.simulator import Simulator, profile

from scripts.home_assistant import HomeAssistant
from tests.e2e.conftest import ZONE, module_wide
from tests.e2e.steps import until

pytestmark = [
    pytest.mark.e2e,
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
