"""Adding a plant, moving it to another address, and its options."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_socket
from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT, CONF_SCAN_INTERVAL, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
    InvalidData,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value

from custom_components.givenergy.check import LEAST_SEARCH
from custom_components.givenergy.const import (
    CONF_BLOCKS_PROBED,
    CONF_CAPABILITIES,
    CONF_IDENTITIES,
    CONF_MISSED_POLLS,
    CONF_PASSIVE,
    CONF_READ_ONLY,
    DOMAIN,
)
from custom_components.givenergy.givenergy_modbus.client.client import Client
from custom_components.givenergy.givenergy_modbus.client.timing import RetryPolicy, Timing
from custom_components.givenergy.givenergy_modbus.model.register import Bank
from custom_components.givenergy.givenergy_modbus.simulator import (
    PROFILES,
    Fault,
    Simulator,
    profile,
)
from custom_components.givenergy.runtime import DATA_TIMING, GivEnergyConfigEntry

from .conftest import QUICK, look_at, nobody_at, set_up, until
from .states import identity_of, open_options, poll, stored

SERIAL = "SA2241G101"


@pytest.fixture
def timing() -> Timing:
    """Wait for nothing longer than it takes here."""
    return replace(QUICK, known=RetryPolicy(0.5, 0, 0.0))


@pytest.fixture(autouse=True)
def _hasty(
    hass: HomeAssistant,
    timing: Timing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Set up no more than it takes, either."""
    hass.data[DATA_TIMING] = timing
    hass.data[LEAST_SEARCH] = 0.0
    monkeypatch.setattr("custom_components.givenergy.PLATFORMS", [Platform.SWITCH])


def address_of(simulator: Simulator) -> dict[str, Any]:
    """Return what is typed in to reach a plant."""
    return {CONF_HOST: simulator.host, CONF_PORT: simulator.port}


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a plant."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def search(
    hass: HomeAssistant, flow: ConfigFlowResult, address: dict[str, Any]
) -> ConfigFlowResult:
    """Enter an address, and wait for the end of the detection."""
    flows = hass.config_entries.flow
    shown = await flows.async_configure(flow["flow_id"], address)
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    assert shown["progress_action"] == "detect"
    assert shown["description_placeholders"] == {"host": address[CONF_HOST].strip().lower()}
    await hass.async_block_till_done(wait_background_tasks=True)
    return await flows.async_configure(flow["flow_id"])


async def agree(hass: HomeAssistant, flow: ConfigFlowResult) -> ConfigFlowResult:
    """Agree to what is proposed."""
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


# Adding


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_a_plant_is_looked_at_and_added(hass: HomeAssistant, simulator: Simulator) -> None:
    flow = await start(hass)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
    assert flow["errors"] == {}
    flow = await search(hass, flow, address_of(simulator))
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "found"
    await nobody_at(simulator)
    placeholders = flow["description_placeholders"]
    flow = await agree(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    entry = flow["result"]
    assert entry.unique_id == placeholders["serial"]
    assert entry.title == "GivEnergy"
    assert entry.data.keys() == {
        CONF_NAME,
        CONF_HOST,
        CONF_PORT,
        CONF_BLOCKS_PROBED,
        CONF_BLOCKS_PROBED,
        CONF_CAPABILITIES,
        CONF_IDENTITIES,
    }
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("plant_name", "batteries", "meters"),
    [("gen1_hybrid", "2", "0"), ("all_in_one", "4", "0"), ("three_phase_hv", "6", "2")],
)
async def test_the_summary_says_what_was_found(
    hass: HomeAssistant, simulator: Simulator, batteries: str, meters: str
) -> None:
    flow = await search(hass, await start(hass), address_of(simulator))
    placeholders = flow["description_placeholders"]
    assert placeholders["batteries"] == batteries
    assert placeholders["meters"] == meters
    assert placeholders["product"]
    assert len(placeholders["serial"]) == 10


