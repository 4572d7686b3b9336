"""Sensors of a GivEnergy system."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..entity import add_described_entities, add_entities_of
from ..house import house_sensors
from ..runtime import GivEnergyConfigEntry
from .aggregate import aggregates
from .connection import ConnectionSensor, connection_sensors
from .derived import DerivedSum, EstimatedEnergy, estimates
from .description import GivEnergySensor
from .device_sensors import sensors, sums
from .override import override_sensors

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of a plant."""
    add_entities_of(entry, async_add_entities, sensors, GivEnergySensor)
    add_entities_of(entry, async_add_entities, sums, DerivedSum)
    add_entities_of(entry, async_add_entities, estimates, EstimatedEnergy)
    add_described_entities(entry, async_add_entities, lambda: aggregates(entry))
    add_entities_of(entry, async_add_entities, connection_sensors, ConnectionSensor)
    add_entities_of(entry, async_add_entities, override_sensors, ConnectionSensor)
    async_add_entities(house_sensors(hass, entry))
