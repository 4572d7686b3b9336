"""Polling a plant, and what one poll brought."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .availability import Availability
from .const import (
    CONF_MISSED_POLLS,
    DEFAULT_INTERVAL,
    DEFAULT_MISSED_POLLS,
    DOMAIN,
    LOGGER,
    SETTINGS_INTERVAL,
)
from .devices import Part
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import (
    CommunicationError,
    ReadFailure,
    RefreshError,
    WrongPlant,
)
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.topology import Read
from .store import Memory, PlantStore

if TYPE_CHECKING:
    from .writing import Writer

type GivEnergyConfigEntry = ConfigEntry[GivEnergyRuntimeData]

_FRESH_ENOUGH = 10.0
"""Seconds for which a block read during set-up need not be read again."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll asked for, and what of it did not come."""

    asked: tuple[Read, ...] = ()
    missed: frozenset[Read] = frozenset()
    seconds: float = 0.0


class GivEnergyCoordinator(DataUpdateCoordinator[PollReport]):
    """Polls one plant: readings every time, settings when they are due.

    The values stay on the plant; a poll that brought only some of them is a
    success, and the entities whose blocks are lost say so for themselves.
    """

    config_entry: GivEnergyConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: GivEnergyConfigEntry, client: Client, store: PlantStore
    ) -> None:
        """Take the intervals from the entry's options."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=timedelta(
                seconds=entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_INTERVAL)
            ),
        )
        self.client = client
        self.store = store
        self.availability = Availability(entry.options.get(CONF_MISSED_POLLS, DEFAULT_MISSED_POLLS))
        self._settings_read_at: float | None = None
        self._connections_seen = 0

    @property
    def plant(self) -> Plant:
        """The plant, as last read."""
        return self.client.plant

    @override
    async def _async_update_data(self) -> PollReport:
        started = monotonic()
        capabilities = self.plant.capabilities
        assert capabilities is not None
        settings, readings = capabilities.config_plan, capabilities.measurement_plan
        first = self._settings_read_at is None
        self.availability.expect((*settings, *readings))
        asked: tuple[Read, ...] = readings
        missed = await self._missed(self.client.refresh, readings, first=first)
        # A plant that answers nothing is asked for nothing more this time.
        reached = len(missed) < len(readings)
        if reached and self._settings_due:
            asked += settings
            missed |= await self._missed(self.client.load_config, settings, first=first)
            if not missed.intersection(settings):
                self._settings_read_at = monotonic()
        if not reached:
            asked, missed = (*readings, *settings), frozenset((*readings, *settings))
        self.availability.note(asked, missed)
        if not reached and (first or self.availability.nothing_left):
            raise UpdateFailed(translation_domain=DOMAIN, translation_key="no_answer")
        self.store.save_soon(self._remember)
        return PollReport(asked, missed, monotonic() - started)

    async def _missed(
        self, poll: Callable[..., Awaitable[Plant]], plan: tuple[Read, ...], *, first: bool
    ) -> frozenset[Read]:
        """Run one poll of the library, and return what it did not bring."""
        try:
            await poll(max_age=_FRESH_ENOUGH if first else None)
        except RefreshError as err:
            return failed_reads(err.failures, plan)
        except WrongPlant as err:
            raise ConfigEntryError(
                translation_domain=DOMAIN, translation_key="wrong_plant"
            ) from err
        except CommunicationError as err:
            LOGGER.debug("Poll failed: %s", err)
            return frozenset(plan)
        return frozenset()

    @property
    def _settings_due(self) -> bool:
        connections = self.client.connections
        if connections != self._connections_seen:
            self._connections_seen = connections
            return True
        since = self._settings_read_at
        return since is None or monotonic() - since >= SETTINGS_INTERVAL.total_seconds()

    def _remember(self, memory: Memory) -> None:
        memory.energy = self.plant.energy_memory()

    def brings(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Whether a device's registers are in blocks that are not lost."""
        return self.availability.brings(device_address, registers)

    @callback
    def plan_settings_read(self) -> None:
        """Have the next poll read the settings too."""
        self._settings_read_at = float("-inf")


def failed_reads(failures: Iterable[ReadFailure], plan: Iterable[Read]) -> frozenset[Read]:
    """Return the reads of a plan that the library reports as failed."""
    spots = {
        (failure.device_address, failure.request_type, failure.base_register)
        for failure in failures
    }
    return frozenset(
        read
        for read in plan
        if (read.device_address, read.block.request_type, read.block.start) in spots
    )


@dataclass(kw_only=True)
class GivEnergyRuntimeData:
    """What a loaded config entry holds on to."""

    client: Client
    coordinator: GivEnergyCoordinator
    store: PlantStore
    writer: Writer
    parts: list[Part] = field(default_factory=list)
    waiting_for: set[str] = field(default_factory=set)
    """Missing devices somebody has decided to wait for, by identity."""
