"""Every command as a plain function.

Each returns the writes it amounts to, for ``Client.one_shot_command``. The
devices of a plant carry most of them as methods, which know where this very
device keeps its settings; here that is a single-phase inverter, unless only
another device has the command.
"""

from ..model.commands.slot_commands import (
    reset_charge_slot,
    reset_discharge_slot,
    set_charge_slot,
    set_charge_slot_end,
    set_charge_slot_start,
    set_charge_slot_target_soc,
    set_discharge_slot,
    set_discharge_slot_end,
    set_discharge_slot_start,
    set_discharge_slot_target_soc,
    set_smart_load_slot,
    set_smart_load_slot_end,
    set_smart_load_slot_start,
)
from ..model.devices.ems import Ems
from ..model.inverter import SinglePhaseInverter
from ..model.inverter_threephase import ThreePhaseInverter
from .deprecated_commands import (
    disable_charge,
    disable_discharge,
    enable_charge,
    enable_discharge,
    refresh_plant_data,
    reset_charge_slot_1,
    reset_charge_slot_2,
    reset_discharge_slot_1,
    reset_discharge_slot_2,
    set_charge_slot_1,
    set_charge_slot_2,
    set_charge_target_3ph,
    set_discharge_slot_1,
    set_discharge_slot_2,
    set_shallow_charge,
)
from .extra_commands import (
    set_battery_charge_limit_ac,
    set_battery_discharge_limit_ac,
    set_battery_pause_mode,
    set_mode_storage,
    set_pause_slot,
    set_pause_slot_end,
    set_pause_slot_start,
)

disable_charge_target = SinglePhaseInverter.disable_charge_target
set_active_power_rate = SinglePhaseInverter.set_active_power_rate
set_battery_charge_limit = SinglePhaseInverter.set_battery_charge_limit
set_battery_discharge_limit = SinglePhaseInverter.set_battery_discharge_limit
set_battery_power_reserve = SinglePhaseInverter.set_battery_power_reserve
set_battery_soc_reserve = SinglePhaseInverter.set_battery_soc_reserve
set_calibrate_battery_soc = SinglePhaseInverter.set_calibrate_battery_soc
set_charge_target = SinglePhaseInverter.set_charge_target
set_charge_target_enabled = SinglePhaseInverter.set_charge_target_enabled
set_charge_target_soc = SinglePhaseInverter.set_charge_target_soc
set_discharge_mode_max_power = SinglePhaseInverter.set_discharge_mode_max_power
set_discharge_mode_to_match_demand = SinglePhaseInverter.set_discharge_mode_to_match_demand
set_enable_charge = SinglePhaseInverter.set_enable_charge
set_enable_charge_target = SinglePhaseInverter.set_enable_charge_target
set_enable_discharge = SinglePhaseInverter.set_enable_discharge
set_enable_eps = SinglePhaseInverter.set_enable_eps
set_enable_rtc = SinglePhaseInverter.set_enable_rtc
set_export_priority = SinglePhaseInverter.set_export_priority
set_inverter_reboot = SinglePhaseInverter.set_inverter_reboot
set_mode_dynamic = SinglePhaseInverter.set_mode_dynamic
set_system_date_time = SinglePhaseInverter.set_system_date_time

set_ac_charge = ThreePhaseInverter.set_ac_charge
set_battery_reserve_soc = ThreePhaseInverter.set_battery_reserve_soc
set_force_charge = ThreePhaseInverter.set_force_charge
set_force_discharge = ThreePhaseInverter.set_force_discharge

disable_charge_target_3ph = ThreePhaseInverter.disable_charge_target
set_battery_soc_reserve_3ph = ThreePhaseInverter.set_battery_soc_reserve
set_charge_target_enabled_3ph = ThreePhaseInverter.set_charge_target_enabled
set_charge_target_soc_3ph = ThreePhaseInverter.set_charge_target_soc

