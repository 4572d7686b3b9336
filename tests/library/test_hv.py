"""High-voltage stacks: controllers and modules."""

from typing import Any

import pytest
from givenergy_modbus.model.devices.aio_module import AioBatteryModule
from givenergy_modbus.model.devices.hv_stack import Bcu, Bmu, HvStack
from givenergy_modbus.model.enums import BcuStatus
from givenergy_modbus.model.register import IR, Energy, Register, Unit
from hypothesis import given, settings

from tests.library.answers import put, words_of
from tests.library.pages import anything, assert_sound, everything, page, spelled

STACK = page(IR(60), [0] * 60) | {
    IR(60): 0x4241, IR(61): 0x4142, IR(62): 0x0102, IR(63): 0x030A,
    IR(64): 5, IR(67): 120, IR(68): 60, IR(70): 4,
    IR(73): 3891, IR(74): 3899, IR(76): 0x10000 - 63, IR(79): 0x10000 - 25,
    IR(80): 0x4B49, IR(81): 97,
    IR(82): 1, IR(83): 100, IR(84): 0, IR(85): 65000,
    IR(86): 2, IR(87): 5, IR(89): 7, IR(91): 84, IR(93): 62, IR(95): 215, IR(97): 160,
    IR(98): 520, IR(99): 390, IR(100): 260, IR(102): 3180, IR(103): 4350, IR(104): 250,
    IR(105): 240, IR(107): 1, IR(113): 15, IR(114): 16, IR(117): 3, IR(118): 1, IR(119): 2,
}  # fmt: skip
DETAILS = page(IR(120), [3318, 2, 11, 3304, 5, 24, 287, 1, 6, 0x10000 - 12, 5, 3])
DETAILS |= {IR(137): 143} | page(IR(138), spelled("HC2412G077"))


def module(*, at_110: int = 0, serial: list[int] | None = None) -> dict[Register, int]:
    """Return a module's page; what lies behind its twelve sensors is the next one's."""
    cells = [3300 + place for place in range(24)]
    sensors = [200 + place for place in range(12)] + [300] * 8
    tail = [at_110, 300, 300, 300, *(spelled("HY2412G042") if serial is None else serial), 0]
    return page(IR(60), cells + [0] * 6 + sensors + tail)


SPLIT = module(at_110=0x4859, serial=[0, *spelled("2412G042")])


def test_a_controller_reads_as_written() -> None:
    bcu = Bcu.from_register_cache(STACK)
    assert (bcu.pack_software_version, bcu.is_valid()) == ("BAAB12310", True)
    assert (bcu.number_of_modules, bcu.total_cell_count) == (5, 120)
    assert bcu.total_temperature_sensor_count == 60
    assert (bcu.status, bcu.status_label) == (4, BcuStatus.DISCHARGING)
    assert (bcu.battery_voltage, bcu.load_voltage, bcu.battery_current) == (389.1, 389.9, -6.3)
    assert (bcu.battery_soc_max, bcu.battery_soc_min, bcu.battery_soh) == (75, 73, 97)
    assert (bcu.charge_energy_total, bcu.discharge_energy_total) == (6563.6, 6500.0)
    assert (bcu.charge_energy_today, bcu.discharge_energy_today) == (8.4, 6.2)
    assert (bcu.battery_nominal_capacity_ah, bcu.remaining_battery_capacity_ah) == (52.0, 39.0)
    assert (bcu.min_discharge_voltage, bcu.max_charge_voltage) == (318.0, 435.0)
    assert (bcu.min_discharge_current, bcu.max_charge_current) == (25.0, 24.0)
    assert (bcu.fan_fault_code, bcu.self_check_status) == (1, 15)
    assert (bcu.pack_warning_status, bcu.pack_protection_status) == (16 << 16, 3)
    assert bcu.pack_fault_status == 1 << 16 | 2


def test_cycles_are_whole_and_charge_is_counted_in_tenths() -> None:
    bcu = Bcu.from_register_cache(STACK)
    assert bcu.number_of_cycles == 260
    assert (bcu.charge_capacity_total, bcu.discharge_capacity_total) == (13107.7, 0.7)
    assert (bcu.charge_capacity_today, bcu.discharge_capacity_today) == (21.5, 16.0)


@pytest.mark.parametrize(
    ("word", "power", "charge", "discharge"),
    [(0x10000 - 25, -2500, 0, 2500), (0, 0, 0, 0), (31, 3100, 3100, 0)],
)
def test_power_is_signed_hundreds_of_watts(
    word: int, power: int, charge: int, discharge: int
) -> None:
    bcu = Bcu.from_register_cache(STACK | {IR(79): word})
    assert (bcu.battery_power, bcu.battery_charge_power) == (power, charge)
    assert bcu.battery_discharge_power == discharge


def test_power_agrees_with_voltage_and_current() -> None:
    bcu = Bcu.from_register_cache(STACK)
    assert bcu.battery_voltage is not None
    assert bcu.battery_current is not None
    assert bcu.battery_power == pytest.approx(bcu.battery_voltage * bcu.battery_current, abs=100)


def test_details_come_with_their_own_block() -> None:
    without, bcu = Bcu.from_register_cache(STACK), Bcu.from_register_cache(STACK | DETAILS)
    assert without.v_cell_max is without.v_cell_spread is without.serial_number is None
    assert (bcu.v_cell_max, bcu.v_cell_max_module, bcu.v_cell_max_cell) == (3.318, 2, 11)
    assert (bcu.v_cell_min, bcu.v_cell_min_module, bcu.v_cell_min_cell) == (3.304, 5, 24)
    assert (bcu.t_cell_max, bcu.t_cell_max_module, bcu.t_cell_max_sensor) == (28.7, 1, 6)
    assert (bcu.t_cell_min, bcu.t_cell_min_module, bcu.t_cell_min_sensor) == (-1.2, 5, 3)
    assert (bcu.t_cell_average, bcu.v_cell_spread) == (14.3, 0.014)
    assert bcu.serial_number == "HC2412G077"


