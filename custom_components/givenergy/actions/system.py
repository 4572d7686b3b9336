"""Actions on the system as a whole: its clock, its devices, its traffic."""

from datetime import datetime

import voluptuous as vol
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..button import minute_is_safe
from ..check import async_check, async_response
from ..recordings import async_record
from ..topology import async_rescan
from .control import Permission
from .targets import Action, entry_of, send

ATTR_DURATION = "duration"
ATTR_LISTEN = "listen"
ATTR_TIME = "time"


async def set_system_time(call: ServiceCall) -> ServiceResponse:
    """Set the inverter's clock, by default to Home Assistant's time."""
    entry = entry_of(call.hass, call)
    inverter = entry.runtime_data.client.plant.inverter
    at: datetime | None = call.data.get(ATTR_TIME)
    if at is not None:
        return await send(entry, inverter.set_system_date_time, at)
    await minute_is_safe()
    return await send(entry, lambda: inverter.set_system_date_time(dt_util.now()))


async def capture_frames(call: ServiceCall) -> ServiceResponse:
    """Record redacted frames for a while, and return where to fetch them."""
    entry = entry_of(call.hass, call)
    return await async_record(call.hass, entry, call.data[ATTR_DURATION])


async def rescan_devices(call: ServiceCall) -> ServiceResponse:
    """Look for hardware that was added, and take it up."""
    entry = entry_of(call.hass, call)
    return {"found": [*await async_rescan(call.hass, entry)]}


async def check_system(call: ServiceCall) -> ServiceResponse:
    """Check connection, response times, other clients, clock and settings; serials redacted."""
    entry = entry_of(call.hass, call)
    result = await async_check(call.hass, entry.runtime_data.client, call.data[ATTR_LISTEN])
    return {**await async_response(call.hass, result)}


ACTIONS = (
    Action(
        check_system,
        {
            vol.Optional(ATTR_LISTEN, default=30): vol.All(
                vol.Coerce(float), vol.Range(min=0, max=600)
            )
        },
        SupportsResponse.ONLY,
        Permission.ADMINISTER,
    ),
    Action(
        set_system_time,
        {vol.Optional(ATTR_TIME): cv.datetime},
        permission=Permission.ADMINISTER,
    ),
    Action(
        capture_frames,
        {
            vol.Optional(ATTR_DURATION, default=60): vol.All(
                vol.Coerce(int), vol.Range(min=5, max=600)
            )
        },
        SupportsResponse.ONLY,
        Permission.ADMINISTER,
    ),
    Action(rescan_devices, {}, permission=Permission.ADMINISTER),
)
