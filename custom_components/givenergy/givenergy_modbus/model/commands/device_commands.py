"""The commands of each kind of device.

A command names settings; the class it is called on declares their registers and
allowed values. How many slots there are, and where, follows from the slot map.
"""

from typing import ClassVar
from warnings import deprecated

from ...errors import InvalidSetting
from .. import TimeSlot
from ..enums import BatteryPowerMode
from ..register_model import RegisterModel, Requests
from . import slot_commands
from .field_commands import (
    FieldCommand,
    SetClock,
    SetEnabled,
    SetPriority,
    SetRate,
    SetTargetSoc,
    SetValue,
    SetWatts,
)
from .slot_map import SlottedDevice
from .slot_writes import SlotTime, slot_name, write_end, write_slot, write_start


class _InverterCommands(SlottedDevice):
    """Commands every inverter takes."""

    # Charging

    @classmethod
    def set_charge_target_enabled(cls, target_soc: int) -> Requests:
        """Charge until the battery holds ``target_soc`` percent; 100 lifts the limit."""
        return cls.write(
            enable_charge=True,
            enable_charge_target=target_soc != 100,
            charge_target_soc=target_soc,
        )

    @classmethod
    @deprecated("set_charge_target is now called set_charge_target_enabled")
    def set_charge_target(cls, target_soc: int) -> Requests:
        """Do what ``set_charge_target_enabled`` does."""
        return cls.set_charge_target_enabled(target_soc)

    set_charge_target_soc: ClassVar = FieldCommand[SetTargetSoc]("charge_target_soc")
    """Set the percentage to charge to, and leave alone whether it counts."""

    set_enable_charge_target: ClassVar = FieldCommand[SetEnabled]("enable_charge_target")
    """Set whether charging stops at the charge target."""

    @classmethod
    def disable_charge_target(cls) -> Requests:
        """Charge to 100 percent."""
        return cls.write(enable_charge_target=False, charge_target_soc=100)

    set_enable_charge: ClassVar = FieldCommand[SetEnabled]("enable_charge")
    """Allow or forbid charging from the AC side."""

    set_battery_charge_limit: ClassVar = FieldCommand[SetValue]("battery_charge_limit")
    """Limit charging, in hundredths of the capacity per hour: 50 takes two hours."""

    # Discharging

    set_enable_discharge: ClassVar = FieldCommand[SetEnabled]("enable_discharge")
    """Turn the discharge slots on or off."""

    set_battery_discharge_limit: ClassVar = FieldCommand[SetValue]("battery_discharge_limit")
    """Limit discharging, in hundredths of the capacity per hour: 50 takes two hours."""

    set_battery_soc_reserve: ClassVar = FieldCommand[SetValue]("battery_soc_reserve")
    """Set the percentage to keep in the battery."""

    set_battery_power_reserve: ClassVar = FieldCommand[SetValue](
        "battery_discharge_min_power_reserve"
    )
    """Set the percentage at which discharging is cut off."""

    # Time slots

    def set_charge_slot(self, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set charge slot ``idx``, counting from 1; None clears it."""
        return slot_commands.set_charge_slot(idx, timeslot, self.slot_map)

    def set_charge_slot_start(self, idx: int, t: SlotTime) -> Requests:
        """Set the start of charge slot ``idx``; None clears it."""
        return slot_commands.set_charge_slot_start(idx, t, self.slot_map)

    def set_charge_slot_end(self, idx: int, t: SlotTime) -> Requests:
        """Set the end of charge slot ``idx``; None clears it."""
        return slot_commands.set_charge_slot_end(idx, t, self.slot_map)

    def reset_charge_slot(self, idx: int) -> Requests:
        """Clear charge slot ``idx``."""
        return slot_commands.reset_charge_slot(idx, self.slot_map)

    def set_charge_slot_target_soc(self, idx: int, soc: int) -> Requests:
        """Set the percentage at which charging stops in charge slot ``idx``."""
        return slot_commands.set_charge_slot_target_soc(idx, soc, self.slot_map)

    def set_discharge_slot(self, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set discharge slot ``idx``, counting from 1; None clears it."""
        return slot_commands.set_discharge_slot(idx, timeslot, self.slot_map)

    def set_discharge_slot_start(self, idx: int, t: SlotTime) -> Requests:
        """Set the start of discharge slot ``idx``; None clears it."""
        return slot_commands.set_discharge_slot_start(idx, t, self.slot_map)

    def set_discharge_slot_end(self, idx: int, t: SlotTime) -> Requests:
        """Set the end of discharge slot ``idx``; None clears it."""
        return slot_commands.set_discharge_slot_end(idx, t, self.slot_map)

    def reset_discharge_slot(self, idx: int) -> Requests:
        """Clear discharge slot ``idx``."""
        return slot_commands.reset_discharge_slot(idx, self.slot_map)

    def set_discharge_slot_target_soc(self, idx: int, soc: int) -> Requests:
        """Set the percentage at which discharging stops in discharge slot ``idx``."""
        return slot_commands.set_discharge_slot_target_soc(idx, soc, self.slot_map)

    # Operating modes

    @classmethod
    def set_mode_dynamic(cls) -> Requests:
        """Cover the house's demand from the battery, and export nothing of it."""
        return cls.write(
            battery_power_mode=BatteryPowerMode.SELF_CONSUMPTION,
            battery_soc_reserve=4,
            enable_discharge=False,
        )

    def set_mode_storage(
        self,
        discharge_slot_1: TimeSlot | None,
        discharge_slot_2: TimeSlot | None = None,
        discharge_for_export: bool = False,
    ) -> Requests:
        """Keep what the battery holds for the slots given; the second is cleared if it is not."""
        return slot_commands.storage_mode(
            type(self), self.slot_map, discharge_slot_1, discharge_slot_2, discharge_for_export
        )

    @classmethod
    def set_discharge_mode_max_power(cls) -> Requests:
        """Discharge with all the battery has, exporting what is left over."""
        return cls.write(battery_power_mode=BatteryPowerMode.EXPORT)

    @classmethod
    def set_discharge_mode_to_match_demand(cls) -> Requests:
        """Discharge as much as the house needs."""
        return cls.write(battery_power_mode=BatteryPowerMode.SELF_CONSUMPTION)

    set_export_priority: ClassVar = FieldCommand[SetPriority]("export_priority")
    """Set where surplus goes first."""

    set_enable_eps: ClassVar = FieldCommand[SetEnabled]("enable_eps")
    """Turn the backup output on or off."""

    # System

    @classmethod
    def set_calibrate_battery_soc(cls, val: int = 1) -> Requests:
        """Calibrate the state of charge: 0 stops, 1 starts, 3 only charges."""
        return cls.write(battery_calibration_stage=code(cls, "battery_calibration_stage", val))

    set_active_power_rate: ClassVar = FieldCommand[SetRate]("active_power_rate")
    """Limit the inverter's output, in percent of what it is rated for."""

    set_system_date_time: ClassVar = FieldCommand[SetClock]("system_time")
    """Set the inverter's clock to a wall clock's time; a zone is not looked at."""

    set_enable_rtc: ClassVar = FieldCommand[SetEnabled]("enable_rtc")
    """Turn real-time control on or off."""

    @classmethod
    def set_inverter_reboot(cls) -> Requests:
        """Restart the inverter."""
        return cls.write(inverter_reboot=100)


class _ThreePhaseCommands(SlottedDevice):
    """Commands only a three-phase inverter takes."""

    set_ac_charge: ClassVar = FieldCommand[SetEnabled]("ac_charge_enable")
    """Allow or forbid charging from the AC side."""

    set_force_charge: ClassVar = FieldCommand[SetEnabled]("force_charge_enable")
    """Force charging, or stop forcing it."""

    set_force_discharge: ClassVar = FieldCommand[SetEnabled]("force_discharge_enable")
    """Force discharging, or stop forcing it."""

    set_battery_reserve_soc: ClassVar = FieldCommand[SetValue]("battery_reserve_soc")
    """Set the percentage at which the battery stops supplying the load."""


class _EmsCommands(SlottedDevice):
    """Commands an EMS takes; each of its three schedules has three slots."""

    slot_count = 3

    set_ems_plant: ClassVar = FieldCommand[SetEnabled]("plant_enabled")
    """Have the controller run the plant, or not."""

    # Charging

    @classmethod
    def set_ems_charge_slot(cls, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set charge slot ``idx``, counting from 1; None clears it."""
        return write_slot(cls, slot_name("charge_slot", idx, cls.slot_count), timeslot)

    @classmethod
    def set_ems_charge_slot_start(cls, idx: int, t: SlotTime) -> Requests:
        """Set the start of charge slot ``idx``; None clears it."""
        return write_start(cls, slot_name("charge_slot", idx, cls.slot_count), t)

    @classmethod
    def set_ems_charge_slot_end(cls, idx: int, t: SlotTime) -> Requests:
        """Set the end of charge slot ``idx``; None clears it."""
        return write_end(cls, slot_name("charge_slot", idx, cls.slot_count), t)

    @classmethod
    def set_ems_charge_target_soc(cls, idx: int, target_soc: int) -> Requests:
        """Set the percentage at which charging stops in charge slot ``idx``."""
        return cls.write(**{slot_name("charge_target", idx, cls.slot_count): target_soc})

    # Discharging

    @classmethod
    def set_ems_discharge_slot(cls, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set discharge slot ``idx``, counting from 1; None clears it."""
        return write_slot(cls, slot_name("discharge_slot", idx, cls.slot_count), timeslot)

    @classmethod
    def set_ems_discharge_slot_start(cls, idx: int, t: SlotTime) -> Requests:
        """Set the start of discharge slot ``idx``; None clears it."""
        return write_start(cls, slot_name("discharge_slot", idx, cls.slot_count), t)

    @classmethod
    def set_ems_discharge_slot_end(cls, idx: int, t: SlotTime) -> Requests:
        """Set the end of discharge slot ``idx``; None clears it."""
        return write_end(cls, slot_name("discharge_slot", idx, cls.slot_count), t)

    @classmethod
    def set_ems_discharge_target_soc(cls, idx: int, target_soc: int) -> Requests:
        """Set the percentage at which discharging stops in discharge slot ``idx``."""
        return cls.write(**{slot_name("discharge_target", idx, cls.slot_count): target_soc})

    # Exporting

    @classmethod
    def set_ems_export_slot(cls, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set export slot ``idx``, counting from 1; None clears it."""
        return write_slot(cls, slot_name("export_slot", idx, cls.slot_count), timeslot)

    @classmethod
    def set_ems_export_slot_start(cls, idx: int, t: SlotTime) -> Requests:
        """Set the start of export slot ``idx``; None clears it."""
        return write_start(cls, slot_name("export_slot", idx, cls.slot_count), t)

    @classmethod
    def set_ems_export_slot_end(cls, idx: int, t: SlotTime) -> Requests:
        """Set the end of export slot ``idx``; None clears it."""
        return write_end(cls, slot_name("export_slot", idx, cls.slot_count), t)

    @classmethod
    def set_ems_export_target_soc(cls, idx: int, target_soc: int) -> Requests:
        """Set the percentage at which exporting stops in export slot ``idx``."""
        return cls.write(**{slot_name("export_target", idx, cls.slot_count): target_soc})

    set_ems_export_power_limit: ClassVar = FieldCommand[SetWatts]("export_power_limit")
    """Limit what the plant exports, in watts."""

    @classmethod
    def set_export_slot(cls, idx: int, slot: TimeSlot | None) -> Requests:
        """Do what ``set_ems_export_slot`` does."""
        return cls.set_ems_export_slot(idx, slot)

    @classmethod
    def set_export_slot_start(cls, idx: int, t: SlotTime) -> Requests:
        """Do what ``set_ems_export_slot_start`` does."""
        return cls.set_ems_export_slot_start(idx, t)

    @classmethod
    def set_export_slot_end(cls, idx: int, t: SlotTime) -> Requests:
        """Do what ``set_ems_export_slot_end`` does."""
        return cls.set_ems_export_slot_end(idx, t)


def code(device: type[RegisterModel], name: str, value: int) -> int:
    """Return a code unchanged; InvalidSetting for any float, whole or not."""
    if isinstance(value, float):
        raise InvalidSetting(name, value, device.setting(name).allowed)
    return value
