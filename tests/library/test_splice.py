"""Which pages of a battery pack are believed, one after another."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import count

import pytest
from givenergy_modbus.model.guards import Page, Verdict
from givenergy_modbus.model.register import IR, Bank
from givenergy_modbus.model.splice import (
    RULES,
    Judgement,
    Kind,
    Patience,
    Rule,
    Stored,
    Watch,
    Words,
    changes,
    concerns,
    is_impossible,
    is_whole,
    judge,
    lacks_temperatures,
    part_is_believable,
)

from tests.library.answers import after, pack

STORED, HELD, REJECTED = Verdict.STORED, Verdict.HELD, Verdict.REJECTED
NOTHING: Stored = [None] * 60
EMPTY_SENSORS = {"IR76": 0, "IR77": 0, "IR78": 0, "IR79": 0}


class Pack:
    """A pack that is read every half minute."""

    def __init__(self, stored: Stored = NOTHING, patience: Patience | None = None) -> None:
        self.stored = stored
        self.patience = patience or Patience()
        self.watch = Watch()
        self.seconds = 0.0

    def says(self, page: Words, wait: float = 30) -> Verdict:
        return self.judged(page, wait).verdict

    def judged(self, page: Words, wait: float = 30) -> Judgement:
        self.seconds += wait
        result = judge(self.watch, self.stored, page, after(self.seconds), self.patience)
        self.watch = result.watch
        if result.verdict is STORED:
            self.stored = page
        return result

    def say(self, pages: Iterable[Words]) -> list[Verdict]:
        return [self.says(page) for page in pages]


def known(patience: Patience | None = None) -> Pack:
    return Pack(pack(), patience)


def moved(rule: Rule, by: int) -> dict[str, int]:
    """Return the change that moves a rule's first value by so much."""
    register = rule.places[0][-1]
    return {f"IR{register.address}": pack()[register - IR(60)] + by}


# What a page may change.


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.what)
def test_every_rule_lets_its_limit_pass_and_no_more(rule: Rule) -> None:
    assert not list(changes(pack(), pack(**moved(rule, rule.limit))))
    assert not list(changes(pack(), pack(**moved(rule, -rule.limit))))
    for step in (rule.limit + 1, -rule.limit - 1):
        (trip,) = changes(pack(), pack(**moved(rule, step)))
        assert trip.rule is rule
        assert trip.register == rule.places[0][0]


def test_the_rules_cover_what_they_should() -> None:
    guarded = [register for rule in RULES for place in rule.places for register in place]
    assert len(guarded) == len(set(guarded))
    free = {*range(90, 97), 99, 107, 108, 109, *range(115, 120)}
    assert set(guarded) == {IR(address) for address in range(60, 120)} - {IR(it) for it in free}


def test_temperatures_are_signed() -> None:
    """From just above freezing to just below is one step, not the whole range."""
    above = pack(IR76=2, IR77=1, IR104=1, IR103=3, IR81=4)
    below = pack(IR76=2, IR77=0xFFFF, IR104=0xFFFE, IR103=2, IR81=0xFFFF)
    assert not list(changes(above, below))
    frozen = Pack(above)
    assert frozen.say([below, pack(IR76=0xFFF0, IR77=0xFFEE, IR104=0xFFEE, IR103=0xFFF0)]) == [
        STORED,
        HELD,  # one temperature warms up by 25 degrees in that page: the MOSFET's
    ]


def test_a_pair_of_registers_is_one_value() -> None:
    before = pack(IR88=0, IR89=0xFFFF)
    assert not list(changes(before, pack(IR88=1, IR89=0)))
    assert [str(it) for it in changes(before, pack(IR88=1, IR89=0xFFFF))] == ["capacity IR(88)"]


def test_what_is_not_known_on_both_sides_is_not_compared() -> None:
    assert not list(changes(NOTHING, pack()))
    half = list(pack())
    half[0] = 60_000
    assert [trip.register for trip in changes(half, pack())] == [IR(60)]
    assert not list(changes([None, *half[1:]], pack()))


# What kind of page it is.


def test_which_pages_are_guarded() -> None:
    def page(start: int, words: int, bank: Bank = Bank.INPUT) -> Page:
        return Page(0x32, bank, start, (1,) * words)

    assert is_whole(page(60, 60))
    assert concerns(page(60, 60))
    for it in (page(0, 60), page(180, 60), page(120, 60), page(60, 60, Bank.HOLDING)):
        assert not concerns(it), f"{it} is not the battery's"
    for it in (page(60, 30), page(30, 60), page(119, 1)):
        assert concerns(it)
        assert not is_whole(it)


def test_signs_of_a_page_without_substance() -> None:
    assert not lacks_temperatures(pack())
    assert not lacks_temperatures(pack(IR76=0))
    assert lacks_temperatures(pack(IR76=0, IR79=0))
    assert not lacks_temperatures(NOTHING)
    no_cells = {f"IR{address}": 0 for address in range(60, 76)}
    assert not is_impossible(pack())
    assert is_impossible(pack(**no_cells))
    assert is_impossible(pack(**no_cells, IR98=0))
    assert not is_impossible((0,) * 60)
    assert not is_impossible(NOTHING)
    assert not part_is_believable(Page(0x32, Bank.INPUT, 76, (0, 0, 1, 1)))
    assert part_is_believable(Page(0x32, Bank.INPUT, 76, (0, 1, 1, 1)))
    assert part_is_believable(Page(0x32, Bank.INPUT, 60, (0,) * 10))


# The first page.


