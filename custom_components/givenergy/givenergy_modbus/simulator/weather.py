"""Sun, cloud, mains and a household: what happens to a plant from outside."""

from datetime import datetime
from math import cos, exp, pi, radians, sin, sqrt
from random import Random

LATITUDE = radians(52)
SOLAR_NOON = 12.9
"""In hours of British summer time."""

BY_HOUR = (
    0.45, 0.40, 0.38, 0.38, 0.40, 0.50, 0.90, 1.50, 1.40, 0.95, 0.85, 0.90,
    1.10, 0.95, 0.85, 0.95, 1.30, 1.80, 2.00, 1.80, 1.50, 1.20, 0.90, 0.60,
)  # fmt: skip
"""What a household draws in the course of a day, relative to its mean."""


class RandomWalk:
    """A number that wanders about its mean, at the same pace whatever the step."""

    def __init__(self, random: Random, mean: float, spread: float, pace: float) -> None:
        """Wander with a standard deviation and, in seconds, a typical time to come back."""
        self.value = mean
        self._random = random
        self._mean = mean
        self._spread = spread
        self._pace = pace

    def step(self, seconds: float) -> float:
        """Return the value some time later."""
        kept = exp(-seconds / self._pace)
        push = self._spread * sqrt(1 - kept * kept) * self._random.gauss(0, 1)
        self.value = self._mean + (self.value - self._mean) * kept + push
        return self.value

    def within(self, low: float, high: float) -> float:
        """Return the value, kept between bounds."""
        return min(max(self.value, low), high)


def sunshine(now: datetime, turned: float = 0.0) -> float:
    """Return how much of its peak a roof makes under a clear sky, 0 to 1.

    ``turned`` is how many hours before noon the roof has its best time.
    """
    declination = radians(23.44) * sin(2 * pi * (284 + now.timetuple().tm_yday) / 365)
    hour = now.hour + now.minute / 60 + now.second / 3600
    angle = (hour - SOLAR_NOON) * pi / 12
    height = sin(LATITUDE) * sin(declination) + cos(LATITUDE) * cos(declination) * cos(angle)
    if height <= 0:
        return 0.0
    facing = max(0.25, cos((hour - SOLAR_NOON + turned) * pi / 15))
    return min(1.0, height * facing * 1.1)


class Weather:
    """The sky over one roof and the mains in front of the house."""

    def __init__(self, random: Random) -> None:
        """Start on an ordinary day."""
        self._cloud = RandomWalk(random, 0.82, 0.16, 900)
        self._volts = RandomWalk(random, 241.5, 1.6, 400)
        self._hertz = RandomWalk(random, 50.0, 0.03, 60)

    def step(self, seconds: float) -> None:
        """Let time pass."""
        self._cloud.step(seconds)
        self._volts.step(seconds)
        self._hertz.step(seconds)

    def strings(self, now: datetime, peaks: tuple[int, ...]) -> list[float]:
        """Return what each string of panels makes, in watts."""
        clear = self._cloud.within(0.15, 1.0)
        turned = [0.0] if len(peaks) == 1 else [1.4, -1.4, 0.0, 0.7]
        return [
            peak * sunshine(now, turn) * clear for peak, turn in zip(peaks, turned, strict=False)
        ]

    @property
    def volts(self) -> float:
        """The voltage of the mains."""
        return self._volts.within(228.0, 252.0)

    @property
    def hertz(self) -> float:
        """The frequency of the mains."""
        return self._hertz.within(49.8, 50.2)


class Household:
    """What a house draws: its habits, and now and then a kettle or an oven."""

    APPLIANCES = ((2400, 180, 1.2), (1900, 2400, 0.15), (2000, 3600, 0.08))
    """Watts, seconds they stay on, times an hour in daytime."""

    def __init__(self, random: Random, mean: float) -> None:
        """Draw so many watts in the mean of a day, appliances apart."""
        self._random = random
        self._mean = mean
        self._noise = RandomWalk(random, 1.0, 0.12, 240)
        self._on: list[list[float]] = []

    def step(self, seconds: float, now: datetime) -> float:
        """Return what is drawn some time later, in watts."""
        for appliance in self._on:
            appliance[1] -= seconds
        self._on = [appliance for appliance in self._on if appliance[1] > 0]
        if 6 <= now.hour < 23 and self._mean:
            for watts, lasts, hourly in self.APPLIANCES:
                if self._random.random() < hourly * seconds / 3600:
                    self._on.append([watts, lasts])
        self._noise.step(seconds)
        base = self._mean * BY_HOUR[now.hour] * self._noise.within(0.6, 1.6)
        return base + sum(watts for watts, _ in self._on[:2])
