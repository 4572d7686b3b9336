"""The connections of a simulated adapter, its heartbeats, and clients beside one another."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from givenergy_modbus.model.plan import CONFIG, Read
from givenergy_modbus.model.register import Bank
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    HeartbeatResponse,
    LanConfigBroadcast,
    NullResponse,
    ReadInputRegistersResponse,
    ReadRegistersResponse,
)
from givenergy_modbus.simulator import ForeignPoller, Simulator, cloud, profile

from .plants import until
from .raw_connection import RawConnection, hr, ir


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
