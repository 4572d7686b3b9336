"""No serial leaves with the number of its unit."""

import importlib
import json
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import givenergy_modbus.model
import pytest
from givenergy_modbus.model.redaction import (
    SERIAL_GROUPS,
    redact_serial,
    redact_text,
    redact_words,
)
from givenergy_modbus.model.register import HR, IR, MR, Bank, Register, RegisterField
from givenergy_modbus.model.register_cache import RegisterCache
from givenergy_modbus.model.register_model import RegisterModel
from hypothesis import given
from hypothesis import strategies as st

from tests.library.pages import page, spelled

SERIALS = st.one_of(
    st.from_regex(r"[A-Z]{2}[0-9]{4}[A-Z][1-9]{3}", fullmatch=True),
    st.from_regex(r"[A-Z]{3}[0-9]{4}[1-9]{3}", fullmatch=True),
)
"""Both shapes a serial has, with a unit that does not look redacted."""

ADDRESSES = st.one_of(st.none(), st.integers(0, 0xFF))


def text(words: Mapping[Register, int], first: Register, count: int = 5) -> str:
    """Return the characters in a run of registers, blanks dropped."""
    raw = b"".join(words[Register(first + offset)].to_bytes(2) for offset in range(count))
    return raw.decode("latin-1").replace("\0", "")


@pytest.mark.parametrize(
    ("serial", "shown"),
    [
        ("SA2114G987", "SA2114G000"),
        ("EMS2522987", "EMS2522000"),
        ("sa2114g987", "sa2114g000"),
        ("SA2114G000", "SA2114G000"),
    ],
)
def test_serial(serial: str, shown: str) -> None:
    """A serial keeps family and date, and loses its unit."""
    assert redact_serial(serial) == shown
    assert redact_serial(serial, strict=True) == shown


@pytest.mark.parametrize(
    "other", ["", "12345", "SA2114G9876", "2414G987", "\xe9A2114G987", "€" * 10]
)
def test_no_serial(other: str) -> None:
    """What is no serial is left alone, or dropped where there should be one."""
    assert redact_serial(other) == other
    assert redact_serial(other, strict=True) == ""


@pytest.mark.parametrize(
    ("first", "device_address"),
    [
        (HR(8), 0x11),
        (HR(13), 0x11),
        (HR(13), 0x31),
        (IR(110), 0x32),
        (IR(114), 0x50),
        (IR(114), 0x6F),
        (IR(138), 0x70),
        (IR(234), 0x70),
        (IR(954), 0x70),
        (IR(1627), 0x11),
        (IR(1841), 0x11),
        (IR(1846), 0x11),
        (IR(1848), 0x11),
        (IR(1851), 0x11),
        (IR(1855), 0x11),
        (IR(2066), 0x11),
        (IR(2081), 0x11),
    ],
)
def test_places(first: Register, device_address: int) -> None:
    """Every place known to hold a serial is looked at, whether the address is known or not."""
    words = page(first, spelled("HY2336G987"))
    assert text(redact_words(words, device_address), first) == "HY2336G000"
    assert text(redact_words(words), first) == "HY2336G000"


def test_stray_bytes() -> None:
    """NULs within a serial, or lower case, do not protect it from redaction."""
    assert text(redact_words(page(HR(13), spelled("sa2114g987"))), HR(13)) == "sa2114g000"
    longer = page(HR(180), spelled("SA21\0\x0014G987\0\0"))
    shown = redact_words(longer)
    assert text(shown, HR(180), 7) == "SA2114G000"
    assert shown[HR(182)] == 0


def test_split_serial() -> None:
    """A module's serial is found where its first letters are kept apart."""
    split = {**page(IR(110), spelled("HX" + "\0" * 8)), **page(IR(115), spelled("2414G987"))}
    for device_address in (None, 0x50):
        shown = redact_words(split, device_address)
        assert shown[IR(110)] == 0x4858
        assert text(shown, IR(115), 4) == "2414G000"


@pytest.mark.parametrize("device_address", [None, 0x01, 0x08])
def test_meter_numbers(device_address: int | None) -> None:
    """A meter's serial is a number, of which nothing is kept."""
    words = {
        **page(MR(60), [0x3A79, 0x5E01, 0x4553]),
        **page(IR(60), [2400, *[0] * 33, 7, 0x3A79, 0x5E01, 17782, *[0] * 22]),
    }
    shown = redact_words(words, device_address)
    assert {register: word for register, word in shown.items() if word != words[register]} == {
        MR(60): 0,
        MR(61): 0,
        IR(95): 0,
        IR(96): 0,
    }


@pytest.mark.parametrize("device_address", [None, 0x32])
def test_measurements_stay(device_address: int | None) -> None:
    """A battery keeps its measurements where a meter has its number."""
    words = page(IR(60), [3350, *[0] * 34, 1234, 80, 16, *[0] * 12, *spelled("BG2134G987"), 8])
    shown = redact_words(words, device_address)
    changed = {register for register in words if words[register] != shown[register]}
    assert changed == {IR(113), IR(114)}


