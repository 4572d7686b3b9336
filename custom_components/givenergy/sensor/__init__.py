"""What a GivEnergy plant measures and says of itself."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..entity import entities_of
from ..runtime import GivEnergyConfigEntry
from .aggregate import aggregates
from .connection import ConnectionSensor, connection_sensors
from .derived import DerivedSum, EstimatedEnergy, estimates
from .description import GivEnergySensor
from .override import override_sensors
from .tables import sensors, sums

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of a plant."""
    async_add_entities(entities_of(entry, sensors, GivEnergySensor))
    async_add_entities(entities_of(entry, sums, DerivedSum))
    async_add_entities(entities_of(entry, estimates, EstimatedEnergy))
    async_add_entities(aggregates(entry))
    async_add_entities(entities_of(entry, connection_sensors, ConnectionSensor))
    async_add_entities(entities_of(entry, override_sensors, ConnectionSensor))
