"""What is asked of a plant when."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_SCAN_INTERVAL, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.givenergy import issues
from custom_components.givenergy.const import CONF_MISSED_POLLS
from custom_components.givenergy.givenergy_modbus.model.plan import Read
from custom_components.givenergy.givenergy_modbus.model.register import HR, Bank
from custom_components.givenergy.givenergy_modbus.simulator import Simulator, profile
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import nobody_at, set_up, until
from .states import asked, entity_id_of, poll, unavailable


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up only switches: a coordinator without listeners does not poll."""
    return [Platform.SWITCH]


@pytest.fixture(autouse=True)
def _no_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no added hardware meanwhile."""
    monkeypatch.setattr(issues, "FIRST_SCAN", timedelta(days=2))
    monkeypatch.setattr(issues, "SCAN_INTERVAL", timedelta(days=2))


def settings(counts: Counter[Read]) -> list[str]:
    """Return the blocks of settings among those asked for, as often as they were."""
    return sorted(str(read) for read in counts.elements() if read.block.bank is Bank.HOLDING)


ALL_SETTINGS = ["0x11:HR(0,60)", "0x11:HR(120,60)", "0x11:HR(60,60)"]


async def let_pass(hass: HomeAssistant, clock: TickingDateTimeFactory, seconds: float) -> None:
    """Let time pass, and the polls that fall due."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    clock.tick(timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


# Every so often


@pytest.mark.parametrize("interval", [5, 30, 300])
async def test_polls_keep_the_beat_of_the_interval(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, interval: int
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_SCAN_INTERVAL: interval})
    await set_up(hass, entry)
    coordinator = entry.runtime_data.coordinator
    starts = []
    for _ in range(4):
        simulator.requests.clear()
        await coordinator.async_refresh()
        assert coordinator._unsub_refresh is not None
        starts.append(coordinator._unsub_refresh.__self__.when())
        assert {"0x11:IR(0,60)", "0x32:IR(60,60)", "0x33:IR(60,60)"} <= set(
            map(str, asked(simulator))
        )
        await asyncio.sleep(0.07)
    early = [(starts[0] - start) % interval for start in starts]
    # The base class counts from the last full second, which may end before it does so.
    assert all(
        any(abs(off - whole) < 0.1 for whole in (0, 1, interval - 1, interval)) for off in early
    )
    assert starts[-1] > hass.loop.time()


async def test_settings_are_read_every_five_minutes(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
    loaded: GivEnergyConfigEntry,
) -> None:
    for _ in range(2):
        simulator.requests.clear()
        for _ in range(9):
            await let_pass(hass, clock, 30)
        assert settings(asked(simulator)) == []
        await let_pass(hass, clock, 30)
        assert set(settings(asked(simulator))) == set(ALL_SETTINGS)


async def test_settings_somebody_else_has_asked_for_are_not_read_again(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: TickingDateTimeFactory,
    loaded: GivEnergyConfigEntry,
) -> None:
    client = loaded.runtime_data.client
    await let_pass(hass, clock, 200)
    [block] = [read for read in client.plant.capabilities.config_plan if HR(60) in read.block]
    await client.read_blocks([block])
    simulator.requests.clear()
    await let_pass(hass, clock, 100)
    assert settings(asked(simulator)) == ["0x11:HR(0,60)", "0x11:HR(120,60)"]


