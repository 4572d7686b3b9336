"""Inverters: what all of them share, and the single-phase ones."""

from collections.abc import Mapping
from typing import Annotated, override

from pydantic import computed_field

from . import TimeSlot
from .codecs import (
    centi,
    centi_int16,
    deci,
    enum,
    factor,
    firmware,
    flag,
    int16,
    slot,
)
from .commands.slot_map import slot_map_of
from .devices.base_inverter import Inverter, traits_by_words
from .devices.single_phase_energies import SinglePhaseEnergies
from .enums import BatteryType, Status
from .models import Model, Trait
from .register import HR, IR, Register, Within, Writable
from .register_model import (
    Amperes,
    Hertz,
    Percent,
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


class SinglePhaseInverter(SinglePhaseEnergies):
    """A single-phase inverter."""

    slot_count = 2

    firmware_version: Annotated[str | None, HR(19), HR(21), firmware] = None
    """Firmware of both processors, as 'D0.<dsp>-A0.<arm>'."""
    charge_slot_2: Annotated[TimeSlot | None, HR(31), slot, Writable()] = None
    """Charge slot 2: when the battery charges from the grid each day."""
    discharge_slot_2: Annotated[TimeSlot | None, HR(44), slot, Writable()] = None
    """Discharge slot 2: when the battery discharges each day."""
    power_factor: Annotated[float | None, HR(52), factor, Within(-1, 1)] = None
    """Set point, 0 being unity, positive lagging and negative leading."""
    battery_type: Annotated[BatteryType | None, HR(54), enum(BatteryType)] = None
    """Type of the battery: lead-acid or lithium."""
    discharge_slot_1: Annotated[TimeSlot | None, HR(56), slot, Writable()] = None
    """Discharge slot 1: when the battery discharges each day."""
    charge_slot_1: Annotated[TimeSlot | None, HR(94), slot, Writable()] = None
    """Charge slot 1: when the battery charges from the grid each day."""
    grid_import_limit: Annotated[int | None, HR(101)] = None
    """Probably amperes."""
    grid_import_limit_enabled: Annotated[bool | None, HR(102), flag] = None
    """Whether grid import limit is on."""
    enable_lora: Annotated[bool | None, HR(103), flag] = None
    """Whether LoRa radio link is on."""
    enable_battery_self_heating: Annotated[bool | None, HR(104), flag] = None
    """Whether battery self-heating is on."""
    battery_soc_reserve: Annotated[Percent, HR(110), Writable(4, 100)] = None
    """What the battery is not discharged below."""
    charge_target_soc: Annotated[Percent, HR(116), Writable(4, 100)] = None
    """Where charging from the grid stops, while the target is enabled."""
    battery_charge_limit_ac: Annotated[Percent, HR(313), Writable(1, 100)] = None
    """In percent of what the inverter is rated for."""
    battery_discharge_limit_ac: Annotated[Percent, HR(314), Writable(1, 100)] = None
    """In percent of what the inverter is rated for."""
    status: Annotated[Status | None, IR(0), enum(Status)] = None
    """Operating state of the inverter."""
    v_pv1: Annotated[Volts, IR(1), deci, Within(0, 2000)] = None
    """Not measured where solar is metered on the AC side."""
    v_pv2: Annotated[Volts, IR(2), deci, Within(0, 2000)] = None
    """PV string 2 voltage, in V."""
    v_ac1: Annotated[Volts, IR(5), deci, Within(0, 300)] = None
    """Voltage between grid and inverter, in V."""
    i_pv1: Annotated[Amperes, IR(8), deci, Within(0, 500)] = None
    """PV string 1 current, in A."""
    i_pv2: Annotated[Amperes, IR(9), deci, Within(0, 500)] = None
    """PV string 2 current, in A."""
    i_ac1: Annotated[Amperes, IR(10), deci, Within(0, 500)] = None
    """AC output current, in A."""
    f_ac1: Annotated[Hertz, IR(13), centi, Within(40, 70)] = None
    """Frequency of the grid, in Hz."""
    p_pv1: Annotated[Watts, IR(18), Within(high=50_000)] = None
    """PV string 1 power, in W."""
    p_pv2: Annotated[Watts, IR(20), Within(high=50_000)] = None
    """PV string 2 power, in W."""
    p_grid_apparent: Annotated[VoltAmperes, IR(43), Within(high=50_000)] = None
    """At the terminal of the inverter."""
    system_mode: Annotated[int | None, IR(49)] = None
    """0 off the grid, 1 on it."""
    i_battery: Annotated[Amperes, IR(51), centi_int16, Within(-300, 300)] = None
    """Positive is discharging."""
    p_battery: Annotated[Watts, IR(52), int16] = None
    """Positive is discharging, negative charging."""
    battery_soc: Annotated[Percent, IR(59), Within(0, 100)] = None
    """Battery state of charge, in %."""

    @classmethod
    @override
    def from_register_cache(cls, cache: Mapping[Register, int]) -> SinglePhaseInverter:
        """Decode the inverter, as a :class:`TenSlotInverter` where model and firmware imply it."""
        if cls is SinglePhaseInverter and Trait.EXTENDED_SLOTS in traits_by_words(
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