set_ems_charge_slot = Ems.set_ems_charge_slot
set_ems_charge_slot_end = Ems.set_ems_charge_slot_end
set_ems_charge_slot_start = Ems.set_ems_charge_slot_start
set_ems_charge_target_soc = Ems.set_ems_charge_target_soc
set_ems_discharge_slot = Ems.set_ems_discharge_slot
set_ems_discharge_slot_end = Ems.set_ems_discharge_slot_end
set_ems_discharge_slot_start = Ems.set_ems_discharge_slot_start
set_ems_discharge_target_soc = Ems.set_ems_discharge_target_soc
set_ems_export_power_limit = Ems.set_ems_export_power_limit
set_ems_export_slot = Ems.set_ems_export_slot
set_ems_export_slot_end = Ems.set_ems_export_slot_end
set_ems_export_slot_start = Ems.set_ems_export_slot_start
set_ems_export_target_soc = Ems.set_ems_export_target_soc
set_ems_plant = Ems.set_ems_plant
set_export_slot = Ems.set_export_slot
set_export_slot_end = Ems.set_export_slot_end
set_export_slot_start = Ems.set_export_slot_start

__all__ = [
    "disable_charge",
    "disable_charge_target",
    "disable_charge_target_3ph",
    "disable_discharge",
    "enable_charge",
    "enable_discharge",
    "refresh_plant_data",
    "reset_charge_slot",
    "reset_charge_slot_1",
    "reset_charge_slot_2",
    "reset_discharge_slot",
    "reset_discharge_slot_1",
    "reset_discharge_slot_2",
    "set_ac_charge",
    "set_active_power_rate",
    "set_battery_charge_limit",
    "set_battery_charge_limit_ac",
    "set_battery_discharge_limit",
    "set_battery_discharge_limit_ac",
    "set_battery_pause_mode",
    "set_battery_power_reserve",
    "set_battery_reserve_soc",
    "set_battery_soc_reserve",
    "set_battery_soc_reserve_3ph",
    "set_calibrate_battery_soc",
    "set_charge_slot",
    "set_charge_slot_1",
    "set_charge_slot_2",
    "set_charge_slot_end",
    "set_charge_slot_start",
    "set_charge_slot_target_soc",
    "set_charge_target",
    "set_charge_target_3ph",
    "set_charge_target_enabled",
    "set_charge_target_enabled_3ph",
    "set_charge_target_soc",
    "set_charge_target_soc_3ph",
    "set_discharge_mode_max_power",
    "set_discharge_mode_to_match_demand",
    "set_discharge_slot",
    "set_discharge_slot_1",
    "set_discharge_slot_2",
    "set_discharge_slot_end",
    "set_discharge_slot_start",
    "set_discharge_slot_target_soc",
    "set_ems_charge_slot",
    "set_ems_charge_slot_end",
    "set_ems_charge_slot_start",
    "set_ems_charge_target_soc",
    "set_ems_discharge_slot",
    "set_ems_discharge_slot_end",
    "set_ems_discharge_slot_start",
    "set_ems_discharge_target_soc",
    "set_ems_export_power_limit",
    "set_ems_export_slot",
    "set_ems_export_slot_end",
    "set_ems_export_slot_start",
    "set_ems_export_target_soc",
    "set_ems_plant",
    "set_enable_charge",
    "set_enable_charge_target",
    "set_enable_discharge",
    "set_enable_eps",
    "set_enable_rtc",
    "set_export_priority",
    "set_export_slot",
    "set_export_slot_end",
    "set_export_slot_start",
    "set_force_charge",
    "set_force_discharge",
    "set_inverter_reboot",
    "set_mode_dynamic",
    "set_mode_storage",
    "set_pause_slot",
    "set_pause_slot_end",
    "set_pause_slot_start",
    "set_shallow_charge",
    "set_smart_load_slot",
    "set_smart_load_slot_end",
    "set_smart_load_slot_start",
    "set_system_date_time",
]
