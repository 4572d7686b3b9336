"""Every fault has the effect of its description."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from givenergy_modbus.exceptions import InvalidFrame
from givenergy_modbus.model.guards import Page
from givenergy_modbus.model.guards.garbage import is_leaked
from givenergy_modbus.model.guards.splice import deviations, lacks_temperatures
from givenergy_modbus.model.register import IR, Bank
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    NullResponse,
    ReadInputRegistersResponse,
    ReadRegistersResponse,
    WriteHoldingRegisterResponse,
)
from givenergy_modbus.simulator import Fault, Simulator

from .answers import put
from .raw_connection import RawConnection, hr, ir, write

type Proof = Callable[[Simulator, RawConnection], Awaitable[None]]

PROOFS: dict[Fault, Proof] = {}

PACK = ir(60, at=0x32)
DURATION = 0.5
"""Seconds that a fault lasts which has a duration."""


def proves(fault: Fault) -> Callable[[Proof], Proof]:
    """Register the proof of a fault's effect; the fault is injected into one response."""

    def register(proof: Proof) -> Proof:
        PROOFS[fault] = proof
        return proof

    return register


@pytest.mark.parametrize("fault", PROOFS, ids=lambda fault: fault.name)
async def test_fault_does_what_it_says(fault: Fault) -> None:
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as simulator:
        simulator.inject(fault, times=1, seconds=DURATION)
        async with RawConnection(simulator) as line:
            await PROOFS[fault](simulator, line)
        assert not simulator.faults.active, "it strikes once, as asked"


def test_every_fault_is_proven_and_described() -> None:
    assert set(PROOFS) == set(Fault)
    assert all(fault.description for fault in Fault)
    assert len({fault.description for fault in Fault}) == len(Fault)


async def sound(line: RawConnection) -> None:
    """Check that the plant is as before."""
    assert any((await line.page(ir(0))).values())


@proves(Fault.SILENT)
async def _silent(simulator: Simulator, line: RawConnection) -> None:
    assert await line.ask(ir(0)) == []
    await sound(line)


@proves(Fault.SILENT_WINDOW)
async def _silent_window(simulator: Simulator, line: RawConnection) -> None:
    assert await line.ask(ir(0)) == []
    assert await line.ask(hr(0)) == [], "whoever asks, and for whatever"
    await asyncio.sleep(DURATION)
    await sound(line)


@proves(Fault.EXCEPTION_COUNT_0)
async def _exception_without_count(simulator: Simulator, line: RawConnection) -> None:
    (answer,) = await line.ask(ir(180))
    assert isinstance(answer, ReadInputRegistersResponse)
    assert (answer.error, answer.base_register, answer.register_count) == (True, 180, 0)
    assert len(line.heard) == 44
    assert line.heard[27] == 0x84
    await sound(line)


@proves(Fault.EXCEPTION_COUNT_ECHOED)
async def _exception_with_count(simulator: Simulator, line: RawConnection) -> None:
    (answer,) = await line.ask(hr(60))
    assert isinstance(answer, ReadRegistersResponse)
    assert (answer.error, answer.base_register, answer.register_count) == (True, 60, 60)
    await sound(line)


@proves(Fault.WRITE_REFUSED)
async def _write_refused(simulator: Simulator, line: RawConnection) -> None:
    before = simulator.registers[0x11].copy()
    (answer,) = await line.ask(write(110, 20))
    assert isinstance(answer, WriteHoldingRegisterResponse)
    assert (answer.error, answer.register, answer.value) == (True, 110, 20)
    assert line.heard[27] == 0x86
    assert simulator.registers[0x11] == before
    assert simulator.writes == []


@proves(Fault.WRITE_IGNORED)
async def _write_ignored(simulator: Simulator, line: RawConnection) -> None:
    (answer,) = await line.ask(write(110, 20))
    assert isinstance(answer, WriteHoldingRegisterResponse)
    assert (answer.error, answer.value) == (False, 20)
    assert (await line.page(hr(60)))[110] == 4


@proves(Fault.DROP_CONNECTION)
async def _drop_connection(simulator: Simulator, line: RawConnection) -> None:
    assert await line.ask(ir(0)) == []
    assert line.ended
    async with RawConnection(simulator) as again:
        await sound(again)


@proves(Fault.RESET_CONNECTION)
async def _reset_connection(simulator: Simulator, line: RawConnection) -> None:
    assert await line.ask(ir(0)) == []
    assert line.reset
    async with RawConnection(simulator) as again:
        await sound(again)


@proves(Fault.LOST_PACK_SILENT)
async def _lost_pack_silent(simulator: Simulator, line: RawConnection) -> None:
    await sound(line)
    assert await line.ask(PACK) == []
    assert (await line.page(PACK))[97] == 16


@proves(Fault.LOST_PACK_ZEROS)
async def _lost_pack_zeros(simulator: Simulator, line: RawConnection) -> None:
    assert not any((await line.page(PACK)).values())
    assert (await line.page(PACK))[97] == 16


