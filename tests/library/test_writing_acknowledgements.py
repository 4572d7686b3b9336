"""Writes whose acknowledgement is late, lost, a refusal, or of another value."""

import asyncio

import pytest
from givenergy_modbus.client import commands
from givenergy_modbus.client.client import Client
from givenergy_modbus.exceptions import ResponseTimeout, WriteRefused
from givenergy_modbus.model.register import HR
from givenergy_modbus.pdu import WriteHoldingRegisterRequest
from givenergy_modbus.simulator import Fault, Simulator
from givenergy_modbus.write_report import RegisterWrite, WriteReport

from tests.library.plants import ScriptedAdapter, acknowledgement, layout_of, plant_of, settle
from tests.library.setting_writes import CHARGE_LIMIT, HASTY, RESERVE, TARGET, write, written

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
