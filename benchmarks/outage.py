"""Measure how soon values are back after an outage of the network.

``python -m benchmarks.outage --seconds 60`` prints a table.
"""

import argparse
import asyncio
import time
from contextlib import AsyncExitStack

from homeassistant.const import CONF_HOST, CONF_PORT, CONF_SCAN_INTERVAL

from custom_components.givenergy.const import CONF_BLOCKS_PROBED
from tests.library.damaging_proxy import DamagingProxy

from .home_assistant import LATENCY, entry_for, neighbour, run_home_assistant
from .polling import PLANTS

INTERVALS = (10, 15, 60)


async def measure(name: str, interval: int, seconds: float) -> float:
    """Return the seconds from the end of an outage until every used block is back."""
    async with AsyncExitStack() as stack:
        plant = stack.enter_context(neighbour(name, latency=LATENCY))
        hass = await stack.enter_async_context(run_home_assistant())
        entry = await entry_for(hass, plant)
        proxy = DamagingProxy(plant.host, plant.port, share=0)
        async with proxy:
            hass.config_entries.async_update_entry(
                entry,
                data={
                    **entry.data,
                    CONF_HOST: proxy.host,
                    CONF_PORT: proxy.port,
                    CONF_BLOCKS_PROBED: True,
                },
                options={CONF_SCAN_INTERVAL: interval},
            )
            assert await hass.config_entries.async_setup(entry.entry_id)
            await asyncio.sleep(interval / 2)
        coordinator = entry.runtime_data.coordinator
        await asyncio.sleep(seconds)
        polled: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def note() -> None:
            good = coordinator.last_update_success and not coordinator.data.failed
            good = good and not coordinator.availability.lost & coordinator.used_blocks
            if good and not polled.done():
                polled.set_result(time.monotonic())

        async with proxy:
            back = time.monotonic()
            coordinator.async_add_listener(note)
            return await polled - back


async def main(seconds: float) -> None:
    """Print a table of every system and interval."""
    print(f"| System | {' | '.join(f'{interval} s' for interval in INTERVALS)} |")
    print("| --- |" + " ---: |" * len(INTERVALS))
    for name in PLANTS:
        found = [await measure(name, each, seconds) for each in INTERVALS]
        print(f"| {name} | {' | '.join(f'{value:.1f}' for value in found)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    asyncio.run(main(parser.parse_args().seconds))
