"""A client goes through every fault, believes nothing wrong, and is well again soon after."""

import asyncio
import socket
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import CommunicationError
from givenergy_modbus.model.device_kinds import HV_MODULE, LV_BATTERY
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.simulator import Fault, Simulator

from tests.library.clocks import ShiftedClock
from tests.library.ground_truth import GroundTruth
from tests.library.leaks import no_leaks
from tests.library.plants import QUICK, client_of

DURATION = 0.06
"""Seconds that a fault lasts which has a duration."""

HASTY = RetryPolicy(0.03, 1, 0.0)
CALM = RetryPolicy(5.0, 1, 0.0)
TIMING = replace(QUICK, refresh=HASTY, command=HASTY)

CORROBORATED = 200
"""Seconds after which a second page confirms the first, even if it is identical."""

POLLS = 3
BELIEVED_AFTER = {
    Fault.LOST_HIGH_WORD: 2,
    Fault.COUNTER_STEP_BACK: 2,
    Fault.COUNTER_JUMP: 2,
    Fault.SPLICE_SINGLE: 2,
    Fault.CONSTANT_FLIP: 2,
}
"""Readings that are believed if they are insisted on, and in how many polls."""

PLANTS = ("gen1_hybrid", "three_phase_hv")
OTHERS = ("gen2_hybrid", "gateway", "ems")
MISREAD = (Fault.PATTERN_A, Fault.PATTERN_B, *BELIEVED_AFTER)
"""Faults in the data, which affect every kind of device."""


async def command(client: Client, percent: int) -> Any:
    """Give a harmless command, where the plant takes any; return what it made of it."""
    layout = client.plant.capabilities
    assert layout is not None
    if layout.is_gateway:
        return percent
    name, device = "battery_soc_reserve", client.plant.ems or client.plant.inverter
    if client.plant.ems is not None:
        name = "charge_target_1"
    await client.one_shot_command(device.write(**{name: percent}))
    return getattr(client.plant.ems or client.plant.inverter, name)


async def poll(client: Client, policy: RetryPolicy) -> bool:
    """Read everything; return whether it came."""
    complete = True
    for call in (client.refresh, client.load_config):
        try:
            await call(policy.timeout, policy.retries, policy.retry_delay)
        except CommunicationError:
            complete = False
    return complete


@pytest.mark.parametrize(
    ("name", "fault"),
    [*product(PLANTS, Fault), *product(OTHERS, MISREAD)],
    ids=lambda value: getattr(value, "name", value),
)
async def test_client_goes_through_a_fault(name: str, fault: Fault) -> None:
    async with no_leaks(), Simulator(name, latency=0, heartbeat=0) as sim:
        tasks = asyncio.all_tasks()
        clock = ShiftedClock()
        async with client_of(sim, timing=TIMING, plant=Plant(clock=clock)) as client:
            assert await poll(client, CALM)
            truth = GroundTruth(sim, client.plant, clock.advance)
            truth.step(CORROBORATED)
            assert await poll(client, CALM)
            assert not truth.outdated()
            await _suffer(sim, client, fault, truth)
            await _recover(sim, client, truth)
        assert not client.connected
        if late := asyncio.all_tasks() - tasks:
            await asyncio.wait(late, timeout=5)
        assert sim.clients == 0
        assert asyncio.all_tasks() == tasks


async def _suffer(sim: Simulator, client: Client, fault: Fault, truth: GroundTruth) -> None:
    """Go on polling and writing under a fault; nothing wrong may be believed."""
    sim.inject(fault, seconds=DURATION, address=_lost(sim, fault))
    for number in range(BELIEVED_AFTER.get(fault, POLLS + 1) - 1):
        truth.step(30)
        with suppress(CommunicationError):
            await command(client, 10 + number)
        truth.look()
        await poll(client, HASTY)
        assert not truth.wrong()
    sim.clear()


def _lost(sim: Simulator, fault: Fault) -> int | None:
    """Return which device to lose, where a fault would otherwise mean a battery there is not."""
    elsewhere = (
        fault.name.startswith("LOST_PACK") and LV_BATTERY.addresses.start not in sim.registers
    )
    return HV_MODULE.addresses.start if elsewhere else None


async def _recover(sim: Simulator, client: Client, truth: GroundTruth) -> None:
    """Poll twice once the fault is over: everything is known again."""
    await asyncio.sleep(DURATION)
    for complete in (False, True):
        truth.step(30)
        assert await poll(client, CALM) >= complete
        assert not truth.wrong()
    assert not truth.outdated()
    assert await command(client, 50) == 50


@pytest.mark.parametrize("kind", ["task", "future", "socket", "complaint"])
async def test_what_is_left_over_is_noticed(kind: str) -> None:
    left: list[Any] = []
    with pytest.raises(AssertionError, match=kind):
        await _leave(kind, left)
    for leftover in left:
        leftover.close() if kind == "socket" else leftover.cancel()


async def _leave(kind: str, left: list[Any]) -> None:
    loop = asyncio.get_running_loop()
    async with no_leaks(timeout=0.01):
        match kind:
            case "task":
                left.append(asyncio.create_task(asyncio.sleep(60)))
            case "future":
                left.append(loop.create_future())
            case "socket":
                left.append(socket.socket())
            case _:
                loop.create_future().set_exception(ValueError(kind))
