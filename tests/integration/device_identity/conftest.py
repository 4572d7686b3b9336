"""What was shown while devices were exchanged, and the answer to the repair of a missing one."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from logging import ERROR
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.client.timing import RetryPolicy, Timing
from custom_components.givenergy.repairs import async_create_fix_flow
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..conftest import QUICK
from .swaps import Answer


@pytest.fixture(autouse=True)
def _few_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up sensors and events only."""
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [Platform.SENSOR, Platform.EVENT])


@pytest.fixture(autouse=True)
def _no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that nothing went wrong that a log would only mention."""
    yield
    assert not [record for record in caplog.records if record.levelno >= ERROR]


@pytest.fixture
def timing() -> Timing:
    """Wait for silent devices no longer than need be."""
    return replace(QUICK, refresh=RetryPolicy(0.05, 0, 0.0))


@pytest.fixture
def shown(hass: HomeAssistant) -> Mapping[str, set[str]]:
    """Return every state that entities have been in, by entity id, while a test runs."""
    states: dict[str, set[str]] = defaultdict(set)

    def note(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            states[state.entity_id].add(state.state)

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return states


@pytest.fixture
def never_reloaded(hass: HomeAssistant) -> Iterator[Callable[[GivEnergyConfigEntry], None]]:
    """Check at the end that entries are still as they were when they were given."""
    watched: list[tuple[GivEnergyConfigEntry, object]] = []

    def watch(entry: GivEnergyConfigEntry) -> None:
        watched.append((entry, entry.runtime_data))

    yield watch
    assert watched
    for entry, data in watched:
        assert entry.state is ConfigEntryState.LOADED
        assert entry.runtime_data is data


@pytest.fixture
def answer(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Answer:
    """Return a function that answers the repair of a missing device."""

    async def click(identity: str, choice: str) -> None:
        issue_id = f"device_missing_{entry.entry_id}_{identity}"
        issue = ir.async_get(hass).issues[DOMAIN, issue_id]
        flow = await async_create_fix_flow(hass, issue_id, issue.data)
        flow.hass = hass
        shown: Any = await flow.async_step_init()
        assert shown["menu_options"] == ["accept", "wait"]
        await getattr(flow, f"async_step_{choice}")()
        await hass.async_block_till_done(wait_background_tasks=True)

    return click
