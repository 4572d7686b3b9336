"""Events of batteries that are swapped, lost and exchanged."""

from typing import Any

import pytest
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant

from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..states import identity_of, poll
from .swaps import CONFIRMED, GONE, PACK_SERIAL, Answer, exchange, swap


@pytest.fixture
def fired(hass: HomeAssistant) -> list[tuple[Any, Any]]:
    """Return the events of batteries while a test runs: type and number."""
    found: list[tuple[Any, Any]] = []

    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and "battery" in state.attributes:
            found.append((state.attributes["event_type"], state.attributes["battery"]))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return found


async def test_events_are_of_the_battery_and_not_of_the_address(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    fired: list[tuple[Any, Any]],
) -> None:
    await poll(hass, loaded, CONFIRMED)
    swap(simulator, 0x32, 0x33)
    await poll(hass, loaded, 2 * CONFIRMED)
    simulator.silent.add(0x33)
    await poll(hass, loaded, GONE)
    assert fired == [("battery_lost", 1)]
    simulator.silent.clear()
    await poll(hass, loaded, 2)
    assert fired == [("battery_lost", 1), ("battery_found", 1)]


async def test_an_exchanged_battery_is_lost_and_never_found(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    answer: Answer,
    fired: list[tuple[Any, Any]],
) -> None:
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, "lv_battery@51")
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 4 * CONFIRMED)
    assert fired == [("battery_lost", 2)]
    await answer(old, "accept")
    await poll(hass, loaded, 2)
    assert fired == [("battery_lost", 2)]
