"""What must hold of every declared register of every device."""

import csv
import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import combinations
from pathlib import Path
from pkgutil import iter_modules
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, override

import pytest
from givenergy_modbus import model
from givenergy_modbus.exceptions import InvalidSetting
from givenergy_modbus.model.codecs import deci, flag, high_byte
from givenergy_modbus.model.device_kinds import DEVICE_KINDS
from givenergy_modbus.model.devices.gateway import GatewayV2
from givenergy_modbus.model.devices.meter import MeterProduct
from givenergy_modbus.model.inverter import SinglePhaseInverter, TenSlotInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.plan import CONFIG, MEASUREMENTS
from givenergy_modbus.model.register import (
    HR,
    IR,
    MR,
    Bank,
    Energy,
    Momentary,
    Register,
    RegisterField,
    Unit,
    Within,
    Writable,
)
from givenergy_modbus.model.register_model import (
    LifetimeEnergy,
    Percent,
    RegisterModel,
    Volts,
    Watts,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError, create_model

WORD = st.integers(0, 0xFFFF)


def devices() -> Iterator[type[RegisterModel]]:
    """Yield every device class that has no subclass."""
    for module in iter_modules(model.__path__):
        import_module(f"{model.__name__}.{module.name}")
    waiting = [RegisterModel]
    while waiting:
        device = waiting.pop()
        if below := device.__subclasses__():
            waiting += below
        elif device.__module__.startswith(model.__name__) and device.register_fields:
            yield device


DEVICES = sorted(set(devices()), key=lambda item: item.__name__)
each_device = pytest.mark.parametrize("device", DEVICES, ids=lambda item: item.__name__)


class Everywhere(dict[Register, int]):
    """A cache in which every register holds one of a few words."""

    def __init__(self, words: tuple[int, ...]) -> None:
        super().__init__()
        self.words = words

    @override
    def get(self, register: Register, _default: object = None) -> int:
        return self.words[register % len(self.words)]


def of_kind(value: Any, kind: Any) -> bool:
    """Whether a value has exactly the kind a field promises."""
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(isinstance(part, str) for part in value)
    return type(value) is kind


@each_device
@settings(max_examples=60)
@given(words=st.lists(WORD | st.just(0), min_size=7, max_size=7).map(tuple))
def test_any_words_decode_to_what_was_promised(
    device: type[RegisterModel], words: tuple[int, ...]
) -> None:
    cache = Everywhere(words)
    for field in device.register_fields.values():
        value = field.read(cache)
        if value is None:
            continue
        assert of_kind(value, field.kind), field
        if field.within is not None and any(cache.get(register) for register in field.registers):
            assert value in field.within, field


@each_device
@settings(max_examples=60)
@given(words=st.lists(WORD, min_size=7, max_size=7).map(tuple))
def test_what_was_decoded_can_be_spelled_again(
    device: type[RegisterModel], words: tuple[int, ...]
) -> None:
    cache = Everywhere(words)
    for field in device.register_fields.values():
        value = field.read(cache)
        if value is None or field.codec.encode is None:
            continue
        spelled = field.codec.encode(value)
        assert len(spelled) == len(field.registers), field
        assert field.codec.decode(*spelled) == value, field


@each_device
@settings(max_examples=25)
@given(words=st.lists(WORD, min_size=7, max_size=7).map(tuple))
def test_any_words_make_a_device_that_can_be_dumped(
    device: type[RegisterModel], words: tuple[int, ...]
) -> None:
    dump = device.from_register_cache(Everywhere(words)).model_dump()
    assert dump.keys() >= device.all_fields.keys()


@each_device
def test_nothing_read_is_nothing_said(device: type[RegisterModel]) -> None:
    blank = device.from_register_cache({})
    assert {getattr(blank, name) for name in device.register_fields} == {None}


@each_device
def test_every_reading_comes_from_registers(device: type[RegisterModel]) -> None:
    for reading in device.all_fields.values():
        assert reading.registers, reading
        assert reading.unit is not Unit.KILOWATT_HOUR or reading.energy is not None, reading


@each_device
def test_fields_of_one_register_agree(device: type[RegisterModel]) -> None:
    """Two numbers made of one word are the same number, or different parts of the word."""
    numbers = [field for field in device.register_fields.values() if field.kind in (int, float)]
    for one, other in combinations(numbers, 2):
        if set(one.registers) & set(other.registers):
            assert one.registers == other.registers, (one, other)
            assert one.codec is not other.codec or one.unit is other.unit, (one, other)


@each_device
def test_a_register_belongs_to_one_setting(device: type[RegisterModel]) -> None:
    settable = [field for field in device.register_fields.values() if field.writable is not None]
    taken = [register for field in settable for register in field.registers]
    assert len(taken) == len(set(taken))


@each_device
def test_limits_of_a_setting_can_be_spelled(device: type[RegisterModel]) -> None:
    for field in device.register_fields.values():
        if (limits := field.writable) is None:
            continue
        low, high = limits.usual or (limits.low, limits.high)
        for bound in (limits.low, limits.high, low, high):
            if bound is not None:
                assert field.encode(bound), field
        beyond = [limits.low - 1] if limits.low is not None else []
        beyond += [limits.high + 1] if limits.high is not None else []
        for bound in beyond:
            with pytest.raises(InvalidSetting):
                field.encode(bound)


NOT_POLLED: Mapping[tuple[Bank, int, int], str] = {
    (Bank.INPUT, 240, 299): "no product is known to answer for this block",
    (Bank.HOLDING, 499, 510): "cabinets of commercial batteries, on no hardware seen",
    (Bank.HOLDING, 540, 599): "smart loads, on no hardware seen",
    (Bank.HOLDING, 4107, 4142): "presets of meters, which are only ever written",
    (Bank.HOLDING, 20000, 20051): "peak shaving, on no hardware seen",
}


@pytest.mark.parametrize("device", [SinglePhaseInverter, ThreePhaseInverter])
def test_every_field_of_an_inverter_lies_in_a_block(device: type[RegisterModel]) -> None:
    for field in device.register_fields.values():
        for register in field.registers:
            assert any(register in block for block in CONFIG + MEASUREMENTS) or any(
                register.bank is bank and first <= register.address <= last
                for bank, first, last in NOT_POLLED
            ), field


DESCRIBED = {
    *(row.model for row in DEVICE_KINDS.values()),
    *(ThreePhaseInverter, TenSlotInverter, GatewayV2, MeterProduct),
}


@pytest.mark.parametrize("device", sorted(DESCRIBED, key=lambda device: device.__name__))
def test_every_field_is_described(device: type[RegisterModel]) -> None:
    assert not [field.name for field in device.all_fields.values() if not field.description]


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("battery_soc_reserve", (4, 100, 50.0), (3, 101, 4.5, True, "50", None, float("nan"))),
        ("battery_charge_limit", (0, 50, 100), (-1, 101, float("inf"))),
        ("battery_charge_limit_ac", (1, 100), (0, 101)),
        ("active_power_rate", (0, 100), (-1, 101)),
        ("battery_calibration_stage", (0, 1, 3), (2, 4, 8, True)),
        ("inverter_reboot", (100,), (0, 1, 2, 3, 101, 200)),
        ("battery_pause_mode", (0, 3), (-1, 4)),
        ("export_priority", (0, 2), (3, "GRID_FIRST")),
        ("enable_charge", (True, False), (1, 0, "on", None)),
        ("charge_target_soc_10", (4, 100), (0, 101)),
        ("charge_slot_2_x", (), (None,)),
        ("force_off_grid", (), (True, False)),
    ],
)
def test_values_of_a_setting(
    name: str, accepted: tuple[object, ...], refused: tuple[object, ...]
) -> None:
    field = SinglePhaseInverter.register_fields[name]
    for value in accepted:
        assert field.encode(value) == (int(value),)  # type: ignore[call-overload]
    for value in refused:
        with pytest.raises(InvalidSetting):
            field.encode(value)


