"""What changes too much in a battery's page, and what becomes of such pages."""

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.guards import Page, Verdict
from givenergy_modbus.model.guards.splice import (
    RULES,
    Rule,
    concerns,
    deviations,
    is_single,
    lacks_temperatures,
    unknown_temperatures,
)
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, Bank, Register

from tests.library.answers import answer, pack, put, words_of
from tests.library.clocks import ManualClock

STORED, HELD, REJECTED, _ = Verdict


def page(words: tuple[int, ...], start: int = 60, bank: Bank = Bank.INPUT) -> Page:
    return Page(0x32, bank, start, words)


def deviating(before: tuple[int, ...], now: tuple[int, ...], elapsed: float = 0) -> list[Register]:
    found = deviations(put(IR(60), before), page(now), elapsed)
    return [deviation.registers[0] for deviation in found]


def moved(rule: Rule, by: int) -> dict[str, int]:
    """Return a change of a rule's first value by so many units."""
    registers = rule.places[0]
    value = 0
    for register in registers:
        value = value << 16 | dict(put(IR(60), pack()))[register]
    value += by
    words = (value >> 16, value & 0xFFFF)[-len(registers) :]
    return {f"IR{item.address}": word for item, word in zip(registers, words, strict=True)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.what)
def test_every_rule_lets_its_limit_pass_and_no_more(rule: Rule) -> None:
    for sign in (1, -1):
        assert not deviating(pack(), pack(**moved(rule, sign * rule.limit)))
        beyond = pack(**moved(rule, sign * (rule.limit + 1)))
        assert deviating(pack(), beyond) == [rule.places[0][0]]


def test_the_rules_cover_what_they_should() -> None:
    covered = {register for rule in RULES for places in rule.places for register in places}
    exempt = {*range(90, 97), 99, *range(107, 110), *range(115, 120)}
    assert covered == {IR(at) for at in range(60, 120) if at not in exempt}


def test_after_a_longer_time_more_may_have_changed() -> None:
    discharged = pack(IR100=28)
    assert deviating(pack(), discharged, 300) == [IR(100)]
    assert not deviating(pack(), discharged, 600)


def test_temperatures_are_signed() -> None:
    assert not deviating(pack(IR76=5), pack(IR76=0xFFFB))
    assert deviating(pack(IR76=5), pack(IR76=0xFFC4)) == [IR(76)]


def test_a_pair_of_registers_is_one_value() -> None:
    assert not deviating(pack(IR84=0, IR85=0xFFFF), pack(IR84=1, IR85=0))


def test_what_is_not_known_on_both_sides_is_not_compared() -> None:
    assert not list(deviations({}, page(pack())))
    assert not list(deviations({IR(60): 3300}, page((9,) * 3, start=61)))
    assert list(deviations({IR(61): 3300}, page((9,) * 3, start=61)))


def test_which_pages_are_guarded() -> None:
    assert concerns(page(pack()))
    assert concerns(page((1, 2), start=119))
    assert not concerns(page((1, 2), start=120))
    assert not concerns(page((1,) * 60, start=0))
    assert not concerns(page(pack(), bank=Bank.HOLDING))
    assert HR(60) not in page(pack()).registers


def test_a_zero_that_cannot_be_a_temperature_is_none() -> None:
    lost = page(pack(IR76=0, IR77=0, IR103=0))
    assert lacks_temperatures(lost)
    assert unknown_temperatures({}, lost) == [IR(76), IR(77), IR(103)]
    assert unknown_temperatures(put(IR(60), pack()), lost) == [IR(76), IR(77), IR(103)]
    frost = put(IR(76), (4, 3)) | {IR(103): 4}
    assert unknown_temperatures(frost, lost) == [], "it has just become as cold"
    assert unknown_temperatures({}, page(pack(IR76=0))) == []


def test_what_counts_as_one_odd_value() -> None:
    def single(**changed: int) -> bool:
        return is_single(tuple(deviations(put(IR(60), pack()), page(pack(**changed)))))

    assert single(IR100=90)
    assert single(IR98=3022, IR100=90), "a new firmware may bring others with it"
    assert not single(IR100=90, IR60=4200)
    assert not single(IR110=0x4142)


# What becomes of pages.


class Pack:
    """A battery that is polled, and what a plant makes of its pages."""

    def __init__(self, interval: float = 30) -> None:
        self.clock = ManualClock()
        layout = PlantCapabilities(Model.HYBRID_GEN1, lv_battery_addresses=[0x32])
        self.plant = Plant(layout, clock=self.clock)
        self.plant.poll_interval = interval
        self.interval = interval
        self.polls = 0

    def reads(
        self, words: tuple[int, ...], later: float | None = None, *, same: bool = False
    ) -> Verdict:
        """Return the verdict on a page; its current differs from the last one's unless the same."""
        self.clock.advance(self.interval if later is None else later)
        self.polls += not same
        current = (self.polls if not same else 0) & 0xFF
        return self.plant.update(answer(0x32, IR(60), (*words[:35], current, *words[36:])))

    def known(self) -> Pack:
        """Let the plant know the healthy battery well."""
        for _ in range(3):
            assert self.reads(pack()) is STORED
        return self


