"""A plant's layout over time: what is stored of it, what is added, what is given up."""

from collections.abc import Iterable

from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN, LOGGER
from .coordinator import GivEnergyConfigEntry
from .devices import Identities, Part, decide_identities
from .entity import layout_of
from .errors import no_response
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import CommunicationError
from .givenergy_modbus.model.capabilities import PlantCapabilities


@callback
def store_layout(
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
def note_serial(hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str, serial: str) -> None:
    """Keep the serial number by which a device goes now; its identity stays as it was."""
    identities = dict(entry.data[CONF_IDENTITIES])
    identities[key] = {**identities[key], "serial": serial}
    _store(hass, entry, layout_of(entry), identities)


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


def name_of(hass: HomeAssistant, entry: GivEnergyConfigEntry, part: Part) -> str:
    """Return what a device is called on its page."""
    device = dr.async_get(hass).async_get_device_by_identifier(part.identifier, entry.entry_id)
    return (device and (device.name_by_user or device.name)) or part.key


async def async_rescan(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> list[str]:
    """Look for added hardware and take it up; return what is new, as ``kind@place``."""
    client = entry.runtime_data.client
    before, known = layout_of(entry).to_dict(), entry.data[CONF_IDENTITIES].keys()
    try:
        await client.rescan()
    except CommunicationError as err:
        LOGGER.debug("Scan for new devices failed: %s", err)
        raise no_response() from err
    layout = store_layout(hass, entry, client)
    new = sorted(entry.data[CONF_IDENTITIES].keys() - known)
    if new:
        LOGGER.info("%s has got new hardware: %s", entry.title, ", ".join(new))
    if new or layout.to_dict() != before:
        hass.config_entries.async_schedule_reload(entry.entry_id)
    return new


def is_gone(entry: GivEnergyConfigEntry, part: Part) -> bool:
    """Whether a device is no longer there, while the plant otherwise is."""
    coordinator = entry.runtime_data.coordinator
    if not part.kind.rolled_up:
        return coordinator.availability.is_lost(part.address)
    present = part.kind.present(coordinator.plant, layout_of(entry))
    return part.place not in present and coordinator.brings(part.address, part.named_in)


@callback
def give_up(hass: HomeAssistant, entry: GivEnergyConfigEntry, parts: Iterable[Part]) -> None:
    """Take devices out of the stored plant, with their pages and their entities."""
    capabilities = layout_of(entry)
    identities: Identities = dict(entry.data[CONF_IDENTITIES])
    registry = dr.async_get(hass)
    for part in parts:
        del identities[part.key]
        if not part.kind.rolled_up:
            capabilities = capabilities.without(part.place)
        device = registry.async_get_device_by_identifier(part.identifier, entry.entry_id)
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