@pytest.mark.parametrize("number", [0, 6])
def test_a_module_the_stack_does_not_have_is_no_module(number: int) -> None:
    bcu = Bcu.from_register_cache(STACK | DETAILS | {IR(127): number})
    assert (bcu.t_cell_max, bcu.t_cell_max_module, bcu.t_cell_min_module) == (28.7, None, 5)


@pytest.mark.parametrize("content", [{}, page(IR(60), [0] * 60)])
def test_no_version_is_no_controller(content: dict[Register, int]) -> None:
    assert not Bcu.from_register_cache(content).is_valid()


def test_the_stack_speaks_for_its_controller() -> None:
    bcu = Bcu.from_register_cache(STACK | DETAILS)
    stack = HvStack(0x70, bcu, (Bmu.from_register_cache(module(), 0),))
    assert (stack.soc, stack.serial_number, stack.is_valid()) == (75, "HC2412G077", True)
    assert [bmu.bmu_index for bmu in stack.bmus] == [0]


def test_a_module_has_24_cells_and_12_sensors() -> None:
    bmu = Bmu.from_register_cache(module(), bmu_index=3)
    assert (bmu.v_cell_01, bmu.v_cell_24, bmu.v_cell_spread) == (3.3, 3.323, 0.023)
    assert (bmu.t_cell_01, bmu.t_cell_12, bmu.bmu_index) == (20.0, 21.1, 3)
    assert {getattr(bmu, f"t_cell_{sensor}") for sensor in range(13, 25)} == {None}
    assert not any(f"t_cell_{sensor}" in Bmu.all_fields for sensor in range(13, 25))


@pytest.mark.parametrize("content", [module(), SPLIT])
@pytest.mark.parametrize("device", [Bmu, AioBatteryModule])
def test_a_serial_is_the_same_whichever_way_it_is_kept(
    device: type[Bmu | AioBatteryModule], content: dict[Register, int]
) -> None:
    found = device.from_register_cache(content)
    assert (found.serial_number, found.is_valid()) == ("HY2412G042", True)


@pytest.mark.parametrize(
    ("at_110", "serial"),
    [(0, "2412G042"), (255, "2412G042"), (0xFFF6, "2412G042"), (0x4131, "2412G042")],
)
def test_a_temperature_is_no_part_of_a_serial(at_110: int, serial: str) -> None:
    content = module(at_110=at_110, serial=[0, *spelled("2412G042")])
    assert Bmu.from_register_cache(content).serial_number == serial


def test_letters_before_a_whole_serial_are_no_part_of_it() -> None:
    assert Bmu.from_register_cache(module(at_110=0x4859)).serial_number == "HY2412G042"


@pytest.mark.parametrize("content", [{}, module(serial=[0] * 5), module(serial=[0x2020] * 5)])
def test_no_serial_is_no_module(content: dict[Register, int]) -> None:
    assert not Bmu.from_register_cache(content).is_valid()


def test_an_all_in_one_module_knows_where_it_answers() -> None:
    found = AioBatteryModule.from_register_cache(module(), 0x52)
    assert (found.module_address, found.v_cell_24, found.t_cell_12) == (0x52, 3.323, 21.1)


def test_readings_say_what_they_are() -> None:
    assert {
        Bcu.all_fields[name].energy for name in ("charge_energy_total", "charge_energy_today")
    } == {
        Energy.LIFETIME,
        Energy.DAILY,
    }
    power: Any = Bcu.all_fields["battery_discharge_power"]
    assert (power.unit, power.registers) == (Unit.WATT, (IR(79),))
    spread: Any = Bmu.all_fields["v_cell_spread"]
    assert (spread.unit, spread.precision, len(spread.registers)) == (Unit.VOLT, 3, 24)


@pytest.mark.parametrize("device", [Bcu, Bmu, AioBatteryModule])
def test_whatever_a_stack_sends_is_a_reading_or_none(device: type[Bcu | Bmu]) -> None:
    @settings(max_examples=40)
    @given(cache=everything(device) | anything(device))
    def holds(cache: dict[Register, int]) -> None:
        found = device.from_register_cache(cache)
        assert_sound(found)
        assert found.is_valid() in (True, False)

    holds()


@pytest.mark.parametrize(
    ("cells", "ampere_hours", "remaining", "capacity", "usable"),
    [
        (96, 493, 171, 15145, 12873),
        (144, 520, 450, 23962, 20368),
        (72, 520, 260, 11981, 10184),
        (0, 520, 260, None, None),
    ],
)
def test_usable_capacity_is_85_percent_of_what_the_stack_holds(
    cells: int, ampere_hours: int, remaining: int, capacity: int | None, usable: int | None
) -> None:
    """At 3.2 V a cell: the portal shows 20.4 kWh for six modules."""
    stack = Bcu.from_register_cache(
        {IR(67): cells, IR(98): ampere_hours, IR(99): remaining, IR(64): cells // 24}
    )
    assert (stack.capacity_wh, stack.usable_capacity_wh) == (capacity, usable)
    assert stack.remaining_energy_wh == ((cells and round(remaining / 10 * cells * 3.2)) or None)


def test_a_serial_number_without_the_register_before_it() -> None:
    """IR(110) matters only where it holds the two letters."""
    words = put(IR(114), words_of("HY2336G001"))
    assert Bmu.from_register_cache(words).serial_number == "HY2336G001"
    del words[IR(118)]
    assert Bmu.from_register_cache(words).serial_number is None
