"""Actions that charge, export or hold for a while, and end that."""

from datetime import datetime, time, timedelta

import voluptuous as vol
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..overrides.lifecycle import Begun, translated
from ..overrides.request import Direction, OverrideKind, OverrideRefused, OverrideRequest
from ..runtime import GivEnergyConfigEntry
from .targets import Action, entry_of

ATTR_DIRECTION = "direction"
ATTR_DURATION = "duration"
ATTR_FLOOR_SOC = "floor_soc"
ATTR_POWER = "power"
ATTR_TARGET_SOC = "target_soc"
ATTR_UNTIL = "until"

LONGEST = timedelta(hours=23, minutes=59)

_PERCENT = vol.All(vol.Coerce(int), vol.Range(min=4, max=100))
_END = {
    vol.Optional(ATTR_DURATION): cv.time_period,
    vol.Optional(ATTR_UNTIL): vol.Any(cv.time, cv.datetime),
}
_POWER = {vol.Optional(ATTR_POWER): vol.All(vol.Coerce(int), vol.Range(min=1, max=100_000))}


async def force_charge(call: ServiceCall) -> ServiceResponse:
    """Charge the battery, from the grid if need be, until a time or a state of charge."""
    return await _begin(call, OverrideKind.CHARGE, call.data.get(ATTR_TARGET_SOC))


async def force_export(call: ServiceCall) -> ServiceResponse:
    """Discharge the battery, into the grid if need be, until a time or a state of charge."""
    return await _begin(call, OverrideKind.EXPORT, call.data.get(ATTR_FLOOR_SOC))


async def hold(call: ServiceCall) -> ServiceResponse:
    """Keep the battery from discharging, charging, or both, until a time."""
    return await _begin(call, OverrideKind.HOLD, None)


async def end_override(call: ServiceCall) -> ServiceResponse:
    """End the override there is, and restore what it has changed."""
    entry = entry_of(call.hass, call)
    ended = await entry.runtime_data.overrides.end()
    return {"ended": None if ended is None else ended.kind.value}


async def _begin(call: ServiceCall, kind: OverrideKind, target: int | None) -> ServiceResponse:
    entry = entry_of(call.hass, call)
    request = OverrideRequest(
        kind=kind,
        until=_until(call),
        target=target,
        power=call.data.get(ATTR_POWER),
        direction=Direction(call.data.get(ATTR_DIRECTION, Direction.DISCHARGE)),
    )
    by_user = call.context.user_id is not None and call.context.parent_id is None
    begun = await entry.runtime_data.overrides.begin(request, "user" if by_user else "automation")
    return _response(entry, begun)


def _response(entry: GivEnergyConfigEntry, begun: Begun) -> ServiceResponse:
    names = entry.runtime_data.writer.names
    return {
        "override": begun.journal.kind.value,
        "until": dt_util.as_local(begun.journal.until).isoformat(),
        "target_soc": begun.plan.target,
        "slot": begun.plan.slot_number,
        "written": [write._asdict() for write in begun.report.written],
        "unchanged": [write._asdict() for write in begun.report.skipped],
        "notes": [names.note(key) for key in begun.plan.notes],
    }


def _until(call: ServiceCall) -> datetime:
    """Return when an override ends, in UTC."""
    duration: timedelta | None = call.data.get(ATTR_DURATION)
    until: datetime | time | None = call.data.get(ATTR_UNTIL)
    if (duration is None) == (until is None):
        raise translated(OverrideRefused("override_duration_or_until"))
    now = dt_util.utcnow()
    if duration is not None:
        end = now + duration
    elif isinstance(until, datetime):
        end = dt_util.as_utc(until)
    else:
        assert until is not None
        end = next_time(until, now)
    if end <= now:
        raise translated(OverrideRefused("override_past"))
    if end - now > LONGEST:
        raise translated(OverrideRefused("override_too_long"))
    return end


def next_time(at: time, now: datetime) -> datetime:
    """Return when the local clock next shows a time of day, in UTC.

    On the night the clocks go back, a time in the repeated hour may still come today.
    """
    today = dt_util.as_local(now).date()
    zone = dt_util.get_default_time_zone()
    times = (
        dt_util.as_utc(datetime.combine(today + timedelta(days=days), at, zone).replace(fold=fold))
        for days in (0, 1)
        for fold in (0, 1)
    )
    return next(moment for moment in times if moment > now)


ACTIONS = (
    Action(force_charge, {**_END, **_POWER, vol.Optional(ATTR_TARGET_SOC): _PERCENT}),
    Action(force_export, {**_END, **_POWER, vol.Optional(ATTR_FLOOR_SOC): _PERCENT}),
    Action(
        hold,
        {
            **_END,
            vol.Optional(ATTR_DIRECTION, default=Direction.DISCHARGE.value): vol.In(
                [direction.value for direction in Direction]
            ),
        },
    ),
    Action(end_override, {}),
)
