"""Pages that show by themselves that they are not what was asked for."""

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.hv_stack import Bmu
from givenergy_modbus.model.guards import Page, Reason, Verdict
from givenergy_modbus.model.guards.garbage import (
    blanks_serial,
    dropout,
    is_leaked,
    memory,
    odd_serial,
)
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, MR, Bank, Register
from givenergy_modbus.model.register_cache import to_compact

from tests.library.answers import PACK, answer, block, identity, pack, put, words_of
from tests.library.clocks import ManualClock

LEAKED = {28: 0x4C32, 30: 0xA119, 31: 0x34EA, 35: 0x4500, 40: 0xB619, 41: 0xC0A8}

SERIAL = Battery.register_fields["serial_number"]
MODULE_SERIAL = Bmu.register_fields["serial_number"]

STORED, HELD, REJECTED, _ = Verdict


def page(*words: int, start: int = 0, bank: Bank = Bank.INPUT, address: int = 0x11) -> Page:
    return Page(address, bank, start, words)


def leaked(count: int = 6) -> list[int]:
    words = [0] * 60
    for at in list(LEAKED)[:count]:
        words[at] = LEAKED[at]
    return words


def packet(source: tuple[int, int], target: tuple[int, int], protocol: int = 6) -> list[int]:
    """Return a page with the IPv4 header of a packet from one address to another."""
    header = [0x4500, 0x00A4, 0x1C46, 0x4000, 0x4000 | protocol, 0, *source, *target]
    header[5] = 0xFFFF - (sum(header) % 0xFFFF)
    return [0] * 35 + header + [0x22C3, 0xD0F1, *[0x0101] * 13]


def test_a_page_knows_its_registers() -> None:
    received = page(7, 8, start=59)
    assert list(received.registers) == [IR(59), IR(60)]
    assert (
        received.get(IR(58)),
        received.get(IR(60)),
        received.get(IR(61)),
        received.get(HR(60)),
    ) == (None, 8, None, None)
    assert str(received) == "0x11:IR(59,2)"
    assert HR(60) not in received.block
    assert IR(60) in received.block
    assert received.fits_its_bank
    assert page(1, start=0xFFFF).fits_its_bank
    assert not page(1, 2, start=0xFFFF).fits_its_bank


# The adapter's network buffer.


@pytest.mark.parametrize(
    ("it", "expected"),
    [
        pytest.param(page(*leaked()), True, id="six words of a packet"),
        pytest.param(page(*leaked(5)), False, id="five may be chance"),
        pytest.param(page(*leaked(), start=120), True, id="any whole page"),
        pytest.param(page(*leaked(), start=1000), True, id="wherever it starts"),
        pytest.param(page(*leaked()[:55]), True, id="a page that is not quite whole"),
        pytest.param(page(*leaked()[:30]), False, id="the beginning of a page"),
        pytest.param(page(*leaked(), bank=Bank.HOLDING), True, id="settings too"),
    ],
)
def test_words_of_the_recorded_packet_are_no_measurement(it: Page, *, expected: bool) -> None:
    assert is_leaked(it) is expected


@pytest.mark.parametrize("bank", Bank)
@pytest.mark.parametrize("start", [0, 60, 180, 240, 1000, 2040])
@pytest.mark.parametrize("protocol", [6, 17])
@pytest.mark.parametrize(
    "network", [(0xC0A8, 0x0107), (0xC0A8, 0xB2F0), (0x0A00, 0x0005), (0xAC10, 0x0002)]
)
def test_a_packet_of_any_network_is_recognized(
    bank: Bank, start: int, protocol: int, network: tuple[int, int]
) -> None:
    words = packet(network, (0x2F5B, 0x4321), protocol)
    assert is_leaked(page(*words, start=start, bank=bank))
    assert is_leaked(page(*words[:45], start=start, bank=bank)), "the header is enough"
    assert not is_leaked(page(*words[:44], start=start, bank=bank))


@pytest.mark.parametrize("place", range(35, 45))
def test_a_header_with_one_bit_wrong_is_none(place: int) -> None:
    words = packet((0x0A00, 0x0005), (0x2F5B, 0x4321))
    words[place] ^= 0x10
    assert not is_leaked(page(*words))


def test_a_packet_over_the_settings_changes_none() -> None:
    """It showed scheduled discharging on, a slot of 20:58 to 00:03 and 257 Ah."""
    plant = Plant(PlantCapabilities(Model.HYBRID_GEN1))
    plant.update(answer(0x11, HR(0), identity()))
    leak = packet((0x0A00, 0x0005), (0x2F5B, 0x4321))
    assert plant.update(answer(0x11, HR(0), leak)) is REJECTED
    assert plant.update(answer(0x11, HR(60), leak)) is REJECTED
    assert plant.dropped == {Reason.LEAK: 2}
    assert plant.inverter.battery_capacity_kwh is None or not plant.inverter.battery_capacity_ah


# The adapter's memory.


