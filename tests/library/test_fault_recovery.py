"""A client recovers from every fault."""

import asyncio

from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy, Timing
from givenergy_modbus.exceptions import ConnectionLost, RefreshError
from givenergy_modbus.simulator import Fault, Simulator

QUICK = Timing(
    gap=0.0,
    known=RetryPolicy(0.3, 1, 0.0),
    probe=RetryPolicy(0.1, 0, 0.0),
    config=RetryPolicy(0.15, 1, 0.0),
    refresh=RetryPolicy(0.15, 1, 0.0),
    command=RetryPolicy(0.2, 0, 0.0),
)


async def test_client_gets_over_every_fault() -> None:
    async with (
        Simulator("gen1_hybrid", latency=0, heartbeat=0) as simulator,
        Client(simulator.host, simulator.port, timing=QUICK) as client,
    ):
        await client.detect()
        await client.refresh()
        soc = client.plant.inverter.battery_soc
        for fault in Fault:
            simulator.inject(fault, times=2, seconds=0.12)
            for _ in range(2):
                try:
                    await client.refresh()
                except RefreshError, ConnectionLost:
                    continue
            simulator.clear()
            await asyncio.sleep(0.12 if "SILENT" in fault.name or "LATE" in fault.name else 0)
            await client.refresh()
            assert client.plant.inverter.battery_soc == soc, fault
            assert [pack.num_cells for pack in client.plant.batteries] == [16, 16], fault
