"""The energy flow between sun, house, battery and grid, and its counters.

Powers are whole watts and add up exactly; counters have 0.1 kWh steps, and those
that are sums of others are made by adding them, so they add up exactly too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from random import Random

from .inverter_clock import InverterClock
from .weather import Household, RandomWalk, Weather

LONGEST_STEP = 60.0
WARM_UP_STEP = 300.0
INVERTER = 0.965
"""Efficiency of an inverter."""
BATTERY = 0.975
LEAST_POWER = 30
"""Lowest battery power in W."""
TICK = 100.0
"""Step of an energy counter in Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A plant's ratings, and its state when the simulation begins."""

    rated_w: int
    battery_kwh: float
    battery_w: int
    solar_w: tuple[int, ...] = ()
    """Peak power of each PV string in W."""
    load_w: int = 420
    """Mean load over a day in W, without large appliances."""
    soc: float = 64.0
    export_limit_w: int | None = None
    solar_on_ac: bool = False
    """The panels have an inverter of their own (AC-coupled)."""
    counted: Mapping[str, float] = field(default_factory=dict)
    """Lifetime kWh from before the simulation, by counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setpoints:
    """Battery setpoints at one time of day."""

    floor: float = 4.0
    """State of charge at which discharging ends, in %."""
    charge_w: float = inf
    discharge_w: float = inf
    charge_to: float | None = None
    """Charge at the limit, from the grid if necessary, up to this state of charge in %."""
    force_discharge: bool = False
    """Discharge at the limit, exporting if necessary."""
    may_charge: bool = True
    may_discharge: bool = True
    output_w: float = inf
    """Limit of the inverter's AC output in W."""
    backup: bool = True
    """The backup output carries part of the house."""


type Controls = Callable[[datetime], Setpoints]
"""Returns the setpoints at a time of the inverter's clock."""


