"""Time-outs that are short, a single platform, and a server that never responds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from custom_components.givenergy.check import LEAST_SEARCH
from custom_components.givenergy.givenergy_modbus.client.timing import RetryPolicy, Timing
from custom_components.givenergy.runtime import DATA_TIMING

from ..conftest import QUICK


@pytest.fixture
def timing() -> Timing:
    """Wait for nothing longer than it takes here."""
    return replace(QUICK, known=RetryPolicy(0.5, 0, 0.0))


@pytest.fixture(autouse=True)
def _hasty(
    hass: HomeAssistant,
    timing: Timing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Set up no more than it takes, either."""
    hass.data[DATA_TIMING] = timing
    hass.data[LEAST_SEARCH] = 0.0
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [Platform.SWITCH])


@pytest.fixture
async def mute(socket_enabled: None) -> AsyncIterator[int]:
    """Run a server that never responds."""

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            pass
        writer.close()

    async with await asyncio.start_server(attend, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        server.close_clients()
