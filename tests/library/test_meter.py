"""Energy meters, which count in different units without reporting the unit."""

from math import isclose
from typing import NamedTuple

import pytest
from givenergy_modbus.model.devices.meter import Meter, MeterProduct
from givenergy_modbus.model.register import IR, MR, Register, Unit
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.library.pages import anything, assert_sound, everything, page

VOLTS, AMPERES, VOLT_AMPERES, WATTS, FACTORS = IR(60), IR(63), IR(76), IR(68), IR(80)


class Make(NamedTuple):
    """How one make of meter counts."""

    per_ampere: int
    per_volt_ampere: int
    downwards: bool


EMS = Make(10, 10, downwards=False)
THREE_PHASE = Make(10, 1, downwards=True)
SINGLE_PHASE = Make(100, 1, downwards=True)
MAKES = pytest.mark.parametrize("make", [EMS, THREE_PHASE, SINGLE_PHASE])


def words(make: Make, volts: float, amperes: float, factor: float) -> dict[Register, int]:
    """Return the page of a meter with one busy phase and two at rest."""
    power = volts * amperes
    rest = 10000 if make.downwards else 0
    count = round((1 - factor if make.downwards else factor) * 10000) & 0xFFFF
    watts = round(power * factor) & 0xFFFF
    current, apparent = round(amperes * make.per_ampere), round(power * make.per_volt_ampere)
    return page(
        VOLTS,
        [
            round(volts * 10), 2310, 2320, current, 0, 0, 0, current, watts, 0, 0, watts,
            0, 0, 0, 0, apparent, 0, 0, apparent, count, rest, rest, count,
            4998, 61234, 1, 23, 4, 0,
        ],
    )  # fmt: skip


@MAKES
@pytest.mark.parametrize("factor", [0.85, -0.4])
def test_units_are_found_out(make: Make, factor: float) -> None:
    meter = Meter.from_register_cache(words(make, 241.5, 12.3, factor))
    assert (meter.v_phase_1, meter.i_phase_1, meter.i_total) == (241.5, 12.3, 12.3)
    assert meter.p_apparent_phase_1 == pytest.approx(2970, abs=1)
    assert meter.p_apparent_total == meter.p_apparent_phase_1
    assert meter.p_active_phase_1 == round(241.5 * 12.3 * factor)
    assert (meter.pf_phase_1, meter.pf_total) == (factor, factor)


@MAKES
def test_phases_at_rest_have_no_power_factor_to_speak_of(make: Make) -> None:
    meter = Meter.from_register_cache(words(make, 241.5, 12.3, 0.85))
    assert (meter.pf_phase_2, meter.pf_phase_3, meter.i_phase_2, meter.i_ln) == (0, 0, 0, 0)


@MAKES
def test_a_meter_at_rest_reads_zero(make: Make) -> None:
    meter = Meter.from_register_cache(words(make, 241.5, 0, 0))
    assert (meter.i_phase_1, meter.p_apparent_total, meter.pf_total) == (0, 0, 0)
    assert meter.is_valid()


def test_a_factor_above_one_is_counted_downwards_even_without_current() -> None:
    content = words(THREE_PHASE, 240, 0, 0) | {IR(83): 10800}
    assert Meter.from_register_cache(content).pf_total == -0.08


def test_without_volt_amperes_hundredths_of_an_ampere_are_assumed() -> None:
    content = page(VOLTS, [2441, 0, 0, 770, *[0] * 26]) | {WATTS: 1894}
    meter = Meter.from_register_cache(content)
    assert (meter.i_phase_1, meter.p_active_phase_1, meter.pf_phase_1) == (7.7, 1894, 0)


