"""A simulated plant answers as hardware does."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from random import Random

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plan import CONFIG, Read, possible
from givenergy_modbus.model.register import HR, IR, Bank
from givenergy_modbus.model.register_cache import RegisterCache
from givenergy_modbus.model.topology import derive_capabilities
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    HeartbeatResponse,
    LanConfigBroadcast,
    NullResponse,
    ReadInputRegistersResponse,
    ReadMeterProductRegistersRequest,
    ReadRegistersResponse,
    WriteHoldingRegisterResponse,
)
from givenergy_modbus.simulator import PROFILES, ForeignPoller, Simulator, cloud, profile
from givenergy_modbus.simulator.device_registers import DeviceRegisters
from givenergy_modbus.simulator.plant_profile import models_at

from .plants import until
from .raw_connection import RawConnection, hr, ir, write

EVERY_PLANT = pytest.mark.parametrize("name", PROFILES)
LAYOUTS = {
    "gen1_hybrid": (Model.HYBRID_GEN1, [], 2, 0),
    "gen2_hybrid": (Model.HYBRID_GEN2, [1], 1, 0),
    "gen3_hybrid": (Model.HYBRID_GEN3, [], 1, 0),
    "ac_coupled": (Model.AC, [], 2, 0),
    "all_in_one": (Model.ALL_IN_ONE, [], 0, 4),
    "three_phase_hv": (Model.HYBRID_3PH, [1, 2], 0, 6),
    "hv_gen3": (Model.HYBRID_HV_GEN3, [], 0, 3),
    "ems": (Model.EMS, [1, 3], 0, 0),
    "gateway": (Model.GATEWAY, [1, 2], 0, 0),
}
"""Model, meters, packs and modules of every ready plant."""

MAYBE = {
    "gen1_hybrid": set(),
    "gen2_hybrid": {"HR(180,60)"},
    "gen3_hybrid": {"HR(180,60)", "HR(300,60)", "HR(318,3)"},
    "ac_coupled": {"HR(180,60)"},
    "all_in_one": {"HR(180,60)"},
    "three_phase_hv": {"HR(240,60)"},
    "hv_gen3": {"HR(180,60)"},
    "ems": set(),
    "gateway": set(),
}
"""Which of the blocks that only some firmware serves each one serves."""


def layout(simulator: Simulator) -> PlantCapabilities:
    """Return what there is to be found in a plant."""
    return derive_capabilities(simulator.registers)


class TestPlants:
    """The ready plants."""

    @EVERY_PLANT
    def test_layout(self, name: str) -> None:
        model, meters, packs, modules = LAYOUTS[name]
        found = layout(Simulator(name))
        assert found.device_type is model
        assert found.meter_addresses == meters
        assert len(found.lv_battery_addresses) == packs
        assert len(found.aio_battery_module_addresses + found.hv_bmu_addresses) == modules
        assert (found.lv_bcu_address is not None) == (name == "gen2_hybrid")

    @EVERY_PLANT
    async def test_every_planned_block_is_served(self, name: str) -> None:
        async with Simulator(name, latency=0) as simulator, RawConnection(simulator) as line:
            found = layout(simulator)
            assert found.measurement_plan
            for read in found.measurement_plan + found.config_plan:
                words = await line.page(read.request)
                assert len(words) == read.block.count

    @EVERY_PLANT
    async def test_blocks_only_some_firmware_serves(self, name: str) -> None:
        async with Simulator(name, latency=0) as simulator, RawConnection(simulator) as line:
            served = set()
            for block in possible(CONFIG, layout(simulator).traits):
                answers = await line.ask(Read(0x11, block).request)
                served |= {
                    f"{block.bank}({block.start},{block.count})"
                    for response in answers
                    if isinstance(response, ReadRegistersResponse) and not response.error
                }
            assert served == MAYBE[name]

    def test_serials_are_whole_and_unique(self) -> None:
        serials = [serial for name in PROFILES for serial in self._serials(name)]
        assert len(serials) > 30
        assert len(set(serials)) == len(serials)
        for serial in serials:
            assert re.fullmatch(r"[A-Z]{2}\d{4}[A-Z]\d{3}|EMS\d{7}", serial), serial

    def _serials(self, name: str) -> Iterator[str]:
        plant = profile(name)
        yield plant.adapter_serial
        for address, words in plant.build().items():
            for model in models_at(address, plant.traits):
                for field in model.register_fields.values():
                    repeated = field.name == "first_inverter_serial_number"
                    if not field.codec.identifies or repeated or field.registers[0].bank == "MR":
                        continue
                    if (serial := field.read(words)) is not None:
                        yield serial

    def test_letters_of_a_serial_may_have_gone_astray(self) -> None:
        module = profile("three_phase_hv").build()[0x55]
        assert (module[IR(110)], module[IR(114)]) == (0x4859, 0)

    def test_values_may_be_changed_by_name(self) -> None:
        plant = profile("gen1_hybrid", name="mine", devices={0x11: {"battery_soc_reserve": 33}})
        sheet = DeviceRegisters(plant.build()[0x11], *models_at(0x11, plant.traits))
        assert (plant.name, sheet["battery_soc_reserve"]) == ("mine", 33)
        assert sheet["charge_target_soc"] == 85

    def test_unknown_names_are_refused(self) -> None:
        with pytest.raises(ValueError, match="gen1_hybrid"):
            profile("gen9_hybrid")
        with pytest.raises(ValueError, match="no register is called 'battery_sock'"):
            profile("gen1_hybrid", devices={0x11: {"battery_sock": 33}}).build()
        with pytest.raises(ValueError, match="battery_power_mode cannot be 'ECO'"):
            profile("gen1_hybrid", devices={0x11: {"battery_power_mode": "ECO"}}).build()

    def test_unknown_type_code_still_makes_a_plant(self) -> None:
        simulator = Simulator(profile("gen1_hybrid", devices={0x11: {"device_type_code": "9001"}}))
        assert layout(simulator).device_type is None
        assert simulator.bus.answer(ir(0)) is not None


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


class TestSharing:
    """Everybody hears everything, one answer at a time."""

    async def test_every_answer_goes_to_every_client(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as asking,
            RawConnection(simulator) as listening,
        ):
            (answer,) = await asking.ask(ir(0))
            assert await listening.listen() == [answer]
            assert simulator.clients == 2
            assert len(simulator.requests) == 1

    async def test_requests_wait_for_one_another(self) -> None:
        now = asyncio.get_running_loop().time
        async with (
            Simulator("gen1_hybrid", latency=0.04) as simulator,
            RawConnection(simulator) as first,
            RawConnection(simulator) as second,
        ):
            begun = now()
            first.send(ir(0))
            second.send(hr(0))
            answers = await first.listen(quiet=1, enough=2)
            assert now() - begun > 0.07
        assert [
            response.bank for response in answers if isinstance(response, ReadRegistersResponse)
        ] == ["IR", "HR"]

    async def test_hardware_takes_its_time(self) -> None:
        simulator = Simulator("gen1_hybrid")
        times = [simulator._service_time() for _ in range(2000)]
        assert min(times) >= 0.13
        assert sorted(times)[1000] == pytest.approx(0.23, abs=0.02)
        assert 5 < times.count(2.7) < 60

    async def test_others_ask_too(self) -> None:
        reads = (Read(0x31, possible_block()),)
        poller = ForeignPoller(reads, (0.01, 0.02))
        async with (
            Simulator("gen1_hybrid", latency=0, foreign=[poller]) as simulator,
            RawConnection(simulator) as line,
        ):
            answers = await line.listen(quiet=1, enough=3)
            assert {
                response.device_address
                for response in answers
                if isinstance(response, ReadRegistersResponse)
            } == {0x31}
            assert simulator.requests == [], "no client did"

    @pytest.mark.parametrize(("name", "at"), [("ac_coupled", 0x31), ("all_in_one", 0x11)])
    def test_cloud_asks_where_it_always_did(self, name: str, at: int) -> None:
        often, seldom = cloud(profile(name))
        assert [str(read) for read in often.reads] == [f"{at:#04x}:IR(0,60)"]
        assert f"{at:#04x}:HR(300,60)" in map(str, seldom.reads)
        assert often.period < seldom.period


def possible_block() -> object:
    """Return the block everybody asks for."""
    return CONFIG[0]


class TestAdapter:
    """The data adapter's own manners."""

    async def test_heartbeats_keep_a_connection(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0, heartbeat=0) as simulator,
            RawConnection(simulator) as faithful,
            RawConnection(simulator) as deaf,
        ):
            await faithful.page(ir(0))
            for _ in range(4):
                await simulator.beat()
                (heartbeat,) = await faithful.listen(quiet=1, enough=1)
                assert isinstance(heartbeat, HeartbeatRequest)
                assert heartbeat.data_adapter_serial_number == "WF2239G017"
                faithful.send(heartbeat.answer())
                await faithful.page(ir(0))
            await deaf.listen()
            assert deaf.ended
            assert not faithful.ended
            assert simulator.clients == 1

    async def test_heartbeats_come_by_themselves(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0, heartbeat=0.03) as simulator,
            RawConnection(simulator) as line,
        ):
            items = await line.listen(quiet=0.2)
            assert [type(item) for item in items] == [HeartbeatRequest] * 3
            assert line.ended

    @pytest.mark.parametrize(("name", "period"), [("gen1_hybrid", 180), ("ems", 60)])
    def test_heartbeat_period(self, name: str, period: float) -> None:
        assert Simulator(name).heartbeat_period == period

    async def test_heartbeat_may_collide_with_an_answer(self) -> None:
        async with (
            Simulator("ems", latency=0.3, heartbeat=0, collisions=1.0) as simulator,
            RawConnection(simulator) as line,
        ):
            line.send(ir(2040, 55))
            await until(lambda: simulator.requests)
            await simulator.beat()
            answer, heartbeat = await line.listen(quiet=1, enough=2)
            wiped = isinstance(answer, NullResponse) or answer.crc_failed
            assert wiped
            assert isinstance(heartbeat, HeartbeatRequest)
            line.send(HeartbeatResponse())
            await line.page(ir(2040, 55))

    async def test_some_adapters_announce_their_network(self) -> None:
        async with (
            Simulator("ac_coupled", latency=0, heartbeat=0) as simulator,
            RawConnection(simulator) as line,
        ):
            await line.page(ir(0))
            await simulator.announce()
            (message,) = await line.listen(quiet=1, enough=1)
            assert isinstance(message, LanConfigBroadcast)
            assert message.data_adapter_serial_number == "WO2231G052"
            assert message.gateway == "192.168.0.1"

    async def test_idle_connections_are_reaped(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0, idle_timeout=0.3) as simulator,
            RawConnection(simulator) as line,
        ):
            await line.page(ir(0))
            assert await line.listen(quiet=1) == []
            assert line.ended

    async def test_only_so_many_are_let_in(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0, max_clients=1) as simulator,
            RawConnection(simulator) as first,
            RawConnection(simulator) as second,
        ):
            await second.listen(quiet=0.5)
            assert second.reset or second.ended
            assert await first.page(ir(0))

    async def test_connections_can_be_dropped(self) -> None:
        async with Simulator("gen1_hybrid", latency=0) as simulator, AsyncExitStack() as lines:
            both = [await lines.enter_async_context(RawConnection(simulator)) for _ in range(2)]
            await both[0].page(ir(0))
            simulator.drop_connections()
            for line in both:
                await line.listen()
                assert line.ended
            async with RawConnection(simulator) as again:
                assert await again.page(ir(0))

    async def test_time_passes_by_itself_if_asked(self) -> None:
        async with Simulator("gen1_hybrid", latency=0, speed=600) as simulator:
            begun = simulator.bus.clock.now
            await asyncio.sleep(1.1)
            passed = (simulator.bus.clock.now - begun).total_seconds()
            assert passed in {600, 1200}, "a step each second"

    async def test_it_can_serve_until_cancelled(self) -> None:
        simulator = Simulator("gen1_hybrid", latency=0)
        serving = asyncio.create_task(simulator.serve_forever())
        await until(lambda: simulator.port)
        async with RawConnection(simulator) as line:
            assert await line.page(ir(0))
            serving.cancel()
            await line.listen()
            assert line.ended
        with pytest.raises(asyncio.CancelledError):
            await serving

    async def test_words_can_be_set_at_any_time(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            simulator.registers[0x11].store(Bank.INPUT, 0, [3])
            assert (await line.page(ir(0)))[0] == 3

    async def test_anything_can_be_sent(self) -> None:
        async with (
            Simulator("gen1_hybrid", latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            await line.page(ir(0))
            await simulator.send(simulator.foreign())
            (answer,) = await line.listen(quiet=1, enough=1)
            assert isinstance(answer, ReadInputRegistersResponse)
