"""A simulated plant on a loopback socket, and Home Assistant set up with it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from copy import deepcopy
from typing import Any, cast
from unittest.mock import patch

import pytest
from freezegun import freeze_time
from freezegun.api import TickingDateTimeFactory
from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from custom_components.givenergy.const import (
    CONF_BLOCKS_PROBED,
    CONF_CAPABILITIES,
    CONF_IDENTITIES,
    DOMAIN,
)
from custom_components.givenergy.devices import product_name
from custom_components.givenergy.givenergy_modbus.client.client import Client
from custom_components.givenergy.givenergy_modbus.client.timing import RetryPolicy, Timing
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator, profile
from custom_components.givenergy.identities import identify
from custom_components.givenergy.runtime import DATA_CLOCK, DATA_TIMING, GivEnergyConfigEntry

from .clocks import MovableClock

for chatty in ("homeassistant.helpers.entity_registry", "sqlalchemy.engine"):
    # Each new entity and each statement of a database is a record that the tests keep.
    logging.getLogger(chatty).setLevel(logging.WARNING)

QUICK = Timing(
    connect_timeout=1.0,
    gap=0.0,
    known=RetryPolicy(0.5, 1, 0.0),
    probe=RetryPolicy(0.1, 0, 0.0),
    config=RetryPolicy(0.3, 0, 0.0),
    refresh=RetryPolicy(0.3, 0, 0.0),
    command=RetryPolicy(0.5, 0, 0.0),
)
"""Enough for a plant that answers at once, on a busy machine too."""


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant find the integration."""


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off: noting who started what takes half of the time."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Write states as Home Assistant's own tests do."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def plant_name() -> str:
    """Name the plant to simulate; tests choose others by parametrizing it."""
    return "gen1_hybrid"


@pytest.fixture
async def simulator(socket_enabled: None, plant_name: str) -> AsyncIterator[Simulator]:
    """Run a plant that answers at once and whose day stands still."""
    async with Simulator(profile(plant_name), latency=0, speed=0) as running:
        yield running


@pytest.fixture
async def found(simulator: Simulator) -> dict[str, Any]:
    """Return what the config flow stores of the plant."""
    return await look_at(simulator)


async def look_at(simulator: Simulator) -> dict[str, Any]:
    """Return what the config flow stores of a plant, and clear the recorded requests.

    Detection takes a while, so the results of the predefined plants are kept.
    """
    name = simulator.profile.name
    is_ready = simulator.profile == PROFILES.get(name)
    known = _KNOWN.get(name) if is_ready else None
    if known is None:
        known = await _detect(simulator)
    if is_ready:
        _KNOWN[name] = known
    entry = deepcopy(known)
    entry["data"] |= {CONF_HOST: simulator.host, CONF_PORT: simulator.port}
    return entry


_KNOWN: dict[str, dict[str, Any]] = {}


async def _detect(simulator: Simulator) -> dict[str, Any]:
    async with Client(simulator.host, simulator.port, timing=QUICK) as client:
        capabilities = await client.detect()
        await client.refresh()
    await nobody_at(simulator)
    simulator.requests.clear()
    return {
        "title": f"GivEnergy {product_name(client.plant)}",
        "unique_id": client.plant.inverter_serial,
        "data": {
            CONF_BLOCKS_PROBED: True,
            CONF_CAPABILITIES: capabilities.to_dict(),
            CONF_IDENTITIES: identify(client.plant, {}),
        },
    }


async def nobody_at(simulator: Simulator) -> None:
    """Wait until the plant has noticed that no client is connected."""
    await until(lambda: not simulator.clients)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens by itself."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@pytest.fixture
def clock(found: dict[str, Any]) -> Iterator[TickingDateTimeFactory]:
    """Let tests move the clock, which goes on by itself, as do time-outs."""
    with freeze_time(tick=True, real_asyncio=True) as running:
        yield cast("TickingDateTimeFactory", running)


@pytest.fixture
def timing() -> Timing:
    """Return the time-outs of the client; some modules override it."""
    return QUICK


@pytest.fixture
async def entry(hass: HomeAssistant, found: dict[str, Any], timing: Timing) -> GivEnergyConfigEntry:
    """Return a stored entry that is not set up yet."""
    hass.data[DATA_TIMING] = timing
    hass.data[DATA_CLOCK] = MovableClock()
    stored = MockConfigEntry(domain=DOMAIN, entry_id="01JGIVENERGYPLANT000000000", **found)
    stored.add_to_hass(hass)
    return stored


@pytest.fixture
def platforms() -> list[Platform] | None:
    """Name the platforms to set up, None for all of them."""
    return None


@pytest.fixture
async def loaded(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, platforms: list[Platform] | None
) -> AsyncIterator[GivEnergyConfigEntry]:
    """Return the entry, set up."""
    if platforms is None:
        await set_up(hass, entry)
        yield entry
    else:
        with patch("custom_components.givenergy.PLATFORMS", platforms):
            await set_up(hass, entry)
            yield entry


async def set_up(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Set an entry up and wait until it has settled."""
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
def all_enabled() -> Iterator[None]:
    """Enable every entity, those too that start disabled."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default", return_value=True
    ):
        yield
