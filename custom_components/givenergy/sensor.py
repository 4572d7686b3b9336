"""What a GivEnergy plant measures and says of itself."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .aggregates import aggregates
from .coordinator import GivEnergyConfigEntry
from .entity import entities_of
from .estimates import DerivedSum, EstimatedEnergy, estimates
from .readings import GivEnergySensor
from .sensor_tables import sensors, sums
from .sensors_link import LinkSensor, link_sensors

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
    async_add_entities(entities_of(entry, link_sensors, LinkSensor))
