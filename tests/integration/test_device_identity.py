"""A device follows its serial number: exchanged, swapped, renumbered, and missing."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from logging import ERROR
from typing import Any, NamedTuple

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.givenergy.const import CONF_CAPABILITIES, CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.givenergy_modbus.client.timing import RetryPolicy, Timing
from custom_components.givenergy.givenergy_modbus.model.register import IR, Register
from custom_components.givenergy.givenergy_modbus.model.register_cache import RegisterCache
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator
from custom_components.givenergy.identities import DeviceStatus
from custom_components.givenergy.repairs import async_create_fix_flow
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.tracking import MISSING_AFTER

from .conftest import QUICK, set_up
from .states import entity_id_of, identity_of, keys_of, poll, stored

CONFIRMED = 5
"""Polls, a minute apart, after which the same page counts as confirmed."""
GONE = 2 * MISSING_AFTER
"""Polls after which a device is missing that is silent, or that was searched for in vain."""

PACK_SERIAL = tuple(IR(at) for at in range(110, 115))
MODULE_SERIAL = tuple(IR(at) for at in range(114, 119))
STACK_SERIAL = tuple(IR(at) for at in range(138, 143))


class Kind(NamedTuple):
    """Devices of one kind: where two of them answer, and which registers name them."""

    kind: str
    one: int
    other: int
    serial: tuple[Register, ...]


PACKS = ("gen1_hybrid", Kind("lv_battery", 0x32, 0x33, PACK_SERIAL))
MODULES = ("three_phase_hv", Kind("hv_module", 0x50, 0x51, MODULE_SERIAL))
AIO_MODULES = ("all_in_one", Kind("aio_module", 0x50, 0x51, MODULE_SERIAL))
STACK = ("three_phase_hv", Kind("hv_stack", 0x70, 0x70, STACK_SERIAL))
NEW = "ZZ2601G001"


@pytest.fixture(autouse=True)
def _few_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up sensors and events only."""
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [Platform.SENSOR, Platform.EVENT])


@pytest.fixture(autouse=True)
def _no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that nothing went wrong that a log would only mention."""
    yield
    assert not [record for record in caplog.records if record.levelno >= ERROR]


@pytest.fixture
def timing() -> Timing:
    """Wait for silent devices no longer than need be."""
    return replace(QUICK, refresh=RetryPolicy(0.05, 0, 0.0))


@pytest.fixture
def shown(hass: HomeAssistant) -> Mapping[str, set[str]]:
    """Return every state that entities have been in, by entity id, while a test runs."""
    states: dict[str, set[str]] = defaultdict(set)

    def note(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            states[state.entity_id].add(state.state)

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return states


def words(serial: str) -> tuple[int, ...]:
    """Return a serial number as registers hold it."""
    return tuple(int.from_bytes(serial[at : at + 2].encode()) for at in range(0, 10, 2))


def swap(simulator: Simulator, one: int, other: int) -> None:
    """Exchange two devices."""
    first, second = dict(simulator.registers[one]), dict(simulator.registers[other])
    put(simulator, one, second)
    put(simulator, other, first)


def put(simulator: Simulator, address: int, device: Mapping[Register, int]) -> None:
    """Have a device answer at an address."""
    cache = simulator.registers.setdefault(address, RegisterCache())
    cache.clear()
    cache.update(device)


def exchange(
    simulator: Simulator, address: int, serial: tuple[Register, ...], new: str = NEW
) -> None:
    """Put a device of another serial number in place of one, with other values."""
    cache = simulator.registers[address]
    for register in cache:
        if 60 <= register.address < 84 and cache[register] > 1000:
            cache[register] -= 13
    for register in (IR(91), IR(92), IR(96), IR(98), IR(99)):
        if cache.get(register, 0) > 20:
            cache[register] -= 13
    cache.update(dict(zip(serial, words(new), strict=True)))
    if serial is MODULE_SERIAL:
        cache[IR(110)] = 0


def entities_of(hass: HomeAssistant, identity: str) -> set[str]:
    """Return the entity ids of a device, those that are disabled left out."""
    return {
        entity.entity_id
        for entity in er.async_get(hass).entities.values()
        if entity.unique_id.startswith(f"{identity}_") and entity.disabled_by is None
    }


def states_of(hass: HomeAssistant, identity: str) -> dict[str, str]:
    """Return the states of a device's entities."""
    found = {entity_id: hass.states.get(entity_id) for entity_id in entities_of(hass, identity)}
    assert found
    return {entity_id: state.state for entity_id, state in found.items() if state is not None}


