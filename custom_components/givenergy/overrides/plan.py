"""The registers an override writes, for each family of devices.

Writes are planned in the order they are safe to send: limits and targets first,
then the slot, then the flag, and the mode last. Restoring goes the other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import override

from ..givenergy_modbus.model import TimeSlot
from ..givenergy_modbus.model.commands.slot_map import SlottedDevice
from ..givenergy_modbus.model.devices.ems import Ems
from ..givenergy_modbus.model.enums import BatteryPowerMode
from ..givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from ..givenergy_modbus.model.register import Register, RegisterField
from ..givenergy_modbus.write_report import RegisterWrite
from ..power_limits import FULL_RATE, PowerScale
from ..time_of_day import contains, overlap
from .draft import Draft
from .request import Direction, OverrideKind, OverrideNote, OverrideRefused, OverrideRequest

LOWEST_FLOOR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The inverter or EMS an override is planned for, without what another has changed."""

    device: SlottedDevice
    words: Mapping[Register, int]
    """All of its registers."""
    writable: Mapping[int, RegisterField]
    slot: TimeSlot
    """From now until the end, on its own clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridePlan:
    """What an override writes."""

    writes: tuple[RegisterWrite, ...]
    before: Mapping[int, int]
    target: int | None
    """State of charge at which it ends, in %."""
    slot: tuple[int, int] | None
    """Registers of the slot that ends it in the inverter."""
    slot_number: int | None
    notes: tuple[OverrideNote, ...]


def plan_override(request: OverrideRequest, situation: Situation) -> OverridePlan:
    """Return what to write for an override.

    Raises OverrideRefused for what the device, or its state of charge, does not allow,
    and InvalidSetting for a value out of range.
    """
    draft = Draft(situation.device, situation.words, situation.writable)
    target = _family(situation.device)(draft, situation.slot).plan(request)
    return OverridePlan(
        writes=draft.writes,
        before=draft.before,
        target=target,
        slot=draft.slot,
        slot_number=draft.slot_number,
        notes=tuple(draft.notes),
    )


def _family(device: SlottedDevice) -> type[_SinglePhase]:
    if isinstance(device, Ems):
        return _Ems
    return _ThreePhase if isinstance(device, ThreePhaseInverter) else _SinglePhase


_MANAGED_SOC = tuple(f"inverter_{number}_soc" for number in range(1, 5))


def charge_registers(device_class: type[SlottedDevice]) -> tuple[Register, ...]:
    """Return the registers that hold the state of charge of a class of devices."""
    names = _MANAGED_SOC if issubclass(device_class, Ems) else ("battery_soc",)
    fields = device_class.all_fields
    return tuple(register for name in names for register in fields[name].registers)


def states_of_charge(device: SlottedDevice) -> list[int]:
    """Return the state of charge of every battery there is, in %; empty if unknown."""
    names = ["battery_soc"]
    if isinstance(device, Ems):
        names = [
            name for name in _MANAGED_SOC if getattr(device, name.replace("_soc", "_serial_number"))
        ]
    return [soc for name in names if (soc := getattr(device, name)) is not None]


def is_reached(kind: OverrideKind, target: int | None, device: SlottedDevice) -> bool:
    """Return whether the state of charge ends an override."""
    charges = states_of_charge(device)
    if target is None or not charges or kind is OverrideKind.HOLD:
        return False
    return min(charges) >= target if kind is OverrideKind.CHARGE else max(charges) <= target


class _SinglePhase:
    """Overrides of a single-phase inverter; base class of the other families."""

    def __init__(self, draft: Draft, slot: TimeSlot) -> None:
        self._draft = draft
        self._slot = slot

    def plan(self, request: OverrideRequest) -> int | None:
        """Gather the writes, and return the state of charge at which the override ends."""
        if request.kind is OverrideKind.HOLD:
            self._hold(request.direction)
            return None
        target = self._target(request)
        if not states_of_charge(self._draft.device):
            raise OverrideRefused("override_soc_unknown")
        if is_reached(request.kind, target, self._draft.device):
            soc = states_of_charge(self._draft.device)
            if request.kind is OverrideKind.CHARGE:
                raise OverrideRefused(
                    "override_target_reached", soc=str(min(soc)), target=str(target)
                )
            raise OverrideRefused("override_floor_reached", soc=str(max(soc)), target=str(target))
        if request.kind is OverrideKind.CHARGE:
            self._charge(target, request.power)
        else:
            self._export(target, request.power)
        return target

    def _target(self, request: OverrideRequest) -> int:
        if request.target is not None:
            return request.target
        return 100 if request.kind is OverrideKind.CHARGE else self._reserve

    @property
    def _reserve(self) -> int:
        reserve = self._draft.get("battery_soc_reserve")
        return LOWEST_FLOOR if reserve is None else int(reserve)

    def _charge(self, target: int, power: int | None) -> None:
        self._limit("charge", power)
        self._end_pause(Direction.CHARGE)
        self._charge_target(target)
        self._draft.take_slot("charge", self._slot)
        self._draft.set(enable_charge=True)

    def _charge_target(self, target: int) -> None:
        draft = self._draft
        own = f"charge_target_soc_{draft.next_slot('charge')}"
        limited = draft.get("enable_charge_target")
        if not draft.can_set(own):
            if target < 100:
                draft.set(charge_target_soc=target, enable_charge_target=True)
            elif limited:
                draft.set(enable_charge_target=False)
            return
        if limited and (draft.get("charge_target_soc") or 0) < target:
            draft.set(charge_target_soc=target)
        for number, slot in draft.slots("charge").items():
            theirs = f"charge_target_soc_{number}"
            if overlap(slot, self._slot) and (draft.get(theirs) or target) < target:
                draft.set(**{theirs: target})
        draft.set(**{own: target})

    def _export(self, floor: int, power: int | None) -> None:
        draft = self._draft
        self._refuse_while_charging()
        self._limit("discharge", power)
        self._end_pause(Direction.DISCHARGE)
        own = f"discharge_target_soc_{draft.next_slot('discharge')}"
        has_own = draft.can_set(own)
        if has_own:
            draft.set(**{own: floor})
        if floor < self._reserve or not has_own:
            draft.set(battery_soc_reserve=floor)
        self._clear_other_slots(draft.next_slot("discharge"))
        draft.take_slot("discharge", self._slot)
        self._force_export()

    def _clear_other_slots(self, ours: int) -> None:
        """Clear the discharge slots that the mode change would turn into exports."""
        if not self._exports_already:
            for number in self._draft.slots("discharge"):
                if number != ours:
                    self._draft.clear_slot("discharge", number)

    @property
    def _exports_already(self) -> bool:
        mode = self._draft.get("battery_power_mode")
        return mode is BatteryPowerMode.EXPORT and bool(self._draft.get("enable_discharge"))

    def _force_export(self) -> None:
        self._draft.set(enable_discharge=True)
        self._draft.set(battery_power_mode=BatteryPowerMode.EXPORT)

    @property
    def _charges(self) -> bool:
        return bool(self._draft.get("enable_charge"))

    def _refuse_while_charging(self) -> None:
        """Refuse an export in a charge slot, which goes first; a later one is noted."""
        if not self._charges:
            return
        slots = self._draft.slots("charge").values()
        for slot in slots:
            if contains(slot, self._slot.start):
                raise OverrideRefused("override_charging", end=slot.end.isoformat("minutes"))
        if any(overlap(slot, self._slot) for slot in slots):
            self._draft.notes.append(OverrideNote.CHARGE_SLOT_FIRST)

    def _hold(self, direction: Direction) -> None:
        draft = self._draft
        if draft.can_set("battery_pause_mode") and draft.can_set("battery_pause_slot_1"):
            mode = direction.pause_mode
            if overlap(draft.get("battery_pause_slot_1"), self._slot):
                mode |= draft.get("battery_pause_mode") or 0
            draft.take_pause_slot(self._slot)
            draft.set(battery_pause_mode=mode)
            return
        if direction is not Direction.CHARGE:
            draft.set(battery_discharge_limit=0)
        if direction is not Direction.DISCHARGE:
            draft.set(battery_charge_limit=0)
        draft.notes += [OverrideNote.LEAK, OverrideNote.ENDED_BY_HOME_ASSISTANT]

    def _limit(self, direction: str, power: int | None) -> None:
        """Limit the power, in W; without one only lift a limit of 0."""
        draft, c_rate = self._draft, f"battery_{direction}_limit"
        in_percent = f"{c_rate}_ac"
        if power is not None:
            if draft.can_set(in_percent):
                draft.set(**{in_percent: self._share(power)})
            else:
                draft.set(**{c_rate: self._c_rate(power)})
                return
        if draft.can_set(c_rate) and draft.get(c_rate) == 0:
            draft.set(**{c_rate: FULL_RATE})

    def _share(self, power: int) -> int:
        """Return a power in percent of the inverter's rating."""
        rated = self._draft.get("inverter_max_power")
        if not rated:
            raise OverrideRefused("override_power_not_supported")
        return min(max(round(100 * power / float(rated)), 1), 100)

    def _c_rate(self, power: int) -> int:
        """Return a power in hundredths of the battery's capacity per hour."""
        scale = PowerScale.of(
            self._draft.get("battery_capacity_kwh"),
            self._draft.get("battery_max_power"),
            self._draft.get("inverter_max_power"),
        )
        if scale is None:
            raise OverrideRefused("override_power_not_supported")
        return max(scale.c_rate(power), 1)

    def _end_pause(self, direction: Direction) -> None:
        """Take a direction out of the battery's pause mode."""
        mode = self._draft.get("battery_pause_mode") or 0
        if self._draft.can_set("battery_pause_mode") and mode & direction.pause_mode:
            self._draft.set(battery_pause_mode=mode & ~direction.pause_mode)


