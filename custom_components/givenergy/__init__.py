"""GivEnergy plants on the local network."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .actions import async_setup_actions
from .const import (
    CONF_BLOCKS_PROBED,
    CONF_CAPABILITIES,
    CONF_HOUSE,
    CONF_IDENTITIES,
    DOMAIN,
    ENTRY_VERSION,
    LOGGER,
    SETTINGS_INTERVAL,
)
from .coordinator import GivEnergyCoordinator
from .dashboard import async_setup_dashboard
from .devices import plant_devices_of
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.client.findings import connection_failure
from .givenergy_modbus.exceptions import (
    CommunicationError,
    PlantTopologyMismatch,
    ResponseTimeout,
)
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import build_models
from .house import IDENTIFIER, async_update_house
from .issues import IssueMonitor, close_wrong_plant_issue, update_wrong_plant_issue
from .log_filter import redact_errors
from .overrides.lifecycle import Overrides
from .overrides.removal import async_undo_override
from .recordings import async_setup_recordings
from .runtime import DATA_LAST_READ, GivEnergyConfigEntry, GivEnergyRuntimeData, client_for
from .store import PlantStore
from .takeover.move import async_finish, async_release, async_settle
from .topology import (
    async_probe_blocks,
    has_more_modules,
    remove_device,
    save_topology,
)
from .tracking import DeviceTracker
from .windows.keeper import Schedules
from .writer import Writer

LOGGER.addFilter(redact_errors)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

# Home Assistant imports integrations outside of its event loop.
build_models()

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
    await async_setup_dashboard(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Set up a plant from what is stored of it."""
    await async_settle(hass, entry)
    store = PlantStore(hass, entry.entry_id)
    await store.async_load()
    client = client_for(hass, entry.data[CONF_HOST], entry.data[CONF_PORT])
    _close_when_done(hass, entry, client)
    store.follow(client.plant)
    coordinator = GivEnergyCoordinator(hass, entry, client, store)
    await _find(hass, client, entry)
    if (before := hass.data.get(DATA_LAST_READ, {}).pop(entry.entry_id, None)) is not None:
        client.plant.take_over(before, 2 * SETTINGS_INTERVAL.total_seconds())
    await coordinator.async_config_entry_first_refresh()
    capabilities = save_topology(hass, entry, client)
    writer = Writer(entry, coordinator)
    overrides = Overrides(hass, entry, coordinator, writer, store)
    plant_devices = plant_devices_of(capabilities, entry.data[CONF_IDENTITIES])
    entry.runtime_data = GivEnergyRuntimeData(
        client=client,
        coordinator=coordinator,
        store=store,
        writer=writer,
        overrides=overrides,
        schedules=Schedules(hass, entry, coordinator, writer, store, overrides, plant_devices),
        plant_devices=plant_devices,
    )
    entry.async_on_unload(store.async_save)
    DeviceTracker(hass, entry).start()
    IssueMonitor(hass, entry).start(scan_at_once=has_more_modules(client.plant, capabilities))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.runtime_data.overrides.start()
    entry.runtime_data.schedules.start()
    await async_finish(hass, entry)
    entry.async_create_background_task(hass, _complete(hass, entry), f"{DOMAIN} second poll")
    return True


async def _complete(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Read what the first poll left out, and probe optional blocks once."""
    await entry.runtime_data.coordinator.async_refresh()
    if not entry.data.get(CONF_BLOCKS_PROBED, False):
        await async_probe_blocks(hass, entry)


async def async_migrate_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Take an entry as another version has left it; what it lacks is found at set-up."""
    return entry.version <= ENTRY_VERSION


async def async_unload_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> bool:
    """Unload a plant; the socket is closed by the entry's own clean-up."""
    if entry.disabled_by is not None:
        await entry.runtime_data.overrides.give_up()
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded and entry.disabled_by is None:
        hass.data.setdefault(DATA_LAST_READ, {})[entry.entry_id] = entry.runtime_data.client.plant
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Undo a running override, give back what was taken over, and forget the plant."""
    hass.data.get(DATA_LAST_READ, {}).pop(entry.entry_id, None)
    await async_undo_override(hass, entry)
    await async_release(hass, entry)
    async_update_house(hass, entry)
    close_wrong_plant_issue(hass, entry)
    await PlantStore(hass, entry.entry_id).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let a device be removed from its page when it is really gone."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    plant_device = next(
        (
            plant_device
            for plant_device in entry.runtime_data.plant_devices
            if plant_device.identifier in device.identifiers
        ),
        None,
    )
    if IDENTIFIER in device.identifiers:
        options = {**entry.options, CONF_HOUSE: False}
        hass.config_entries.async_update_entry(entry, options=options)
    if plant_device is None:
        return True
    if plant_device.parent is None or not entry.runtime_data.is_lost(plant_device):
        return False
    remove_device(hass, entry, plant_device)
    return True


def _close_when_done(hass: HomeAssistant, entry: GivEnergyConfigEntry, client: Client) -> None:
    """Close the connection when the entry is unloaded or Home Assistant stops.

    The adapter has few places, and keeps them for connections that were not closed.
    """

    async def close(_: Event) -> None:
        await client.close()

    entry.async_on_unload(client.close)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, close))


async def _find(hass: HomeAssistant, client: Client, entry: GivEnergyConfigEntry) -> None:
    """Connect, and confirm that the system is the one the entry describes.

    Only the inverter is asked. A device behind it that does not answer today stays part of
    the topology: it is polled like the others and its entities wait for it.
    """
    prior = _prior(entry)
    try:
        await client.connect()
        is_detected = prior is None or not await _resume(client, entry, prior)
        if is_detected:
            await client.detect(defer_optional=True)
    except CommunicationError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=(
                "no_answer" if isinstance(err, ResponseTimeout) else connection_failure(err)
            ),
        ) from None  # A traceback in the debug log would contain the address.
    serial = client.plant.inverter_serial
    update_wrong_plant_issue(hass, entry, serial)
    if serial != entry.unique_id:
        raise ConfigEntryNotReady(translation_domain=DOMAIN, translation_key="wrong_plant")
    if is_detected:
        # What only some firmware serves is probed once more after set-up.
        data = {**entry.data, CONF_BLOCKS_PROBED: False}
        hass.config_entries.async_update_entry(entry, data=data)


async def _resume(client: Client, entry: GivEnergyConfigEntry, prior: PlantCapabilities) -> bool:
    """Return whether the system still is what is stored of it."""
    try:
        await client.resume(prior, retries=1)
    except PlantTopologyMismatch as err:
        LOGGER.info("%s: another model answers, detecting devices: %s", entry.title, err)
        return False
    return True


def _prior(entry: GivEnergyConfigEntry) -> PlantCapabilities | None:
    """Return the stored layout, None where it has to be found out anew."""
    try:
        return PlantCapabilities.from_dict(entry.data[CONF_CAPABILITIES])
    except (KeyError, TypeError, ValueError) as err:
        LOGGER.info("%s: stored topology is invalid, detecting devices: %r", entry.title, err)
        return None
