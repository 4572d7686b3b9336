"""What an inverter makes of its registers, product by product."""

from typing import Any

import pytest
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.commands.slot_map import SlotMap
from givenergy_modbus.model.inverter import (
    EXTENDED_SLOTS,
    SINGLE_PHASE_SLOTS,
    Inverter,
    SinglePhaseInverter,
    TenSlotInverter,
)
from givenergy_modbus.model.inverter_threephase import (
    THREE_PHASE_SLOTS,
    ThreePhaseInverter,
    select_inverter,
)
from givenergy_modbus.model.models import MODELS, Model, Trait
from givenergy_modbus.model.register import HR, IR, Register
from hypothesis import given
from hypothesis import strategies as st

from tests.library.inverter_words import A_DAY, AC, AIO, GEN1, GEN2, GEN3, THREE, Words, inverter


def test_power_is_told_by_direction() -> None:
    view = inverter(GEN1)
    assert (view.p_battery, view.battery_discharge_power, view.battery_charge_power) == (
        1234,
        1234,
        0,
    )
    assert (view.p_grid_out, view.grid_export_power, view.grid_import_power) == (-800, 0, 800)
    assert view.pv_power == view.p_pv() == 2200


def test_energy_of_the_day() -> None:
    view = inverter(GEN1)
    assert view.e_pv_today == view.e_pv_day() == pytest.approx(10.1)
    assert view.e_consumption_today == 11.6 - 2.0 + 3.5 - 1.0
    assert view.e_consumption_total == 900.0 + 1500.0 - 100.0 - 60.0
    assert view.e_self_consumption_today == 8.1
    assert view.e_self_consumption_total == 700.0
    assert view.e_pv_direct_today == 4.1


def test_less_solar_than_export_is_no_self_consumption() -> None:
    view = inverter(GEN1, {**A_DAY, IR(17): 5, IR(19): 0, IR(12): 5})
    assert (
        view.e_self_consumption_today
        == view.e_self_consumption_total
        == view.e_pv_direct_today
        == 0
    )


@pytest.mark.parametrize(
    "missing", [IR(18), IR(20), IR(17), IR(25), IR(26), IR(35), IR(44), IR(22), IR(30), IR(52)]
)
def test_there_are_no_partial_sums(missing: Register) -> None:
    whole, view = inverter(GEN1), inverter(GEN1, {k: v for k, v in A_DAY.items() if k != missing})
    for name, reading in SinglePhaseInverter.all_fields.items():
        expected = None if missing in reading.registers else getattr(whole, name)
        if name == "e_consumption_today" and missing == IR(17):
            expected = whole.e_consumption_today  # the strings are part of the output
        assert getattr(view, name) == expected, name


@pytest.mark.parametrize(
    ("product", "charged", "discharged", "lifetime"),
    [
        (GEN1, 5.0, 4.0, (800.0, 700.0)),
        (GEN2, 5.0, 4.0, (None, None)),
        (GEN3, 5.0, 4.0, (None, None)),
        ((0x8101, 1), 5.0, 4.0, (None, None)),
        (AC, 5.0, 4.0, (None, None)),
        (AIO, 5.0, 4.0, (None, None)),
        ((0x9001, 449), None, None, (None, None)),
        (None, None, None, (None, None)),
    ],
)
def test_battery_energy_is_where_the_firmware_keeps_it(
    product: tuple[int, int] | None,
    charged: float | None,
    discharged: float | None,
    lifetime: tuple[float | None, float | None],
) -> None:
    view = inverter(product)
    assert (view.e_battery_charge_today, view.e_battery_discharge_today) == (charged, discharged)
    assert (view.e_battery_charge_total, view.e_battery_discharge_total) == lifetime


def test_an_empty_battery_day_is_zero_and_not_another_register() -> None:
    view = inverter(GEN1, {**A_DAY, IR(36): 0, IR(37): 0})
    assert (view.e_battery_charge_today, view.e_battery_discharge_today) == (0.0, 0.0)


