"""Which system an action is meant for, and how its command is sent."""

from collections.abc import Callable, Coroutine, Mapping
from typing import NamedTuple

import voluptuous as vol
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_get_device_and_config_entry,
)

from ..const import DOMAIN
from ..givenergy_modbus.model.register_model import Requests
from ..runtime import GivEnergyConfigEntry

TARGET_FIELDS = {
    vol.Exclusive(ATTR_DEVICE_ID, "plant"): cv.string,
    vol.Exclusive(ATTR_CONFIG_ENTRY_ID, "plant"): cv.string,
}


class Action(NamedTuple):
    """An action as one row; its function's name is the action's name."""

    handler: Callable[[ServiceCall], Coroutine[object, object, ServiceResponse]]
    fields: Mapping[vol.Marker, object]
    """What it accepts besides the target."""
    response: SupportsResponse = SupportsResponse.OPTIONAL


def entry_of(
    hass: HomeAssistant, call: ServiceCall, entry_id: str | None = None
) -> GivEnergyConfigEntry:
    """Return the entry an action is meant for: by device, by entry, or the only one.

    ``entry_id`` names it where the action does otherwise.
    """
    entry: GivEnergyConfigEntry
    if entry_id is not None:
        entry = async_get_config_entry(hass, DOMAIN, entry_id)
    elif (device_id := call.data.get(ATTR_DEVICE_ID)) is not None:
        _, entry = async_get_device_and_config_entry(hass, DOMAIN, device_id)
    else:
        entry = async_get_config_entry(hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID))
    return entry


async def send[**P](
    entry: GivEnergyConfigEntry, command: Callable[P, Requests], *args: P.args, **kwargs: P.kwargs
) -> ServiceResponse:
    """Send a command; return the registers written and those already equal."""
    report = await entry.runtime_data.writer.send(command, *args, **kwargs)
    return {
        "written": [write._asdict() for write in report.written],
        "unchanged": [write._asdict() for write in report.skipped],
    }
