"""GivEnergy plants on the local network."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .actions import async_setup_actions
from .const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN, ENTRY_VERSION, LOGGER
from .coordinator import GivEnergyCoordinator
from .devices import plant_devices_of
from .errors import connect_error_key
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.exceptions import (
    CommunicationError,
    PlantTopologyMismatch,
    ResponseTimeout,
)
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .issues import IssueMonitor
from .overrides.lifecycle import Overrides
from .overrides.removal import async_undo_override
from .recordings import async_setup_recordings
from .runtime import GivEnergyConfigEntry, GivEnergyRuntimeData, client_for
from .store import PlantStore
from .topology import is_missing, remove_devices, save_topology
from .writer import Writer

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
    async_setup_recordings(hass)
    async_setup_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Set up a plant from what is stored of it."""
    store = PlantStore(hass, entry.entry_id)
    await store.async_load()
    client = client_for(hass, entry.data[CONF_HOST], entry.data[CONF_PORT])
    _close_when_done(hass, entry, client)
    store.follow(client.plant)
    coordinator = GivEnergyCoordinator(hass, entry, client, store)
    has_grown = await _find(client, entry)
    await coordinator.async_config_entry_first_refresh()
    layout = save_topology(hass, entry, client)
    writer = Writer(entry, coordinator)
    entry.runtime_data = GivEnergyRuntimeData(
        client=client,
        coordinator=coordinator,
        store=store,
        writer=writer,
        overrides=Overrides(hass, entry, coordinator, writer, store),
        plant_devices=plant_devices_of(layout, entry.data[CONF_IDENTITIES]),
    )
    entry.async_on_unload(store.async_save)
    IssueMonitor(hass, entry).start(scan_at_once=has_grown)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.runtime_data.overrides.start()
    if coordinator.data.missed:
        # Whoever was silent so far is asked once more, and nobody has to wait for that.
        entry.async_create_background_task(
            hass, coordinator.async_refresh(), f"{DOMAIN} second poll"
        )
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Take an entry as another version has left it; what it lacks is found at set-up."""
    return entry.version <= ENTRY_VERSION


async def async_unload_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Unload a plant; the socket is closed by the entry's own clean-up."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Undo an override that is running, and forget what was remembered of a plant."""
    await async_undo_override(hass, entry)
    await PlantStore(hass, entry.entry_id).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let a device be removed from its page when it is really gone."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    plant_device = next(
        (it for it in entry.runtime_data.plant_devices if it.identifier in device.identifiers), None
    )
    if plant_device is None:
        return True
    if plant_device.parent is None or not is_missing(entry, plant_device):
        return False
    remove_devices(hass, entry, [plant_device])
    return True


def _close_when_done(hass: HomeAssistant, entry: GivEnergyConfigEntry, client: Client) -> None:
    """Close the connection with the entry or with Home Assistant, whichever ends first.

    The adapter has few places, and keeps them for connections nobody has closed.
    """

    async def close(_: Event) -> None:
        await client.close()

    entry.async_on_unload(client.close)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, close))


async def _find(client: Client, entry: GivEnergyConfigEntry) -> bool:
    """Connect, confirm the plant that the entry describes; return whether there is more of it.

    A device that does not answer today stays part of the plant: it is polled
    like the others and its entities wait for it. A device that is new is taken
    up at once.
    """
    has_grown, prior = False, _prior(entry)
    try:
        await client.connect()
        if prior is None:
            await client.detect()
        else:
            # What does not answer quickly has another chance in the second poll.
            await client.detect(prior=prior, retries=1, probe_retries=0)
    except PlantTopologyMismatch as err:
        LOGGER.info("%s: detected devices differ from last time: %s", entry.title, err)
        layout = err.prior.merged(err.actual)
        client.adopt(layout)
        has_grown = layout != err.prior
    except CommunicationError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=(
                "no_answer" if isinstance(err, ResponseTimeout) else connect_error_key(err)
            ),
        ) from err
    if client.plant.inverter_serial != entry.unique_id:
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="wrong_plant")
    return has_grown


def _prior(entry: GivEnergyConfigEntry) -> PlantCapabilities | None:
    """Return the stored layout, None where it has to be found out anew."""
    try:
        return PlantCapabilities.from_dict(entry.data[CONF_CAPABILITIES])
    except (KeyError, TypeError, ValueError) as err:
        LOGGER.info("%s: stored topology is invalid, detecting devices: %r", entry.title, err)
        return None
