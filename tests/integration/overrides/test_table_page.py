"""The documented registers are those that are written.

``WRITE_OVERRIDES=1 pytest tests/integration/overrides/test_table_page.py`` writes the table anew.
"""

import pytest
from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.runtime import DATA_TIMING

from ..actions import use
from ..conftest import QUICK, look_at, set_up
from .plants import FAMILIES, simulated, written
from .table_page import OVERRIDES, WRITES, Writes, shown, table, write


@pytest.fixture
def at() -> str:
    """Stay away from the full minute: the slots are in the table."""
    return "2026-11-25 14:00:10+00:00"


@pytest.fixture(autouse=True)
def _no_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    no_platforms: list[Platform] = []
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", no_platforms)


@pytest.mark.timeout(180)
async def test_the_table_has_what_is_written_and_restored(
    socket_enabled: None, hass: HomeAssistant
) -> None:
    await hass.config.async_set_time_zone("Europe/London")
    hass.data[DATA_TIMING] = QUICK
    found: dict[tuple[str, str], tuple[Writes, Writes]] = {}
    for name in FAMILIES:
        async with simulated(name) as simulator:
            entry = MockConfigEntry(domain=DOMAIN, **await look_at(simulator))
            assert entry.data[CONF_HOST], entry.data[CONF_PORT]
            entry.add_to_hass(hass)
            await set_up(hass, entry)
            for override in OVERRIDES:
                # Until a time of day, so that the end does not depend on the second.
                until = {"until": "15:00", "config_entry_id": entry.entry_id}
                await use(hass, entry, f"action.{override}", **until)
                started = written(simulator)
                simulator.writes.clear()
                await use(hass, entry, "action.end_override", config_entry_id=entry.entry_id)
                found[name, override] = started, written(simulator)
                simulator.writes.clear()
            await hass.config_entries.async_unload(entry.entry_id)
    text = table({key: (_whole(start), _whole(end)) for key, (start, end) in found.items()})
    if WRITES:
        write(text)
    assert shown() == text, "run this with WRITE_OVERRIDES=1"


def _whole(writes: Writes) -> Writes:
    """Return writes with the start of the slot at the minute, however long the test took."""
    return [(register, 1400 if 1400 <= word < 1410 else word) for register, word in writes]