class _ThreePhase(_SinglePhase):
    """Overrides of a three-phase inverter: its force flags, with a slot."""

    @override
    def _charge(self, target: int, power: int | None) -> None:
        super()._charge(target, power)
        self._draft.set(force_charge_enable=True)

    @override
    def _charge_target(self, target: int) -> None:
        draft = self._draft
        own = f"charge_target_soc_{draft.next_slot('charge')}"
        if draft.next_slot("charge") in type(draft.device).slots_with_target:
            draft.set(**{own: target})
            if (draft.get("charge_target_soc") or 0) < target:
                draft.set(charge_target_soc=target)
            return
        draft.set(charge_target_soc=target)
        if target < 100:
            draft.set(enable_charge_target=True)

    @property
    @override
    def _charges(self) -> bool:
        return bool(self._draft.get("ac_charge_enable") or self._draft.get("force_charge_enable"))

    @property
    @override
    def _exports_already(self) -> bool:
        return bool(self._draft.get("force_discharge_enable"))

    @override
    def _force_export(self) -> None:
        self._draft.set(force_discharge_enable=True)

    @override
    def _hold(self, direction: Direction) -> None:
        """Keep the charge with the reserve: HR111 and HR112 mean nothing here."""
        if direction is not Direction.DISCHARGE:
            raise OverrideRefused("override_direction_not_supported")
        soc = states_of_charge(self._draft.device)
        if not soc:
            raise OverrideRefused("override_soc_unknown")
        level = max(soc[0], LOWEST_FLOOR)
        for name in ("battery_soc_reserve", "battery_reserve_soc"):
            if (self._draft.get(name) or 0) < level:
                self._draft.set(**{name: level})
        self._draft.notes.append(OverrideNote.ENDED_BY_HOME_ASSISTANT)

    @override
    def _limit(self, direction: str, power: int | None) -> None:
        if power is None:
            return
        in_percent, rated = f"battery_{direction}_limit_ac", self._draft.get("inverter_max_power")
        if self._draft.can_set(in_percent):
            self._draft.set(**{in_percent: self._share(power)})
        elif not rated or power < rated:
            raise OverrideRefused("override_power_not_supported")


class _Ems(_SinglePhase):
    """Overrides of an EMS: one of its slots, with the slot's target."""

    @override
    def plan(self, request: OverrideRequest) -> int | None:
        if not self._draft.get("plant_enabled"):
            raise OverrideRefused("override_ems_off")
        if request.power is not None:
            raise OverrideRefused("override_power_not_supported")
        return super().plan(request)

    @property
    @override
    def _charges(self) -> bool:
        return True

    @override
    def _charge(self, target: int, power: int | None) -> None:
        self._take("charge", target)

    @override
    def _export(self, floor: int, power: int | None) -> None:
        self._refuse_while_charging()
        self._take("export", floor)

    @override
    def _hold(self, direction: Direction) -> None:
        """Keep the charge with a charge slot that aims at the present state of charge."""
        if direction is not Direction.DISCHARGE:
            raise OverrideRefused("override_direction_not_supported")
        soc = states_of_charge(self._draft.device)
        if not soc:
            raise OverrideRefused("override_soc_unknown")
        self._take("charge", min(soc))

    def _take(self, kind: str, target: int) -> None:
        self._draft.set(**{f"{kind}_target_{self._draft.next_slot(kind)}": target})
        self._draft.take_slot(kind, self._slot)