@proves(Fault.LOST_PACK_GHOST)
async def _lost_pack_ghost(simulator: Simulator, line: RawConnection) -> None:
    ghost = await line.page(PACK)
    assert {register for register, word in ghost.items() if word} == set(range(68, 76))
    assert (await line.page(PACK))[97] == 16


@proves(Fault.FROZEN_PACK)
async def _frozen_pack(simulator: Simulator, line: RawConnection) -> None:
    simulator.clear()
    simulator.inject(Fault.FROZEN_PACK)
    frozen = await line.page(PACK)
    other = await line.page(ir(0))
    simulator.step(600)
    assert await line.page(PACK) == frozen
    assert await line.page(ir(0)) != other
    simulator.clear(Fault.FROZEN_PACK)
    assert await line.page(PACK) != frozen


@proves(Fault.PATTERN_A)
async def _pattern_a(simulator: Simulator, line: RawConnection) -> None:
    words = await line.page(ir(0))
    assert is_leaked(Page(0x11, Bank.INPUT, 0, tuple(words.values())))
    again = await line.page(ir(0))
    assert not is_leaked(Page(0x11, Bank.INPUT, 0, tuple(again.values())))


@proves(Fault.PATTERN_B)
async def _pattern_b(simulator: Simulator, line: RawConnection) -> None:
    assert not any((await line.page(hr(0))).values())
    assert (await line.page(hr(0)))[0] == 0x2001


@proves(Fault.COHORT_PAGE)
async def _cohort_page(simulator: Simulator, line: RawConnection) -> None:
    words = await line.page(PACK)
    assert lacks_temperatures(put(IR(60), tuple(words.values())))
    assert words[60] > 3000
    assert not lacks_temperatures(put(IR(60), tuple((await line.page(PACK)).values())))


async def _one_change(line: RawConnection, register: int) -> None:
    odd = await line.page(PACK)
    even = await line.page(PACK)
    page = Page(PACK.device_address, Bank.INPUT, 60, tuple(odd.values()))
    found = deviations(put(IR(60), tuple(even.values())), page)
    assert [deviation.registers for deviation in found] == [(IR(register),)]


@proves(Fault.SPLICE_SINGLE)
async def _splice_single(simulator: Simulator, line: RawConnection) -> None:
    await _one_change(line, 64)


@proves(Fault.CONSTANT_FLIP)
async def _constant_flip(simulator: Simulator, line: RawConnection) -> None:
    await _one_change(line, 97)


@proves(Fault.LOST_HIGH_WORD)
async def _lost_high_word(simulator: Simulator, line: RawConnection) -> None:
    lost, whole = await line.page(ir(0)), await line.page(ir(0))
    assert whole[11] == 2, "a lifetime of more than 6553.5 kWh"
    assert lost[11] == 0
    assert lost[12] == whole[12]
    assert lost[17] == whole[17], "no daily counter"


@proves(Fault.COUNTER_STEP_BACK)
async def _counter_step_back(simulator: Simulator, line: RawConnection) -> None:
    back, whole = await line.page(ir(0)), await line.page(ir(0))
    assert (back[11], back[12]) == (whole[11], whole[12] - 70)
    assert back[17] == whole[17], "no daily counter"
    assert back[18] == whole[18]


@proves(Fault.COUNTER_JUMP)
async def _counter_jump(simulator: Simulator, line: RawConnection) -> None:
    ahead, whole = await line.page(ir(0)), await line.page(ir(0))
    assert ahead[12] == whole[12] + 5000
    assert ahead[18] == whole[18]


@proves(Fault.WRONG_CRC)
async def _wrong_crc(simulator: Simulator, line: RawConnection) -> None:
    (answer,) = await line.ask(ir(0))
    assert isinstance(answer, ReadRegistersResponse)
    assert answer.crc_failed
    await sound(line)


@proves(Fault.ZERO_TAIL)
async def _zero_tail(simulator: Simulator, line: RawConnection) -> None:
    answer, heartbeat = await line.ask(ir(0))
    assert isinstance(answer, ReadRegistersResponse)
    assert answer.crc_failed
    assert any(answer.register_values)
    assert not any(answer.register_values[-40:])
    assert isinstance(heartbeat, HeartbeatRequest)
    assert [len(piece) for piece in line.pieces] == [183]
    assert line.heard[162:164] == b"\0\0"
    await sound(line)


@proves(Fault.NULL_RESPONSE)
async def _null_response(simulator: Simulator, line: RawConnection) -> None:
    answer, heartbeat = await line.ask(PACK)
    assert isinstance(answer, NullResponse)
    assert answer.device_address == 0x32
    assert isinstance(heartbeat, HeartbeatRequest)
    assert len(line.heard) == 183
    await sound(line)


