"""Every entity of every ready plant, as Home Assistant shows it."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
from freezegun import freeze_time
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.entity import Entity
from syrupy.assertion import SnapshotAssertion

from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator

from .conftest import set_up
from .states import entities

_TESTED_ELSEWHERE = {"friendly_name", "icon", "restored"}
_STARTS_ENABLED = Entity.entity_registry_enabled_default


@pytest.fixture
def _then(simulator: Simulator, found: dict[str, Any]) -> Iterator[None]:
    """Have Home Assistant live in the plant's moment, which stands still.

    Nothing may run out of time then, so the plant has been found before.
    """
    with freeze_time(simulator.profile.start, real_asyncio=True):
        yield


def spelled(state: State, entity: Entity) -> str:
    """Return what an entity shows, in one line."""
    notes = [str(entity.entity_category or "")]
    if not _STARTS_ENABLED.__get__(entity):
        notes.append("off")
    attributes = {
        name: value for name, value in state.attributes.items() if name not in _TESTED_ELSEWHERE
    }
    about = ", ".join(f"{name}={_short(value)}" for name, value in sorted(attributes.items()))
    note = f" ({' '.join(filter(None, notes))})" if any(notes) else ""
    return f"{state.name}{note}: {state.state}" + (f" [{about}]" if about else "")


def _short(value: Any) -> Any:
    return f"{value[0]}…{value[-1]}" if isinstance(value, list) and len(value) > 8 else value


@pytest.mark.usefixtures("all_enabled", "_then")
@pytest.mark.parametrize("plant_name", PROFILES)
async def test_every_entity(hass: HomeAssistant, entry: Any, snapshot: SnapshotAssertion) -> None:
    await hass.config.async_set_time_zone("UTC")
    await set_up(hass, entry)
    shown = [(hass.states.get(entity.entity_id), entity) for entity in entities(hass)]
    assert all(state is not None and state.state != STATE_UNAVAILABLE for state, _ in shown)
    lines = sorted((item.platform.domain, spelled(state, item)) for state, item in shown if state)
    for platform, found in groupby(lines, key=lambda value: value[0]):
        assert "\n".join(line for _, line in found) == snapshot(name=platform)
