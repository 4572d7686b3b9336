"""Pages that show by themselves that they are not what was asked for."""

import pytest
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.hv_stack import Bmu
from givenergy_modbus.model.guards import Page, is_dropout, is_leaked, loses_serial
from givenergy_modbus.model.register import HR, IR, Bank

from tests.library.answers import PACK, pack, put, words_of

LEAKED = {28: 0x4C32, 30: 0xA119, 31: 0x34EA, 35: 0x4500, 40: 0xB619, 41: 0xC0A8}

SERIAL = Battery.register_fields["serial_number"]
MODULE_SERIAL = Bmu.register_fields["serial_number"]


def page(*words: int, start: int = 0, bank: Bank = Bank.INPUT) -> Page:
    return Page(0x11, bank, start, words)


def leaked(count: int = 6) -> list[int]:
    words = [0] * 60
    for at in list(LEAKED)[:count]:
        words[at] = LEAKED[at]
    return words


def test_a_page_knows_its_registers() -> None:
    it = page(7, 8, start=59)
    assert list(it.registers) == [IR(59), IR(60)]
    assert (it.get(IR(58)), it.get(IR(60)), it.get(IR(61)), it.get(HR(60))) == (None, 8, None, None)
    assert str(it) == "0x11:IR(59,2)"
    assert HR(60) not in it.block
    assert IR(60) in it.block


@pytest.mark.parametrize(
    ("it", "expected"),
    [
        pytest.param(page(*leaked()), True, id="six words of a packet"),
        pytest.param(page(*leaked(5)), False, id="five may be chance"),
        pytest.param(page(*leaked(), start=120), True, id="any whole page"),
        pytest.param(page(*leaked(), start=1000), True, id="wherever it starts"),
        pytest.param(page(*leaked()[:55]), True, id="a page that is not quite whole"),
        pytest.param(page(*leaked()[:30]), False, id="the beginning of a page"),
        pytest.param(page(*leaked(), bank=Bank.HOLDING), False, id="not settings"),
    ],
)
def test_a_network_packet_is_no_measurement(it: Page, *, expected: bool) -> None:
    assert is_leaked(it) is expected


def test_everything_falling_to_zero_is_a_dropout() -> None:
    zeros = page(*[0] * 60)
    assert is_dropout({IR(30): 1}, zeros)
    assert not is_dropout({}, zeros), "a device may start with zeros"
    assert not is_dropout({IR(30): 0, IR(60): 1, HR(30): 1}, zeros), "nothing that it changes"
    assert not is_dropout({IR(30): 1}, page(*[0] * 59, 1))
    assert is_dropout({IR(60): 1}, page(*[0] * 30, start=60)), "as a meter is read"
    assert not is_dropout({HR(1120): 1}, page(*[0] * 5, start=1120, bank=Bank.HOLDING)), (
        "a few settings may be zero"
    )


@pytest.mark.parametrize("serial", ["BG2134G12", "BG2134G12 ", "", "BG2134G1*3"])
def test_a_device_without_a_serial_number_is_none(serial: str) -> None:
    words = (*words_of(serial.ljust(10, "\0")), 0)
    it = page(*words, start=110)
    assert loses_serial(SERIAL, {}, it)
    assert loses_serial(SERIAL, put(IR(110), words_of(PACK)), it)


def test_a_whole_serial_number_is_enough() -> None:
    assert not loses_serial(SERIAL, {}, page(*pack(), start=60))


def test_a_page_without_the_serial_number_cannot_lose_it() -> None:
    assert not loses_serial(SERIAL, put(IR(110), [0] * 5), page(1, 2, start=115))
    assert not loses_serial(SERIAL, {}, page(*pack(), start=60, bank=Bank.HOLDING))


def test_a_part_of_a_serial_number_counts_with_what_is_known() -> None:
    known = put(IR(110), words_of(PACK))
    assert not loses_serial(SERIAL, known, page(known[IR(112)], start=112))
    assert loses_serial(SERIAL, known, page(0, start=112))
    assert not loses_serial(SERIAL, {}, page(0, start=112)), "the rest is not known yet"


def test_a_module_may_keep_its_serial_number_in_a_form_of_its_own() -> None:
    """Some have only its tail where it should be."""
    tail = page(*words_of("\0\0002414G000\0\0"), start=114)
    unread = {IR(110): 0}
    assert loses_serial(MODULE_SERIAL, unread, tail, must_have_one=True)
    assert not loses_serial(MODULE_SERIAL, unread, tail, must_have_one=False)
    whole = {IR(110): 0, **put(IR(114), words_of("HY2336G001"))}
    assert loses_serial(MODULE_SERIAL, whole, tail, must_have_one=False)
