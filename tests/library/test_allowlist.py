"""The registers that may be written on each model, written out once more by hand.

The library derives it from the declarations. A safety interlock deserves one
deliberate second copy.
"""

import pytest
from givenergy_modbus.exceptions import InvalidPduState
from givenergy_modbus.model.allowlist import accepts, reject_reason, writable_registers
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.register import HR
from givenergy_modbus.pdu import WriteHoldingRegisterRequest, permitted_registers
from hypothesis import given
from hypothesis import strategies as st

# fmt: off
SINGLE_PHASE = {
    20, 27, 29, 31, 32, 35, 36, 37, 38, 39, 40, 44, 45, 50, 56, 57, 59,
    94, 95, 96, 110, 111, 112, 114, 116, 163, 166,
}
FIRST_TARGETS = {242, 245, 272, 275}
LATER_SLOTS = {
    246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 259, 260, 261, 262, 263,
    264, 265, 266, 267, 268, 269, 276, 277, 278, 279, 280, 281, 282, 283, 284, 285, 286, 287,
    288, 289, 290, 291, 292, 293, 294, 295, 296, 297, 298, 299,
}
TEN_SLOTS = SINGLE_PHASE - {31, 32} | {243, 244} | FIRST_TARGETS | LATER_SLOTS
AC_CONFIG = {311, 313, 314, 317, 318, 319, 320}
THREE_PHASE = {
    20, 27, 29, 35, 36, 37, 38, 39, 40, 50, 59, 111, 112, 114, 163, 166,
    1078, 1109, 1111, 1112, 1113, 1114, 1115, 1116, 1118, 1119, 1120, 1121, 1122, 1123,
}
EMS = {
    2040,
    2044, 2045, 2046, 2047, 2048, 2049, 2050, 2051, 2052, 2053, 2054, 2055, 2056, 2057,
    2058, 2059, 2060, 2061, 2062, 2063, 2064, 2065, 2066, 2067, 2068, 2069, 2070, 2071,
}
NOTHING: set[int] = set()

PRODUCTS = (
    # product, ARM firmware, what it is written, what else once these blocks were found
    (Model.HYBRID, None, SINGLE_PHASE, AC_CONFIG),
    (Model.HYBRID_GEN1, 449, SINGLE_PHASE, NOTHING),
    (Model.HYBRID_GEN2, 920, SINGLE_PHASE, AC_CONFIG),
    (Model.HYBRID_GEN3, 302, SINGLE_PHASE, AC_CONFIG),
    (Model.HYBRID_GEN3, 303, TEN_SLOTS, AC_CONFIG),
    (Model.HYBRID_GEN4, None, TEN_SLOTS, AC_CONFIG),
    (Model.HYBRID_HV_GEN3, None, TEN_SLOTS, NOTHING),
    (Model.POLAR, None, SINGLE_PHASE, NOTHING),
    (Model.AC, 282, SINGLE_PHASE | AC_CONFIG, NOTHING),
    (Model.ALL_IN_ONE, 612, TEN_SLOTS | AC_CONFIG, NOTHING),
    (Model.HYBRID_3PH, None, THREE_PHASE, LATER_SLOTS),
    (Model.AC_3PH, None, THREE_PHASE, LATER_SLOTS),
    (Model.AIO_COMMERCIAL, None, THREE_PHASE, LATER_SLOTS),
    (Model.ALL_IN_ONE_HYBRID, None, THREE_PHASE | LATER_SLOTS, NOTHING),
    (Model.EMS, 1036, EMS, NOTHING),
    (Model.EMS_COMMERCIAL, None, EMS, NOTHING),
    (Model.GATEWAY, 14, NOTHING, NOTHING),
    (None, None, NOTHING, NOTHING),
)
# fmt: on

BLOCKS = ["0x11:HR(180,60)", "0x11:HR(240,60)", "0x11:HR(300,60)"]


def test_every_product_is_listed() -> None:
    """A new product needs a line here."""
    assert {model for model, *_ in PRODUCTS} == {*Model, None}


@pytest.mark.parametrize(
    ("model", "firmware", "written", "found"),
    [pytest.param(*row, id=f"{row[0] and row[0].name}-{row[1]}") for row in PRODUCTS],
)
def test_product(
    model: Model | None, firmware: int | None, written: set[int], found: set[int]
) -> None:
    """A product is written these registers and no others."""
    plain = PlantCapabilities(model, arm_firmware_version=firmware)
    assert set(writable_registers(plain)) == written
    served = PlantCapabilities(model, arm_firmware_version=firmware, served_blocks=BLOCKS)
    assert set(writable_registers(served)) == written | found


def test_the_wire_lets_through_what_some_product_takes_and_smart_load_windows() -> None:
    windows = set(range(554, 574))
    taken = SINGLE_PHASE | TEN_SLOTS | AC_CONFIG | THREE_PHASE | EMS
    assert taken | windows == permitted_registers()


