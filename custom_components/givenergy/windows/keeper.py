"""Keep schedules of more windows than slots, and write the next windows in time."""

from asyncio import shield
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import CONF_READ_ONLY, DOMAIN, LOGGER
from ..coordinator import GivEnergyCoordinator
from ..devices import PlantDevice
from ..errors import translated_errors
from ..givenergy_modbus.exceptions import ExceptionBase
from ..givenergy_modbus.model import TimeSlot, parse_time
from ..givenergy_modbus.pdu import WriteHoldingRegisterRequest
from ..givenergy_modbus.write_report import RegisterWrite, WriteReport
from ..inverter_clock import drift_of
from ..overrides.lifecycle import Overrides
from ..overrides.restore import read_settings, setting_words
from ..scope import EntityScope
from ..slots import SLOT_KINDS, AnySlotKind
from ..store import PlantStore
from ..time_of_day import contains, length
from ..writer import Deliver, Writer
from .kept import KeptSchedule, Window
from .rotation import assign

MOST_WINDOWS = 10

_KINDS = {kind.key: kind for kind in SLOT_KINDS}


@dataclass(frozen=True, slots=True)
class _Slots:
    """The slots of one kind that a plant has."""

    kind: AnySlotKind
    device: Any
    """The device that has them; the kind knows its class."""
    indexes: list[int]

    def words(self, index: int, window: Window | None) -> dict[int, int]:
        """Return the registers of a slot that holds a window, or none."""
        slot = None if window is None else window.slot
        requests = [*self.kind.set_both(self.device, index, slot)]
        if window is not None and window.target is not None and self.kind.set_target is not None:
            requests += self.kind.set_target(self.device, index, window.target)
        return {request.register: request.value for request in requests}

    def held(self, index: int, windows: Sequence[Window], present: Mapping[int, int]) -> int | None:
        """Return which window a slot holds, by its index."""
        return next(
            (
                number
                for number, window in enumerate(windows)
                if self.words(index, window).items() <= present.items()
            ),
            None,
        )


