"""What each kind of device can be told.

A command names settings; the class it is called on says where they live and
what they accept. Slots are the exception: how many there are, and where, is
for the device's slot map to say.
"""

from datetime import datetime
from warnings import deprecated

from ...errors import InvalidSetting
from .. import TimeSlot
from ..enums import BatteryPowerMode, ExportPriority
from ..register_model import RegisterModel, Requests
from . import slot_commands
from .slot_commands import SlotTime, slot_name
from .slot_map import SlotMap


class _InverterCommands(RegisterModel):
    """Commands every inverter takes."""

    @property
    def slot_map(self) -> SlotMap:
        """Where the inverter keeps its charge and discharge slots, and how many."""
        raise NotImplementedError

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

    @classmethod
    def set_charge_target_soc(cls, target_soc: int) -> Requests:
        """Set the percentage to charge to, and leave alone whether it counts."""
        return cls.write(charge_target_soc=target_soc)

    @classmethod
    def set_enable_charge_target(cls, enabled: bool) -> Requests:
        """Set whether charging stops at the charge target."""
        return cls.write(enable_charge_target=enabled)

    @classmethod
    def disable_charge_target(cls) -> Requests:
        """Charge to 100 percent."""
        return cls.write(enable_charge_target=False, charge_target_soc=100)

    @classmethod
    def set_enable_charge(cls, enabled: bool) -> Requests:
        """Allow or forbid charging from the AC side."""
        return cls.write(enable_charge=enabled)

    @classmethod
    def set_battery_charge_limit(cls, val: int) -> Requests:
        """Limit charging, in hundredths of the capacity per hour: 50 takes two hours."""
        return cls.write(battery_charge_limit=val)

    # Discharging

    @classmethod
    def set_enable_discharge(cls, enabled: bool) -> Requests:
        """Turn the discharge slots on or off."""
        return cls.write(enable_discharge=enabled)

    @classmethod
    def set_battery_discharge_limit(cls, val: int) -> Requests:
        """Limit discharging, in hundredths of the capacity per hour: 50 takes two hours."""
        return cls.write(battery_discharge_limit=val)

    @classmethod
    def set_battery_soc_reserve(cls, val: int) -> Requests:
        """Set the percentage to keep in the battery."""
        return cls.write(battery_soc_reserve=val)

    @classmethod
    def set_battery_power_reserve(cls, val: int) -> Requests:
        """Set the percentage at which discharging is cut off."""
        return cls.write(battery_discharge_min_power_reserve=val)

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

    @classmethod
    def set_export_priority(cls, priority: ExportPriority | int) -> Requests:
        """Set where surplus goes first."""
        return cls.write(export_priority=priority)

    @classmethod
    def set_enable_eps(cls, enabled: bool) -> Requests:
        """Turn the backup output on or off."""
        return cls.write(enable_eps=enabled)

    # System

    @classmethod
    def set_calibrate_battery_soc(cls, val: int = 1) -> Requests:
        """Calibrate the state of charge: 0 stops, 1 starts, 3 only charges."""
        return cls.write(battery_calibration_stage=code(cls, "battery_calibration_stage", val))

    @classmethod
    def set_active_power_rate(cls, target: int) -> Requests:
        """Limit the inverter's output, in percent of what it is rated for."""
        return cls.write(active_power_rate=target)

    @classmethod
    def set_system_date_time(cls, dt: datetime) -> Requests:
        """Set the inverter's clock to a wall clock's time; a zone is not looked at."""
        return cls.write(system_time=dt)

    @classmethod
    def set_enable_rtc(cls, enabled: bool) -> Requests:
        """Turn real-time control on or off."""
        return cls.write(enable_rtc=enabled)

    @classmethod
    def set_inverter_reboot(cls) -> Requests:
        """Restart the inverter."""
        return cls.write(inverter_reboot=100)