@pytest.mark.parametrize("register", [2, 63, 162, 200, 300, 1016, 5004])
def test_the_wire_lets_nothing_else_through(register: int) -> None:
    with pytest.raises(InvalidPduState):
        WriteHoldingRegisterRequest(register, 1).encode()


def test_settings_by_register() -> None:
    """A register is known by the setting it belongs to."""
    gen1 = writable_registers(PlantCapabilities(Model.HYBRID_GEN1))
    three_phase = writable_registers(PlantCapabilities(Model.HYBRID_3PH))
    assert (gen1[116].name, three_phase[1111].name) == ("charge_target_soc",) * 2
    assert (gen1[96].name, three_phase[1112].name) == ("enable_charge", "ac_charge_enable")
    assert gen1[95].name == "charge_slot_1"


@pytest.mark.parametrize(
    ("register", "words", "others"),
    [
        (20, (0, 1), (2, 65535)),
        (27, (0, 1), (2,)),
        (29, (0, 1, 3), (2, 4, 5, 6, 7)),
        (35, (0, 26), (65535,)),
        (36, (1, 12), (0, 13)),
        (37, (1, 31), (0, 32)),
        (38, (0, 23), (24,)),
        (39, (0, 59), (60,)),
        (40, (0, 59), (60,)),
        (94, (0, 1, 59, 100, 2359), (60, 99, 1260, 2400, 65535)),
        (95, (0, 2359), (60, 2400)),
        (111, (0, 100), (101,)),
        (116, (4, 100), (0, 3, 101, 65535)),
        (163, (100,), (0, 1, 2, 3, 101, 200)),
    ],
)
def test_words(register: int, words: tuple[int, ...], others: tuple[int, ...]) -> None:
    """A register takes the words its setting may have, and no others."""
    plant = PlantCapabilities(Model.HYBRID_GEN1)
    for word in words:
        assert reject_reason(plant, register, word) is None
    for word in (*others, -1, 65536):
        reason = reject_reason(plant, register, word)
        assert reason is not None
        assert writable_registers(plant)[register].name in reason


def test_reasons() -> None:
    """A reject_reason names the setting and the cause."""
    gen1 = PlantCapabilities(Model.HYBRID_GEN1)
    assert reject_reason(gen1, 116, 3) == ("HR(116) does not take 3: charge_target_soc is 4 to 100")
    assert (
        reject_reason(gen1, 252, 100)
        == "charge_slot_5 at HR(252) cannot be written on Hybrid Gen 1"
    )
    assert reject_reason(gen1, 479, 1) == "HR(479) cannot be written on Hybrid Gen 1"
    assert reject_reason(gen1, 116, 50, 0x32) == "settings are written at 0x11, not at 0x32"
    assert reject_reason(PlantCapabilities(None), 116, 50) == (
        "charge_target_soc at HR(116) cannot be written on Unknown model"
    )
    assert reject_reason(PlantCapabilities(Model.GATEWAY), 27, 1) == (
        "battery_power_mode at HR(27) cannot be written on Gateway"
    )


def test_an_old_record_is_written_where_every_inverter_is() -> None:
    """A layout stored with the inverter's former address changes nothing about writing."""
    old = PlantCapabilities(Model.AC, inverter_address=0x31)
    assert set(writable_registers(old)) == SINGLE_PHASE | AC_CONFIG
    assert reject_reason(old, 116, 50) is None
    assert reject_reason(old, 116, 50, 0x31) is not None


@given(st.sampled_from([*Model]), st.integers(-1, 65536), st.integers(0, 65535))
def test_what_is_accepted_is_what_a_setting_spells(model: Model, value: int, at: int) -> None:
    """No word goes out that the setting would not read back as it stands."""
    plant = PlantCapabilities(model, served_blocks=BLOCKS)
    surface = writable_registers(plant)
    register = sorted(surface)[at % len(surface)] if surface else at
    if reject_reason(plant, register, value) is not None:
        return
    assert 0 <= value <= 0xFFFF
    field = surface[register]
    assert accepts(field, register, value)
    if len(field.registers) == 1:
        assert field.encode(field.read({HR(register): value})) == (value,)


def test_a_setting_takes_what_its_field_says() -> None:
    """Every single-word setting accepts both its bounds, and nothing beyond."""
    for field in SinglePhaseInverter.register_fields.values():
        limits = field.writable
        if limits is None or limits.low is None or limits.high is None:
            continue
        register = field.registers[0].address
        assert accepts(field, register, int(limits.low))
        assert accepts(field, register, int(limits.high))
        assert not accepts(field, register, int(limits.high) + 1)
        assert not accepts(field, register, int(limits.low) - 1)