def names_of(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> dict[str, str | None]:
    """Return the names of a plant's devices."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {device.id: device.name for device in found}


def is_unavailable(hass: HomeAssistant, identity: str) -> bool:
    """Return whether all entities of a device are unavailable."""
    return set(states_of(hass, identity).values()) == {STATE_UNAVAILABLE}


def missing(hass: HomeAssistant) -> set[str]:
    """Return the identities of the devices that a repair asks about."""
    return {
        str((issue.data or {})["identity"])
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "device_missing" and issue.is_fixable
    }


def assert_never_mixed(shown: Mapping[str, set[str]], before: Mapping[str, str]) -> None:
    """Check that entities only ever showed their own values, which do not change here."""
    for entity_id, value in before.items():
        assert shown[entity_id] <= {value, STATE_UNAVAILABLE}, entity_id


@pytest.fixture
def never_reloaded(hass: HomeAssistant) -> Iterator[Callable[[GivEnergyConfigEntry], None]]:
    """Check at the end that entries are still as they were when they were given."""
    watched: list[tuple[GivEnergyConfigEntry, object]] = []

    def watch(entry: GivEnergyConfigEntry) -> None:
        watched.append((entry, entry.runtime_data))

    yield watch
    assert watched
    for entry, data in watched:
        assert entry.state is ConfigEntryState.LOADED
        assert entry.runtime_data is data


type Watch = Callable[[GivEnergyConfigEntry], None]
type Answer = Callable[[str, str], Awaitable[None]]


@pytest.fixture
def answer(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Answer:
    """Return a function that answers the repair of a missing device."""

    async def click(identity: str, choice: str) -> None:
        issue_id = f"device_missing_{entry.entry_id}_{identity}"
        issue = ir.async_get(hass).issues[DOMAIN, issue_id]
        flow = await async_create_fix_flow(hass, issue_id, issue.data)
        flow.hass = hass
        shown: Any = await flow.async_step_init()
        assert shown["menu_options"] == ["accept", "wait"]
        await getattr(flow, f"async_step_{choice}")()
        await hass.async_block_till_done(wait_background_tasks=True)

    return click


# Moving


@pytest.mark.parametrize("pause", [61, 400], ids=["quick", "slow"])
@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES, AIO_MODULES])
async def test_two_devices_that_were_swapped_keep_everything(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    found_as: Kind,
    pause: float,
) -> None:
    kind, one, other, _ = found_as
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"{kind}@{at}") for at in (one, other))
    before = states_of(hass, first) | states_of(hass, second)
    names = names_of(hass, loaded)
    numbers = [stored(loaded, f"{kind}@{at}")["number"] for at in (one, other)]
    swap(simulator, one, other)
    await poll(hass, loaded, seconds=pause)
    await poll(hass, loaded, 2 * CONFIRMED)
    assert identity_of(loaded, f"{kind}@{one}") == second
    assert identity_of(loaded, f"{kind}@{other}") == first
    assert states_of(hass, first) | states_of(hass, second) == before
    assert_never_mixed(shown, before)
    assert [stored(loaded, f"{kind}@{at}")["number"] for at in (other, one)] == numbers
    assert names_of(hass, loaded) == names
    assert missing(hass) == set()


@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES])
async def test_devices_swapped_while_home_assistant_was_off_keep_everything(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    found_as: Kind,
) -> None:
    kind, one, other, _ = found_as
    await poll(hass, loaded)
    first, second = (identity_of(loaded, f"{kind}@{at}") for at in (one, other))
    before = states_of(hass, first) | states_of(hass, second)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    swap(simulator, one, other)
    await set_up(hass, loaded)
    assert identity_of(loaded, f"{kind}@{one}") == second
    assert identity_of(loaded, f"{kind}@{other}") == first
    assert states_of(hass, first) | states_of(hass, second) == before
    assert_never_mixed(shown, before)
    assert missing(hass) == set()


async def test_an_entity_that_was_disabled_meanwhile_is_left_alone(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded, CONFIRMED)
    first = identity_of(loaded, "lv_battery@50")
    registry = er.async_get(hass)
    disabled = min(entities_of(hass, first))
    registry.async_update_entity(disabled, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done(wait_background_tasks=True)
    swap(simulator, 0x32, 0x33)
    await poll(hass, loaded, 2 * CONFIRMED)
    assert identity_of(loaded, "lv_battery@51") == first
    assert hass.states.get(disabled) is None


async def test_packs_renumbered_when_one_is_added_are_found(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33))
    before = states_of(hass, first) | states_of(hass, second)
    put(simulator, 0x34, simulator.registers[0x33])
    put(simulator, 0x33, simulator.registers[0x32])
    exchange(simulator, 0x32, PACK_SERIAL)
    await poll(hass, loaded, 3 * CONFIRMED)
    assert [identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33, 0x34)] == [
        NEW,
        first,
        second,
    ]
    assert states_of(hass, first) | states_of(hass, second) == before
    assert_never_mixed(shown, before)
    assert stored(loaded, "lv_battery@50")["number"] == 3
    assert not is_unavailable(hass, NEW)
    assert missing(hass) == set()


async def test_packs_renumbered_when_one_is_removed_leave_an_address(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    answer: Answer,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33))
    before = states_of(hass, first) | states_of(hass, second)
    put(simulator, 0x32, simulator.registers[0x33])
    simulator.silent.add(0x33)
    await poll(hass, loaded, CONFIRMED + GONE)
    assert keys_of(loaded) == {"inverter@17", "lv_battery@50"}
    assert identity_of(loaded, "lv_battery@50") == second
    assert loaded.data[CONF_CAPABILITIES]["lv_battery_addresses"] == ["0x32"]
    assert states_of(hass, second).items() <= before.items()
    assert is_unavailable(hass, first)
    assert_never_mixed(shown, before)
    assert missing(hass) == {first}
    await answer(first, "accept")
    assert missing(hass) == set()
    assert not entities_of(hass, first)
    assert states_of(hass, second).items() <= before.items()


# Exchanging


@pytest.mark.parametrize("pause", [61, 400], ids=["quick", "slow"])
@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES, AIO_MODULES, STACK])
async def test_a_new_serial_number_is_a_new_device(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    answer: Answer,
    found_as: Kind,
    pause: float,
) -> None:
    kind, one, _, serial = found_as
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, f"{kind}@{one}")
    before = states_of(hass, old)
    if kind == "hv_stack":
        # It cannot be exchanged while it answers: its serial number is read less often.
        simulator.silent.add(one)
        await poll(hass, loaded)
        simulator.silent.discard(one)
    exchange(simulator, one, serial)
    await poll(hass, loaded, seconds=pause)
    await poll(hass, loaded, 3 * CONFIRMED)
    assert identity_of(loaded, f"{kind}@{one}") == NEW
    assert loaded.data[CONF_IDENTITIES][old]["status"] == DeviceStatus.DISPLACED
    assert is_unavailable(hass, old)
    assert not is_unavailable(hass, NEW)
    assert_never_mixed(shown, before)
    page = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, NEW), loaded.entry_id)
    assert page is not None
    assert page.serial_number == NEW
    assert missing(hass) == {old}
    new = states_of(hass, NEW)
    await answer(old, "accept")
    assert not entities_of(hass, old)
    assert states_of(hass, NEW) == new
    assert missing(hass) == set()


@pytest.mark.parametrize(("plant_name", "found_as"), [PACKS, MODULES, AIO_MODULES, STACK])
async def test_a_device_exchanged_while_home_assistant_was_off_is_a_new_one(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    found_as: Kind,
) -> None:
    kind, one, _, serial = found_as
    await poll(hass, loaded)
    old = identity_of(loaded, f"{kind}@{one}")
    before = states_of(hass, old)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    exchange(simulator, one, serial)
    await set_up(hass, loaded)
    data = loaded.runtime_data
    assert is_unavailable(hass, old)
    await poll(hass, loaded, 2 * CONFIRMED)
    assert identity_of(loaded, f"{kind}@{one}") == NEW
    assert not is_unavailable(hass, NEW)
    assert_never_mixed(shown, before)
    assert missing(hass) == {old}
    assert loaded.runtime_data is data


@pytest.mark.parametrize(("plant_name", "found_as"), [STACK])
async def test_a_stack_exchanged_between_two_polls_is_noticed_in_the_next(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
    found_as: Kind,
) -> None:
    never_reloaded(loaded)
    # So seldom that every poll reads its serial number.
    await poll(hass, loaded, CONFIRMED, seconds=320)
    old = identity_of(loaded, "hv_stack@112")
    before = states_of(hass, old)
    exchange(simulator, found_as.one, found_as.serial)
    await poll(hass, loaded, seconds=320)
    assert identity_of(loaded, "hv_stack@112") == old
    assert_never_mixed(shown, before)
    await poll(hass, loaded, CONFIRMED, seconds=320)
    assert identity_of(loaded, "hv_stack@112") == NEW
    assert not is_unavailable(hass, NEW)
    assert_never_mixed(shown, before)


async def test_sums_are_of_the_batteries_that_are_there(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    def stored_energy(identity: str | None) -> float:
        key = (
            "battery_stored_energy"
            if identity == loaded.unique_id
            else "remaining_energy_nominal_wh"
        )
        state = hass.states.get(entity_id_of(hass, "sensor", f"{identity}_{key}"))
        assert state is not None
        return float(state.state)

    await poll(hass, loaded, CONFIRMED)
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 3 * CONFIRMED)
    first = identity_of(loaded, "lv_battery@50")
    total = stored_energy(first) + stored_energy(NEW)
    assert stored_energy(loaded.unique_id) == pytest.approx(total, abs=0.01)


async def test_a_pack_that_comes_back_is_itself(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    answer: Answer,
    never_reloaded: Watch,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, "lv_battery@51")
    before, ids = states_of(hass, old), entities_of(hass, old)
    pack = dict(simulator.registers[0x33])
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 4 * CONFIRMED)
    await answer(old, "accept")
    assert stored(loaded, "lv_battery@51")["number"] == 3
    put(simulator, 0x33, pack)
    await poll(hass, loaded, 4 * CONFIRMED)
    assert identity_of(loaded, "lv_battery@51") == old
    assert stored(loaded, "lv_battery@51")["number"] == 2
    assert entities_of(hass, old) == ids
    assert states_of(hass, old) == before
    assert missing(hass) == {NEW}


@pytest.mark.parametrize(
    ("plant_name", "kind", "serials"),
    [("ems", "managed_inverter", None), ("gateway", "aio_unit", (IR(1841), IR(1846)))],
)
async def test_what_another_device_reports_on_follows_its_serial_number(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    never_reloaded: Watch,
    kind: str,
    serials: tuple[Register, Register] | None,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded)
    devices = {
        device.place: device for device in loaded.runtime_data.plant_devices if device.kind == kind
    }
    first, second = (devices[place] for place in (1, 2))
    one, two = (device.named_in for device in (first, second))
    cache = simulator.registers[0x11]
    swapped = dict(zip((*one, *two), [cache[at] for at in (*two, *one)], strict=True))
    cache.update(swapped)
    await poll(hass, loaded, 2)
    assert identity_of(loaded, f"{kind}@1") == second.identity
    assert identity_of(loaded, f"{kind}@2") == first.identity
    assert missing(hass) == set()
    assert not is_unavailable(hass, first.identity)
    # One that is reported no longer is missing, and one of a new serial number is new.
    cache.update(dict(zip(two, words(NEW), strict=True)))
    await poll(hass, loaded, 1)
    assert is_unavailable(hass, first.identity)
    await poll(hass, loaded, CONFIRMED + GONE)
    assert identity_of(loaded, f"{kind}@2") == f"{loaded.unique_id}_{NEW}"
    assert missing(hass) == {first.identity}


# Missing


async def test_missing_devices_are_answered_one_by_one(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    answer: Answer,
    never_reloaded: Watch,
) -> None:
    never_reloaded(loaded)
    await poll(hass, loaded, CONFIRMED)
    first, second = (identity_of(loaded, f"lv_battery@{at}") for at in (0x32, 0x33))
    exchange(simulator, 0x32, PACK_SERIAL, "ZZ2601G001")
    exchange(simulator, 0x33, PACK_SERIAL, "ZZ2601G002")
    await poll(hass, loaded, 4 * CONFIRMED)
    assert missing(hass) == {first, second}
    await answer(first, "accept")
    await answer(second, "wait")
    await poll(hass, loaded, 2)
    assert missing(hass) == set()
    assert not entities_of(hass, first)
    assert is_unavailable(hass, second)
    assert keys_of(loaded) == {"inverter@17", "lv_battery@50", "lv_battery@51"}
    assert [stored(loaded, f"lv_battery@{at}")["number"] for at in (0x32, 0x33)] == [3, 4]


async def test_an_exchanged_device_is_waited_for_over_a_restart(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, answer: Answer
) -> None:
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, "lv_battery@51")
    pack = dict(simulator.registers[0x33])
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 4 * CONFIRMED)
    await answer(old, "wait")
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await poll(hass, loaded, GONE)
    assert is_unavailable(hass, old)
    assert missing(hass) == set()
    put(simulator, 0x33, pack)
    await poll(hass, loaded, 4 * CONFIRMED)
    assert not is_unavailable(hass, old)
    assert missing(hass) == {NEW}


async def test_a_device_whose_pages_are_refused_is_not_missing(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded, CONFIRMED)
    pack = identity_of(loaded, "lv_battery@51")
    fired = async_capture_events(hass, EVENT_STATE_CHANGED)
    simulator.inject(Fault.PATTERN_A, address=0x33)
    await poll(hass, loaded, GONE, seconds=5)
    assert loaded.runtime_data.coordinator.data.refused
    assert is_unavailable(hass, pack)
    assert missing(hass) == set()
    assert loaded.runtime_data.coordinator.availability.missed_at(0x33) == 0
    assert not [event for event in fired if event.data["entity_id"].startswith("event.")]


async def test_an_empty_place_that_answers_is_missing(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await poll(hass, loaded, CONFIRMED)
    pack = identity_of(loaded, "lv_battery@51")
    simulator.inject(Fault.LOST_PACK_ZEROS, address=0x33)
    await poll(hass, loaded, GONE)
    assert is_unavailable(hass, pack)
    assert missing(hass) == {pack}


# Serial numbers that become known


async def test_a_device_is_followed_once_its_serial_number_is_known(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    shown: Mapping[str, set[str]],
    never_reloaded: Watch,
) -> None:
    data = {key: value for key, value in entry.data.items() if key != CONF_IDENTITIES}
    hass.config_entries.async_update_entry(entry, data=data)
    simulator.silent.add(0x33)
    await set_up(hass, entry)
    never_reloaded(entry)
    pack = f"{entry.unique_id}_lv_battery_0x33"
    assert stored(entry, "lv_battery@51")["serial"] is None
    simulator.silent.clear()
    await poll(hass, entry, 2 * CONFIRMED)
    assert identity_of(entry, "lv_battery@51") == pack
    assert stored(entry, "lv_battery@51")["serial"] == "BG2238G219"
    before = states_of(hass, pack)
    swap(simulator, 0x32, 0x33)
    await poll(hass, entry, 2 * CONFIRMED)
    assert identity_of(entry, "lv_battery@50") == pack
    assert states_of(hass, pack) == before
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, entry, 3 * CONFIRMED)
    assert identity_of(entry, "lv_battery@51") == NEW
    assert states_of(hass, pack) == before


async def test_meters_stay_where_they_are(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    assert all(
        device.serial is None
        for device in loaded.runtime_data.plant_devices
        if device.kind == "meter"
    )


# Events


@pytest.fixture
def fired(hass: HomeAssistant) -> list[tuple[Any, Any]]:
    """Return the events of batteries while a test runs: type and number."""
    found: list[tuple[Any, Any]] = []

    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and "battery" in state.attributes:
            found.append((state.attributes["event_type"], state.attributes["battery"]))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return found


async def test_events_are_of_the_battery_and_not_of_the_address(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    fired: list[tuple[Any, Any]],
) -> None:
    await poll(hass, loaded, CONFIRMED)
    swap(simulator, 0x32, 0x33)
    await poll(hass, loaded, 2 * CONFIRMED)
    simulator.silent.add(0x33)
    await poll(hass, loaded, GONE)
    assert fired == [("battery_lost", 1)]
    simulator.silent.clear()
    await poll(hass, loaded, 2)
    assert fired == [("battery_lost", 1), ("battery_found", 1)]


async def test_an_exchanged_battery_is_lost_and_never_found(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    answer: Answer,
    fired: list[tuple[Any, Any]],
) -> None:
    await poll(hass, loaded, CONFIRMED)
    old = identity_of(loaded, "lv_battery@51")
    exchange(simulator, 0x33, PACK_SERIAL)
    await poll(hass, loaded, 4 * CONFIRMED)
    assert fired == [("battery_lost", 2)]
    await answer(old, "accept")
    await poll(hass, loaded, 2)
    assert fired == [("battery_lost", 2)]
