"""A link that damages a third of all frames, requests and responses: nothing is lost."""

from collections import Counter
from dataclasses import replace

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import RefreshError
from givenergy_modbus.model.plan import Read
from givenergy_modbus.simulator import PROFILES, Simulator

from tests.library.damaging_proxy import DamagingProxy
from tests.library.plants import QUICK, layout_of

TIMING = replace(QUICK, refresh=RetryPolicy(0.05, 0, 0.0))
POLLS = 5
LIMIT = 3
"""Polls in a row a block may miss before its entities are lost."""
MOST_REQUESTS = 15
"""Of one block in one poll: each of five requests is repeated twice if its response is damaged."""


@pytest.mark.parametrize("plant", sorted(PROFILES))
async def test_no_block_is_lost_on_a_bad_line(plant: str) -> None:
    async with (
        Simulator(plant, latency=0, heartbeat=0) as sim,
        DamagingProxy(sim.host, sim.port, share=0.0, seed=8) as proxy,
    ):
        client = Client(proxy.host, proxy.port, timing=TIMING)
        client.adopt(layout := layout_of(sim))
        due = list(layout.measurement_plan)
        missed: Counter[Read] = Counter()
        try:
            await client.refresh()
            proxy.share = 0.3
            for _ in range(POLLS):
                sim.requests.clear()
                failed = await missed_by(client, due)
                assert len(sim.requests) <= MOST_REQUESTS * len(due)
                for read in set(due) - client.skipped:
                    missed[read] = missed[read] + 1 if read in failed else 0
                    assert missed[read] < LIMIT, f"{read} was lost"
        finally:
            await client.close()
        assert proxy.damaged


async def missed_by(client: Client, due: list[Read]) -> set[Read]:
    """Poll once, and return what did not come."""
    try:
        await client.refresh(reads=due)
    except RefreshError as err:
        spots = {(failure.device_address, failure.base_register) for failure in err.failures}
        return {read for read in due if (read.device_address, read.block.start) in spots}
    return set()
