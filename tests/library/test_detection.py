"""Detecting what a plant is made of, on good connections and on bad ones."""

import logging
from dataclasses import replace

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.client.detection import Detection
from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.exceptions import CommunicationError, ConnectionLost, ResponseTimeout
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.device_kinds import METER
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plan import Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, Bank
from givenergy_modbus.simulator import PROFILES, Fault

from tests.library.answers import words_of
from tests.library.clocks import ShiftedClock
from tests.library.detection_plants import LAYOUTS, asked, client_of, simulate
from tests.library.plants import layout_of


@pytest.mark.parametrize("name", PROFILES)
async def test_each_plant_is_found_whole_and_found_again(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with simulate(name) as sim, client_of(sim) as client:
        found = await client.detect()
        assert found is client.plant.capabilities
        assert found == PlantCapabilities(**LAYOUTS[name])
        assert sorted(found.served_blocks) == layout_of(sim).served_blocks
        once = sum(asked(sim).values())
        async with client_of(sim) as another:
            sim.requests.clear()
            again = await another.detect(prior=PlantCapabilities.from_dict(found.to_dict()))
        assert again == found
        assert again.served_blocks == found.served_blocks
        devices = [address for row in found.peripherals for address in found.addresses(row.kind)]
        assert asked(sim).keys() == {0x11, *devices}
        assert sum(asked(sim).values()) < once
    logged = [record for record in caplog.records if record.name.startswith("givenergy_modbus")]
    assert [record.message for record in logged if record.levelno >= logging.WARNING] == []


async def test_what_is_absent_is_asked_for_once_where_nothing_is_lost() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        sim.silent |= {0x07, 0x08}
        await client.detect(probe_timeout=0.5)
    assert (asked(sim)[0x07], asked(sim)[0x08]) == (1, 1)


@pytest.mark.parametrize("fault", [Fault.WRONG_CRC, Fault.EXCEPTION_COUNT_0, Fault.SILENT])
async def test_what_is_absent_is_asked_for_again_where_something_was_lost(fault: Fault) -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        sim.silent |= {0x07, 0x08}
        sim.inject(fault, 1, address=0x11)
        sim.inject(Fault.SILENT, 1, address=0x01)
        assert await client.detect(probe_timeout=0.2) == PlantCapabilities(
            **LAYOUTS["three_phase_hv"]
        )
    assert [asked(sim)[address] for address in (0x07, 0x08, 0x03)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [([0.1] * 2, 0.5), ([0.1] * 3, 0.4), ([0.1, 0.1, 0.23], 0.46), ([0.1, 0.1, 0.9], 0.5)],
    ids=["not enough to tell", "quick", "not so quick", "slow"],
)
async def test_probes_are_shorter_where_all_answers_are_quick(
    answers: list[float], expected: float
) -> None:
    client = Client("127.0.0.1")
    client._transport.answer_times.extend(answers)
    detection = Detection(client._transport, RetryPolicy(2.0), RetryPolicy(0.5, 1))
    first_time, again = (
        detection._policy(Read(0x01, METER.block), again=again).timeout for again in (False, True)
    )
    assert first_time == pytest.approx(expected)
    assert again == 0.5


async def test_the_first_pack_is_not_missed_for_one_lost_answer() -> None:
    async with simulate("ac_coupled") as sim, client_of(sim) as client:
        sim.inject(Fault.SILENT, 1, address=0x32)
        assert (await client.detect()).lv_battery_addresses == [0x32, 0x33]


async def test_a_plant_without_batteries() -> None:
    async with simulate("ac_coupled") as sim, client_of(sim) as client:
        sim.silent |= {0x32, 0x33}
        assert (await client.detect(0.25)).lv_battery_addresses == []
        assert asked(sim)[0x32] == 2
        assert client.plant.block_present(0x32, "IR", 60, 60) is False
        assert not client.plant.retry_count


async def test_an_answer_that_comes_late_has_come() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        sim.silent |= set(range(0x03, 0x09))
        sim.inject(Fault.LATE_RESPONSE, 1, address=0x01, seconds=0.12)
        assert (await client.detect()).meter_addresses == [1, 2]


async def test_a_battery_whose_first_page_comes_late() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        sim.inject(Fault.LATE_RESPONSE, 1, address=0x33, seconds=0.12)
        assert (await client.detect()).lv_battery_addresses == [0x32, 0x33]


@pytest.mark.parametrize(
    ("name", "address"),
    [("three_phase_hv", 0xA0), ("three_phase_hv", 0x50), ("gen1_hybrid", 0x32), ("ems", 0x03)],
)
async def test_a_connection_lost_is_no_empty_plant(name: str, address: int) -> None:
    async with simulate(name) as sim, client_of(sim) as client:
        sim.inject(Fault.DROP_CONNECTION, 1, address=address)
        with pytest.raises(ConnectionLost):
            await client.detect()
        assert client.plant.capabilities is None
        assert not client.connected
        assert await client.detect() == PlantCapabilities(**LAYOUTS[name])


async def test_a_connection_lost_while_reading_what_a_controller_tells() -> None:
    async with simulate("ems") as sim, client_of(sim) as client:
        sim.inject(Fault.DROP_CONNECTION, 1, address=0x11, start=IR(2040))
        with pytest.raises(ConnectionLost):
            await client.detect()


async def test_an_inverter_that_does_not_answer_ends_it() -> None:
    async with simulate("ems") as sim, client_of(sim) as client:
        sim.silent.add(0x11)
        with pytest.raises(ResponseTimeout):
            await client.detect(0.03, 2)
        assert asked(sim) == {0x11: 3}
        assert not client.connected
        sim.silent.clear()
        assert (await client.detect()).device_type is Model.EMS


async def test_an_inverter_nobody_believes_ends_it() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        sim.registers[0x11].store(Bank.HOLDING, 13, [0] * 5)
        with pytest.raises(CommunicationError, match="model of the inverter is not known"):
            await client.detect()
        assert not client.connected


async def test_a_product_nobody_knows_is_looked_at_all_the_same() -> None:
    async with simulate("ac_coupled") as sim, client_of(sim) as client:
        sim.registers[0x11][HR(0)] = 0x9999
        found = await client.detect()
        assert found == replace(PlantCapabilities(**LAYOUTS["ac_coupled"]), device_type=None)
        await client.refresh()
        assert client.plant.batteries[0].soc is not None


async def test_progress_is_told() -> None:
    reports: list[tuple[int, int]] = []
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        await client.detect(
            probe_timeout=0.2, progress=lambda done, expected: reports.append((done, expected))
        )
    done, expected = zip(*reports, strict=True)
    assert list(done) == sorted(set(done))
    assert expected[0] > 5
    assert done[-1] == expected[-1] == len(sim.requests)
    assert all(one <= other for one, other in reports)


# What hardware makes of things that are not there.


async def test_empty_places_that_answer_are_empty() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        found = await client.detect()
        assert sim.bus.answer(sim.requests[-1]) is None
        assert any(sim.registers[0x34].values())
        assert found.lv_battery_addresses == [0x32, 0x33]
    async with simulate("all_in_one") as sim, client_of(sim) as client:
        assert (await client.detect()).meter_addresses == []
        assert client.plant.register_caches[0x01].get(IR(60)) == 0


async def test_a_block_of_zeros_is_served_and_an_exception_is_not() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        for register in range(240, 300):
            sim.registers[0x11][HR(register)] = 0
        sim.inject(Fault.EXCEPTION_COUNT_0, address=0x70, start=IR(120))
        served = (await client.detect()).served_blocks
        assert served == ["0x11:HR(240,60)", "0x01:MR(60,60)", "0x02:MR(60,60)"]


async def test_an_all_in_one_has_four_modules_whatever_it_says() -> None:
    async with simulate("all_in_one") as sim, client_of(sim) as client:
        sim.registers[0x70][IR(64)] = 6
        found = await client.detect()
        assert found.aio_battery_module_addresses == [0x50, 0x51, 0x52, 0x53]
        assert 0x54 not in asked(sim)


async def test_a_stack_is_found_without_its_summary() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        sim.silent.add(0xA0)
        assert await client.detect() == PlantCapabilities(**LAYOUTS["three_phase_hv"])


async def test_a_stack_without_modules_is_a_stack() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        sim.registers[0x70][IR(64)] = 0
        found = await client.detect()
        assert found.bcu_stacks == [(0, 0)]
        assert found.hv_bmu_addresses == []


@pytest.mark.parametrize(
    ("count", "serial", "logged"),
    [
        (0, "CE2230G172", "reports 0 inverters"),
        (9, "CE2230G172", "reports 9 inverters"),
        (2, "no serial.", "Inverter 2 of the EMS has no serial number"),
    ],
)
async def test_what_is_odd_about_a_controller_is_said(
    caplog: pytest.LogCaptureFixture, count: int, serial: str, logged: str
) -> None:
    async with simulate("ems") as sim, client_of(sim) as client:
        sim.registers[0x11][IR(2044)] = count
        sim.registers[0x11].store(Bank.INPUT, 2071, words_of(serial))
        assert await client.detect() == PlantCapabilities(**LAYOUTS["ems"])
    assert logged in caplog.text


async def test_a_controller_that_does_not_tell_is_one(caplog: pytest.LogCaptureFixture) -> None:
    async with simulate("ems") as sim, client_of(sim) as client:
        sim.silent.add((0x11, IR(2040)))
        assert await client.detect(0.25, 1) == PlantCapabilities(**LAYOUTS["ems"])
    assert "does not report its inverters" in caplog.text


async def test_what_has_gone_is_forgotten() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        client.adopt(layout_of(sim))
        await client.refresh()
        assert client.plant.batteries[1].is_valid()
        sim.inject(Fault.LOST_PACK_GHOST, address=0x33)
        found = await client.detect()
        assert found.lv_battery_addresses == [0x32]
        assert not client.plant.register_caches[0x33]
        assert client.plant.block_present(0x33, "IR", 60, 60) is False


async def test_a_page_held_back_is_no_reason_to_forget_a_battery() -> None:
    clock = ShiftedClock()
    async with simulate("gen1_hybrid") as sim, client_of(sim, plant=Plant(clock=clock)) as client:
        client.adopt(layout_of(sim))
        await client.refresh()
        clock.advance(200)
        await client.refresh()
        sim.inject(Fault.SPLICE_SINGLE, 1, address=0x32)
        prior = PlantCapabilities(**LAYOUTS["gen1_hybrid"])
        assert await client.detect(prior=prior) == prior
        assert client.plant.splice_held_count[0x32] == 1
