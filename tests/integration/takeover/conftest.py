"""The recorder, and another integration that serves the plant."""

from typing import Any

import pytest
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.runtime import DATA_TIMING

from ..conftest import QUICK
from ..peers import PLANTS, install, listed


@pytest.fixture
def recorder_config(peer_name: str) -> dict[str, Any]:
    """Record the counters alone: each state is a transaction of its own."""
    rows = listed(peer_name).rows
    counting = [row.entity_id for row in rows if row.state_class == "total_increasing"]
    noise = ["entity_registry_updated", "device_registry_updated", "service_registered"]
    return {
        "include": {"entities": [*counting, "sensor.my_import"]},
        "exclude": {"event_types": noise},
    }


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Have the recorder before anything else."""


@pytest.fixture(autouse=True)
def _quick(hass: HomeAssistant) -> None:
    hass.data[DATA_TIMING] = QUICK


@pytest.fixture
def plant_name(peer_name: str) -> str:
    """Simulate the plant that the list was made on."""
    return PLANTS[peer_name]


@pytest.fixture
def peer_name() -> str:
    """Name the list of another integration's entities; tests choose others."""
    return "c_gen1_hybrid"


@pytest.fixture
async def peer(hass: HomeAssistant, peer_name: str) -> MockConfigEntry:
    """Return the entry of another integration that serves the plant."""
    return await install(hass, peer_name)