def addresses(words: list[int], at: int, count: int = 12) -> list[int]:
    return [*words[:at], *range(0xFFC0, 0xFFC0 + count), *words[at + count :]]


def test_a_page_of_the_adapters_memory_is_no_measurement() -> None:
    good = list(block(IR(0), 60, {IR(5): 2400, IR(30): 0xFFCE, IR(52): 0xFF9C}))
    stored = put(IR(0), good)
    for at in range(48):
        assert memory((SinglePhaseInverter,), stored, page(*addresses(good, at))) is not None
    assert memory((SinglePhaseInverter,), stored, page(*addresses(good, 20, 7))) is None


def test_a_battery_in_the_frost_is_no_memory() -> None:
    """Twelve temperatures below zero, at first sight and from one page to the next."""
    frost = block(IR(60), 60, {**put(IR(60), [3300] * 24), **put(IR(90), [0xFFF0] * 12)})
    cold = block(IR(60), 60, {**put(IR(60), [3300] * 24), **put(IR(90), [1, 0xFFFF] * 6)})
    assert memory((Bmu,), {}, page(*frost, start=60)) is None
    assert memory((Bmu,), put(IR(60), cold), page(*frost, start=60)) is None


def test_high_words_that_are_insisted_on_are_believed() -> None:
    clock = ManualClock()
    plant = Plant(PlantCapabilities(Model.HYBRID_GEN1), clock=clock)
    words = [0xFFFF] * 20 + [0] * 39
    assert plant.update(answer(0x11, IR(0), [*words, 1])) is REJECTED
    clock.advance(15)
    assert plant.update(answer(0x11, IR(0), [*words, 2])) is STORED
    clock.advance(15)
    assert plant.update(answer(0x11, IR(0), [*words, 3])) is STORED
    assert plant.dropped[Reason.MEMORY] == 1


# Beyond the end of a bank.


@pytest.mark.parametrize("first", [HR(65500), IR(65500), MR(65500)])
def test_nothing_is_stored_beyond_the_end_of_a_bank(first: Register) -> None:
    plant = Plant()
    assert plant.update(answer(0x11, first, [1037] * 60)) is REJECTED
    assert plant.update(answer(0x11, first, [1037] * 36)) is STORED
    assert plant.dropped == {Reason.RANGE: 1}
    assert len(plant.register_caches[0x11]) == 36
    assert to_compact(plant.register_caches)


# Zeros.


def test_everything_falling_to_zero_is_a_dropout() -> None:
    zeros = page(*[0] * 60)
    assert dropout({IR(30): 1}, zeros)
    assert not dropout({}, zeros), "a device may start with zeros"
    assert not dropout({IR(30): 0, IR(60): 1, HR(30): 1}, zeros), "nothing that it changes"
    assert not dropout({IR(30): 1}, page(*[0] * 59, 1))
    assert dropout({IR(60): 1}, page(*[0] * 30, start=60)), "as a meter is read"
    assert not dropout({HR(1120): 1}, page(*[0] * 5, start=1120, bank=Bank.HOLDING)), (
        "a few settings may be zero"
    )


# Serial numbers.


def odd(it: Page, stored: dict[Register, int], *, required: bool = True) -> bool:
    return odd_serial(SERIAL, stored, it, required=required) is not None


@pytest.mark.parametrize("serial", ["BG2134G12", "BG2134G12 ", "", "BG2134G1*3"])
def test_a_device_without_a_serial_number_is_none(serial: str) -> None:
    words = (*words_of(serial.ljust(10, "\0")), 0)
    received = page(*words, start=110)
    assert odd(received, {}) is not (serial == "x")
    assert odd(received, put(IR(110), words_of(PACK)))
    assert blanks_serial(SERIAL, {}, received, required=True) is (serial == "")


def test_a_whole_serial_number_is_enough() -> None:
    assert not odd(page(*pack(), start=60), {})


def test_a_page_without_the_serial_number_cannot_lose_it() -> None:
    assert not odd(page(1, 2, start=115), put(IR(110), [0] * 5))
    assert not odd(page(*pack(), start=60, bank=Bank.HOLDING), {})
    assert not blanks_serial(SERIAL, {}, page(0, 0, start=112), required=True)


def test_a_part_of_a_serial_number_counts_with_what_is_known() -> None:
    known = put(IR(110), words_of(PACK))
    assert not odd(page(known[IR(112)], start=112), known)
    assert odd(page(0, start=112), known)
    assert not odd(page(0, start=112), {}), "the rest is not known yet"


def test_a_module_may_keep_its_serial_number_in_a_form_of_its_own() -> None:
    """Some have only its tail where it should be."""
    tail = page(*words_of("\0\0002414G000\0\0"), start=114)
    unread = {IR(110): 0}
    assert odd_serial(MODULE_SERIAL, unread, tail, required=True)
    assert not odd_serial(MODULE_SERIAL, unread, tail, required=False)
    whole = {IR(110): 0, **put(IR(114), words_of("HY2336G001"))}
    assert odd_serial(MODULE_SERIAL, whole, tail, required=False)