class EnergyCounter:
    """Daily and lifetime energy counters with 0.1 kWh steps."""

    __slots__ = ("_wh", "today", "total")

    def __init__(self, counted: float = 0.0) -> None:
        """Start at a lifetime counter in kWh."""
        self.today = 0
        self.total = round(counted * 10)
        self._wh = 0.0

    def add(self, watts: float, seconds: float) -> None:
        """Count a power in W over a duration in seconds."""
        self._wh += watts * seconds / 3600
        ticks = int(self._wh // TICK)
        self._wh -= ticks * TICK
        self.today += ticks
        self.total += ticks


COUNTED = (
    "pv1", "pv2", "load", "import", "export", "charge", "discharge", "ac_in", "ac_out",
)  # fmt: skip
"""The base counters; all others are sums of these."""


class World:
    """The energy flow of one plant."""

    def __init__(self, site: Site, clock: InverterClock, seed: int = 0) -> None:
        """Initialize at the clock's time; ``begin`` simulates the day so far."""
        self.site = site
        self.clock = clock
        self.random = Random(seed)
        self.weather = Weather(self.random)
        self.household = Household(self.random, site.load_w)
        self._temperature = RandomWalk(self.random, 21.0, 1.0, 7200)
        self._error = RandomWalk(self.random, 0.0, 16.0, 20)
        self.counters = {name: EnergyCounter(site.counted.get(name, 0.0)) for name in COUNTED}
        self.stored_wh = site.soc / 100 * self.capacity_wh
        self.strings = [0] * len(site.solar_w)
        self.load = self.battery = self.ac = self.grid = self.backup = 0
        self.heatsink = 30.0
        self.hours = 0.0
        self.moved_wh = 0.0
        """Battery throughput since the simulation began, in Wh."""
        self._day = clock.shown.date()

    @property
    def capacity_wh(self) -> float:
        """Battery capacity in Wh."""
        return self.site.battery_kwh * 1000

    @property
    def soc(self) -> float:
        """State of charge in percent."""
        return 100 * self.stored_wh / self.capacity_wh

    @property
    def c_rate(self) -> float:
        """Battery power relative to capacity, positive when discharging."""
        return self.battery / self.capacity_wh

    @property
    def solar(self) -> int:
        """PV power of all strings in W."""
        return sum(self.strings)

    @property
    def temperature(self) -> float:
        """Ambient temperature of the battery in °C."""
        return self._temperature.within(12.0, 30.0)

    def today(self, *names: str) -> float:
        """Return the sum of counters since the inverter's midnight, in kWh."""
        return sum(self.counters[name].today for name in names) / 10

    def total(self, *names: str) -> float:
        """Return the sum of lifetime counters in kWh."""
        return sum(self.counters[name].total for name in names) / 10

    def begin(self, controls: Controls) -> None:
        """Simulate the day so far, to fill its counters."""
        end = self.clock.now
        start = end.replace(hour=0, minute=0, second=0, microsecond=0)
        before = InverterClock(start)
        mine, self.clock, self._day = self.clock, before, start.date()
        while before.now < end:
            seconds = min(WARM_UP_STEP, (end - before.now) / timedelta(seconds=1))
            before.advance(seconds)
            self._flow(seconds, controls(before.shown))
        self.clock = mine
        self._day = mine.shown.date()
        self.stored_wh = self.site.soc / 100 * self.capacity_wh
        self.hours = self.moved_wh = 0.0
        self._flow(1.0, controls(mine.shown))

    def step(self, seconds: float, controls: Controls) -> None:
        """Advance the simulation and the clock, in seconds."""
        while seconds > 0:
            part = min(seconds, LONGEST_STEP)
            seconds -= part
            self.clock.advance(part)
            if self.clock.shown.date() != self._day:
                self._day = self.clock.shown.date()
                for counter in self.counters.values():
                    counter.today = 0
            self._flow(part, controls(self.clock.shown))

    def _flow(self, seconds: float, setpoints: Setpoints) -> None:
        site, now = self.site, self.clock.now
        self.weather.step(seconds)
        self._temperature.step(seconds)
        strings = self.weather.strings(now, site.solar_w)
        load = self.household.step(seconds, now)
        solar = sum(strings)
        wanted = self._wanted(setpoints, solar, load, seconds)
        battery = self._possible(wanted, setpoints, solar, seconds)
        if site.solar_on_ac:
            ac = _through(battery)
        else:
            ac = _through(solar + battery)
            limit = min(setpoints.output_w, site.rated_w)
            if site.export_limit_w is not None:
                limit = min(limit, load + site.export_limit_w)
            if ac > limit:
                battery, strings = _throttled((ac - limit) / INVERTER, battery, strings)
                ac = _through(sum(strings) + battery)
        self.strings = [round(watts) for watts in strings]
        self.load, self.battery, self.ac = round(load), round(battery), round(ac)
        self.backup = round(load * 0.35) if setpoints.backup else 0
        self.grid = self.ac - self.load + (self.solar if site.solar_on_ac else 0)
        self._count(seconds)

    def _wanted(self, setpoints: Setpoints, solar: float, load: float, seconds: float) -> float:
        """Return the requested battery power in W, negative for charging."""
        if setpoints.charge_to is not None and self.soc < setpoints.charge_to:
            return -inf
        if setpoints.charge_to is None and setpoints.force_discharge:
            return inf
        # What would leave the grid alone, were a control loop ever that good.
        if self.site.solar_on_ac:
            missing = load - solar
            wanted = missing / INVERTER if missing > 0 else missing * INVERTER
        else:
            wanted = load / INVERTER - solar
        wanted += self._error.step(seconds)
        return wanted if setpoints.charge_to is None else min(wanted, 0.0)

    def _possible(self, wanted: float, setpoints: Setpoints, solar: float, seconds: float) -> float:
        """Return the battery power in W within its limits."""
        hours = seconds / 3600
        if wanted < 0 and setpoints.may_charge:
            # Full or nearly so, a battery takes less and less.
            taper = min(1.0, max(0.04, (100 - self.soc) / 5))
            room = (self.capacity_wh - self.stored_wh) / BATTERY / hours
            limit = min(setpoints.charge_w, self.site.battery_w) * taper
            watts = max(wanted, -limit, -room)
        elif wanted > 0 and setpoints.may_discharge:
            floor = setpoints.floor / 100 * self.capacity_wh
            spare = max(self.stored_wh - floor, 0.0) * BATTERY / hours
            outlet = min(setpoints.output_w, self.site.rated_w) / INVERTER
            outlet -= 0 if self.site.solar_on_ac else solar
            limit = min(setpoints.discharge_w, self.site.battery_w)
            watts = min(wanted, limit, spare, max(outlet, 0.0))
        else:
            return 0.0
        return watts if abs(watts) >= LEAST_POWER else 0.0

    def _count(self, seconds: float) -> None:
        """Update counters, stored energy and temperatures."""
        flowed = {
            "load": self.load,
            "import": max(-self.grid, 0),
            "export": max(self.grid, 0),
            "charge": max(-self.battery, 0),
            "discharge": max(self.battery, 0),
            "ac_in": max(-self.ac, 0),
            "ac_out": max(self.ac, 0),
            **{f"pv{number}": watts for number, watts in enumerate(self.strings, 1)},
        }
        for name, watts in flowed.items():
            self.counters[name].add(watts, seconds)
        gone = self.battery / BATTERY if self.battery > 0 else self.battery * BATTERY
        stored = self.stored_wh - gone * seconds / 3600
        self.stored_wh = min(max(stored, 0.0), self.capacity_wh)
        warm = 27.0 + 24.0 * min(abs(self.ac) / self.site.rated_w, 1.0)
        self.heatsink += (warm - self.heatsink) * min(1.0, seconds / 900)
        self.hours += seconds / 3600
        self.moved_wh += abs(self.battery) * seconds / 3600


def _through(watts: float) -> float:
    """Return the output power of an inverter for an input power, in W."""
    return watts * INVERTER if watts >= 0 else watts / INVERTER


def _throttled(excess: float, battery: float, strings: list[float]) -> tuple[float, list[float]]:
    """Return battery and string powers, reduced by an excess, strings first."""
    solar = sum(strings)
    cut = min(excess, solar)
    share = 1 - cut / solar if solar else 0.0
    return battery - (excess - cut), [watts * share for watts in strings]
