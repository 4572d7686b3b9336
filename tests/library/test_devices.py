"""Who is who in a plant."""

from collections.abc import Mapping

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.device_kinds import DEVICE_KINDS, PERIPHERALS, DeviceKind
from givenergy_modbus.model.devices.ems import InverterSummary
from givenergy_modbus.model.devices.gateway import AioUnitSummary
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.plant_devices import DeviceNode, PlantInverter, parent_of
from givenergy_modbus.model.register import HR, IR, Register

from tests.library.answers import INVERTER, PACK, identity, pack, put, words_of

type Words = Mapping[Register, int]

ROOT = put(HR(0), identity())


def plant_of(layout: PlantCapabilities, **words: Words) -> Plant:
    """Return a plant whose devices have answered; ``x32`` is the one at 0x32."""
    plant = Plant.from_caches(
        {0x11: {}, **{int(name[1:], 16): known for name, known in words.items()}}, layout
    )
    plant.capabilities = layout
    plant.inverter_serial_number = INVERTER
    return plant


def rows(plant: Plant) -> list[tuple[str, str, str | None, int]]:
    return [(node.identity, node.kind, node.parent, node.device_address) for node in plant.devices]


def battery(serial: str = PACK) -> Words:
    return {**put(IR(60), pack()), **put(IR(110), words_of(serial))}


def module(serial: str) -> Words:
    return {IR(110): 0, **put(IR(114), words_of(serial))}


def test_a_plant_with_batteries_and_meters() -> None:
    layout = PlantCapabilities(
        Model.HYBRID_GEN1,
        meter_addresses=[1],
        lv_battery_addresses=[0x32, 0x33],
        lv_bcu_address=0x31,
    )
    plant = plant_of(layout, x11=ROOT, x32=battery(), x31=put(IR(60), [0, 0, 83, 83]))
    assert rows(plant) == [
        (INVERTER, "inverter", None, 0x11),
        (f"{INVERTER}_lv_bcu_0x31", "lv_bcu", INVERTER, 0x31),
        (PACK, "lv_battery", f"{INVERTER}_lv_bcu_0x31", 0x32),
        (f"{INVERTER}_lv_battery_0x33", "lv_battery", f"{INVERTER}_lv_bcu_0x31", 0x33),
        (f"{INVERTER}_meter_0x01", "meter", INVERTER, 1),
    ]
    root, controller, first, second, meter = plant.devices
    assert root == DeviceNode(
        INVERTER,
        DeviceKind.INVERTER,
        None,
        plant.inverters[0],
        INVERTER,
        "D0.0-A0.449",
        is_control_authority=True,
        data_source="direct",
        device_address=0x11,
    )
    assert (first.serial_number, first.firmware_version, first.is_valid) == (PACK, "3007", True)
    assert (second.serial_number, second.firmware_version, second.is_valid) == (None, None, False)
    assert first.device is plant.batteries[0]
    assert controller.is_valid
    assert (meter.is_valid, meter.data_source) == (False, None)


@pytest.mark.parametrize("serial", [PACK, "BG2134G12 ", "bg 134G12"])
def test_a_serial_number_names_a_device_only_if_it_is_whole_and_nobody_elses(serial: str) -> None:
    layout = PlantCapabilities(Model.HYBRID_GEN1, lv_battery_addresses=[0x32, 0x33])
    plant = plant_of(layout, x11=ROOT, x32=battery(serial), x33=battery(serial))
    identities = [node.identity for node in plant.devices]
    assert identities == [INVERTER, f"{INVERTER}_lv_battery_0x32", f"{INVERTER}_lv_battery_0x33"]


