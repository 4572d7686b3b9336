"""What Home Assistant's energy preferences have of a dashboard's entities."""

from collections.abc import Iterable
from typing import NamedTuple

from homeassistant.components.energy.const import DOMAIN as ENERGY_DOMAIN
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.core import HomeAssistant

from ..energy import statistics_of
from .content import ShownSystem


class EnergyPreferences(NamedTuple):
    """Whether Home Assistant's energy cards would show the systems."""

    has_power: bool
    has_energy: bool


async def async_energy_preferences(
    hass: HomeAssistant, systems: Iterable[ShownSystem]
) -> EnergyPreferences:
    """Return what the energy preferences have of some systems."""
    if ENERGY_DOMAIN not in hass.config.components:
        return EnergyPreferences(has_power=False, has_energy=False)
    preferences = (await async_get_manager(hass)).data
    sources = [] if preferences is None else preferences["energy_sources"]
    used = {name for source in sources for name in statistics_of(source)}
    classes = {
        entity.device_class
        for system in systems
        for device in (system.root, *system.devices)
        for entity in device.entities
        if entity.entity_id in used
    }
    return EnergyPreferences(
        has_power=SensorDeviceClass.POWER in classes, has_energy=SensorDeviceClass.ENERGY in classes
    )
