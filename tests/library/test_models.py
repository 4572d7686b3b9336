"""The model of a type code and a firmware, and its traits."""

import pytest
from givenergy_modbus.model.models import (
    MODELS,
    Model,
    Trait,
    battery_power,
    family_of,
    rated_power,
    resolve_model,
    row_of,
    traits_of,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("type_code", "firmware", "model", "rated", "battery"),
    [
        ("2001", 449, Model.HYBRID_GEN1, 5000, 2600),
        ("2001", 0, Model.HYBRID_GEN1, 5000, 2600),
        ("2001", None, Model.HYBRID_GEN1, 5000, 2600),
        ("2002", 815, Model.HYBRID_GEN2, 4600, 3600),
        ("2003", 912, Model.HYBRID_GEN2, 3600, 3600),
        ("2001", 302, Model.HYBRID_GEN3, 5000, 3600),
        ("2001", 399, Model.HYBRID_GEN3, 5000, 3600),
        ("2001", 400, Model.HYBRID_GEN1, 5000, 2600),
        ("2101", 300, Model.POLAR, 5000, None),
        ("2201", 300, Model.HYBRID, 5000, 5400),
        ("2304", 300, Model.HYBRID, 6000, None),
        ("3001", 282, Model.AC, 3000, 3000),
        ("3002", 282, Model.AC, 3600, 3000),
        ("4001", 0, Model.HYBRID_3PH, 6000, None),
        ("4004", 0, Model.HYBRID_3PH, 11000, None),
        ("4007", 0, Model.HYBRID_3PH, 5000, None),
        ("4101", 0, Model.AIO_COMMERCIAL, 30000, None),
        ("5001", 1036, Model.EMS, None, None),
        ("5101", 0, Model.EMS_COMMERCIAL, None, None),
        ("6003", 0, Model.AC_3PH, 10000, None),
        ("7001", 14, Model.GATEWAY, 12000, None),
        ("7002", 14, Model.GATEWAY, None, None),
        ("8001", 612, Model.ALL_IN_ONE, 6000, 6000),
        ("8002", 612, Model.ALL_IN_ONE, 3600, 3600),
        ("8102", 0, Model.HYBRID_HV_GEN3, 8000, 8000),
        ("8101", 0, Model.HYBRID_HV_GEN3, 6000, None),
        ("8204", 0, Model.ALL_IN_ONE_HYBRID, 12000, None),
        ("8304", 0, Model.HYBRID_GEN4, 6000, None),
        ("2fff", 300, Model.HYBRID, None, None),
        ("0000", 300, None, None, None),
        ("1234", 300, None, None, None),
        ("9001", 300, None, None, None),
        ("a001", None, None, None, None),
    ],
)
def test_product(
    type_code: str, firmware: int | None, model: Model | None, rated: int, battery: int
) -> None:
    assert resolve_model(type_code, firmware) is model
    assert rated_power(type_code, model) == rated
    assert battery_power(type_code, model) == battery


@pytest.mark.parametrize(("firmware", "ten"), [(None, False), (302, False), (303, True)])
def test_a_third_generation_hybrid_has_ten_windows_from_firmware_303_on(
    firmware: int | None, ten: bool
) -> None:
    assert (Trait.EXTENDED_SLOTS in traits_of(Model.HYBRID_GEN3, firmware)) is ten


@given(st.integers(0, 0xFFFF), st.none() | st.integers(0, 0xFFFF))
def test_any_code_is_a_product_or_none(number: int, firmware: int | None) -> None:
    type_code = f"{number:04x}"
    model = resolve_model(type_code, firmware)
    assert (model is None) is (family_of(type_code) is None)
    assert isinstance(traits_of(model, firmware), Trait)
    assert rated_power(type_code, model) is None or model is not None
    assert row_of(model).name


@pytest.mark.parametrize("model", Model)
def test_a_product_has_a_row_and_can_be_found_by_what_it_is_called(model: Model) -> None:
    row = MODELS[model]
    firmware = row.firmware_centuries[0] * 100 if row.firmware_centuries else None
    assert resolve_model(row.prefixes[0].ljust(4, "f"), firmware) is model
    assert Model(model.value) is model


@pytest.mark.parametrize(
    ("code", "model"),
    [
        ("2001", Model.HYBRID),
        ("8101", Model.ALL_IN_ONE),
        ("20g9", Model.HYBRID),
        ("6", Model.AC_3PH),
    ],
)
def test_a_longer_code_falls_back_to_its_family(code: str, model: Model) -> None:
    assert Model(code) is model


@pytest.mark.parametrize("code", ["", "9", "9001", "x", 2, None])
def test_no_family_no_model(code: object) -> None:
    with pytest.raises(ValueError, match="not a valid Model"):
        Model(code)


def test_traits_agree_with_one_another() -> None:
    for model, row in MODELS.items():
        traits = row.traits
        assert Trait.INVERTER in traits or Trait.EMS in traits, model
        assert not (Trait.LV_BATTERY in traits and Trait.HV_BATTERY in traits), model
        assert Trait.AIO_MODULES not in traits or Trait.HV_BATTERY in traits, model
        for sure, maybe in (
            (Trait.EXTENDED_SLOTS, Trait.EXTENDED_SLOTS_MAYBE),
            (Trait.AC_CONFIG, Trait.AC_CONFIG_MAYBE),
        ):
            assert not (sure in traits and maybe in traits), model
