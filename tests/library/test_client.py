"""The client as its users see it."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy, Timing
from givenergy_modbus.exceptions import (
    CommunicationError,
    InvalidPduState,
    ResponseTimeout,
    WriteNotPermitted,
    WriteRefused,
)
from givenergy_modbus.framer import ClientFramer, ServerFramer
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, Bank
from givenergy_modbus.pdu import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    TransparentRequest,
    WriteHoldingRegisterRequest,
)
from givenergy_modbus.simulator import Fault, Simulator

from tests.library.plants import QUICK, client_of, plant_of, settle

IDENTITY = ReadHoldingRegistersRequest(base_register=0, register_count=60)
MEASUREMENTS = ReadInputRegistersRequest(base_register=0, register_count=60)
NOTHING = ReadInputRegistersRequest(base_register=900, register_count=60)


def test_a_client_waits_as_long_as_inverters_need() -> None:
    client = Client("there")
    assert (client.host, client.port) == ("there", 8899)
    assert client.timing == Timing()
    timing = client.timing
    assert (timing.connect_timeout, timing.gap, timing.jitter) == (2.0, 0.25, 0.0)
    assert timing.known == timing.config == RetryPolicy(2.0, 3, 0.5)
    assert timing.probe == RetryPolicy(0.5, 1, 0.0)
    assert timing.refresh == RetryPolicy(2.0, 1, 0.5)
    assert timing.command == RetryPolicy(1.5, 0, 0.5)
    assert isinstance(client.plant, Plant)
    assert not client.connected
    assert client.connections == 0


def test_a_client_can_be_told_to_wait_otherwise() -> None:
    plant = Plant()
    client = Client("there", 1, connect_timeout=1, tx_message_wait=0.5, tx_jitter=0.1, plant=plant)
    assert client.timing == Timing(connect_timeout=1, gap=0.5, jitter=0.1)
    assert client.plant is plant


def test_timing_can_be_scaled() -> None:
    timing = Timing(jitter=0.1).scaled(0.1)
    assert timing.connect_timeout == pytest.approx(0.2)
    assert timing.gap == pytest.approx(0.025)
    assert timing.jitter == pytest.approx(0.01)
    assert timing.known == RetryPolicy(0.2, 3, 0.05)
    assert RetryPolicy(1.0, 2, 3.0).replace(timeout=5.0) == RetryPolicy(5.0, 2, 3.0)


async def test_a_client_is_a_context() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        async with Client(sim.host, sim.port) as client:
            assert client.connected
            assert client.connections == 1
        assert not client.connected


async def test_heartbeats_keep_the_connection() -> None:
    async with plant_of("gen1_hybrid", heartbeat=0.1) as (sim, client):
        await asyncio.sleep(0.5)
        assert client.connected
        assert sim.clients == 1
        assert client.connections == 1


async def test_requests_are_answered_in_their_order() -> None:
    async with plant_of("gen1_hybrid") as (_, client):
        responses = await client.execute([MEASUREMENTS, IDENTITY])
        assert [response.shape for response in responses] == [
            MEASUREMENTS.expected_shape,
            IDENTITY.expected_shape,
        ]
        assert await client.execute([]) == []


async def test_a_failure_is_raised_or_returned() -> None:
    async with plant_of("gen1_hybrid") as (_, client):
        with pytest.raises(ResponseTimeout):
            await client.execute([NOTHING, IDENTITY], 0.3, 0)
        answers = await client.execute([NOTHING, IDENTITY], 0.3, 0, return_exceptions=True)
        assert isinstance(answers[0], ResponseTimeout)
        assert not isinstance(answers[1], BaseException)
        assert client.plant.inverter_serial


async def test_requests_that_are_executed_are_checked_as_commands_are() -> None:
    async with plant_of("gen1_hybrid", rejects={50: {99}}) as (sim, client):
        await client.execute([WriteHoldingRegisterRequest(50, 90)])
        assert sim.writes == [(0x11, 50, 90)]
        with pytest.raises(WriteRefused):
            await client.execute([WriteHoldingRegisterRequest(50, 99)])
        with pytest.raises(WriteNotPermitted):
            await client.execute(
                [WriteHoldingRegisterRequest(50, 80), WriteHoldingRegisterRequest(311, 1)]
            )
        with pytest.raises(WriteNotPermitted):
            await client.send_request_and_await_response(WriteHoldingRegisterRequest(116, 3))
        assert sim.writes == [(0x11, 50, 90)]
        with pytest.raises(InvalidPduState):
            await client.execute([replace(MEASUREMENTS, register_count=61)])


async def test_one_request() -> None:
    async with plant_of("gen1_hybrid") as (_, client):
        response = await client.send_request_and_await_response(IDENTITY, timeout=1, retries=0)
        assert response.shape == IDENTITY.expected_shape


# Is anybody there?


async def test_an_inverter_that_answers_is_alive() -> None:
    async with plant_of("gen1_hybrid") as (_, client):
        assert await client.probe_alive() is True
        assert client.connected


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.EXCEPTION_COUNT_0, Fault.DROP_CONNECTION])
async def test_an_inverter_that_does_not_answer_is_not_alive(fault: Fault) -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.inject(fault)
        assert await client.probe_alive(0.03) is False
        assert not client.connected
        assert not client.plant.retry_count
        sim.clear()
        assert await client.probe_alive() is True


async def test_an_inverter_without_a_serial_is_not_alive() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.registers[0x11].store(Bank.HOLDING, 13, [0] * 5)
        assert await client.probe_alive() is False


async def test_a_closed_client_is_not_alive() -> None:
    async with plant_of("gen1_hybrid") as (_, client):
        await client.close()
        assert await client.probe_alive() is False


# What is said on the wire.


async def test_frames_are_shown_without_what_names_the_plant() -> None:
    seen: list[tuple[str, bytes]] = []
    async with plant_of("gen1_hybrid") as (sim, client):
        capture = asyncio.create_task(
            client.capture_frames(lambda *value: seen.append(value), duration=0.7)
        )
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="already running"):
            await client.capture_frames(lambda *_: None)
        await client.refresh()
        await capture
        shown = len(seen)
        await client.refresh()
        assert len(seen) == shown
        serial = sim.bus.inverter_serial.encode()
    sent = b"".join(frame for direction, frame in seen if direction == "tx")
    received = b"".join(frame for direction, frame in seen if direction == "rx")
    requests = ServerFramer().feed(sent)
    assert len(requests) == len(ClientFramer().feed(received)) == 4
    assert all(isinstance(request, TransparentRequest) for request in requests)
    assert serial not in received
    assert serial[:7] in received


# Everything at once.


async def test_nothing_hangs_whatever_goes_wrong() -> None:
    before = asyncio.all_tasks()
    async with plant_of("gen1_hybrid", heartbeat=0.05, collisions=0.5) as (sim, client):
        for fault in Fault:
            if fault is not Fault.SILENT_WINDOW:
                sim.inject(fault, probability=0.02, seconds=0.3)
        deadline = asyncio.get_running_loop().time() + 0.6
        await asyncio.gather(*(_restless(client, deadline, seed) for seed in range(6)))
        sim.clear()
        await client.load_config(retries=5)
        await client.refresh(retries=5)
    await settle()
    assert asyncio.all_tasks() == before


async def _restless(client: Client, deadline: float, seed: int) -> None:
    """Ask for all kinds of things, and give some of them up half-way."""
    random = Random(seed)
    calls = (
        client.refresh,
        client.load_config,
        client.rescan,
        client.probe_alive,
        lambda: client.one_shot_command(
            [WriteHoldingRegisterRequest(110, random.randrange(4, 101))],
            only_changes=True,
            verify=True,
        ),
    )
    while asyncio.get_running_loop().time() < deadline:
        timing = random.choice((0.02, 5.0))
        with suppress(CommunicationError, TimeoutError):
            async with asyncio.timeout(timing):
                await random.choice(calls)()


# What older programs call.


async def test_refreshing_a_plant_as_it_used_to_be_done() -> None:
    async with (
        Simulator("ems", latency=0, heartbeat=0) as sim,
        Client(sim.host, sim.port, timing=QUICK) as client,
    ):
        with pytest.deprecated_call():
            refreshing = client.refresh_plant()
        assert await refreshing is client.plant
        assert client.plant.capabilities is not None
        assert HR(2040) in client.plant.register_caches[0x11]
        sim.requests.clear()
        with pytest.deprecated_call():
            refreshing = client.refresh_plant(full_refresh=False)
        await refreshing
        assert {request.function for request in sim.requests} == {0x04}


@pytest.mark.parametrize("passive", [False, True])
async def test_watching_a_plant_as_it_used_to_be_done(passive: bool) -> None:
    calls: list[int] = []
    enough = asyncio.Event()

    def handler() -> None:
        calls.append(len(sim.requests))
        if len(calls) == 3:
            enough.set()

    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim, client_of(sim) as client:
        with pytest.deprecated_call():
            watching = asyncio.create_task(
                client.watch_plant(handler, refresh_period=0.01, passive=passive)
            )
        async with asyncio.timeout(5):
            await enough.wait()
        watching.cancel()
        assert (calls[2] == calls[0]) is passive
        assert IR(0) in client.plant.register_caches[0x11]