OTHER = dict(zip((f"IR{at}" for at in range(110, 115)), words_of("CF2350G777"), strict=True))

CHANGES = {
    "recalibrated upwards": {"IR100": 100, "IR89": 18_600},
    "recalibrated downwards": {"IR100": 20, "IR89": 3000},
    "cells rebound": {f"IR{at}": 3700 for at in range(60, 76)} | {"IR80": 59_200},
    "updated": {"IR98": 3022},
    "another pack": OTHER | {"IR100": 90, "IR96": 805},
    "one value": {"IR100": 90},
}


@pytest.mark.parametrize("interval", [10, 15, 60, 300])
@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_change_that_lasts_is_believed_with_the_second_page(
    changed: dict[str, int], interval: float
) -> None:
    """Recalibrations and rebounds were refused on 2880 of 2880 pages of a day."""
    battery = Pack(interval).known()
    assert battery.reads(pack(**changed)) is HELD
    assert battery.plant.batteries[0].soc == 48
    assert [battery.reads(pack(**changed)) for _ in range(3)] == [STORED] * 3
    assert battery.plant.batteries[0].soc == changed.get("IR100", 48)


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_change_that_does_not_last_never_shows(changed: dict[str, int]) -> None:
    battery = Pack().known()
    assert battery.reads(pack(**changed)) is HELD
    assert battery.reads(pack()) is STORED
    assert battery.reads(pack(**changed)) is HELD, "it starts again"


def test_an_identical_page_proves_nothing_for_three_minutes() -> None:
    """A public recording serves one spliced page for 102 s."""
    battery = Pack(15).known()
    assert [battery.reads(pack(IR100=90), same=True) for _ in range(12)] == [HELD] * 12
    assert battery.reads(pack(IR100=90), same=True) is STORED


def test_a_page_within_ten_seconds_proves_nothing() -> None:
    battery = Pack(15).known()
    assert [battery.reads(pack(IR100=90), 0.25) for _ in range(12)] == [HELD] * 12
    assert battery.reads(pack(), 0.25) is STORED


def test_a_wrong_first_page_served_twice_refuses_nobody() -> None:
    """It was believed, and then 214 of 214 true pages were not."""
    battery = Pack()
    wrong = pack(IR100=90, IR60=4200, IR110=0x4141)
    assert battery.reads(wrong, same=True) is STORED
    assert battery.reads(wrong, 0.25, same=True) is STORED
    assert battery.reads(pack()) is STORED
    assert battery.plant.batteries[0].soc == 48
    assert battery.reads(wrong) is STORED, "nothing has confirmed that page either"
    assert battery.reads(pack()) is STORED
    assert battery.reads(pack()) is STORED
    assert battery.reads(wrong) is HELD


def test_sensors_that_are_lost_leave_the_temperatures_unknown() -> None:
    """A pack whose temperature words read 0 was gone altogether."""
    battery = Pack().known()
    lost = {f"IR{at}": 0 for at in (76, 77, 78, 79, 103, 104)}
    assert battery.reads(pack(**lost)) is HELD
    assert battery.plant.batteries[0].t_max == 23.2
    assert battery.reads(pack(**lost)) is STORED
    assert battery.reads(pack(**lost)) is STORED
    seen = battery.plant.batteries[0]
    assert (seen.soc, seen.t_max, seen.t_cells_01_04, seen.t_cells_13_16) == (48, None, None, None)
    assert battery.reads(pack()) is STORED
    assert battery.plant.batteries[0].t_max == 23.2


def test_sensors_that_are_lost_from_the_start_are_unknown() -> None:
    battery = Pack()
    assert battery.reads(pack(IR76=0, IR77=0, IR78=0, IR79=0)) is STORED
    seen = battery.plant.batteries[0]
    assert (seen.is_valid(), seen.soc, seen.t_cells_01_04, seen.t_max) == (True, 48, None, 23.2)


def test_a_battery_without_cells_is_not_plausible_by_itself() -> None:
    battery = Pack()
    no_cells = pack(**{f"IR{at}": 0 for at in range(60, 76)})
    assert battery.reads(no_cells) is HELD
    assert not battery.plant.batteries[0].is_valid()
    assert battery.plant.cold_start_held_count == {0x32: 1}
    assert battery.reads(no_cells) is STORED
    assert battery.reads(pack()) is HELD


