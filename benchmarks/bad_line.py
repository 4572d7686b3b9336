"""Measure polling through a proxy that damages frames: blocks lost, and the interval kept.

The link is good for one poll, and damaged from then on. Run as
``python -m benchmarks.bad_line [seconds] [seeds]``.
"""

import asyncio
import sys
from collections import Counter
from time import monotonic
from typing import NamedTuple

from givenergy_modbus.client.client import Client
from givenergy_modbus.client.poll_plan import PollPlan
from givenergy_modbus.exceptions import CommunicationError, RefreshError
from givenergy_modbus.model.plan import Read
from givenergy_modbus.simulator import PROFILES, Simulator

from tests.library.damaging_proxy import DamagingProxy

_INTERVAL = 10.0
_LIMIT = 3
"""Polls a block may miss in a row before its entities are lost."""


class Result(NamedTuple):
    """What became of one plant."""

    plant: str
    lost: int
    """Blocks that were missed too often in a row."""
    seconds: list[float]
    """How long each poll took."""
    damaged: float
    """The share of frames that were damaged."""


async def measure(plant: str, seconds: float, seed: int, *, share: float = 0.3) -> Result:
    """Poll one plant for so many seconds through the proxy."""
    async with Simulator(plant, latency=0.2) as sim:
        async with Client(sim.host, sim.port, tx_message_wait=0.05) as client:
            found = await client.detect()
        async with DamagingProxy(sim.host, sim.port, share=0.0, seed=seed) as proxy:
            client = Client(proxy.host, proxy.port)
            client.adopt(found)
            client.plant.poll_interval = _INTERVAL
            try:
                await client.refresh()
                proxy.share, proxy.frames = share, 0
                return await _poll(client, plant, seconds, proxy)
            finally:
                await client.close()


async def _poll(client: Client, plant: str, seconds: float, proxy: DamagingProxy) -> Result:
    plan = PollPlan(client.plant, _INTERVAL)
    missed: Counter[Read] = Counter()
    lost: set[Read] = set()
    polls: list[float] = []
    began = monotonic()
    while monotonic() - began < seconds:
        due, started = plan.due(), monotonic()
        failed: set[Read] = set()
        try:
            await client.refresh(retries=0, reads=due)
        except RefreshError as err:
            spots = {(failure.device_address, failure.base_register) for failure in err.failures}
            failed = {read for read in due if (read[0], read.block.start) in spots}
        except CommunicationError:
            failed = set(due)
        plan.record(due)
        for read in set(due) - client.skipped:
            missed[read] = missed[read] + 1 if read in failed else 0
            if missed[read] >= _LIMIT:
                lost.add(read)
        polls.append(monotonic() - started)
        await asyncio.sleep(max(0.0, _INTERVAL - polls[-1]))
    return Result(plant, len(lost), polls, proxy.damaged / max(1, proxy.frames))


async def main(seconds: float, seeds: int) -> None:
    """Measure all profiles at once: they mostly wait."""
    results = await asyncio.gather(
        *(measure(plant, seconds, seed) for plant in PROFILES for seed in range(100, 100 + seeds))
    )
    for plant in PROFILES:
        found = [result for result in results if result.plant == plant]
        polls = sorted(each for result in found for each in result.seconds)
        print(
            f"{plant:24} polls {len(polls):3}  lost blocks {sum(each.lost for each in found)}"
            f"  median poll {polls[len(polls) // 2]:4.1f} s  longest {polls[-1]:4.1f} s"
            f"  damaged {sum(each.damaged for each in found) / seeds:.0%}"
        )


if __name__ == "__main__":
    numbers = [float(number) for number in sys.argv[1:]]
    asyncio.run(main(numbers[0] if numbers else 60.0, int(numbers[1]) if numbers[1:] else 4))
