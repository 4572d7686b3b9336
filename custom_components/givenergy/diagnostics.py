"""What a plant's diagnostics file holds: enough to replay the plant, and no one's serial."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .const import CONF_IDENTITIES
from .coordinator import GivEnergyCoordinator
from .devices import PlantDevice
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register_cache import RegisterCache, to_compact
from .runtime import GivEnergyConfigEntry
from .takeover.move import CONF_TAKEOVER

_TO_REDACT = {CONF_HOST, CONF_IDENTITIES, CONF_TAKEOVER}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: GivEnergyConfigEntry
) -> dict[str, Any]:
    """Return what there is to know of a plant, or at least why it is not loaded."""
    found: dict[str, object] = {
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
        "version": f"{entry.version}.{entry.minor_version}",
        "source": entry.source,
        "options": dict(entry.options),
        "stored": async_redact_data(dict(entry.data), _TO_REDACT),
    }
    if entry.state is not ConfigEntryState.LOADED:
        return found
    plant, store = entry.runtime_data.client.plant, entry.runtime_data.store
    return {
        **found,
        "devices": [
            _described(plant_device, plant) for plant_device in entry.runtime_data.plant_devices
        ],
        "connection": _connection(entry.runtime_data.coordinator),
        "counters": _counters(plant),
        "writes": {"today": store.writes_today, "total": store.memory.writes_total},
        "registers": to_compact(plant.redact().register_caches).splitlines(),
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, device: dr.AnyDeviceEntry
) -> dict[str, Any]:
    """Return what there is to know of one device of a plant."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"state": entry.state.value}
    plant = entry.runtime_data.client.plant
    cache = plant.redact().register_caches
    return {
        "devices": [
            {
                **_described(plant_device, plant),
                "consecutive_failed_polls": entry.runtime_data.polls_missed(plant_device),
                "registers": to_compact(
                    {plant_device.address: cache.get(plant_device.address, RegisterCache())}
                ).splitlines(),
            }
            for plant_device in entry.runtime_data.plant_devices
            if plant_device.identifier in device.identifiers
        ]
    }


def _described(plant_device: PlantDevice, plant: Plant) -> dict[str, object]:
    return {
        "device": plant_device.key,
        "number": plant_device.number,
        "followed_by_serial": plant_device.serial is not None,
        "at_its_place": not plant_device.is_hidden(plant),
        "firmware": plant_device.firmware(plant),
    }


def _connection(coordinator: GivEnergyCoordinator) -> dict[str, object]:
    return {
        "connected": coordinator.client.connected,
        "connections": coordinator.client.connections,
        "last_poll_seconds": round(coordinator.data.seconds, 3),
        "last_poll_failed_reads": sorted(str(read) for read in coordinator.data.missed),
        "consecutive_failed_reads": coordinator.availability.counts,
    }


def _counters(plant: Plant) -> dict[str, dict[str, int]]:
    return {
        "crc_errors": _by_device(plant.crc_failure_count),
        "retries": _by_device(plant.retry_count),
        "spliced_responses": _by_device(plant.splice_reject_count),
        "held_responses": _by_device(plant.splice_held_count),
        "cold_start_responses": _by_device(plant.cold_start_held_count),
        "rejected_readings": {
            reason.name.lower(): count for reason, count in plant.dropped.items()
        },
    }


def _by_device(counts: Mapping[int, int]) -> dict[str, int]:
    return {f"{address:#04x}": count for address, count in sorted(counts.items())}
