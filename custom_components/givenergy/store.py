"""What a plant's entry remembers between starts, besides its configuration."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN

_VERSION = 1
_SAVE_DELAY = 30


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


class PlantStore:
    """Loads and saves a plant's memory."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the config entry."""
        self._store: Store[dict[str, Any]] = Store(hass, _VERSION, f"{DOMAIN}.{entry_id}")
        self.memory = Memory()

    async def async_load(self) -> Memory:
        """Read what was saved, or start afresh."""
        if (saved := await self._store.async_load()) is not None:
            known = Memory.__dataclass_fields__.keys()
            self.memory = Memory(**{key: saved[key] for key in known & saved.keys()})
        return self.memory

    @callback
    def save_soon(self, refresh: Callable[[Memory], None] | None = None) -> None:
        """Save a little later, asking for the latest values just before."""

        def latest() -> dict[str, Any]:
            if refresh is not None:
                refresh(self.memory)
            return asdict(self.memory)

        self._store.async_delay_save(latest, _SAVE_DELAY)

    async def async_save(self) -> None:
        """Save now."""
        await self._store.async_save(asdict(self.memory))

    async def async_remove(self) -> None:
        """Forget the plant."""
        await self._store.async_remove()

    @callback
    def count_writes(self, number: int) -> None:
        """Add real writes to today's and the total count."""
        self.memory.writes_today = self.writes_today + number
        self.memory.writes_total += number

    @property
    def writes_today(self) -> int:
        """How many writes were sent since local midnight."""
        today = dt_util.now().date().isoformat()
        if self.memory.writes_day != today:
            self.memory.writes_day = today
            self.memory.writes_today = 0
        return self.memory.writes_today
