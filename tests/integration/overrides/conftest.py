"""A plant that shows Home Assistant's time."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import cast

import pytest
from freezegun import freeze_time
from freezegun.api import TickingDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..states import poll
from .plants import simulated

AFTERNOON = "2026-11-25 13:59:50+00:00"


@pytest.fixture
def at() -> str:
    """Return the time at which a test begins."""
    return AFTERNOON


@pytest.fixture
def zone() -> str:
    """Name the time zone of the house."""
    return "Europe/London"


@pytest.fixture(autouse=True)
def clock(at: str, zone: str, hass: HomeAssistant) -> Iterator[TickingDateTimeFactory]:
    """Let tests move the clock, which goes on by itself."""
    with freeze_time(at, tick=True, real_asyncio=True) as running:
        yield cast("TickingDateTimeFactory", running)


@pytest.fixture
async def simulator(
    socket_enabled: None,
    plant_name: str,
    hass: HomeAssistant,
    zone: str,
    clock: TickingDateTimeFactory,
) -> AsyncIterator[Simulator]:
    """Run a plant that answers at once."""
    await hass.config.async_set_time_zone(zone)
    async with simulated(plant_name) as running:
        yield running


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up the platforms that show an override."""
    return [Platform.BUTTON, Platform.EVENT, Platform.NUMBER, Platform.SENSOR]


class Time:
    """Lets time pass, for Home Assistant and for the plant."""

    def __init__(
        self,
        hass: HomeAssistant,
        simulator: Simulator,
        clock: TickingDateTimeFactory,
    ) -> None:
        """Start now."""
        self._hass, self._simulator, self._clock = hass, simulator, clock

    @property
    def now(self) -> datetime:
        """What time it is, in UTC."""
        return dt_util.utcnow()

    async def passes(
        self, entry: GivEnergyConfigEntry | None = None, /, polls: int = 1, **delta: float
    ) -> None:
        """Let time pass, with the timers that are due, and poll an entry that is loaded."""
        step = timedelta(**delta)
        self._clock.tick(step)
        self._simulator.bus.clock.advance(step.total_seconds())
        self._simulator.bus.update_clock()
        if entry is None:
            return
        async_fire_time_changed(self._hass, self.now)
        await self._hass.async_block_till_done(wait_background_tasks=True)
        await poll(self._hass, entry, polls)


@pytest.fixture
def time_of(hass: HomeAssistant, simulator: Simulator, clock: TickingDateTimeFactory) -> Time:
    """Return the passage of time."""
    return Time(hass, simulator, clock)
