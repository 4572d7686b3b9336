"""Undo an override whose plant is removed from Home Assistant."""

from functools import partial

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_CAPABILITIES, DOMAIN, LOGGER
from ..givenergy_modbus.client.client import Client
from ..givenergy_modbus.exceptions import CommunicationError
from ..givenergy_modbus.model.allowlist import command_class
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.inverter import SinglePhaseInverter
from ..runtime import GivEnergyConfigEntry, client_for
from ..setting_names import SettingNames
from ..store import PlantStore
from .journal import OverrideJournal, stored_journal
from .restore import Outcome, read_settings, restore


async def async_undo_override(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Restore the registers of an override over a connection of its own.

    An issue names the settings that could not be restored.
    """
    store = PlantStore(hass, entry.entry_id)
    await store.async_load()
    if (journal := stored_journal(store.memory.override)) is None:
        return
    capabilities = PlantCapabilities.from_dict(entry.data[CONF_CAPABILITIES])
    client = client_for(hass, entry.data[CONF_HOST], entry.data[CONF_PORT])
    try:
        outcome = await _restore(client, capabilities, journal, entry.unique_id)
    finally:
        await client.close()
    if not outcome.failed:
        return
    names = SettingNames(hass, command_class(capabilities) or SinglePhaseInverter)
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"override_left_{entry.entry_id}",
        is_fixable=False,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="override_left",
        translation_placeholders={
            "plant": entry.title,
            "settings": names.names_at(outcome.failed),
        },
    )


async def _restore(
    client: Client, capabilities: PlantCapabilities, journal: OverrideJournal, serial: str | None
) -> Outcome:
    everything = tuple(entry.register for entry in journal.entries)
    try:
        await client.connect()
        client.adopt(capabilities)
        await read_settings(client, everything)
    except CommunicationError as err:
        LOGGER.debug("Cannot reach the system that is removed: %s", err)
        return Outcome(failed=everything)
    if client.plant.inverter_serial != serial:
        return Outcome(failed=everything)
    deliver = partial(client.one_shot_command, only_changes=True, verify=True)
    return await restore(client, deliver, journal)
