"""Poll a plant and report which blocks each poll missed."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .availability import Availability
from .const import (
    CONF_MISSED_POLLS,
    DEFAULT_INTERVAL,
    DEFAULT_MISSED_POLLS,
    DOMAIN,
    LOGGER,
    SETTINGS_INTERVAL,
)
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import (
    CommunicationError,
    ReadFailure,
    RefreshError,
    WrongPlant,
)
from .givenergy_modbus.model.plan import Read
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register import Register
from .store import PlantStore

_LONGEST_WAIT = 120
"""Seconds between two attempts to reach a plant that is not there, at most."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll did not bring, and how long it took."""

    missed: frozenset[Read]
    failed: bool
    seconds: float


class GivEnergyCoordinator(DataUpdateCoordinator[PollReport]):
    """Polls one plant: readings every time, settings when they are due.

    The values stay on the plant; a poll that brought only some of them is a
    success, and the entities whose blocks are lost say so for themselves.
    """

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: Client, store: PlantStore
    ) -> None:
        """Take the intervals from the entry's options.

        Whatever is read from now on need not be read again in the first poll.
        """
        self._interval = int(entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_INTERVAL))
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=timedelta(seconds=self._interval),
        )
        self.client = client
        client.plant.poll_interval = self._interval
        self.store = store
        self.availability = Availability(
            entry.title, entry.options.get(CONF_MISSED_POLLS, DEFAULT_MISSED_POLLS)
        )
        self._connection, self._connected_at = 1, monotonic()
        self._was_away = False
        self._failed_polls = 0

    @property
    def plant(self) -> Plant:
        """The plant, as last read."""
        return self.client.plant

    @override
    async def _async_update_data(self) -> PollReport:
        layout = self.plant.capabilities
        assert layout is not None
        readings, settings = layout.measurement_plan, layout.config_plan
        report = await self._poll(readings, settings)
        self.availability.record(readings, settings, report.missed)
        self._was_away = report.failed
        if not report.failed:
            self._failed_polls = 0
            self.store.note_poll()
        elif self._is_first or self.availability.all_lost:
            self.data = report
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="no_answer",
                retry_after=self._next_attempt(),
            )
        return report

    @property
    def _is_first(self) -> bool:
        return self.data is None

    def _next_attempt(self) -> float:
        """Return how long to wait for a plant that is not there: longer and longer."""
        wait = min(self._interval << self._failed_polls, _LONGEST_WAIT)
        self._failed_polls += wait < _LONGEST_WAIT
        return max(self._interval, wait)

    async def _poll(self, readings: tuple[Read, ...], settings: tuple[Read, ...]) -> PollReport:
        """Read the measurements, and those settings that are due if anybody answers."""
        began = monotonic()
        recent = began - self._connected_at if self._is_first else None
        # The next poll is the second attempt: a device that falls silent costs one time-out.
        missed = await self._missed(self.client.refresh(retries=0, max_age=recent), readings)
        failed = len(missed) == len(readings)
        if failed:
            missed = frozenset((*readings, *settings))
        elif due := self._due(settings, max_age := self._settings_age(began)):
            missed |= await self._missed(self.client.load_config(max_age=max_age), due)
        return PollReport(missed, failed, monotonic() - began)

    def _settings_age(self, began: float) -> float:
        """Return how old settings may be, in seconds, not to be read again."""
        if self._was_away or self.client.connections != self._connection:
            self._connection, self._connected_at = self.client.connections, began
        # Polls are not evenly spaced; what is nearly due is read with the rest.
        usual = SETTINGS_INTERVAL.total_seconds() - self._interval / 2
        return min(usual, monotonic() - self._connected_at)

    def _due(self, settings: tuple[Read, ...], max_age: float) -> tuple[Read, ...]:
        since = dt_util.utcnow() - timedelta(seconds=max_age)
        read_at = {read: self.plant.stored_at(read) for read in settings}
        return tuple(read for read, at in read_at.items() if at is None or at < since)

    async def _missed(self, poll: Awaitable[Plant], plan: tuple[Read, ...]) -> frozenset[Read]:
        """Wait for one poll of the library, and return what it did not bring."""
        try:
            await poll
        except RefreshError as err:
            return failed_reads(err.failures, plan)
        except WrongPlant as err:
            if not self._is_first:
                # Set-up then finds the same, and says so where it is seen.
                self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
            raise ConfigEntryError(
                translation_domain=DOMAIN, translation_key="wrong_plant"
            ) from err
        except CommunicationError as err:
            LOGGER.debug("Poll failed: %s", err)
            return frozenset(plan)
        return frozenset()

    def has_data(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Whether a device's registers are in blocks that are not lost."""
        return self.availability.has_data(device_address, registers)


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
