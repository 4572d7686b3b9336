"""Inverters: what all of them share, and the single-phase ones."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, override

from pydantic import computed_field

from . import TimeSlot
from .codecs import (
    centi,
    centi_int16,
    deci,
    deci_uint32,
    enum,
    factor,
    firmware,
    flag,
    int16,
    slot,
)
from .commands.device_commands import _InverterCommands
from .commands.slot_map import slot_map_of
from .devices.inverter_measurements import SharedMeasurements
from .devices.inverter_settings import (
    AcSettings,
    BatterySettings,
    GridProtection,
    GridSupport,
    SlotSettings,
    SpecialSettings,
    SystemSettings,
    UnpolledSettings,
)
from .enums import BatteryType, Status
from .models import Model, Trait, battery_power, rated_power, resolve_model, row_of, traits_of
from .register import HR, IR, Register, Within, Writable
from .register_model import (
    Amperes,
    DailyEnergy,
    Hertz,
    LifetimeEnergy,
    Percent,
    StoredEnergy,
    VoltAmperes,
    Volts,
    Watts,
)

__all__ = [
    "EXTENDED_SLOTS",
    "SINGLE_PHASE_SLOTS",
    "Inverter",
    "Model",
    "SinglePhaseInverter",
    "TenSlotInverter",
]


def _traits(code: str | None, firmware: int | None) -> Trait:
    if code is None or firmware is None:
        return Trait(0)
    return traits_of(resolve_model(code, firmware), firmware)


class Inverter(
    SharedMeasurements,
    UnpolledSettings,
    AcSettings,
    SlotSettings,
    SpecialSettings,
    GridSupport,
    BatterySettings,
    GridProtection,
    SystemSettings,
    _InverterCommands,
):
    """Base of single-phase and three-phase inverters."""

    only_with: ClassVar[Mapping[str, Trait]] = {}
    """Fields that only models with one of these traits have."""

    never_with: ClassVar[Mapping[str, Trait]] = {}
    """Fields that are meaningless on models with one of these traits."""

    @classmethod
    @lru_cache
    def absent(cls, traits: Trait) -> frozenset[str]:
        """Return the fields that are always None on a model with these traits."""
        return frozenset(
            [name for name, needed in cls.only_with.items() if not needed & traits]
            + [name for name, barring in cls.never_with.items() if barring & traits]
        )

    @classmethod
    @override
    def apply_overrides(cls, values: dict[str, Any]) -> None:
        """Clear the fields that this model does not have."""
        traits = _traits(values["device_type_code"], values["arm_firmware_version"])
        for name in cls.absent(traits) & values.keys():
            values[name] = None

    @property
    def device_type(self) -> Model | None:
        """The model; None if the type code is unknown or was not read."""
        code = self.device_type_code
        return None if code is None else resolve_model(code, self.arm_firmware_version)

    @property
    def traits(self) -> Trait:
        """What model and firmware imply; nothing while they are unread."""
        return _traits(self.device_type_code, self.arm_firmware_version)

    @computed_field
    @property
    def inverter_max_power(self) -> Watts:
        """AC rating."""
        code = self.device_type_code
        return None if code is None else rated_power(code, self.device_type)

    @computed_field
    @property
    def battery_max_power(self) -> Watts:
        """What the battery port is good for."""
        code = self.device_type_code
        if code is None or self.arm_firmware_version is None:
            return None
        return battery_power(code, self.device_type)

    @computed_field
    @property
    def battery_capacity_kwh(self) -> StoredEnergy:
        """Configured capacity at the nominal voltage of the family."""
        capacity = self.battery_capacity_ah
        return None if capacity is None else capacity * row_of(self.model).nominal_battery_v / 1000

    @computed_field
    @property
    def is_ac_coupled(self) -> bool:
        """Whether the inverter has no solar input of its own."""
        return Trait.AC_COUPLED in row_of(self.model).traits


_BATTERY_DAY = Trait.BATTERY_DAY_IN_IR36 | Trait.BATTERY_DAY_IN_IR182


class SinglePhaseInverter(Inverter):
    """A single-phase inverter."""

    slot_count = 2

    only_with: ClassVar = {
        "e_inverter_out_today": Trait.AC_METERED_PV,
        "e_inverter_out_total": Trait.AC_METERED_PV,
        "e_battery_charge_today": _BATTERY_DAY,
        "e_battery_discharge_today": _BATTERY_DAY,
        "e_battery_charge_total": Trait.BATTERY_TOTALS_IN_IR180,
        "e_battery_discharge_total": Trait.BATTERY_TOTALS_IN_IR180,
        "e_pv_direct_today": _BATTERY_DAY,
    }
    never_with: ClassVar = dict.fromkeys(
        (
            "e_pv_generation_today",
            "e_pv_generation_total",
            "v_pv1",
            "v_pv2",
            "i_pv1",
            "i_pv2",
            "e_consumption_today",
            "e_self_consumption_today",
            "e_self_consumption_total",
            "e_pv_direct_today",
        ),
        Trait.AC_METERED_PV,
    )

    firmware_version: Annotated[str | None, HR(19), HR(21), firmware] = None
    charge_slot_2: Annotated[TimeSlot | None, HR(31), slot, Writable()] = None
    discharge_slot_2: Annotated[TimeSlot | None, HR(44), slot, Writable()] = None
    power_factor: Annotated[float | None, HR(52), factor, Within(-1, 1)] = None
    """Set point, 0 being unity, positive lagging and negative leading."""
    battery_type: Annotated[BatteryType | None, HR(54), enum(BatteryType)] = None
    discharge_slot_1: Annotated[TimeSlot | None, HR(56), slot, Writable()] = None
    charge_slot_1: Annotated[TimeSlot | None, HR(94), slot, Writable()] = None
    grid_import_limit: Annotated[int | None, HR(101)] = None
    """Probably amperes."""
    grid_import_limit_enabled: Annotated[bool | None, HR(102), flag] = None
    enable_lora: Annotated[bool | None, HR(103), flag] = None
    enable_battery_self_heating: Annotated[bool | None, HR(104), flag] = None
    battery_soc_reserve: Annotated[Percent, HR(110), Writable(4, 100)] = None
    """What the battery is not discharged below."""
    charge_target_soc: Annotated[Percent, HR(116), Writable(4, 100)] = None
    """Where charging from the grid stops, while the target is enabled."""
    battery_charge_limit_ac: Annotated[Percent, HR(313), Writable(1, 100)] = None
    """In percent of what the inverter is rated for."""
    battery_discharge_limit_ac: Annotated[Percent, HR(314), Writable(1, 100)] = None
    """In percent of what the inverter is rated for."""
    status: Annotated[Status | None, IR(0), enum(Status)] = None
    v_pv1: Annotated[Volts, IR(1), deci, Within(0, 2000)] = None
    """Not measured where solar is metered on the AC side."""
    v_pv2: Annotated[Volts, IR(2), deci, Within(0, 2000)] = None
    v_ac1: Annotated[Volts, IR(5), deci, Within(0, 500)] = None
    e_battery_throughput: Annotated[LifetimeEnergy, IR(6), deci_uint32] = None
    """Charged and discharged together."""
    i_pv1: Annotated[Amperes, IR(8), deci, Within(0, 500)] = None
    i_pv2: Annotated[Amperes, IR(9), deci, Within(0, 500)] = None
    i_ac1: Annotated[Amperes, IR(10), deci, Within(0, 500)] = None
    e_pv_total: Annotated[LifetimeEnergy, IR(11), deci_uint32] = None
    f_ac1: Annotated[Hertz, IR(13), centi, Within(40, 70)] = None
    p_pv1: Annotated[Watts, IR(18), Within(high=50_000)] = None
    p_pv2: Annotated[Watts, IR(20), Within(high=50_000)] = None
    e_ac_charge_today: Annotated[DailyEnergy, IR(35), deci] = None
    """What went from the AC side into the battery."""
    p_grid_apparent: Annotated[VoltAmperes, IR(43), Within(high=50_000)] = None
    """At the terminal of the inverter."""
    e_inverter_out_today: Annotated[DailyEnergy, IR(44), deci] = None
    """What the inverter put out, where solar is metered on the AC side; otherwise None."""
    e_inverter_out_total: Annotated[LifetimeEnergy, IR(45), deci_uint32] = None
    """What the inverter put out, where solar is metered on the AC side; otherwise None."""
    system_mode: Annotated[int | None, IR(49)] = None
    """0 off the grid, 1 on it."""
    i_battery: Annotated[Amperes, IR(51), centi_int16, Within(-300, 300)] = None
    """Positive is discharging."""
    p_battery: Annotated[Watts, IR(52), int16] = None
    """Positive is discharging, negative charging."""
    battery_soc: Annotated[Percent, IR(59), Within(0, 100)] = None

    @classmethod
    @override
    def from_register_cache(cls, cache: Mapping[Register, int]) -> SinglePhaseInverter:
        """Decode the inverter, as a :class:`TenSlotInverter` where model and firmware imply it."""
        if cls is SinglePhaseInverter and Trait.EXTENDED_SLOTS in _traits(
            _TYPE_CODE.read(cache), _ARM_FIRMWARE.read(cache)
        ):
            return TenSlotInverter.from_register_cache(cache)
        return super().from_register_cache(cache)

    @computed_field
    @property
    def battery_charge_power(self) -> Watts:
        """Power into the battery."""
        return None if self.p_battery is None else max(0, -self.p_battery)

    @computed_field
    @property
    def battery_discharge_power(self) -> Watts:
        """Power out of the battery."""
        return None if self.p_battery is None else max(0, self.p_battery)

    @computed_field
    @property
    def grid_import_power(self) -> Watts:
        """Power from the grid."""
        return None if self.p_grid_out is None else max(0, -self.p_grid_out)

    @computed_field
    @property
    def grid_export_power(self) -> Watts:
        """Power into the grid."""
        return None if self.p_grid_out is None else max(0, self.p_grid_out)

    @computed_field
    @property
    def pv_power(self) -> Watts:
        """Power of both strings."""
        match self.p_pv1, self.p_pv2:
            case int(first), int(second):
                return first + second
        return None

    def p_pv(self) -> int | None:
        """Return the power of both strings, in watts."""
        return self.pv_power

    @computed_field
    @property
    def e_pv_today(self) -> DailyEnergy:
        """Energy of both strings."""
        match self.e_pv1_day, self.e_pv2_day:
            case float(first), float(second):
                return first + second
        return None

    def e_pv_day(self) -> float | None:
        """Return today's energy of both strings, in kilowatt-hours."""
        return self.e_pv_today

    @computed_field
    @property
    def e_battery_charge_today(self) -> DailyEnergy:
        """Energy into the battery; None where the firmware does not count it."""
        if Trait.BATTERY_DAY_IN_IR36 in self.traits:
            return self.e_battery_charge_today_alt1
        if Trait.BATTERY_DAY_IN_IR182 in self.traits:
            return self.e_battery_charge_today_alt2
        return None

    @computed_field
    @property
    def e_battery_discharge_today(self) -> DailyEnergy:
        """Energy out of the battery; None where the firmware does not count it."""
        if Trait.BATTERY_DAY_IN_IR36 in self.traits:
            return self.e_battery_discharge_today_alt1
        if Trait.BATTERY_DAY_IN_IR182 in self.traits:
            return self.e_battery_discharge_today_alt2
        return None

    @computed_field
    @property
    def e_battery_charge_total(self) -> LifetimeEnergy:
        """Energy into the battery; None where the firmware does not count it."""
        known = Trait.BATTERY_TOTALS_IN_IR180 in self.traits
        return self.e_battery_charge_total_alt1 if known else None

    @computed_field
    @property
    def e_battery_discharge_total(self) -> LifetimeEnergy:
        """Energy out of the battery; None where the firmware does not count it."""
        known = Trait.BATTERY_TOTALS_IN_IR180 in self.traits
        return self.e_battery_discharge_total_alt1 if known else None

    @computed_field
    @property
    def e_consumption_today(self) -> DailyEnergy:
        """What the house used, as the app counts it: a little high, by what conversion loses."""
        match (
            self.e_pv_generation_today,
            self.e_grid_in_day,
            self.e_grid_out_day,
            self.e_ac_charge_today,
        ):
            case float(solar), float(bought), float(sold), float(charged):
                return solar + bought - sold - charged
        return None

    @computed_field
    @property
    def e_self_consumption_today(self) -> DailyEnergy:
        """Solar that was not exported; it falls while a battery is exporting."""
        match self.e_pv_generation_today, self.e_grid_out_day:
            case float(solar), float(sold):
                return max(0.0, solar - sold)
        return None

    @computed_field
    @property
    def e_self_consumption_total(self) -> LifetimeEnergy:
        """Solar that was not exported; it falls while a battery is exporting."""
        match self.e_pv_generation_total, self.e_grid_out_total:
            case float(solar), float(sold):
                return max(0.0, solar - sold)
        return None

    @computed_field
    @property
    def e_pv_direct_today(self) -> DailyEnergy:
        """Solar that went straight to the house."""
        match (
            self.e_pv_generation_today,
            self.e_grid_out_day,
            self.e_battery_charge_today,
            self.e_ac_charge_today,
        ):
            case float(solar), float(sold), float(stored), float(bought):
                return round(max(0.0, solar - sold - max(0.0, stored - bought)), 1)
        return None


class TenSlotInverter(SinglePhaseInverter):
    """A single-phase inverter with ten slots of each kind, each with a target of its own."""

    slot_count = 10
    slots_with_target = range(1, 11)

    charge_slot_2: Annotated[TimeSlot | None, HR(243), slot, Writable()] = None
    """Second daily slot in which the battery charges from the grid."""


_TYPE_CODE = SinglePhaseInverter.register_fields["device_type_code"]
_ARM_FIRMWARE = SinglePhaseInverter.register_fields["arm_firmware_version"]

SINGLE_PHASE_SLOTS = slot_map_of(SinglePhaseInverter)
EXTENDED_SLOTS = slot_map_of(TenSlotInverter)
