"""Losing, opening and closing the connection."""

import asyncio
import logging

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.tcp_connection import ConnectionLossLogger
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import CommunicationError, ConnectionLost
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant

from tests.library.answers import INVERTER
from tests.library.plants import QUICK, ScriptedAdapter, answer_to, settle
from tests.library.transport.requests import MEASUREMENTS, MORE, SETTINGS, WRITE, ask

# Losing the connection.


@pytest.mark.parametrize("reset", [False, True])
async def test_a_loss_fails_everything_at_once(
    adapter: ScriptedAdapter, client: Client, reset: bool, caplog: pytest.LogCaptureFixture
) -> None:
    asked = [ask(client, request) for request in (MEASUREMENTS, MORE, WRITE)]
    await adapter.next_request()
    adapter.disconnect(reset=reset)
    async with asyncio.timeout(2):
        errors = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(error) for error in errors} == {ConnectionLost}
    assert all(isinstance(error, TimeoutError) for error in errors)
    assert not client.connected
    logged = [
        record.message
        for record in caplog.records
        if record.name == "givenergy_modbus.client.tcp_connection"
    ]
    assert [text.startswith("Lost the connection: ") for text in logged] == [True]


@pytest.mark.parametrize("reset", [False, True])
async def test_the_next_call_connects_again(
    adapter: ScriptedAdapter, client: Client, reset: bool
) -> None:
    adapter.disconnect(reset=reset)
    await settle()
    assert not client.connected
    asked = ask(client, MEASUREMENTS)
    adapter.respond(await adapter.next_request())
    await asked
    assert client.connected
    assert client.connections == adapter.connections == 2


async def test_half_a_frame_does_not_outlive_its_connection(
    adapter: ScriptedAdapter, client: Client
) -> None:
    adapter.send(answer_to(MEASUREMENTS).encode()[:100])
    await settle()
    adapter.disconnect()
    await settle()
    asked = ask(client, MEASUREMENTS)
    adapter.respond(await adapter.next_request())
    await asked


async def test_a_write_is_not_sent_again_over_another_connection(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, WRITE, RetryPolicy(5.0, 3, 0.0))
    await adapter.next_request()
    adapter.disconnect()
    with pytest.raises(ConnectionLost):
        await asked
    read = ask(client, MEASUREMENTS)
    assert await adapter.next_request() == MEASUREMENTS
    adapter.respond(MEASUREMENTS)
    await read
    await adapter.expect_no_request()


async def test_callers_share_one_attempt_to_connect(
    adapter: ScriptedAdapter, client: Client
) -> None:
    adapter.disconnect()
    await settle()
    asked = [ask(client, request) for request in (MEASUREMENTS, MORE, SETTINGS)]
    for _ in asked:
        adapter.respond(await adapter.next_request())
    await asyncio.gather(*asked)
    assert adapter.connections == 2


async def test_a_caller_cancelled_while_connecting_leaves_the_others(
    adapter: ScriptedAdapter,
) -> None:
    client = adapter.client()
    first, second = ask(client, MEASUREMENTS), ask(client, MORE)
    await asyncio.sleep(0)
    first.cancel()
    adapter.respond(await adapter.next_request())
    assert (await second).shape == MORE.expected_shape
    await client.close()


async def test_nobody_there(unused_tcp_port: int) -> None:
    client = Client("127.0.0.1", unused_tcp_port, timing=QUICK)
    with pytest.raises(CommunicationError, match=r"Error connecting to 127\.0\.0\.1:") as raised:
        await client.connect()
    assert isinstance(raised.value.__cause__, OSError)
    with pytest.raises(CommunicationError, match="Error connecting"):
        await client.send_request_and_await_response(MEASUREMENTS)
    await client.close()


async def test_a_port_that_cannot_be_one() -> None:
    with pytest.raises(CommunicationError, match="Error connecting"):
        await Client("127.0.0.1", 99999).connect()


async def test_a_name_that_cannot_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_up(*_: object) -> None:
        "no..host".encode("idna")

    monkeypatch.setattr(asyncio, "open_connection", look_up)
    with pytest.raises(CommunicationError, match=r"Error connecting to no\.\.host"):
        await Client("no..host").connect()


