"""Overrides: what is written, what ends them, and that everything is as before."""

from datetime import datetime
from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import entity_of, state_of, use
from .conftest import Time
from .plants import FAMILIES, changed, settings, written

OVERRIDE, ENDS, EVENT = "sensor.override", "sensor.override_ends", "event.override"


def event(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> dict[str, Any]:
    """Return what the event entity last reported."""
    state = hass.states.get(entity_of(hass, entry, EVENT))
    assert state is not None
    return dict(state.attributes)


@pytest.mark.parametrize("plant_name", FAMILIES)
@pytest.mark.parametrize("action", ["force_charge", "force_export", "hold"])
async def test_an_override_is_written_shown_and_restored_at_its_end(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    time_of: Time,
    action: str,
) -> None:
    before = settings(simulator)
    answer = await use(hass, loaded, f"action.{action}", duration="01:00:00")
    ours = changed(before, settings(simulator))
    assert dict(written(simulator)).items() >= ours.items()
    assert answer["written"] == [
        {"register": request, "value": to} for request, to in written(simulator)
    ]
    kind = action.removeprefix("force_")
    assert answer["override"] == kind
    assert state_of(hass, loaded, OVERRIDE) == kind
    ends = datetime.fromisoformat(str(answer["until"])).replace(microsecond=0)
    assert state_of(hass, loaded, ENDS) == ends.isoformat()
    assert event(hass, loaded)["event_type"] == "override_started"
    await time_of.passes(loaded, minutes=30)
    assert changed(before, settings(simulator)) == ours
    await time_of.passes(loaded, minutes=31)
    assert settings(simulator) == before
    assert state_of(hass, loaded, OVERRIDE) == "none"
    assert state_of(hass, loaded, ENDS) == "unknown"
    assert event(hass, loaded)["event_type"] == "override_ended"
    assert event(hass, loaded)["reason"] == "time"
    assert len(simulator.writes) == 2 * len(ours)
