"""What GivEnergy entities have in common."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Concatenate, Self, TypedDict, override

from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .changes import Interest
from .const import DOMAIN
from .coordinator import GivEnergyCoordinator
from .devices import PlantDevice
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.pace import is_watched
from .givenergy_modbus.model.plan import Read
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .runtime import GivEnergyConfigEntry
from .scope import EntityScope


class RowOverrides(TypedDict, total=False):
    """Attributes that a row may state instead of deriving them from its field."""

    translation_key: str
    translation_placeholders: dict[str, str]
    entity_category: EntityCategory
    entity_registry_enabled_default: bool
    needs: Trait
    lacks: Trait
    disabled_for: Trait


NO_OVERRIDES: RowOverrides = {}
CONFIG: RowOverrides = {"entity_category": EntityCategory.CONFIG}
CONFIG_DISABLED: RowOverrides = {**CONFIG, "entity_registry_enabled_default": False}


@dataclass(frozen=True, kw_only=True)
class GivEnergyDescription[DeviceT: RegisterModel, ValueT](EntityDescription):
    """An entity as one row: its value, the registers behind it, the plants that have it."""

    value_fn: Callable[[DeviceT], ValueT | None] = lambda _: None
    reads: tuple[Register, ...] = ()
    """The registers behind the value; its availability follows from their blocks."""
    needs: Trait = Trait(0)
    lacks: Trait = Trait(0)
    disabled_for: Trait = Trait(0)
    """Traits of plants on which it starts disabled."""

    def exists(self, plant_device: PlantDevice, scope: EntityScope) -> bool:
        """Whether the plant has this entity, which its layout alone decides."""
        if self.needs not in scope.traits or self.lacks & scope.traits:
            return False
        if plant_device.is_placed or plant_device.is_reported:
            return scope.can_read(plant_device.address, self.reads)
        return scope.can_read_kind(plant_device.kind, self.reads)


@dataclass(frozen=True, kw_only=True)
class GivEnergyControlDescription[DeviceT: RegisterModel, ValueT](
    GivEnergyDescription[DeviceT, ValueT]
):
    """An entity that changes a setting: there only where the setting may be written."""

    sets: tuple[Register, ...] = ()
    """What it writes besides the registers it shows."""

    @override
    def exists(self, plant_device: PlantDevice, scope: EntityScope) -> bool:
        return scope.can_write((*self.reads, *self.sets)) and super().exists(plant_device, scope)


type AnyDescription = GivEnergyDescription[Any, Any]
"""A row of any device; a platform's tables mix them."""


def capabilities_of(entry: GivEnergyConfigEntry) -> PlantCapabilities:
    """Return the layout of a loaded entry's plant."""
    capabilities = entry.runtime_data.client.plant.capabilities
    assert capabilities is not None
    return capabilities


def described[DescriptionT: AnyDescription](
    entry: GivEnergyConfigEntry,
    tables: Callable[[PlantDevice, PlantCapabilities], Iterable[DescriptionT]],
) -> Iterator[tuple[PlantDevice, DescriptionT]]:
    """Yield the rows of a platform's tables that hold for one plant, with their devices."""
    capabilities = capabilities_of(entry)
    scope = EntityScope.of(capabilities)
    for plant_device in entry.runtime_data.plant_devices:
        for description in tables(plant_device, capabilities):
            if description.exists(plant_device, scope):
                yield plant_device, description


@callback
def add_described_entities[EntityT: AnyEntity](
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    build: Callable[[], Iterable[EntityT]],
) -> None:
    """Add a platform's entities, and keep them in step with the devices of the plant.

    Those of devices and blocks that are found later are added, those of devices that answer at
    another address follow them, and those that only a removed device had are removed.
    """
    domain = async_get_current_platform().domain
    registry = er.async_get(entry.runtime_data.coordinator.hass)
    present: dict[str | None, EntityT] = {}

    @callback
    def update() -> None:
        built = {entity.unique_id: entity for entity in build()}
        for unique_id in present.keys() - built.keys():
            del present[unique_id]
            if (
                entity_id := registry.async_get_entity_id(domain, DOMAIN, str(unique_id))
            ) is not None:
                registry.async_remove(entity_id)
        for unique_id in present.keys() & built.keys():
            present[unique_id].follow(built[unique_id])
        new = {unique_id: entity for unique_id, entity in built.items() if unique_id not in present}
        present.update(new)
        async_add_entities(new.values())

    update()
    entry.async_on_unload(entry.runtime_data.on_device_changes(update))


