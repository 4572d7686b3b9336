"""Measure polling through a proxy that damages frames: blocks lost, and the interval kept.

Run as ``python -m benchmarks.bad_line [seconds]``.
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
    polls: int
    lost: int
    """Blocks that were missed too often in a row."""
    longest: float
    """Seconds the longest poll took."""
    damaged: float
    """The share of frames that were damaged."""


async def measure(plant: str, seconds: float, *, share: float = 0.3) -> Result:
    """Poll one plant for so many seconds through the proxy."""
    async with Simulator(plant, latency=0.2) as sim:
        async with Client(sim.host, sim.port, tx_message_wait=0.05) as client:
            found = await client.detect()
        async with DamagingProxy(sim.host, sim.port, share=share) as proxy:
            client = Client(proxy.host, proxy.port)
            client.adopt(found)
            try:
                return await _poll(client, plant, seconds, proxy)
            finally:
                await client.close()


async def _poll(client: Client, plant: str, seconds: float, proxy: DamagingProxy) -> Result:
    plan = PollPlan(client.plant, _INTERVAL)
    missed: Counter[Read] = Counter()
    lost: set[Read] = set()
    longest, polls, began = 0.0, 0, monotonic()
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
        polls += 1
        took = monotonic() - started
        longest = max(longest, took)
        await asyncio.sleep(max(0.0, _INTERVAL - took))
    return Result(plant, polls, len(lost), longest, proxy.damaged / max(1, proxy.frames))


async def main(seconds: float) -> None:
    """Measure all profiles at once: they mostly wait."""
    results = await asyncio.gather(*(measure(plant, seconds) for plant in PROFILES))
    for result in results:
        print(
            f"{result.plant:24} polls {result.polls:3}  lost blocks {result.lost}"
            f"  longest poll {result.longest:5.1f} s  damaged {result.damaged:.0%}"
        )


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
