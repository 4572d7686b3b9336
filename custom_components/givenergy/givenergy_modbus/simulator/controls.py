"""What a plant's settings ask of its battery, read the way its firmware reads them."""

from datetime import datetime, time
from math import inf
from typing import Any, override

from ..model import TimeSlot
from ..model.enums import BatteryPauseMode, BatteryPowerMode
from ..model.models import Trait
from .device_registers import DeviceRegisters
from .physics import Setpoints, Site

_SLOTS = range(1, 11)


def _has_length(slot: TimeSlot | None) -> bool:
    return slot is not None and slot.start != slot.end


def within(slot: TimeSlot | None, at: time) -> bool:
    """Whether a time of day lies in a window; none does in one without length."""
    if slot is None or not _has_length(slot):
        return False
    if slot.start < slot.end:
        return slot.start <= at < slot.end
    return at >= slot.start or at < slot.end


def controls_for(traits: Trait, registers: DeviceRegisters, site: Site) -> _Settings:
    """Return what reads the settings of a product with these traits."""
    if Trait.EMS in traits:
        return _EmsSettings(registers, site)
    return (_ThreePhaseSettings if Trait.THREE_PHASE in traits else _Settings)(registers, site)


class _Settings:
    """The settings of a single-phase inverter, and what the others have in common."""

    def __init__(self, registers: DeviceRegisters, site: Site) -> None:
        self._registers = registers
        self._site = site

    def __call__(self, now: datetime) -> Setpoints:
        """Return the orders for one moment of the inverter's clock."""
        at = now.time()
        filling = self._active("charge_slot", at) if self._charges else None
        pouring = self._active("discharge_slot", at) if self._discharges else None
        eco = self._get("battery_power_mode") == BatteryPowerMode.SELF_CONSUMPTION
        may_charge, may_discharge = self._pauses(at)
        timed = self._discharges or not eco
        return Setpoints(
            floor=self._floor(pouring),
            charge_w=self._limit("charge"),
            discharge_w=self._limit("discharge"),
            fill_to=None if filling is None else self._fill_to(filling),
            pour=pouring is not None and filling is None and (self._forced or not eco),
            may_charge=may_charge,
            # Timed discharge keeps the charge for its windows.
            may_discharge=may_discharge and (pouring is not None or not timed),
            output_w=self._site.rated_w * self._get("active_power_rate", 100) / 100,
            backup=bool(self._get("enable_eps", default=True)),
        )

    def _get(self, name: str, default: Any = None) -> Any:
        return self._registers.get(name, default)

    @property
    def _charges(self) -> bool:
        return bool(self._get("enable_charge"))

    @property
    def _discharges(self) -> bool:
        return bool(self._get("enable_discharge"))

    @property
    def _forced(self) -> bool:
        return False

    def _active(self, slots: str, at: time) -> int | None:
        """Return the number of the window a time of day lies in, None if in none."""
        return next((n for n in _SLOTS if within(self._get(f"{slots}_{n}"), at)), None)

    def _fill_to(self, slot: int) -> float:
        target = 100.0
        if self._get("enable_charge_target"):
            target = self._get("charge_target_soc", target)
        return min(target, self._get(f"charge_target_soc_{slot}") or 100)

    def _floor(self, pouring: int | None) -> float:
        floor = max(
            self._get("battery_soc_reserve", 4),
            self._get("battery_discharge_min_power_reserve", 4),
        )
        if pouring is not None:
            floor = max(floor, self._get(f"discharge_target_soc_{pouring}", 0))
        return float(floor)

    def _limit(self, direction: str) -> float:
        """Return how many watts the battery may take or give."""
        c_rate = self._get(f"battery_{direction}_limit")
        watts = inf if c_rate is None else c_rate / 100 * self._site.battery_kwh * 1000
        percent = self._get(f"battery_{direction}_limit_ac") or 100
        return min(watts, percent / 100 * self._site.rated_w)

    def _pauses(self, at: time) -> tuple[bool, bool]:
        """Return whether charging and discharging are allowed; a pause needs its window."""
        mode = self._get("battery_pause_mode", BatteryPauseMode.DISABLED)
        if not within(self._get("battery_pause_slot_1"), at):
            mode = BatteryPauseMode.DISABLED
        return (
            mode not in (BatteryPauseMode.PAUSE_CHARGE, BatteryPauseMode.PAUSE_BOTH),
            mode not in (BatteryPauseMode.PAUSE_DISCHARGE, BatteryPauseMode.PAUSE_BOTH),
        )


class _ThreePhaseSettings(_Settings):
    """The settings of a three-phase inverter."""

    @property
    @override
    def _charges(self) -> bool:
        return bool(self._get("ac_charge_enable") or self._get("force_charge_enable"))

    @property
    @override
    def _forced(self) -> bool:
        return bool(self._get("force_discharge_enable"))

    @property
    @override
    def _discharges(self) -> bool:
        return bool(self._get("enable_discharge") or self._forced)

    @override
    def _limit(self, direction: str) -> float:
        # HR(111) and HR(112) are there, and mean nothing.
        percent: float = self._get(f"battery_{direction}_limit_ac") or 100
        return percent / 100 * self._site.rated_w


class _EmsSettings(_Settings):
    """The schedule of a plant controller, which its inverters follow while it is enabled."""

    @override
    def __call__(self, now: datetime) -> Setpoints:
        """Return the orders for one moment of the controller's clock."""
        if not self._get("plant_status"):
            return Setpoints()
        at = now.time()
        if (slot := self._active("charge_slot", at)) is not None:
            return Setpoints(fill_to=float(self._get(f"charge_target_{slot}", 100)))
        if (slot := self._active("export_slot", at)) is not None:
            limit = float(self._get("export_power_limit") or inf)
            floor = float(self._get(f"export_target_{slot}", 4))
            return Setpoints(pour=True, discharge_w=limit, floor=floor)
        if (slot := self._active("discharge_slot", at)) is not None:
            return Setpoints(floor=float(self._get(f"discharge_target_{slot}", 4)))
        scheduled = any(_has_length(self._get(f"discharge_slot_{n}")) for n in _SLOTS)
        return Setpoints(may_discharge=not scheduled)
