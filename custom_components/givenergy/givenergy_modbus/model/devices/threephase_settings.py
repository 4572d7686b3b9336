"""Settings that only a three-phase inverter has, or has at another register."""

from typing import Annotated

from .. import TimeSlot
from ..codecs import centi, deci, enum, flag, lookup, slot
from ..enums import BatteryMaintenance, BatteryType, PowerFactorFunctionModel
from ..register import HR, Within, Writable
from ..register_model import (
    FinePercent,
    FineSeconds,
    Hertz,
    Percent,
    PercentPerMinute,
    RegisterModel,
    Seconds,
    Volts,
    Watts,
    WholeAmperes,
    WholeHertz,
    WholeVolts,
)


class ThreePhaseSettings(RegisterModel):
    """How a three-phase inverter was installed."""

    grid_r_voltage_adjustment: Annotated[int | None, HR(101)] = None
    """Calibration, of unknown scale, as are the three below."""
    grid_s_voltage_adjustment: Annotated[int | None, HR(102)] = None
    grid_t_voltage_adjustment: Annotated[int | None, HR(103)] = None
    grid_power_adjustment: Annotated[int | None, HR(104)] = None
    system_enable: Annotated[bool | None, HR(1000), flag] = None
    set_command_save: Annotated[bool | None, HR(1001), flag] = None
    active_rate: Annotated[Percent, HR(1002)] = None
    reactive_rate: Annotated[Percent, HR(1003)] = None
    set_power_factor: Annotated[int | None, HR(1004)] = None
    """10000 is unity."""
    real_time_control: Annotated[bool | None, HR(1005), flag] = None
    grid_connect_time: Annotated[Seconds, HR(1007)] = None
    grid_reconnect_time: Annotated[Seconds, HR(1008)] = None
    grid_connect_slope: Annotated[PercentPerMinute, HR(1009), deci] = None
    """Of the rated power."""
    com_baud_rate: Annotated[int | None, HR(1010)] = None
    """A choice from 0 to 2, not a rate."""
    grid_reconnect_slope: Annotated[int | None, HR(1011)] = None
    """In tenths of a percent of the rated power a minute, if it is spelled as the one above."""
    meter_fail_enable: Annotated[int | None, HR(1017)] = None
    """What to do when the meter falls silent."""