@proves(Fault.UNKNOWN_FUNCTION)
async def _unknown_function(simulator: Simulator, line: RawConnection) -> None:
    (error,) = await line.ask(ir(0))
    assert isinstance(error, InvalidFrame)
    assert "0x39" in error.message
    await sound(line)


@proves(Fault.OVERSIZE_LENGTH)
async def _oversize_length(simulator: Simulator, line: RawConnection) -> None:
    answers = await line.ask(ir(0))
    assert not any(isinstance(response, ReadRegistersResponse) for response in answers)
    assert line.heard[4:6] == (301).to_bytes(2, "big")
    await sound(line)


@proves(Fault.LATE_RESPONSE)
async def _late_answer(simulator: Simulator, line: RawConnection) -> None:
    line.send(ir(0), hr(0))
    answer, late = await line.listen(quiet=2, enough=2)
    assert isinstance(answer, ReadRegistersResponse)
    assert answer.bank == "HR", "others do not wait for it"
    assert isinstance(late, ReadRegistersResponse)
    assert (late.bank, late.base_register) == ("IR", 0)


@proves(Fault.DUPLICATED_RESPONSE)
async def _duplicated_answer(simulator: Simulator, line: RawConnection) -> None:
    first, second = await line.ask(ir(0))
    assert first == second
    await sound(line)


@proves(Fault.FOREIGN_WRITE_ACK)
async def _foreign_write_ack(simulator: Simulator, line: RawConnection) -> None:
    await sound(line)
    foreign, ours = await line.ask(write(110, 20))
    assert isinstance(foreign, WriteHoldingRegisterResponse)
    assert isinstance(ours, WriteHoldingRegisterResponse)
    assert (foreign.register, ours.register, ours.value) == (110, 110, 20)
    assert foreign.value != 20


@proves(Fault.TRUNCATED_FRAME)
async def _truncated_frame(simulator: Simulator, line: RawConnection) -> None:
    broken, answer = await line.ask(ir(0))
    assert isinstance(broken, InvalidFrame)
    assert isinstance(answer, ReadRegistersResponse)
    assert not answer.crc_failed
    assert len(line.heard) == 164 * 2 // 3 + 164


@proves(Fault.GARBAGE_BETWEEN)
async def _garbage_between(simulator: Simulator, line: RawConnection) -> None:
    (answer,) = await line.ask(ir(0))
    assert isinstance(answer, ReadRegistersResponse)
    assert len(line.heard) > 164


@proves(Fault.STRAY_ZERO)
async def _stray_zero(simulator: Simulator, line: RawConnection) -> None:
    (answer,) = await line.ask(ir(0))
    assert isinstance(answer, ReadRegistersResponse)
    assert line.heard[0] == 0
    assert len(line.heard) == 165


@proves(Fault.COALESCE)
async def _coalesce(simulator: Simulator, line: RawConnection) -> None:
    foreign, answer, heartbeat = await line.ask(hr(0))
    assert isinstance(foreign, ReadInputRegistersResponse)
    assert isinstance(answer, ReadRegistersResponse)
    assert answer.bank == "HR"
    assert isinstance(heartbeat, HeartbeatRequest)
    assert len(line.pieces) == 1


@proves(Fault.SPLIT_FRAMES)
async def _split_frames(simulator: Simulator, line: RawConnection) -> None:
    (answer,) = await line.ask(ir(0))
    assert isinstance(answer, ReadRegistersResponse)
    assert len(line.pieces) > 1
    assert len(line.heard) == 164


async def test_fault_waits_for_an_answer_it_can_strike() -> None:
    async with (
        Simulator("gen1_hybrid", latency=0) as simulator,
        RawConnection(simulator) as line,
    ):
        simulator.inject(Fault.CONSTANT_FLIP, times=1, address=0x33)
        simulator.inject(Fault.SILENT, times=1, start=IR(180))
        await sound(line)
        assert (await line.page(PACK))[97] == 16
        assert len(simulator.faults.active) == 2
        assert (await line.page(ir(60, at=0x33)))[97] != 16
        assert await line.ask(ir(180)) == []
        assert simulator.faults.active == []


async def test_fault_may_be_a_matter_of_chance() -> None:
    async with (
        Simulator("gen1_hybrid", latency=0, seed=3) as simulator,
        RawConnection(simulator) as line,
    ):
        simulator.inject(Fault.WRONG_CRC, probability=0.5)
        line.send(*[ir(0)] * 40)
        answers = await line.listen(quiet=1, enough=40)
        corrupted = sum(
            response.crc_failed
            for response in answers
            if isinstance(response, ReadRegistersResponse)
        )
        assert 10 < corrupted < 30
        simulator.clear()
        await sound(line)


async def test_lost_module_is_named_by_its_address() -> None:
    async with (
        Simulator("all_in_one", latency=0) as simulator,
        RawConnection(simulator) as line,
    ):
        simulator.inject(Fault.LOST_PACK_SILENT, address=0x51)
        assert await line.page(ir(60, at=0x50))
        assert await line.ask(ir(60, at=0x51)) == []
