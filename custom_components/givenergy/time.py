"""The starts and ends of a GivEnergy plant's daily windows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any, override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import PlantDevice
from .entity import GivEnergyControlDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.model import TimeSlot, parse_time
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import Requests
from .runtime import GivEnergyConfigEntry
from .slots import USUAL_SLOTS, windows

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergyTimeDescription(GivEnergyControlDescription[Any], TimeEntityDescription):
    """One end of a window as one row: it shows its own register, and may set both."""

    set_end: Callable[[Any, int, time], Requests]
    set_both: Callable[[Any, int, TimeSlot], Requests]
    index: int


def times(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[GivEnergyTimeDescription]:
    """Describe both ends of every window a device has."""
    for kind, idx, (start, end) in windows(plant_device):
        for which, own, other, set_end in (
            ("start", start, end, kind.set_start),
            ("end", end, start, kind.set_end),
        ):
            yield GivEnergyTimeDescription(
                key=f"{kind.name(idx)}_{which}",
                translation_key=f"{kind.key}_slot_{which}",
                translation_placeholders={"number": str(idx)},
                entity_registry_enabled_default=kind.device_kind == "ems" or idx <= USUAL_SLOTS,
                reads=(own,),
                sets=(other,),
                set_end=set_end,
                set_both=kind.set_both,
                index=idx,
            )


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the window ends of a plant."""
    async_add_entities(entities_of(entry, times, GivEnergyTime))


class GivEnergyTime(GivEnergyEntity[Any], TimeEntity):
    """One end of a daily window; unknown while nobody has set it."""

    entity_description: GivEnergyTimeDescription

    @property
    @override
    def device_value(self) -> time | None:
        return self._shown(*self.entity_description.reads)

    @property
    @override
    def native_value(self) -> time | None:
        return self.device_value

    def _shown(self, register: Register) -> time | None:
        cache = self.plant.register_caches.get(self.plant_device.address)
        word = None if cache is None else cache.get(register)
        return None if word is None else parse_time(word)

    @override
    async def async_set_value(self, value: time) -> None:
        await self.send(self._move, value)

    def _move(self, device: Any, at: time) -> Requests:
        """Build the writes for this end; another that nobody has set goes with it."""
        row = self.entity_description
        if self._shown(*row.sets) is None:
            return row.set_both(device, row.index, TimeSlot(at, at))
        return row.set_end(device, row.index, at)
