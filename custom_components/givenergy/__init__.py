"""GivEnergy plants on the local network."""

from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN, LOGGER
from .coordinator import GivEnergyConfigEntry, GivEnergyCoordinator, GivEnergyRuntimeData
from .devices import decide_identities, parts_of
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import (
    CommunicationError,
    PlantTopologyMismatch,
    WrongPlant,
)
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .services import async_setup_services
from .store import PlantStore
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
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Set up a plant from what is stored of it."""
    store = PlantStore(hass, entry.entry_id)
    memory = await store.async_load()
    client = Client(entry.data[CONF_HOST], entry.data[CONF_PORT])
    entry.async_on_unload(client.close)
    client.plant.restore_energy(memory.energy)
    await _find(client, entry)
    coordinator = GivEnergyCoordinator(hass, entry, client, store)
    await coordinator.async_config_entry_first_refresh()
    _store_layout(hass, entry, client)
    entry.runtime_data = GivEnergyRuntimeData(
        client=client,
        coordinator=coordinator,
        store=store,
        writer=Writer(entry, coordinator),
        parts=parts_of(_layout(client), entry.data[CONF_IDENTITIES]),
    )
    async_register_devices(hass, entry)
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


def _layout(client: Client) -> PlantCapabilities:
    capabilities = client.plant.capabilities
    assert capabilities is not None
    return capabilities


def _store_layout(hass: HomeAssistant, entry: GivEnergyConfigEntry, client: Client) -> None:
    """Keep the layout and every device's identity for the next start."""
    found = {
        CONF_CAPABILITIES: _layout(client).to_dict(),
        CONF_IDENTITIES: decide_identities(client.plant, entry.data.get(CONF_IDENTITIES, {})),
    }
    hass.config_entries.async_update_entry(entry, data={**entry.data, **found})


def async_register_devices(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
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
