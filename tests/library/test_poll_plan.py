"""Which blocks a poll asks for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from givenergy_modbus.client.poll_plan import PollPlan
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.pace import Pace, is_watched, pace_of
from givenergy_modbus.model.plan import Read
from givenergy_modbus.model.plant import Plant
from hypothesis import given
from hypothesis import strategies as st

CAPABILITIES = PlantCapabilities(
    Model.HYBRID_3PH,
    meter_addresses=[1],
    bcu_stacks=[(0, 6)],
    hv_bmu_addresses=list(range(0x50, 0x56)),
)
PLAN = CAPABILITIES.measurement_plan
FAST = [read for read in PLAN if pace_of(CAPABILITIES, read) is Pace.FAST]
SLOW = [read for read in PLAN if pace_of(CAPABILITIES, read) is Pace.SLOW]


@dataclass
class FakeClock:
    """A clock that a test moves."""

    seconds: float = 1000.0
    start: datetime = field(default=datetime(2026, 6, 18, 12, tzinfo=UTC))

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


@dataclass
class Poller:
    """A plant whose every block answers at once, and the ages of its blocks."""

    interval: float
    passive: bool = False

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.plant = Plant(CAPABILITIES, clock=self.clock)
        self.plan = PollPlan(self.plant, self.interval, self.passive)

    def answer(self, read: Read) -> None:
        """Store a block as if a response to any client had just arrived."""
        self.plant._freshness.stored(*read, (1,) * read.block.count, self.plant._now())

    def poll(self, used: set[Read] | None = None, watched: set[Read] | None = None) -> list[Read]:
        """Poll once, then let the interval pass."""
        reads = self.plan.due(used, watched)
        for read in reads:
            self.answer(read)
        self.plan.record(reads)
        self.clock.seconds += self.interval
        return reads

    def oldest(self, reads: list[Read]) -> float:
        times = [self.plant.stored_monotonic(read) for read in reads]
        return max(self.clock.seconds - at for at in times if at is not None)


def test_powers_and_charge_are_fast_and_cells_are_slow() -> None:
    def pace(text: str) -> Pace:
        return next(pace_of(CAPABILITIES, read) for read in PLAN if str(read) == text)

    assert pace("0x11:IR(1060,60)") is Pace.FAST
    assert pace("0x11:IR(1120,60)") is Pace.FAST
    assert pace("0x70:IR(60,60)") is Pace.FAST
    assert pace("0x01:IR(60,30)") is Pace.FAST
    assert pace("0x50:IR(60,60)") is Pace.SLOW
    assert pace("0x11:IR(1360,54)") is Pace.SLOW


def test_the_first_poll_reads_all() -> None:
    assert Poller(10).poll() == [*PLAN]
    assert Poller(10).plan.first() == FAST


@pytest.mark.parametrize("interval", [5, 10, 15, 30, 60, 300])
def test_fast_blocks_are_read_every_poll_and_slow_ones_within_a_minute(interval: int) -> None:
    poller = Poller(interval)
    poller.poll()
    counts = []
    for _ in range(200):
        assert poller.oldest(SLOW) <= max(60, interval)
        reads = poller.poll()
        assert set(FAST) <= set(reads)
        counts.append(len(reads) - len(FAST))
    if interval <= 15:
        assert max(counts[20:]) <= 1 + len(SLOW) * interval / 30


def test_an_unused_block_is_read_every_ten_minutes() -> None:
    poller, used = Poller(10), set(PLAN[1:])
    reads = [PLAN[0] in poller.poll(used) for _ in range(600)]
    asked = [number for number, is_asked in enumerate(reads) if is_asked]
    gaps = [(later - earlier) * 10 for earlier, later in pairwise(asked)]
    assert gaps
    assert all(300 <= gap <= 600 for gap in gaps)


def test_a_block_that_becomes_used_is_read_at_once() -> None:
    poller = Poller(10)
    poller.poll(set(PLAN[1:]))
    assert PLAN[0] not in poller.poll(set(PLAN[1:]))
    assert PLAN[0] in poller.poll(set(PLAN))


def test_a_fast_block_that_nobody_watches_is_slow() -> None:
    poller, watched = Poller(10), {*PLAN} - {FAST[0]}
    asked = [poller.poll({*PLAN}, watched) for _ in range(60)]
    assert 10 <= sum(FAST[0] in reads for reads in asked) <= 12
    assert all(FAST[1] in reads for reads in asked)


@pytest.mark.parametrize("interval", [5, 10, 15, 20, 30])
def test_slow_blocks_are_spread_and_read_no_more_often_than_needed(interval: int) -> None:
    poller = Poller(interval)
    counts = [len(set(poller.poll()) & set(SLOW)) for _ in range(600 // interval)]
    share = len(SLOW) * interval / 60
    assert max(counts[1:]) <= share + 1
    assert sum(counts[1:]) <= 1.2 * share * len(counts)


def test_only_what_changes_fast_is_watched() -> None:
    fields = ThreePhaseInverter.all_fields
    assert is_watched(ThreePhaseInverter, fields["p_pv1"].registers)
    assert is_watched(ThreePhaseInverter, fields["v_ac1"].registers)
    assert is_watched(ThreePhaseInverter, fields["battery_soc"].registers)
    assert not is_watched(ThreePhaseInverter, fields["charger_warning_messages"].registers)
    assert not is_watched(ThreePhaseInverter, fields["e_pv_total"].registers)
    assert not is_watched(Battery, Battery.register_fields["serial_number"].registers)


def test_what_another_client_has_just_asked_for_is_not_asked_again() -> None:
    poller = Poller(10)
    poller.poll()
    for read in PLAN:
        poller.answer(read)
    poller.clock.seconds += 4
    assert poller.plan.due() == []
    poller.clock.seconds += 2
    assert poller.plan.due() == FAST


def test_a_silent_block_does_not_become_fresh_by_asking() -> None:
    poller = Poller(10)
    silent = FAST[0]
    for _ in range(5):
        reads = poller.plan.due()
        assert silent in reads
        for read in reads:
            if read != silent:
                poller.answer(read)
        poller.plan.record(reads)
        poller.clock.seconds += 10
    assert poller.plant.stored_monotonic(silent) is None


def test_a_passive_client_waits_three_intervals_for_somebody_else() -> None:
    poller = Poller(10, passive=True)
    assert poller.poll() == [*PLAN]
    assert [len(poller.poll()) for _ in range(2)] == [0, 0]
    assert set(FAST) <= set(poller.poll())
    for read in PLAN:
        poller.answer(read)
    poller.clock.seconds += 29
    assert poller.plan.due() == []


@given(
    st.sampled_from([5, 10, 15, 60, 300]),
    st.lists(st.tuples(st.sampled_from(PLAN), st.integers(0, 9)), max_size=60),
    st.sets(st.sampled_from(PLAN)),
)
def test_no_used_value_grows_older_than_its_pace_allows(
    interval: int, foreign: list[tuple[Read, int]], used: set[Read]
) -> None:
    poller = Poller(interval)
    poller.poll(used)
    others: Iterator[tuple[Read, int]] = iter(foreign)
    for _ in range(30):
        for read, share in [pair for pair in (next(others, None),) if pair]:
            poller.clock.seconds -= interval * share / 10
            poller.answer(read)
            poller.clock.seconds += interval * share / 10
        for read in used:
            limit = 1.5 * interval if read in FAST else max(60, interval + 30)
            assert poller.oldest([read]) <= limit + 1
        poller.poll(used)
