"""What of another integration could move, and why the rest stays."""

from collections import Counter
from dataclasses import replace

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.givenergy.entity import capabilities_of
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.takeover.flow import async_table
from custom_components.givenergy.takeover.offers import system_of
from custom_components.givenergy.takeover.peer_givtcp import GIVTCP
from custom_components.givenergy.takeover.survey import (
    EntityOutcome,
    Stays,
    Survey,
    async_survey,
)
from custom_components.givenergy.takeover.values import Shown, agree, same_statistics

from .peers import PLANTS, install


@pytest.fixture
def plant_name(peer_name: str) -> str:
    """Simulate the plant that the list was made on."""
    return PLANTS[peer_name]


@pytest.fixture
def peer_name() -> str:
    """Name the list of another integration's entities; tests choose others."""
    return "d_gen1_hybrid"


async def surveyed(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> list[Survey]:
    """Return what could be taken over by a loaded entry."""
    data = entry.runtime_data
    system = system_of(data.client.plant, capabilities_of(entry), data.plant_devices)
    return await async_survey(hass, system)


# Moves, no counterpart, values differ, other statistics, other unit
COUNTS = {
    "c_gen1_hybrid": (43, 9, 4, 0, 2),
    "c_all_in_one": (36, 7, 0, 0, 2),
    "c_three_phase_hv": (16, 13, 13, 0, 0),
    "d_gen1_hybrid": (169, 31, 0, 13, 0),
    "d_all_in_one": (260, 83, 1, 6, 0),
    "d_three_phase_hv": (312, 124, 11, 4, 0),
    "d_ems": (51, 63, 0, 1, 0),
    "d_gateway": (12, 100, 10, 0, 0),
}


@pytest.mark.parametrize("peer_name", PLANTS)
async def test_each_reason_is_counted(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, peer_name: str
) -> None:
    await install(hass, peer_name)
    [survey] = await surveyed(hass, loaded)
    found = Counter(outcome.stays for outcome in survey.outcomes)
    assert (
        found[None],
        found[Stays.NO_COUNTERPART],
        found[Stays.VALUES_DIFFER],
        found[Stays.OTHER_STATISTICS],
        found[Stays.OTHER_UNIT],
    ) == COUNTS[peer_name]
    assert found.total() == sum(COUNTS[peer_name])


async def test_a_survey_changes_nothing(hass: HomeAssistant, loaded: GivEnergyConfigEntry) -> None:
    await install(hass, "d_gen1_hybrid")
    registry = er.async_get(hass)
    before = dict(registry.entities)
    await surveyed(hass, loaded)
    assert dict(registry.entities) == before


async def test_another_system_is_left_alone(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    await install(hass, "d_all_in_one")
    assert await surveyed(hass, loaded) == []


async def test_two_of_theirs_do_not_share_one_of_ours(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    peer = await install(hass, "c_gen1_hybrid")
    registry = er.async_get(hass)
    registry.async_get_or_create(
        "sensor", "givenergy_local", "SA2241G101_battery_soc", config_entry=peer
    )
    [survey] = await surveyed(hass, loaded)
    stays = {outcome.unique_id: outcome.stays for outcome in survey.outcomes}
    assert stays["SA2241G101_battery_percent"] is None
    assert stays["SA2241G101_battery_soc"] is Stays.TAKEN


async def test_the_table_counts_and_names_every_entity(hass: HomeAssistant) -> None:
    outcomes = [("sensor.b", None), ("sensor.a_2", None), ("sensor.a", None), ("sensor.c", "taken")]
    survey = Survey(
        peer=GIVTCP,
        entry_id="mqtt",
        title="core-mosquitto",
        outcomes=tuple(
            EntityOutcome(
                entity_id=entity_id,
                registry_id=entity_id,
                unique_id=entity_id,
                stays=None if stays is None else Stays(stays),
            )
            for entity_id, stays in outcomes
        ),
    )
    table = (await async_table(hass, [survey]))["table"]
    assert table.startswith(
        "### GivTCP: core-mosquitto\n\n| Entities that move | 3 |\n| --- | ---: |\n| Stay: "
    )
    assert "\n\n- `sensor.a`\n- `sensor.a_2`\n- `sensor.b`\n\n" in table
    assert table.endswith("\n\n- `sensor.c`\n\n</details>")


COUNTER = Shown(value=100.0, unit="kWh", state_class="total_increasing", device_class="energy")
POWER = Shown(value=1000.0, unit="W", state_class="measurement", device_class="power")


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        (COUNTER, replace(COUNTER, value=101.0), True),
        (COUNTER, replace(COUNTER, value=101.5), False),
        (replace(COUNTER, value=9400.0), replace(COUNTER, value=9490.0), True),
        (replace(COUNTER, value=9400.0), replace(COUNTER, value=9500.0), False),
        (replace(COUNTER, value=0.0), replace(COUNTER, value=9430.7), False),
        (replace(COUNTER, value=None), COUNTER, True),
        (replace(COUNTER, age_days=5.0), replace(COUNTER, value=300.0), True),
        (replace(COUNTER, age_days=5.0), replace(COUNTER, value=900.0), False),
        (replace(COUNTER, age_days=5.0), replace(COUNTER, value=90.0), False),
        (POWER, replace(POWER, value=3000.0), True),
        (POWER, replace(POWER, value=-1000.0), False),
        (POWER, replace(POWER, value=-100.0), True),
        (replace(POWER, value=0.0), POWER, False),
        (Shown(value="0x06"), Shown(value=6.0), True),
        (Shown(value="Load First"), Shown(value="load_first"), True),
        (Shown(value="on"), Shown(value="off"), False),
    ],
)
def test_values_agree(theirs: Shown, ours: Shown, expected: bool) -> None:
    assert agree(theirs, ours) is expected


def test_a_daily_counter_that_stood_still_agrees_with_any() -> None:
    assert agree(replace(COUNTER, age_days=5.0), replace(COUNTER, value=3.0), is_daily=True)


def test_units_are_converted_before_values_are_compared() -> None:
    theirs = replace(COUNTER, value=100000.0, unit="Wh").in_unit("kWh")
    assert (theirs.value, theirs.unit) == (100.0, "kWh")
    assert POWER.in_unit("%") == POWER


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("total_increasing", "total", True),
        ("total_increasing", "measurement", False),
        ("measurement", None, False),
        (None, "measurement", True),
    ],
)
def test_statistics_are_of_a_kind(theirs: str | None, ours: str | None, expected: bool) -> None:
    shown = [Shown(value=1.0, state_class=state_class) for state_class in (theirs, ours)]
    assert same_statistics(*shown) is expected