@callback
def add_entities_of[DescriptionT: AnyDescription, EntityT: AnyEntity](
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    tables: Callable[[PlantDevice, PlantCapabilities], Iterable[DescriptionT]],
    make: Callable[[GivEnergyConfigEntry, PlantDevice, DescriptionT], EntityT],
) -> None:
    """Add the entities that a platform's tables describe for one plant."""
    add_described_entities(
        entry,
        async_add_entities,
        lambda: [make(entry, device, row) for device, row in described(entry, tables)],
    )


class GivEnergyEntity[DeviceT: RegisterModel, ValueT](CoordinatorEntity[GivEnergyCoordinator]):
    """An entity that shows some registers of one device."""

    _attr_has_entity_name = True
    _every_poll = False
    """Whether to look at every poll: the state depends on more than the words of its blocks."""
    entity_description: GivEnergyDescription[DeviceT, ValueT]

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        plant_device: PlantDevice[DeviceT],
        description: GivEnergyDescription[DeviceT, ValueT],
    ) -> None:
        """Attach the entity to its device."""
        self.entity_description = description
        self.plant_device = plant_device
        coordinator = entry.runtime_data.coordinator
        every_poll = self._every_poll or not description.reads
        self._interest = Interest(self._blocks(coordinator), every_poll, self._is_watched)
        super().__init__(coordinator, self._interest)
        self._entry = entry
        self._writer = entry.runtime_data.writer
        self._attr_unique_id = f"{plant_device.identity}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={plant_device.identifier})
        if description.disabled_for & capabilities_of(entry).traits:
            self._attr_entity_registry_enabled_default = False
        self._last_snapshot: tuple[object, ...] | None = None

    def _blocks(self, coordinator: GivEnergyCoordinator) -> frozenset[Read]:
        """Return the blocks it reads, which are polled while it is enabled."""
        return blocks_behind(coordinator, self.plant_device, self.entity_description.reads)

    @property
    def _is_watched(self) -> bool:
        """Whether it shows what changes fast."""
        return is_watched(self.plant_device.model, self.entity_description.reads)

    @callback
    def follow(self, other: Self) -> None:
        """Take over where another entity of the same id, made for the devices of now, reads."""
        before = self.plant_device, self._interest.reads, self._sources
        self.plant_device = other.plant_device
        self.entity_description = other.entity_description
        self._interest.reads = self._blocks(self.coordinator)
        if self._last_snapshot is not None and before != (
            self.plant_device,
            self._interest.reads,
            self._sources,
        ):
            self._handle_coordinator_update()

    @property
    def _sources(self) -> tuple[PlantDevice[Any], ...]:
        """The devices its value is made of, besides its own."""
        return ()

    @property
    def plant(self) -> Plant:
        """The plant, as last read."""
        return self.coordinator.plant

    @property
    def device(self) -> DeviceT | None:
        """The device, as last read; None before it has answered."""
        return self.plant_device.find(self.plant)

    @property
    def device_value(self) -> ValueT | None:
        """The value of the entity's field, None while the device has none."""
        device = self.device
        return None if device is None else self.entity_description.value_fn(device)

    @property
    @override
    def available(self) -> bool:
        """Whether the blocks behind this entity still come, and from its device."""
        return has_data(self.coordinator, self.plant_device, self.entity_description.reads)

    def _snapshot(self) -> tuple[object, ...]:
        """Return all that decides what the state looks like."""
        return self.available, self.device_value, self.extra_state_attributes

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the polls, and take a snapshot of the first state."""
        await super().async_added_to_hass()
        self._last_snapshot = self._snapshot()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Write no state any more."""
        await super().async_will_remove_from_hass()
        self._last_snapshot = None

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if it has changed."""
        snapshot = self._snapshot()
        if snapshot != self._last_snapshot:
            self._last_snapshot = snapshot
            super()._handle_coordinator_update()

    async def send[**P](
        self,
        command: Callable[Concatenate[DeviceT, P], Requests],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Send a command of the device; see the writer for what is raised."""
        device = self.device
        assert device is not None, "an unavailable entity takes no commands"
        await self._writer.send(command, device, *args, **kwargs)


type AnyEntity = GivEnergyEntity[Any, Any]


def blocks_behind(
    coordinator: GivEnergyCoordinator, plant_device: PlantDevice[Any], registers: Iterable[Register]
) -> frozenset[Read]:
    """Return the blocks of a device's registers, and those that tell whose registers they are."""
    if not plant_device.is_placed:
        return frozenset()
    return coordinator.blocks_of(plant_device.address, (*registers, *plant_device.named_in))


def has_data(
    coordinator: GivEnergyCoordinator, plant_device: PlantDevice[Any], registers: Iterable[Register]
) -> bool:
    """Return whether registers of a device are in blocks with data that are its own."""
    return not plant_device.is_hidden(coordinator.plant) and coordinator.has_data(
        plant_device.address, registers
    )
