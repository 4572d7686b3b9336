"""The inverter's clock: local wall time, a little wrong, and settable word by word."""

from datetime import datetime, timedelta

from ..model.codecs import clock as codec

FIRST = 35
"""Holding register of the year; month, day, hour, minute and second follow."""
COUNT = 6


class InverterClock:
    """Runs beside true local time, apart by an offset that grows with the drift."""

    def __init__(self, now: datetime, *, offset: float = 0.0, drift: float = 0.0) -> None:
        """Start at a local time; the offset is in seconds, the drift in seconds a day."""
        self.now = now
        """True local time."""
        self._offset = timedelta(seconds=offset)
        self._drift = drift
        self._unfinished: dict[int, int] = {}

    @property
    def shown(self) -> datetime:
        """What the inverter believes the time to be."""
        return (self.now + self._offset).replace(microsecond=0)

    @property
    def words(self) -> tuple[int, ...]:
        """What its six registers say; a part set to no sensible time shows as it was set."""
        assert codec.encode is not None
        spelled = codec.encode(self.shown)
        return tuple(self._unfinished.get(part, word) for part, word in enumerate(spelled))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        self._offset += timedelta(seconds=seconds * self._drift / 86400)

    def set_word(self, register: int, word: int) -> None:
        """Set one of the six parts, as a client does one after the other.

        On the way from one date to another there may be a 31 February: it is
        kept until the remaining parts make it a date again.
        """
        self._unfinished[register - FIRST] = word
        if (at := codec.decode(*self.words)) is not None:
            self._unfinished.clear()
            self._offset = at - self.now