def test_what_is_off_by_more_than_any_unit_is_left_alone() -> None:
    """Current and apparent power then fit no unit; by active power it is at least ten times."""
    content = words(EMS, 240, 10, 1) | {IR(76): 5, IR(79): 5}
    meter = Meter.from_register_cache(content)
    assert (meter.i_phase_1, meter.p_apparent_phase_1) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("active", "reactive", "apparent", "expected"),
    [
        (9, 0, 10, 10.0),
        (3, 0xFFFF - 9, 11, 11.0),
        (9, 0, 95, 9.5),
        (0, 0, 10, 1.0),
        (1, 0, 2, 0.2),
    ],
)
def test_apparent_power_below_a_count_of_current(
    active: int, reactive: int, apparent: int, expected: float
) -> None:
    """No apparent power is below what active and reactive power make together."""
    content = page(VOLTS, [2400, 0, 0]) | {
        **{IR(register): 0 for register in range(63, 90)},
        IR(68): active,
        IR(72): reactive,
        IR(76): apparent,
    }
    assert Meter.from_register_cache(content).p_apparent_phase_1 == expected


def test_the_rest_reads_as_written() -> None:
    meter = Meter.from_register_cache(words(EMS, 241.5, 12.3, 0.85))
    assert (meter.v_phase_2, meter.v_phase_3, meter.frequency) == (231.0, 232.0, 49.98)
    assert (meter.e_import_active, meter.e_import_reactive) == (6123.4, 0.1)
    assert (meter.e_export_active, meter.e_export_reactive) == (2.3, 0.4)


@pytest.mark.parametrize("content", [{}, page(VOLTS, [0] * 30), {VOLTS: 5001}])
def test_no_voltage_is_no_meter(content: dict[Register, int]) -> None:
    assert not Meter.from_register_cache(content).is_valid()


@given(
    make=st.sampled_from([EMS, THREE_PHASE, SINGLE_PHASE]),
    volts=st.floats(200, 260),
    amperes=st.floats(0.2, 60),
    factor=st.floats(-1, 1),
)
def test_voltage_times_current_is_apparent_power_on_any_meter(
    make: Make, volts: float, amperes: float, factor: float
) -> None:
    # Half the last digit of the coarsest current is a quarter of the smallest current here.
    content = words(make, volts, amperes, factor)
    if max(content.values()) > 0xFFFF:
        return
    meter = Meter.from_register_cache(content)
    assert meter.v_phase_1 is not None
    assert meter.i_phase_1 is not None
    assert meter.p_apparent_phase_1 is not None
    assert isclose(meter.v_phase_1 * meter.i_phase_1, meter.p_apparent_phase_1, rel_tol=0.35)
    assert meter.pf_phase_1 == pytest.approx(factor, abs=1e-4)


@settings(max_examples=50)
@given(cache=everything(Meter) | anything(Meter))
def test_whatever_a_meter_sends_is_a_reading_or_none(cache: dict[Register, int]) -> None:
    meter = Meter.from_register_cache(cache)
    assert_sound(meter)
    factors = (meter.pf_phase_1, meter.pf_phase_2, meter.pf_phase_3, meter.pf_total)
    assert all(factor is None or -1 <= factor <= 1 for factor in factors)


PRODUCT = page(MR(60), [0x0DC1, 0x47ED, 0x0045, 0x5354, 136, 256, 257, 2, 9600])


def test_a_meter_says_what_it_is() -> None:
    product = MeterProduct.from_register_cache(PRODUCT)
    assert (product.serial_number, product.factory_code) == (str(0x0DC147ED), "EST")
    assert (product.meter_type, product.hardware_version) == (136, 256)
    assert (product.software_version, product.modbus_id, product.baud_rate) == (257, 2, 9600)
    assert product.is_valid()
    assert MeterProduct.all_fields["baud_rate"].unit is Unit.BAUD


@pytest.mark.parametrize("content", [{}, PRODUCT | {MR(60): 0, MR(61): 0}])
def test_no_number_is_no_meter(content: dict[Register, int]) -> None:
    assert not MeterProduct.from_register_cache(content).is_valid()


@given(number=st.integers(1, 0xFFFFFFFF))
def test_a_serial_is_spelled_as_it_is_read(number: int) -> None:
    field = MeterProduct.register_fields["serial_number"]
    assert field.codec.encode is not None
    assert field.codec.decode(*field.codec.encode(str(number))) == str(number)


@settings(max_examples=25)
@given(cache=everything(MeterProduct) | anything(MeterProduct))
def test_whatever_a_meter_says_of_itself_is_a_reading_or_none(cache: dict[Register, int]) -> None:
    assert_sound(MeterProduct.from_register_cache(cache))
