"""Reading a plant's blocks, and accounting for those that did not come."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import (
    CommunicationError,
    ConnectionLost,
    PlantNotDetected,
    ReadFailure,
    ReadingRejected,
    RefreshError,
    RefreshFailed,
    RefreshPartiallySucceeded,
    ResponseTimeout,
    WrongPlant,
)
from givenergy_modbus.model.plan import Block, Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, Bank, Register
from givenergy_modbus.pdu import ReadRegistersRequest, TransparentRequest
from givenergy_modbus.simulator import PROFILES, Fault, ForeignPoller, Simulator

from tests.library.answers import answer, words_of
from tests.library.clocks import ShiftedClock
from tests.library.plants import QUICK, client_of, layout_of, plant_of, settle, until

HASTY = replace(QUICK, refresh=RetryPolicy(0.2, 1, 0.0), config=RetryPolicy(0.2, 1, 0.0))
"""For polls in which a device does not respond."""


def reads(requests: Iterable[TransparentRequest]) -> list[str]:
    """Return requests as they are written down."""
    return [
        str(
            Read(
                request.device_address,
                Block(Bank(request.bank), request.base_register, request.register_count),
            )
        )
        for request in requests
        if isinstance(request, ReadRegistersRequest)
    ]


@pytest.mark.parametrize("name", PROFILES)
async def test_polls_ask_for_just_what_the_plan_says(name: str) -> None:
    async with plant_of(name) as (sim, client):
        capabilities = client.plant.capabilities
        assert capabilities is not None
        assert await client.load_config() is client.plant
        assert reads(sim.requests) == [str(read) for read in capabilities.config_plan]
        sim.requests.clear()
        assert await client.refresh() is client.plant
        assert len(sim.requests) == len(capabilities.measurement_plan)
        sim.requests.clear()
        await client.refresh()
        assert reads(sim.requests) == [str(read) for read in capabilities.measurement_plan]
        assert client.plant.inverter_serial == sim.bus.inverter_serial


async def test_before_anybody_has_looked_there_is_nothing_to_poll() -> None:
    client = Client("127.0.0.1", 1)
    for poll in (client.load_config, client.refresh):
        with pytest.raises(PlantNotDetected):
            await poll()


async def test_a_batterys_first_page_is_enough() -> None:
    async with plant_of("gen1_hybrid") as (_, client):
        await client.refresh()
        assert [battery.is_valid() for battery in client.plant.batteries] == [True, True]
        assert not client.plant.cold_start_held_count


async def test_what_did_not_come_is_listed_and_the_rest_can_be_used() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.silent |= {0x01, (0x11, IR(180))}
        with pytest.raises(
            RefreshPartiallySucceeded, match="2 of 5 register reads failed"
        ) as raised:
            await client.refresh()
    error = raised.value
    assert error.plant is client.plant
    assert error.plant.batteries[0].soc is not None
    assert error.failures == [
        ReadFailure(0x11, "ReadInputRegistersRequest", 180, 60),
        ReadFailure(0x01, "ReadInputRegistersRequest", 60, 30),
    ]
    assert isinstance(error.cause, ExceptionGroup)
    assert [type(exception) for exception in error.cause.exceptions] == [
        ResponseTimeout,
        ResponseTimeout,
    ]
    assert error.__cause__ is error.cause
    assert error.plant.retry_count == {0x11: 1, 0x01: 1}


async def test_the_failures_of_settings_name_their_requests() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.silent |= {0x01, (0x11, HR(120))}
        with pytest.raises(RefreshPartiallySucceeded) as raised:
            await client.load_config()
    assert [failure.request_type for failure in raised.value.failures] == [
        "ReadHoldingRegistersRequest",
        "ReadMeterProductRegistersRequest",
    ]


async def test_a_lost_answer_is_asked_for_again() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.SILENT, 1, address=0x11, start=IR(0))
        sim.inject(Fault.WRONG_CRC, 1, address=0x11, start=IR(180))
        sim.inject(Fault.EXCEPTION_COUNT_0, 1, address=0x33)
        await client.refresh()
        assert client.plant.retry_count == {0x11: 2, 0x33: 1}


async def test_a_late_answer_is_as_good() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.LATE_RESPONSE, 1, address=0x11, start=IR(0), seconds=0.08)
        policy = RetryPolicy(0.06, 1, 0.5)
        await client.refresh(policy.timeout, policy.retries, policy.retry_delay)
        assert reads(sim.requests).count("0x11:IR(0,60)") == 1


async def test_a_link_lost_on_the_way_fails_what_is_left() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.inject(Fault.DROP_CONNECTION, 1, address=0x32)
        with pytest.raises(RefreshPartiallySucceeded) as raised:
            await client.refresh()
        assert [failure.device_address for failure in raised.value.failures] == [0x32, 0x33]
        assert {type(error) for error in raised.value.cause.exceptions} == {ConnectionLost}
        await client.refresh()
        assert client.connections == 2


async def test_polls_connect_again_by_themselves() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        await client.load_config()
        sim.drop_connections()
        await settle()
        sim.requests.clear()
        await client.refresh()
        assert reads(sim.requests)[0] == "0x11:HR(0,60)"
        assert client.connections == 2


async def test_nobody_to_connect_to() -> None:
    sim = Simulator("gen1_hybrid", latency=0, heartbeat=0)
    async with sim, client_of(sim) as client:
        await sim.close()
        await settle()
        with pytest.raises(RefreshFailed, match="all 4 register reads failed") as raised:
            await client.refresh()
        assert len(raised.value.failures) == 4
        assert isinstance(raised.value.cause.exceptions[0], CommunicationError)
        with pytest.raises(RefreshError):
            await client.load_config()
        await client.close()
        with pytest.raises(ConnectionLost):
            await client.refresh()


async def test_another_plant_is_not_polled() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim, client_of(sim) as client:
        await client.load_config()
        sim.registers[0x11].store(Bank.HOLDING, 13, words_of("ZZ2114G999"))
        sim.drop_connections()
        await settle()
        with pytest.raises(WrongPlant):
            await client.refresh()


async def test_a_poll_that_is_closed_under_way_says_so() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.silent.add(0x11)
        polling = asyncio.create_task(client.refresh(5.0))
        await settle()
        await client.close()
        with pytest.raises(ConnectionLost):
            await polling


# What a guard does not believe.


async def test_what_is_not_believed_has_not_come() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        await client.refresh()
        sim.inject(Fault.PATTERN_A, 1, address=0x11, start=IR(0))
        with pytest.raises(RefreshPartiallySucceeded) as raised:
            await client.refresh()
        assert raised.value.failures == [ReadFailure(0x11, "ReadInputRegistersRequest", 0, 60)]
        assert [type(error) for error in raised.value.cause.exceptions] == [ReadingRejected]
        assert client.plant.inverter.v_ac1
        await client.refresh()


@pytest.mark.parametrize(
    ("fault", "address", "start"),
    [(Fault.SPLICE_SINGLE, 0x32, IR(60)), (Fault.PATTERN_B, 0x11, IR(0))],
)
async def test_a_page_held_back_leaves_the_last_values(
    fault: Fault, address: int, start: Register
) -> None:
    clock = ShiftedClock()
    async with (
        Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim,
        client_of(sim, plant=Plant(clock=clock)) as client,
    ):
        await client.refresh()
        clock.advance(200)
        await client.refresh()
        before = dict(client.plant.register_caches[address])
        sim.inject(fault, 1, address=address, start=start)
        await client.refresh()
        assert sum(client.plant.dropped.values()) == 1
        assert client.plant.register_caches[address] == before


# What need not be asked for.


async def test_what_has_come_lately_is_not_asked_for() -> None:
    async with plant_of("gen2_hybrid") as (sim, client):
        await client.refresh()
        await client.load_config()
        sim.requests.clear()
        await client.refresh(max_age=60)
        await client.load_config(max_age=60)
        assert sim.requests == []
        await client.refresh(max_age=0)
        assert len(sim.requests) == 5


async def test_a_larger_block_of_somebody_else_will_do() -> None:
    async with plant_of("gen2_hybrid") as (sim, client):
        meter = [sim.registers[0x01].get(IR(60 + n), 0) for n in range(60)]
        client.plant.update(answer(0x01, IR(60), meter, serial=sim.bus.inverter_serial))
        await client.refresh(max_age=60)
        assert "0x01:IR(60,30)" not in reads(sim.requests)


async def test_what_others_ask_for_is_taken_in() -> None:
    block = Read(0x11, Block(Bank.INPUT, 0))
    foreign = ForeignPoller((block,), (0.01, 0.02))
    async with plant_of("gen1_hybrid", foreign=[foreign]) as (_, client):
        await until(lambda: client.plant.stored_at(block) is not None)


# Who is known to be silent.


async def test_a_silent_device_costs_one_attempt_every_second_poll() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        await client.refresh()
        sim.silent.add(0x01)
        asked = []
        for _ in range(6):
            sim.requests.clear()
            with pytest.raises(RefreshPartiallySucceeded) as raised:
                await client.refresh()
            assert [failure.device_address for failure in raised.value.failures] == [0x01]
            asked.append(reads(sim.requests).count("0x01:IR(60,30)"))
        assert asked == [2, 1, 1, 0, 1, 0]
        sim.silent.clear()
        await client.refresh()
        sim.silent.add(0x01)
        sim.requests.clear()
        with pytest.raises(RefreshPartiallySucceeded):
            await client.refresh()
        assert reads(sim.requests).count("0x01:IR(60,30)") == 2


async def test_a_poll_reports_what_it_skipped() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add(0x01)
        skipped = []
        for _ in range(4):
            with pytest.raises(RefreshPartiallySucceeded):
                await client.refresh()
            skipped.append([str(read) for read in client.skipped])
        assert skipped == [[], [], [], ["0x01:IR(60,30)"]]


async def test_what_a_poll_missed_is_requested_once_more_at_its_end() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.SILENT, 1, address=0x11, start=IR(0))
        await client.refresh(retries=0)
        asked = reads(sim.requests)
        assert asked.count("0x11:IR(0,60)") == 2
        assert asked[-1] == "0x11:IR(0,60)"


async def test_a_silent_block_does_not_silence_the_inverter() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add((0x11, IR(180)))
        for expected in (2, 1, 1, 0):
            sim.requests.clear()
            with pytest.raises(RefreshPartiallySucceeded):
                await client.refresh()
            asked = reads(sim.requests)
            assert asked.count("0x11:IR(180,60)") == expected
            assert asked.count("0x11:IR(0,60)") == 1


async def test_a_silent_block_alone_is_no_dead_link() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add((0x11, HR(120)))
        with pytest.raises(RefreshPartiallySucceeded):
            await client.load_config()
        for expected in (1, 1, 0, 1):
            sim.requests.clear()
            with pytest.raises(RefreshFailed):
                await client.load_config(max_age=60)
            assert reads(sim.requests) == ["0x11:HR(120,60)"] * expected
        assert client.connections == 1


async def test_a_device_silent_to_one_poll_is_not_waited_for_by_another() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add(0x01)
        for poll in (client.refresh, client.load_config):
            with pytest.raises(RefreshPartiallySucceeded):
                await poll()
        assert reads(sim.requests).count("0x01:MR(60,60)") == 1


async def test_an_exception_is_not_silence() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.EXCEPTION_COUNT_0, address=0x33)
        for _ in range(2):
            sim.requests.clear()
            with pytest.raises(RefreshPartiallySucceeded):
                await client.refresh()
            assert reads(sim.requests).count("0x33:IR(60,60)") == 2


async def test_blocks_that_are_asked_for_by_name_are_asked_for() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add(0x01)
        meter = Read(0x01, Block(Bank.INPUT, 60, 30))
        for _ in range(2):
            with pytest.raises(RefreshPartiallySucceeded):
                await client.refresh()
        sim.requests.clear()
        with pytest.raises(RefreshFailed):
            await client.read_blocks([meter])
        assert len(sim.requests) == 2
        sim.silent.clear()
        await client.read_blocks([meter])
        await client.read_blocks([])


# On a lossy link.


@pytest.mark.parametrize("fault", [Fault.WRONG_CRC, Fault.SILENT])
@pytest.mark.parametrize(("interval", "times"), [(60, 5), (0, 2)])
async def test_a_lossy_link_is_asked_more_often_until_the_next_poll_is_due(
    fault: Fault, interval: float, times: int
) -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        client.plant.poll_interval = interval
        sim.inject(fault, 1, address=0x11, start=IR(0))
        await client.refresh(0.05, retries=0)
        sim.silent.add((0x11, IR(180)))
        for _ in range(4):
            sim.requests.clear()
            with pytest.raises(RefreshPartiallySucceeded):
                await client.refresh(0.05, retries=0)
            assert reads(sim.requests).count("0x11:IR(180,60)") == times


async def test_a_response_that_is_always_damaged_is_asked_for_six_times() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.WRONG_CRC, address=0x11, start=IR(180))
        for _ in range(2):
            sim.requests.clear()
            with pytest.raises(RefreshPartiallySucceeded):
                await client.refresh(retries=0)
            assert reads(sim.requests).count("0x11:IR(180,60)") == 6


async def test_a_device_that_misses_a_poll_and_is_back_shows_a_lossy_link() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.SILENT, 2, address=0x32)
        with pytest.raises(RefreshPartiallySucceeded):
            await client.refresh(0.05, retries=0)
        await client.refresh(0.05, retries=0)
        sim.silent.add((0x11, IR(180)))
        sim.requests.clear()
        with pytest.raises(RefreshPartiallySucceeded):
            await client.refresh(0.05, retries=0)
        assert reads(sim.requests).count("0x11:IR(180,60)") == 5


async def test_a_device_known_to_be_silent_is_not_asked_again_on_a_lossy_link() -> None:
    async with plant_of("gen2_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add(0x01)
        asked: list[int] = []
        for _ in range(6):
            sim.requests.clear()
            if asked[2:]:
                sim.inject(Fault.WRONG_CRC, 1, address=0x11, start=IR(0))
            with pytest.raises(RefreshPartiallySucceeded):
                await client.refresh(0.05, retries=0)
            asked.append(reads(sim.requests).count("0x01:IR(60,30)"))
        assert asked == [2, 1, 1, 0, 1, 0]


# When nobody answers.


@pytest.mark.parametrize("name", ["gen1_hybrid", "three_phase_hv"])
async def test_a_dead_plant_is_given_up_soon(name: str) -> None:
    async with plant_of(name, timing=HASTY) as (sim, client):
        sim.mute(5)
        with pytest.raises(RefreshFailed) as raised:
            await client.refresh()
        assert len(sim.requests) == 3
        assert client.plant.capabilities is not None
        assert len(raised.value.failures) == len(client.plant.capabilities.measurement_plan)
        assert len({request.device_address for request in sim.requests}) > 1


async def test_a_dead_link_is_renewed() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        await client.load_config()
        sim.mute(60)
        with pytest.raises(RefreshFailed):
            await client.refresh()
        assert not client.connected
        sim.requests.clear()
        with pytest.raises(RefreshFailed):
            await client.refresh()
        assert set(reads(sim.requests)) == {"0x11:HR(0,60)"}
        sim.mute(0)
        await client.refresh()
        assert client.connected


async def test_one_silent_block_leaves_the_connection_alone() -> None:
    async with plant_of("gen3_hybrid", timing=HASTY) as (sim, client):
        await client.refresh()
        block = Read(0x11, Block(Bank.HOLDING, 300, 60))
        sim.silent.add((0x11, HR(300)))
        with pytest.raises(RefreshFailed):
            await client.read_blocks([block])
        assert client.connected
        assert client.connections == 1


async def test_nobody_is_silent_where_everybody_is() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.mute(60)
        for _ in range(3):
            with pytest.raises(RefreshFailed):
                await client.refresh()
        sim.mute(0)
        await client.refresh()


async def test_a_silent_inverter_leaves_its_batteries() -> None:
    async with plant_of("three_phase_hv", timing=HASTY) as (sim, client):
        sim.silent.add(0x11)
        with pytest.raises(RefreshPartiallySucceeded) as raised:
            await client.refresh(0.1, 0)
        assert {failure.device_address for failure in raised.value.failures} == {0x11}


# Together.


async def test_polls_beside_one_another_share_what_they_read() -> None:
    async with plant_of("gen2_hybrid") as (sim, client):
        await client.refresh()
        sim.requests.clear()
        await asyncio.gather(client.refresh(), client.refresh(), client.load_config())
        layout = client.plant.capabilities
        assert layout is not None
        plan = (*layout.measurement_plan, *layout.config_plan)
        assert sorted(reads(sim.requests)) == sorted(str(read) for read in plan)


async def test_cancelling_one_poll_leaves_the_other() -> None:
    async with plant_of("gen1_hybrid", latency=0.02) as (_, client):
        first, second = (asyncio.create_task(client.refresh()) for _ in range(2))
        await asyncio.sleep(0.03)
        first.cancel()
        assert await second is client.plant


async def test_a_device_missing_at_the_start_is_known_to_be_silent() -> None:
    async with Simulator("gen2_hybrid", latency=0, heartbeat=0) as sim:
        prior = layout_of(sim)
        sim.silent.add(0x01)
        async with Client(sim.host, sim.port, timing=HASTY) as client:
            with pytest.raises(CommunicationError):
                await client.detect(prior=prior)
            client.adopt(prior)
            for expected in (0, 1, 0):
                sim.requests.clear()
                with pytest.raises(RefreshPartiallySucceeded):
                    await client.refresh()
                assert reads(sim.requests).count("0x01:IR(60,30)") == expected
