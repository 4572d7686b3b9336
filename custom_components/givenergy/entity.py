"""What GivEnergy entities have in common."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, Self, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .coordinator import GivEnergyConfigEntry, GivEnergyCoordinator
from .devices import Part
from .givenergy_modbus.model.allowlist import writable_registers
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.plan import Block
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register import Register, RegisterField
from .givenergy_modbus.model.register_model import Requests


@dataclass(frozen=True, slots=True)
class Reach:
    """What of a plant can be seen and changed, worked out once for all its entities."""

    traits: Trait
    blocks: Mapping[int, tuple[Block, ...]]
    """What is polled, by device address."""
    settings: Mapping[int, RegisterField]
    """What may be written, by holding register."""

    @classmethod
    def of(cls, capabilities: PlantCapabilities) -> Self:
        """Return the reach that a layout gives."""
        blocks: dict[int, tuple[Block, ...]] = {}
        for address, block in (*capabilities.measurement_plan, *capabilities.config_plan):
            blocks[address] = (*blocks.get(address, ()), block)
        return cls(capabilities.traits, blocks, writable_registers(capabilities))

    def sees(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Whether all of a device's registers are polled."""
        blocks = self.blocks.get(device_address, ())
        return all(any(register in block for block in blocks) for register in registers)

    def changes(self, registers: Iterable[Register]) -> bool:
        """Whether all of these registers may be written."""
        return all(register.address in self.settings for register in registers)


@dataclass(frozen=True, kw_only=True)
class GivEnergyDescription[DeviceT](EntityDescription):
    """An entity as one row: what it shows, where that comes from, who has it."""

    value_fn: Callable[[DeviceT], Any] = lambda _: None
    reads: tuple[Register, ...] = ()
    """The registers behind the value; its availability follows from their blocks."""
    needs: Trait = Trait(0)
    lacks: Trait = Trait(0)
    off_with: Trait = Trait(0)
    """Traits of plants on which it starts disabled."""

    def exists(self, part: Part, reach: Reach) -> bool:
        """Whether the plant has this entity, which its layout alone decides."""
        return (
            self.needs in reach.traits
            and not self.lacks & reach.traits
            and reach.sees(part.address, self.reads)
        )


@dataclass(frozen=True, kw_only=True)
class GivEnergyControlDescription[DeviceT](GivEnergyDescription[DeviceT]):
    """An entity that changes a setting: there only where the setting may be written."""

    sets: tuple[Register, ...] = ()
    """What it writes besides the registers it shows."""

    @override
    def exists(self, part: Part, reach: Reach) -> bool:
        return reach.changes((*self.reads, *self.sets)) and super().exists(part, reach)


def layout_of(entry: GivEnergyConfigEntry) -> PlantCapabilities:
    """Return the layout of a loaded entry's plant."""
    capabilities = entry.runtime_data.client.plant.capabilities
    assert capabilities is not None
    return capabilities


def described[DescriptionT: GivEnergyDescription[Any]](
    entry: GivEnergyConfigEntry,
    tables: Callable[[Part, PlantCapabilities], Iterable[DescriptionT]],
) -> Iterator[tuple[Part, DescriptionT]]:
    """Yield the rows of a platform's tables that hold for one plant, with their devices."""
    capabilities = layout_of(entry)
    reach = Reach.of(capabilities)
    for part in entry.runtime_data.parts:
        for description in tables(part, capabilities):
            if description.exists(part, reach):
                yield part, description


def entities_of[DescriptionT: GivEnergyDescription[Any], EntityT](
    entry: GivEnergyConfigEntry,
    tables: Callable[[Part, PlantCapabilities], Iterable[DescriptionT]],
    make: Callable[[GivEnergyConfigEntry, Part, DescriptionT], EntityT],
) -> list[EntityT]:
    """Return the entities a platform's tables amount to on one plant."""
    return [make(entry, part, description) for part, description in described(entry, tables)]


class GivEnergyEntity[DeviceT](CoordinatorEntity[GivEnergyCoordinator]):
    """An entity that shows some registers of one device."""

    _attr_has_entity_name = True
    entity_description: GivEnergyDescription[DeviceT]

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        part: Part,
        description: GivEnergyDescription[DeviceT],
    ) -> None:
        """Attach the entity to its device."""
        super().__init__(entry.runtime_data.coordinator)
        self.entity_description = description
        self.part = part
        self._writer = entry.runtime_data.writer
        self._attr_unique_id = f"{part.identity}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={part.identifier})
        if description.off_with & layout_of(entry).traits:
            self._attr_entity_registry_enabled_default = False
        self._said: tuple[Any, ...] | None = None

    @property
    def plant(self) -> Plant:
        """The plant, as last read."""
        return self.coordinator.plant

    @property
    def device(self) -> DeviceT | None:
        """The device, as last read; None before it has answered."""
        device: DeviceT | None = self.part.find(self.plant)
        return device

    @property
    def reading(self) -> Any:
        """What the device says, None where it says nothing."""
        device = self.device
        return None if device is None else self.entity_description.value_fn(device)

    @property
    @override
    def available(self) -> bool:
        """Whether the blocks behind this entity still come."""
        return self.coordinator.brings(self.part.address, self.entity_description.reads)

    def _says(self) -> tuple[Any, ...]:
        """Return all that decides what the state looks like."""
        return self.available, self.reading, self.extra_state_attributes

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the polls, and remember what the first state says."""
        await super().async_added_to_hass()
        self._said = self._says()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if there is anything new to say."""
        says = self._says()
        if says != self._said:
            self._said = says
            super()._handle_coordinator_update()

    async def send[**P](
        self,
        command: Callable[Concatenate[DeviceT, P], Requests],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Have the device told something; see the writer for what is raised."""
        device = self.device
        assert device is not None, "nobody can act on an entity that is unavailable"
        await self._writer.send(command, device, *args, **kwargs)
