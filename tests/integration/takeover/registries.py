"""What people set on entities and devices, and what the registries keep of it."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_dumps
from homeassistant.util.json import json_loads

from ..peers import listed


def kept_of(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Return all that the registry keeps of an entry's entities, by registry id."""
    found: dict[str, Any] = {
        entry.id: json_loads(json_dumps(entry.as_storage_fragment))
        for entry in er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    }
    for kept in found.values():
        del kept["modified_at"]
        kept["labels"].sort()
    return found


def by_people(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of an entity without those that integrations set."""
    kept = {
        domain: {key: value for key, value in found.items() if not key.startswith("suggested_")}
        for domain, found in options.items()
        if not domain.endswith(".private")
    }
    return {domain: found for domain, found in kept.items() if found}


def customize(hass: HomeAssistant, peer_name: str) -> str:
    """Set what people set on entities and devices; return the entity id that was renamed."""
    registry = er.async_get(hass)
    area = ar.async_get(hass).async_create("Garage")
    first, second, third, fourth = [
        row.entity_id for row in listed(peer_name).rows if row.state_class == "total_increasing"
    ][:4]
    registry.async_update_entity(
        first,
        new_entity_id="sensor.my_import",
        name="My import",
        area_id=area.id,
        labels={"money"},
        aliases=["imported"],
        icon="mdi:cash",
    )
    registry.async_update_entity_options(second, "sensor", {"display_precision": 3})
    registry.async_update_entity_options(second, "conversation", {"should_expose": True})
    registry.async_update_entity(third, hidden_by=er.RegistryEntryHider.USER)
    registry.async_update_entity(fourth, disabled_by=er.RegistryEntryDisabler.USER)
    devices = dr.async_get(hass)
    entry_id = registry.async_get(second).config_entry_id
    for device in dr.async_entries_for_config_entry(devices, entry_id):
        devices.async_update_device(
            device.id, area_id=area.id, labels={"solar"}, name_by_user=f"My {device.name}"
        )
    return "sensor.my_import"
