"""GivEnergy plants on the local network."""

from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .captures import async_setup_captures
from .const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN, LOGGER
from .coordinator import GivEnergyConfigEntry, GivEnergyCoordinator, GivEnergyRuntimeData
from .devices import parts_of
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import (
    CommunicationError,
    PlantTopologyMismatch,
    WrongPlant,
)
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .layout import give_up, store_layout
from .link import client_for
from .services import async_setup_services
from .store import PlantStore
from .upkeep import Upkeep
from .writing import Writer

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, which exist whether or not a plant is loaded."""
    async_setup_captures(hass)
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Set up a plant from what is stored of it."""
    store = PlantStore(hass, entry.entry_id)
    memory = await store.async_load()
    client = client_for(hass, entry.data[CONF_HOST], entry.data[CONF_PORT])
    entry.async_on_unload(client.close)
    client.plant.restore_energy(memory.energy)
    await _find(client, entry)
    coordinator = GivEnergyCoordinator(hass, entry, client, store)
    await coordinator.async_config_entry_first_refresh()
    store_layout(hass, entry, client)
    layout = client.plant.capabilities
    assert layout is not None
    entry.runtime_data = GivEnergyRuntimeData(
        client=client,
        coordinator=coordinator,
        store=store,
        writer=Writer(entry, coordinator),
        parts=parts_of(layout, entry.data[CONF_IDENTITIES]),
    )
    Upkeep(hass, entry).start()
    entry.async_on_unload(store.async_save)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Unload a plant; the socket is closed by the entry's own clean-up."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Forget what was remembered of a plant."""
    await PlantStore(hass, entry.entry_id).async_remove()


async def _find(client: Client, entry: GivEnergyConfigEntry) -> None:
    """Connect, and confirm the plant that the entry describes.

    A device that does not answer today stays part of the plant: it is polled
    like the others and its entities wait for it. A device that is new is taken
    up at once.
    """
    prior = PlantCapabilities.from_dict(entry.data[CONF_CAPABILITIES])
    try:
        await client.connect()
        await client.detect(prior=prior)
    except PlantTopologyMismatch as err:
        LOGGER.info("The plant has changed since the last start: %s", err)
        client.adopt(err.prior.merged(err.actual))
    except WrongPlant as err:
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="wrong_plant") from err
    except CommunicationError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="cannot_connect",
            translation_placeholders={"error": str(err)},
        ) from err
    if client.plant.inverter_serial != entry.unique_id:
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="wrong_plant")


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let a device be removed from its page when it no longer answers."""
    data = entry.runtime_data
    for part in data.parts:
        if part.identifier in device.identifiers:
            if part.parent is None or not data.coordinator.availability.missed_at(part.address):
                return False
            give_up(hass, entry, part)
    return True
