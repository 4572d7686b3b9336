"""A plant's layout over time: what is stored of it, what is added, what is given up."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import CONF_CAPABILITIES, CONF_IDENTITIES, LOGGER
from .coordinator import GivEnergyConfigEntry
from .devices import Part, decide_identities
from .entity import layout_of
from .givenergy_modbus.client.client import Client
from .writing import translated_errors


@callback
def store_layout(hass: HomeAssistant, entry: GivEnergyConfigEntry, client: Client) -> None:
    """Keep the layout and every device's identity for the next start."""
    capabilities = client.plant.capabilities
    assert capabilities is not None
    found = {
        CONF_CAPABILITIES: capabilities.to_dict(),
        CONF_IDENTITIES: decide_identities(client.plant, entry.data.get(CONF_IDENTITIES, {})),
    }
    hass.config_entries.async_update_entry(entry, data={**entry.data, **found})


@callback
def register_devices(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Put the plant's devices in the registry, parents before what hangs below them."""
    registry = dr.async_get(hass)
    plant = entry.runtime_data.client.plant
    ids: dict[str, str] = {}
    for part in entry.runtime_data.parts:
        info = part.info(plant)
        if part.parent is not None:
            info["via_device_id"] = ids[part.parent]
        device = registry.async_get_or_create(config_entry_id=entry.entry_id, **info)
        ids[part.identity] = device.id


async def async_rescan(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> list[str]:
    """Look for added hardware and take it up; return what is new, as ``kind number``."""
    client = entry.runtime_data.client
    known = {part.key for part in entry.runtime_data.parts}
    with translated_errors():
        await client.rescan()
    new = sorted(decide_identities(client.plant, entry.data[CONF_IDENTITIES]).keys() - known)
    store_layout(hass, entry, client)
    if new:
        LOGGER.info("New hardware was found: %s", ", ".join(new))
        hass.config_entries.async_schedule_reload(entry.entry_id)
    return new


@callback
def give_up(hass: HomeAssistant, entry: GivEnergyConfigEntry, part: Part) -> None:
    """Take a device out of the stored plant, with its page and its entities."""
    capabilities = layout_of(entry).without(part.place)
    identities = {
        key: value for key, value in entry.data[CONF_IDENTITIES].items() if key != part.key
    }
    hass.config_entries.async_update_entry(
        entry,
        data={
            **entry.data,
            CONF_CAPABILITIES: capabilities.to_dict(),
            CONF_IDENTITIES: identities,
        },
    )
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(part.identifier, entry.entry_id)
    if device is not None:
        registry.async_remove_device(device.id)
    hass.config_entries.async_schedule_reload(entry.entry_id)
