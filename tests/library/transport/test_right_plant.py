"""A new connection is used only if it leads to the same inverter."""

import asyncio
import re
from dataclasses import replace

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import (
    CommunicationError,
    ConnectionLost,
    ResponseTimeout,
    WrongPlant,
)
from givenergy_modbus.model.register import HR, IR
from givenergy_modbus.pdu import ReadHoldingRegistersRequest

from tests.library.answers import INVERTER, answer
from tests.library.plants import CALM, ScriptedAdapter, answer_to, identity, settle
from tests.library.transport.requests import MEASUREMENTS, MORE, ask


async def known(adapter: ScriptedAdapter, client: Client) -> None:
    """Let the client learn which inverter it talks to, and lose the connection."""
    adapter.send(answer(0x11, HR(0), identity()))
    await settle()
    assert client.plant.inverter_serial == INVERTER
    adapter.disconnect()
    await settle()


async def test_a_new_connection_begins_with_who_is_there(
    adapter: ScriptedAdapter, client: Client
) -> None:
    await known(adapter, client)
    asked = ask(client, MEASUREMENTS)
    first = await adapter.next_read()
    assert (first.bank, first.base_register, first.register_count) == ("HR", 0, 60)
    adapter.respond(MEASUREMENTS, [9] * 60)
    await settle()
    assert IR(0) not in client.plant.register_caches[0x11]
    adapter.respond(first, identity())
    adapter.respond(await adapter.next_request())
    await asked
    assert client.plant.register_caches[0x11][IR(0)] == 7


async def test_another_plant_is_refused_before_anything_is_stored(
    adapter: ScriptedAdapter, client: Client
) -> None:
    await known(adapter, client)
    stored = dict(client.plant.register_caches[0x11])
    asked = ask(client, MEASUREMENTS)
    first = await adapter.next_request()
    adapter.send(
        answer_to(MEASUREMENTS, serial="ZZ2114G999"),
        answer(0x11, HR(0), identity("ZZ2114G999"), serial="ZZ2114G999"),
        answer_to(MORE, serial="ZZ2114G999"),
    )
    with pytest.raises(WrongPlant, match="ZZ2114G999 answers where SA2114G123 used to"):
        await asked
    assert client.plant.register_caches[0x11] == stored
    assert client.plant.inverter_serial == INVERTER
    assert not client.connected
    assert first == ReadHoldingRegistersRequest(base_register=0, register_count=60)


async def test_an_inverter_that_does_not_say_who_it_is_is_not_trusted(
    adapter: ScriptedAdapter, client: Client
) -> None:
    await known(adapter, client)
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(answer(0x11, HR(0), [0] * 60, serial="\0" * 10))
    with pytest.raises(CommunicationError, match="does not report its serial number"):
        await asked
    assert not client.connected


async def test_an_inverter_that_does_not_answer_is_not_trusted(adapter: ScriptedAdapter) -> None:
    async with adapter.client(replace(CALM, refresh=RetryPolicy(0.05, 1, 0.0))) as client:
        await known(adapter, client)
        with pytest.raises(ResponseTimeout):
            await client.send_request_and_await_response(MEASUREMENTS)
        assert not client.connected
        for _ in range(2):
            first = await adapter.next_read()
            assert (first.bank, first.base_register) == ("HR", 0)
        await adapter.expect_no_request()


async def test_a_connection_lost_while_being_recognised(
    adapter: ScriptedAdapter, client: Client
) -> None:
    await known(adapter, client)
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.disconnect()
    with pytest.raises(ConnectionLost):
        await asked


async def test_a_connection_that_takes_nothing_is_lost(
    adapter: ScriptedAdapter, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(_: asyncio.StreamWriter) -> None:
        raise ConnectionResetError("broken pipe")

    monkeypatch.setattr(asyncio.StreamWriter, "drain", stuck)
    with pytest.raises(ConnectionLost, match=re.escape("does not take what is sent")):
        await client.send_request_and_await_response(MEASUREMENTS)
