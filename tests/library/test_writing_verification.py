"""Writing only what changes, and reading back what was written."""

import asyncio
from datetime import datetime, timedelta

import pytest
from givenergy_modbus.client import commands
from givenergy_modbus.exceptions import (
    CommunicationError,
    ConnectionLost,
    RefreshError,
    ResponseTimeout,
)
from givenergy_modbus.model.register import HR
from givenergy_modbus.simulator import Fault
from givenergy_modbus.write_report import Clamped, RegisterWrite, WriteReport

from tests.library.plants import plant_of
from tests.library.setting_writes import (
    CHARGE_LIMIT,
    ENABLE_CHARGE,
    HASTY,
    RESERVE,
    TARGET,
    write,
    written,
)
from tests.library.test_polling import reads

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
