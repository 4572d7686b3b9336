"""A plant's topology over time: what is stored, added, moved and removed."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import (
    CONF_BLOCKS_PROBED,
    CONF_CAPABILITIES,
    CONF_IDENTITIES,
    DOMAIN,
    LOGGER,
    MANUFACTURER,
)
from .devices import PlantDevice, plant_devices_of
from .entity import capabilities_of
from .errors import no_response
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import CommunicationError
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.topology import derive_capabilities
from .identities import (
    DeviceStatus,
    Identities,
    Identity,
    assign,
    identify,
    known_devices,
    stored_identities,
)
from .reports import Report, reports_of, serial_reads
from .runtime import GivEnergyConfigEntry
from .texts import model_text


@callback
def save_topology(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, client: Client
) -> PlantCapabilities:
    """Keep the layout and every device's identity for the next start; return the layout."""
    capabilities = client.plant.capabilities
    assert capabilities is not None
    known = stored_identities(entry.data.get(CONF_IDENTITIES))
    identities = identify(client.plant, known, identities_of_others(hass, entry))
    _store(hass, entry, capabilities, identities)
    return capabilities


@callback
def identities_of_others(hass: HomeAssistant, entry: ConfigEntry | None) -> set[str]:
    """Return the identities of devices of other entries; unique ids are made of them."""
    return {
        identity
        for other in hass.config_entries.async_entries(DOMAIN)
        if other is not entry
        for identity in stored_identities(other.data.get(CONF_IDENTITIES))
    }


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
def update_devices(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    *,
    new_places: bool = False,
    rebuild: bool = False,
) -> set[str]:
    """Follow the devices to where their serial numbers are; return those to search for.

    With ``new_places``, devices are added at once where none was known. ``rebuild`` updates
    entities even if no device changed, as when more blocks are served.
    """
    data = entry.runtime_data
    plant, known = data.client.plant, entry.data[CONF_IDENTITIES]

    def is_confirmed(report: Report) -> bool:
        seen = data.tracking.has_seen(report)
        return seen and is_corroborated(plant, report)

    found = assign(
        plant,
        known,
        reports_of(
            plant,
            silent=lambda address: data.coordinator.availability.missed_at(address) > 0,
            confirmed=is_confirmed,
        ),
        searched=data.tracking.searched,
        reserved=identities_of_others(hass, entry),
        new_places=new_places,
    )
    _log_changes(entry, known, found.identities)
    _set_devices(hass, entry, capabilities_of(entry), found.identities, rebuild=rebuild)
    return found.astray


def is_corroborated(plant: Plant, report: Report) -> bool:
    """Return whether the library has had a second page confirm a serial number."""
    return all(map(plant.is_corroborated, serial_reads(plant, report.kind, report.place)))


@callback
def _set_devices(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    capabilities: PlantCapabilities,
    identities: Identities,
    *,
    rebuild: bool = False,
) -> None:
    """Store devices, and update pages and entities if anything changed."""
    if (
        identities != entry.data[CONF_IDENTITIES]
        or capabilities.to_dict() != entry.data[CONF_CAPABILITIES]
    ):
        _store(hass, entry, capabilities, identities)
    plant_devices = plant_devices_of(capabilities, identities)
    if rebuild or plant_devices != entry.runtime_data.plant_devices:
        entry.runtime_data.set_devices(plant_devices)
        register_devices(hass, entry)


def _log_changes(
    entry: GivEnergyConfigEntry, before: Mapping[str, Identity], now: Identities
) -> None:
    """Log devices that are new, have moved, or are gone."""
    if new := known_devices(now) - known_devices(before):
        keys = sorted(f"{now[identity]['kind']}@{now[identity]['place']}" for identity in new)
        LOGGER.info("%s: new devices detected: %s", entry.title, ", ".join(keys))
    for identity, device in now.items():
        old = before.get(identity)
        if (
            old is None
            or old == device
            or DeviceStatus.REMOVED in (old["status"], device["status"])
        ):
            continue
        name = f"{device['kind']} {device['number']}"
        if device["status"] == DeviceStatus.DISPLACED:
            LOGGER.info("%s: %s is no longer at %#04x", entry.title, name, old["place"])
        elif old["place"] != device["place"] or old["status"] == DeviceStatus.DISPLACED:
            LOGGER.info("%s: %s now responds at %#04x", entry.title, name, device["place"])


@callback
def register_devices(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Register the system's devices, parents before their children."""
    registry = dr.async_get(hass)
    plant = entry.runtime_data.client.plant
    ids: dict[str, str] = {}
    for plant_device in entry.runtime_data.plant_devices:
        info = plant_device.info(plant, system_name(entry))
        if plant_device.parent is None:
            # The dongle has a page of its own, for its network settings.
            host = entry.data[CONF_HOST]
            info["configuration_url"] = f"http://[{host}]" if ":" in host else f"http://{host}"
        elif plant_device.is_placed:
            info["via_device_id"] = ids[plant_device.parent]
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
    known = known_devices(entry.data[CONF_IDENTITIES])
    try:
        await entry.runtime_data.client.rescan()
    except CommunicationError as err:
        LOGGER.debug("Scan for new devices failed: %s", err)
        raise no_response() from err
    await _async_grow(hass, entry)
    return sorted(
        plant_device.key
        for plant_device in entry.runtime_data.plant_devices
        if plant_device.identity not in known
    )


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
    coordinator = entry.runtime_data.coordinator
    has_grown = capabilities_of(entry).to_dict() != entry.data[CONF_CAPABILITIES]
    if has_grown:
        # Its blocks are read before its entities are added, so that they have values at once.
        await coordinator.async_refresh()
    update_devices(hass, entry, new_places=True, rebuild=has_grown)
    if has_grown:
        coordinator.async_update_listeners()


def has_more_modules(plant: Plant, capabilities: PlantCapabilities) -> bool:
    """Return whether a stack that has been read reports more modules than are known."""
    found = derive_capabilities(plant.register_caches, capabilities)
    known = dict(capabilities.bcu_stacks)
    return any(modules > known.get(offset, 0) for offset, modules in found.bcu_stacks)


@callback
def remove_device(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, plant_device: PlantDevice
) -> None:
    """Remove a device from the stored plant, with its page and its entities."""
    data, identity = entry.runtime_data, plant_device.identity
    capabilities = capabilities_of(entry)
    if plant_device.is_placed and not plant_device.is_reported:
        capabilities = remove_place(entry, plant_device.place)
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(plant_device.identifier, entry.entry_id)
    if device is not None:
        registry.async_remove_device(device.id)
    identities: Identities = dict(entry.data[CONF_IDENTITIES])
    identities[identity] = {**identities[identity], "status": DeviceStatus.REMOVED}
    data.store.memory.waiting_for = [
        waited for waited in data.store.memory.waiting_for if waited != identity
    ]
    _set_devices(hass, entry, capabilities, identities)
    data.coordinator.async_update_listeners()


@callback
def remove_place(entry: GivEnergyConfigEntry, address: int) -> PlantCapabilities:
    """Stop polling an address where no device is left; return the topology without it."""
    client = entry.runtime_data.client
    client.adopt(capabilities_of(entry).without(address))
    client.plant.forget_device(address)
    return capabilities_of(entry)
