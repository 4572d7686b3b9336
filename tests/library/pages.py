"""Words as devices send them: written by hand, or anything at all."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from givenergy_modbus.model.register import Register
from givenergy_modbus.model.register_model import RegisterModel
from hypothesis import strategies as st

WORD = st.one_of(st.integers(0, 0xFFFF), st.sampled_from((0, 1, 60, 10000, 0x7FFF, 0x8000, 0xFFFF)))


def page(first: Register, words: Iterable[int]) -> dict[Register, int]:
    """Return a run of words by register."""
    return {Register(first + offset): word for offset, word in enumerate(words)}


def spelled(text: str) -> list[int]:
    """Return a text as words, two characters each."""
    raw = text.encode("latin-1")
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]


def anything(device: type[RegisterModel]) -> st.SearchStrategy[dict[Register, int]]:
    """Return caches in which each register of a device holds any word, or none."""
    registers = {
        register for field in device.register_fields.values() for register in field.registers
    }
    return st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(registers), WORD))


def everything(device: type[RegisterModel]) -> st.SearchStrategy[dict[Register, int]]:
    """Return caches in which each register of a device holds any word."""
    registers = {
        register for field in device.register_fields.values() for register in field.registers
    }
    return st.fixed_dictionaries(dict.fromkeys(sorted(registers), WORD))


def assert_sound(device: RegisterModel) -> None:
    """Fail unless each reading is none, or of its kind and finite."""
    readings: Mapping[str, Any] = type(device).all_fields
    for name, reading in readings.items():
        value = getattr(device, name)
        if value is None or isinstance(value, tuple):
            continue
        assert isinstance(value, reading.kind), f"{name} is {value!r}"
        assert not isinstance(value, float) or isfinite(value), f"{name} is {value!r}"
    assert device.model_dump_json()