def test_totals_that_the_firmware_never_fills_are_none() -> None:
    """ARM 451 leaves IR180 and IR181 at zero."""
    view = inverter((0x2001, 451), {**A_DAY, IR(180): 0, IR(181): 0})
    assert view.e_battery_charge_total is view.e_battery_discharge_total is None
    assert (view.e_battery_charge_today, view.e_battery_discharge_today) == (5.0, 4.0)
    view = inverter((0x2001, 449), {**A_DAY, IR(180): 0})
    assert (view.e_battery_charge_total, view.e_battery_discharge_total) == (800.0, 0.0)
    view = inverter((0x2001, 449), {**A_DAY, IR(180): 0, IR(181): 0})
    assert view.e_battery_charge_total is view.e_battery_discharge_total is None


def test_without_a_battery_there_is_nothing_to_show() -> None:
    words = {**A_DAY, **{IR(at): 0 for at in (50, 51, 52, 56, 59)}}
    view = inverter(GEN1, words)
    assert (
        view.battery_soc
        is view.v_battery
        is view.t_battery
        is view.i_battery
        is view.p_battery
        is None
    )
    assert view.battery_charge_power is view.battery_discharge_power is None
    empty = inverter(GEN1, {**words, IR(50): 4800})
    assert (empty.battery_soc, empty.v_battery, empty.p_battery) == (0, 48.0, 0)
    words = {IR(at): 0 for at in (1131, 1132, 1136, 1137, 1138, 1139, 1140)}
    three = ThreePhaseInverter.from_register_cache(words)
    assert three.battery_soc is three.v_battery_bms is three.i_battery is None
    assert three.p_battery is three.battery_charge_power is three.battery_discharge_power is None
    empty = ThreePhaseInverter.from_register_cache({**words, IR(1131): 3000})
    assert (empty.battery_soc, empty.p_battery) == (0, 0.0)


@pytest.mark.parametrize("product", [AC, AIO])
def test_consumption_where_solar_is_metered_on_the_ac_side(product: tuple[int, int]) -> None:
    """Solar does not pass through the inverter's output there, so it is added."""
    view = inverter(product)
    assert view.e_consumption_today == 11.6 + 3.5 - 2.0 - 1.0 + 10.1
    assert view.e_consumption_total == 900.0 + 1500.0 - 100.0 - 60.0 + 800.0


def test_consumption_is_never_negative_and_needs_a_metered_grid() -> None:
    view = inverter(GEN1, {**A_DAY, IR(44): 0, IR(26): 0})
    assert view.e_consumption_today == 0.0
    view = inverter(AC, {**A_DAY, IR(22): 3, IR(33): 4})
    assert view.e_consumption_today is view.e_consumption_total is None
    assert inverter((0x5001, 1036)).e_consumption_today is None
    assert inverter((0x7001, 14)).e_consumption_total is None


@pytest.mark.parametrize("product", [AC, AIO, (0x8099, 1)])
def test_where_solar_is_metered_on_the_ac_side(product: tuple[int, int]) -> None:
    view = inverter(product)
    assert (view.e_inverter_out_today, view.e_inverter_out_total) == (11.6, 900.0)
    assert view.e_pv_generation_today is view.e_pv_generation_total is None
    assert (
        view.v_pv1 is view.i_pv1 is view.e_self_consumption_today is view.e_pv_direct_today is None
    )
    assert view.p_pv1 == 1500
    assert view.e_pv_today == pytest.approx(10.1)


@pytest.mark.parametrize("product", [GEN1, GEN3, (0x8101, 1), (0x9001, 449), None])
def test_where_solar_is_the_inverters_own(product: tuple[int, int] | None) -> None:
    view = inverter(product)
    assert (view.e_pv_generation_today, view.e_pv_generation_total) == (11.6, 900.0)
    assert (view.e_inverter_out_today, view.e_inverter_out_total) == (11.6, 900.0)
    assert (view.v_pv1, view.i_pv1) == (350.0, 4.3)


@pytest.mark.parametrize("words", [{HR(0): 0x3001}, {HR(21): 282}])
def test_half_an_identity_settles_nothing(words: Words) -> None:
    view = SinglePhaseInverter.from_register_cache({**A_DAY, **words})
    assert view.e_pv_generation_today == 11.6
    assert view.slot_map is SINGLE_PHASE_SLOTS


