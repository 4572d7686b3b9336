"""Nothing slow and nothing blocking happens in the event loop."""

import asyncio
import time
from time import thread_time

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant import block_async_io
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.givenergy.diagnostics import async_get_config_entry_diagnostics
from custom_components.givenergy.givenergy_modbus.client.timing import Timing
from custom_components.givenergy.givenergy_modbus.model.device_kinds import DEVICE_KINDS
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.issues import FIRST_SCAN
from custom_components.givenergy.runtime import DATA_TIMING, GivEnergyConfigEntry

from .conftest import set_up
from .states import entity_id_of, poll

SLOW = 0.1
"""Maximum CPU seconds between two turns of the event loop."""


@pytest.fixture
def _guarded(monkeypatch: pytest.MonkeyPatch, disable_block_async_io: None) -> None:
    """Notice what Home Assistant notices: files, sleep and imports in the event loop."""
    monkeypatch.setattr(block_async_io, "_IN_TESTS", False)
    block_async_io.enable()


async def stalls(most: list[float]) -> None:
    """Note how much time others take between two chances to run, as the processor counts it."""
    before = thread_time()
    while True:
        await asyncio.sleep(0)
        now = thread_time()
        most.append(now - before)
        before = now


def test_models_are_built_by_the_import() -> None:
    assert all(row.model.__pydantic_complete__ for row in DEVICE_KINDS.values())


@pytest.mark.usefixtures("_guarded")
async def test_a_blocking_call_would_be_noticed() -> None:
    with pytest.raises(RuntimeError, match="blocking call"):
        time.sleep(0)  # noqa: ASYNC251


@pytest.mark.usefixtures("_guarded")
async def test_nothing_blocks_from_set_up_to_removal(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
    entry: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up(hass, entry)
    identity = entry.runtime_data.plant_devices[0].identity
    switch = entity_id_of(hass, "switch", f"{identity}_enable_charge")
    await poll(hass, entry)
    await hass.services.async_call("switch", "turn_off", {"entity_id": switch}, blocking=True)
    assert simulator.writes
    await async_get_config_entry_diagnostics(hass, entry)
    async_fire_time_changed(hass, dt_util.utcnow() + FIRST_SCAN)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [message for message in caplog.messages if "blocking call" in message] == []


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("plant_name", ["gen1_hybrid", "three_phase_hv"])
async def test_polls_leave_others_time(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded)
    simulator.step(60)
    most: list[float] = []
    watching = asyncio.create_task(stalls(most))
    await poll(hass, loaded, 2)
    watching.cancel()
    assert len(most) > 20
    assert max(most) < SLOW


async def test_a_plant_that_is_off_holds_nobody_up(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    hass.data[DATA_TIMING] = Timing().scaled(0.1)
    simulator.silent |= set(range(256))
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    # Two attempts, each a tenth of the usual two seconds.
    assert len(simulator.requests) == 2
