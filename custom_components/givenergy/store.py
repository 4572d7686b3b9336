"""What a plant's entry remembers between starts, besides its configuration."""

from dataclasses import asdict, dataclass, field
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .givenergy_modbus.model.plant import Plant

_VERSION = 1
_SAVE_DELAY = 30.0
_DURABLE = ("override", "schedules")
"""What must be on disk before anything is written to the inverter."""
_ENERGY_SAVE_DELAY = 900.0
"""Seconds of counters that a power cut may cost; memory cards wear out."""


@dataclass(slots=True)
class Memory:
    """The remembered values; everything is plain JSON."""

    energy: dict[str, Any] = field(default_factory=dict)
    """Last counters the library believed."""
    writes_day: str = ""
    writes_today: int = 0
    writes_total: int = 0
    firmware: dict[str, str] = field(default_factory=dict)
    """Firmware last seen, by device identity."""
    watched_blocks: list[str] = field(default_factory=list)
    """The blocks that entities read when Home Assistant last ran, in their written form."""
    waiting_for: list[str] = field(default_factory=list)
    """Missing devices that the user waits for, by identity."""
    override: dict[str, Any] | None = None
    """The journal of the override, until every register is back."""
    schedules: dict[str, Any] = field(default_factory=dict)
    """Schedules of more windows than the inverter has slots, by kind of slot."""
    schedules_lost: list[str] = field(default_factory=list)
    """Kinds whose schedule was given up because another client changed a slot."""


class PlantStore:
    """Loads and saves a plant's memory."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the config entry."""
        self._hass = hass
        self._entry_id = entry_id
        self._store = self._open()
        self._plant: Plant | None = None
        self._save_at = float("inf")
        self.memory = Memory()

    def _open(self) -> Store[dict[str, Any]]:
        return Store(self._hass, _VERSION, f"{DOMAIN}.{self._entry_id}")

    async def async_load(self) -> None:
        """Read what was saved, or start afresh."""
        if (saved := await self._store.async_load()) is not None:
            known = Memory.__dataclass_fields__.keys()
            self.memory = Memory(**{key: saved[key] for key in known & saved.keys()})

    @callback
    def follow(self, plant: Plant) -> None:
        """Give a plant back what is remembered of it, and remember it from now on."""
        self._plant = plant
        plant.restore_energy(self.memory.energy)

    def _latest(self) -> dict[str, Any]:
        self._save_at = float("inf")
        if self._plant is not None:
            self.memory.energy = self._plant.energy_memory()
        return asdict(self.memory)

    @callback
    def save_soon(self, delay: float = _SAVE_DELAY) -> None:
        """Save after a delay; a later request does not postpone it."""
        save_at = self._hass.loop.time() + delay
        if save_at < self._save_at:
            self._save_at = save_at
            self._store.async_delay_save(self._latest, delay)

    @callback
    def note_poll(self) -> None:
        """Save now and then how far the counters are."""
        self.save_soon(_ENERGY_SAVE_DELAY)

    async def async_save(self) -> None:
        """Save now."""
        await self._store.async_save(self._latest())

    async def async_save_durably(self) -> None:
        """Save now and read back; HomeAssistantError if it is not on disk.

        Home Assistant only logs a failed write, and defers one while it stops.
        """
        await self.async_save()
        expected = asdict(self.memory)
        saved = await self._open().async_load()
        if saved is None or any(saved.get(key) != expected[key] for key in _DURABLE):
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_saved")

    async def async_remove(self) -> None:
        """Forget the plant."""
        await self._store.async_remove()

    @callback
    def count_writes(self, number: int) -> None:
        """Add real writes to today's and the total count."""
        self.memory.writes_today = self.writes_today + number
        self.memory.writes_total += number
        self.save_soon()

    @property
    def writes_today(self) -> int:
        """How many writes were sent since local midnight."""
        today = dt_util.now().date().isoformat()
        if self.memory.writes_day != today:
            self.memory.writes_day = today
            self.memory.writes_today = 0
        return self.memory.writes_today


async def async_forget_inverter(hass: HomeAssistant, entry_id: str, identity: str) -> None:
    """Forget what holds for an inverter or controller that was replaced by another one.

    That is its firmware, and an override whose settings of before are not those of the new one;
    counters go by the serial number. The entry must not be loaded.
    """
    store = PlantStore(hass, entry_id)
    await store.async_load()
    store.memory.firmware.pop(identity, None)
    store.memory.override = None
    await store.async_save()