@pytest.mark.parametrize(
    ("product", "model", "rated", "battery", "capacity"),
    [
        (GEN1, Model.HYBRID, 5000, 2600, 8.192),
        (GEN3, Model.HYBRID, 5000, 3600, 8.192),
        (AC, Model.AC, 3000, 3000, 8.192),
        (AIO, Model.ALL_IN_ONE, 6000, 6000, 49.12),
        ((0x8101, 1), Model.ALL_IN_ONE, 6000, None, None),
        ((0x4004, 0), Model.HYBRID_3PH, 11000, None, None),
        ((0x7002, 14), Model.GATEWAY, None, None, 8.192),
        ((0x9001, 449), None, None, None, 8.192),
    ],
)
def test_ratings(
    product: tuple[int, int],
    model: Model | None,
    rated: int | None,
    battery: int | None,
    capacity: float | None,
) -> None:
    view = inverter(product)
    assert view.model is model
    assert (view.inverter_max_power, view.battery_max_power) == (rated, battery)
    assert view.battery_capacity_kwh == (capacity and pytest.approx(capacity))
    assert inverter(product, {**A_DAY, HR(55): 0}).battery_capacity_kwh is None
    assert view.is_ac_coupled is (model is Model.AC)


@pytest.mark.parametrize(
    ("product", "windows"),
    [
        (GEN1, SINGLE_PHASE_SLOTS),
        (GEN2, SINGLE_PHASE_SLOTS),
        ((0x2001, 302), SINGLE_PHASE_SLOTS),
        (GEN3, EXTENDED_SLOTS),
        (AC, SINGLE_PHASE_SLOTS),
        (AIO, EXTENDED_SLOTS),
        ((0x8301, 1), EXTENDED_SLOTS),
        ((0x9001, 449), SINGLE_PHASE_SLOTS),
        (None, SINGLE_PHASE_SLOTS),
    ],
)
def test_windows(product: tuple[int, int] | None, windows: Any) -> None:
    assert inverter(product).slot_map is windows
    assert ThreePhaseInverter().slot_map is THREE_PHASE_SLOTS


def test_a_three_phase_inverter_reads_its_own_registers() -> None:
    view = ThreePhaseInverter.from_register_cache(THREE)
    assert (view.p_battery, view.battery_discharge_power, view.battery_charge_power) == (
        1704.8,
        1704.8,
        0.0,
    )
    assert (view.grid_import_power, view.grid_export_power) == (315.0, 0.0)
    assert view.pv_power == view.p_pv() == 2000.5
    assert view.e_pv_today == view.e_pv_day() == 25.4
    assert view.e_battery_throughput == pytest.approx(6553.6 + 6554.2)
    assert view.firmware_version == "D0.11043-A0.11121"
    assert view.inverter_max_power == 11000


def test_a_three_phase_inverter_takes_settings_at_its_own_registers() -> None:
    view = ThreePhaseInverter.from_register_cache(THREE)
    assert (view.enable_charge, view.ac_charge_enable) == (True, False)
    assert (view.battery_soc_reserve, view.charge_target_soc) == (5, 100)
    assert [(request.register, request.value) for request in view.set_enable_charge(True)] == [
        (1112, 1)
    ]
    assert view.setting("charge_slot_1").registers == (HR(1113), HR(1114))


def test_charge_slot_2_of_ten_slot_models() -> None:
    """It is HR243/244, beside its target; HR31/32 mean nothing there."""
    words = {HR(31): 1, HR(32): 0, HR(243): 130, HR(244): 430, HR(245): 80}
    view = SinglePhaseInverter.from_register_cache({HR(0): 0x8001, HR(21): 612, **words})
    assert isinstance(view, TenSlotInverter)
    assert view.charge_slot_2 == TimeSlot.from_components(1, 30, 4, 30)
    assert view.charge_target_soc_2 == 80
    assert [(item.register, item.value) for item in view.set_charge_slot(2, None)] == [
        (243, 0),
        (244, 0),
    ]
    two = SinglePhaseInverter.from_register_cache({HR(0): 0x2001, HR(21): 449, **words})
    assert type(two) is SinglePhaseInverter
    assert two.charge_slot_2 == TimeSlot.from_components(0, 1, 0, 0)


