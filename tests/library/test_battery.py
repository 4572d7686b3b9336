"""Low-voltage packs and their controller."""

import pytest
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.lv_bcu import LvBcu
from givenergy_modbus.model.register import IR, Register
from hypothesis import given, settings

from tests.library.pages import anything, assert_sound, everything, page, spelled

CELLS = [3301, 3302, 3303, 3304, 3305, 3306, 3307, 3308, 3309, 3310, 3311, 3312, 3313, 3314, 3315]
COLD = 0x10000 - 35


def words(**changes: int) -> dict[Register, int]:
    """Return a pack's page, with some registers (``IR60=…``) changed."""
    content = [
        *CELLS, 3290,
        215, 214, COLD, 0xF556,
        52876, 251,
        0, 52910,
        0, 18600, 0, 18600, 0, 9300,
        0x0102, 0x0E10, 0x0000, 0x0500, 0x0300,
        0x10000 - 1250, 321, 16, 3022, 0, 50,
        0, 18600, 215, COLD, 12345, 23456, 0, 0, 0,
        *spelled("BX2331G123"),
        8, 0, 0, 0, 0,
    ]  # fmt: skip
    return page(IR(60), content) | {IR(int(at[2:])): word for at, word in changes.items()}


def test_a_pack_reads_as_written() -> None:
    pack = Battery.from_register_cache(words())
    assert (pack.v_cell_01, pack.v_cell_15, pack.v_cell_16) == (3.301, 3.315, 3.29)
    assert (pack.t_cells_01_04, pack.t_cells_09_12) == (21.5, -3.5)
    assert (pack.v_cells_sum, pack.v_out, pack.t_bms_mosfet) == (52.876, 52.91, 25.1)
    assert (pack.cap_calibrated, pack.cap_remaining) == (186.0, 93.0)
    assert (pack.status_1, pack.status_2, pack.status_3, pack.status_4) == (1, 2, 14, 16)
    assert (pack.status_7, pack.warning_1, pack.warning_2) == (5, 3, 0)
    assert (pack.i_battery, pack.num_cycles, pack.num_cells) == (-12.5, 321, 16)
    assert (pack.bms_firmware_version, pack.soc, pack.t_max, pack.t_min) == (3022, 50, 21.5, -3.5)
    assert (pack.e_battery_discharge_total, pack.e_battery_charge_total) == (1234.5, 2345.6)
    assert (pack.serial_number, pack.usb_device_inserted) == ("BX2331G123", 8)


def test_a_sensor_that_is_not_there_is_no_reading() -> None:
    assert Battery.from_register_cache(words()).t_cells_13_16 is None


@pytest.mark.parametrize(("word", "voltage"), [(999, None), (1000, 1.0), (5001, None), (0, 0.0)])
def test_a_cell_is_believed_between_one_and_five_volts_or_empty(word: int, voltage: float) -> None:
    assert Battery.from_register_cache(words(IR60=word)).v_cell_01 == voltage


def test_what_is_left_in_it() -> None:
    pack = Battery.from_register_cache(words())
    assert pack.remaining_energy_nominal_wh == round(93 * 16 * 3.2)
    assert pack.remaining_energy_measured_wh == round(93 * 52.91)


def test_without_a_number_of_cells_the_voltage_stands_in() -> None:
    pack = Battery.from_register_cache(words(IR97=0))
    assert pack.remaining_energy_nominal_wh == pack.remaining_energy_measured_wh == 4921


def test_nothing_is_left_to_tell_of_what_was_not_read() -> None:
    empty = Battery.from_register_cache({})
    assert empty.remaining_energy_nominal_wh is empty.remaining_energy_measured_wh is None
    assert empty.v_cell_spread is None


def test_cells_lie_as_far_apart_as_the_outermost() -> None:
    assert Battery.from_register_cache(words()).v_cell_spread == 0.025


def test_a_place_without_a_cell_is_not_the_emptiest() -> None:
    assert Battery.from_register_cache(words(IR75=0)).v_cell_spread == 0.014


def test_an_unbelievable_cell_leaves_the_spread_open() -> None:
    assert Battery.from_register_cache(words(IR75=9999)).v_cell_spread is None


@pytest.mark.parametrize("serial", ["BX2331G12", "BX2331G12?", "\0" * 10, " " * 10])
def test_an_empty_place_answers_without_a_serial(serial: str) -> None:
    content = words() | page(IR(110), [0] * 5) | page(IR(110), spelled(serial))
    assert not Battery.from_register_cache(content).is_valid()


def test_a_pack_has_a_serial() -> None:
    assert Battery.from_register_cache(words()).is_valid()
    assert not Battery.from_register_cache({}).is_valid()


def test_the_controller_of_packs_asks_for_currents() -> None:
    bcu = LvBcu.from_register_cache(page(IR(60), [0, 0, 167, 160]))
    assert bcu.is_valid()
    assert (bcu.request_charge_current, bcu.request_discharge_current) == (167, 160)


@pytest.mark.parametrize("content", [{}, page(IR(60), [0] * 60)])
def test_firmware_without_the_controller_answers_nothing(content: dict[Register, int]) -> None:
    assert not LvBcu.from_register_cache(content).is_valid()


@settings(max_examples=50)
@given(cache=everything(Battery) | anything(Battery))
def test_whatever_a_pack_sends_is_a_reading_or_none(cache: dict[Register, int]) -> None:
    pack = Battery.from_register_cache(cache)
    assert_sound(pack)
    assert pack.is_valid() in (True, False)


@settings(max_examples=25)
@given(cache=everything(LvBcu) | anything(LvBcu))
def test_whatever_the_controller_sends_is_a_reading_or_none(cache: dict[Register, int]) -> None:
    bcu = LvBcu.from_register_cache(cache)
    assert_sound(bcu)
    assert bcu.is_valid() is any(cache.values())
