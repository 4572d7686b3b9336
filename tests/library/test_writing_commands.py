"""Commands: what may be sent, in which order, and what happens when a write fails."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from givenergy_modbus.client import commands
from givenergy_modbus.client.client import Client
from givenergy_modbus.exceptions import (
    CommunicationError,
    ConnectionLost,
    InvalidPduState,
    PlantNotDetected,
    ResponseTimeout,
    WriteNotPermitted,
    WriteRefused,
)
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.inverter import EXTENDED_SLOTS
from givenergy_modbus.model.register import HR
from givenergy_modbus.pdu import ReadHoldingRegistersRequest, WriteHoldingRegisterRequest
from givenergy_modbus.simulator import Fault
from givenergy_modbus.write_report import RegisterWrite, WriteReport

from tests.library.plants import plant_of, settle, until
from tests.library.setting_writes import (
    CHARGE_LIMIT,
    ENABLE_CHARGE,
    HASTY,
    RESERVE,
    TARGET,
    write,
    written,
)


async def test_a_command_is_written_in_its_order() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        command = commands.set_charge_target_enabled(80)
        report = await client.one_shot_command(command)
        assert written(sim) == [(request.register, request.value) for request in command]
        assert report == WriteReport(
            written=[RegisterWrite(request.register, request.value) for request in command]
        )
        assert client.plant.inverter.charge_target_soc == 80


async def test_two_commands_do_not_mix() -> None:
    async with plant_of("gen1_hybrid", latency=0.005) as (sim, client):
        first, second = [write(RESERVE, 10), write(TARGET, 90)], [write(RESERVE, 20)]
        await asyncio.gather(client.one_shot_command(first), client.one_shot_command(second))
        assert written(sim) == [(RESERVE, 10), (TARGET, 90), (RESERVE, 20)]


async def test_a_retried_write_still_comes_before_the_next() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.inject(Fault.SILENT, 1, start=HR(RESERVE))
        await client.one_shot_command(
            [write(RESERVE, 10), write(TARGET, 90)], timeout=0.3, retries=1, retry_delay=0
        )
        assert written(sim) == [(RESERVE, 10), (TARGET, 90)]
        assert len(sim.requests) == 3


async def test_polls_go_on_beside_commands() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        await asyncio.gather(
            client.refresh(),
            client.load_config(),
            client.one_shot_command([write(RESERVE, 10)], only_changes=True, verify=True),
            client.one_shot_command([write(TARGET, 90)], verify=True),
        )
        assert sorted(written(sim)) == [(RESERVE, 10), (TARGET, 90)]


async def test_an_empty_command_is_done() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        assert await client.one_shot_command([], only_changes=True, verify=True) == WriteReport()
        assert sim.requests == []


async def test_a_read_in_a_command_is_put_as_it_is() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        read = ReadHoldingRegistersRequest(base_register=0, register_count=60)
        await client.one_shot_command([write(RESERVE, 10), read])
        assert [request.shape for request in sim.requests][1:] == [read.shape]
        with pytest.raises(InvalidPduState):
            await client.one_shot_command([replace(read, register_count=61)])


async def test_a_command_may_be_a_generator() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        report = await client.one_shot_command(write(RESERVE, value) for value in (44, 45))
        assert len(report.written) == 2
        assert written(sim) == [(RESERVE, 44), (RESERVE, 45)]


@pytest.mark.parametrize(
    "options", [{"retries": -1}, {"timeout": 0}, {"retry_delay": -0.1}, {"timeout": float("nan")}]
)
async def test_impossible_timing_is_refused(options: dict[str, Any]) -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        with pytest.raises(ValueError, match="must be"):
            await client.one_shot_command([write(RESERVE, 44)], **options)
        assert written(sim) == []


# What may be sent.


@pytest.mark.parametrize(
    ("name", "request_", "why"),
    [
        ("gen1_hybrid", write(RESERVE, 101), "battery_soc_reserve is 4 to 100"),
        ("gen1_hybrid", write(RESERVE, 3), "battery_soc_reserve"),
        ("gen1_hybrid", write(RESERVE, 0x10000), "0 to 65535"),
        ("gen1_hybrid", write(ENABLE_CHARGE, 2), "enable_charge"),
        ("gen1_hybrid", write(94, 2460), "HR(94) does not take 2460"),
        ("gen1_hybrid", write(199, 1), "HR(199) is never written"),
        ("gen1_hybrid", write(0, 0x2001), "HR(0)"),
        ("gen1_hybrid", replace(write(RESERVE, 10), device_address=0x32), "0x32"),
        ("gen1_hybrid", commands.set_charge_slot_start(5, None, EXTENDED_SLOTS)[0], "charge_slot"),
        ("gen1_hybrid", commands.set_export_slot(1, None)[0], "HR(2062)"),
        ("ems", write(ENABLE_CHARGE, 1), "EMS"),
        ("gateway", write(ENABLE_CHARGE, 1), "Gateway"),
        ("three_phase_hv", write(ENABLE_CHARGE, 1), "Three Phase"),
        ("three_phase_hv", write(313, 50), "HR(313)"),
    ],
    ids=str,
)
async def test_what_may_not_be_sent_is_not(
    name: str, request_: WriteHoldingRegisterRequest, why: str
) -> None:
    async with plant_of(name) as (sim, client):
        for dry_run in (True, False):
            with pytest.raises(WriteNotPermitted) as raised:
                await client.one_shot_command([request_], dry_run=dry_run)
            assert why in str(raised.value)
            assert raised.value.pdu is request_
            assert isinstance(raised.value, ValueError)
        assert sim.requests == []


async def test_all_of_a_command_is_checked_before_any_of_it_is_sent() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        with pytest.raises(WriteNotPermitted):
            await client.one_shot_command([write(RESERVE, 10), write(TARGET, 101)])
        assert sim.requests == []


async def test_before_anybody_has_looked_nothing_may_be_sent() -> None:
    client = Client("127.0.0.1", 1)
    for dry_run in (True, False):
        with pytest.raises(PlantNotDetected):
            await client.one_shot_command([write(RESERVE, 10)], dry_run=dry_run)


async def test_a_dry_run_sends_nothing() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        report = await client.one_shot_command([write(RESERVE, 10)], dry_run=True)
        assert report == WriteReport()
        assert sim.requests == []


async def test_a_slot_of_ten_where_there_are_ten() -> None:
    async with plant_of("gen3_hybrid") as (sim, client):
        await client.load_config()
        slot = TimeSlot.from_components(12, 0, 14, 0)
        await client.one_shot_command(client.plant.inverter.set_charge_slot(5, slot))
        assert [value for _, value in written(sim)] == [1200, 1400]
        assert client.plant.inverter.charge_slot_5 == slot


async def test_a_plant_controller_is_told_its_own_settings() -> None:
    async with plant_of("ems") as (sim, client):
        assert client.plant.ems is not None
        await client.one_shot_command(client.plant.ems.set_ems_plant(False), verify=True)
        assert written(sim) == [(2040, 0)]


# What goes wrong.


async def test_a_refused_write_stops_the_command_and_says_so() -> None:
    async with plant_of("gen1_hybrid", rejects={TARGET: {90}}) as (sim, client):
        with pytest.raises(WriteRefused, match=r"refused HR\(116\)=90") as raised:
            await client.one_shot_command(
                [write(RESERVE, 10), write(TARGET, 90), write(CHARGE_LIMIT, 20)]
            )
        assert written(sim) == [(RESERVE, 10)]
        assert raised.value.report == WriteReport(
            written=[RegisterWrite(RESERVE, 10)], refused=[RegisterWrite(TARGET, 90)]
        )
        assert raised.value.__notes__ == ["written: HR(110)=10"]


async def test_no_acknowledgement_stops_the_command() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add((0x11, HR(TARGET)))
        with pytest.raises(ResponseTimeout) as raised:
            await client.one_shot_command(
                [write(RESERVE, 10), write(TARGET, 90), write(CHARGE_LIMIT, 20)]
            )
        assert written(sim) == [(RESERVE, 10)]
        assert raised.value.report == WriteReport(written=[RegisterWrite(RESERVE, 10)])


async def test_a_lost_connection_stops_the_command() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.inject(Fault.DROP_CONNECTION, 1, start=HR(RESERVE))
        with pytest.raises(ConnectionLost) as raised:
            await client.one_shot_command(
                [write(RESERVE, 10), write(TARGET, 90)], retries=3, retry_delay=0
            )
        assert raised.value.report == WriteReport()
        assert raised.value.__notes__ == ["written: nothing"]
        await client.refresh()
        assert written(sim) == []


async def test_a_write_connects_again_and_says_when_it_cannot() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.drop_connections()
        await settle()
        await client.one_shot_command([write(RESERVE, 10)])
        assert written(sim) == [(RESERVE, 10)]
        await sim.close()
        await settle()
        with pytest.raises(CommunicationError, match="Error connecting"):
            await client.one_shot_command([write(RESERVE, 11)], only_changes=True)


async def test_one_command_failing_leaves_the_next() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add((0x11, HR(TARGET)))
        failing = asyncio.create_task(client.one_shot_command([write(TARGET, 90)]))
        following = asyncio.create_task(client.one_shot_command([write(RESERVE, 10)]))
        with pytest.raises(ResponseTimeout):
            await failing
        assert (await following).written == [RegisterWrite(RESERVE, 10)]


async def test_a_cancelled_command_leaves_the_next() -> None:
    async with plant_of("gen1_hybrid", latency=0.25) as (sim, client):
        first = asyncio.create_task(
            client.one_shot_command([write(RESERVE, 10), write(TARGET, 90)])
        )
        second = asyncio.create_task(client.one_shot_command([write(RESERVE, 20)]))
        await until(lambda: sim.requests)
        first.cancel()
        await second
        assert written(sim) == [(RESERVE, 10), (RESERVE, 20)]