async def test_the_search_tells_how_far_it_is(hass: HomeAssistant, simulator: Simulator) -> None:
    reported: list[float] = []

    def note(event: Event) -> None:
        reported.append(event.data["progress"])

    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, note)
    await search(hass, await start(hass), address_of(simulator))
    assert len(reported) > 10
    assert reported[-1] == 1.0
    assert all(0 <= value <= 1 for value in reported)


async def test_a_host_is_tidied(hass: HomeAssistant, simulator: Simulator) -> None:
    untidy = {**address_of(simulator), CONF_HOST: f"  {simulator.host} "}
    flow = await agree(hass, await search(hass, await start(hass), untidy))
    assert flow["result"].data[CONF_HOST] == simulator.host


async def test_giving_up_ends_the_search(hass: HomeAssistant, simulator: Simulator) -> None:
    simulator.silent.add(0x11)
    hass.data[DATA_TIMING] = replace(QUICK, known=RetryPolicy(30, 0, 0.0))
    flow = await start(hass)
    flows = hass.config_entries.flow
    await flows.async_configure(flow["flow_id"], address_of(simulator))
    await until(lambda: simulator.requests)
    flows.async_abort(flow["flow_id"])
    await nobody_at(simulator)
    assert not hass.config_entries.async_entries(DOMAIN)


async def test_the_same_plant_is_not_added_twice(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    flow = await start(hass)
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], address_of(simulator))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


