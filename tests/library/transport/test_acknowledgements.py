"""What counts as the acknowledgement of a write."""

import asyncio

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import ResponseTimeout, WriteRefused
from givenergy_modbus.pdu import WriteHoldingRegisterRequest

from tests.library.plants import ScriptedAdapter, acknowledgement, settle
from tests.library.transport.requests import MEASUREMENTS, WRITE, ask


async def test_an_acknowledgement_before_our_frame_is_not_ours(
    adapter: ScriptedAdapter, client: Client
) -> None:
    read, write = ask(client, MEASUREMENTS), ask(client, WRITE)
    await adapter.next_request()
    adapter.respond(WRITE)
    await settle()
    assert not write.done()
    adapter.respond(MEASUREMENTS)
    assert await adapter.next_request() == WRITE
    adapter.respond(WRITE)
    await asyncio.gather(read, write)


async def test_an_acknowledgement_of_another_value_is_not_ours_if_ours_comes(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, WRITE)
    await adapter.next_request()
    adapter.send(acknowledgement(96, 0), acknowledgement(95, 1), acknowledgement(96, 0, error=True))
    await settle()
    assert not asked.done()
    adapter.respond(WRITE)
    assert await asked == acknowledgement(96, 1)


async def test_an_acknowledgement_of_another_value_is_never_ours(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, WRITE, RetryPolicy(0.1, 0, 0.0))
    await adapter.next_request()
    adapter.send(acknowledgement(96, 0))
    with pytest.raises(ResponseTimeout):
        await asked


async def test_a_refusal_of_another_value_counts_if_nothing_better_comes(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, WRITE, RetryPolicy(0.4, 0, 0.0))
    await adapter.next_request()
    adapter.send(acknowledgement(96, 0, error=True))
    with pytest.raises(WriteRefused):
        await asked


async def test_a_refused_write_fails_at_once(adapter: ScriptedAdapter, client: Client) -> None:
    asked = ask(client, WRITE)
    await adapter.next_request()
    adapter.send(acknowledgement(96, 1, error=True))
    with pytest.raises(WriteRefused):
        await asked


async def test_two_writes_of_one_register_are_both_sent(
    adapter: ScriptedAdapter, client: Client
) -> None:
    other = WriteHoldingRegisterRequest(96, 0)
    asked = [ask(client, WRITE), ask(client, other)]
    assert await adapter.next_request() == WRITE
    adapter.respond(WRITE)
    assert await adapter.next_request() == other
    adapter.respond(other)
    await asyncio.gather(*asked)
