"""The words of a device, and the forms in which they travel."""

import json
from collections.abc import Callable

import pytest
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, MR, Bank, Register
from givenergy_modbus.model.register_cache import RegisterCache, parse_compact, to_compact
from hypothesis import given
from hypothesis import strategies as st

from tests.library.pages import page, spelled

WORDS = st.integers(0, 0xFFFF)
REGISTERS = st.builds(
    Register.at,
    st.sampled_from(Bank),
    st.one_of(st.integers(0, 130), st.integers(0, 0xFFFF), st.integers(0xFFFE, 0xFFFF)),
)
CACHES = st.dictionaries(REGISTERS, WORDS, max_size=150).map(RegisterCache)
PLANTS = st.dictionaries(st.integers(0, 0xFF), CACHES, max_size=4)

DUMP = """\
0x11:HR(0,3) 200100030832
0x32:IR(60,4) 0d1c0d1e0d240d24
0x32:IR(110,5) 42473231333447303030"""
"""Two devices, in as few rows as it takes."""

PLANT = {
    0x11: page(HR(0), [0x2001, 3, 0x0832]),
    0x32: page(IR(60), [0x0D1C, 0x0D1E, 0x0D24, 0x0D24]) | page(IR(110), spelled("BG2134G000")),
}


@pytest.mark.parametrize("bank", Bank)
def test_no_words_spill_into_the_next_bank(bank: Bank) -> None:
    cache = RegisterCache()
    cache.store(bank, 0xFFFE, [1, 2, 3, 4])
    assert cache == {Register.at(bank, 0xFFFE): 1, Register.at(bank, 0xFFFF): 2}
    assert parse_compact(to_compact({0x11: cache})) == {0x11: cache}


def test_reading_adds_nothing() -> None:
    """A register that was never read is missing, and a lookup does not add it."""
    cache = RegisterCache()
    assert cache.get(HR(0)) is None
    with pytest.raises(KeyError):
        cache[HR(0)]
    assert not cache


def test_what_changes_shows() -> None:
    """Storing and dropping words invalidates values decoded before."""
    cache = RegisterCache()
    cache.store(Bank.INPUT, 5, [1, 2])
    assert cache == {IR(5): 1, IR(6): 2}
    stored = cache.revision
    cache.store(Bank.INPUT, 5, [1, 2])
    assert cache.revision > stored
    stored = cache.revision
    cache.clear()
    assert not cache
    assert cache.revision > stored


def test_json() -> None:
    """A cache's text names registers as everyone writes them, in their order."""
    cache = RegisterCache({MR(60): 3, IR(5): 7, HR(10): 2, HR(9): 8193})
    assert cache.json() == '{"HR(9)": 8193, "HR(10)": 2, "IR(5)": 7, "MR(60)": 3}'
    assert RegisterCache.from_json(cache.json()) == cache
    assert RegisterCache.from_json('{"HR:9": 8193, "IR:5": 7}') == {HR(9): 8193, IR(5): 7}


@given(CACHES)
def test_json_round_trip(cache: RegisterCache) -> None:
    """What was written is read again."""
    assert RegisterCache.from_json(cache.json()) == cache


@pytest.mark.parametrize(
    "entry",
    [
        '"XR(1)": 1',
        '"HR(one)": 1',
        '"HR": 1',
        '"HR(65536)": 1',
        '"HR(1)": true',
        '"HR(1)": 1.5',
        '"HR(1)": -1',
        '"HR(1)": 65536',
        '"HR(1)": "1"',
        '"HR(1)": [1]',
        '"HR(1)": NaN',
        '"HR(1)": Infinity',
    ],
)
def test_json_that_makes_no_sense(entry: str, caplog: pytest.LogCaptureFixture) -> None:
    """An unreadable entry is named, and the others are kept."""
    text = f'{{"HR(0)": 8193, {entry}, "IR(1)": 2}}'
    assert RegisterCache.from_json(text) == {HR(0): 8193, IR(1): 2}
    assert len(caplog.records) == 1


def test_json_of_a_register_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """A register that is listed as not read is not read."""
    assert RegisterCache.from_json('{"HR(0)": null}').get(HR(0)) is None
    assert not caplog.records


def test_compact() -> None:
    """A plant's text has a row for every run of registers."""
    assert to_compact(PLANT) == DUMP
    assert parse_compact(DUMP) == PLANT


