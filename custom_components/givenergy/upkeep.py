"""What is looked after while a plant runs: its issues, its device pages, added hardware."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .coordinator import GivEnergyConfigEntry
from .devices import Part
from .givenergy_modbus.model.topology import CONFIG, INVERTER_ADDRESS, Read
from .layout import async_rescan, register_devices

CLOCK_DRIFT_LIMIT = timedelta(minutes=2)
MISSING_AFTER = 10
"""Polls in a row that a device must miss before it is called missing."""
MANY_WRITES = 250
"""Writes a day beyond which somebody ought to look: settings are kept in flash."""

_RESCAN_EVERY = timedelta(days=1)
_IDENTITY_BLOCK = Read(INVERTER_ADDRESS, CONFIG[0])


@dataclass(frozen=True, slots=True)
class Trouble:
    """One issue that holds at the moment."""

    key: str
    suffix: str = ""
    fixable: bool = True
    placeholders: dict[str, str] | None = None
    data: dict[str, str | int | float | None] | None = None


def clock_drift(entry: GivEnergyConfigEntry) -> timedelta | None:
    """Return how far the inverter's clock is ahead of ours, None while it is unread."""
    plant = entry.runtime_data.client.plant
    shown = plant.inverter.system_time
    read_at = plant.stored_at(_IDENTITY_BLOCK)
    if shown is None or read_at is None:
        return None
    return shown - dt_util.as_local(read_at).replace(tzinfo=None)  # type: ignore[no-any-return]


def _missing(entry: GivEnergyConfigEntry) -> Iterator[Trouble]:
    data = entry.runtime_data
    if data.coordinator.availability.nothing_left:
        return
    for part in data.parts:
        if part.parent is None or part.kind.rolled_up or part.identity in data.waiting_for:
            continue
        if data.coordinator.availability.missed_at(part.address) >= MISSING_AFTER:
            yield Trouble(
                "device_missing",
                part.identity,
                placeholders={"kind": part.kind.key.replace("_", " "), "number": str(part.number)},
                data={"part": part.key},
            )


def _drifted(entry: GivEnergyConfigEntry) -> Iterator[Trouble]:
    drift = clock_drift(entry)
    if drift is not None and abs(drift) > CLOCK_DRIFT_LIMIT:
        yield Trouble("clock_drift", placeholders={"seconds": f"{drift.total_seconds():.0f}"})


def _updated(entry: GivEnergyConfigEntry) -> Iterator[Trouble]:
    data = entry.runtime_data
    for part in data.parts:
        now, before = (
            part.firmware(data.client.plant),
            data.store.memory.firmware.get(part.identity),
        )
        if now is None or before == now:
            continue
        if before is None:
            data.store.memory.firmware[part.identity] = now
            continue
        yield Trouble(
            "firmware_changed",
            part.identity,
            placeholders={
                "kind": part.kind.key.replace("_", " "),
                "number": str(part.number),
                "before": before,
                "now": now,
            },
            data={"identity": part.identity, "firmware": now},
        )


def _written(entry: GivEnergyConfigEntry) -> Iterator[Trouble]:
    writes = entry.runtime_data.store.writes_today
    if writes > MANY_WRITES:
        yield Trouble("many_writes", fixable=False, placeholders={"writes": str(writes)})


_CHECKS = (_missing, _drifted, _updated, _written)


class Upkeep:
    """Looks after one plant, once per poll."""

    def __init__(self, hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
        """Start with no issue known."""
        self._hass = hass
        self._entry = entry
        self._open: set[str] = set()
        self._pages: dict[str, Any] = {}

    @callback
    def start(self) -> None:
        """Begin, until the entry is unloaded."""
        coordinator = self._entry.runtime_data.coordinator
        self._entry.async_on_unload(coordinator.async_add_listener(self.look))
        self._entry.async_on_unload(
            async_track_time_interval(self._hass, self._scan, _RESCAN_EVERY)
        )
        self.look()

    @callback
    def look(self) -> None:
        """Open the issues that hold and close the ones that no longer do."""
        found = {
            f"{trouble.key}_{self._entry.entry_id}_{trouble.suffix}".rstrip("_"): trouble
            for check in _CHECKS
            for trouble in check(self._entry)
        }
        for issue_id in self._open - found.keys():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        for issue_id, trouble in found.items():
            self._raise(issue_id, trouble)
        self._open = set(found)
        self._show_pages()
        self._welcome_back()

    def _raise(self, issue_id: str, trouble: Trouble) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=trouble.fixable,
            severity=ir.IssueSeverity.WARNING,
            translation_key=trouble.key,
            translation_placeholders={"plant": self._entry.title, **(trouble.placeholders or {})},
            data={"entry_id": self._entry.entry_id, **(trouble.data or {})},
        )

    def _show_pages(self) -> None:
        """Bring device pages up to date when a serial or a firmware has become readable."""
        data = self._entry.runtime_data
        plant = data.client.plant
        says = {part.key: (part.serial(plant), part.firmware(plant)) for part in data.parts}
        if says != self._pages:
            self._pages = says
            register_devices(self._hass, self._entry)

    def _welcome_back(self) -> None:
        data = self._entry.runtime_data
        data.waiting_for -= {
            part.identity
            for part in data.parts
            if not data.coordinator.availability.missed_at(part.address)
        }

    async def _scan(self, _: datetime) -> None:
        try:
            await async_rescan(self._hass, self._entry)
        except HomeAssistantError as err:
            LOGGER.debug("Looking for added hardware failed: %s", err)


def part_of(entry: GivEnergyConfigEntry, key: str) -> Part | None:
    """Return a device of a plant by its stored key."""
    return next((part for part in entry.runtime_data.parts if part.key == key), None)
