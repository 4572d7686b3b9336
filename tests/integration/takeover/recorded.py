"""Statistics of counters: a day of them written, read, and compiled."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)


def counters(hass: HomeAssistant, entry_id: str) -> list[str]:
    """Return an entry's entities that have a sum in the statistics and a number now."""
    return [
        entry.entity_id
        for entry in er.async_entries_for_config_entry(er.async_get(hass), entry_id)
        if (entry.capabilities or {}).get("state_class") in ("total", "total_increasing")
        and (state := hass.states.get(entry.entity_id)) is not None
        and state.state.replace(".", "").isdigit()
    ]


def hour(hours_ago: float) -> datetime:
    """Return the start of an hour some time ago."""
    moment = dt_util.utcnow() - timedelta(hours=hours_ago)
    return moment.replace(minute=0, second=0, microsecond=0)


SUM = 5023.9


async def record(
    hass: HomeAssistant, entity_ids: list[str], *, last_hour: int = 1, with_short_term: bool = True
) -> None:
    """Give counters a day of statistics that ends with what they are now."""
    for entity_id in entity_ids:
        state = hass.states.get(entity_id)
        assert state is not None
        value = float(state.state)
        unit = state.attributes.get("unit_of_measurement")
        metadata: Any = {
            "statistic_id": entity_id,
            "source": "recorder",
            "name": None,
            "unit_of_measurement": unit,
            "unit_class": "energy" if unit == "kWh" else "duration" if unit == "h" else None,
            "has_sum": True,
            "mean_type": StatisticMeanType.NONE,
        }
        rows = [
            {"start": hour(ago), "state": value - ago + last_hour, "sum": SUM - ago + last_hour}
            for ago in range(last_hour + 24, last_hour - 1, -1)
        ]
        instance = get_instance(hass)
        instance.async_import_statistics(metadata, rows, Statistics)
        if with_short_term:
            recent: StatisticData = {
                "start": hour(1) + timedelta(minutes=55),
                "state": value,
                "sum": SUM,
            }
            instance.async_import_statistics(metadata, [recent], StatisticsShortTerm)
    await async_wait_recording_done(hass)


async def statistics_of(
    hass: HomeAssistant, entity_ids: list[str], period: str = "hour", start: datetime | None = None
) -> dict[str, Any]:
    """Return what the recorder keeps of some entities, the present hour's total left out."""
    return await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        start or hour(24 * 30),
        hour(0) if period == "hour" else None,
        set(entity_ids),
        period,
        None,
        {"state", "sum"},
    )


async def compile_now(hass: HomeAssistant) -> datetime:
    """Compile the five minutes that are now; return their start."""
    now = dt_util.utcnow()
    start = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    await async_wait_recording_done(hass)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)
    await async_wait_recording_done(hass)
    return start