def test_compact_rows() -> None:
    """Rows break at gaps, and where a device's blocks usually do."""
    cache = page(HR(58), [1, 2, 3]) | page(MR(60), [4]) | page(IR(7), [5]) | page(IR(9), [6])
    assert to_compact({0x0A: cache, 0x01: page(IR(60), [7])}).splitlines() == [
        "0x01:IR(60,1) 0007",
        "0x0a:HR(58,2) 00010002",
        "0x0a:HR(60,1) 0003",
        "0x0a:IR(7,1) 0005",
        "0x0a:IR(9,1) 0006",
        "0x0a:MR(60,1) 0004",
    ]
    assert to_compact({}) == ""


@given(PLANTS)
def test_compact_round_trip(plant: dict[int, RegisterCache]) -> None:
    """What was written is read again; a device without words leaves no trace."""
    assert parse_compact(to_compact(plant)) == {at: cache for at, cache in plant.items() if cache}


@given(PLANTS, st.integers(4, 70), st.text("#.: abcdefg\n", max_size=60))
def test_compact_pasted(plant: dict[int, RegisterCache], width: int, chatter: str) -> None:
    """Rows survive being wrapped and indented, and a text around them."""
    lines = [f"# {line}" for line in chatter.splitlines()]
    for row in to_compact(plant).splitlines():
        head, digits = row.split()
        lines.append(f"  {head} {digits[:width]}")
        lines += [f"\t{digits[at : at + width]}" for at in range(width, len(digits), width)]
        lines += ["", "# and so on"]
    text = "\r\n".join(lines)
    assert parse_compact(text) == {at: cache for at, cache in plant.items() if cache}


def test_compact_later_rows_count() -> None:
    """A register read twice has the later word."""
    text = "0x11:HR(0,2) 00010002\n0x11:HR(1,2) 00030004"
    assert parse_compact(text) == {0x11: page(HR(0), [1, 3, 4])}


@pytest.mark.parametrize(
    "row",
    [
        "0x11:HR(0,2) 0001",
        "0x11:HR(0,2) 000100020003",
        "0x11:HR(0,2) 000100020",
        "0x11:HR(65535,2) 00010002",
    ],
)
def test_compact_of_the_wrong_length(row: str, caplog: pytest.LogCaptureFixture) -> None:
    """A row with the wrong number of words is named and skipped."""
    assert parse_compact(f"{row}\n{DUMP}") == PLANT
    assert "wrong length" in caplog.text


def test_compact_old_form() -> None:
    """Rows below the name of their device are read as well."""
    text = """\
HR(0,1): 0001
# givenergy-modbus probe @ device 0x11 on some day
Probing...
HR(0,2): 2001 0003
IR(5,1): 0007
# givenergy-modbus probe @ device 0x32
IR(60,2): 0d1c
0d1e
"""
    assert parse_compact(text) == {
        0x11: {HR(0): 0x2001, HR(1): 3, IR(5): 7},
        0x32: {IR(60): 0x0D1C, IR(61): 0x0D1E},
    }


@given(st.text(max_size=200))
def test_compact_of_anything(text: str) -> None:
    """No text is too odd to look for rows in."""
    for cache in parse_compact(text).values():
        assert all(0 <= word <= 0xFFFF for word in cache.values())


def test_both_forms_agree() -> None:
    """A cache is the same whichever way it travelled."""
    text = json.dumps({str(register): word for register, word in PLANT[0x32].items()})
    assert RegisterCache.from_json(text) == parse_compact(DUMP)[0x32]


@pytest.mark.parametrize(
    "change",
    [
        lambda cache: cache.__setitem__(HR(1), 5),
        lambda cache: cache.__delitem__(HR(0)),
        lambda cache: cache.update({HR(1): 5}),
        lambda cache: cache.__ior__({HR(1): 5}),
        lambda cache: cache.pop(HR(0)),
        lambda cache: cache.popitem(),
        lambda cache: cache.setdefault(HR(1), 5),
        lambda cache: cache.clear(),
        lambda cache: cache.store(Bank.HOLDING, 1, (5,)),
    ],
    ids=("set", "delete", "update", "or", "pop", "popitem", "default", "clear", "store"),
)
def test_every_change_renews_what_is_decoded(change: Callable[[RegisterCache], object]) -> None:
    plant = Plant.from_caches({0x11: {HR(0): 0x2001, HR(21): 449, HR(59): 1}})
    cache = plant.register_caches[0x11]
    before, revision = plant.inverter, cache.revision
    change(cache)
    assert cache.revision > revision
    assert plant.inverter is not before


@pytest.mark.parametrize("text", ["", "[]", "null", "5", '"HR(0)"', "{"])
def test_json_that_is_no_cache(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        RegisterCache.from_json(text)
