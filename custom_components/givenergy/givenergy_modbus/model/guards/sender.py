"""Which inverter the answers are from: the one that answered first, once that is confirmed."""

from dataclasses import dataclass

from .corroboration import LATER


@dataclass(slots=True)
class Sender:
    """What is known of the inverter that the answers name.

    The first answer may be a stranger's: until its serial number is confirmed, by a later
    answer or by the inverter's registers, another inverter that keeps answering replaces it.
    """

    confirmed: bool = False
    _heard_at: float | None = None
    """Since when it may be confirmed; None for one that is known from elsewhere."""
    _other: tuple[str, float] | None = None
    """Another serial number, and since when nothing but that was heard."""

    def heard(self, at: float) -> None:
        """Record an answer that is taken."""
        self._other = None
        if self._heard_at is None:
            self._heard_at = at
        self.confirmed = self.confirmed or at - self._heard_at >= LATER

    def is_foreign(self, serial: str, ours: str, at: float) -> bool:
        """Return whether an answer that has this serial number is another inverter's."""
        if not ours or serial == ours:
            return False
        if self.confirmed or self._heard_at is None:
            return True
        if self._other is None or self._other[0] != serial:
            self._other = serial, at
        self._heard_at = at  # whichever it is, the wait starts again
        return at - self._other[1] < LATER
