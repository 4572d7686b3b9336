"""The life of an override: begin, follow the inverter's clock, end, restore."""

from asyncio import shield
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..changes import Interest
from ..const import DOMAIN, LOGGER
from ..coordinator import GivEnergyCoordinator
from ..errors import translated_errors
from ..givenergy_modbus.exceptions import ExceptionBase
from ..givenergy_modbus.model.plan import INVERTER_ADDRESS, Read
from ..givenergy_modbus.model.register_model import Requests
from ..givenergy_modbus.pdu import WriteHoldingRegisterRequest
from ..givenergy_modbus.write_report import WriteReport
from ..store import PlantStore
from ..writer import Deliver, Writer
from .history import Happening, History
from .journal import EndReason, OverrideJournal, OverridePhase, open_journal, stored_journal
from .plan import OverridePlan, charge_registers, is_reached, plan_override
from .request import OverrideRefused, OverrideRequest
from .restore import read_everything, read_settings, restore, setting_words
from .situation import device_class_of, situation_of, slot_moves


@dataclass(frozen=True, slots=True)
class Begun:
    """An override that is running, and what it took."""

    journal: OverrideJournal
    plan: OverridePlan
    report: WriteReport


def translated(err: OverrideRefused) -> ServiceValidationError:
    """Return the error that Home Assistant shows for a refused override."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=err.key,
        translation_placeholders=err.placeholders,
    )


class Overrides:
    """Begins and ends the override of one plant; there is one at a time."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: GivEnergyCoordinator,
        writer: Writer,
        store: PlantStore,
    ) -> None:
        """Take up what a previous start has left."""
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._client = coordinator.client
        self._writer = writer
        self._store = store
        self.journal = stored_journal(store.memory.override)
        self._history = History()
        self._end_timer: CALLBACK_TYPE | None = None
        self._busy = False

    @callback
    def start(self) -> None:
        """Take care of the override until the entry is unloaded."""
        interest = Interest(self._charge_blocks(), every_poll=True)
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._on_poll, interest))
        self._entry.async_on_unload(self._disarm)
        self._arm()
        self._on_poll(EndReason.OVERDUE)

    def _charge_blocks(self) -> frozenset[Read]:
        """Return the blocks with the state of charge, which no enabled entity may read."""
        device_class = device_class_of(self._client.plant)
        registers = () if device_class is None else charge_registers(device_class)
        return self._coordinator.blocks_of(INVERTER_ADDRESS, registers)

    async def begin(self, request: OverrideRequest, started_by: str) -> Begun:
        """Begin an override, in place of the one there may be.

        Raises ServiceValidationError with nothing written for what cannot be, and
        HomeAssistantError when it failed; what was written is then restored.
        """
        self._writer.raise_if_read_only()
        return await self._undisturbed(self._begin(request, started_by))

    async def end(self, reason: EndReason = EndReason.CANCELED) -> OverrideJournal | None:
        """End the override and restore its registers; return it, None if there was none.

        Raises HomeAssistantError while registers could not be restored; that is tried
        again at every poll.
        """
        journal = self.journal
        if journal is None:
            return None
        await self._undisturbed(self._end(reason))
        if self.journal is not None and self.journal.id == journal.id:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="override_not_restored",
                translation_placeholders={"settings": self.settings},
            )
        return journal

    async def give_up(self) -> None:
        """End the override of an entry that is disabled, if the inverter can be reached."""
        try:
            await self.end()
        except HomeAssistantError as err:
            LOGGER.warning("%s: %s", self._entry.title, err)

    @property
    def history(self) -> tuple[Happening, ...]:
        """The last starts and ends, the latest last."""
        return self._history.happenings

    @property
    def settings(self) -> str:
        """The names of the settings the override has changed."""
        entries = () if self.journal is None else self.journal.entries
        return self._writer.names.names_at(entry.register for entry in entries)

    async def _undisturbed[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Finish some work even if its caller is canceled."""
        return await shield(self._entry.async_create_task(self._hass, work))

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            # What this shows is no poll, and must not start another attempt.
            self._coordinator.async_update_listeners()
            self._busy = False

    async def _save(self, journal: OverrideJournal | None) -> None:
        """Keep a journal on disk; what was kept before stays if that fails."""
        before = self._store.memory.override
        self._store.memory.override = None if journal is None else journal.to_dict()
        try:
            await self._store.async_save_durably()
        except HomeAssistantError:
            self._store.memory.override = before
            raise
        self.journal = journal

    async def _save_if_possible(self, journal: OverrideJournal | None) -> None:
        """Save a journal that is not needed to restore: an older one on disk names as much."""
        try:
            await self._save(journal)
        except HomeAssistantError as err:
            LOGGER.warning("%s: %s", self._entry.title, err)
            self._store.memory.override = None if journal is None else journal.to_dict()
            self.journal = journal

    # Beginning

    async def _begin(self, request: OverrideRequest, started_by: str) -> Begun:
        async with self._writer.exclusive() as deliver:
            with self._working():
                with translated_errors(self._writer.names):
                    await read_everything(self._client)
                    replaced = await self._replaceable(deliver)
                    plan = self._plan(request, replaced)
                    requests = self._requests(plan, replaced)
                    await self._client.one_shot_command(requests, dry_run=True)
                journal = open_journal(
                    request,
                    journal_id=uuid4().hex,
                    now=dt_util.utcnow(),
                    started_by=started_by,
                    target=plan.target,
                    slot=plan.slot,
                    writes=plan.writes,
                    before=plan.before,
                    replaced=replaced,
                )
                await self._save(journal)
                if replaced is not None:
                    self._history.note_end(replaced, EndReason.REPLACED, self._writer.names)
                report = await self._apply(deliver, requests, journal)
                self._history.note_start(journal)
                self._arm()
                return Begun(journal, plan, report)

    async def _replaceable(self, deliver: Deliver) -> OverrideJournal | None:
        """Return the running override; one that is over or taken over is restored first."""
        journal = self.journal
        if journal is None:
            return None
        if journal.phase is not OverridePhase.RUNNING:
            await self._restore(deliver, journal.reason or EndReason.FAILED)
        elif journal.foreign(setting_words(self._client.plant)):
            await self._restore(deliver, EndReason.TAKEN_OVER)
        return self.journal

    def _plan(self, request: OverrideRequest, replaced: OverrideJournal | None) -> OverridePlan:
        try:
            return plan_override(request, situation_of(self._client.plant, request, replaced))
        except OverrideRefused as err:
            raise translated(err) from err

    def _requests(self, plan: OverridePlan, replaced: OverrideJournal | None) -> Requests:
        """Return what to send: what a replaced override need not keep, then the new writes."""
        new = {write.register for write in plan.writes}
        words = setting_words(self._client.plant)
        dropped = () if replaced is None else replaced.to_restore(words)
        return [
            *(
                WriteHoldingRegisterRequest(entry.register, entry.before)
                for entry in dropped
                if entry.register not in new
            ),
            *(WriteHoldingRegisterRequest(*write) for write in plan.writes),
        ]

    async def _apply(
        self, deliver: Deliver, requests: Requests, journal: OverrideJournal
    ) -> WriteReport:
        """Write an override; if that fails, restore what was before and raise."""
        try:
            with translated_errors(self._writer.names, requests):
                report = await deliver(requests)
            self._writer.raise_for_clamped(report)
            await self._save(journal.running())
        except HomeAssistantError:
            await self._restore(deliver, EndReason.FAILED)
            raise
        return report

    # Ending

    async def _end(self, reason: EndReason) -> None:
        async with self._writer.exclusive() as deliver:
            if self.journal is None:
                return
            with self._working():
                if reason is EndReason.TAKEN_OVER and not await self._is_taken_over(self.journal):
                    return
                await self._restore(deliver, reason)

    async def _is_taken_over(self, journal: OverrideJournal) -> bool:
        """Return whether another client has changed a setting; reads once more first."""
        try:
            await read_settings(self._client, (entry.register for entry in journal.entries))
        except ExceptionBase as err:
            LOGGER.debug("Cannot confirm a changed setting: %s", err)
            return False
        return bool(journal.foreign(setting_words(self._client.plant)))

    async def _restore(self, deliver: Deliver, reason: EndReason) -> None:
        """Restore the registers once; the journal stays until all are back or taken over."""
        assert self.journal is not None
        self._disarm()
        journal = self.journal.restoring(reason)
        await self._save_if_possible(journal)
        outcome = await restore(self._client, deliver, journal)
        if outcome.failed:
            await self._save_if_possible(journal.failed())
            LOGGER.warning("%s: settings not restored yet: %s", self._entry.title, self.settings)
            return
        await self._save_if_possible(None)
        self._history.note_end(journal, journal.reason or reason, self._writer.names, outcome.left)

    # Following

    @callback
    def _arm(self) -> None:
        """End a running override at its time."""
        self._disarm()
        if self.journal is not None and self.journal.phase is OverridePhase.RUNNING:
            self._end_timer = async_track_point_in_utc_time(
                self._hass, self._on_time, self.journal.until
            )

    @callback
    def _disarm(self) -> None:
        if self._end_timer is not None:
            self._end_timer()
            self._end_timer = None

    @callback
    def _on_time(self, _: datetime) -> None:
        self._end_timer = None
        self._spawn(self._end(EndReason.TIME))

    @callback
    def _on_poll(self, overdue: EndReason = EndReason.TIME) -> None:
        """End, restore or move the override as the last poll shows it."""
        journal = self.journal
        if journal is None or self._busy:
            return
        if (reason := self._end_reason(journal, overdue)) is not None:
            self._spawn(self._end(reason))
        elif not self._coordinator.data.failed and slot_moves(self._client.plant, journal):
            self._spawn(self._follow_clock())

    def _end_reason(self, journal: OverrideJournal, overdue: EndReason) -> EndReason | None:
        """Return why an override ends now, None while it goes on."""
        if journal.phase is not OverridePhase.RUNNING:
            return journal.reason or EndReason.FAILED
        if journal.until <= dt_util.utcnow():
            return overdue
        if self._coordinator.data.failed:
            return None
        plant = self._client.plant
        if journal.foreign(setting_words(plant)):
            return EndReason.TAKEN_OVER
        device_class = device_class_of(plant)
        device = None if device_class is None else plant.view(device_class, INVERTER_ADDRESS)
        reached = device is not None and is_reached(journal.kind, journal.target, device)
        return EndReason.STATE_OF_CHARGE if reached else None

    @callback
    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._busy = True
        self._entry.async_create_background_task(
            self._hass, self._logged(work), f"{DOMAIN} override"
        )

    async def _logged(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work in the background, and log its errors."""
        try:
            await work
        except HomeAssistantError as err:
            LOGGER.error("%s: %s", self._entry.title, err)
        finally:
            self._busy = False

    async def _follow_clock(self) -> None:
        """Move the slot after the inverter's clock was changed."""
        async with self._writer.exclusive() as deliver:
            journal = self.journal
            if journal is None or journal.phase is not OverridePhase.RUNNING or not journal.slot:
                return
            with self._working(), translated_errors(self._writer.names):
                await read_settings(self._client, journal.slot)
                words = setting_words(self._client.plant)
                moves = slot_moves(self._client.plant, journal)
                if not moves or journal.foreign(words):
                    return
                moved = journal.changing(moves, words)
                await self._save(moved)
                await deliver([WriteHoldingRegisterRequest(*move) for move in moves.items()])
                await self._save(moved.running())
