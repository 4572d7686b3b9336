"""One connection to an adapter: what is sent when, what counts as an answer, and losing it."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import astuple, replace
from time import monotonic, sleep

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.tcp_connection import ConnectionLossLogger
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import (
    CommunicationError,
    ConnectionLost,
    ResponseTimeout,
    WriteRefused,
    WrongPlant,
)
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR
from givenergy_modbus.pdu import (
    NullResponse,
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadRegistersRequest,
    TransparentResponse,
    WriteHoldingRegisterRequest,
)

from tests.library.answers import INVERTER, answer
from tests.library.plants import (
    CALM,
    HEARTBEAT,
    QUICK,
    ScriptedAdapter,
    acknowledgement,
    answer_to,
    corrupted,
    exception_to,
    identity,
    settle,
    wiped,
)

MEASUREMENTS = ReadInputRegistersRequest(base_register=0, register_count=60)
MORE = ReadInputRegistersRequest(base_register=180, register_count=60)
SETTINGS = ReadHoldingRegistersRequest(base_register=60, register_count=60)
WRITE = WriteHoldingRegisterRequest(96, 1)

ONCE = RetryPolicy(5.0, 0, 0.0)
"""No second attempt: a request that is sent twice was repeated at once."""


@pytest.fixture
async def adapter() -> AsyncIterator[ScriptedAdapter]:
    async with ScriptedAdapter() as adapter:
        yield adapter


@pytest.fixture
async def client(adapter: ScriptedAdapter) -> AsyncIterator[Client]:
    async with adapter.client() as client:
        client.adopt(PlantCapabilities(Model.HYBRID_GEN1))
        yield client


def ask(
    client: Client,
    request: ReadRegistersRequest | WriteHoldingRegisterRequest,
    policy: RetryPolicy = ONCE,
) -> asyncio.Task[TransparentResponse]:
    """Put a question beside the test."""
    return asyncio.create_task(client.send_request_and_await_response(request, *astuple(policy)))


# What counts as an answer.


async def test_an_answer_is_known_by_its_shape(adapter: ScriptedAdapter, client: Client) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(
        answer_to(MORE),
        answer_to(SETTINGS),
        answer_to(replace(MEASUREMENTS, device_address=0x32)),
        answer_to(replace(MEASUREMENTS, register_count=30)),
    )
    await settle()
    assert not asked.done()
    adapter.respond(MEASUREMENTS, range(60))
    assert (await asked).shape == MEASUREMENTS.expected_shape


async def test_whatever_the_adapter_passes_on_is_stored(
    adapter: ScriptedAdapter, client: Client
) -> None:
    adapter.respond(MORE)
    await settle()
    assert client.plant.register_caches[0x11][IR(180)] == 7


async def test_words_are_stored_before_the_caller_wakes(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    seen = []
    asked.add_done_callback(lambda _: seen.append(client.plant.register_caches[0x11][IR(0)]))
    adapter.respond(MEASUREMENTS)
    await asked
    assert seen == [7]


async def test_an_answer_under_another_inverters_serial_is_none(
    adapter: ScriptedAdapter, client: Client
) -> None:
    adapter.send(answer_to(SETTINGS))
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(answer_to(MEASUREMENTS, [9] * 60, serial="XX2114G999"))
    await settle()
    assert not asked.done()
    adapter.respond(MEASUREMENTS)
    await asked
    assert client.plant.register_caches[0x11][IR(0)] == 7


async def test_a_wrong_checksum_is_asked_for_again_at_once(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(corrupted(answer_to(MEASUREMENTS)))
    assert await adapter.next_request() == MEASUREMENTS
    assert not asked.done()
    assert client.plant.crc_failure_count[0x11] == 1
    assert 0x11 not in client.plant.register_caches
    adapter.respond(MEASUREMENTS)
    await asked


@pytest.mark.parametrize("count", [0, 60, 120])
async def test_an_exception_fails_the_attempt_at_once(
    adapter: ScriptedAdapter, client: Client, count: int
) -> None:
    asked = ask(client, MEASUREMENTS, RetryPolicy(5.0, 1, 0.0))
    adapter.send(exception_to(await adapter.next_read(), count))
    assert await adapter.next_request() == MEASUREMENTS
    adapter.respond(MEASUREMENTS)
    await asked
    assert client.plant.retry_count[0x11] == 1


async def test_only_exceptions_is_a_failure_that_says_so(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS)
    adapter.send(exception_to(await adapter.next_read()))
    with pytest.raises(ResponseTimeout, match="exception"):
        await asked


async def test_an_exception_for_somebody_else_is_ignored(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(exception_to(MORE), exception_to(SETTINGS))
    await settle()
    assert not asked.done()
    adapter.respond(MEASUREMENTS)
    await asked


async def test_silence_is_a_timeout(adapter: ScriptedAdapter, client: Client) -> None:
    with pytest.raises(ResponseTimeout, match=r"no answer to 0x11:IR\(0,60\)") as raised:
        await client.send_request_and_await_response(MEASUREMENTS, 0.02, 2, 0.0)
    assert isinstance(raised.value, TimeoutError)
    for _ in range(3):
        assert await adapter.next_request() == MEASUREMENTS
    await adapter.expect_no_request()
    assert client.plant.retry_count[0x11] == 2


async def test_probes_do_not_count_as_retries(adapter: ScriptedAdapter, client: Client) -> None:
    with pytest.raises(ResponseTimeout):
        await client.send_request_and_await_response(MEASUREMENTS, 0.02, 1, 0.0, warn_timeout=False)
    assert not client.plant.retry_count


@pytest.mark.parametrize("pause", [0.03, 0.3])
async def test_a_pause_of_the_event_loop_is_no_timeout(
    adapter: ScriptedAdapter, client: Client, pause: float
) -> None:
    asked = ask(client, MEASUREMENTS, RetryPolicy(0.01, 0, 0.0))
    request = await adapter.next_request()
    sleep(pause)  # noqa: ASYNC251
    for _ in range(5):  # turns of the loop until a device on the same loop has responded
        await asyncio.sleep(0)
    adapter.respond(request)
    await asked


async def test_a_late_answer_completes_the_attempt_under_way(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS, RetryPolicy(0.4, 1, 0.0))
    first, second = await adapter.next_request(), await adapter.next_request()
    assert first == second
    adapter.respond(first)
    await asked


async def test_a_late_answer_between_attempts_saves_the_next(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS, RetryPolicy(0.02, 1, 5.0))
    await adapter.next_request()
    await settle()
    adapter.respond(MEASUREMENTS)
    async with asyncio.timeout(2):
        await asked
    await adapter.expect_no_request()


# What is sent, and when.


async def test_one_request_is_out_at_a_time(adapter: ScriptedAdapter, client: Client) -> None:
    asked = [ask(client, request) for request in (MEASUREMENTS, MORE, SETTINGS)]
    for expected in (MEASUREMENTS, MORE, SETTINGS):
        assert await adapter.next_request() == expected
        await adapter.expect_no_request()
        adapter.respond(expected)
    await asyncio.gather(*asked)


async def test_the_clock_starts_when_the_frame_has_left(
    adapter: ScriptedAdapter, client: Client
) -> None:
    first = ask(client, MEASUREMENTS)
    second = ask(client, MORE, RetryPolicy(0.4, 0, 0.0))
    await adapter.next_request()
    await asyncio.sleep(0.5)
    adapter.respond(MEASUREMENTS)
    adapter.respond(await adapter.next_request())
    await asyncio.gather(first, second)


async def test_frames_keep_their_distance(adapter: ScriptedAdapter) -> None:
    async with adapter.client(replace(CALM, gap=0.1)) as client:
        began = monotonic()
        asked = [ask(client, request) for request in (MEASUREMENTS, MORE, SETTINGS)]
        times = []
        for _ in asked:
            adapter.respond(await adapter.next_request())
            times.append(monotonic())
        await asyncio.gather(*asked)
    # A frame cannot be heard before it was sent, however late a busy machine hears it.
    assert times[1] - began > 0.095
    assert times[2] - began > 0.195


async def test_jitter_only_adds_to_the_distance(adapter: ScriptedAdapter) -> None:
    async with adapter.client(tx_message_wait=0.05, tx_jitter=0.05) as client:
        began = monotonic()
        asked = [ask(client, request) for request in (MEASUREMENTS, MORE)]
        for _ in asked:
            adapter.respond(await adapter.next_request())
        await asyncio.gather(*asked)
    assert monotonic() - began > 0.045


async def test_any_number_of_requests_may_wait(adapter: ScriptedAdapter, client: Client) -> None:
    requests = [
        ReadInputRegistersRequest(base_register=base, register_count=1) for base in range(100)
    ]
    asked = asyncio.create_task(client.execute(requests, 5.0, 0))
    for _ in requests:
        adapter.respond(await adapter.next_request())
    responses = await asked
    assert [response.shape for response in responses] == [
        request.expected_shape for request in requests
    ]


async def test_a_heartbeat_is_answered_at_once(adapter: ScriptedAdapter) -> None:
    async with adapter.client(replace(CALM, gap=5.0)) as client:
        asked = ask(client, MEASUREMENTS)
        await adapter.next_request()
        adapter.send(replace(HEARTBEAT, data_adapter_type=3))
        await settle()
        assert [heartbeat.data_adapter_type for heartbeat in adapter.heartbeats] == [3]
        adapter.respond(MEASUREMENTS)
        await asked


async def test_what_came_in_meanwhile_is_not_asked_for(
    adapter: ScriptedAdapter, client: Client
) -> None:
    first, second = ask(client, MEASUREMENTS), ask(client, MORE)
    await adapter.next_request()
    adapter.respond(MORE)
    await second
    adapter.respond(MEASUREMENTS)
    await first
    await adapter.expect_no_request()


# Sharing and cancelling.


async def test_two_callers_share_a_read(adapter: ScriptedAdapter, client: Client) -> None:
    asked = [ask(client, MEASUREMENTS) for _ in range(2)]
    adapter.respond(await adapter.next_request())
    assert len({id(await task) for task in asked}) == 1
    await adapter.expect_no_request()


async def test_cancelling_one_caller_leaves_the_other(
    adapter: ScriptedAdapter, client: Client
) -> None:
    first, second = ask(client, MEASUREMENTS), ask(client, MEASUREMENTS)
    await adapter.next_request()
    first.cancel()
    await settle()
    adapter.respond(MEASUREMENTS)
    await second
    assert first.cancelled()


async def test_cancelling_the_only_caller_leaves_the_others_requests(
    adapter: ScriptedAdapter, client: Client
) -> None:
    first, second = ask(client, MEASUREMENTS), ask(client, MORE)
    await adapter.next_request()
    first.cancel()
    await adapter.expect_no_request()
    adapter.respond(MEASUREMENTS)
    adapter.respond(await adapter.next_request())
    assert (await second).shape == MORE.expected_shape


async def test_a_cancelled_request_is_not_sent_any_more(
    adapter: ScriptedAdapter, client: Client
) -> None:
    first, second = ask(client, MEASUREMENTS), ask(client, WRITE)
    await adapter.next_request()
    second.cancel()
    await settle()
    adapter.respond(MEASUREMENTS)
    await first
    await adapter.expect_no_request()


async def test_a_cancelled_request_is_not_repeated(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS, RetryPolicy(0.4, 5, 0.0))
    await adapter.next_request()
    asked.cancel()
    await asyncio.sleep(0.5)
    await adapter.expect_no_request()


async def test_one_can_ask_anew_for_what_another_has_given_up(
    adapter: ScriptedAdapter, client: Client
) -> None:
    first = ask(client, MORE)
    await adapter.next_request()
    second = ask(client, MEASUREMENTS)
    await settle()
    second.cancel()
    third = ask(client, MEASUREMENTS)
    adapter.respond(MORE)
    adapter.respond(await adapter.next_request())
    await asyncio.gather(first, third)


# Answers lost to a heartbeat.


@pytest.mark.parametrize(
    "remains",
    [
        wiped(answer_to(MEASUREMENTS)),
        NullResponse(device_address=0x11).encode(),
    ],
    ids=["zero tail", "null response"],
)
@pytest.mark.parametrize("heartbeat_first", [True, False])
async def test_an_answer_wiped_out_by_a_heartbeat_is_asked_for_again_at_once(
    adapter: ScriptedAdapter, client: Client, remains: bytes, heartbeat_first: bool
) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(*((HEARTBEAT, remains) if heartbeat_first else (remains, HEARTBEAT)))
    assert await adapter.next_request() == MEASUREMENTS
    adapter.respond(MEASUREMENTS)
    await asked


async def test_an_answer_wiped_out_again_and_again_ends(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS)
    for _ in range(3):
        await adapter.next_request()
        adapter.send(HEARTBEAT, wiped(answer_to(MEASUREMENTS)))
    with pytest.raises(ResponseTimeout, match="damaged"):
        await asked
    await adapter.expect_no_request()


@pytest.mark.parametrize("length", [30, 60, 100])
async def test_an_answer_that_is_cut_is_asked_for_again_at_once(
    adapter: ScriptedAdapter, client: Client, length: int
) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(answer_to(MEASUREMENTS).encode()[:length])
    async with asyncio.timeout(2):
        assert await adapter.next_request() == MEASUREMENTS
    adapter.respond(MEASUREMENTS)
    await asked


async def test_a_damaged_answer_to_somebody_else_ends_no_wait(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(corrupted(answer_to(MORE)), corrupted(answer_to(SETTINGS)))
    await adapter.expect_no_request()
    adapter.respond(MEASUREMENTS)
    await asked


async def test_a_damaged_acknowledgement_fails_the_write_at_once(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, WRITE, RetryPolicy(5.0, 0, 0.0))
    await adapter.next_request()
    adapter.send(corrupted(answer_to(WRITE)))
    with pytest.raises(ResponseTimeout, match="damaged"):
        await asked
    await adapter.expect_no_request()


async def test_another_devices_answer_wiped_out_is_not_ours(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, MEASUREMENTS)
    await adapter.next_request()
    adapter.send(HEARTBEAT, wiped(answer_to(replace(MEASUREMENTS, device_address=0x32))))
    await adapter.expect_no_request()
    adapter.respond(MEASUREMENTS)
    await asked


async def test_a_write_is_not_repeated_for_a_heartbeat(
    adapter: ScriptedAdapter, client: Client
) -> None:
    asked = ask(client, WRITE)
    await adapter.next_request()
    adapter.send(HEARTBEAT, wiped(answer_to(WRITE), 30))
    await adapter.expect_no_request()
    adapter.respond(WRITE)
    await asked


# Acknowledgements.


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


async def test_frequent_heartbeats_do_not_hold_up_a_request(adapter: ScriptedAdapter) -> None:
    async with adapter.client(replace(CALM, gap=0.2)) as client:
        asked = ask(client, MEASUREMENTS)
        adapter.respond(await adapter.next_request())
        await asked
        asked = ask(client, MORE)

        async def beat() -> None:
            while True:
                adapter.send(HEARTBEAT)
                await asyncio.sleep(0.02)

        beating = asyncio.create_task(beat())
        adapter.respond(await adapter.next_request())
        await asked
        beating.cancel()


async def test_blocks_nobody_requested_are_stored_up_to_a_limit(
    adapter: ScriptedAdapter, client: Client
) -> None:
    for first in range(0, 1200, 60):
        adapter.send(
            *(
                answer_to(ReadInputRegistersRequest(base_register=base, register_count=1))
                for base in range(first, first + 60)
            )
        )
    asked = ask(client, MORE)
    adapter.respond(await adapter.next_request())
    await asked
    await settle()
    assert client.plant.register_caches[0x11][IR(180)] == 7
    assert len(client.plant.register_caches[0x11]) <= 256 + 60


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


async def test_a_shared_read_is_not_cut_by_the_less_patient_caller(
    adapter: ScriptedAdapter, client: Client
) -> None:
    hasty = ask(client, MEASUREMENTS, RetryPolicy(0.4, 0, 0.0))
    await adapter.next_request()
    patient = ask(client, MEASUREMENTS, RetryPolicy(5.0, 0, 0.0))
    await asyncio.sleep(0.5)
    adapter.respond(MEASUREMENTS)
    assert await hasty is await patient
    await adapter.expect_no_request()


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


# Being connected to the right plant.


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
