"""Figures over several batteries, as sensors of the system's first device."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import override

from homeassistant.const import EntityCategory

from ..coordinator import GivEnergyCoordinator
from ..devices import PlantDevice
from ..entity import blocks_behind, described, has_data
from ..givenergy_modbus.model.pace import is_watched
from ..givenergy_modbus.model.plan import Read
from ..givenergy_modbus.model.register_model import RegisterModel
from ..runtime import GivEnergyConfigEntry
from .description import AnySensor, GivEnergySensor, GivEnergySensorDescription
from .device_sensors import sensors

type Member = tuple[PlantDevice, AnySensor]

_CELLS = ("lv_battery", "hv_module", "aio_module")
_WHOLES = ("lv_battery", "hv_stack")


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One figure for several devices as one row: of which sensors, and how."""

    key: str
    of: tuple[str, ...]
    """Keys of the sensors it is made of; devices of different kinds name theirs differently."""
    kinds: tuple[str, ...]
    combine: Callable[[Collection[float]], float]
    only_beside: int = 1
    """How many devices there must be where the plant's first one has such a figure itself."""
    category: EntityCategory | None = None
    shown: bool = True
    weighted_by: str | None = None
    """Key of the sensor that weights each device's value, where all devices have one."""


AGGREGATES = (
    Aggregate(
        key="battery_stored_energy",
        of=("remaining_energy_nominal_wh", "stored_energy"),
        kinds=_WHOLES,
        combine=sum,
    ),
    Aggregate(
        key="battery_usable_capacity",
        of=("usable_capacity",),
        kinds=_WHOLES,
        combine=sum,
        category=EntityCategory.DIAGNOSTIC,
    ),
    Aggregate(
        key="battery_average_soc",
        of=("soc", "aio_soc", "inverter_soc"),
        kinds=(*_WHOLES, "aio_unit", "managed_inverter"),
        combine=fmean,
        only_beside=2,
        weighted_by="usable_capacity",
    ),
    Aggregate(
        key="battery_cell_voltage_min",
        of=("v_cell_min",),
        kinds=_CELLS,
        combine=min,
        category=EntityCategory.DIAGNOSTIC,
    ),
    Aggregate(
        key="battery_cell_voltage_max",
        of=("v_cell_max",),
        kinds=_CELLS,
        combine=max,
        category=EntityCategory.DIAGNOSTIC,
    ),
    Aggregate(
        key="battery_temperature_min",
        of=("t_min", "t_cell_min"),
        kinds=_CELLS,
        combine=min,
        category=EntityCategory.DIAGNOSTIC,
        shown=False,
    ),
    Aggregate(
        key="battery_temperature_max",
        of=("t_max", "t_cell_max"),
        kinds=_CELLS,
        combine=max,
        category=EntityCategory.DIAGNOSTIC,
    ),
)


@dataclass(frozen=True, kw_only=True)
class AggregateDescription(GivEnergySensorDescription[RegisterModel]):
    """The sensor of a figure for several devices, with the sensors it is made of."""

    members: tuple[Member, ...]
    """Without devices that are nowhere, unless all are."""
    combine: Callable[[Collection[float]], float]
    weights: tuple[Member, ...] = ()


def aggregated(root: PlantDevice, sensors: Collection[Member]) -> Iterator[AggregateDescription]:
    """Describe the figures that a plant's sensors add up to; unit and classes are theirs."""
    for aggregate in AGGREGATES:
        members = tuple(
            (plant_device, description)
            for plant_device, description in sensors
            if plant_device.kind in aggregate.kinds and description.key in aggregate.of
        )
        fewest = aggregate.only_beside if root.kind == "inverter" else 1
        if (number := len(members)) < fewest:
            continue
        placed = tuple(member for member in members if member[0].is_placed)
        members = placed or members
        example = members[0][1]
        weights = _weights(aggregate, members, sensors)
        yield AggregateDescription(
            key=aggregate.key,
            translation_key=aggregate.key,
            device_class=example.device_class,
            state_class=example.state_class,
            native_unit_of_measurement=example.native_unit_of_measurement,
            suggested_unit_of_measurement=example.suggested_unit_of_measurement,
            suggested_display_precision=example.suggested_display_precision,
            entity_category=aggregate.category,
            # One device's own figure is the same already.
            entity_registry_enabled_default=aggregate.shown and number >= aggregate.only_beside,
            reads=tuple({register for _, row in (*members, *weights) for register in row.reads}),
            members=members,
            weights=weights,
            combine=aggregate.combine,
        )


def _weights(
    aggregate: Aggregate, members: Collection[Member], sensors: Collection[Member]
) -> tuple[Member, ...]:
    """Return the sensors that weight a figure's members, none unless each member has one."""
    by_device = {
        plant_device.identity: (plant_device, description)
        for plant_device, description in sensors
        if description.key == aggregate.weighted_by
    }
    identities = [plant_device.identity for plant_device, _ in members]
    if not by_device.keys() >= set(identities):
        return ()
    return tuple(by_device[identity] for identity in identities)


def aggregates(entry: GivEnergyConfigEntry) -> Iterator[AggregateSensor]:
    """Return the sensors that sum up a plant's batteries."""
    root = entry.runtime_data.plant_devices[0]
    for description in aggregated(root, list(described(entry, sensors))):
        yield AggregateSensor(entry, root, description)


class AggregateSensor(GivEnergySensor[RegisterModel]):
    """A figure made of one sensor of each of several devices."""

    entity_description: AggregateDescription

    @override
    def _blocks(self, coordinator: GivEnergyCoordinator) -> frozenset[Read]:
        description = self.entity_description
        return frozenset(
            read
            for plant_device, row in (*description.members, *description.weights)
            for read in blocks_behind(coordinator, plant_device, row.reads)
        )

    @property
    @override
    def _is_watched(self) -> bool:
        members = self.entity_description.members
        return any(is_watched(plant_device.model, row.reads) for plant_device, row in members)

    @property
    @override
    def _sources(self) -> tuple[PlantDevice, ...]:
        return tuple(plant_device for plant_device, _ in self.entity_description.members)

    @property
    @override
    def device_value(self) -> float | None:
        values = [self._share_of(*member) for member in self.entity_description.members]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        weights = [self._share_of(*member) or 0.0 for member in self.entity_description.weights]
        if all(weights) and weights:
            return fmean(known, weights)
        return self.entity_description.combine(known)

    def _share_of(self, plant_device: PlantDevice, description: AnySensor) -> float | None:
        device = plant_device.find(self.plant)
        value = None if device is None else description.value_fn(device)
        return value if isinstance(value, int | float) else None

    @property
    @override
    def available(self) -> bool:
        """Whether every member has data."""
        return all(
            has_data(self.coordinator, plant_device, description.reads)
            for plant_device, description in self.entity_description.members
        )
