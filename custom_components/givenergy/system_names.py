"""Names of systems, which lead the names of their devices and so their entity ids."""

from collections.abc import Sequence

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import slugify

from .const import DOMAIN, MANUFACTURER
from .devices import PlantDevice
from .givenergy_modbus.model.plant import Plant
from .texts import async_texts
from .topology import system_name


async def async_is_taken(
    hass: HomeAssistant, name: str, plant: Plant, plant_devices: Sequence[PlantDevice]
) -> bool:
    """Return whether another system has a name, or a device named as one of these would be.

    "GivEnergy" and "GivEnergy inverter" are two names, and each may have a "GivEnergy inverter".
    """
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    if slugify(name) in {slugify(system_name(entry)) for entry in entries}:
        return True
    registry = dr.async_get(hass)
    taken = {
        slugify(device.name)
        for entry in entries
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
        if device.name
    }
    texts = await async_texts(hass, "device")
    infos = [plant_device.info(plant, name) for plant_device in plant_devices]
    return any(
        slugify(text.format(**(info["translation_placeholders"] or {}))) in taken
        for info in infos
        if (text := texts.get(f"{info['translation_key']}.name")) is not None
    )


async def async_propose_name(
    hass: HomeAssistant, model: str, plant: Plant, plant_devices: Sequence[PlantDevice]
) -> str:
    """Return a name that no other system has."""
    serial = plant.inverter_serial
    for name in (MANUFACTURER, f"{model} {serial[-3:]}"):
        if not await async_is_taken(hass, name, plant, plant_devices):
            return name
    return serial