class Schedules:
    """The schedules of one plant that do not fit into its slots."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: GivEnergyCoordinator,
        writer: Writer,
        store: PlantStore,
        overrides: Overrides,
        plant_devices: Iterable[PlantDevice],
    ) -> None:
        """Take up what is stored."""
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._client = coordinator.client
        self._writer = writer
        self._store = store
        self._overrides = overrides
        self._plant_devices = tuple(plant_devices)
        self._busy = False

    @callback
    def start(self) -> None:
        """Take care of the schedules until the entry is unloaded."""
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._on_poll))
        self._on_poll()

    def kept(self, key: str) -> KeptSchedule | None:
        """Return the schedule of a kind of slot, None if the integration keeps none."""
        stored = self._store.memory.schedules.get(key)
        if stored is None:
            return None
        try:
            return KeptSchedule.from_dict(stored)
        except (KeyError, TypeError, ValueError) as err:
            LOGGER.error("A stored schedule cannot be read: %r", err)
            return None

    def slots_of(self, key: str) -> dict[int, int]:
        """Return which slot holds each window of a schedule that is kept."""
        schedule, slots = self.kept(key), self._slots(key)
        if schedule is None or slots is None:
            return {}
        present = setting_words(self._client.plant)
        held = {index: slots.held(index, schedule.windows, present) for index in slots.indexes}
        return {window: index for index, window in held.items() if window is not None}

    async def keep(self, key: str, windows: Sequence[Window]) -> WriteReport:
        """Keep a schedule, and write those of its windows that are due.

        Raises as the writer's ``send`` does.
        """
        self._writer.raise_if_read_only()
        work = self._keep(key, KeptSchedule(tuple(windows)))
        return await shield(self._entry.async_create_task(self._hass, work))

    async def forget(self, key: str) -> None:
        """Keep a schedule no longer; the slots stay as they are."""
        memory = self._store.memory
        if key in memory.schedules or key in memory.schedules_lost:
            memory.schedules.pop(key, None)
            memory.schedules_lost = [kind for kind in memory.schedules_lost if kind != key]
            await self._store.async_save_durably()

    def _slots(self, key: str) -> _Slots | None:
        capabilities = self._client.plant.capabilities
        assert capabilities is not None
        scope, kind = EntityScope.of(capabilities), _KINDS[key]
        for plant_device in self._plant_devices:
            if indexes := kind.indexes(plant_device, scope):
                return _Slots(kind, plant_device.find(self._client.plant), indexes)
        return None

    @property
    def _now(self) -> time:
        """The time of the inverter's clock."""
        now = dt_util.now().replace(tzinfo=None)
        drift = drift_of(self._client.plant)
        return (now if drift is None else now + drift).time()

    @property
    def _overridden(self) -> set[int]:
        """The registers an override has changed for a while."""
        journal = self._overrides.journal
        return set() if journal is None else {entry.register for entry in journal.entries}

    # Writing

    async def _keep(self, key: str, schedule: KeptSchedule) -> WriteReport:
        async with self._writer.exclusive() as deliver:
            self._busy = True
            try:
                slots = self._slots(key)
                assert slots is not None
                with translated_errors(self._writer.names):
                    registers = {pair for idx in slots.indexes for pair in slots.words(idx, None)}
                    await read_settings(self._client, registers)
                return await self._write(deliver, key, schedule, slots)
            finally:
                self._busy = False

    async def _write(
        self, deliver: Deliver, key: str, schedule: KeptSchedule, slots: _Slots
    ) -> WriteReport:
        """Write what differs; the words are on disk as ours before they are in the inverter."""
        present = setting_words(self._client.plant)
        wanted = self._wanted(schedule, slots, present)
        journal = schedule.writing(wanted, present)
        await self._save(key, journal)
        requests = [
            WriteHoldingRegisterRequest(*write) for write in _safe_order(wanted, present, self._now)
        ]
        with translated_errors(self._writer.names, requests):
            report = await deliver(requests)
        self._writer.raise_for_clamped(report)
        await self._save(key, journal.written())
        return report

    async def _save(self, key: str, schedule: KeptSchedule) -> None:
        memory = self._store.memory
        before = memory.schedules.get(key)
        memory.schedules[key] = schedule.to_dict()
        memory.schedules_lost = [kind for kind in memory.schedules_lost if kind != key]
        try:
            await self._store.async_save_durably()
        except HomeAssistantError:
            if before is None:
                memory.schedules.pop(key)
            else:
                memory.schedules[key] = before
            raise

    def _wanted(
        self, schedule: KeptSchedule, slots: _Slots, present: Mapping[int, int]
    ) -> dict[int, int]:
        """Return the words that slots should have; those in an override are left alone.

        A slot that holds no window of the schedule is cleared, as one may be that an
        override has restored.
        """
        windows, overridden = schedule.windows, self._overridden
        free = [
            window for window in slots.indexes if overridden.isdisjoint(slots.words(window, None))
        ]
        held = {index: slots.held(index, windows, present) for index in free}
        wanted: dict[int, int] = {}
        for index, number in assign([window.slot for window in windows], held, self._now).items():
            wanted |= slots.words(index, None if number is None else windows[number])
        return wanted

    # Following

    @callback
    def _on_poll(self) -> None:
        """Write what has become due, unless another client has changed the slots."""
        if (
            self._busy
            or self._coordinator.data.failed
            or self._entry.options.get(CONF_READ_ONLY, False)
        ):
            return
        due = [key for key in self._store.memory.schedules if self._is_due(key)]
        if due:
            self._busy = True
            self._entry.async_create_background_task(
                self._hass, self._follow(due), f"{DOMAIN} schedule"
            )

    def _is_due(self, key: str) -> bool:
        schedule, slots = self.kept(key), self._slots(key)
        if schedule is None or slots is None or slots.device is None:
            return False
        present = setting_words(self._client.plant)
        wanted = self._wanted(schedule, slots, present)
        return bool(schedule.foreign(present, self._overridden)) or not (
            wanted.items() <= present.items()
        )

    async def _follow(self, keys: Iterable[str]) -> None:
        try:
            async with self._writer.exclusive() as deliver:
                for key in keys:
                    await self._follow_one(deliver, key)
        except (HomeAssistantError, ExceptionBase) as err:
            LOGGER.warning("%s: the schedule is not written yet: %s", self._entry.title, err)
        finally:
            self._coordinator.async_update_listeners()
            self._busy = False

    async def _follow_one(self, deliver: Deliver, key: str) -> None:
        """Read again, then write one schedule or give it up."""
        schedule, slots = self.kept(key), self._slots(key)
        if schedule is None or slots is None:
            return
        await read_settings(self._client, schedule.ours)
        if (schedule := self.kept(key)) is None:
            return
        present = setting_words(self._client.plant)
        if schedule.foreign(present, self._overridden):
            memory = self._store.memory
            memory.schedules.pop(key)
            memory.schedules_lost.append(key)
            await self._store.async_save()
            LOGGER.warning(
                "%s: slots of the kept schedule %s were changed elsewhere, so it is given up",
                self._entry.title,
                key,
            )
        elif self._is_due(key):
            await self._write(deliver, key, schedule, slots)


def _safe_order(
    wanted: Mapping[int, int], present: Mapping[int, int], now: time
) -> list[RegisterWrite]:
    """Return the writes in an order in which a half-written slot is not active now.

    Start and end are neighbors; a target goes before them.
    """
    writes = [RegisterWrite(*item) for item in wanted.items() if present.get(item[0]) != item[1]]
    ordered: list[RegisterWrite] = []
    while writes:
        first = writes.pop(0)
        if not (writes and writes[0].register == first.register + 1):
            ordered.insert(0, first)
            continue
        second = writes.pop(0)
        start_first = _slot(first.value, present.get(second.register))
        end_first = _slot(present.get(first.register), second.value)
        start_is_worse = (contains(start_first, now), length(start_first)) > (
            contains(end_first, now),
            length(end_first),
        )
        ordered += [second, first] if start_is_worse else [first, second]
    return ordered


def _slot(start: int | None, end: int | None) -> TimeSlot | None:
    first = None if start is None else parse_time(start)
    last = None if end is None else parse_time(end)
    return None if first is None or last is None else TimeSlot(first, last)
