"""Whether the values of two entities agree, so that one may go on with the other's history."""

from dataclasses import dataclass

from homeassistant.components.sensor import SensorStateClass
from homeassistant.components.sensor.const import UNIT_CONVERTERS, SensorDeviceClass
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN

COUNTER_SLACK = 1.0
"""Units by which two counters may differ, kWh for energy."""
COUNTER_SHARE = 0.01
"""The part of a counter by which two may differ, where that is more."""
POWER_SLACK = 200.0
"""W, VA or A within which a flow may be read with either sign."""
PER_DAY = 120.0
"""Units a day that a counter may have advanced since it was last read."""

_FLOWS = ("W", "kW", "VA", "A")
_SLACK = {"%": 5.0, "V": 3.0, "°C": 5.0, "Hz": 1.0, "kWh": 1.0, "Ah": 5.0}
_SHARE = 0.05


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What an entity shows."""

    value: str | float | None
    """The state; None where there is none now."""
    unit: str | None = None
    state_class: str | None = None
    device_class: str | None = None
    own_unit: str | None = None
    """The unit before it was converted; None where it was not."""
    age_days: float = 0.0
    """How long ago it was shown, for an entity that is not running."""

    @property
    def number(self) -> float | None:
        """The value as a number, None when it is none."""
        if self.value is None:
            return None
        text = str(self.value)
        try:
            return float(int(text, 16)) if text.startswith("0x") else float(text)
        except ValueError:
            return None

    @property
    def is_counter(self) -> bool:
        """Whether it has a sum in the statistics."""
        return self.state_class in (SensorStateClass.TOTAL, SensorStateClass.TOTAL_INCREASING)

    def in_unit(self, unit: str | None) -> Shown:
        """Return the same in another unit, unchanged where it cannot be converted."""
        converter = UNIT_CONVERTERS.get(_device_class(self.device_class))
        units = converter.VALID_UNITS if converter else ()
        if converter is None or self.unit not in units or unit not in units:
            return self
        number = self.number
        if number is not None:
            number = converter.convert(number, self.unit, unit)
        return Shown(
            value=number,
            unit=unit,
            state_class=self.state_class,
            device_class=self.device_class,
            own_unit=None if unit == self.unit else self.unit,
            age_days=self.age_days,
        )


def _device_class(text: str | None) -> SensorDeviceClass | None:
    return SensorDeviceClass(text) if text in set(SensorDeviceClass) else None


def known(state: str | None) -> str | None:
    """Return a state, None if it is unknown or unavailable."""
    return None if state in (STATE_UNKNOWN, STATE_UNAVAILABLE, "") else state


def agree(theirs: Shown, ours: Shown, *, is_daily: bool = False) -> bool:
    """Return whether two values are those of the same thing; what is not known agrees."""
    if theirs.value is None or ours.value is None:
        return True
    their_number, our_number = theirs.number, ours.number
    if their_number is None or our_number is None:
        return _plain(str(theirs.value)) == _plain(str(ours.value))
    if ours.is_counter:
        return _counters_agree(their_number, our_number, theirs.age_days, is_daily=is_daily)
    return theirs.age_days > 0 or _measurements_agree(their_number, our_number, ours)


def _measurements_agree(theirs: float, ours: float, shown: Shown) -> bool:
    """Return whether two readings of the same thing, some seconds apart, may be these."""
    if shown.state_class is not None and shown.unit in _FLOWS:
        if not theirs:
            # A register that the system does not have reads 0.
            return abs(ours) <= POWER_SLACK
        return theirs * ours >= 0 or min(abs(theirs), abs(ours)) <= POWER_SLACK
    if shown.state_class is None:
        slack, share = 0.05, 0.005
    else:
        slack, share = _SLACK.get(shown.unit or "", 0.1), _SHARE
    return abs(theirs - ours) <= max(slack, share * abs(ours))


def _counters_agree(theirs: float, ours: float, days: float, *, is_daily: bool) -> bool:
    if is_daily and days:
        return True
    slack = max(COUNTER_SLACK, COUNTER_SHARE * max(abs(theirs), abs(ours)))
    return -slack <= ours - theirs <= slack + PER_DAY * days


def same_statistics(theirs: Shown, ours: Shown) -> bool:
    """Return whether both are kept in the same kind of statistics, or theirs in none."""
    if theirs.state_class is None:
        return True
    return ours.state_class is not None and theirs.is_counter == ours.is_counter


def _plain(text: str) -> str:
    """Return a text without what only spells it differently."""
    return text.casefold().replace(" ", "_").replace("-", "_")
