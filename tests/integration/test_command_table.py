"""Every command of the library, sent by the hand that has it."""

import inspect
from datetime import datetime

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.givenergy import button
from custom_components.givenergy.givenergy_modbus.client import commands
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.setting_names import to_json_value

from .actions import state_of, use
from .command_table import PAGE, ROWS, Row, table

_INVERTER = 0x11
_NOT_OFFERED = {
    # No device is known to have smart-load slots.
    "set_smart_load_slot",
    "set_smart_load_slot_start",
    "set_smart_load_slot_end",
    # It also starts charging; its three settings are offered one by one.
    "set_charge_target_enabled",
}
"""Commands of the library that no entity and no action sends."""


@pytest.fixture
def plant_name(row: Row) -> str:
    """Simulate the plant of the row."""
    return row.plant


@pytest.fixture
def platforms(row: Row) -> list[Platform]:
    """Set up no more than the row needs."""
    platform = row.hand.partition(".")[0]
    return [] if platform == "action" else [Platform(platform)]


@pytest.fixture
async def simulator(simulator: Simulator, row: Row) -> Simulator:
    """Put the plant into the state that the row changes."""
    for register, word in row.given.items():
        simulator.registers[_INVERTER][HR(register)] = word
    return simulator


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the next minute."""

    async def sleep(_: float) -> None:
        pass

    monkeypatch.setattr(button, "sleep", sleep)


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_a_command_reaches_the_plant_and_shows(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, row: Row
) -> None:
    await use(hass, loaded, row.hand, **row.using)
    written = [(register, word) for _, register, word in simulator.writes]
    assert [
        (register, None if asked is None else word)
        for (register, word), (_, asked) in zip(written, row.writes, strict=True)
    ] == list(row.writes)
    data = loaded.runtime_data
    device = data.plant_devices[0].find(data.client.plant)
    assert {name: to_json_value(getattr(device, name)) for name in row.reads} == row.reads
    if row.shows is not None:
        assert state_of(hass, loaded, row.hand) == row.shows
    assert data.store.writes_today == len(row.writes)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.command == "set_system_date_time"], ids=str
)
@pytest.mark.usefixtures("all_enabled")
async def test_the_clock_is_set_to_now(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, row: Row
) -> None:
    await use(hass, loaded, row.hand)
    year, month, day, hour, minute, second = (word for _, _, word in simulator.writes)
    at = datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
    assert abs((at - dt_util.now().replace(tzinfo=None)).total_seconds()) < 5


def test_every_command_has_a_hand() -> None:
    """Deprecated names and names for one phase layout do what others do."""
    current = {
        name
        for name in commands.__all__
        if not hasattr(getattr(commands, name), "__deprecated__") and not name.endswith("_3ph")
    }
    assert {row.command for row in ROWS} == current - _NOT_OFFERED
    assert all(inspect.isroutine(getattr(commands, name)) for name in current)


def test_the_page_has_the_table() -> None:
    assert PAGE.read_text().endswith(table())
