"""A scripted adapter and a client connected to it."""

from collections.abc import AsyncIterator

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model

from tests.library.plants import ScriptedAdapter


@pytest.fixture
async def adapter() -> AsyncIterator[ScriptedAdapter]:
    async with ScriptedAdapter() as adapter:
        yield adapter


@pytest.fixture
async def client(adapter: ScriptedAdapter) -> AsyncIterator[Client]:
    async with adapter.client() as client:
        client.adopt(PlantCapabilities(Model.HYBRID_GEN1))
        yield client
