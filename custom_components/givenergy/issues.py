"""What is looked after while a plant runs: its issues, its device pages, added hardware."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later, async_track_time_interval

from .changes import Interest
from .const import CONF_READ_ONLY, DOMAIN, LOGGER
from .entity import capabilities_of
from .field_names import registers_of
from .givenergy_modbus.model.inverter import Inverter
from .givenergy_modbus.model.plan import Read
from .inverter_clock import CLOCK_DRIFT_LIMIT, drift_of
from .runtime import GivEnergyConfigEntry
from .scope import EntityScope
from .topology import async_rescan, name_of, register_devices
from .tracking import MISSING_AFTER

MANY_WRITES = 250
"""Writes a day that raise an issue: settings are kept in flash."""

ATTEMPTS_BEFORE_ISSUE = 3
"""Failed attempts to restore an override's settings before an issue is raised."""

FIRST_SCAN = timedelta(minutes=5)
"""When added hardware is first looked for: set-up only asks for what is known."""
SCAN_INTERVAL = timedelta(days=1)

type IssueData = dict[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue that holds at the moment."""

    key: str
    placeholders: dict[str, str]
    """What its text names."""
    data: IssueData | None = None
    """What its repair needs to know; None where there is no repair."""
    identity: str = ""
    """Whose it is, where several devices may have it at once."""


def clock_drift(entry: GivEnergyConfigEntry) -> timedelta | None:
    """Return how far the inverter's clock is ahead of ours, None while it is unread."""
    return drift_of(entry.runtime_data.client.plant)


def _wrong_plant_issue_id(entry: GivEnergyConfigEntry) -> str:
    return f"wrong_plant_{entry.entry_id}"


@callback
def close_wrong_plant_issue(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Close the issue of another system at the entry's address, if it is open."""
    ir.async_delete_issue(hass, DOMAIN, _wrong_plant_issue_id(entry))


@callback
def update_wrong_plant_issue(hass: HomeAssistant, entry: GivEnergyConfigEntry, serial: str) -> None:
    """Open an issue while another system responds at the entry's address, or close it."""
    if serial == entry.unique_id:
        close_wrong_plant_issue(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _wrong_plant_issue_id(entry),
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key="wrong_plant",
        translation_placeholders={
            "plant": entry.title,
            "expected": entry.unique_id or "",
            "found": serial,
        },
    )


def _missing(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Iterator[Issue]:
    """Yield the devices that have been missing for long, except those the user waits for."""
    data = entry.runtime_data
    for plant_device in data.plant_devices:
        identity = plant_device.identity
        if plant_device.parent is None or identity in data.store.memory.waiting_for:
            continue
        if data.polls_missed(plant_device) >= MISSING_AFTER and data.is_lost(plant_device):
            name = name_of(hass, entry, plant_device)
            yield Issue("device_missing", {"device": name}, {"identity": identity}, identity)


def _drifted(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Iterator[Issue]:
    drift = clock_drift(entry)
    if drift is None:
        return
    key = "clock_slow" if drift < timedelta(0) else "clock_fast"
    may_be_set = clock_may_be_set(entry)
    key = key if may_be_set else _CLOCK_READ_ONLY[key]
    opened = ir.async_get(hass).async_get_issue(DOMAIN, f"{key}_{entry.entry_id}")
    shown = ((opened and opened.translation_placeholders) or {}).get("minutes")
    # Seconds that come and go neither rewrite nor close an issue that is open.
    if abs(drift) <= CLOCK_DRIFT_LIMIT - (_CLOCK_JITTER if shown else timedelta(0)):
        return
    minutes = abs(drift) / timedelta(minutes=1)
    if shown is None or abs(minutes - float(shown)) > _MINUTES_KEPT:
        shown = str(round(minutes))
    yield Issue(key, {"minutes": shown}, {} if may_be_set else None)


_CLOCK_JITTER = timedelta(seconds=10)
_MINUTES_KEPT = 0.7
"""How many minutes a drift may be from the number in an open issue."""

_CLOCK_READ_ONLY = {
    "clock_fast": "clock_fast_read_only",
    "clock_slow": "clock_slow_read_only",
}
"""Issues without a repair, where the clock may not be written."""


def clock_may_be_set(entry: GivEnergyConfigEntry) -> bool:
    """Return whether the inverter's clock may be written."""
    if entry.options.get(CONF_READ_ONLY, False):
        return False
    scope = EntityScope.of(capabilities_of(entry))
    return scope.can_write(registers_of(Inverter, lambda inverter: inverter.system_time))


def _updated(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Iterator[Issue]:
    data = entry.runtime_data
    known = data.store.memory.firmware
    for plant_device in data.plant_devices:
        now = plant_device.firmware(data.client.plant)
        if now is None or known.setdefault(plant_device.identity, now) == now:
            continue
        placeholders = {
            "device": name_of(hass, entry, plant_device),
            "before": known[plant_device.identity],
            "now": now,
        }
        facts: IssueData = {"identity": plant_device.identity, "firmware": now}
        yield Issue("firmware_changed", placeholders, facts, plant_device.identity)


def _written(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Iterator[Issue]:
    writes = entry.runtime_data.store.writes_today
    if writes > MANY_WRITES:
        yield Issue("many_writes", {"writes": str(writes)})


def _not_restored(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Iterator[Issue]:
    overrides = entry.runtime_data.overrides
    if overrides.journal is not None and overrides.journal.attempts >= ATTEMPTS_BEFORE_ISSUE:
        yield Issue("override_not_restored", {"settings": overrides.settings})


def _schedule_lost(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Iterator[Issue]:
    data = entry.runtime_data
    for key in data.store.memory.schedules_lost:
        kind = data.writer.names.slot_kind(key)
        yield Issue("schedule_taken_over", {"kind": kind}, identity=key)


_CHECKS: tuple[Callable[[HomeAssistant, GivEnergyConfigEntry], Iterator[Issue]], ...] = (
    _missing,
    _drifted,
    _updated,
    _written,
    _not_restored,
    _schedule_lost,
)


class IssueMonitor:
    """Looks after one plant, once per poll."""

    def __init__(self, hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
        """Start with no issue known."""
        self._hass = hass
        self._entry = entry
        self._open: set[str] = set()
        self._shown: object = None

    @callback
    def start(self, *, scan_at_once: bool) -> None:
        """Begin, until the entry is unloaded."""
        hass, entry = self._hass, self._entry
        coordinator = entry.runtime_data.coordinator
        entry.async_on_unload(self._close_issues)
        interest = Interest(self._serial_blocks(), every_poll=True, watched=False)
        entry.async_on_unload(coordinator.async_add_listener(self.update, interest))

        @callback
        def follow() -> None:
            interest.reads = self._serial_blocks()

        entry.async_on_unload(entry.runtime_data.on_device_changes(follow))
        entry.async_on_unload(async_track_time_interval(hass, self._scan, SCAN_INTERVAL))
        if scan_at_once:
            entry.async_create_background_task(hass, self._scan(), "givenergy scan")
        else:
            entry.async_on_unload(async_call_later(hass, FIRST_SCAN, self._scan))
        self.update()

    def _serial_blocks(self) -> frozenset[Read]:
        """Return the blocks that hold serial numbers, which identify devices."""
        data = self._entry.runtime_data
        return frozenset(
            block
            for device in data.plant_devices
            for block in data.coordinator.blocks_of(device.address, device.named_in)
        )

    @callback
    def update(self) -> None:
        """Update device pages, raise the issues that hold, delete those that no longer do."""
        self._show_pages()
        self._welcome_back()
        other_serial = self._entry.runtime_data.coordinator.other_serial
        serial = self._entry.runtime_data.client.plant.inverter_serial
        update_wrong_plant_issue(self._hass, self._entry, other_serial or serial)
        found = {
            "_".join(filter(None, (issue.key, self._entry.entry_id, issue.identity))): issue
            for check in _CHECKS
            for issue in check(self._hass, self._entry)
        }
        for issue_id in self._open - found.keys():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        for issue_id, issue in found.items():
            self._raise(issue_id, issue)
        self._open = set(found)

    def _raise(self, issue_id: str, issue: Issue) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=issue.data is not None,
            severity=ir.IssueSeverity.WARNING,
            translation_key=issue.key,
            translation_placeholders={"plant": self._entry.title, **issue.placeholders},
            data={"entry_id": self._entry.entry_id, **(issue.data or {})},
        )

    @callback
    def _close_issues(self) -> None:
        close_wrong_plant_issue(self._hass, self._entry)
        for issue_id in self._open:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    def _show_pages(self) -> None:
        """Update device pages when a firmware version has become known."""
        data = self._entry.runtime_data
        plant = data.client.plant
        firmware = [plant_device.firmware(plant) for plant_device in data.plant_devices]
        if firmware != self._shown:
            self._shown = firmware
            register_devices(self._hass, self._entry)

    def _welcome_back(self) -> None:
        """Stop waiting for devices that are back."""
        data = self._entry.runtime_data
        data.store.memory.waiting_for = [
            plant_device.identity
            for plant_device in data.plant_devices
            if plant_device.identity in data.store.memory.waiting_for
            and (data.polls_missed(plant_device) or not plant_device.is_placed)
        ]

    async def _scan(self, _: datetime | None = None) -> None:
        try:
            await async_rescan(self._hass, self._entry)
        except HomeAssistantError as err:
            LOGGER.debug("Looking for added hardware failed: %s", err)
