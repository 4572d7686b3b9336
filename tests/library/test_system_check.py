"""A check finds what is wrong with a connection, a line, a clock and the settings."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from errno import ECONNREFUSED, EHOSTUNREACH, EIO, ENETUNREACH
from socket import gaierror

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.findings import ADVICE, Finding, FindingCode, connection_failure
from givenergy_modbus.client.system_check import (
    REQUESTS,
    SystemCheck,
    check_system,
    read_identity,
)
from givenergy_modbus.client.timing import RetryPolicy, Timing
from givenergy_modbus.exceptions import CommunicationError, ConnectionLost
from givenergy_modbus.model.plan import Block, Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, Bank
from givenergy_modbus.simulator import Fault, ForeignPoller, Simulator

from tests.library.clocks import ManualClock
from tests.library.plants import CALM, QUICK, ScriptedAdapter


async def checked(
    sim: Simulator, listen: float = 0.0, now: datetime | None = None, timing: Timing = CALM
) -> SystemCheck:
    """Return the check of a simulated plant."""
    client = Client(sim.host, sim.port, timing=timing)
    try:
        return await check_system(client, listen=listen, now=now or sim.bus.clock.shown)
    finally:
        await client.close()


def codes(check: SystemCheck) -> set[FindingCode]:
    return {finding.code for finding in check.findings}


async def test_a_plant_in_order() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        check = await checked(sim)
    assert check.model == "Hybrid Gen 1"
    assert check.inverter_serial == "SA2241G101"
    assert len(check.response_times) == REQUESTS
    assert (check.lost, check.foreign_responses) == (0, 0)
    assert abs(check.clock_drift or 0) < 5
    assert check.findings == []
    shared = check.to_dict()
    assert shared["inverter_serial"] == "SA2241G000"
    assert check.to_dict(redact=False)["inverter_serial"] == "SA2241G101"


async def test_another_client_is_counted() -> None:
    poller = ForeignPoller((Read(0x11, Block(Bank.INPUT, 180)),), (0.01, 0.02))
    options = {"latency": 0.0, "heartbeat": 0}
    async with Simulator("gen1_hybrid", foreign=(poller,), **options) as sim:
        check = await checked(sim, listen=0.5)
    assert codes(check) == {FindingCode.OTHER_CLIENTS}
    assert check.foreign_responses > 5
    assert check.foreign_per_minute > 60


async def test_a_bad_line_loses_responses() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        sim.inject(Fault.SILENT, 3, address=0x11, start=IR(0))
        check = await checked(sim, timing=QUICK)
    assert FindingCode.LOST_RESPONSES in codes(check)
    assert check.lost > 0
    assert len(check.response_times) + check.lost == REQUESTS


async def test_a_late_response_is_not_lost() -> None:
    impatient = replace(CALM, command=RetryPolicy(0.05))
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        sim.inject(Fault.LATE_RESPONSE, 1, address=0x11, start=IR(0), seconds=0.2)
        check = await checked(sim, timing=impatient)
    assert check.findings == []
    assert len(check.response_times) == REQUESTS


async def test_damaged_responses_are_counted() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        sim.inject(Fault.WRONG_CRC, 2, address=0x11, start=IR(0))
        check = await checked(sim)
    assert codes(check) == {FindingCode.DAMAGED_RESPONSES}
    assert check.damaged == check.retries == 2
    assert check.lost == 0
    assert len(check.response_times) == REQUESTS


async def test_an_inverter_that_stopped_responding_is_named() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        client = Client(sim.host, sim.port, timing=QUICK)
        await client.detect()
        sim.silent.add(0x11)
        check = await check_system(client, listen=0.0, now=sim.bus.clock.shown)
        await client.close()
    assert FindingCode.NOTHING_DETECTED in codes(check)
    assert check.requests == check.lost < REQUESTS
    assert check.response_times == []


async def test_a_connection_in_use_is_kept_and_a_recording_too() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        client = Client(sim.host, sim.port, timing=CALM)
        await client.detect()
        recorded: list[str] = []
        recording = asyncio.create_task(
            client.capture_frames(lambda direction, _: recorded.append(direction), 60)
        )
        await asyncio.sleep(0)
        check = await check_system(client, listen=0.0, now=sim.bus.clock.shown)
        recording.cancel()
        assert client.connections == 1
        await client.close()
    assert check.findings == []
    assert check.foreign_per_minute is None
    assert recorded


async def test_settings_and_clock_that_surprise() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        inverter = sim.registers[0x11]
        inverter |= {HR(50): 60, HR(110): 90, HR(31): 600, HR(32): 700}
        check = await checked(sim, now=sim.bus.clock.shown + timedelta(minutes=10))
    data = {finding.code: dict(finding.data) for finding in check.findings}
    seconds = float(data.pop(FindingCode.CLOCK_DRIFT)["seconds"])
    assert data == {
        FindingCode.OUTPUT_LIMITED: {"percent": 60},
        FindingCode.RESERVE_ABOVE_TARGET: {"reserve": 90, "target": 85},
        FindingCode.SEVERAL_CHARGE_SLOTS: {"count": 2},
    }
    assert -660 < seconds < -590


async def test_the_clock_is_compared_with_the_time_it_was_read_at() -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0, speed=0) as sim:
        shown = sim.bus.clock.shown
        clock = ManualClock()
        async with Client(sim.host, sim.port, timing=CALM, plant=Plant(clock=clock)) as client:
            await client.detect()
            clock.advance(90)
            check = SystemCheck()
            read_identity(client.plant, check, shown + timedelta(seconds=90))
    assert check.clock_drift == 0


async def test_an_ems_is_named() -> None:
    async with Simulator("ems", latency=0, heartbeat=0) as sim:
        check = await checked(sim)
    assert FindingCode.MANAGED_BY_EMS in codes(check)


async def test_a_closed_port_is_told(unused_tcp_port: int) -> None:
    client = Client("127.0.0.1", unused_tcp_port, timing=QUICK)
    check = await check_system(client, listen=0)
    await client.close()
    assert codes(check) == {FindingCode.CONNECTION_REFUSED}
    assert not check.is_connected


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (gaierror(-2, "Name or service not known"), FindingCode.HOST_NOT_FOUND),
        (UnicodeError("label too long"), FindingCode.HOST_NOT_FOUND),
        (ConnectionRefusedError(ECONNREFUSED, "refused"), FindingCode.CONNECTION_REFUSED),
        (OSError(EHOSTUNREACH, "no route to host"), FindingCode.HOST_UNREACHABLE),
        (OSError(ENETUNREACH, "network is unreachable"), FindingCode.HOST_UNREACHABLE),
        (TimeoutError(), FindingCode.CONNECTION_TIMED_OUT),
        (OSError(EIO, "something else"), FindingCode.CANNOT_CONNECT),
        (None, FindingCode.CANNOT_CONNECT),
    ],
)
def test_a_failed_connection_has_a_reason(cause: Exception | None, code: FindingCode) -> None:
    error = CommunicationError("could not connect")
    error.__cause__ = cause
    assert connection_failure(error) is code
    outer = ConnectionLost("no connection")
    outer.__cause__ = error
    assert connection_failure(outer) is code


async def test_a_dongle_without_an_inverter() -> None:
    async with ScriptedAdapter() as adapter:
        client = Client(adapter.host, adapter.port, timing=QUICK)
        check = await check_system(client, listen=0)
        await client.close()
    assert check.is_connected
    assert codes(check) == {FindingCode.NOT_GIVENERGY}


@pytest.mark.parametrize("code", FindingCode)
def test_every_finding_has_advice(code: FindingCode) -> None:
    assert ADVICE[code].endswith(".")


def test_advice_has_the_figures() -> None:
    assert "-600 s" in Finding(FindingCode.CLOCK_DRIFT, {"seconds": -600}).advice
