"""Home Assistant is killed between any two steps of an override, and started again."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, override

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import mock_storage

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.overrides.journal import OverridePhase
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import use
from ..conftest import set_up
from ..states import poll
from .conftest import Time
from .plants import settings

pytestmark = pytest.mark.timeout(300)


class Process:
    """Counts the steps that outlast Home Assistant, and kills it after one of them."""

    def __init__(self) -> None:
        """Run until the process is killed."""
        self.steps = 0
        self.dies_after: int | None = None
        self.dead = False
        self.entry: GivEnergyConfigEntry | None = None

    def step(self) -> None:
        """Count a step, and stop everything at once if it was the last one."""
        self.steps += 1
        if self.steps == self.dies_after:
            self.dead = True
            assert self.entry is not None
            for task in (*self.entry._tasks, *self.entry._background_tasks):
                task.cancel()

    def lives_again(self, dies_after: int | None) -> None:
        """Start counting anew."""
        self.steps, self.dies_after, self.dead = 0, dies_after, False


class Disk(dict[str, Any]):
    """Storage in which every save is a step; a dead process saves nothing."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process

    @override
    def __setitem__(self, key: str, value: Any) -> None:
        if self._process.dead:
            return
        super().__setitem__(key, value)
        if key.startswith(DOMAIN):
            self._process.step()
        if self._process.dead:
            # A task that is canceled notices only where it waits next.
            raise asyncio.CancelledError


class Writes(list[tuple[int, int, int]]):
    """Accepted writes, each of them a step."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process

    @override
    def append(self, write: tuple[int, int, int]) -> None:
        assert not self._process.dead, "written by a process that was killed"
        super().append(write)
        self._process.step()


@pytest.fixture
def process() -> Process:
    """Return Home Assistant's process."""
    return Process()


@pytest.fixture
def hass_storage(process: Process) -> Iterator[dict[str, Any]]:
    """Return what outlasts it."""
    with mock_storage(Disk(process)) as kept:
        yield kept


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up no entities."""
    return []


@pytest.fixture(autouse=True)
def _no_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [])


type Action = tuple[str, dict[str, Any]]

EXPORT: Action = ("force_export", {"duration": "01:00:00"})
CHARGE: Action = ("force_charge", {"duration": "02:00:00", "target_soc": 90})
LONGER: Action = ("force_charge", {"duration": "03:00:00", "target_soc": 95})
HOLD: Action = ("hold", {"duration": "01:00:00"})
END: Action = ("end_override", {})


async def act(hass: HomeAssistant, entry: GivEnergyConfigEntry, actions: Sequence[Action]) -> None:
    """Do one thing after the other, until Home Assistant is killed."""
    with suppress(asyncio.CancelledError):
        for name, data in actions:
            await use(hass, entry, f"action.{name}", **data)


@pytest.fixture
async def running(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    process: Process,
) -> GivEnergyConfigEntry:
    """Return the loaded entry, watched."""
    process.entry = loaded
    simulator.bus.writes = Writes(process)
    return loaded


@pytest.mark.parametrize(
    "plant_name",
    ["gen1_hybrid", "gen3_hybrid", "ac_coupled", "all_in_one", "three_phase_hv", "ems"],
)
@pytest.mark.parametrize(
    "actions",
    [(EXPORT, CHARGE, END), (CHARGE, LONGER, HOLD, END)],
    ids=["export-charge", "charge-hold"],
)
async def test_after_any_crash_the_settings_are_as_before_or_the_override_runs(
    hass: HomeAssistant,
    simulator: Simulator,
    running: GivEnergyConfigEntry,
    process: Process,
    actions: Sequence[Action],
    time_of: Time,
) -> None:
    before = settings(simulator)
    process.lives_again(None)
    await act(hass, running, actions)
    assert settings(simulator) == before
    steps = process.steps
    assert steps >= 10
    for last in range(1, steps + 1):
        process.lives_again(last)
        await act(hass, running, actions)
        assert process.dead
        assert await hass.config_entries.async_unload(running.entry_id)
        process.lives_again(None)
        await set_up(hass, running)
        await poll(hass, running)
        journal = running.runtime_data.overrides.journal
        now = settings(simulator)
        if journal is None:
            assert now == before, f"after step {last}"
            continue
        assert journal.phase is OverridePhase.RUNNING, f"after step {last}"
        assert {entry.register: now[entry.register] for entry in journal.entries} == {
            entry.register: entry.ours[-1] for entry in journal.entries
        }
        await use(hass, running, "action.end_override")
        assert settings(simulator) == before, f"after step {last}"


@pytest.mark.parametrize("plant_name", ["gen1_hybrid", "all_in_one"])
async def test_an_override_that_ended_while_home_assistant_was_dead_is_restored_at_the_start(
    hass: HomeAssistant,
    simulator: Simulator,
    running: GivEnergyConfigEntry,
    process: Process,
    time_of: Time,
) -> None:
    before = settings(simulator)
    await act(hass, running, (EXPORT,))
    assert settings(simulator) != before
    process.dead = True
    assert await hass.config_entries.async_unload(running.entry_id)
    await time_of.passes(hours=9)
    process.lives_again(None)
    await set_up(hass, running)
    assert settings(simulator) == before
    ended = running.runtime_data.overrides.history[-1]
    assert ended.attributes == {"kind": "export", "reason": "overdue"}
