"""Plants that are discovered, and followed to another address."""

from typing import Any

import pytest
import pytest_socket
from homeassistant.config_entries import SOURCE_DHCP, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator, profile
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..conftest import look_at, nobody_at, set_up
from ..states import poll
from .flow_steps import agree

SERIAL = "SA2241G101"


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