def test_neither_class_is_built_on_the_other() -> None:
    assert issubclass(SinglePhaseInverter, Inverter)
    assert issubclass(ThreePhaseInverter, Inverter)
    assert not issubclass(ThreePhaseInverter, SinglePhaseInverter)
    assert not hasattr(ThreePhaseInverter(), "grid_import_limit")


@pytest.mark.parametrize("model", Model)
def test_a_product_is_decoded_by_the_class_of_its_phases(model: Model) -> None:
    three = model in {
        Model.HYBRID_3PH,
        Model.AC_3PH,
        Model.AIO_COMMERCIAL,
        Model.ALL_IN_ONE_HYBRID,
    }
    expected = ThreePhaseInverter if three else SinglePhaseInverter
    if model in {Model.ALL_IN_ONE, Model.HYBRID_HV_GEN3, Model.HYBRID_GEN4}:
        expected = TenSlotInverter
    assert select_inverter(MODELS[model].traits) is expected
    assert select_inverter(Trait(0)) is SinglePhaseInverter


@pytest.mark.parametrize("device", [SinglePhaseInverter, ThreePhaseInverter])
@given(code=st.integers(0, 0xFFFF), firmware=st.none() | st.integers(0, 0xFFFF))
def test_no_product_makes_a_property_raise(
    device: type[SinglePhaseInverter | ThreePhaseInverter], code: int, firmware: int | None
) -> None:
    known = {HR(0): code} | ({} if firmware is None else {HR(21): firmware})
    view = device.from_register_cache({**A_DAY, **THREE, **known})
    assert view.model_dump()["device_type_code"] == f"{code:04x}"
    assert isinstance(view.slot_map, SlotMap)
    assert isinstance(view.traits, Trait)
    assert view.device_type in {*Model, None}
    assert not view.absent(view.traits) - device.all_fields.keys()


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_what_a_product_never_has_is_none(code: int, firmware: int) -> None:
    view = inverter((code, firmware))
    assert {getattr(view, name) for name in view.absent(view.traits)} <= {None}


@pytest.mark.parametrize(
    ("device", "name", "registers"),
    [
        (SinglePhaseInverter, "battery_charge_power", {IR(52)}),
        (SinglePhaseInverter, "grid_export_power", {IR(30)}),
        (SinglePhaseInverter, "pv_power", {IR(18), IR(20)}),
        (SinglePhaseInverter, "e_pv_today", {IR(17), IR(19)}),
        (
            SinglePhaseInverter,
            "e_consumption_today",
            {HR(0), HR(21), *map(IR, (17, 19, 21, 22, 25, 26, 27, 28, 32, 33, 35, 44, 45, 46))},
        ),
        (
            SinglePhaseInverter,
            "e_self_consumption_total",
            {HR(0), HR(21), IR(11), IR(12), IR(21), IR(22)},
        ),
        (SinglePhaseInverter, "battery_capacity_kwh", {HR(0), HR(21), HR(55)}),
        (SinglePhaseInverter, "inverter_max_power", {HR(0), HR(21)}),
        (SinglePhaseInverter, "e_battery_charge_total", {HR(0), HR(21), IR(181)}),
        (SinglePhaseInverter, "e_battery_charge_today", {HR(0), HR(21), IR(36)}),
        (ThreePhaseInverter, "battery_charge_power", {IR(1138), IR(1139)}),
        (ThreePhaseInverter, "p_battery", {IR(1136), IR(1137), IR(1138), IR(1139)}),
        (ThreePhaseInverter, "e_battery_throughput", {IR(1390), IR(1391), IR(1394), IR(1395)}),
        (ThreePhaseInverter, "pv_power", {IR(1017), IR(1018), IR(1019), IR(1020)}),
    ],
)
def test_registers_behind_a_derived_value(
    device: type[Inverter], name: str, registers: set[Register]
) -> None:
    assert set(device.all_fields[name].registers) == registers
