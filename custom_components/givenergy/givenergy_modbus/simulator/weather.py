"""Sun, clouds, mains voltage and household load."""

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
"""Household load by hour, relative to its mean."""


class RandomWalk:
    """A mean-reverting random walk, independent of the step size."""

    def __init__(self, random: Random, mean: float, spread: float, pace: float) -> None:
        """Initialize from mean, standard deviation and reversion time in seconds."""
        self.value = mean
        self._random = random
        self._mean = mean
        self._spread = spread
        self._pace = pace

    def step(self, seconds: float) -> float:
        """Advance by some seconds and return the value."""
        kept = exp(-seconds / self._pace)
        push = self._spread * sqrt(1 - kept * kept) * self._random.gauss(0, 1)
        self.value = self._mean + (self.value - self._mean) * kept + push
        return self.value

    def within(self, low: float, high: float) -> float:
        """Return the value, clamped to bounds."""
        return min(max(self.value, low), high)


def sunshine(now: datetime, offset_hours: float = 0.0) -> float:
    """Return a roof's clear-sky power relative to its peak, 0 to 1.

    ``offset_hours`` is the time of its maximum in hours before noon.
    """
    declination = radians(23.44) * sin(2 * pi * (284 + now.timetuple().tm_yday) / 365)
    hour = now.hour + now.minute / 60 + now.second / 3600
    angle = (hour - SOLAR_NOON) * pi / 12
    height = sin(LATITUDE) * sin(declination) + cos(LATITUDE) * cos(declination) * cos(angle)
    if height <= 0:
        return 0.0
    facing = max(0.25, cos((hour - SOLAR_NOON + offset_hours) * pi / 15))
    return min(1.0, height * facing * 1.1)


class Weather:
    """Cloud cover, mains voltage and frequency."""

    def __init__(self, random: Random) -> None:
        """Start at average conditions."""
        self._cloud = RandomWalk(random, 0.82, 0.16, 900)
        self._volts = RandomWalk(random, 241.5, 1.6, 400)
        self._hertz = RandomWalk(random, 50.0, 0.03, 60)

    def step(self, seconds: float) -> None:
        """Advance the time, in seconds."""
        self._cloud.step(seconds)
        self._volts.step(seconds)
        self._hertz.step(seconds)

    def strings(self, now: datetime, peaks: tuple[int, ...]) -> list[float]:
        """Return the power of each PV string in W."""
        clear = self._cloud.within(0.15, 1.0)
        offset_hours = [0.0] if len(peaks) == 1 else [1.4, -1.4, 0.0, 0.7]
        return [
            peak * sunshine(now, turn) * clear
            for peak, turn in zip(peaks, offset_hours, strict=False)
        ]

    @property
    def volts(self) -> float:
        """The mains voltage in V."""
        return self._volts.within(228.0, 252.0)

    @property
    def hertz(self) -> float:
        """The mains frequency in Hz."""
        return self._hertz.within(49.8, 50.2)


class Household:
    """Household load: a daily profile and appliances at random."""

    APPLIANCES = ((2400, 180, 1.2), (1900, 2400, 0.15), (2000, 3600, 0.08))
    """Power in W, duration in seconds, uses per hour in daytime."""

    def __init__(self, random: Random, mean: float) -> None:
        """Initialize from the mean load in W, without appliances."""
        self._random = random
        self._mean = mean
        self._noise = RandomWalk(random, 1.0, 0.12, 240)
        self._on: list[list[float]] = []

    def step(self, seconds: float, now: datetime) -> float:
        """Advance by some seconds and return the load in W."""
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
