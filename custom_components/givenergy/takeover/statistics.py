"""The long-term statistics of what is taken over: what was last, and that sums go on."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from homeassistant.components.recorder.statistics import (
    STATISTIC_UNIT_TO_UNIT_CONVERTER,
    UNIT_CLASS_TO_UNIT_CONVERTER,
    StatisticsRow,
    get_last_short_term_statistics,
    get_last_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from .takeover_journal import MovedEntity
from .values import Shown

_SECONDS_PER_DAY = 86400.0
_SHORT_TERM = 300.0
"""Seconds that a row of short-term statistics covers; the one of the takeover is ours."""
_NEGLIGIBLE = 0.001


@dataclass(kw_only=True)
class Bridge:
    """A sum that has to go on from where it was, checked once ours has written."""

    registry_id: str
    unit: str | None
    """The unit of the statistics, in which the other figures are."""
    unit_class: str | None
    total: float
    """The sum so far."""
    state: float
    """The state of ours at which the sum was that."""
    since: float
    """When ours took over, as a timestamp."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def has_recorder(hass: HomeAssistant) -> bool:
    """Return whether there are any statistics."""
    return "recorder" in hass.config.components


async def _async_last(
    hass: HomeAssistant, entity_id: str, *, short_term: bool
) -> StatisticsRow | None:
    read = get_last_short_term_statistics if short_term else get_last_statistics
    found = await get_instance(hass).async_add_executor_job(
        read, hass, 1, entity_id, False, {"state", "sum"}
    )
    return found[entity_id][0] if found.get(entity_id) else None


async def async_last_shown(hass: HomeAssistant, entity_id: str, shown: Shown) -> Shown:
    """Return a counter that is not running with the value its statistics ended with."""
    if not has_recorder(hass):
        return shown
    last = await _async_last(hass, entity_id, short_term=False)
    if last is None or (state := last.get("state")) is None:
        return shown
    unit, unit_class = await _async_unit(hass, entity_id)
    age = (dt_util.utcnow().timestamp() - last["start"]) / _SECONDS_PER_DAY
    value = _converted(state, unit_class, unit, shown.unit)
    return replace(shown, value=value, age_days=max(age, 1 / 24))


async def async_bridge(
    hass: HomeAssistant, entry: er.RegistryEntry, moved: MovedEntity
) -> Bridge | None:
    """Return how the sum of a counter has to go on; None where it does so by itself.

    It does while there are short-term statistics: Home Assistant keeps those for some
    days, and a sum without them starts again at 0. A counter whose value differs by
    more than it should goes on from ours, without a jump.
    """
    if not has_recorder(hass):
        return None
    short = await _async_last(hass, entry.entity_id, short_term=True)
    if short is not None and not moved.adjust:
        return None
    last = short or await _async_last(hass, entry.entity_id, short_term=False)
    if last is None or (total := last.get("sum")) is None:
        return None
    unit, unit_class = await _async_unit(hass, entry.entity_id)
    state = last.get("state")
    if moved.adjust and moved.value is not None:
        state = _converted(moved.value, unit_class, moved.value_unit, unit)
    if state is None:
        return None
    return Bridge(
        registry_id=entry.id,
        unit=unit,
        unit_class=unit_class,
        total=total,
        state=state,
        since=dt_util.utcnow().timestamp() // _SHORT_TERM * _SHORT_TERM,
    )


async def _async_unit(hass: HomeAssistant, entity_id: str) -> tuple[str | None, str | None]:
    """Return the unit of an entity's statistics, and its class."""

    def read() -> tuple[str | None, str | None]:
        found = get_metadata(hass, statistic_ids={entity_id}).get(entity_id)
        if found is None:
            return None, None
        return found[1]["unit_of_measurement"], found[1]["unit_class"]

    return await get_instance(hass).async_add_executor_job(read)


def _converted(value: float, unit_class: str | None, before: str | None, to: str | None) -> float:
    """Return a value in another unit, unchanged where it cannot be converted."""
    converter = UNIT_CLASS_TO_UNIT_CONVERTER.get(
        unit_class, STATISTIC_UNIT_TO_UNIT_CONVERTER.get(before)
    )
    if converter is None or not {before, to} <= converter.VALID_UNITS:
        return value
    return converter.convert(value, before, to)


async def async_close(hass: HomeAssistant, bridge: Bridge) -> bool:
    """Adjust a sum by what it jumped at the takeover; return whether nothing is left to do."""
    entry = er.async_get(hass).entities.get_entry(bridge.registry_id)
    if entry is None:
        return True
    if entry.disabled:
        return False
    units = {bridge.unit_class: bridge.unit} if bridge.unit_class and bridge.unit else None
    since = dt_util.utc_from_timestamp(bridge.since)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        since,
        None,
        {entry.entity_id},
        "5minute",
        units,
        {"state", "sum"},
    )
    rows = [row for row in found.get(entry.entity_id, ()) if row.get("sum") is not None]
    if not rows:
        return False
    first = rows[0]
    state, total = first["state"], first["sum"]
    assert state is not None
    assert total is not None
    # A counter that has fallen has started again at 0.
    gained = state - bridge.state if state >= bridge.state else state
    missing = bridge.total + gained - total
    if abs(missing) > _NEGLIGIBLE:
        get_instance(hass).async_adjust_statistics(
            entry.entity_id,
            dt_util.utc_from_timestamp(first["start"]),
            missing,
            bridge.unit or "",
        )
    return True
