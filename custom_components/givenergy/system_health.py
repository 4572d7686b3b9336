"""GivEnergy on the system health page."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN
from .runtime import GivEnergyConfigEntry


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the page."""
    register.async_register_info(async_info)


async def async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the figures over all loaded plants."""
    entries: list[GivEnergyConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    coordinators = [entry.runtime_data.coordinator for entry in entries]
    integration = await async_get_integration(hass, DOMAIN)
    return {
        "version": str(integration.version),
        "systems": len(hass.config_entries.async_entries(DOMAIN)),
        "systems_connected": sum(coordinator.client.connected for coordinator in coordinators),
        "blocks_unavailable": sum(
            len(coordinator.availability.lost) for coordinator in coordinators
        ),
        "writes_today": sum(entry.runtime_data.store.writes_today for entry in entries),
    }