class _ThreePhaseCommands(RegisterModel):
    """Commands only a three-phase inverter takes."""

    @classmethod
    def set_ac_charge(cls, enabled: bool) -> Requests:
        """Allow or forbid charging from the AC side."""
        return cls.write(ac_charge_enable=enabled)

    @classmethod
    def set_force_charge(cls, enabled: bool) -> Requests:
        """Force charging, or stop forcing it."""
        return cls.write(force_charge_enable=enabled)

    @classmethod
    def set_force_discharge(cls, enabled: bool) -> Requests:
        """Force discharging, or stop forcing it."""
        return cls.write(force_discharge_enable=enabled)

    @classmethod
    def set_battery_reserve_soc(cls, val: int) -> Requests:
        """Set the percentage at which the battery stops supplying the load."""
        return cls.write(battery_reserve_soc=val)


class _EmsCommands(RegisterModel):
    """Commands a plant controller takes; each of its three schedules has three slots."""

    @classmethod
    def set_ems_plant(cls, enabled: bool) -> Requests:
        """Have the controller run the plant, or not."""
        return cls.write(plant_enabled=enabled)

    # Charging

    @classmethod
    def set_ems_charge_slot(cls, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set charge slot ``idx``, counting from 1; None clears it."""
        return slot_commands.write_slot(cls, slot_name("charge_slot", idx), timeslot)

    @classmethod
    def set_ems_charge_slot_start(cls, idx: int, t: SlotTime) -> Requests:
        """Set the start of charge slot ``idx``; None clears it."""
        return slot_commands.write_start(cls, slot_name("charge_slot", idx), t)

    @classmethod
    def set_ems_charge_slot_end(cls, idx: int, t: SlotTime) -> Requests:
        """Set the end of charge slot ``idx``; None clears it."""
        return slot_commands.write_end(cls, slot_name("charge_slot", idx), t)

    @classmethod
    def set_ems_charge_target_soc(cls, idx: int, target_soc: int) -> Requests:
        """Set the percentage at which charging stops in charge slot ``idx``."""
        return cls.write(**{slot_name("charge_target", idx): target_soc})

    # Discharging

    @classmethod
    def set_ems_discharge_slot(cls, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set discharge slot ``idx``, counting from 1; None clears it."""
        return slot_commands.write_slot(cls, slot_name("discharge_slot", idx), timeslot)

    @classmethod
    def set_ems_discharge_slot_start(cls, idx: int, t: SlotTime) -> Requests:
        """Set the start of discharge slot ``idx``; None clears it."""
        return slot_commands.write_start(cls, slot_name("discharge_slot", idx), t)

    @classmethod
    def set_ems_discharge_slot_end(cls, idx: int, t: SlotTime) -> Requests:
        """Set the end of discharge slot ``idx``; None clears it."""
        return slot_commands.write_end(cls, slot_name("discharge_slot", idx), t)

    @classmethod
    def set_ems_discharge_target_soc(cls, idx: int, target_soc: int) -> Requests:
        """Set the percentage at which discharging stops in discharge slot ``idx``."""
        return cls.write(**{slot_name("discharge_target", idx): target_soc})

    # Exporting

    @classmethod
    def set_ems_export_slot(cls, idx: int, timeslot: TimeSlot | None) -> Requests:
        """Set export slot ``idx``, counting from 1; None clears it."""
        return slot_commands.write_slot(cls, slot_name("export_slot", idx), timeslot)

    @classmethod
    def set_ems_export_slot_start(cls, idx: int, t: SlotTime) -> Requests:
        """Set the start of export slot ``idx``; None clears it."""
        return slot_commands.write_start(cls, slot_name("export_slot", idx), t)

    @classmethod
    def set_ems_export_slot_end(cls, idx: int, t: SlotTime) -> Requests:
        """Set the end of export slot ``idx``; None clears it."""
        return slot_commands.write_end(cls, slot_name("export_slot", idx), t)

    @classmethod
    def set_ems_export_target_soc(cls, idx: int, target_soc: int) -> Requests:
        """Set the percentage at which exporting stops in export slot ``idx``."""
        return cls.write(**{slot_name("export_target", idx): target_soc})

    @classmethod
    def set_ems_export_power_limit(cls, watts: int) -> Requests:
        """Limit what the plant exports, in watts."""
        return cls.write(export_power_limit=watts)

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
    """Return a code as it is; InvalidSetting for a fraction, be it a whole one."""
    if isinstance(value, float):
        raise InvalidSetting(name, value, device.setting(name).allowed)
    return value
