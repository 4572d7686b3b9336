"""Takeovers that are cut short are resumed at the next start."""

from collections.abc import Callable
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.takeover import move
from custom_components.givenergy.takeover.move import async_plan_return
from custom_components.givenergy.takeover.registry import give_back
from custom_components.givenergy.takeover.takeover_journal import (
    TakeoverJournal,
    TakeoverPhase,
    forget_journal,
)

from .registries import kept_of
from .takeover_steps import add, find


class Cut(Exception):
    """The power goes."""


def cut_after(calls: int, function: Callable[..., None]) -> Callable[..., None]:
    """Return a function that fails from some call on."""
    remaining = iter([True] * calls)

    def cut(*args: Any) -> None:
        if next(remaining, None) is None:
            raise Cut
        function(*args)

    return cut


async def restart(hass: HomeAssistant, entry: Any) -> None:
    """Set up our entry again from what was stored, as at the next start."""
    forget_journal(hass, entry.entry_id)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED


async def test_a_takeover_that_was_cut_short_is_resumed(
    hass: HomeAssistant,
    simulator: Simulator,
    peer: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = kept_of(hass, peer.entry_id)
    flow = await find(hass, simulator)
    with monkeypatch.context() as patched:
        patched.setattr(move, "take", cut_after(20, move.take))
        await hass.config_entries.flow.async_configure(flow["flow_id"], {"move": True})
        await hass.async_block_till_done(wait_background_tasks=True)
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(kept_of(hass, entry.entry_id)) == 20
    await restart(hass, entry)
    assert len(kept_of(hass, peer.entry_id)) == 15

    with monkeypatch.context() as patched:
        patched.setattr(move, "give_back", cut_after(20, move.give_back))
        await async_plan_return(hass, entry.entry_id)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(kept_of(hass, peer.entry_id)) == 35
    await restart(hass, entry)
    assert kept_of(hass, peer.entry_id) == before
    assert peer.state is ConfigEntryState.LOADED
    [takeover] = (await TakeoverJournal(hass, entry.entry_id).async_load()).takeovers
    assert takeover.phase is TakeoverPhase.RETURNED
    await restart(hass, entry)
    assert not (await TakeoverJournal(hass, entry.entry_id).async_load()).takeovers
    assert kept_of(hass, peer.entry_id) == before


async def test_a_registry_that_was_not_saved_is_changed_again(
    hass: HomeAssistant, simulator: Simulator, peer: MockConfigEntry
) -> None:
    entry = await add(hass, simulator, move=True)
    taken = kept_of(hass, entry.entry_id)
    await hass.config_entries.async_unload(entry.entry_id)
    for moved in (await TakeoverJournal(hass, entry.entry_id).async_load()).takeovers[0].entities:
        give_back(hass, moved)
    await restart(hass, entry)
    assert len(kept_of(hass, peer.entry_id)) == 15
    assert kept_of(hass, entry.entry_id).keys() == taken.keys()
