"""The devices a plant shows, and plants made of a dump."""

from dataclasses import replace

import pytest
from givenergy_modbus.exceptions import CommunicationError
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.meter import Meter
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, MR
from hypothesis import given
from hypothesis import strategies as st

from tests.library.answers import (
    ADAPTER,
    INVERTER,
    NOON,
    PACK,
    after,
    answer,
    identity,
    pack,
    put,
    words_of,
)
from tests.library.messages import RESPONSE_MESSAGES
from tests.library.plant_updates import hybrid, words

# What it shows.


def test_a_view_is_decoded_once_for_what_it_knows() -> None:
    plant = hybrid(lv_battery_addresses=[0x32])
    plant.update(answer(0x11, IR(5), [2401]), NOON)
    first = plant.inverter
    assert plant.inverter is first
    assert plant.view(SinglePhaseInverter, 0x11) is first
    plant.update(answer(0x32, IR(60), pack()), NOON)
    assert plant.inverter is first
    plant.update(answer(0x11, IR(5), [2402]), NOON)
    assert plant.inverter is not first
    assert plant.inverter.v_ac1 == 240.2


def test_a_view_of_what_has_not_answered() -> None:
    plant = hybrid(lv_battery_addresses=[0x32])
    assert plant.view(Battery, 0x32) is None
    no_cells = pack(**{f"IR{at}": 0 for at in range(60, 76)})
    plant.update(answer(0x32, IR(60), no_cells), NOON)
    assert plant.view(Battery, 0x32) is None, "held back"
    plant.update(answer(0x32, IR(60), pack()), NOON)
    view = plant.view(Battery, 0x32)
    assert view is not None
    assert view.soc == 48


def test_without_a_layout_it_is_a_single_phase_inverter() -> None:
    plant = Plant()
    assert isinstance(plant.inverter, SinglePhaseInverter)
    assert (plant.ems, plant.gateway, plant.lv_bcu) == (None, None, None)
    assert (plant.meters, plant.meter_products) == ({}, {})
    assert (plant.hv_stacks, plant.aio_battery_modules) == ([], [])
    assert (plant.batteries, plant.remaining_battery_energy_wh) == ([], None)


def test_an_unknown_product_is_looked_at_as_single_phase() -> None:
    plant = Plant.from_caches({0x11: put(HR(0), identity(0x9001))})
    assert plant.capabilities is not None
    assert plant.capabilities.device_type is None
    assert isinstance(plant.inverter, SinglePhaseInverter)
    assert plant.inverter.inverter_max_power is None
    assert plant.devices[0].identity == INVERTER


def test_the_layout_decides_how_the_inverter_is_read() -> None:
    assert isinstance(Plant(PlantCapabilities(Model.AC_3PH)).inverter, ThreePhaseInverter)
    assert Plant(PlantCapabilities(Model.EMS)).ems is not None
    gateway = Plant(PlantCapabilities(Model.GATEWAY))
    assert gateway.gateway is not None
    assert gateway.gateway is gateway.gateway


def test_batteries_without_a_layout_are_counted_up_to_the_first_that_is_none() -> None:
    plant = Plant()
    for address in (0x32, 0x33, 0x35):
        for _ in range(2):
            plant.update(answer(address, IR(60), pack()), NOON)
    assert plant.number_batteries == 2
    assert [battery.serial_number for battery in plant.batteries] == [PACK] * 2
    assert plant.remaining_battery_energy_wh == 2 * round(90 * 16 * 3.2)


def test_a_battery_that_is_silent_keeps_its_place() -> None:
    plant = hybrid(lv_battery_addresses=[0x32, 0x33])
    for _ in range(2):
        plant.update(answer(0x33, IR(60), pack()), NOON)
    assert [battery.serial_number for battery in plant.batteries] == [None, PACK]
    assert plant.remaining_battery_energy_wh == round(90 * 16 * 3.2)


def test_meters_and_what_they_say_of_themselves() -> None:
    plant = hybrid(meter_addresses=[1, 2])
    plant.update(answer(0x02, IR(60), [2400, *[0] * 29]), NOON)
    plant.update(answer(0x02, MR(60), [1, 2, *[0] * 58]), NOON)
    assert {address: meter.v_phase_1 for address, meter in plant.meters.items()} == {
        1: None,
        2: 240.0,
    }
    assert {at: item.serial_number for at, item in plant.meter_products.items()} == {2: "65538"}
    assert plant.view(Meter, 2) is plant.meters[2]


def test_the_controller_of_batteries() -> None:
    plant = hybrid()
    assert plant.capabilities is not None
    plant.capabilities = replace(plant.capabilities, lv_bcu_address=0x31)
    assert plant.lv_bcu is None
    plant.update(answer(0x31, IR(60), [0, 0, 83, 84]), NOON)
    assert plant.lv_bcu is not None
    assert plant.lv_bcu.request_discharge_current == 84