class ThreePhaseGridProtection(RegisterModel):
    """When a three-phase inverter leaves the grid, comes back, and how it supports it."""

    v_grid_low_limit_trip: Annotated[Volts, HR(1018), deci, Within(0, 500)] = None
    """Between two phases, as are all voltages of the grid here."""
    v_grid_high_limit_trip: Annotated[Volts, HR(1019), deci, Within(0, 500)] = None
    f_grid_low_limit_trip: Annotated[Hertz, HR(1020), centi, Within(40, 70)] = None
    f_grid_high_limit_trip: Annotated[Hertz, HR(1021), centi, Within(40, 70)] = None
    v_grid_low_limit_reconnect: Annotated[Volts, HR(1022), deci, Within(0, 500)] = None
    v_grid_high_limit_reconnect: Annotated[Volts, HR(1023), deci, Within(0, 500)] = None
    f_grid_low_limit_reconnect: Annotated[Hertz, HR(1024), centi, Within(40, 70)] = None
    f_grid_high_limit_reconnect: Annotated[Hertz, HR(1025), centi, Within(40, 70)] = None
    v_grid_low_limit_grid: Annotated[Volts, HR(1026), deci, Within(0, 500)] = None
    v_grid_high_limit_grid: Annotated[Volts, HR(1027), deci, Within(0, 500)] = None
    f_grid_low_limit_grid: Annotated[Hertz, HR(1028), centi, Within(40, 70)] = None
    f_grid_high_limit_grid: Annotated[Hertz, HR(1029), centi, Within(40, 70)] = None
    v_grid_low_limit_cee: Annotated[Volts, HR(1030), deci, Within(0, 500)] = None
    v_grid_high_limit_cee: Annotated[Volts, HR(1031), deci, Within(0, 500)] = None
    f_grid_low_limit_cee: Annotated[Hertz, HR(1032), centi, Within(40, 70)] = None
    f_grid_high_limit_cee: Annotated[Hertz, HR(1033), centi, Within(40, 70)] = None
    time_grid_low_voltage_limit_trip: Annotated[FineSeconds, HR(1034), centi] = None
    """This and the delays below may count fiftieths of a second."""
    time_grid_high_voltage_limit_trip: Annotated[FineSeconds, HR(1035), centi] = None
    time_grid_low_voltage_limit_reconnect: Annotated[FineSeconds, HR(1036), centi] = None
    time_grid_high_voltage_limit_reconnect: Annotated[FineSeconds, HR(1037), centi] = None
    time_grid_low_freq_limit_trip: Annotated[FineSeconds, HR(1038), centi] = None
    time_grid_high_freq_limit_trip: Annotated[FineSeconds, HR(1039), centi] = None
    time_grid_low_freq_limit_reconnect: Annotated[FineSeconds, HR(1040), centi] = None
    time_grid_high_freq_limit_reconnect: Annotated[FineSeconds, HR(1041), centi] = None
    v_10min_protect: Annotated[Volts, HR(1042), deci, Within(0, 500)] = None
    pf_model: Annotated[
        PowerFactorFunctionModel | None, HR(1043), enum(PowerFactorFunctionModel)
    ] = None
    f_over_derate_start: Annotated[Hertz, HR(1045), centi, Within(40, 70)] = None
    f_over_derate_slope: Annotated[Percent, HR(1046)] = None
    q_lockin_power: Annotated[Percent, HR(1047)] = None
    q_lock_out_power: Annotated[Percent, HR(1048)] = None
    pf_lock_in_voltage: Annotated[Volts, HR(1049), deci, Within(0, 500)] = None
    pf_lock_out_voltage: Annotated[Volts, HR(1050), deci, Within(0, 500)] = None
    f_under_derate_slope: Annotated[Percent, HR(1051)] = None
    v_reactive_delay_time: Annotated[Seconds, HR(1052)] = None
    time_over_freq_delay_time: Annotated[FineSeconds, HR(1053), centi] = None
    pf_limit_load_1: Annotated[Percent, HR(1054)] = None
    """255 where it was never set."""
    pf_limit_pf_1: Annotated[int | None, HR(1055)] = None
    """20000 where it was never set."""
    pf_limit_load_2: Annotated[Percent, HR(1056)] = None
    pf_limit_pf_2: Annotated[int | None, HR(1057)] = None
    pf_limit_load_3: Annotated[Percent, HR(1058)] = None
    pf_limit_pf_3: Annotated[int | None, HR(1059)] = None
    pf_limit_load_4: Annotated[Percent, HR(1060)] = None
    pf_limit_pf_4: Annotated[int | None, HR(1061)] = None
    f_under_derate_start: Annotated[Hertz, HR(1064), centi, Within(40, 70)] = None
    f_under_derate_end: Annotated[Hertz, HR(1065), centi, Within(40, 70)] = None
    f_over_derate_end: Annotated[Hertz, HR(1066), centi, Within(40, 70)] = None
    time_under_freq_derate_delay: Annotated[FineSeconds, HR(1067), centi] = None
    f_over_derate_stop: Annotated[Hertz, HR(1069), centi, Within(40, 70)] = None
    f_over_derate_recovery_delay: Annotated[FineSeconds, HR(1070), centi] = None
    """Delay in seconds; the name is wrong."""
    zero_current_low_voltage: Annotated[Volts, HR(1071), deci, Within(0, 500)] = None
    zero_current_high_voltage: Annotated[Volts, HR(1072), deci, Within(0, 500)] = None
    f_power_on_recovery: Annotated[Hertz, HR(1073), centi, Within(40, 70)] = None
    f_under_derate_stop: Annotated[Hertz, HR(1074), centi, Within(40, 70)] = None
    f_under_derate_recovery_delay: Annotated[FineSeconds, HR(1075), centi] = None
    """Delay in seconds; the name is wrong."""
    qu_curve_volt_high_point_1: Annotated[int | None, HR(1081)] = None
    """Of unconfirmed scale, as are the six below."""
    qu_curve_volt_high_point_2: Annotated[int | None, HR(1082)] = None
    qu_curve_volt_low_point_1: Annotated[int | None, HR(1083)] = None
    qu_curve_volt_low_point_2: Annotated[int | None, HR(1084)] = None
    voltage_reactive_power_percentage: Annotated[int | None, HR(1085)] = None
    qu_curve_max_inductive_reactive_power: Annotated[int | None, HR(1086)] = None
    qu_curve_max_capacitive_reactive_power: Annotated[int | None, HR(1087)] = None


