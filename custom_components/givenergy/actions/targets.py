"""Which system an action is meant for, and how its command is sent."""

from collections.abc import Callable, Coroutine, Mapping
from typing import NamedTuple

import voluptuous as vol
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from ..const import DOMAIN
from ..givenergy_modbus.model.register_model import Requests
from ..givenergy_modbus.write_report import WriteReport
from ..runtime import GivEnergyConfigEntry
from .control import Permission

TARGET_FIELDS = {**cv.TARGET_SERVICE_FIELDS, vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}


class Action(NamedTuple):
    """An action as one row; its function's name is the action's name."""

    handler: Callable[[ServiceCall], Coroutine[object, object, ServiceResponse]]
    fields: Mapping[vol.Marker, object]
    """What it accepts besides the target."""
    response: SupportsResponse = SupportsResponse.OPTIONAL
    permission: Permission = Permission.CONTROL
    every_system: bool = False
    """Whether it is meant for every loaded system where none is named."""


def entries_of(hass: HomeAssistant, call: ServiceCall) -> list[GivEnergyConfigEntry]:
    """Return the entry an action names, every loaded one where it names none."""
    if TargetSelection(dict(call.data)).has_any_target or ATTR_CONFIG_ENTRY_ID in call.data:
        return [entry_of(hass, call)]
    loaded: list[GivEnergyConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    return loaded or [entry_of(hass, call)]


def entry_of(hass: HomeAssistant, call: ServiceCall) -> GivEnergyConfigEntry:
    """Return the entry an action is meant for: by target, by entry, or the only one.

    Raises ServiceValidationError where the targets belong to no system or to several.
    """
    selection = TargetSelection(dict(call.data))
    named = call.data.get(ATTR_CONFIG_ENTRY_ID)
    if selection.has_any_target:
        entry_ids = _entries_of(hass, selection) | ({named} if named else set())
        if not entry_ids:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_system")
        if len(entry_ids) > 1:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="several_systems"
            )
        (named,) = entry_ids
    entry: GivEnergyConfigEntry = async_get_config_entry(hass, DOMAIN, named)
    return entry


def _entries_of(hass: HomeAssistant, selection: TargetSelection) -> set[str]:
    """Return the entries of the systems that targeted entities and devices belong to."""
    selected = async_extract_referenced_entity_ids(hass, selection, primary_entities_only=False)
    entities, devices = er.async_get(hass), dr.async_get(hass)
    ours = {entry.entry_id for entry in hass.config_entries.async_entries(DOMAIN)}
    found: set[str] = set()
    for entity_id in selected.referenced | selected.indirectly_referenced:
        if (entity := entities.async_get(entity_id)) is not None and entity.config_entry_id:
            found.add(entity.config_entry_id)
    targeted = selected.referenced_devices | selection.device_ids
    found |= {
        entry_id
        for entry_id in ours
        for device in dr.async_entries_for_config_entry(devices, entry_id)
        if device.id in targeted
    }
    return found & ours


async def send[**P](
    entry: GivEnergyConfigEntry, command: Callable[P, Requests], *args: P.args, **kwargs: P.kwargs
) -> ServiceResponse:
    """Send a command; return the registers written and those already equal."""
    return written(await entry.runtime_data.writer.send(command, *args, **kwargs))


def written(report: WriteReport) -> ServiceResponse:
    """Return the registers written and those already equal."""
    return {
        "written": [write._asdict() for write in report.written],
        "unchanged": [write._asdict() for write in report.skipped],
    }
