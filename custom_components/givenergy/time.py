"""The starts and ends of a GivEnergy plant's daily slots."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any, override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .devices import PlantDevice
from .entity import GivEnergyControlDescription, GivEnergyEntity, add_entities_of
from .givenergy_modbus.model import UNSET_TIME, TimeSlot, parse_time
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .runtime import GivEnergyConfigEntry
from .slots import USUAL_SLOTS, SlotKind, raise_for_seconds, slots_of

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergyTimeDescription[DeviceT: RegisterModel](
    GivEnergyControlDescription[DeviceT, time], TimeEntityDescription
):
    """One end of a slot as one row: it shows its own register, and may set both."""

    kind: SlotKind[DeviceT]
    index: int
    set_end: Callable[[DeviceT, int, time], Requests]
    other_end: str
    """The translation key of the slot's other end."""


type AnyTime = GivEnergyTimeDescription[Any]


def times(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Iterator[AnyTime]:
    """Describe both ends of every slot a device has."""
    for kind, idx, (start, end) in slots_of(plant_device):
        for which, own, opposite, other, set_end in (
            ("start", start, "end", end, kind.set_start),
            ("end", end, "start", start, kind.set_end),
        ):
            yield GivEnergyTimeDescription(
                key=f"{kind.name(idx)}_{which}",
                translation_key=f"{kind.key}_slot_{which}",
                translation_placeholders={"number": str(idx)},
                entity_registry_enabled_default=kind.device_kind == "ems"
                or (idx <= USUAL_SLOTS and not _is_doubtful(kind.key, idx, capabilities)),
                reads=(own,),
                sets=(other,),
                kind=kind,
                index=idx,
                set_end=set_end,
                other_end=f"{kind.key}_slot_{opposite}",
            )


def _is_doubtful(kind: str, idx: int, capabilities: PlantCapabilities) -> bool:
    """Return whether a slot may not exist although its registers do."""
    doubtful = Trait.DOUBTFUL_CHARGE_SLOT_2 in capabilities.traits
    return doubtful and (kind, idx) == ("charge", 2)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the slots of a plant."""
    add_entities_of(entry, async_add_entities, times, GivEnergyTime)


class GivEnergyTime[DeviceT: RegisterModel](GivEnergyEntity[DeviceT, time], TimeEntity):
    """One end of a daily slot; midnight while it is unset, as in a cleared slot."""

    entity_description: GivEnergyTimeDescription[DeviceT]

    @property
    @override
    def device_value(self) -> time | None:
        return self._at(*self.entity_description.reads)

    @property
    @override
    def native_value(self) -> time | None:
        return self.device_value

    def _at(self, register: Register) -> time | None:
        """Return the time in a register; None while it holds no time of day."""
        word = self._word(register)
        if word is None:
            return None
        return time() if word == UNSET_TIME else parse_time(word)

    def _word(self, register: Register) -> int | None:
        cache = self.plant.register_caches.get(self.plant_device.address)
        return None if cache is None else cache.get(register)

    @override
    async def async_set_value(self, value: time) -> None:
        await self.send(self._move, value)

    def _move(self, device: DeviceT, at: time) -> Requests:
        """Build the writes for this end; the other end is written with it while it is unset."""
        row = self.entity_description
        raise_for_seconds(at)
        other = self._at(*row.sets)
        if self._word(*row.sets) == UNSET_TIME or other is None:
            return row.kind.set_both(device, row.index, TimeSlot(at, at))
        if at == other != time() and row.kind.is_enabled(device) is not False:
            raise self._without_length(at)
        return row.set_end(device, row.index, at)

    def _without_length(self, at: time) -> ServiceValidationError:
        """Return the error for the time at which the slot's other end is."""
        row, names = self.entity_description, self._writer.names
        ends = (row.translation_key, row.other_end)
        setting, other = (names.slot_end(str(end), row.index) for end in ends)
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="slot_end_is_other_end",
            translation_placeholders={
                "setting": setting,
                "other": other,
                "time": at.isoformat("minutes"),
            },
        )