async def test_settings_just_written_are_known(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    identity = loaded.runtime_data.plant_devices[0].identity
    switch = entity_id_of(hass, "switch", f"{identity}_enable_charge")
    simulator.requests.clear()
    await hass.services.async_call("switch", "turn_off", {"entity_id": switch}, blocking=True)
    assert simulator.writes == [(0x11, 96, 0)]
    assert hass.states.get(switch).state == "off"
    assert set(settings(asked(simulator))) == {"0x11:HR(60,60)"}
    simulator.requests.clear()
    await poll(hass, loaded)
    assert settings(asked(simulator)) == []


async def test_settings_are_read_after_a_reconnect(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded)
    simulator.requests.clear()
    simulator.drop_connections()
    await nobody_at(simulator)
    await poll(hass, loaded)
    # The first block was just read, to see whose inverter it is.
    assert set(settings(asked(simulator))) == set(ALL_SETTINGS)
    assert loaded.runtime_data.client.connections == 2
    simulator.requests.clear()
    await poll(hass, loaded)
    assert settings(asked(simulator)) == []


async def test_settings_are_read_once_the_plant_is_back(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.silent |= set(range(256))
    await poll(hass, loaded)
    simulator.silent.clear()
    simulator.requests.clear()
    await poll(hass, loaded)
    assert set(settings(asked(simulator))) == set(ALL_SETTINGS)


async def test_only_the_settings_that_did_not_come_are_asked_again(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.silent.add((0x11, HR(120)))
    await set_up(hass, entry)
    simulator.requests.clear()
    await poll(hass, entry, 4, seconds=15)
    assert settings(asked(simulator)) == ["0x11:HR(120,60)"] * 3
    simulator.silent.clear()
    simulator.requests.clear()
    await poll(hass, entry, 4, seconds=15)
    # A connection that is made again starts with the inverter's identity.
    assert set(settings(asked(simulator))) - {"0x11:HR(0,60)"} == {"0x11:HR(120,60)"}


# When it goes wrong


async def test_a_plant_that_is_away_is_tried_every_ten_seconds_and_later_every_minute(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_MISSED_POLLS: 1})
    await set_up(hass, entry)
    coordinator = entry.runtime_data.coordinator
    host, port = simulator.host, simulator.port

    async def waits(times: int) -> list[float | None]:
        found = []
        for _ in range(times):
            await coordinator.async_refresh()
            assert isinstance(coordinator.last_exception, UpdateFailed)
            found.append(coordinator.last_exception.retry_after)
        return found

    await simulator.close()
    assert await waits(3) == [10, 10, 10]
    coordinator._failed_since -= 301
    assert await waits(2) == [60, 60]
    simulator.host, simulator.port = host, port
    await simulator.start()
    await poll(hass, entry)
    assert coordinator.last_update_success
    await simulator.close()
    assert await waits(2) == [10, 10]


async def test_attempts_between_two_polls_come_soon_and_cost_no_entity(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_SCAN_INTERVAL: 300})
    await set_up(hass, entry)
    coordinator = entry.runtime_data.coordinator
    await simulator.close()
    for _ in range(5):
        await poll(hass, entry, seconds=10)
        assert coordinator.update_interval is not None
        assert coordinator.update_interval <= timedelta(seconds=11)
        assert unavailable(hass) == set()
    await poll(hass, entry, 2, seconds=300)
    assert unavailable(hass)
    await simulator.start()
    await poll(hass, entry, seconds=10)
    assert unavailable(hass) == set()
    assert coordinator.update_interval > timedelta(seconds=11)


async def test_another_inverter_after_a_reconnect_is_refused(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    client = loaded.runtime_data.client
    before = dict(client.plant.register_caches[0x11])
    await simulator.close()
    other = Simulator(profile("gen3_hybrid"), latency=0, port=simulator.port)
    async with other:
        await poll(hass, loaded)
        assert loaded.state is ConfigEntryState.LOADED
        assert not loaded.runtime_data.coordinator.last_update_success
        assert dict(client.plant.register_caches[0x11]) == before
        await nobody_at(other)
    await simulator.start()
    await poll(hass, loaded)
    assert loaded.runtime_data.coordinator.last_update_success
    assert unavailable(hass) == set()


async def test_a_silent_window_needs_no_reload(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    client = loaded.runtime_data.client
    simulator.mute(60)
    await poll(hass, loaded)
    assert loaded.runtime_data.coordinator.data.failed
    simulator.mute(0)
    await poll(hass, loaded, 2)
    assert not loaded.runtime_data.coordinator.data.missed
    assert loaded.runtime_data.client is client
    assert simulator.clients == 1


async def test_polling_goes_on_after_a_connection_is_broken_off(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    for reset in (False, True):
        simulator.drop_connections(reset=reset)
        await until(lambda: not loaded.runtime_data.client.connected)
        await poll(hass, loaded)
        assert not loaded.runtime_data.coordinator.data.missed
        assert simulator.clients == 1


async def test_a_poll_of_a_closed_connection_brings_nothing(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await loaded.runtime_data.client.close()
    await poll(hass, loaded)
    assert loaded.runtime_data.coordinator.data.failed
    assert simulator.clients == 0