def test_a_new_battery_has_to_say_the_same_twice() -> None:
    it = Pack()
    first = it.judged(pack())
    assert (first.verdict, first.why) == (HELD, "the next page has to agree")
    assert it.says(pack(IR100=49)) is STORED


def test_the_first_page_waits_for_one_that_agrees_with_it() -> None:
    it = Pack()
    assert it.say([pack(), pack(IR100=90), pack(IR100=91)]) == [HELD, HELD, STORED]


def test_a_first_page_does_not_wait_for_ever() -> None:
    it = Pack()
    assert it.says(pack()) is HELD
    assert it.says(pack(), wait=301) is HELD
    assert it.says(pack()) is STORED


def test_a_battery_without_temperatures_is_not_taken_up() -> None:
    it = Pack()
    assert it.say([pack(**EMPTY_SENSORS)] * 4) == [HELD] * 4


def test_a_battery_stored_without_cells_starts_anew() -> None:
    it = Pack(pack(**{f"IR{address}": 0 for address in range(60, 76)}))
    assert it.say([pack(), pack()]) == [HELD, STORED]


# Odd values.


def test_one_odd_value_waits_for_the_next_page() -> None:
    it = known()
    assert it.say([pack(IR100=70), pack(IR100=71)]) == [HELD, STORED]


def test_one_odd_value_that_was_a_slip_is_forgotten() -> None:
    it = known()
    assert it.say([pack(IR100=70), pack(), pack(IR100=70)]) == [HELD, STORED, HELD]


def test_another_odd_value_has_to_wait_as_well() -> None:
    it = known()
    assert it.say([pack(IR100=70), pack(IR60=2900), pack(IR60=3301 - 400)]) == [HELD, HELD, STORED]
    assert known().say([pack(IR100=70), pack(IR100=90), pack(IR100=91)]) == [HELD, HELD, STORED]


def test_several_odd_values_are_never_believed() -> None:
    it = known()
    odd = pack(**EMPTY_SENSORS)
    assert it.say([odd] * 30) == [REJECTED] * 30
    assert it.judged(odd).why.startswith("cell temperature IR(76), cell temperature IR(77)")
    assert it.says(pack()) is STORED


def test_another_serial_number_is_never_believed() -> None:
    it = known()
    other = pack(IR110=0x4143)
    assert it.say([other] * 40) == [REJECTED] * 40
    assert it.judged(other).why == "it is another battery's"


def test_after_a_silence_anything_is_believed() -> None:
    it = known()
    assert it.says(pack()) is STORED
    assert it.says(pack(IR110=0x4143, IR100=90), wait=301) is STORED


def test_after_a_silence_temperatures_are_still_asked_for() -> None:
    it = known()
    assert it.says(pack()) is STORED
    assert it.says(pack(**EMPTY_SENSORS), wait=301) is REJECTED
    assert it.says(pack(IR100=90, IR60=2000), wait=30) is STORED, "the silence is not over"


def test_a_long_corruption_is_no_silence() -> None:
    it = known()
    assert it.says(pack()) is STORED
    assert it.say([pack(**EMPTY_SENSORS)] * 20) == [REJECTED] * 20


# What is insisted on.


def test_new_firmware_is_believed_after_a_quarter_of_an_hour() -> None:
    it = known()
    verdicts = it.say([pack(IR98=3009)] * 31)
    assert verdicts == [HELD] * 30 + [STORED]
    assert it.seconds == 31 * 30


def test_new_firmware_takes_ten_pages_however_slowly_they_come() -> None:
    it = known()
    assert [it.says(pack(IR98=3009), wait=200) for _ in range(10)] == [HELD] * 9 + [STORED]


def test_insisting_starts_anew_after_any_other_page() -> None:
    interruptions = (pack(), pack(IR98=3008), pack(IR100=70), pack(**EMPTY_SENSORS))
    for interruption in interruptions:
        it = known()
        assert it.say([pack(IR98=3009)] * 25) == [HELD] * 25
        it.says(interruption)
        assert it.say([pack(IR98=3009)] * 30) == [HELD] * 30, "the count went on"


def test_new_firmware_may_bring_odd_values_with_it() -> None:
    it = known()
    new = pack(IR98=3009, IR100=80, IR60=2900)
    assert it.say([new] * 31)[-1] is STORED


def test_a_jump_of_several_may_be_insisted_on_where_that_is_wanted() -> None:
    it = known(Patience(surge=timedelta(seconds=300)))
    rising = (
        pack(**{f"IR{address}": 3700 for address in range(60, 76)}, IR80=59_200) for _ in count()
    )
    verdicts = [it.says(next(rising)) for _ in range(11)]
    assert verdicts == [HELD] * 10 + [STORED]


def test_a_jump_to_implausible_values_is_never_believed() -> None:
    it = known(Patience(surge=timedelta(seconds=300)))
    assert it.say([pack(IR60=100, IR61=100)] * 20) == [REJECTED] * 20
    assert it.say([pack(IR76=500, IR77=500)] * 20) == [REJECTED] * 20


def test_a_jump_that_goes_on_jumping_is_not_believed() -> None:
    it = known(Patience(surge=timedelta(seconds=300)))
    pages = [pack(IR60=2000 + 400 * (at % 2), IR61=2000) for at in range(40)]
    assert it.say(pages) == [HELD] * 40


def test_only_measurements_can_surge() -> None:
    kinds = {rule.kind for rule in RULES if rule.usual is not None}
    assert kinds == {Kind.PHYSICS}
