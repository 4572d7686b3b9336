"""Which entities are unavailable: those that read what does not come, and no others."""

import logging

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.givenergy.availability import Availability
from custom_components.givenergy.const import CONF_MISSED_POLLS, DOMAIN
from custom_components.givenergy.givenergy_modbus.model.device_kinds import LV_BATTERY
from custom_components.givenergy.givenergy_modbus.model.plan import Block, Read
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR, Bank, Register
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import set_up
from .states import asked, depending_on, entities, of_part, poll, unavailable

PACK_1, PACK_2 = Read(0x32, LV_BATTERY.block), Read(0x33, LV_BATTERY.block)
READINGS_180 = Read(0x11, Block(Bank.INPUT, 180))
SETTINGS_60 = Read(0x11, Block(Bank.HOLDING, 60))

PACK_2_LOGGED = "battery pack 2 measurements (0x33 IR 60-119)"


def own(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> set[str]:
    """Return the entities of the second pack, and the sums it has a share in."""
    return of_part(hass, entry, "lv_battery@51") | depending_on(hass, PACK_2)


# What is lost


async def test_a_silent_pack_costs_its_entities_and_no_others(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.silent.add(0x33)
    await poll(hass, loaded, 2)
    assert unavailable(hass) == set()
    await poll(hass, loaded)
    assert unavailable(hass) == own(hass, loaded)
    assert len(unavailable(hass)) > 10
    assert not unavailable(hass) & of_part(hass, loaded, "lv_battery@50")
    simulator.silent.clear()
    await poll(hass, loaded, 2)
    assert unavailable(hass) == set()


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("silent", [(IR(180), READINGS_180), (HR(60), SETTINGS_60)])
async def test_a_silent_bank_costs_what_reads_it_and_nothing_else(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    silent: tuple[Register, Read],
) -> None:
    register, read = silent
    simulator.silent.add((0x11, register))
    await set_up(hass, entry)
    assert unavailable(hass) == depending_on(hass, read)
    assert unavailable(hass)
    simulator.silent.clear()
    await poll(hass, entry, 2)
    assert unavailable(hass) == set()


@pytest.mark.parametrize(("limit", "polls"), [(1, 1), (2, 2), (5, 7)])
async def test_the_grace_is_an_option(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, limit: int, polls: int
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_MISSED_POLLS: limit})
    await set_up(hass, entry)
    simulator.silent.add((0x11, IR(180)))
    # From the fourth on, every other poll does not ask, so misses nothing.
    for _ in range(polls):
        assert unavailable(hass) == set()
        await poll(hass, entry)
    assert unavailable(hass) == depending_on(hass, READINGS_180)


async def test_everything_silent_and_back(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    coordinator = loaded.runtime_data.coordinator
    simulator.silent |= set(range(256))
    await poll(hass, loaded, 2)
    assert unavailable(hass) == set()
    assert coordinator.last_update_success
    await poll(hass, loaded)
    reading = {entity.entity_id for entity in entities(hass) if entity.entity_description.reads}
    assert unavailable(hass) == reading - {item for item in reading if item.startswith("event.")}
    assert coordinator.availability.all_lost
    assert not coordinator.last_update_success
    assert coordinator.data.failed
    assert loaded.state is ConfigEntryState.LOADED

    simulator.silent.clear()
    await poll(hass, loaded)
    assert unavailable(hass) == set()
    assert coordinator.last_update_success


async def test_values_stay_while_the_link_is_away_for_a_moment(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = {state.entity_id: state.state for state in hass.states.async_all("number")}
    assert before
    host, port = simulator.host, simulator.port
    await simulator.close()
    await poll(hass, loaded, 2)
    assert {state.entity_id: state.state for state in hass.states.async_all("number")} == before
    await poll(hass, loaded)
    assert {state.state for state in hass.states.async_all("number")} == {"unavailable"}
    simulator.host, simulator.port = host, port
    await simulator.start()
    await poll(hass, loaded)
    assert {state.entity_id: state.state for state in hass.states.async_all("number")} == before


async def test_what_is_not_believed_counts_as_missed(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.inject(Fault.LOST_PACK_ZEROS, address=0x33)
    await poll(hass, loaded, 3)
    assert unavailable(hass) == own(hass, loaded)
    simulator.clear()
    await poll(hass, loaded, 2)
    assert unavailable(hass) == set()


async def test_last_update_success_does_not_matter(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    coordinator = loaded.runtime_data.coordinator
    coordinator.last_update_success = False
    coordinator.async_update_listeners()
    assert unavailable(hass) == set()


# What is logged


async def test_one_line_when_lost_and_one_when_back(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger=f"custom_components.{DOMAIN}")
    simulator.silent.add(0x33)
    await poll(hass, loaded, 7)
    simulator.silent.clear()
    await poll(hass, loaded, 3)
    logged = [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if PACK_2_LOGGED in record.message
    ]
    assert logged == [
        ("WARNING", f"{loaded.title}: no data for {PACK_2_LOGGED}"),
        ("INFO", f"{loaded.title}: data restored for {PACK_2_LOGGED}"),
    ]


async def test_one_error_when_all_is_lost_and_one_line_when_it_is_back(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger=f"custom_components.{DOMAIN}")
    simulator.silent |= set(range(256))
    await poll(hass, loaded, 8, seconds=10)
    assert unavailable(hass)
    simulator.silent.clear()
    await poll(hass, loaded, seconds=10)
    assert unavailable(hass) == set()
    await poll(hass, loaded, 8, seconds=15)
    named = f"custom_components.{DOMAIN}"
    logged = [
        record.levelname
        for record in caplog.records
        if record.name == named and record.levelno >= logging.INFO
    ]
    assert logged == ["WARNING", "INFO"]


# Silent from the start


async def test_a_pack_silent_at_start_holds_nobody_back(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.silent.add(0x33)
    assert await hass.config_entries.async_setup(entry.entry_id)
    coordinator = entry.runtime_data.coordinator
    # The first poll has asked once, and once more at its end.
    assert asked(simulator)[PACK_2] == 2
    assert coordinator.data.missed == {PACK_2}
    assert own(hass, entry) <= unavailable(hass)
    assert entry.data["capabilities"]["lv_battery_addresses"] == ["0x32", "0x33"]
    await hass.async_block_till_done(wait_background_tasks=True)
    assert asked(simulator)[PACK_2] == 3
    assert unavailable(hass) == own(hass, entry)
    assert of_part(hass, entry, "lv_battery@50")


async def test_a_pack_slow_at_start_is_there_a_moment_later(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.inject(Fault.SILENT, 1, address=0x33)
    await set_up(hass, entry)
    assert unavailable(hass) == set()
    assert not entry.runtime_data.coordinator.data.missed


async def test_a_silent_pack_is_asked_once_in_every_other_poll(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    simulator.silent.add(0x33)
    await set_up(hass, entry)
    simulator.requests.clear()
    for _ in range(6):
        await poll(hass, entry)
    counts = asked(simulator)
    assert counts[PACK_1] == 6
    assert counts[PACK_2] == 3


@pytest.mark.parametrize("polls_before", [0, 1, 2, 3])
async def test_a_pack_silent_at_start_is_back_within_two_polls(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, polls_before: int
) -> None:
    simulator.silent.add(0x33)
    await set_up(hass, entry)
    await poll(hass, entry, polls_before)
    registered = {entity.unique_id for entity in er.async_get(hass).entities.values()}
    connections = entry.runtime_data.client.connections
    simulator.silent.clear()
    simulator.requests.clear()
    await poll(hass, entry, 2)
    assert unavailable(hass) == set()
    # Neither a reload nor a search for anything.
    assert {entity.unique_id for entity in er.async_get(hass).entities.values()} == registered
    assert entry.runtime_data.client.connections == connections
    assert {read.device_address for read in asked(simulator)} == {0x11, 0x32, 0x33}


@pytest.mark.parametrize(
    ("plant_name", "silent"),
    [("all_in_one", 0x52), ("three_phase_hv", 0x53), ("three_phase_hv", 0x02), ("ems", 0x03)],
)
async def test_any_device_may_be_silent_at_start(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry, silent: int
) -> None:
    simulator.silent.add(silent)
    await set_up(hass, entry)
    part = next(
        plant_device
        for plant_device in entry.runtime_data.plant_devices
        if plant_device.place == silent
    )
    assert of_part(hass, entry, part.key)
    assert of_part(hass, entry, part.key) <= unavailable(hass)
    assert not any(
        of_part(hass, entry, other.key) & unavailable(hass)
        for other in entry.runtime_data.plant_devices
        if other not in (part, entry.runtime_data.plant_devices[0])
    )
    simulator.silent.clear()
    await poll(hass, entry, 2)
    assert unavailable(hass) == set()


# The arithmetic of it


def poll_once(
    availability: Availability,
    measurements: tuple[Read, ...],
    settings: tuple[Read, ...],
    missed: frozenset[Read],
) -> None:
    """Record a poll that asked for everything."""
    everything = {*measurements, *settings}
    availability.record(measurements, settings, read=everything - missed, missed=missed)


def test_a_block_that_was_not_asked_for_is_not_missed() -> None:
    availability = Availability("A plant", 2)
    plans, nothing = ((PACK_1, PACK_2), ()), frozenset[Read]()
    availability.record(*plans, read={PACK_1}, missed=nothing)
    assert availability.lost == {PACK_2}
    assert availability.counts == {}
    availability.record(*plans, read={PACK_1, PACK_2}, missed=nothing)
    assert availability.lost == nothing
    availability.record(*plans, read={PACK_1}, missed={PACK_2})
    for _ in range(5):
        availability.record(*plans, read={PACK_1}, missed=nothing)
    assert availability.counts == {str(PACK_2): 1}
    assert availability.lost == nothing
    availability.record(*plans, read={PACK_1}, missed={PACK_2})
    assert availability.lost == {PACK_2}


def test_a_block_is_lost_after_so_many_misses_in_a_row() -> None:
    availability = Availability("A plant", 3)
    plans, missed = ((PACK_1, PACK_2), (SETTINGS_60,)), frozenset({PACK_2})
    poll_once(availability, *plans, missed=frozenset())
    for count in (1, 2):
        poll_once(availability, *plans, missed=missed)
        assert availability.lost == frozenset()
        assert availability.counts == {str(PACK_2): count}
    poll_once(availability, *plans, missed=frozenset())
    poll_once(availability, *plans, missed=missed)
    assert availability.lost == frozenset()
    poll_once(availability, *plans, missed=missed)
    poll_once(availability, *plans, missed=missed)
    assert availability.lost == missed
    assert availability.is_lost(0x33)
    assert not availability.is_lost(0x32)
    assert not availability.all_lost
    assert availability.missed_at(0x33) == 3
    assert not availability.has_data(0x33, [IR(60)])
    assert availability.has_data(0x33, [IR(120)])
    assert availability.has_data(0x32, [IR(60)])


def test_an_outage_is_one_line_whatever_was_missed_before_and_is_read_after(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    availability = Availability("A plant", 2)
    plans = (PACK_1, PACK_2, READINGS_180), (SETTINGS_60,)
    everything = frozenset((*plans[0], *plans[1]))
    poll_once(availability, *plans, missed=frozenset())
    poll_once(availability, *plans, missed=frozenset({PACK_2}))
    for lost in ({PACK_2}, everything, everything):
        availability.record(*plans, read=(), missed=everything, failure="no response")
        assert availability.lost == lost
    nothing = frozenset[Read]()
    availability.record(*plans, read={PACK_1}, missed=nothing)
    availability.record(*plans, read={PACK_1, SETTINGS_60}, missed={PACK_2})
    availability.record(*plans, read={*everything} - {PACK_2}, missed=nothing)
    assert caplog.messages == ["A plant: no response", f"A plant: no data for {PACK_2_LOGGED}"]


def test_what_was_never_brought_is_lost_at_once() -> None:
    availability = Availability("A plant", 20)
    poll_once(availability, (PACK_1, PACK_2), (), missed=frozenset({PACK_1}))
    assert availability.lost == {PACK_1}
    assert availability.missed_at(0x32) == 1
    poll_once(availability, (PACK_1, PACK_2), (), missed=frozenset({PACK_1, PACK_2}))
    assert availability.lost == {PACK_1}


def test_what_is_no_longer_polled_is_not_missed() -> None:
    availability = Availability("A plant", 1)
    poll_once(availability, (PACK_1, PACK_2), (), missed=frozenset({PACK_2}))
    poll_once(availability, (PACK_1,), (), missed=frozenset())
    assert availability.lost == frozenset()
    assert availability.counts == {}
    assert not availability.is_lost(0x32)


def test_a_device_is_lost_with_its_readings_whatever_was_known_of_it_before() -> None:
    meter, product = Read(0x01, Block(Bank.INPUT, 60, 30)), Read(0x01, Block(Bank.METER, 60))
    availability = Availability("A plant", 1)
    poll_once(availability, (PACK_1, meter), (product,), missed=frozenset({meter}))
    assert availability.is_lost(0x01)
    assert availability.missed_at(0x01) == 1
