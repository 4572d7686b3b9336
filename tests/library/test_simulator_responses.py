"""The frames a simulated plant responds with, and where it does not respond."""

from random import Random

import pytest
from givenergy_modbus.model.register import HR, IR
from givenergy_modbus.model.register_cache import RegisterCache
from givenergy_modbus.pdu import ReadMeterProductRegistersRequest, ReadRegistersResponse
from givenergy_modbus.simulator import Simulator

from .raw_connection import RawConnection, hr, ir


class TestFrames:
    """What frames look like."""

    @pytest.mark.parametrize("count", [1, 5, 20, 30, 36, 54, 60])
    async def test_sizes(self, count: int) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            await line.page(ir(0, count))
            assert len(line.heard) == 44 + 2 * count
            assert int.from_bytes(line.heard[4:6]) == 38 + 2 * count
            assert int.from_bytes(line.heard[18:26]) == 18 + 2 * count
            assert line.heard[8:18] == b"WF2239G017"
            assert line.heard[28:38] == b"SA2241G101"

    async def test_any_run_of_registers(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            words = simulator.registers[0x11]
            assert await line.page(hr(55, 8)) == {at: words.get(HR(at), 0) for at in range(55, 63)}
            assert list(await line.page(ir(170, 20))) == list(range(170, 190))

    async def test_one_product_names_the_device_asked(self) -> None:
        async with (
            Simulator("all_in_one", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            names = [
                response.inverter_serial_number
                for at in (0x11, 0x50, 0x53, 0x70, 0xA0)
                for response in await line.ask(ir(60, at=at))
                if isinstance(response, ReadRegistersResponse)
            ]
        assert names == ["CH2413G141", "HX2412G601", "HX2412G604", "HC2412G611", "HC2412G611"]

    async def test_requests_that_are_not_looked_at(self) -> None:
        frame = ir(0).encode()
        no_length = frame[:18] + bytes(8) + frame[26:]
        wrong_check = frame[:-1] + bytes((frame[-1] ^ 1,))
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert await line.ask(no_length, wrong_check) == []
            assert len(simulator.requests) == 2
            assert await line.page(ir(0))
        async with (
            Simulator("gen1_hybrid", latency=0, check_crc=False) as simulator,
            RawConnection(simulator) as line,
        ):
            assert len(await line.ask(no_length, wrong_check)) == 1

    async def test_too_much_at_once_is_an_exception(self) -> None:
        request = ir(0).encode()
        asked = request[:30] + (120).to_bytes(2, "big") + request[32:]
        async with (
            Simulator("gen1_hybrid", latency=0, check_crc=False) as simulator,
            RawConnection(simulator) as line,
        ):
            (answer,) = await line.ask(asked)
        assert isinstance(answer, ReadRegistersResponse)
        assert (answer.error, answer.register_count) == (True, 120)
        assert line.heard[18:26] == bytes((0, 0, 0, 0, 0, 0, 0, 0x12))

    async def test_noise_does_no_harm(self) -> None:
        random = Random(5)
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            for size in range(40):
                line.send(random.randbytes(size))
                assert await line.page(ir(0))


class TestAbsent:
    """What is heard of things that are not there."""

    SILENCE, EXCEPTION, ZEROS = "silence", "exception", "zeros"

    @pytest.mark.parametrize(
        ("name", "request_", "manner"),
        [
            ("gen1_hybrid", hr(180), SILENCE),
            ("gen1_hybrid", ir(300), SILENCE),
            ("gen1_hybrid", ir(290, 20), SILENCE),
            ("gen1_hybrid", ir(60, 30, at=0x01), SILENCE),
            ("gen1_hybrid", ir(60, at=0x36), ZEROS),
            ("gen1_hybrid", ir(60, at=0x31), ZEROS),
            ("gen1_hybrid", ir(60, at=0x50), SILENCE),
            ("gen2_hybrid", hr(540), SILENCE),
            ("ac_coupled", ir(60, at=0x37), ZEROS),
            ("ac_coupled", hr(240), ZEROS),
            ("all_in_one", hr(1100), EXCEPTION),
            ("all_in_one", ir(60, 30, at=0x01), ZEROS),
            ("all_in_one", ir(60, at=0x32), SILENCE),
            ("all_in_one", ir(60, at=0x54), SILENCE),
            ("three_phase_hv", ir(60, 30, at=0x03), ZEROS),
            ("three_phase_hv", ir(0), ZEROS),
            ("hv_gen3", ir(1000), ZEROS),
            ("hv_gen3", ir(1360, 54), ZEROS),
            ("ems", ir(60, 30, at=0x07), ZEROS),
            ("ems", ir(180), ZEROS),
            ("gateway", ir(60, 30, at=0x08), ZEROS),
            ("gateway", ir(0), ZEROS),
            ("gateway", ir(60, at=0x32), SILENCE),
        ],
    )
    async def test_manner(self, name: str, request_: object, manner: str) -> None:
        async with Simulator(name, latency=0) as simulator, RawConnection(simulator) as line:
            match await line.ask(request_):
                case []:
                    assert manner == self.SILENCE
                case [ReadRegistersResponse(error=True)]:
                    assert manner == self.EXCEPTION
                case [ReadRegistersResponse(register_values=words)]:
                    assert manner == self.ZEROS
                    assert not any(words)

    async def test_empty_place_may_show_a_ghost(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            ghost = await line.page(ir(60, at=0x34))
        assert {at for at, word in ghost.items() if word} == set(range(68, 76))

    async def test_older_hardware_mirrors_the_inverter(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            for request in (hr, ir):
                own = await line.page(request(0))
                assert await line.page(request(0, at=0x31)) == own
                assert await line.page(request(0, at=0x32)) == own
            assert await line.page(ir(0, at=0x30)) == await line.page(ir(0))
            assert (await line.page(ir(60, at=0x30)))[99] == 0x0210, "two packs of 16 cells"
            assert await line.ask(hr(180, at=0x31)) == [], "as far as it answers itself"
            assert (await line.page(ir(60, at=0x32)))[97] == 16, "a pack of its own"

    async def test_meters_tell_their_make(self) -> None:
        question = ReadMeterProductRegistersRequest(
            device_address=2, base_register=60, register_count=60
        )
        async with (
            Simulator("three_phase_hv", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert (await line.page(question))[68] == 9600
        async with Simulator("gateway", latency=0) as simulator, RawConnection(simulator) as line:
            assert await line.ask(question) == []

    async def test_devices_come_and_go(self) -> None:
        async with (
            Simulator("gen2_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert await line.ask(ir(60, at=0x33)) == []
            simulator.registers[0x33] = RegisterCache(simulator.registers[0x32])
            assert await line.page(ir(60, at=0x33)) == await line.page(ir(60, at=0x32))
            del simulator.registers[0x32]
            assert await line.ask(ir(60, at=0x32)) == []
            simulator.step(60)

    async def test_devices_and_blocks_can_be_silenced(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            simulator.silent |= {0x33, (0x11, IR(180))}
            assert await line.ask(ir(60, at=0x33), ir(180)) == []
            assert await line.page(ir(0))
            simulator.silent = set()
            assert await line.page(ir(180))
