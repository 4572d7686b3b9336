"""Other clients of the same plant: the vendor's cloud, an app."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from ..model.plan import FACADE_ADDRESS, Block, Read
from ..model.register import Bank
from ..model.topology import derive_capabilities
from ..pdu import (
    ReadRegistersRequest,
)
from .plant_profile import PlantProfile

CLOUD_PERIOD = (10.0, 32.0)
SETTINGS_PERIOD = (240.0, 420.0)


@dataclass(frozen=True, slots=True)
class ForeignPoller:
    """A client that polls the same blocks periodically."""

    reads: tuple[Read, ...]
    period: tuple[float, float]
    """The shortest and longest interval between two polls, in seconds."""

    async def run(self, ask: Callable[[ReadRegistersRequest], None], random: Random) -> None:
        """Poll until canceled."""
        while True:
            await asyncio.sleep(random.uniform(*self.period))
            for read in self.reads:
                ask(read.request)


def cloud(plant: PlantProfile) -> tuple[ForeignPoller, ...]:
    """Return the polls of the vendor's cloud: measurements often, settings rarely.

    Older hardware is polled at the address where it mirrors the inverter.
    """
    found = derive_capabilities(plant.build())
    mirrored = FACADE_ADDRESS in plant.firmware.mirrors
    at = FACADE_ADDRESS if mirrored else found.inverter_address
    settings = tuple(
        Read(at, read.block) if read.device_address == found.inverter_address else read
        for read in found.config_plan
    )
    measurements = (Read(at, Block(Bank.INPUT, 0)),)
    return ForeignPoller(measurements, CLOUD_PERIOD), ForeignPoller(settings, SETTINGS_PERIOD)
