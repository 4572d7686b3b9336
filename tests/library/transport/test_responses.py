"""What counts as the response to a read, and what follows a damaged or missing one."""

import asyncio
from dataclasses import replace
from time import sleep

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import ResponseTimeout
from givenergy_modbus.model.register import IR
from givenergy_modbus.pdu import NullResponse, ReadInputRegistersRequest

from tests.library.plants import (
    HEARTBEAT,
    ScriptedAdapter,
    answer_to,
    corrupted,
    exception_to,
    settle,
    wiped,
)
from tests.library.transport.requests import MEASUREMENTS, MORE, SETTINGS, WRITE, ask

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
