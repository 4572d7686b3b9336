"""What a simulated plant does with writes."""

import asyncio

from givenergy_modbus.pdu import WriteHoldingRegisterResponse
from givenergy_modbus.simulator import Simulator

from .raw_connection import RawConnection, hr, ir, write


class TestWrites:
    """What a write does."""

    async def test_it_is_taken_and_repeated(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            (answer,) = await line.ask(write(110, 20))
            assert isinstance(answer, WriteHoldingRegisterResponse)
            assert (answer.error, answer.register, answer.value) == (False, 110, 20)
            assert len(line.heard) == 44
            assert line.heard[25] == 0x12
            assert (await line.page(hr(60)))[110] == 20
            assert simulator.writes == [(0x11, 110, 20)]

    async def test_it_moves_the_plant(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert (await line.page(ir(0)))[52] > 0x8000, "charging from the sun"
            await line.ask(write(27, 0), write(56, 1300), write(57, 1500), write(59, 1))
            simulator.step(1)
            assert 0 < (await line.page(ir(0)))[52] <= 2600

    async def test_some_are_turned_down(self) -> None:
        async with (
            Simulator("ac_coupled", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            (answer,) = await line.ask(write(313, 0))
            assert isinstance(answer, WriteHoldingRegisterResponse)
            assert answer.error
            assert (await line.page(hr(300)))[313] == 100
            (answer,) = await line.ask(write(313, 1))
            assert isinstance(answer, WriteHoldingRegisterResponse)
            assert not answer.error

    async def test_some_are_clamped_without_a_word(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            (answer,) = await line.ask(write(111, 90))
            assert isinstance(answer, WriteHoldingRegisterResponse)
            assert answer.value == 90
            assert (await line.page(hr(60)))[111] == 50

    async def test_lists_can_be_given(self) -> None:
        async with (
            Simulator(
                "gen1_hybrid",
                latency=0,
                rejects={96: {1}},
                clamps={110: (10, 90)},
                reasserts={50: 100},
            ) as simulator,
            RawConnection(simulator) as line,
        ):
            (refused,) = await line.ask(write(96, 1))
            assert isinstance(refused, WriteHoldingRegisterResponse)
            assert refused.error
            await line.ask(write(110, 4), write(111, 90), write(50, 40))
            words = await line.page(hr(50))
            assert (words[50], (await line.page(hr(110, 2)))) == (40, {110: 10, 111: 90})
            simulator.step(1)
            assert (await line.page(hr(50, 1)))[50] == 100, "somebody puts it back"

    async def test_registers_that_are_not_there(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert await line.ask(write(313, 50)) == []
        async with (
            Simulator("all_in_one", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            (answer,) = await line.ask(write(1112, 1))
            assert isinstance(answer, WriteHoldingRegisterResponse)
            assert answer.error
        assert simulator.writes == []

    async def test_clock_is_set_and_goes_on(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert list((await line.page(hr(35, 6))).values()) == [26, 6, 18, 13, 29, 36]
            await line.ask(*(write(35 + at, word) for at, word in enumerate((26, 7, 1, 8, 0, 0))))
            assert list((await line.page(hr(35, 6))).values()) == [26, 7, 1, 8, 0, 0]
            simulator.step(61)
            assert list((await line.page(hr(35, 6))).values())[3:] in ([8, 1, 1], [8, 1, 0])

    async def test_reboot_hangs_up_and_takes_a_while(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0, reboot_seconds=0.6) as simulator,
            RawConnection(simulator) as line,
        ):
            (answer,) = await line.ask(write(163, 100))
            assert isinstance(answer, WriteHoldingRegisterResponse)
            assert line.ended
            async with RawConnection(simulator) as again:
                assert await again.ask(ir(0)) == []
                await asyncio.sleep(0.6)
                assert (await again.page(hr(120)))[163] == 0
