"""Poll a plant and report which blocks each poll missed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import timedelta
from time import monotonic
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .availability import Availability
from .beat import Beat
from .changes import BlockChanges, Interest, uses
from .const import (
    CONF_MISSED_POLLS,
    CONF_PASSIVE,
    DEFAULT_INTERVAL,
    DEFAULT_MISSED_POLLS,
    DOMAIN,
    LOGGER,
    SETTINGS_INTERVAL,
)
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.client.poll_plan import PollPlan
from .givenergy_modbus.exceptions import (
    CommunicationError,
    ReadingRejected,
    RefreshError,
    WrongPlant,
)
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.plan import Read
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register import Register
from .poll_report import PollReport, failed_reads
from .store import PlantStore

_TURN = 0.002
"""Seconds for which entities are updated before others get their turn in the event loop."""

_RECONNECT, _RECONNECT_LATER = 10, 60
"""Seconds between two attempts to reach a system that is away: at first, and later."""
_SLACK = 1.0
"""Seconds by which a poll may start early."""
_RECONNECT_FAST = 300.0
"""Seconds after the first failed poll until attempts become rare."""


class GivEnergyCoordinator(DataUpdateCoordinator[PollReport]):
    """Polls one system: measurements by their pace, settings when they are due.

    The values stay on the plant; a poll that misses some blocks is a success, and the
    entities that read them become unavailable when they were missed too often.
    """

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: Client, store: PlantStore
    ) -> None:
        """Initialize from the entry's options.

        Blocks read during set-up (from now on) are skipped by the first poll.
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
        passive = entry.options.get(CONF_PASSIVE, False)
        self._plan = PollPlan(client.plant, self._interval, passive)
        self._changes = BlockChanges(client.plant)
        self._changed: set[Read] = set()
        self._is_prepared = False
        self._used: tuple[frozenset[Read], frozenset[Read]] | None = None
        self._connection, self._connected_at = 1, self._now()
        self._beat = Beat(self._interval)
        self._was_away = False
        self._failed_since: float | None = None
        self._counted_at = self._now()
        """When the last poll began that was no attempt between two polls."""
        self._refused: set[Read] = set()
        self.other_serial: str | None = None
        """The serial number of another system that responded to the last poll, if one did."""
        self.before_update: CALLBACK_TYPE | None = None
        """Called before entities are updated: devices may answer at other addresses."""

    @property
    def plant(self) -> Plant:
        """The plant, as last read."""
        return self.client.plant

    @property
    def interval(self) -> timedelta:
        """The time from the start of one poll to the start of the next."""
        return timedelta(seconds=self._interval)

    def _now(self) -> float:
        return self.plant.clock.monotonic()

    @property
    def capabilities(self) -> PlantCapabilities:
        """The topology of the plant."""
        capabilities = self.plant.capabilities
        assert capabilities is not None
        return capabilities

    @override
    async def _async_refresh(
        self,
        log_failures: bool = True,
        raise_on_auth_failed: bool = False,
        scheduled: bool = False,
        raise_on_entry_error: bool = False,
    ) -> None:
        """Poll without logging a failure, which the availability does once per outage."""
        await super()._async_refresh(
            log_failures=False,
            raise_on_auth_failed=raise_on_auth_failed,
            scheduled=scheduled,
            raise_on_entry_error=raise_on_entry_error,
        )

    @override
    async def _async_update_data(self) -> PollReport:
        capabilities, since = self.capabilities, self._now()
        self._beat.start()
        measurements, settings = capabilities.measurement_plan, capabilities.config_plan
        report = await self._poll(measurements, settings)
        read = {
            block
            for block in (*measurements, *settings)
            if block in report.asked or self._is_stored_since(block, since)
        }
        if self._counts(report, since):
            self._counted_at = since
            self.availability.record(
                measurements,
                settings,
                read=read,
                missed=report.missed,
                refused=report.refused,
                failure=self._failure if report.failed else None,
            )
        self._was_away = report.failed
        if report.failed and self._failed_since is None:
            self._failed_since = self._now()
        if not report.failed:
            self._failed_since = None
            self.store.note_poll()
        is_other = self.other_serial is not None
        is_lost = report.failed and (self._is_first or self.availability.all_lost or is_other)
        self.data = report
        if self.last_update_success or not is_lost:
            await self._update_in_turns()
        elif is_other:
            # The base class updates them after the first failure only, when nothing is lost.
            self.async_update_listeners()
        self._keep_the_beat()
        if is_lost:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="wrong_plant" if is_other else "no_answer",
                retry_after=self._next_attempt(),
            )
        return report

    def _counts(self, report: PollReport, since: float) -> bool:
        """Return whether a poll counts for availability: an attempt between two polls does not."""
        is_attempt = report.failed and self._was_away
        return not is_attempt or since - self._counted_at > self._interval - _SLACK

    @property
    def _failure(self) -> str:
        """What the log says of an outage."""
        return (
            "the system does not respond" if self.other_serial is None else "another one responds"
        )

    @property
    def _is_first(self) -> bool:
        return self.data is None

    def _is_stored_since(self, read: Read, since: float) -> bool:
        """Return whether a block was stored lately; at the first poll, what was taken over is."""
        at = self.plant.stored_monotonic(read)
        return at is not None and (self._is_first or at > since - self._interval)

    def _keep_the_beat(self) -> None:
        """Schedule the next poll a whole number of intervals after the first one.

        A system that is away is tried again sooner.
        """
        # The base class counts from the last full second of the loop's clock.
        loop_time = self.hass.loop.time()
        until_next = self._beat.until_next(self._plan.shift)
        if self._was_away:
            until_next = min(until_next, self._next_attempt())
        self.update_interval = timedelta(seconds=loop_time % 1 + until_next)

    def _next_attempt(self) -> float:
        """Return the seconds to wait before the next attempt to reach a system that is away."""
        away = self._now() - self._failed_since if self._failed_since is not None else 0.0
        return _RECONNECT if away < _RECONNECT_FAST else _RECONNECT_LATER

    async def _poll(self, measurements: tuple[Read, ...], settings: tuple[Read, ...]) -> PollReport:
        """Read the measurements and settings that are due; the first poll reads fast ones."""
        began, read_from = monotonic(), self._now()
        self._refused.clear()
        self.other_serial = None
        due = self._first_reads() if self._is_first else self._due_reads(measurements)
        # The poll requests once more by itself what it missed.
        missed = await self._missed(self.client.refresh(retries=0, reads=due), due)
        self._plan.record(due)
        asked = frozenset(due) - self.client.skipped
        missed &= asked
        failed = bool(asked) and missed == asked
        if failed:
            missed = asked = frozenset((*measurements, *settings))
        elif not self._is_first and (
            due_settings := self._due_settings(settings, max_age := self._settings_age(read_from))
        ):
            asked |= frozenset(due_settings)
            missed |= await self._missed(
                self.client.load_config(retries=0, max_age=max_age), due_settings
            )
            asked, missed = asked - self.client.skipped, missed - self.client.skipped
        refused = missed & self._refused
        return PollReport(asked, missed, refused, failed, monotonic() - began)

    def _due_reads(self, measurements: tuple[Read, ...]) -> list[Read]:
        """Return the blocks to read; after an outage, slow ones that are used too."""
        due = set(self._plan.due(*self._uses()))
        if self._was_away:
            due |= self.availability.lost & self.used_blocks
        return [read for read in measurements if read in due]

    def _first_reads(self) -> list[Read]:
        """Return the blocks to read before platforms are set up.

        On a first start that is everything; later, the fast ones that entities watched before.
        Those that set-up has just read are left out.
        """
        known = set(self.store.memory.watched_blocks)
        first = [read for read in self._plan.first() if str(read) in known]
        if not known:
            first = list(self.capabilities.measurement_plan)
        recent = self._now() - self._connected_at
        return [read for read in first if not self.plant.is_fresh(read, recent)] or first[:1]

    @property
    def used_blocks(self) -> frozenset[Read]:
        """The blocks that enabled entities read, and one of every device to notice its loss."""
        return self._uses()[0]

    @property
    def watched_blocks(self) -> frozenset[Read]:
        """Those of the used blocks that are read for what changes fast."""
        return self._uses()[1]

    def _uses(self) -> tuple[frozenset[Read], frozenset[Read]]:
        """Return the used blocks and the watched ones."""
        if self._used is None:
            used, watched = uses(self.async_contexts(), self.capabilities)
            self._used = used, watched
            self.store.memory.watched_blocks = sorted(map(str, watched))
        return self._used

    def blocks_of(self, device_address: int, registers: Iterable[Register]) -> frozenset[Read]:
        """Return the blocks of the register plan that hold a device's registers."""
        wanted = tuple(registers)
        plan = (*self.capabilities.measurement_plan, *self.capabilities.config_plan)
        return frozenset(
            read
            for read in plan
            if read.device_address == device_address
            and any(register in read.block for register in wanted)
        )

    @callback
    def forget_used_blocks(self) -> None:
        """Determine anew which blocks are used: what the listeners read has changed."""
        self._used = None

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: object = None
    ) -> Callable[[], None]:
        """Listen to updates; what the listener reads is part of the next poll."""
        self.forget_used_blocks()
        remove = super().async_add_listener(update_callback, context)

        @callback
        def remove_listener() -> None:
            self.forget_used_blocks()
            remove()

        return remove_listener

    async def _update_in_turns(self) -> None:
        """Update the listeners whose blocks changed, and let others run now and then.

        Those that look at every poll are left to :meth:`async_update_listeners`.
        """
        self._prepare_update()
        self._is_prepared = True
        self._take_changes()
        since = monotonic()
        for key, (update_callback, context) in list(self._listeners.items()):
            if not isinstance(context, Interest) or context.every_poll:
                continue
            if key not in self._listeners or not context.is_due(self._changed):
                continue
            self._call(update_callback)
            if monotonic() - since >= _TURN:
                await asyncio.sleep(0)
                since = monotonic()
        self._changed.clear()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Update the listeners whose blocks changed since the last update."""
        if not self._is_prepared:
            self._prepare_update()
        self._is_prepared = False
        self._take_changes()
        for update_callback, context in list(self._listeners.values()):
            if not isinstance(context, Interest) or context.is_due(self._changed):
                self._call(update_callback)
        self._changed.clear()

    def _prepare_update(self) -> None:
        if self.before_update is not None:
            self._call(self.before_update)

    def _take_changes(self) -> None:
        plan = (*self.capabilities.measurement_plan, *self.capabilities.config_plan)
        self._changed |= self._changes.take(plan, self.availability.lost)

    def _call(self, update_callback: CALLBACK_TYPE) -> None:
        try:
            update_callback()
        except Exception:
            self.logger.exception("Unexpected error updating %s", self.name)

    def _settings_age(self, began: float) -> float:
        """Return how old settings may be, in seconds, not to be read again."""
        if self._was_away or self.client.connections != self._connection:
            self._connection, self._connected_at = self.client.connections, began
        # What is nearly due is read with the rest.
        usual = SETTINGS_INTERVAL.total_seconds() - self._interval / 2
        return min(usual, self._now() - self._connected_at)

    def _due_settings(self, settings: tuple[Read, ...], max_age: float) -> tuple[Read, ...]:
        return tuple(read for read in settings if not self.plant.is_fresh(read, max_age))

    async def _missed(self, poll: Awaitable[Plant], plan: Collection[Read]) -> frozenset[Read]:
        """Await one poll of the library, and return the blocks it missed."""
        try:
            await poll
        except RefreshError as err:
            self._refused |= self._refused_reads(err, plan)
            return failed_reads(err.failures, plan)
        except WrongPlant as err:
            self.other_serial = err.found
            return frozenset(plan)
        except CommunicationError as err:
            LOGGER.debug("Poll failed: %s", err)
            return frozenset(plan)
        return frozenset()

    def _refused_reads(self, error: RefreshError, plan: Collection[Read]) -> frozenset[Read]:
        """Return the failed reads that a device answered, other than as an empty place."""
        refused = [
            failure
            for failure, problem in zip(error.failures, error.cause.exceptions, strict=True)
            if isinstance(problem, ReadingRejected)
            and not self.plant.is_empty_place(failure.device_address)
        ]
        return failed_reads(refused, plan)

    def has_data(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Return whether a device's registers are in blocks with data."""
        return self.availability.has_data(device_address, registers)
