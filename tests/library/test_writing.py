"""Changing settings: what may be sent, in which order, and whether it has taken effect."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from givenergy_modbus.client import commands
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import (
    CommunicationError,
    ConnectionLost,
    InvalidPduState,
    PlantNotDetected,
    RefreshError,
    ResponseTimeout,
    WriteNotPermitted,
    WriteRefused,
)
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.inverter import EXTENDED_SLOTS
from givenergy_modbus.model.register import HR
from givenergy_modbus.pdu import (
    ReadHoldingRegistersRequest,
    WriteHoldingRegisterRequest,
)
from givenergy_modbus.simulator import Fault, Simulator
from givenergy_modbus.write_report import Clamped, RegisterWrite, WriteReport

from tests.library.plants import (
    QUICK,
    ScriptedAdapter,
    acknowledgement,
    layout_of,
    plant_of,
    settle,
    until,
)
from tests.library.test_polling import reads

HASTY = replace(QUICK, refresh=RetryPolicy(0.15, 1, 0.0), command=RetryPolicy(0.15, 0, 0.0))
ENABLE_CHARGE = 96
RESERVE = 110
TARGET = 116
CHARGE_LIMIT = 111


def write(register: int, value: int) -> WriteHoldingRegisterRequest:
    """Return a write."""
    return WriteHoldingRegisterRequest(register, value)


def written(sim: Simulator) -> list[tuple[int, int]]:
    """Return the registers and values written to the plant."""
    assert {item[0] for item in sim.writes} <= {0x11}
    return [(register, value) for _, register, value in sim.writes]


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


# Only what changes something.


async def test_what_is_so_already_is_not_written() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        shown = sim.registers[0x11][HR(RESERVE)]
        report = await client.one_shot_command(
            [write(RESERVE, shown), write(TARGET, 55)], only_changes=True
        )
        assert report == WriteReport(
            written=[RegisterWrite(TARGET, 55)], skipped=[RegisterWrite(RESERVE, shown)]
        )
        assert reads(sim.requests) == ["0x11:HR(60,60)"]
        assert written(sim) == [(TARGET, 55)]


async def test_a_recent_reading_is_believed() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        await client.load_config()
        sim.requests.clear()
        shown = sim.registers[0x11][HR(RESERVE)]
        report = await client.one_shot_command([write(RESERVE, shown)], only_changes=True)
        assert report.skipped == [RegisterWrite(RESERVE, shown)]
        assert sim.requests == []


async def test_an_old_reading_is_not_believed() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        await client.load_config()
        client.plant._freshness._records[0x11].clear()  # as if it were long ago
        sim.registers[0x11][HR(RESERVE)] = 77
        report = await client.one_shot_command([write(RESERVE, 4)], only_changes=True)
        assert report.written == [RegisterWrite(RESERVE, 4)]
        report = await client.one_shot_command([write(RESERVE, 77)], only_changes=True)
        assert report.written == [RegisterWrite(RESERVE, 77)]


async def test_what_cannot_be_read_is_written() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add((0x11, HR(60)))
        shown = sim.registers[0x11][HR(RESERVE)]
        report = await client.one_shot_command([write(RESERVE, shown)], only_changes=True)
        assert report.written == [RegisterWrite(RESERVE, shown)]


async def test_a_setting_changed_to_and_fro_is_written_each_time() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        there, back = write(RESERVE, 30), write(RESERVE, 4)
        await client.one_shot_command([there, there, back, there], only_changes=True)
        assert written(sim) == [(RESERVE, 30), (RESERVE, 4), (RESERVE, 30)]


async def test_what_was_only_acknowledged_has_not_been_seen() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        await client.load_config()
        sim.inject(Fault.WRITE_IGNORED, 1)
        for _ in range(2):
            await client.one_shot_command([write(RESERVE, 44)], only_changes=True)
        assert written(sim) == [(RESERVE, 44)]


async def test_what_acts_when_written_is_always_written() -> None:
    async with plant_of("gen1_hybrid") as (_, client):
        await client.load_config()
        command = commands.set_calibrate_battery_soc(1)
        for _ in range(2):
            report = await client.one_shot_command(command, only_changes=True, verify=True)
            assert report == WriteReport(written=[RegisterWrite(29, 1)])


# Seeing that it has taken effect.


async def test_what_was_written_is_read_back() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        report = await client.one_shot_command(
            [write(ENABLE_CHARGE, 0), write(TARGET, 55), write(20, 1)], verify=True
        )
        assert reads(sim.requests) == ["0x11:HR(60,60)", "0x11:HR(0,60)"]
        assert len(report.written) == 3
        assert report.clamped == []


async def test_a_clamped_value_is_reported() -> None:
    async with plant_of("gen1_hybrid", clamps={CHARGE_LIMIT: (0, 50)}) as (sim, client):
        report = await client.one_shot_command([write(CHARGE_LIMIT, 80)], verify=True)
        assert report == WriteReport(
            written=[RegisterWrite(CHARGE_LIMIT, 80)], clamped=[Clamped(CHARGE_LIMIT, 80, 50)]
        )
        assert client.plant.inverter.battery_charge_limit == 50
        assert len(reads(sim.requests)) == 2


async def test_an_ignored_write_is_reported() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.inject(Fault.WRITE_IGNORED, 1)
        before = sim.registers[0x11][HR(RESERVE)]
        report = await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert report.clamped == [Clamped(RESERVE, 44, before)]
        assert client.plant.inverter.battery_soc_reserve == before


async def test_a_setting_may_take_a_moment_to_show() -> None:
    async with plant_of("gen1_hybrid", reasserts={RESERVE: 12}) as (sim, client):
        changed = asyncio.create_task(
            client.one_shot_command([write(RESERVE, 12)], retry_delay=0.5, verify=True)
        )
        sim.inject(Fault.WRITE_IGNORED, 1)
        await asyncio.sleep(0.05)
        sim.step(1)
        assert (await changed).clamped == []


async def test_a_lost_reading_is_read_again() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.PATTERN_B, 1, start=HR(60))
        await client.load_config(max_age=None, retries=3)
        sim.inject(Fault.PATTERN_B, 1, start=HR(60))
        report = await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert report.written == [RegisterWrite(RESERVE, 44)]
        assert report.clamped == []


async def test_what_cannot_be_read_back_is_said() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add((0x11, HR(60)))
        with pytest.raises(CommunicationError, match="could not be read back") as raised:
            await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert not isinstance(raised.value, RefreshError)
        assert isinstance(raised.value.__cause__, RefreshError)
        assert raised.value.report == WriteReport(written=[RegisterWrite(RESERVE, 44)])


async def test_what_was_skipped_is_not_read_back() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        shown = sim.registers[0x11][HR(RESERVE)]
        await client.one_shot_command([write(RESERVE, shown)], only_changes=True, verify=True)
        assert reads(sim.requests) == ["0x11:HR(60,60)"]


async def test_the_clock_must_follow() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        now = datetime(2026, 6, 18, 14, 0)  # noqa: DTZ001
        command = commands.set_system_date_time(now)
        report = await client.one_shot_command(command, only_changes=True, verify=True)
        assert len(report.written) == 6
        assert report.clamped == []
        sim.inject(Fault.WRITE_IGNORED, 6)
        command = commands.set_system_date_time(now + timedelta(hours=1))
        report = await client.one_shot_command(command, verify=True)
        assert [clamp.register for clamp in report.clamped] == list(range(35, 41))


async def test_a_restart_is_seen_by_the_acknowledgement() -> None:
    async with plant_of("gen1_hybrid", reboot_seconds=0.05) as (sim, client):
        report = await client.one_shot_command(commands.set_inverter_reboot(), verify=True)
        assert report.written == [RegisterWrite(163, 100)]
        assert written(sim) == [(163, 100)]


async def test_a_restart_is_seen_by_the_link_going_down() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.inject(Fault.DROP_CONNECTION, 1)
        report = await client.one_shot_command(commands.set_inverter_reboot(), verify=True)
        assert report.written == [RegisterWrite(163, 100)]


async def test_a_restart_that_nobody_has_heard_of_is_none() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add(0x11)
        with pytest.raises(ResponseTimeout):
            await client.one_shot_command(commands.set_inverter_reboot())
        await client.close()
        with pytest.raises(ConnectionLost):
            await client.one_shot_command(commands.set_inverter_reboot())


# Writes whose acknowledgement is late, lost or a refusal.


def attempts(sim: Simulator) -> list[tuple[int, int]]:
    """Return the writes the adapter received, applied or not."""
    return [
        (request.register, request.value)
        for request in sim.requests
        if isinstance(request, WriteHoldingRegisterRequest)
    ]


@pytest.mark.parametrize("fault", [Fault.WRONG_CRC, Fault.TRUNCATED_FRAME, Fault.ZERO_TAIL])
async def test_a_lost_acknowledgement_is_settled_by_reading_back(fault: Fault) -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(fault, 1, start=HR(RESERVE))
        report = await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert report == WriteReport(written=[RegisterWrite(RESERVE, 44)])
        assert attempts(sim) == [(RESERVE, 44)]


async def test_a_late_acknowledgement_is_settled_by_reading_back() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.LATE_RESPONSE, 1, start=HR(RESERVE), seconds=0.3)
        report = await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert report == WriteReport(written=[RegisterWrite(RESERVE, 44)])
        assert set(attempts(sim)) == {(RESERVE, 44)}


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.WRITE_REFUSED])
async def test_a_write_that_was_not_applied_is_sent_once_more(fault: Fault) -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(fault, 1, start=HR(RESERVE))
        report = await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert report == WriteReport(written=[RegisterWrite(RESERVE, 44)])
        assert attempts(sim) == [(RESERVE, 44)] * 2
        assert written(sim) == [(RESERVE, 44)]


async def test_a_refusal_of_what_was_applied_is_a_success() -> None:
    async with plant_of("gen1_hybrid", rejects={RESERVE: {44}}) as (sim, client):
        sim.registers[0x11][HR(RESERVE)] = 44
        report = await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert report == WriteReport(written=[RegisterWrite(RESERVE, 44)])


async def test_a_refusal_that_stays_is_raised_with_the_true_value_read() -> None:
    async with plant_of("gen1_hybrid", rejects={RESERVE: {44}}) as (sim, client):
        sim.registers[0x11][HR(RESERVE)] = 9
        with pytest.raises(WriteRefused) as raised:
            await client.one_shot_command([write(RESERVE, 44), write(TARGET, 55)], verify=True)
        assert raised.value.report == WriteReport(refused=[RegisterWrite(RESERVE, 44)])
        assert attempts(sim) == [(RESERVE, 44)] * 2
        assert client.plant.inverter.battery_soc_reserve == 9


async def test_a_write_that_is_never_answered_is_raised_with_the_true_value_read() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.registers[0x11][HR(RESERVE)] = 9
        sim.silent.add((0x11, HR(RESERVE)))
        with pytest.raises(WriteRefused, match=r"HR\(110\) is 9, not 44"):
            await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert client.plant.inverter.battery_soc_reserve == 9


async def test_a_momentary_setting_is_never_repeated() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.inject(Fault.SILENT, 1, start=HR(163))
        with pytest.raises(ResponseTimeout):
            await client.one_shot_command(commands.set_inverter_reboot(), verify=True)
        assert len(attempts(sim)) == 1


async def test_a_write_is_not_repeated_on_another_connection() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        sim.inject(Fault.DROP_CONNECTION, 1, start=HR(RESERVE))
        with pytest.raises(WriteRefused):
            await client.one_shot_command([write(RESERVE, 44)], verify=True)
        assert written(sim) == []


async def test_a_skipped_setting_that_has_changed_since_is_written() -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        await client.load_config()
        shown = sim.registers[0x11][HR(RESERVE)]
        sim.registers[0x11][HR(RESERVE)] = shown + 1
        report = await client.one_shot_command(
            [write(RESERVE, shown)], only_changes=True, verify=True
        )
        assert report == WriteReport(written=[RegisterWrite(RESERVE, shown)])
        assert sim.registers[0x11][HR(RESERVE)] == shown


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


# Acknowledgements of other values.


async def command_of(client: Client, sim: Simulator, *, verify: bool) -> WriteReport:
    """Write while another client writes another value to the same register."""
    sim.inject(Fault.FOREIGN_WRITE_ACK, 1)
    return await client.one_shot_command([write(RESERVE, 44)], verify=verify)


@pytest.mark.parametrize("verify", [False, True])
async def test_somebody_elses_acknowledgement_is_not_ours(verify: bool) -> None:
    async with plant_of("gen1_hybrid") as (sim, client):
        report = await command_of(client, sim, verify=verify)
        assert report == WriteReport(written=[RegisterWrite(RESERVE, 44)])
        assert written(sim) == [(RESERVE, 44)]


async def test_an_acknowledgement_of_another_value_leaves_the_write_unacknowledged() -> None:
    async with ScriptedAdapter() as adapter, adapter.client(HASTY) as client:
        async with Simulator("gen1_hybrid", heartbeat=0) as sim:
            client.adopt(layout_of(sim))
        sending = asyncio.create_task(client.one_shot_command([write(CHARGE_LIMIT, 80)]))
        await adapter.next_request()
        adapter.send(acknowledgement(CHARGE_LIMIT, 50))
        with pytest.raises(ResponseTimeout) as raised:
            await sending
        assert raised.value.report == WriteReport()


async def test_only_the_plant_can_acknowledge_what_only_it_has_got() -> None:
    async with plant_of("gen1_hybrid", timing=HASTY) as (sim, client):
        sim.silent.add((0x11, HR(RESERVE)))
        await sim.send(acknowledgement(RESERVE, 44, serial=sim.bus.inverter_serial).encode())
        await settle()
        with pytest.raises(ResponseTimeout):
            await client.one_shot_command([write(RESERVE, 44)])
