"""Buttons and the commands that they send."""

from datetime import UTC, datetime

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.givenergy import button
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import use
from .states import poll

INVERTER = 0x11

pytestmark = pytest.mark.usefixtures("all_enabled")


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up buttons alone."""
    return [Platform.BUTTON]


@pytest.mark.parametrize(("second", "waits"), [(0, []), (54, []), (55, [5]), (59, [1])])
async def test_the_clock_is_not_set_while_the_minute_turns(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    second: int,
    waits: list[int],
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(button, "sleep", sleep)
    monkeypatch.setattr(dt_util, "now", lambda: datetime(2026, 1, 5, 12, 0, second, tzinfo=UTC))
    await use(hass, loaded, "button.sync_clock")
    assert waited == waits


async def test_the_clock_is_written_even_if_it_is_right(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dt_util, "now", lambda: datetime(2026, 1, 5, 12, 0, 0, tzinfo=UTC))
    await use(hass, loaded, "button.sync_clock")
    await use(hass, loaded, "button.sync_clock")
    assert [word for _, _, word in simulator.writes] == [26, 1, 5, 12, 0, 0] * 2


async def test_the_eco_preset_writes_what_is_not_so_already(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER][HR(110)] = 30
    await loaded.runtime_data.client.load_config()
    await use(hass, loaded, "button.eco_preset")
    assert simulator.writes == [(INVERTER, 110, 4)]


async def test_a_restart_takes_the_link_down_and_the_plant_comes_back(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.reboot_seconds = 0.05
    await use(hass, loaded, "button.reboot")
    assert simulator.writes == [(INVERTER, 163, 100)]
    await poll(hass, loaded, 3)
    assert loaded.runtime_data.coordinator.last_update_success
    assert loaded.runtime_data.client.connected
