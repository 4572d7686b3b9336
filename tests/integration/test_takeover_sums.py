"""Sums go on in the unit of their statistics, whatever unit an entity shows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import get_last_short_term_statistics
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.givenergy.takeover.statistics import (
    Bridge,
    async_bridge,
    async_close,
    async_last_shown,
)
from custom_components.givenergy.takeover.takeover_journal import MovedEntity
from custom_components.givenergy.takeover.values import Shown

SUM = 5000.0
METADATA: Any = {
    "source": "recorder",
    "name": None,
    "unit_of_measurement": "kWh",
    "unit_class": "energy",
    "has_sum": True,
    "mean_type": StatisticMeanType.NONE,
}


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder) -> None:
    """Have the recorder before anything else."""


@pytest.fixture
def entry(hass: HomeAssistant) -> er.RegistryEntry:
    """Return a counter that is shown in MWh while its statistics are in kWh."""
    found = er.async_get(hass).async_get_or_create("sensor", "other", "import_total")
    hass.states.async_set(found.entity_id, "9.4307", {"unit_of_measurement": "MWh"})
    return found


async def record(
    hass: HomeAssistant,
    entity_id: str,
    start: datetime,
    state: float,
    total: float,
    table: type[Statistics | StatisticsShortTerm] = StatisticsShortTerm,
) -> None:
    """Write one row of statistics."""
    metadata = {**METADATA, "statistic_id": entity_id}
    rows: Any = [{"start": start, "state": state, "sum": total}]
    get_instance(hass).async_import_statistics(metadata, rows, table)
    await async_wait_recording_done(hass)


async def last_sum(hass: HomeAssistant, entity_id: str) -> float:
    """Return the last sum in the unit of the statistics."""
    await async_wait_recording_done(hass)
    found = await get_instance(hass).async_add_executor_job(
        get_last_short_term_statistics, hass, 1, entity_id, False, {"sum"}
    )
    return float(found[entity_id][0]["sum"])


def hour(ago: int) -> datetime:
    return dt_util.utcnow().replace(minute=0, second=0, microsecond=0) - timedelta(hours=ago)


def five_minutes() -> datetime:
    now = dt_util.utcnow()
    return now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)


async def bridge_over(hass: HomeAssistant, entry: er.RegistryEntry, **agreed: Any) -> Bridge:
    moved = MovedEntity(registry_id=entry.id, new_unique_id="new", before={}, **agreed)
    bridge = await async_bridge(hass, entry, moved)
    assert bridge is not None
    return bridge


async def test_a_sum_goes_on_after_a_gap(hass: HomeAssistant, entry: er.RegistryEntry) -> None:
    await record(hass, entry.entity_id, hour(24 * 11), 9400.0, SUM, Statistics)
    bridge = await bridge_over(hass, entry)
    assert not await async_close(hass, bridge)
    # Without short-term statistics the recorder starts at 0.
    await record(hass, entry.entity_id, five_minutes(), 9430.7, 0.0)
    assert await async_close(hass, bridge)
    assert await last_sum(hass, entry.entity_id) == pytest.approx(SUM + 30.7)


async def test_a_sum_goes_on_from_another_value(
    hass: HomeAssistant, entry: er.RegistryEntry
) -> None:
    await record(hass, entry.entity_id, hour(1), 100.0, SUM)
    bridge = await bridge_over(hass, entry, adjust=True, value=9430700.0, value_unit="Wh")
    await record(hass, entry.entity_id, five_minutes(), 9430.9, SUM + 9330.9)
    assert await async_close(hass, bridge)
    assert await last_sum(hass, entry.entity_id) == pytest.approx(SUM + 0.2)


async def test_an_entity_may_be_renamed_or_removed_meanwhile(
    hass: HomeAssistant, entry: er.RegistryEntry
) -> None:
    await record(hass, entry.entity_id, hour(24 * 11), 9400.0, SUM, Statistics)
    bridge = await bridge_over(hass, entry)
    registry = er.async_get(hass)
    registry.async_update_entity(entry.entity_id, new_entity_id="sensor.renamed")
    await hass.async_block_till_done()
    await record(hass, "sensor.renamed", five_minutes(), 9430.7, 0.0)
    assert await async_close(hass, bridge)
    assert await last_sum(hass, "sensor.renamed") == pytest.approx(SUM + 30.7)
    registry.async_remove("sensor.renamed")
    assert await async_close(hass, bridge)


async def test_the_last_value_is_in_the_unit_that_is_shown(
    hass: HomeAssistant, entry: er.RegistryEntry
) -> None:
    await record(hass, entry.entity_id, hour(48), 9400.0, SUM, Statistics)
    shown = Shown(value=None, unit="MWh", state_class="total_increasing", device_class="energy")
    found = await async_last_shown(hass, entry.entity_id, shown)
    assert (found.value, found.unit) == (pytest.approx(9.4), "MWh")
    assert found.age_days > 1
