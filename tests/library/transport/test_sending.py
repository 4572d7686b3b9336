"""What is sent when, and requests that are shared or canceled."""

import asyncio
from dataclasses import replace
from time import monotonic

from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.pdu import ReadInputRegistersRequest

from tests.library.plants import CALM, HEARTBEAT, ScriptedAdapter, settle
from tests.library.transport.requests import MEASUREMENTS, MORE, SETTINGS, WRITE, ask

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
