"""What may be at an address instead of a plant."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pytest_homeassistant_custom_component.common import get_schema_suggested_value

from custom_components.givenergy.givenergy_modbus.client.client import Client
from custom_components.givenergy.givenergy_modbus.model.register import Bank
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator, profile

from ..conftest import nobody_at
from .flow_steps import address_of, agree, search, start


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