def test_an_empty_place_is_never_a_battery() -> None:
    battery = Pack().known()
    for words in ((0,) * 60, pack(**{f"IR{at}": 0 for at in range(110, 115)})):
        assert {battery.reads(words) for _ in range(60)} == {REJECTED}
    assert battery.plant.batteries[0].is_valid()


@pytest.mark.parametrize(("interval", "gap"), [(15, 301), (60, 301), (300, 751), (600, 1501)])
def test_after_a_silence_longer_than_polls_anything_is_believed(
    interval: float, gap: float
) -> None:
    battery = Pack(interval).known()
    assert battery.reads(pack(IR100=90, IR60=4200), gap) is STORED
    assert battery.reads(pack()) is STORED, "and nothing has confirmed it"


@pytest.mark.parametrize("interval", [60, 300])
def test_the_guard_is_on_at_every_interval(interval: float) -> None:
    battery = Pack(interval).known()
    for _ in range(3):
        assert battery.reads(pack(IR100=90, IR60=4200)) is HELD
        assert battery.reads(pack()) is STORED


def test_a_block_read_seldom_keeps_its_guard() -> None:
    """Every ten minutes, while others are read every minute: the second page knows."""
    battery = Pack(60)
    for _ in range(4):
        assert battery.reads(pack(), 600) is STORED
    assert battery.reads(pack(IR100=90, IR60=4200), 600) is HELD


def test_a_truth_that_never_stands_still_goes_through() -> None:
    battery = Pack(60).known()
    verdicts = [battery.reads(pack(IR100=number % 2 * 100)) for number in range(10)]
    assert verdicts[:7] == [HELD] * 7
    assert verdicts[7] is STORED


def test_parts_of_a_page_are_compared_as_well() -> None:
    battery = Pack().known()
    plant = battery.plant
    battery.clock.advance(30)
    assert plant.update(answer(0x32, IR(76), [0, 0])) is HELD
    assert plant.update(answer(0x32, IR(76), [240, 231])) is STORED
    assert plant.batteries[0].t_cells_01_04 == 24.0


def test_another_clients_smaller_blocks_do_not_prolong_a_doubt() -> None:
    """They were taken for pages without the doubt: an exchanged pack never showed."""
    battery = Pack().known()
    exchanged = pack(**OTHER)
    assert battery.reads(exchanged) is HELD
    assert battery.plant.update(answer(0x32, IR(60), exchanged[:16])) is STORED
    assert battery.reads(exchanged) is STORED
    assert battery.plant.batteries[0].serial_number == "CF2350G777"


def test_a_smaller_block_that_disagrees_starts_the_doubt_again() -> None:
    battery = Pack().known()
    assert battery.reads(pack(IR60=4200)) is HELD
    assert battery.plant.update(answer(0x32, IR(60), pack()[:16])) is STORED
    assert battery.reads(pack(IR60=4200)) is HELD


def test_a_smaller_block_that_agrees_leaves_the_rest_in_doubt() -> None:
    battery = Pack().known()
    changed = pack(**OTHER, IR60=4200)
    assert battery.reads(changed) is HELD
    battery.clock.advance(10)
    assert battery.plant.update(answer(0x32, IR(60), [*changed[:15], 3301])) is STORED
    assert battery.plant.batteries[0].serial_number != "CF2350G777"
    assert battery.reads(changed) is STORED


def test_what_was_refused_is_counted_by_kind() -> None:
    battery = Pack().known()
    battery.reads(pack(IR100=90))
    battery.reads(pack(IR100=90, IR60=4200))
    battery.reads(pack(IR110=0x4142))
    battery.reads(pack(**{f"IR{at}": 0 for at in range(60, 76)}))
    assert battery.plant.splice_held_count == {0x32: 1}
    assert battery.plant.splice_reject_count == {0x32: 3}
    assert not battery.plant.cold_start_held_count


@pytest.mark.parametrize(
    "changed", [{"IR88": 1}, {"IR100": 150}, {"IR80": 0x0E10}, {"IR89": 60_672}]
)
def test_a_page_that_cannot_be_is_doubted_from_the_start(changed: dict[str, int]) -> None:
    """A recording has 606 Ah in a pack of 189 Ah, 97 s after its first page."""
    battery = Pack(15)
    assert battery.reads(pack(**changed)) is HELD
    assert battery.reads(pack()) is STORED
    assert battery.reads(pack(**changed)) is HELD
    assert battery.reads(pack()) is STORED
    assert battery.reads(pack(**changed)) is HELD
    assert battery.reads(pack(**changed)) is STORED, "but what is insisted on is so"
