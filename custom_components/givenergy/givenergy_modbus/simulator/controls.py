"""Battery setpoints from a plant's settings, as its firmware interprets them."""

from datetime import datetime, time
from math import inf
from typing import Any, override

from ..model import TimeSlot
from ..model.enums import BatteryPauseMode, BatteryPowerMode
from ..model.models import Trait
from .device_registers import DeviceRegisters
from .physics import Setpoints, Site

_SLOTS = range(1, 11)


def within(slot: TimeSlot | None, at: time) -> bool:
    """Return whether a time of day is inside a slot; a slot that is not set contains none."""
    return slot is not None and at in slot


def controls_for(traits: Trait, registers: DeviceRegisters, site: Site) -> _Settings:
    """Return the settings reader for a model with these traits."""
    if Trait.EMS in traits:
        return _EmsSettings(registers, site)
    return (_ThreePhaseSettings if Trait.THREE_PHASE in traits else _Settings)(registers, site)


class _Settings:
    """Settings of a single-phase inverter; base class of the others."""

    def __init__(self, registers: DeviceRegisters, site: Site) -> None:
        self._registers = registers
        self._site = site

    def __call__(self, now: datetime) -> Setpoints:
        """Return the setpoints at a time of the inverter's clock."""
        at = now.time()
        charge_slot = self._active("charge_slot", at) if self._charges else None
        discharge_slot = self._active("discharge_slot", at) if self._discharges else None
        eco = self._get("battery_power_mode") == BatteryPowerMode.SELF_CONSUMPTION
        may_charge, may_discharge = self._pauses(at)
        timed = self._discharges or not eco
        return Setpoints(
            floor=self._floor(discharge_slot),
            charge_w=self._limit("charge"),
            discharge_w=self._limit("discharge"),
            charge_to=None if charge_slot is None else self._charge_to(charge_slot),
            force_discharge=discharge_slot is not None
            and charge_slot is None
            and (self._forced or not eco),
            may_charge=may_charge,
            # Timed discharge keeps the charge for its windows.
            may_discharge=may_discharge and (discharge_slot is not None or not timed),
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
        """Return the number of the slot that contains a time of day, None if none does."""
        return next((n for n in _SLOTS if within(self._get(f"{slots}_{n}"), at)), None)

    def _charge_to(self, slot: int) -> float:
        target = 100.0
        if self._get("enable_charge_target"):
            target = self._get("charge_target_soc", target)
        return min(target, self._get(f"charge_target_soc_{slot}") or 100)

    def _floor(self, discharge_slot: int | None) -> float:
        floor = max(
            self._get("battery_soc_reserve", 4),
            self._get("battery_discharge_min_power_reserve", 4),
        )
        if discharge_slot is not None:
            floor = max(floor, self._get(f"discharge_target_soc_{discharge_slot}", 0))
        return float(floor)

    def _limit(self, direction: str) -> float:
        """Return the charge or discharge limit in W."""
        c_rate = self._get(f"battery_{direction}_limit")
        watts = inf if c_rate is None else c_rate / 100 * self._site.battery_kwh * 1000
        percent = self._get(f"battery_{direction}_limit_ac") or 100
        return min(watts, percent / 100 * self._site.rated_w)

    def _pauses(self, at: time) -> tuple[bool, bool]:
        """Return whether charging and discharging are allowed; a pause needs a slot."""
        mode = self._get("battery_pause_mode", BatteryPauseMode.DISABLED)
        if not within(self._get("battery_pause_slot_1"), at):
            mode = BatteryPauseMode.DISABLED
        return (
            mode not in (BatteryPauseMode.PAUSE_CHARGE, BatteryPauseMode.PAUSE_BOTH),
            mode not in (BatteryPauseMode.PAUSE_DISCHARGE, BatteryPauseMode.PAUSE_BOTH),
        )


class _ThreePhaseSettings(_Settings):
    """Settings of a three-phase inverter."""

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
    """The schedule of an EMS, which its inverters follow while it is enabled."""

    @override
    def __call__(self, now: datetime) -> Setpoints:
        """Return the setpoints at a time of the EMS's clock."""
        if not self._get("plant_status"):
            return Setpoints()
        at = now.time()
        if (slot := self._active("charge_slot", at)) is not None:
            return Setpoints(charge_to=float(self._get(f"charge_target_{slot}", 100)))
        if (slot := self._active("export_slot", at)) is not None:
            limit = float(self._get("export_power_limit") or inf)
            floor = float(self._get(f"export_target_{slot}", 4))
            return Setpoints(force_discharge=True, discharge_w=limit, floor=floor)
        if (slot := self._active("discharge_slot", at)) is not None:
            return Setpoints(floor=float(self._get(f"discharge_target_{slot}", 4)))
        scheduled = any(
            slot is not None and not slot.is_empty
            for n in _SLOTS
            for slot in (self._get(f"discharge_slot_{n}"),)
        )
        return Setpoints(may_discharge=not scheduled)