def test_settings_that_act_when_written() -> None:
    momentary = {
        name: field.writable.momentary
        for name, field in SinglePhaseInverter.register_fields.items()
        if field.writable is not None and field.writable.momentary is not None
    }
    assert momentary == {
        "battery_calibration_stage": Momentary.ACKNOWLEDGED,
        "system_time": Momentary.CLOCK_FOLLOWS,
        "inverter_reboot": Momentary.LINK_DROPS,
    }


def test_a_bound_does_not_apply_to_what_nobody_filled() -> None:
    field = SinglePhaseInverter.register_fields["f_ac1"]
    assert field.read({IR(13): 0}) == 0
    assert field.read({IR(13): 3999}) is None
    assert field.read({IR(13): 4000}) == 40
    assert field.read({}) is None


def test_a_docstring_becomes_the_description() -> None:
    assert "meter" in (SinglePhaseInverter.all_fields["p_grid_out"].description or "")
    assert SinglePhaseInverter.all_fields["grid_export_power"].description == "Power into the grid."


@pytest.mark.parametrize(
    ("complaint", "annotation"),
    {
        "bool.* decodes to": Annotated[bool | None, IR(1), deci],
        "float.* decodes to": Annotated[float, IR(1), deci],
        "needs a kind of energy counter": Annotated[float | None, IR(1), deci, Unit.KILOWATT_HOUR],
        "Unit twice": Annotated[Volts, IR(1), deci, Unit.WATT],
        "Within twice": Annotated[Percent, IR(1), Within(0, 1), Within(0, 2)],
        "names 2 registers": Annotated[LifetimeEnergy, IR(1), IR(2), deci],
        "no holding register": Annotated[Watts, IR(1), Writable(0, 1)],
        "cannot be spelled": Annotated[Watts, HR(1), high_byte, Writable(0, 1)],
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_contradictory_facts_stop_the_import(complaint: str, annotation: Any) -> None:
    with pytest.raises(TypeError, match=complaint):
        create_model("Mistaken", __base__=RegisterModel, it=(annotation, None))


def test_facts_are_gathered() -> None:
    field = SinglePhaseInverter.register_fields["e_battery_throughput"]
    assert field.registers == (IR(6), IR(7))
    assert (field.unit, field.energy) == (Unit.KILOWATT_HOUR, Energy.LIFETIME)
    assert (field.kind, field.precision) == (float, 1)
    assert field.writable is None


def test_a_model_is_strict_and_frozen() -> None:
    with pytest.raises(ValidationError):
        SinglePhaseInverter.model_validate({"battery_soc": "50"})
    inverter = SinglePhaseInverter()
    with pytest.raises(ValidationError):
        inverter.battery_soc = 50  # type: ignore[misc]


def test_a_register_is_its_bank_and_address() -> None:
    assert len({HR(5), IR(5), MR(5)}) == 3
    assert str(IR(1412)) == repr(IR(1412)) == "IR(1412)"
    assert (MR(60).bank, MR(60).address) == (Bank.METER, 60)


@pytest.mark.parametrize(
    ("name", "device"),
    [("single_phase_inverter", SinglePhaseInverter), ("three_phase_inverter", ThreePhaseInverter)],
)
def test_inventory(captures: Path, name: str, device: type[RegisterModel]) -> None:
    """Every attribute of the inventory is there, at its registers and within its bounds."""
    inventory = captures / "spec" / "registers" / "registers.csv"
    if not inventory.exists():
        pytest.skip("the folder of recordings holds no inventory")
    with inventory.open() as file:
        rows = [row for row in csv.DictReader(file) if row["device"] == name]
    for row in rows:
        field = device.register_fields[row["attribute"]]
        bank = Bank(row["reg_type"])
        addresses = [int(register) for register in row["registers"].split()]
        assert field.registers == tuple(Register.at(bank, address) for address in addresses)
        known = _number(row["min"]), _number(row["max"])
        accepted = field.writable and (field.writable.low, field.writable.high)
        expected = accepted if known == (None, None) and accepted else known
        if field.unit is Unit.VOLT and _bounds(field) == ONE_PHASE:
            expected = ONE_PHASE if known == (0, 500) else expected
        assert _bounds(field) == expected, row
        assert field.precision in (0, len(str(int(float(row["div"] or 1)))) - 1), row
        params = json.loads(row["params"] or "{}")
        assert not params.get("negate"), row
    extra = device.register_fields.keys() - {row["attribute"] for row in rows}
    assert extra <= {"e_inverter_out_today", "e_inverter_out_total"}


ONE_PHASE = (0, 300)
"""Volts a phase of the grid can have; the inventory allows what two phases have together."""


def _number(text: str) -> float | None:
    return float(text) if text else None


def _bounds(field: RegisterField) -> tuple[float | None, float | None]:
    return (None, None) if field.within is None else (field.within.low, field.within.high)


def test_a_declared_type_is_what_a_checker_sees() -> None:
    annotation = SinglePhaseInverter.model_fields["enable_charge"].annotation
    assert set(get_args(annotation)) == {bool, NoneType}
    assert SinglePhaseInverter.register_fields["enable_charge"].codec is flag
