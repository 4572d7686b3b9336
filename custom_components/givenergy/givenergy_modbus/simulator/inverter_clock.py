"""The inverter's clock: local time with an offset, set word by word."""

from datetime import datetime, timedelta

from ..model.codecs import clock as codec

FIRST = 35
"""Holding register of the year; month, day, hour, minute and second follow."""
COUNT = 6


class InverterClock:
    """Local time with an offset that grows with the drift."""

    def __init__(self, now: datetime, *, offset: float = 0.0, drift: float = 0.0) -> None:
        """Start at a local time; offset in seconds, drift in seconds per day."""
        self.now = now
        """True local time."""
        self._offset = timedelta(seconds=offset)
        self._drift = drift
        self._unfinished: dict[int, int] = {}

    @property
    def shown(self) -> datetime:
        """The time the inverter shows."""
        return (self.now + self._offset).replace(microsecond=0)

    @property
    def words(self) -> tuple[int, ...]:
        """Its six registers; a part that makes no valid date shows as it was set."""
        assert codec.encode is not None
        encoded = codec.encode(self.shown)
        return tuple(self._unfinished.get(part, word) for part, word in enumerate(encoded))

    def advance(self, seconds: float) -> None:
        """Advance the time, in seconds."""
        self.now += timedelta(seconds=seconds)
        self._offset += timedelta(seconds=seconds * self._drift / 86400)

    def set_word(self, register: int, word: int) -> None:
        """Set one of the six registers.

        Between two dates, written word by word, there may be a 31 February: it is
        kept until the remaining parts make it a date again.
        """
        self._unfinished[register - FIRST] = word
        if (at := codec.decode(*self.words)) is not None:
            self._unfinished.clear()
            self._offset = at - self.now
