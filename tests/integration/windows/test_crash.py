"""Home Assistant is killed between any two steps of a kept schedule, and started again."""

import asyncio
from contextlib import suppress

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import use
from ..conftest import set_up
from ..overrides.conftest import Time
from ..overrides.plants import set_words, settings
from ..overrides.test_crash import Process, Writes, hass_storage, process
from ..states import poll
from .test_keeper import COSY, held, keep, slot

__all__ = ["hass_storage", "process"]

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up no entities."""
    return []


@pytest.fixture(autouse=True)
def _no_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [])


async def test_after_any_crash_the_right_windows_are_in_the_slots(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    process: Process,
    time_of: Time,
) -> None:
    process.entry = loaded
    simulator.bus.writes = Writes(process)
    before = settings(simulator)
    last = 0
    while True:
        last += 1
        process.lives_again(last)
        with suppress(asyncio.CancelledError):
            await keep(hass, loaded)
        if not process.dead:
            break
        assert await hass.config_entries.async_unload(loaded.entry_id)
        process.lives_again(None)
        await set_up(hass, loaded)
        await poll(hass, loaded)
        assert loaded.runtime_data.store.memory.schedules_lost == []
        assert loaded.runtime_data.schedules.kept("charge") is not None
        assert held(simulator) == {slot(COSY[0]), slot(COSY[1])}, f"after step {last}"
        await loaded.runtime_data.schedules.forget("charge")
        set_words(simulator, before)
        await loaded.runtime_data.client.load_config()
    assert last > 5
    process.lives_again(None)
    await time_of.passes(loaded, hours=3)
    assert held(simulator) == {slot(COSY[0]), slot(COSY[2])}
    await use(hass, loaded, "action.set_schedule", kind="charge", slots=COSY[:2])