def test_unknown_shapes() -> None:
    """Where there can be nothing but a serial, one of another shape loses its end too."""
    words = page(HR(13), spelled("A1B2C3D4E5"))
    assert text(redact_words(words, 0x11), HR(13)) == "A1B2C3D000"
    modules = page(IR(114), spelled("A1B2C3D4E5"))
    assert text(redact_words(modules, 0x50), IR(114)) == "A1B2C3D000"
    assert redact_words(modules, 0x70) == modules
    assert redact_words(page(HR(13), [0xFF01, 2, 3, 4, 5]), 0x11)[HR(13)] == 0xFF01


def test_parts() -> None:
    """Reading only the end of a serial does not reveal it."""
    end = page(HR(16), spelled("G987"))
    assert text(redact_words(end, 0x11), HR(16), 2) == "G000"
    ends = {HR(13): 0x5341, HR(17): 0x3837}
    assert redact_words(ends, 0x11) == {HR(13): 0x5341, HR(17): 0x3030}
    begin = page(HR(13), spelled("SA2114"))
    assert redact_words(begin, 0x11) == begin


@given(SERIALS, st.integers(0, 0xFFFF - 8), st.sampled_from(Bank), ADDRESSES, st.booleans())
def test_anywhere(
    serial: str, start: int, bank: Bank, device_address: int | None, odd: bool
) -> None:
    """A serial is found wherever it stands, on a register's border or not."""
    words = page(Register.at(bank, start), spelled(f"\x01{serial}\x01" if odd else serial))
    shown = redact_words(words, device_address)
    raw = b"".join(word.to_bytes(2) for word in shown.values())
    unit = raw[odd + 7 : odd + 10]
    assert all(now != before for now, before in zip(unit, serial[-3:].encode(), strict=True))


@given(
    st.dictionaries(
        st.builds(Register.at, st.sampled_from(Bank), st.integers(0, 0xFFFF)),
        st.integers(0, 0xFFFF),
        max_size=80,
    ),
    ADDRESSES,
)
def test_whatever_is_read(words: dict[Register, int], device_address: int | None) -> None:
    """Redacting changes words, not which there are; doing it again changes nothing."""
    shown = redact_words(words, device_address)
    assert list(shown) == list(words)
    assert all(0 <= word <= 0xFFFF for word in shown.values())
    assert redact_words(shown, device_address) == shown


@given(st.binary(max_size=40), SERIALS, st.binary(max_size=40))
def test_text(before: bytes, serial: str, after: bytes) -> None:
    """A serial among other bytes is found, and their number stays."""
    raw = before + serial.encode() + after
    shown = redact_text(raw)
    assert len(shown) == len(raw)
    assert serial.encode() not in shown


def _devices(base: type[RegisterModel] = RegisterModel) -> Iterator[type[RegisterModel]]:
    for device in base.__subclasses__():
        yield device
        yield from _devices(device)


def _identifying() -> set[RegisterField]:
    """Return every field of any device that identifies it."""
    for module in pkgutil.iter_modules(givenergy_modbus.model.__path__):
        importlib.import_module(f"givenergy_modbus.model.{module.name}")
    return {
        field
        for device in _devices()
        for field in device.register_fields.values()
        if field.codec.identifies
    }


def test_every_declared_serial_is_known() -> None:
    """A device's field that names it lies where redaction looks."""
    identifying = _identifying()
    assert len({field.registers for field in identifying}) > 12
    looked_at = {register for group in SERIAL_GROUPS for register in group.registers}
    for field in identifying:
        unit = field.registers[-2:]
        assert set(unit) <= looked_at, field.name


def test_every_declared_serial_is_redacted() -> None:
    """No device decodes to a serial with a unit once its registers are redacted."""
    for field in _identifying():
        # A split serial has one register before the others.
        serial = dict(zip(field.registers[-5:], spelled("HY2336G987"), strict=False))
        cache = dict.fromkeys(field.registers, 0) | serial
        sure = {
            group.sure_at.start
            for group in SERIAL_GROUPS
            if field.registers[-1] in group.registers and group.sure_at
        }
        for device_address in (None, *sure):
            shown = field.read(redact_words(cache, device_address))
            assert shown == (None if len(field.registers) == 2 else "HY2336G000"), field


def test_cache() -> None:
    """A cache's redacted copy is a cache, and the original stays as it was."""
    cache = RegisterCache(page(HR(13), spelled("SA2114G987")))
    shown = cache.redact_serials()
    assert isinstance(shown, RegisterCache)
    assert text(shown, HR(13)) == "SA2114G000"
    assert text(cache, HR(13)) == "SA2114G987"


def test_recorded_caches_stay(captures: Path) -> None:
    """What was redacted once loses meters' numbers at most."""
    for path in sorted((captures / "golden").glob("*.caches.json")):
        for address, registers in json.loads(path.read_text()).items():
            cache = RegisterCache.from_json(json.dumps(registers))
            for device_address in (None, int(address, 16)):
                shown = redact_words(cache, device_address)
                changed = {register for register in cache if cache[register] != shown[register]}
                assert changed <= {IR(95), IR(96)}, path
                assert not changed or int(address, 16) <= 0x08, path