async def test_a_plant_added_again_at_a_new_address_is_moved(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    async with Simulator(profile("gen1_hybrid"), latency=0) as moved:
        flow = await search(hass, await start(hass), address_of(moved))
        await hass.async_block_till_done(wait_background_tasks=True)
        assert flow["type"] is FlowResultType.ABORT
        assert flow["reason"] == "already_configured"
        assert loaded.data[CONF_PORT] == moved.port
        assert loaded.state is ConfigEntryState.LOADED
        await nobody_at(simulator)
        assert await hass.config_entries.async_unload(loaded.entry_id)


# What may be at an address instead


@pytest.fixture
async def stranger(socket_enabled: None) -> AsyncIterator[int]:
    """Run something that is no adapter, and answers in another language."""

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(attend, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        server.close_clients()


@pytest.fixture
async def mute(socket_enabled: None) -> AsyncIterator[int]:
    """Run a server that never responds."""

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            pass
        writer.close()

    async with await asyncio.start_server(attend, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        server.close_clients()


async def fail_then_succeed(
    hass: HomeAssistant, bad: dict[str, Any], error: str, simulator: Simulator
) -> None:
    """Enter a wrong address, see the error with the form kept, and enter the right one."""
    flow = await search(hass, await start(hass), bad)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
    assert flow["errors"] == {"base": error}
    for key, value in bad.items():
        assert get_schema_suggested_value(flow["data_schema"].schema, key) == value
    flow = await search(hass, flow, address_of(simulator))
    assert flow["step_id"] == "found"
    flow = await agree(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_nobody_there(hass: HomeAssistant, simulator: Simulator) -> None:
    async with Simulator(profile("gen1_hybrid"), latency=0) as gone:
        pass
    await fail_then_succeed(hass, address_of(gone), "connection_refused", simulator)


async def test_something_else_there(
    hass: HomeAssistant, simulator: Simulator, stranger: int
) -> None:
    bad = {CONF_HOST: "127.0.0.1", CONF_PORT: stranger}
    await fail_then_succeed(hass, bad, "not_givenergy", simulator)


async def test_something_mute_there(hass: HomeAssistant, simulator: Simulator, mute: int) -> None:
    bad = {CONF_HOST: "127.0.0.1", CONF_PORT: mute}
    await fail_then_succeed(hass, bad, "not_givenergy", simulator)


async def test_an_adapter_without_an_inverter(hass: HomeAssistant, simulator: Simulator) -> None:
    async with Simulator(profile("gen1_hybrid"), latency=0) as empty:
        empty.inject(Fault.EXCEPTION_COUNT_ECHOED, address=0x11)
        await fail_then_succeed(hass, address_of(empty), "nothing_detected", simulator)


async def test_an_inverter_without_a_serial_number(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    async with Simulator(profile("gen1_hybrid"), latency=0) as nameless:
        nameless.registers[0x11].store(Bank.HOLDING, 13, (0,) * 5)
        await fail_then_succeed(hass, address_of(nameless), "nothing_detected", simulator)


async def test_a_connection_that_breaks_off(hass: HomeAssistant, simulator: Simulator) -> None:
    async with Simulator(profile("gen1_hybrid"), latency=0) as shaky:
        shaky.inject(Fault.DROP_CONNECTION)
        await fail_then_succeed(hass, address_of(shaky), "cannot_connect", simulator)


async def test_what_nobody_thought_of(
    hass: HomeAssistant,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("nobody thought of this")

    with monkeypatch.context() as patched:
        patched.setattr(Client, "detect", break_down)
        flow = await search(hass, await start(hass), address_of(simulator))
    assert flow["errors"] == {"base": "unknown"}
    assert "nobody thought of this" in caplog.text
    await nobody_at(simulator)
    flow = await agree(hass, await search(hass, flow, address_of(simulator)))
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("port", [0, 65536, "http"])
async def test_a_port_is_a_port(hass: HomeAssistant, port: object) -> None:
    flow = await start(hass)
    with pytest.raises(InvalidData):
        await hass.config_entries.flow.async_configure(
            flow["flow_id"], {CONF_HOST: "127.0.0.1", CONF_PORT: port}
        )
    hass.config_entries.flow.async_abort(flow["flow_id"])


# Moving


async def test_reconfigure_keeps_everything_but_the_address(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    before = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
    identities = loaded.data[CONF_IDENTITIES]
    async with Simulator(profile("gen1_hybrid"), latency=0) as moved:
        flow = await loaded.start_reconfigure_flow(hass)
        assert flow["step_id"] == "reconfigure"
        schema = flow["data_schema"].schema
        assert get_schema_suggested_value(schema, CONF_PORT) == simulator.port
        flow = await search(hass, flow, address_of(moved))
        await hass.async_block_till_done(wait_background_tasks=True)
        assert flow["type"] is FlowResultType.ABORT
        assert flow["reason"] == "reconfigure_successful"
        assert loaded.data[CONF_PORT] == moved.port
        assert loaded.data[CONF_IDENTITIES] == identities
        assert loaded.state is ConfigEntryState.LOADED
        after = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
        assert {(item.entity_id, item.unique_id) for item in after} == {
            (item.entity_id, item.unique_id) for item in before
        }
        await nobody_at(simulator)
        assert await hass.config_entries.async_unload(loaded.entry_id)


async def test_a_replaced_inverter_takes_over_after_a_question(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    registry = er.async_get(hass)
    before = er.async_entries_for_config_entry(registry, loaded.entry_id)
    identities, old_serial = loaded.data[CONF_IDENTITIES], loaded.unique_id
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
        assert flow["type"] is FlowResultType.FORM
        assert flow["step_id"] == "replace"
        serial = flow["description_placeholders"]["serial"]
        assert flow["description_placeholders"]["old_serial"] == old_serial != serial
        assert loaded.data[CONF_PORT] == simulator.port
        assert loaded.unique_id == old_serial
        flow = await agree(hass, flow)
        assert flow["reason"] == "reconfigure_successful"
        await hass.async_block_till_done(wait_background_tasks=True)
        assert loaded.state is ConfigEntryState.LOADED
        assert loaded.unique_id == serial
        assert loaded.data[CONF_CAPABILITIES]["served_blocks"]
        now = loaded.data[CONF_IDENTITIES]
        assert now.keys() >= identities.keys()
        assert stored(loaded, "inverter@17")["serial"] == serial
        assert identity_of(loaded, "inverter@17") == old_serial
        after = er.async_entries_for_config_entry(registry, loaded.entry_id)
        assert {(entity.entity_id, entity.unique_id) for entity in after} >= {
            (entity.entity_id, entity.unique_id) for entity in before
        }
        root = loaded.runtime_data.plant_devices[0]
        issues = ir.async_get(hass).issues
        assert not [key for _, key in issues if key.endswith(root.identity)]
        assert await hass.config_entries.async_unload(loaded.entry_id)


async def test_reconfigure_refuses_another_kind_of_system(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    async with Simulator(profile("ems"), latency=0) as other:
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "wrong_plant"
    assert loaded.data[CONF_PORT] == simulator.port
    assert loaded.state is ConfigEntryState.LOADED


async def test_reconfigure_refuses_a_system_that_has_an_entry(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
        serial = flow["description_placeholders"]["serial"]
        hass.config_entries.flow.async_abort(flow["flow_id"])
        MockConfigEntry(domain=DOMAIN, unique_id=serial, data=address_of(other)).add_to_hass(hass)
        flow = await search(hass, await loaded.start_reconfigure_flow(hass), address_of(other))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


async def test_a_search_that_fails_at_once_still_shows_progress(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    address = address_of(simulator)
    await simulator.close()
    hass.data[LEAST_SEARCH] = 600.0
    flow = await start(hass)
    flows = hass.config_entries.flow
    await flows.async_configure(flow["flow_id"], address)
    await asyncio.sleep(0.1)
    shown = await flows.async_configure(flow["flow_id"])
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    flows.async_abort(flow["flow_id"])


async def test_reconfigure_keeps_the_form_after_an_error(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, mute: int
) -> None:
    flow = await loaded.start_reconfigure_flow(hass)
    flow = await search(hass, flow, {CONF_HOST: "127.0.0.1", CONF_PORT: mute})
    assert flow["step_id"] == "reconfigure"
    assert flow["errors"] == {"base": "not_givenergy"}
    assert get_schema_suggested_value(flow["data_schema"].schema, CONF_PORT) == mute
    flow = await search(hass, flow, address_of(simulator))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["reason"] == "reconfigure_successful"


# Discovery


async def discover(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, port: int
) -> ConfigFlowResult:
    """Let an adapter join the network."""
    monkeypatch.setattr("custom_components.givenergy.config_flow.DEFAULT_PORT", port)
    joined = DhcpServiceInfo(ip="127.0.0.1", hostname="hf-a21", macaddress="aabbccddeeff")
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_DHCP}, data=joined
    )


async def test_a_discovered_plant_is_proposed(
    hass: HomeAssistant, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = await discover(hass, monkeypatch, simulator.port)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "discovered"
    assert flow["description_placeholders"] == {"host": "127.0.0.1"}
    await nobody_at(simulator)
    [known] = hass.config_entries.flow.async_progress()
    assert known["context"]["unique_id"] == SERIAL
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    assert flow["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert flow["step_id"] == "found"
    flow = await agree(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["result"].unique_id == SERIAL


UNUSED, ALSO_HERE = "192.0.2.1", "0.0.0.0"  # noqa: S104
"""An address where nothing responds, and a second one of this machine."""


@pytest.fixture
def _more_addresses(simulator: Simulator) -> None:
    """Let clients connect to more than 127.0.0.1."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", UNUSED, ALSO_HERE])


def move(hass: HomeAssistant, entry: GivEnergyConfigEntry, **address: object) -> dict[str, Any]:
    """Give an entry another address; return its data."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, **address})
    return dict(entry.data)


@pytest.mark.usefixtures("_more_addresses")
async def test_a_discovered_plant_that_moved_is_followed(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = move(hass, entry, host=UNUSED)
    flow = await discover(hass, monkeypatch, simulator.port)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"
    assert entry.data == {**before, CONF_HOST: "127.0.0.1"}


@pytest.mark.usefixtures("_more_addresses")
async def test_a_plant_that_moved_keeps_its_port(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    mute: int,
) -> None:
    before = move(hass, entry, host=UNUSED)
    flow = await discover(hass, monkeypatch, mute)
    assert flow["reason"] == "already_configured"
    assert entry.data == {**before, CONF_HOST: "127.0.0.1"}


@pytest.mark.usefixtures("_more_addresses")
async def test_a_plant_whose_address_another_one_took_is_followed(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        stored = await look_at(other)
        there = MockConfigEntry(domain=DOMAIN, **stored)
        there.add_to_hass(hass)
        move(hass, there, port=simulator.port)
        before = move(hass, entry, host=UNUSED)
        flow = await discover(hass, monkeypatch, simulator.port)
        assert flow["reason"] == "already_configured"
        assert entry.data == {**before, CONF_HOST: "127.0.0.1"}


@pytest.mark.parametrize(
    "address",
    [
        pytest.param({"host": ALSO_HERE}, id="address that responds"),
        pytest.param({"host": "dongle.invalid"}, id="name"),
        pytest.param({"host": "::1"}, id="proxy on this machine"),
        pytest.param({"host": UNUSED, "port": 1}, id="proxy on another port"),
        pytest.param({"port": 1}, id="same address, another port"),
    ],
)
@pytest.mark.usefixtures("_more_addresses")
async def test_discovery_leaves_other_addresses_alone(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    address: dict[str, Any],
) -> None:
    before = move(hass, entry, **address)
    flow = await discover(hass, monkeypatch, simulator.port)
    assert flow["reason"] == "already_configured"
    assert entry.data == before


@pytest.mark.usefixtures("_more_addresses")
async def test_discovery_asks_no_second_time_where_polls_succeed(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = move(hass, entry, host=ALSO_HERE)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    simulator.requests.clear()
    flow = await discover(hass, monkeypatch, simulator.port)
    assert flow["reason"] == "already_configured"
    assert entry.data == before
    [_] = simulator.requests


@pytest.mark.usefixtures("_more_addresses")
async def test_a_loaded_plant_that_moved_is_followed_once_a_poll_has_failed(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = move(hass, loaded, host=UNUSED)
    simulator.inject(Fault.SILENT)
    await poll(hass, loaded)
    simulator.clear()
    flow = await discover(hass, monkeypatch, simulator.port)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["reason"] == "already_configured"
    assert loaded.data == {**before, CONF_HOST: "127.0.0.1"}
    assert loaded.state is ConfigEntryState.LOADED


async def test_a_plant_discovered_where_it_is_already_is_left_alone(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulator.requests.clear()
    flow = await discover(hass, monkeypatch, simulator.port)
    assert flow["reason"] == "already_configured"
    assert not simulator.requests


async def test_other_makers_devices_are_not_proposed(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, mute: int
) -> None:
    flow = await discover(hass, monkeypatch, mute)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "not_givenergy"


async def test_nothing_is_proposed_where_nobody_listens(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, simulator: Simulator
) -> None:
    await simulator.close()
    flow = await discover(hass, monkeypatch, simulator.port)
    assert flow["reason"] == "not_givenergy"


# Options


async def test_options_take_effect(hass: HomeAssistant, loaded: GivEnergyConfigEntry) -> None:
    before = loaded.runtime_data
    flow = await open_options(hass, loaded)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "init"
    wanted = {
        CONF_SCAN_INTERVAL: 60,
        CONF_MISSED_POLLS: 1,
        CONF_READ_ONLY: True,
        CONF_PASSIVE: False,
    }
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], wanted)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == wanted
    assert all(type(loaded.options[key]) is int for key in (CONF_SCAN_INTERVAL, CONF_MISSED_POLLS))
    assert loaded.state is ConfigEntryState.LOADED
    coordinator = loaded.runtime_data.coordinator
    assert loaded.runtime_data is not before
    assert coordinator.interval.total_seconds() == 60
    assert coordinator.availability.limit == 1
    flow = await open_options(hass, loaded)
    for key, value in wanted.items():
        assert get_schema_suggested_value(flow["data_schema"].schema, key) == value
    hass.config_entries.options.async_abort(flow["flow_id"])


@pytest.mark.parametrize(
    "wrong", [{CONF_SCAN_INTERVAL: 4}, {CONF_SCAN_INTERVAL: 301}, {CONF_MISSED_POLLS: 0}]
)
async def test_options_have_bounds(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, wrong: dict[str, int]
) -> None:
    await set_up(hass, entry)
    flow = await open_options(hass, entry)
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(flow["flow_id"], wrong)
    hass.config_entries.options.async_abort(flow["flow_id"])
