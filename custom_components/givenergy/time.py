"""The starts and ends of a GivEnergy plant's daily windows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any, override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import GivEnergyConfigEntry
from .devices import Part
from .entity import GivEnergyControlDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.model.base import Requests
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .slots import USUAL_SLOTS, SlotKind, windows

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergyTimeDescription[DeviceT](
    GivEnergyControlDescription[DeviceT], TimeEntityDescription
):
    """One end of a window as one row."""

    set_fn: Callable[[DeviceT, time], Requests]


def _ends(kind: SlotKind, idx: int, registers: Any) -> Iterator[GivEnergyTimeDescription[Any]]:
    for end, move in (("start", kind.move_start), ("end", kind.move_end)):
        yield GivEnergyTimeDescription(
            key=f"{kind.name(idx)}_{end}",
            translation_key=f"{kind.key}_slot_{end}",
            translation_placeholders={"number": str(idx)},
            entity_registry_enabled_default=kind.part == "ems" or idx <= USUAL_SLOTS,
            reads=registers,
            value_fn=lambda it, end=end: getattr(kind.read(it, idx), end, None),
            set_fn=lambda it, at, move=move: move(it, idx, at),
        )


def times(part: Part, capabilities: PlantCapabilities) -> Iterator[GivEnergyTimeDescription[Any]]:
    """Describe both ends of every window a device has."""
    for kind, idx, registers in windows(part, capabilities):
        yield from _ends(kind, idx, registers)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the window ends of a plant."""
    async_add_entities(entities_of(entry, times, GivEnergyTime))


class GivEnergyTime[DeviceT](GivEnergyEntity[DeviceT], TimeEntity):
    """One end of a daily window; unknown while the window is unset."""

    entity_description: GivEnergyTimeDescription[DeviceT]

    @property
    @override
    def native_value(self) -> time | None:
        value: time | None = self.value
        return value

    @override
    async def async_set_value(self, value: time) -> None:
        await self.send(self.entity_description.set_fn, self.device, value)