async def test_a_host_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: object) -> None:
        await asyncio.sleep(10)

    monkeypatch.setattr(asyncio, "open_connection", never)
    client = Client("127.0.0.1", 8899, connect_timeout=0.02)
    with pytest.raises(CommunicationError, match="Error connecting"):
        await client.connect()


async def test_a_failure_of_our_own_wakes_whoever_waits(
    adapter: ScriptedAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Plant):
        def update(self, *_: object) -> None:
            raise RuntimeError("out of order")

    async with adapter.client(plant=Broken()) as client:
        asked = ask(client, MEASUREMENTS)
        adapter.respond(await adapter.next_request())
        with pytest.raises(ConnectionLost, match="out of order"):
            await asked
    assert "Reading from the connection failed" in caplog.text


async def test_a_failure_of_our_own_is_no_wait_without_end(adapter: ScriptedAdapter) -> None:
    class Broken(Plant):
        def record_retry(self, device_address: int) -> None:
            asyncio.current_task().cancel()  # type: ignore[union-attr]

    async with adapter.client(plant=Broken()) as client:
        asked = ask(client, MEASUREMENTS, RetryPolicy(0.02, 1, 1.0))
        with pytest.raises(ConnectionLost, match="given up"):
            await asked


def test_losses_are_news_only_now_and_then(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    log = ConnectionLossLogger()
    times = iter((1000.0, 1010.0, 1020.0, 1200.0, 1310.0, 1320.0, 1700.0))
    monkeypatch.setattr("givenergy_modbus.client.tcp_connection.monotonic", lambda: next(times))
    for _ in range(7):
        log.note(ConnectionLost("gone"))
    warnings = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == [
        "Lost the connection: gone",
        "Lost the connection 4 more times: gone",
        "Lost the connection: gone",
    ]


# Closing.


async def test_closing_fails_whatever_waits_and_leaves_nothing(adapter: ScriptedAdapter) -> None:
    before = asyncio.all_tasks()
    client = adapter.client()
    await client.connect()
    client.adopt(PlantCapabilities(Model.HYBRID_GEN1))
    asked = [ask(client, request) for request in (MEASUREMENTS, MORE, WRITE)]
    await adapter.next_request()
    await client.close()
    async with asyncio.timeout(1):
        errors = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(error) for error in errors} == {ConnectionLost}
    with pytest.raises(ConnectionLost):
        await client.send_request_and_await_response(MEASUREMENTS)
    with pytest.raises(ConnectionLost):
        await client.detect()
    assert not client.connected
    await client.close()
    await settle()
    assert asyncio.all_tasks() == before


async def test_closing_while_connecting_leaves_nothing(adapter: ScriptedAdapter) -> None:
    before = asyncio.all_tasks()
    client = adapter.client()
    asked = ask(client, MEASUREMENTS)
    connecting = asyncio.create_task(client.connect())
    await asyncio.sleep(0)
    await client.close()
    errors = await asyncio.gather(asked, connecting, return_exceptions=True)
    assert {type(error) for error in errors} <= {ConnectionLost}
    await settle()
    assert {task for task in asyncio.all_tasks() if "attend" not in repr(task)} == before


async def test_a_canceled_context_leaves_nothing(adapter: ScriptedAdapter) -> None:
    before = asyncio.all_tasks()
    plant = Plant()
    plant.inverter_serial_number = INVERTER

    async def enter() -> None:
        async with adapter.client(plant=plant):
            raise AssertionError("the inverter has not answered")

    entering = asyncio.create_task(enter())
    await adapter.next_request()
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    await settle()
    assert asyncio.all_tasks() == before
    assert adapter.connections == 1


async def test_a_closed_client_can_be_connected_again(adapter: ScriptedAdapter) -> None:
    client = adapter.client()
    await client.connect()
    await client.close()
    await client.connect()
    asked = ask(client, MEASUREMENTS)
    adapter.respond(await adapter.next_request())
    await asked
    await client.close()


async def test_connecting_again_renews_the_connection(
    adapter: ScriptedAdapter, client: Client
) -> None:
    await client.connect()
    assert client.connected
    assert client.connections == 2
