"""Plant controllers."""

from datetime import time

import pytest
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.devices.ems import (
    MAX_MANAGED_INVERTERS,
    Ems,
    EmsMeterRole,
    InverterSummary,
)
from givenergy_modbus.model.enums import EmsInverterStatus, MeterStatus, Status
from givenergy_modbus.model.register import HR, IR, Register
from hypothesis import given, settings

from tests.library.pages import anything, assert_sound, everything, page, spelled

READINGS = page(IR(2040), [0] * 60) | {
    IR(2040): 1, IR(2041): 3, IR(2042): 0b_10_00_01_00, IR(2043): 0b_11_10_01_01, IR(2044): 2,
    IR(2045): 0b_000_111_010,
    IR(2046): 0x10000 - 150, IR(2047): 2400, IR(2048): 7, IR(2053): 8,
    IR(2054): 1200, IR(2055): 0x10000 - 900, IR(2058): 61, IR(2059): 40,
    IR(2062): 415, IR(2063): 0x10000 - 15,
    IR(2086): 1800, IR(2087): 1790, IR(2088): 2400, IR(2089): 0x10000 - 150,
    IR(2090): 300, IR(2091): 12500, IR(2094): 0x10000 - 20,
} | page(IR(2066), spelled("CE2231G111")) | page(IR(2071), spelled("CE2231G222"))  # fmt: skip
SETTINGS = page(HR(2040), [1, 2, 3, 1, *(1900, 2359, 4, 0, 0, 5, 60, 60, 6) * 3, 3680, 1, 2, 5, 6])


def test_measurements_read_as_written() -> None:
    ems = Ems.from_register_cache(READINGS)
    assert (ems.ems_status, ems.meter_count, ems.inverter_count) == (Status.NORMAL, 3, 2)
    assert (ems.meter_1_power, ems.meter_2_power, ems.meter_8_power) == (-150, 2400, 8)
    assert (ems.calc_load_power, ems.measured_load_power) == (1800, 1790)
    assert (ems.total_generation_load_power, ems.grid_meter_power) == (2400, -150)
    assert (ems.total_battery_power, ems.other_battery_power) == (300, -20)
    assert ems.remaining_battery_wh == 12500
    assert (ems.inverter_2_status, ems.inverter_3_status) == ("7", "0")
    assert ems.is_valid()


def test_states_share_registers() -> None:
    ems = Ems.from_register_cache(READINGS)
    assert (ems.meter_2_status, ems.meter_3_status) == (MeterStatus.ONLINE, MeterStatus.OFFLINE)
    assert (ems.meter_4_status, ems.meter_5_status) == (None, MeterStatus.DISABLED)
    assert ems.inverter_1_suspected_status is EmsInverterStatus.ONLINE
    assert ems.inverter_2_suspected_status is None
    assert ems.inverter_3_suspected_status is EmsInverterStatus.ABSENT


def test_meters_have_roles_where_there_are_meters() -> None:
    ems = Ems.from_register_cache(READINGS)
    assert ems.meter_types == 0b10000100
    assert (ems.meter_1_role, ems.meter_2_role) == (EmsMeterRole.GRID, EmsMeterRole.GENERATION)
    assert (ems.meter_4_role, ems.meter_5_role) == (EmsMeterRole.LOAD, None)


def test_inverters_are_those_with_a_serial() -> None:
    ems = Ems.from_register_cache(READINGS)
    assert ems.managed_inverters == [
        InverterSummary("CE2231G111", "2", 1200, 61, 41.5),
        InverterSummary("CE2231G222", "7", -900, 40, -1.5),
    ]
    assert len(ems.managed_inverters) <= MAX_MANAGED_INVERTERS


@pytest.mark.parametrize("blank", ["\0" * 10, " " * 10])
def test_an_empty_place_is_passed_over(blank: str) -> None:
    ems = Ems.from_register_cache(READINGS | page(IR(2066), spelled(blank)))
    assert [inverter.serial_number for inverter in ems.managed_inverters] == ["CE2231G222"]


def test_settings_read_as_written() -> None:
    ems = Ems.from_register_cache(SETTINGS)
    assert (ems.plant_enabled, ems.plant_status) == (True, Status.NORMAL)
    assert (ems.expected_inverter_count, ems.expected_meter_count) == (2, 3)
    assert ems.expected_car_charger_count == 1
    evening, midnight = TimeSlot(time(19), time(23, 59)), TimeSlot(time(0), time(0))
    for kind in ("discharge", "charge", "export"):
        slots = [getattr(ems, f"{kind}_slot_{place}") for place in (1, 2, 3)]
        assert slots == [evening, midnight, None]
        assert [getattr(ems, f"{kind}_target_{place}") for place in (1, 2, 3)] == [4, 5, 6]
    assert (ems.export_power_limit, ems.car_charge_mode, ems.car_charge_boost) == (3680, 1, 2)
    assert (ems.plant_charge_compensation, ems.plant_discharge_compensation) == (5, 6)


@pytest.mark.parametrize(("word", "enabled"), [(0, False), (1, True), (9, True)])
def test_the_switch_is_on_unless_zero(word: int, enabled: bool) -> None:
    assert Ems.from_register_cache({HR(2040): word}).plant_enabled is enabled


def test_exactly_these_registers_may_be_written() -> None:
    writable = {
        register
        for field in Ems.register_fields.values()
        if field.writable is not None
        for register in field.registers
    }
    assert writable == {HR(2040), *map(HR, range(2044, 2072))}


@pytest.mark.parametrize("field", ["charge_target_1", "discharge_target_2", "export_target_3"])
@pytest.mark.parametrize("value", [-1, 101])
def test_a_target_is_a_percentage(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} must be 0 to 100"):
        Ems.write(**{field: value})


@pytest.mark.parametrize("content", [{}, {IR(2040): 9}])
def test_no_status_is_no_controller(content: dict[Register, int]) -> None:
    assert not Ems.from_register_cache(content).is_valid()


@settings(max_examples=40)
@given(cache=everything(Ems) | anything(Ems))
def test_whatever_a_controller_sends_is_a_reading_or_none(cache: dict[Register, int]) -> None:
    ems = Ems.from_register_cache(cache)
    assert_sound(ems)
    assert len(ems.managed_inverters) <= MAX_MANAGED_INVERTERS