def test_stacks_and_their_modules() -> None:
    plant = Plant(
        PlantCapabilities(
            Model.HYBRID_3PH, bcu_stacks=[(0, 2), (1, 2)], hv_bmu_addresses=[0x50, 0x51, 0x53]
        )
    )
    for address in (0x50, 0x51, 0x53):
        plant.update(answer(address, IR(60), [3000 + address]), NOON)
    plant.update(answer(0x71, IR(64), [2]), NOON)
    first, second = plant.hv_stacks
    assert [bmu.v_cell_01 for bmu in first.bmus] == [3.08, 3.081]
    assert [(bmu.v_cell_01, bmu.bmu_index) for bmu in second.bmus] == [(3.083, 1)]
    assert (first.bcu.number_of_modules, second.bcu.number_of_modules) == (None, 2)
    assert (first.device_address, second.device_address) == (0x70, 0x71)
    assert plant.hv_stacks[1].bmus[0] is second.bmus[0]


def test_the_modules_of_an_all_in_one() -> None:
    plant = Plant(
        PlantCapabilities(
            Model.ALL_IN_ONE, bcu_stacks=[(0, 3)], aio_battery_module_addresses=[0x50, 0x52]
        )
    )
    plant.update(answer(0x52, IR(60), [3300]), NOON)
    (module,) = plant.aio_battery_modules
    assert (module.module_address, module.v_cell_01) == (0x52, 3.3)
    assert len(plant.hv_stacks[0].bmus) == 2


@pytest.mark.parametrize(
    ("registers", "envelope", "expected"),
    [
        (INVERTER, "", INVERTER),
        (INVERTER, "SA2114G999", INVERTER),
        ("SA21\0\0G123", "SA2114G999", "SA2114G999"),
        (None, "SA2114G999", "SA2114G999"),
        (None, "", ""),
    ],
)
def test_the_inverters_serial_number(registers: str | None, envelope: str, expected: str) -> None:
    plant = Plant.from_caches(
        {
            0x11: {HR(0): 0x2001} | ({} if registers is None else put(HR(13), words_of(registers))),
            0x32: put(HR(13), words_of("XX2114G000")),
        },
        inverter_serial_number=envelope,
    )
    assert plant.inverter_serial == expected


# Whole plants.


def test_a_plant_from_a_dump() -> None:
    caches = {0x11: put(HR(0), identity()), 0x32: put(IR(60), pack())}
    plant = Plant.from_caches(caches, data_adapter_serial_number=ADAPTER)
    assert plant.capabilities == PlantCapabilities(
        Model.HYBRID_GEN1, lv_battery_addresses=[0x32], arm_firmware_version=449
    )
    assert plant.batteries[0].serial_number == PACK
    assert plant.data_adapter_serial_number == ADAPTER
    plant.update(answer(0x11, HR(21), [450]), NOON)
    assert caches[0x11][HR(21)] == 449, "the dump is left alone"
    with pytest.raises(CommunicationError):
        Plant.from_caches({})
    prior = PlantCapabilities(Model.AC, meter_addresses=[1])
    assert Plant.from_caches({}, prior).capabilities == PlantCapabilities(Model.AC)


def test_a_plant_to_share_names_nobody() -> None:
    plant = Plant.from_caches(
        {0x11: put(HR(0), identity()), 0x32: put(IR(60), pack()), 1: put(MR(60), [5, 6])},
        inverter_serial_number=INVERTER,
        data_adapter_serial_number="no serial!",
    )
    shared = plant.redact()
    assert shared.inverter_serial_number == "SA2114G000"
    assert shared.data_adapter_serial_number == ""
    assert shared.inverter.serial_number == "SA2114G000"
    assert shared.batteries[0].serial_number == "BG2134G000"
    assert words(shared, 1, MR(60), 2) == [0, 0]
    assert shared.capabilities == plant.capabilities
    assert shared.capabilities is not plant.capabilities
    assert plant.inverter.serial_number == INVERTER


@given(
    st.lists(RESPONSE_MESSAGES, max_size=30),
    st.none() | st.sampled_from(Model).map(PlantCapabilities),
)
def test_nothing_that_comes_in_raises(
    messages: list[object], layout: PlantCapabilities | None
) -> None:
    plant = Plant(layout)
    for number, message in enumerate(messages):
        plant.update(message, after(number))
    assert plant.devices[0].is_control_authority
    assert {inverter.data_source for inverter in plant.inverters} <= {"direct", "ems_rollup"}
    assert plant.redact().devices
