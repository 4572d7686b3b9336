"""What a plant's diagnostics file holds: enough to replay the plant, and no one's serial."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .const import CONF_IDENTITIES, DOMAIN
from .coordinator import GivEnergyConfigEntry
from .givenergy_modbus import __version__
from .givenergy_modbus.model.register_cache import to_compact

_TO_REDACT = {CONF_HOST, CONF_IDENTITIES, "title", "unique_id"}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: GivEnergyConfigEntry
) -> dict[str, Any]:
    """Return what there is to know of a plant."""
    data = entry.runtime_data
    plant = data.client.plant
    report = data.coordinator.data
    return {
        "library": __version__,
        "entry": async_redact_data(entry.as_dict(), _TO_REDACT),
        "capabilities": None if plant.capabilities is None else plant.capabilities.to_dict(),
        "parts": [part.key for part in data.parts],
        "link": {
            "connections": data.client.connections,
            "seconds_last_poll": round(report.seconds, 3),
            "missed_last_poll": sorted(str(read) for read in report.missed),
            "missed_in_a_row": data.coordinator.availability.counts,
            "counters": plant.counters_by_name(),
        },
        "writes": {"today": data.store.writes_today, "total": data.store.memory.writes_total},
        "registers": to_compact(plant.redact().register_caches).splitlines(),
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, device: dr.AnyDeviceEntry
) -> dict[str, Any]:
    """Return what there is to know of one device of a plant."""
    plant = entry.runtime_data.client.plant
    part = next(
        part for part in entry.runtime_data.parts if (DOMAIN, part.identity) in device.identifiers
    )
    cache = plant.redact().register_caches.get(part.address, {})
    return {
        "kind": part.kind.key,
        "number": part.number,
        "firmware": part.firmware(plant),
        "registers": to_compact({part.address: cache}).splitlines(),
    }
