"""A plant's layout over time: what is stored of it, what is added, what is given up."""

from collections.abc import Iterable

from homeassistant.const import ATTR_RESTORED, CONF_HOST, CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .const import (
    CONF_BLOCKS_PROBED,
    CONF_CAPABILITIES,
    CONF_IDENTITIES,
    DOMAIN,
    LOGGER,
    MANUFACTURER,
)
from .devices import Identities, PlantDevice, decide_identities, plant_devices_of
from .entity import capabilities_of
from .errors import no_response
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import CommunicationError
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.topology import derive_capabilities
from .runtime import GivEnergyConfigEntry
from .texts import model_text


@callback
def save_topology(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, client: Client
) -> PlantCapabilities:
    """Keep the layout and every device's identity for the next start; return the layout."""
    capabilities = client.plant.capabilities
    assert capabilities is not None
    identities = decide_identities(client.plant, entry.data.get(CONF_IDENTITIES, {}))
    _store(hass, entry, capabilities, identities)
    return capabilities


@callback
def _store(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    capabilities: PlantCapabilities,
    identities: Identities,
) -> None:
    found = {CONF_CAPABILITIES: capabilities.to_dict(), CONF_IDENTITIES: identities}
    hass.config_entries.async_update_entry(entry, data={**entry.data, **found})


@callback
def update_serial(hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str, serial: str) -> None:
    """Keep the serial number by which a device goes now; its identity stays as it was."""
    identities = dict(entry.data[CONF_IDENTITIES])
    identities[key] = {**identities[key], "serial": serial}
    _store(hass, entry, capabilities_of(entry), identities)


@callback
def register_devices(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Register the system's devices, parents before their children."""
    registry = dr.async_get(hass)
    plant = entry.runtime_data.client.plant
    ids: dict[str, str] = {}
    for plant_device in entry.runtime_data.plant_devices:
        info = plant_device.info(plant, system_name(entry))
        if plant_device.parent is not None:
            info["via_device_id"] = ids[plant_device.parent]
        else:
            # The dongle has a page of its own, for its network settings.
            host = entry.data[CONF_HOST]
            info["configuration_url"] = f"http://[{host}]" if ":" in host else f"http://{host}"
        if model := info.get("model"):
            info["model"] = model_text(hass, model)
        device = registry.async_get_or_create(config_entry_id=entry.entry_id, **info)
        ids[plant_device.identity] = device.id


def system_name(entry: GivEnergyConfigEntry) -> str:
    """Return the name that leads the names of a system's devices."""
    return str(entry.data.get(CONF_NAME, MANUFACTURER))


def name_of(hass: HomeAssistant, entry: GivEnergyConfigEntry, plant_device: PlantDevice) -> str:
    """Return what a device is called on its page."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        plant_device.identifier, entry.entry_id
    )
    return (device and (device.name_by_user or device.name)) or plant_device.key


async def async_rescan(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> list[str]:
    """Detect added devices and optional blocks; return the new devices, as ``kind@place``."""
    known = entry.data[CONF_IDENTITIES].keys()
    try:
        await entry.runtime_data.client.rescan()
    except CommunicationError as err:
        LOGGER.debug("Scan for new devices failed: %s", err)
        raise no_response() from err
    await _async_grow(hass, entry)
    return sorted(entry.data[CONF_IDENTITIES].keys() - known)


async def async_probe_blocks(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Look once for the blocks that only some firmware serves, while polling goes on."""
    try:
        await entry.runtime_data.client.probe_blocks()
    except CommunicationError as err:
        LOGGER.debug("Looking for optional blocks failed: %s", err)
        return
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_BLOCKS_PROBED: True})
    await _async_grow(hass, entry)


async def _async_grow(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Store a topology that may have grown, and add what is new to a running system."""
    data = entry.runtime_data
    stored, known = entry.data[CONF_CAPABILITIES], entry.data[CONF_IDENTITIES].keys()
    capabilities = save_topology(hass, entry, data.client)
    if capabilities.to_dict() == stored and entry.data[CONF_IDENTITIES].keys() == known:
        return
    if new := sorted(entry.data[CONF_IDENTITIES].keys() - known):
        LOGGER.info("%s: new devices detected: %s", entry.title, ", ".join(new))
    # Its blocks are read before its entities are added, so that they have values at once.
    await data.coordinator.async_refresh()
    data.grow(plant_devices_of(capabilities, entry.data[CONF_IDENTITIES]))
    register_devices(hass, entry)
    data.coordinator.async_update_listeners()


def has_more_modules(plant: Plant, capabilities: PlantCapabilities) -> bool:
    """Return whether a stack that has been read reports more modules than are known."""
    found = derive_capabilities(plant.register_caches, capabilities)
    known = dict(capabilities.bcu_stacks)
    return any(modules > known.get(offset, 0) for offset, modules in found.bcu_stacks)


def is_missing(entry: GivEnergyConfigEntry, plant_device: PlantDevice) -> bool:
    """Whether a device is no longer there, while the plant otherwise is."""
    coordinator = entry.runtime_data.coordinator
    if not plant_device.kind.rolled_up:
        return coordinator.availability.is_lost(plant_device.address)
    present = plant_device.kind.present(coordinator.plant, capabilities_of(entry))
    return plant_device.place not in present and coordinator.has_data(
        plant_device.address, plant_device.named_in
    )


@callback
def remove_devices(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, plant_devices: Iterable[PlantDevice]
) -> None:
    """Take devices out of the stored plant, with their pages and their entities."""
    capabilities = capabilities_of(entry)
    identities: Identities = dict(entry.data[CONF_IDENTITIES])
    registry = dr.async_get(hass)
    for plant_device in plant_devices:
        del identities[plant_device.key]
        if not plant_device.kind.rolled_up:
            capabilities = capabilities.without(plant_device.place)
        device = registry.async_get_device_by_identifier(plant_device.identifier, entry.entry_id)
        if device is not None:
            registry.async_remove_device(device.id)
    entry.runtime_data.client.adopt(capabilities)
    _store(hass, entry, capabilities, identities)
    hass.async_create_task(_reload_without_remains(hass, entry), f"{DOMAIN} gives up devices")


async def _reload_without_remains(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Reload a plant that has shrunk, and remove what only the larger one had, such as sums."""
    if not await hass.config_entries.async_reload(entry.entry_id):
        return
    registry = er.async_get(hass)
    for remembered in er.async_entries_for_config_entry(registry, entry.entry_id):
        state = hass.states.get(remembered.entity_id)
        if state is not None and ATTR_RESTORED in state.attributes:
            registry.async_remove(remembered.entity_id)
