"""What a plant is found to be made of."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from givenergy_modbus.exceptions import CommunicationError
from givenergy_modbus.model.allowlist import writable_registers
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.devices.gateway import GatewayV1, GatewayV2
from givenergy_modbus.model.devices.hv_stack import Bcu, Bmu
from givenergy_modbus.model.devices.meter import Meter
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.register import HR, IR, MR, Register
from givenergy_modbus.model.topology import derive_capabilities, rating, role_of, stacks_of

from tests.library.answers import identity, pack, put, words_of

type Words = Mapping[Register, int]

EMPTY_PACK = put(IR(60), pack(IR110=0, IR111=0, IR112=0, IR113=0, IR114=0))
METER = {IR(60): 2400}
NO_METER = {IR(60): 0}
CONTROLLER = {IR(60): 0x4241, IR(61): 0x4141, IR(62): 1, IR(63): 2, IR(64): 2}


def inverter(type_code: int = 0x2001, arm_firmware: int = 449) -> Words:
    return put(HR(0), identity(type_code, arm_firmware))


def battery() -> Words:
    return put(IR(60), pack())


def module(serial: str = "HY2336G001") -> Words:
    return {IR(110): 0, **put(IR(114), words_of(serial))}


def stacks(*modules: int) -> dict[int, Words]:
    """Return the controllers of stacks, and what counts them."""
    found: dict[int, Words] = {
        0x70 + at: {**CONTROLLER, IR(64): count} for at, count in enumerate(modules)
    }
    return {0xA0: {IR(61): len(modules)}, **found}


# The inverter.


@pytest.mark.parametrize(
    ("type_code", "arm_firmware", "model"),
    [
        (0x2001, 449, Model.HYBRID_GEN1),
        (0x2003, 920, Model.HYBRID_GEN2),
        (0x2001, 303, Model.HYBRID_GEN3),
        (0x3001, 282, Model.AC),
        (0x5001, 1036, Model.EMS),
        (0x8102, 1, Model.HYBRID_HV_GEN3),
        (0x9001, 1, None),
    ],
)
def test_the_product(type_code: int, arm_firmware: int, model: Model | None) -> None:
    found = derive_capabilities({0x11: inverter(type_code, arm_firmware)})
    assert found == PlantCapabilities(model, 0x11, arm_firmware_version=arm_firmware)


def test_no_firmware_is_no_number() -> None:
    assert derive_capabilities({0x11: inverter(0x4004, 0)}).arm_firmware_version is None
    assert derive_capabilities({0x11: {HR(0): 0x4004}}).arm_firmware_version is None


def test_an_inverter_that_has_not_said_what_it_is() -> None:
    for caches in ({}, {0x11: {HR(1): 1}}, {0x32: battery()}):
        with pytest.raises(CommunicationError, match=r"HR\(0\)"):
            derive_capabilities(caches)


def test_what_was_known_before_stands_in_for_what_was_not_read() -> None:
    prior = PlantCapabilities(Model.HYBRID_3PH, arm_firmware_version=7)
    assert derive_capabilities({}, prior) == prior


def test_what_is_read_counts_more_than_what_was_known() -> None:
    prior = PlantCapabilities(Model.HYBRID_3PH)
    assert derive_capabilities({0x11: inverter()}, prior).device_type is Model.HYBRID_GEN1


def test_records_of_old_clients_have_the_inverter_elsewhere() -> None:
    assert derive_capabilities({0x31: inverter()}).inverter_address == 0x31
    both = {0x31: inverter(0x3001), 0x11: inverter()}
    assert derive_capabilities(both).inverter_address == 0x11
    assert derive_capabilities(both).device_type is Model.HYBRID_GEN1


# Low-voltage batteries and meters.


def test_only_batteries_with_a_serial_number_are_there() -> None:
    found = derive_capabilities(
        {0x11: inverter(), 0x32: battery(), 0x33: EMPTY_PACK, 0x34: battery(), 0x38: battery()}
    )
    assert found.lv_battery_addresses == [0x32, 0x34]


def test_a_battery_controller_says_something() -> None:
    silent = put(IR(60), [0] * 60)
    assert derive_capabilities({0x11: inverter(), 0x31: silent}).lv_bcu_address is None
    busy = {**silent, IR(62): 83}
    assert derive_capabilities({0x11: inverter(), 0x31: busy}).lv_bcu_address == 0x31


def test_only_meters_with_a_voltage_are_there() -> None:
    found = derive_capabilities({0x11: inverter(), 1: METER, 2: NO_METER, 8: METER, 9: METER})
    assert found.meter_addresses == [1, 8]


def test_a_plant_controller_has_no_batteries_of_its_own() -> None:
    found = derive_capabilities({0x11: inverter(0x5001), 0x32: battery(), 1: METER})
    assert (found.lv_battery_addresses, found.meter_addresses) == ([], [1])


# High-voltage batteries.


def test_modules_are_numbered_through_all_stacks() -> None:
    caches = {0x11: inverter(0x4004), **stacks(2, 1), **dict.fromkeys(range(0x50, 0x54), module())}
    found = derive_capabilities(caches)
    assert found.bcu_stacks == [(0, 2), (1, 1)]
    assert found.hv_bmu_addresses == [0x50, 0x51, 0x52]
    assert found.aio_battery_module_addresses == []
    assert list(stacks_of(found)) == [(0x70, {0x50: 0, 0x51: 1}), (0x71, {0x52: 0})]


def test_a_module_needs_a_serial_number_be_it_cut_short() -> None:
    caches = {
        0x11: inverter(0x4004),
        **stacks(3),
        0x50: module("\0\0002336G001"),
        0x51: module(" " * 10),
        0x52: module(),
    }
    assert derive_capabilities(caches).hv_bmu_addresses == [0x50, 0x52]


def test_an_all_in_one_has_four_modules_at_most() -> None:
    modules = dict.fromkeys(range(0x50, 0x56), module())
    found = derive_capabilities({0x11: inverter(0x8001, 612), **stacks(6), **modules})
    assert found.aio_battery_module_addresses == [0x50, 0x51, 0x52, 0x53]
    assert found.hv_bmu_addresses == []


def test_more_modules_than_there_are_addresses() -> None:
    caches = {0x11: inverter(0x4004), **stacks(20, 20)}
    caches |= dict.fromkeys(range(0x50, 0x80), module()) | stacks(20, 20)
    assert derive_capabilities(caches).hv_bmu_addresses == list(range(0x50, 0x70))


def test_only_as_many_stacks_as_are_counted() -> None:
    caches = {0x11: inverter(0x4004), **stacks(1, 1), 0xA0: {IR(61): 1}}
    assert derive_capabilities(caches).bcu_stacks == [(0, 1)]
    del caches[0xA0]
    assert derive_capabilities(caches).bcu_stacks == [(0, 1), (1, 1)], "nobody counted"


def test_a_stack_that_did_not_answer_is_no_stack() -> None:
    caches = {0x11: inverter(0x4004), **stacks(1, 1)}
    del caches[0x70]
    assert derive_capabilities(caches).bcu_stacks == [(1, 1)]


def test_a_low_voltage_plant_has_no_stacks() -> None:
    found = derive_capabilities({0x11: inverter(), **stacks(1), 0x50: module()})
    assert (found.bcu_stacks, found.hv_bmu_addresses) == ([], [])


# What was known before.


def test_only_what_was_known_is_looked_for() -> None:
    caches = {0x11: inverter(), 0x32: battery(), 0x33: battery(), 1: METER, 2: METER}
    caches[0x31] = {**put(IR(60), [0] * 4), IR(62): 83}
    prior = PlantCapabilities(
        Model.HYBRID_GEN1, meter_addresses=[2, 3], lv_battery_addresses=[0x33]
    )
    found = derive_capabilities(caches, prior)
    assert found.lv_battery_addresses == [0x33]
    assert found.meter_addresses == [2]
    assert found.lv_bcu_address is None
    prior = replace(prior, lv_bcu_address=0x31)
    assert derive_capabilities(caches, prior).lv_bcu_address == 0x31


def test_the_modules_of_a_known_stack_are_counted_anew() -> None:
    caches = {0x11: inverter(0x4004), **stacks(3, 1)}
    caches |= dict.fromkeys(range(0x50, 0x54), module())
    prior = PlantCapabilities(Model.HYBRID_3PH, bcu_stacks=[(0, 2)], hv_bmu_addresses=[0x50])
    found = derive_capabilities(caches, prior)
    assert (found.bcu_stacks, found.hv_bmu_addresses) == ([(0, 3)], [0x50])
    prior = replace(prior, hv_bmu_addresses=[])
    assert derive_capabilities(caches, prior).hv_bmu_addresses == [0x50, 0x51, 0x52]


def test_the_modules_of_a_known_all_in_one() -> None:
    caches = {0x11: inverter(0x8001), **stacks(4), **dict.fromkeys(range(0x50, 0x54), module())}
    prior = PlantCapabilities(
        Model.ALL_IN_ONE, bcu_stacks=[(0, 4)], aio_battery_module_addresses=[0x50, 0x52]
    )
    assert derive_capabilities(caches, prior).aio_battery_module_addresses == [0x50, 0x52]


# Blocks that only some firmware serves.


def test_blocks_that_answered_are_remembered() -> None:
    caches = {
        0x11: {**inverter(0x2001, 310), **put(HR(300), [0] * 60), **put(HR(180), [1] * 59)},
        1: {**METER, **put(MR(60), [0] * 60)},
        2: put(MR(60), [0] * 60),
    }
    found = derive_capabilities(caches)
    assert found.served_blocks == ["0x11:HR(300,60)", "0x01:MR(60,60)"]


def test_blocks_that_were_known_to_answer_stay_so_with_their_device() -> None:
    prior = PlantCapabilities(
        Model.HYBRID_GEN2,
        meter_addresses=[1],
        served_blocks=["0x11:HR(180,60)", "0x02:MR(60,60)", "0x11:HR(240,60)"],
    )
    found = derive_capabilities({0x11: inverter(0x2003, 920), 1: METER, 2: METER}, prior)
    assert found.served_blocks == ["0x11:HR(180,60)"]


# What answers where.


def capabilities(model: Model) -> PlantCapabilities:
    return PlantCapabilities(model)


@pytest.mark.parametrize(
    ("address", "model", "expected"),
    [
        (0x11, None, (SinglePhaseInverter,)),
        (0x31, None, (SinglePhaseInverter,)),
        (0x11, Model.AC, (SinglePhaseInverter,)),
        (0x31, Model.AC, ()),
        (0x11, Model.AC_3PH, (ThreePhaseInverter,)),
        (0x11, Model.EMS, (SinglePhaseInverter, Ems)),
        (0x11, Model.GATEWAY, (SinglePhaseInverter, GatewayV1)),
        (0x32, None, (Battery,)),
        (0x37, Model.EMS, (Battery,)),
        (0x08, Model.AC, (Meter,)),
        (0x50, Model.AC_3PH, (Bmu,)),
        (0x70, None, (Bcu,)),
        (0x90, None, ()),
    ],
)
def test_roles(address: int, model: Model | None, expected: tuple[type, ...]) -> None:
    role = role_of(address, None if model is None else capabilities(model), {})
    assert role.models == expected
    assert role.is_pack is (expected == (Battery,))


def test_a_gateway_is_read_the_way_its_totals_make_sense() -> None:
    swapped = {IR(1641): 1000, IR(1642): 0}
    role = role_of(0x11, capabilities(Model.GATEWAY), {0x11: swapped})
    assert role.models == (SinglePhaseInverter, GatewayV2)


def test_who_must_have_a_serial_number() -> None:
    must = {
        address: role_of(address, None, {}).must_have_serial
        for address in (0x11, 0x32, 0x70, 0x50, 0x01)
    }
    assert must == {0x11: True, 0x32: True, 0x70: True, 0x50: False, 0x01: False}


def test_the_rating_of_a_product() -> None:
    assert rating(inverter(0x2001)) == 5000
    assert rating(inverter(0x7001)) == 12_000
    assert rating(inverter(0x5001)) is None
    assert rating({}) is None


def test_a_part_of_a_served_block_is_not_listed_as_well() -> None:
    """HR(318,3) counts where HR(300,60) is silent: then it is all there is of the pause."""
    inverter_words = {**inverter(0x2001), HR(21): 303}
    pause = {HR(register): 0 for register in range(318, 321)}
    whole = {HR(register): 0 for register in range(300, 360)}
    small = derive_capabilities({0x11: {**inverter_words, **pause}})
    assert small.served_blocks == ["0x11:HR(318,3)"]
    assert {318, 319, 320} <= set(writable_registers(small))
    assert 313 not in writable_registers(small)
    large = derive_capabilities({0x11: {**inverter_words, **whole}})
    assert large.served_blocks == ["0x11:HR(300,60)"]
