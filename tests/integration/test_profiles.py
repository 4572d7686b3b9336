"""Every plant there is, ready or recorded, comes up in Home Assistant with all its entities.

``WRITE_PROFILES=1 pytest tests/integration/test_profiles.py`` writes the page about them anew,
where the recordings are.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator, profile
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import set_up
from .profiles_page import PAGE, WHY_UNKNOWN, WRITES, Census, write

RECORDINGS = {
    "recorded hybrid, two packs": ("hybrid_gen1_arm449_givbat82_givbat95gen3_60min",),
    "the same, read by others": ("hybrid_gen1_arm449_0x11_poll_10min",),
    "recorded AC-coupled, a pack": ("ac_arm282_1x_givbat512gen3_30min",),
    "recorded All-in-One": ("aio_arm612_5min",),
    "recorded three-phase, 11 kW": ("giv3hy11_da011_detect_10min",),
    "the same, ten minutes more": ("giv3hy11_da011_detect_10min", "giv3hy11_da011_10min"),
    "recorded EMS": ("ems_arm1036_30min",),
    "recorded gateway": ("gateway_gaaa0014_10min_daylight",),
}
UNTIL_SOMETHING_HAPPENS = ("button", "event")


@pytest.fixture(params=[*PROFILES, *RECORDINGS])
def plant_name(request: pytest.FixtureRequest) -> str:
    """Name a plant; one that was recorded only where its recording is."""
    name: str = request.param
    if name in RECORDINGS and "GIVENERGY_CAPTURES" not in os.environ:
        pytest.skip("GIVENERGY_CAPTURES names no folder of recordings")
    return name


@pytest.fixture
async def simulator(socket_enabled: None, plant_name: str) -> AsyncIterator[Simulator]:
    """Run the plant, at once and with its day standing still."""
    if plant_name in PROFILES:
        plant = Simulator(profile(plant_name), latency=0)
    else:
        folder = Path(os.environ["GIVENERGY_CAPTURES"]) / "captures"
        files = [folder / f"{name}.log" for name in RECORDINGS[plant_name]]
        plant = Simulator.from_capture(*files, latency=0)
    async with plant:
        yield plant


@pytest.fixture(scope="module")
def censuses() -> Iterator[list[Census]]:
    """Collect what is found, for the page."""
    found: list[Census] = []
    yield found
    if WRITES:
        write(found, (*PROFILES, *RECORDINGS))


async def test_it_comes_up(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, plant_name: str, censuses: list[Census]
) -> None:
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    registry = er.async_get(hass)
    ours = er.async_entries_for_config_entry(registry, entry.entry_id)
    disabled = [identity.entity_id for identity in ours if identity.disabled_by]
    for entity_id in disabled:
        registry.async_update_entity(entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    states = {identity.entity_id: hass.states.get(identity.entity_id).state for identity in ours}
    assert STATE_UNAVAILABLE not in states.values()
    unknown = {
        key_of(identity, entry)
        for identity in ours
        if states[identity.entity_id] == STATE_UNKNOWN
        and identity.domain not in UNTIL_SOMETHING_HAPPENS
    }
    assert unknown <= WHY_UNKNOWN.keys()
    census = Census(
        plant=plant_name,
        devices=Counter(part.kind for part in entry.runtime_data.plant_devices),
        entities=Counter(identity.domain for identity in ours),
        disabled=len(disabled),
        unknown=frozenset(unknown),
    )
    censuses.append(census)
    assert WRITES or census.row in PAGE.read_text().splitlines()


def key_of(entity: er.RegistryEntry, entry: GivEnergyConfigEntry) -> str:
    """Return which value of its device an entity shows."""
    identities = [part.identity for part in entry.runtime_data.plant_devices]
    owner = max(
        (identity for identity in identities if entity.unique_id.startswith(f"{identity}_")),
        key=len,
    )
    return entity.unique_id.removeprefix(f"{owner}_")
