"""The slot of an override, on the inverter's own clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..givenergy_modbus.model import TimeSlot, parse_time
from ..time_of_day import DAY, minute_of, slot_between
from .journal import OverrideJournal
from .request import OverrideRequest


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
    kept = slot_between(shown.replace(second=0, microsecond=0) - since, end)
    return kept if kept.end == slot.end and kept.start == start else slot