def test_stacks_stand_before_their_modules() -> None:
    layout = PlantCapabilities(
        Model.HYBRID_3PH,
        bcu_stacks=[(0, 1), (1, 2)],
        hv_bmu_addresses=[0x50, 0x51, 0x52],
    )
    plant = plant_of(
        layout,
        x11=ROOT,
        x50=module("HY2336G001"),
        x51=module("\0\0002336G0"),
        x52=module("HY2336G002"),
        x71={**put(IR(60), [0x4241, 0x4241, 0, 9]), **put(IR(138), words_of("HB2336G001"))},
    )
    first = f"{INVERTER}_hv_stack_0x70"
    assert rows(plant) == [
        (INVERTER, "inverter", None, 0x11),
        (first, "hv_stack", INVERTER, 0x70),
        ("HB2336G001", "hv_stack", INVERTER, 0x71),
        ("HY2336G001", "hv_module", first, 0x50),
        (f"{INVERTER}_hv_module_0x51", "hv_module", "HB2336G001", 0x51),
        ("HY2336G002", "hv_module", "HB2336G001", 0x52),
    ]
    assert [node.firmware_version for node in plant.devices[1:3]] == [None, "BABA0009"]
    assert [node.is_valid for node in plant.devices[1:3]] == [False, True]


def test_the_modules_of_an_all_in_one_are_below_its_stack() -> None:
    layout = PlantCapabilities(
        Model.ALL_IN_ONE, bcu_stacks=[(0, 2)], aio_battery_module_addresses=[0x50, 0x51]
    )
    plant = plant_of(
        layout, x11=ROOT, x50=module("HX2414G001"), x51=module("HX2414G002"), x70={IR(64): 2}
    )
    assert rows(plant)[1:] == [
        (f"{INVERTER}_hv_stack_0x70", "hv_stack", INVERTER, 0x70),
        ("HX2414G001", "aio_module", f"{INVERTER}_hv_stack_0x70", 0x50),
        ("HX2414G002", "aio_module", f"{INVERTER}_hv_stack_0x70", 0x51),
    ]


def test_a_gateway_stands_in_the_inverters_place() -> None:
    layout = PlantCapabilities(Model.GATEWAY, meter_addresses=[1])
    plant = plant_of(layout, x11={**ROOT, **put(IR(1600), [0x4741, 0x4141, 0x0000, 0x0104])})
    assert [node.kind for node in plant.devices] == ["gateway", "meter"]
    root = plant.devices[0]
    assert root.device is plant.gateway
    assert (root.identity, root.is_control_authority, root.data_source) == (INVERTER, True, None)
    assert (root.is_valid, root.firmware_version) == (True, "GAAA0014")


def test_a_gateway_reports_on_its_all_in_ones() -> None:
    words = {
        **ROOT,
        **put(IR(1600), [0x4741, 0x4141, 0x0000, 0x0104]),
        **put(IR(1841), words_of("CH2414G001")),
        **put(IR(1846), words_of("CH2414G002")),
        IR(1801): 40,
        IR(1816): 0xFFFF,
        IR(1708): 12,
    }
    plant = plant_of(PlantCapabilities(Model.GATEWAY), x11=words)
    assert rows(plant)[1:] == [
        ("CH2414G001_managed", "aio_unit", INVERTER, 0x11),
        ("CH2414G002_managed", "aio_unit", INVERTER, 0x11),
    ]
    first, second = (device.device for device in plant.devices[1:])
    assert isinstance(first, AioUnitSummary)
    assert (first.serial_number, first.soc, first.p_inverter) == ("CH2414G001", 40, 1)
    assert isinstance(second, AioUnitSummary)
    assert (second.soc, second.e_charge_today) == (None, 1.2)


def test_every_kind_of_device_is_a_row() -> None:
    assert set(DEVICE_KINDS) == set(DeviceKind)
    for kind, row in DEVICE_KINDS.items():
        assert row.kind is kind
        assert (row.block is None) is (row not in PERIPHERALS)
        assert row.number(row.addresses.start) == 1
        for field in (row.serial_field(1), row.firmware):
            assert field is None or field in row.model.register_fields
        assert row.parent is None or list(DEVICE_KINDS).index(row.parent) < list(
            DEVICE_KINDS
        ).index(kind)


@pytest.mark.parametrize(
    ("place", "stack"), [(0x50, 0x70), (0x51, 0x70), (0x52, 0x71), (0x54, None)]
)
def test_the_stack_of_a_module(place: int, stack: int | None) -> None:
    layout = PlantCapabilities(Model.HYBRID_3PH, bcu_stacks=[(0, 2), (1, 2)])
    expected = None if stack is None else (DeviceKind.HV_STACK, stack)
    assert parent_of(layout, DeviceKind.HV_MODULE, place) == expected
    assert parent_of(layout, DeviceKind.METER, 1) is None
    assert parent_of(layout, DeviceKind.LV_BATTERY, 0x32) is None


