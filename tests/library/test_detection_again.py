"""Detection with a known layout, and rescans beside polls."""

import asyncio
from dataclasses import replace

import pytest
from givenergy_modbus.client.client import Client
from givenergy_modbus.exceptions import ConnectionLost, PlantNotDetected, PlantTopologyMismatch
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.register import HR, IR
from givenergy_modbus.simulator import Fault

from tests.library.detection_plants import LAYOUTS, asked, client_of, simulate
from tests.library.plants import layout_of

# With a layout to expect.


@pytest.mark.parametrize(
    ("name", "address", "field"),
    [
        ("gen2_hybrid", 0x01, "meter_addresses"),
        ("gen2_hybrid", 0x31, "lv_bcu_address"),
        ("gen1_hybrid", 0x33, "lv_battery_addresses"),
        ("gen1_hybrid", 0x32, "lv_battery_addresses"),
        ("three_phase_hv", 0x52, "hv_bmu_addresses"),
        ("three_phase_hv", 0x70, "bcu_stacks"),
        ("all_in_one", 0x53, "aio_battery_module_addresses"),
    ],
)
async def test_what_is_missing_is_a_mismatch(name: str, address: int, field: str) -> None:
    async with simulate(name) as sim, client_of(sim) as client:
        prior = PlantCapabilities(**LAYOUTS[name])
        sim.silent.add(address)
        client.plant.capabilities = prior
        with pytest.raises(PlantTopologyMismatch, match=field) as raised:
            await client.detect(0.15, prior=prior)
        assert raised.value.prior == prior
        assert getattr(raised.value.actual, field) != getattr(prior, field)
        assert address in [item for _, item in prior.missing_from(raised.value.actual)]
        assert client.plant.capabilities is None
        assert client.connected
        client.adopt(raised.value.actual)
        await client.refresh()


async def test_what_should_be_there_is_waited_for_longer() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        sim.inject(Fault.SILENT, 1, address=0x33)
        sim.inject(Fault.LATE_RESPONSE, 1, address=0x32, seconds=0.12)
        prior = PlantCapabilities(**LAYOUTS["gen1_hybrid"])
        assert await client.detect(prior=prior) == prior


async def test_another_product_is_a_mismatch_at_once() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        prior = PlantCapabilities(**LAYOUTS["all_in_one"])
        with pytest.raises(PlantTopologyMismatch, match="another model") as raised:
            await client.detect(prior=prior)
        assert raised.value.actual == PlantCapabilities(Model.HYBRID_GEN1, arm_firmware_version=449)
        assert len(sim.requests) == 1


async def test_what_has_been_added_is_not_looked_for() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        prior = replace(PlantCapabilities(**LAYOUTS["gen1_hybrid"]), lv_battery_addresses=[0x32])
        assert await client.detect(prior=prior) == prior
        assert asked(sim).keys() == {0x11, 0x32}


async def test_a_stack_with_another_number_of_modules_is_a_mismatch() -> None:
    async with simulate("hv_gen3") as sim, client_of(sim) as client:
        prior = replace(PlantCapabilities(**LAYOUTS["hv_gen3"]), bcu_stacks=[(0, 2)])
        with pytest.raises(PlantTopologyMismatch, match="bcu_stacks"):
            await client.detect(prior=prior)


@pytest.mark.parametrize("address", [0x31, 0x32])
async def test_an_old_inverter_address_heals(address: int) -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        layout = PlantCapabilities(**LAYOUTS["gen1_hybrid"])
        assert await client.detect(prior=replace(layout, inverter_address=address)) == layout
        client.adopt(replace(layout, inverter_address=address))
        assert client.plant.capabilities == layout


async def test_an_old_record_without_modules_heals() -> None:
    async with simulate("hv_gen3") as sim, client_of(sim) as client:
        layout = PlantCapabilities(**LAYOUTS["hv_gen3"])
        assert await client.detect(prior=replace(layout, hv_bmu_addresses=[])) == layout


async def test_new_firmware_is_no_mismatch() -> None:
    async with simulate("gen1_hybrid") as sim, client_of(sim) as client:
        layout = PlantCapabilities(**LAYOUTS["gen1_hybrid"])
        found = await client.detect(prior=replace(layout, arm_firmware_version=440))
        assert found.arm_firmware_version == 449


# Looking again, beside polls.


async def test_nothing_can_be_added_to_what_nobody_knows() -> None:
    with pytest.raises(PlantNotDetected):
        await Client("127.0.0.1", 1).rescan()


async def test_what_has_been_added_is_found_beside_polls() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        sim.silent |= {0x01, (0x11, HR(240))}
        before = await client.detect()
        assert before.meter_addresses == [2]
        await client.refresh()
        sim.silent.clear()
        polling = asyncio.create_task(poll_for_ever(client))
        found = await client.rescan()
        polling.cancel()
        assert found is client.plant.capabilities
        assert found == PlantCapabilities(**LAYOUTS["three_phase_hv"])
        assert found.served_blocks == layout_of(sim).served_blocks
        assert before.meter_addresses == [2]


async def test_what_is_known_is_not_looked_for_and_not_taken_away() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        found = await client.detect()
        sim.silent |= {0x01, 0x52, 0x70}
        sim.requests.clear()
        assert await client.rescan() == found
        assert asked(sim).keys() == {0x11, 0xA0, *range(0x03, 0x09)}
        assert client.plant.capabilities is not None
        assert client.plant.capabilities.served_blocks == sorted(found.served_blocks)


async def test_modules_that_were_added_to_a_stack_are_found() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        sim.registers[0x70][IR(64)] = 5
        assert (await client.detect()).hv_bmu_addresses == list(range(0x50, 0x55))
        sim.registers[0x70][IR(64)] = 6
        await client.refresh()
        assert await client.rescan() == PlantCapabilities(**LAYOUTS["three_phase_hv"])


async def test_a_rescan_that_loses_its_connection_changes_nothing() -> None:
    async with simulate("three_phase_hv") as sim, client_of(sim) as client:
        found = await client.detect()
        sim.inject(Fault.DROP_CONNECTION, 1, address=0x04)
        with pytest.raises(ConnectionLost):
            await client.rescan()
        assert client.plant.capabilities is found


async def poll_for_ever(client: Client) -> None:
    """Refresh again and again."""
    while True:
        await client.refresh()