class ThreePhaseBatterySettings(RegisterModel):
    """How a three-phase inverter charges, discharges and feeds in."""

    export_power_rate: Annotated[FinePercent, HR(1063), deci, Within(0, 100)] = None
    """Cap of what goes into the grid, in percent of the rated power."""
    pv_input_mode: Annotated[int | None, HR(1077)] = None
    battery_reserve_soc: Annotated[Percent, HR(1078), Writable(4, 100, usual=(5, 100))] = None
    """Where discharging for the house stops."""
    ac_power_derate_delay: Annotated[FineSeconds, HR(1079), centi] = None
    battery_type: Annotated[BatteryType | None, HR(1080), enum(BatteryType)] = None
    max_charge_current: Annotated[WholeAmperes, HR(1088)] = None
    """For lead-acid batteries, as are the three below."""
    v_battery_lv: Annotated[Volts, HR(1089), deci, Within(0, 1000)] = None
    v_battery_cv: Annotated[Volts, HR(1090), deci, Within(0, 1000)] = None
    lead_acid_number: Annotated[int | None, HR(1091)] = None
    """How many are in series."""
    drms_enable: Annotated[bool | None, HR(1093), flag] = None
    aging_test: Annotated[int | None, HR(1098)] = None
    bypass_enable: Annotated[bool | None, HR(1100), flag] = None
    npe_enable: Annotated[bool | None, HR(1101), flag] = None
    export_power_limit: Annotated[Watts, HR(1102)] = None
    enable_export_limit: Annotated[bool | None, HR(1103), flag] = None
    unbalance_output_enable: Annotated[bool | None, HR(1104), flag] = None
    backup_enable: Annotated[bool | None, HR(1105), flag] = None
    v_backup_nominal: Annotated[WholeVolts, HR(1106), lookup({0: 230, 1: 208, 2: 240})] = None
    f_backup_nominal: Annotated[WholeHertz, HR(1107), lookup({0: 50, 1: 60})] = None
    battery_discharge_limit_ac: Annotated[Percent, HR(1108)] = None
    """In percent of what the inverter is rated for."""
    battery_soc_reserve: Annotated[Percent, HR(1109), Writable(4, 100, usual=(5, 100))] = None
    """What the battery is not discharged below."""
    battery_charge_limit_ac: Annotated[Percent, HR(1110)] = None
    """In percent of what the inverter is rated for."""
    charge_target_soc: Annotated[Percent, HR(1111), Writable(4, 100, usual=(5, 100))] = None
    """Where charging stops."""
    ac_charge_enable: Annotated[bool | None, HR(1112), flag, Writable()] = None
    """Whether the battery is charged from the grid in its windows."""
    charge_slot_1: Annotated[TimeSlot | None, HR(1113), slot, Writable()] = None
    charge_slot_2: Annotated[TimeSlot | None, HR(1115), slot, Writable()] = None
    load_compensation_enable: Annotated[bool | None, HR(1117), flag] = None
    discharge_slot_1: Annotated[TimeSlot | None, HR(1118), slot, Writable()] = None
    discharge_slot_2: Annotated[TimeSlot | None, HR(1120), slot, Writable()] = None
    force_discharge_enable: Annotated[bool | None, HR(1122), flag, Writable()] = None
    force_charge_enable: Annotated[bool | None, HR(1123), flag, Writable()] = None
    battery_maintenance_mode: Annotated[
        BatteryMaintenance | None, HR(1124), enum(BatteryMaintenance)
    ] = None