def test_a_gateway_that_has_said_nothing_yet() -> None:
    (root,) = Plant(PlantCapabilities(Model.GATEWAY)).devices
    assert (root.identity, root.is_valid, root.firmware_version) == ("", False, None)


# Inverters behind a plant controller.

MANAGED = ("CE2231G001", "SA2114G002")


def controller(*serials: str) -> Plant:
    known: dict[Register, int] = {IR(2040): 1, IR(2044): len(serials), IR(2045): 0b010_001}
    for at, serial in enumerate(serials):
        known |= {IR(2054 + at): 100 + at, IR(2058 + at): 50 + at, IR(2062 + at): 300 + at}
        known |= put(IR(2066 + 5 * at), words_of(serial))
    return plant_of(PlantCapabilities(Model.EMS, meter_addresses=[3]), x11={**ROOT, **known})


def test_a_controller_speaks_for_its_inverters() -> None:
    plant = controller(*MANAGED)
    assert rows(plant) == [
        (INVERTER, "ems", None, 0x11),
        ("CE2231G001_managed", "managed_inverter", INVERTER, 0x11),
        ("SA2114G002_managed", "managed_inverter", INVERTER, 0x11),
        (f"{INVERTER}_meter_0x03", "meter", INVERTER, 3),
    ]
    root, first, second, _ = plant.devices
    assert root.device is plant.ems
    assert (root.is_valid, root.firmware_version) == (True, "D0.0-A0.449")
    assert (first.data_source, first.slot, second.slot) == ("ems_rollup", 1, 2)
    assert first.serial_number == "CE2231G001"
    inverter = plant.inverters[1]
    assert second.device == inverter
    assert inverter.is_blinded
    assert inverter.summary == InverterSummary("SA2114G002", "2", 101, 51, 30.1)
    assert (inverter.status, inverter.p_inverter_out) == ("2", 101)
    assert (inverter.battery_soc, inverter.t_inverter_heatsink) == (51, 30.1)
    assert plant.serial_index == dict(zip(MANAGED, plant.inverters, strict=True))


def test_inverters_that_look_alike_are_told_apart_by_their_place() -> None:
    plant = controller("CE2231G000", "\0" * 10, "CE2231G000")
    assert [(node.identity, node.slot) for node in plant.devices[1:3]] == [
        (f"{INVERTER}_managed_inverter_1", 1),
        (f"{INVERTER}_managed_inverter_3", 3),
    ]


def test_an_inverter_that_also_speaks_for_itself() -> None:
    plant = controller(*MANAGED)
    plant.add_direct_source(
        {
            0x11: {**put(HR(0), identity(serial=MANAGED[1])), IR(59): 77},
            0x32: battery(),
        }
    )
    plant.add_direct_source({0x11: put(HR(0), identity(0x3001, 282, serial="CE2231G999"))})
    first, second, third = plant.inverters
    assert [inverter.data_source for inverter in plant.inverters] == [
        "ems_rollup",
        "merged",
        "direct",
    ]
    assert (second.battery_soc, second.t_inverter_heatsink) == (77, 30.1)
    assert [item.serial_number for item in second.batteries] == [PACK]
    assert second.direct is not None
    assert second.slot == 2
    assert (first.direct, third.summary) == (None, None)
    assert [(node.identity, node.data_source) for node in plant.devices[1:4]] == [
        ("CE2231G001_managed", "ems_rollup"),
        ("SA2114G002", "merged"),
        ("CE2231G999", "direct"),
    ]
    assert plant.devices[2].firmware_version == "D0.0-A0.449"
    assert set(plant.serial_index) == {*MANAGED, "CE2231G999"}


def test_a_plant_without_a_controller_is_one_inverter() -> None:
    plant = plant_of(PlantCapabilities(Model.HYBRID_GEN1), x11={**ROOT, IR(59): 60})
    (inverter,) = plant.inverters
    assert inverter.direct is plant.inverter
    assert (inverter.data_source, inverter.is_blinded, inverter.battery_soc) == (
        "direct",
        False,
        60,
    )
    assert plant.serial_index == {INVERTER: inverter}
    assert PlantInverter("").p_inverter_out is None
    assert Plant().serial_index == {}
