"""The slot of an override, on the inverter's own clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..givenergy_modbus.model import TimeSlot, encode_time, parse_time
from ..time_of_day import DAY, minute_of, slot_between
from .journal import OverrideJournal
from .request import OverrideRequest

_CLOCK_STEP = 2
"""Minutes by which the end in the inverter may be wrong before the slot is moved."""

_CLOCK_SET_FORWARD = timedelta(hours=1, minutes=5)
"""How far the clock may be set forward while the start of a slot is kept."""


def override_slot(
    request: OverrideRequest | None,
    now: datetime,
    shown: datetime,
    journal: OverrideJournal | None,
    words: Mapping[int, int],
) -> TimeSlot:
    """Return the slot from now, in UTC, until the end of a request, or else of a journal.

    ``shown`` is what the inverter's clock shows now. It runs on as it is, so the end is
    as far away on it as it is in real time, a change of the clocks included. A running
    override of the same kind keeps its start.
    """
    if request is not None:
        until = request.until
    else:
        assert journal is not None
        until = journal.until
    end = shown + (until - now)
    slot = slot_between(shown, end)
    if journal is None or journal.slot is None or (request and request.kind is not journal.kind):
        return slot
    word = words.get(journal.slot[0])
    start = None if word is None else parse_time(word)
    if start is None:
        return slot
    since = timedelta(minutes=(minute_of(shown.time()) - minute_of(start)) % DAY)
    if since > now - journal.started + _CLOCK_SET_FORWARD:
        # The clock was set back to before the start, which would come again.
        return slot
    kept = slot_between(shown.replace(second=0, microsecond=0) - since, end)
    return kept if kept.end == slot.end and kept.start == start else slot


def moved_slot(
    journal: OverrideJournal, now: datetime, shown: datetime, words: Mapping[int, int]
) -> dict[int, int]:
    """Return the words that move a slot after the inverter's clock was changed, if it was.

    The start goes first: half-written, the slot is active now, and still ends.
    """
    if journal.slot is None:
        return {}
    start, end = journal.slot
    word = words.get(end)
    present = None if word is None else parse_time(word)
    if present is None:
        return {}
    slot = override_slot(None, now, shown, journal, words)
    apart = (minute_of(slot.end) - minute_of(present)) % DAY
    if min(apart, DAY - apart) <= _CLOCK_STEP:
        return {}
    wanted = {start: encode_time(slot.start), end: encode_time(slot.end)}
    return {register: word for register, word in wanted.items() if words.get(register) != word}
