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
    """Grid phase S voltage calibration word; scale unknown."""
    grid_t_voltage_adjustment: Annotated[int | None, HR(103)] = None
    """Grid phase T voltage calibration word; scale unknown."""
    grid_power_adjustment: Annotated[int | None, HR(104)] = None
    """Grid power calibration word; scale unknown."""
    system_enable: Annotated[bool | None, HR(1000), flag] = None
    """Whether the system is on."""
    set_command_save: Annotated[bool | None, HR(1001), flag] = None
    """Whether commands are stored permanently."""
    active_rate: Annotated[Percent, HR(1002)] = None
    """Active power rate order, in %."""
    reactive_rate: Annotated[Percent, HR(1003)] = None
    """Reactive power rate order, in %."""
    set_power_factor: Annotated[int | None, HR(1004)] = None
    """10000 is unity."""
    real_time_control: Annotated[bool | None, HR(1005), flag] = None
    """Whether real-time control is on."""
    grid_connect_time: Annotated[Seconds, HR(1007)] = None
    """Delay before grid connection, in seconds."""
    grid_reconnect_time: Annotated[Seconds, HR(1008)] = None
    """Delay before reconnection, in seconds."""
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
    """Grid over-voltage trip threshold, in V."""
    f_grid_low_limit_trip: Annotated[Hertz, HR(1020), centi, Within(40, 70)] = None
    """Grid under-frequency trip threshold, in Hz."""
    f_grid_high_limit_trip: Annotated[Hertz, HR(1021), centi, Within(40, 70)] = None
    """Grid over-frequency trip threshold, in Hz."""
    v_grid_low_limit_reconnect: Annotated[Volts, HR(1022), deci, Within(0, 500)] = None
    """Grid under-voltage reconnection threshold, in V."""
    v_grid_high_limit_reconnect: Annotated[Volts, HR(1023), deci, Within(0, 500)] = None
    """Grid over-voltage reconnection threshold, in V."""
    f_grid_low_limit_reconnect: Annotated[Hertz, HR(1024), centi, Within(40, 70)] = None
    """Grid under-frequency reconnection threshold, in Hz."""
    f_grid_high_limit_reconnect: Annotated[Hertz, HR(1025), centi, Within(40, 70)] = None
    """Grid over-frequency reconnection threshold, in Hz."""
    v_grid_low_limit_grid: Annotated[Volts, HR(1026), deci, Within(0, 500)] = None
    """Grid under-voltage steady-state grid band threshold, in V."""
    v_grid_high_limit_grid: Annotated[Volts, HR(1027), deci, Within(0, 500)] = None
    """Grid over-voltage steady-state grid band threshold, in V."""
    f_grid_low_limit_grid: Annotated[Hertz, HR(1028), centi, Within(40, 70)] = None
    """Grid under-frequency steady-state grid band threshold, in Hz."""
    f_grid_high_limit_grid: Annotated[Hertz, HR(1029), centi, Within(40, 70)] = None
    """Grid over-frequency steady-state grid band threshold, in Hz."""
    v_grid_low_limit_cee: Annotated[Volts, HR(1030), deci, Within(0, 500)] = None
    """Grid under-voltage grid connection threshold, in V."""
    v_grid_high_limit_cee: Annotated[Volts, HR(1031), deci, Within(0, 500)] = None
    """Grid over-voltage grid connection threshold, in V."""
    f_grid_low_limit_cee: Annotated[Hertz, HR(1032), centi, Within(40, 70)] = None
    """Grid under-frequency grid connection threshold, in Hz."""
    f_grid_high_limit_cee: Annotated[Hertz, HR(1033), centi, Within(40, 70)] = None
    """Grid over-frequency grid connection threshold, in Hz."""
    time_grid_low_voltage_limit_trip: Annotated[FineSeconds, HR(1034), centi] = None
    """This and the delays below may count fiftieths of a second."""
    time_grid_high_voltage_limit_trip: Annotated[FineSeconds, HR(1035), centi] = None
    """Over-voltage protection time, band 1, in seconds."""
    time_grid_low_voltage_limit_reconnect: Annotated[FineSeconds, HR(1036), centi] = None
    """Under-voltage protection time, band 2, in seconds."""
    time_grid_high_voltage_limit_reconnect: Annotated[FineSeconds, HR(1037), centi] = None
    """Over-voltage protection time, band 2, in seconds."""
    time_grid_low_freq_limit_trip: Annotated[FineSeconds, HR(1038), centi] = None
    """Under-frequency protection time, band 1, in seconds."""
    time_grid_high_freq_limit_trip: Annotated[FineSeconds, HR(1039), centi] = None
    """Over-frequency protection time, band 1, in seconds."""
    time_grid_low_freq_limit_reconnect: Annotated[FineSeconds, HR(1040), centi] = None
    """Under-frequency protection time, band 2, in seconds."""
    time_grid_high_freq_limit_reconnect: Annotated[FineSeconds, HR(1041), centi] = None
    """Over-frequency protection time, band 2, in seconds."""
    v_10min_protect: Annotated[Volts, HR(1042), deci, Within(0, 500)] = None
    """10-minute mean over-voltage protection, in V."""
    pf_model: Annotated[
        PowerFactorFunctionModel | None, HR(1043), enum(PowerFactorFunctionModel)
    ] = None
    """Power-factor control mode."""
    f_over_derate_start: Annotated[Hertz, HR(1045), centi, Within(40, 70)] = None
    """Over-frequency derating start, in Hz."""
    f_over_derate_slope: Annotated[Percent, HR(1046)] = None
    """Over-frequency derating slope, in %."""
    q_lockin_power: Annotated[Percent, HR(1047)] = None
    """Reactive lock-in power, in %."""
    q_lock_out_power: Annotated[Percent, HR(1048)] = None
    """Reactive lock-out power, in %."""
    pf_lock_in_voltage: Annotated[Volts, HR(1049), deci, Within(0, 500)] = None
    """Power-factor lock-in voltage, in V."""
    pf_lock_out_voltage: Annotated[Volts, HR(1050), deci, Within(0, 500)] = None
    """Power-factor lock-out voltage, in V."""
    f_under_derate_slope: Annotated[Percent, HR(1051)] = None
    """Under-frequency derating slope, in %."""
    v_reactive_delay_time: Annotated[Seconds, HR(1052)] = None
    """Voltage-reactive delay, in seconds."""
    time_over_freq_delay_time: Annotated[FineSeconds, HR(1053), centi] = None
    """Over-frequency derating delay, in seconds."""
    pf_limit_load_1: Annotated[Percent, HR(1054)] = None
    """255 where it was never set."""
    pf_limit_pf_1: Annotated[int | None, HR(1055)] = None
    """20000 where it was never set."""
    pf_limit_load_2: Annotated[Percent, HR(1056)] = None
    """Power factor limit curve point 2: load, in %."""
    pf_limit_pf_2: Annotated[int | None, HR(1057)] = None
    """Power factor limit curve point 2: power factor word."""
    pf_limit_load_3: Annotated[Percent, HR(1058)] = None
    """Power factor limit curve point 3: load, in %."""
    pf_limit_pf_3: Annotated[int | None, HR(1059)] = None
    """Power factor limit curve point 3: power factor word."""
    pf_limit_load_4: Annotated[Percent, HR(1060)] = None
    """Power factor limit curve point 4: load, in %."""
    pf_limit_pf_4: Annotated[int | None, HR(1061)] = None
    """Power factor limit curve point 4: power factor word."""
    f_under_derate_start: Annotated[Hertz, HR(1064), centi, Within(40, 70)] = None
    """Under-frequency derating start, in Hz."""
    f_under_derate_end: Annotated[Hertz, HR(1065), centi, Within(40, 70)] = None
    """Under-frequency derating end, in Hz."""
    f_over_derate_end: Annotated[Hertz, HR(1066), centi, Within(40, 70)] = None
    """Over-frequency derating end, in Hz."""
    time_under_freq_derate_delay: Annotated[FineSeconds, HR(1067), centi] = None
    """Under-frequency derating delay, in seconds."""
    f_over_derate_stop: Annotated[Hertz, HR(1069), centi, Within(40, 70)] = None
    """Over-frequency derating stop, in Hz."""
    f_over_derate_recovery_delay: Annotated[FineSeconds, HR(1070), centi] = None
    """Delay in seconds; the name is wrong."""
    zero_current_low_voltage: Annotated[Volts, HR(1071), deci, Within(0, 500)] = None
    """Zero-current static low voltage, in V."""
    zero_current_high_voltage: Annotated[Volts, HR(1072), deci, Within(0, 500)] = None
    """Zero-current static high voltage, in V."""
    f_power_on_recovery: Annotated[Hertz, HR(1073), centi, Within(40, 70)] = None
    """Frequency required for power-on recovery, in Hz."""
    f_under_derate_stop: Annotated[Hertz, HR(1074), centi, Within(40, 70)] = None
    """Under-frequency derating stop, in Hz."""
    f_under_derate_recovery_delay: Annotated[FineSeconds, HR(1075), centi] = None
    """Delay in seconds; the name is wrong."""
    qu_curve_volt_high_point_1: Annotated[int | None, HR(1081)] = None
    """Of unconfirmed scale, as are the six below."""
    qu_curve_volt_high_point_2: Annotated[int | None, HR(1082)] = None
    """Q(U) curve high-voltage point 2."""
    qu_curve_volt_low_point_1: Annotated[int | None, HR(1083)] = None
    """Q(U) curve low-voltage point 1."""
    qu_curve_volt_low_point_2: Annotated[int | None, HR(1084)] = None
    """Q(U) curve low-voltage point 2."""
    voltage_reactive_power_percentage: Annotated[int | None, HR(1085)] = None
    """Voltage-reactive power percentage."""
    qu_curve_max_inductive_reactive_power: Annotated[int | None, HR(1086)] = None
    """Q(U) maximum inductive reactive power."""
    qu_curve_max_capacitive_reactive_power: Annotated[int | None, HR(1087)] = None
    """Q(U) maximum capacitive reactive power."""


class ThreePhaseBatterySettings(RegisterModel):
    """How a three-phase inverter charges, discharges and feeds in."""

    export_power_rate: Annotated[FinePercent, HR(1063), deci, Within(0, 100)] = None
    """Cap of what goes into the grid, in percent of the rated power."""
    pv_input_mode: Annotated[int | None, HR(1077)] = None
    """PV input mode."""
    battery_reserve_soc: Annotated[Percent, HR(1078), Writable(4, 100, usual=(5, 100))] = None
    """Where discharging for the house stops."""
    ac_power_derate_delay: Annotated[FineSeconds, HR(1079), centi] = None
    """Active power derating delay, in seconds."""
    battery_type: Annotated[BatteryType | None, HR(1080), enum(BatteryType)] = None
    """Type of the battery: lead-acid or lithium."""
    max_charge_current: Annotated[WholeAmperes, HR(1088)] = None
    """For lead-acid batteries, as are the three below."""
    v_battery_lv: Annotated[Volts, HR(1089), deci, Within(0, 1000)] = None
    """Lead-acid low-voltage limit, in V."""
    v_battery_cv: Annotated[Volts, HR(1090), deci, Within(0, 1000)] = None
    """Lead-acid constant (absorption) voltage, in V."""
    lead_acid_number: Annotated[int | None, HR(1091)] = None
    """How many are in series."""
    drms_enable: Annotated[bool | None, HR(1093), flag] = None
    """Whether demand-response (DRM) is on."""
    aging_test: Annotated[int | None, HR(1098)] = None
    """Command of the aging test."""
    bypass_enable: Annotated[bool | None, HR(1100), flag] = None
    """Whether bypass mode is on."""
    npe_enable: Annotated[bool | None, HR(1101), flag] = None
    """Whether N-PE relay is on."""
    export_power_limit: Annotated[Watts, HR(1102)] = None
    """Installer export limit, in W."""
    enable_export_limit: Annotated[bool | None, HR(1103), flag] = None
    """Whether installer export limit is on."""
    unbalance_output_enable: Annotated[bool | None, HR(1104), flag] = None
    """Whether unbalanced three-phase output is on."""
    backup_enable: Annotated[bool | None, HR(1105), flag] = None
    """Whether backup (off-grid) output is on."""
    v_backup_nominal: Annotated[WholeVolts, HR(1106), lookup({0: 230, 1: 208, 2: 240})] = None
    """Backup nominal voltage, in V."""
    f_backup_nominal: Annotated[WholeHertz, HR(1107), lookup({0: 50, 1: 60})] = None
    """Backup nominal frequency, in Hz."""
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
    """Charge slot 1: when the battery charges from the grid each day."""
    charge_slot_2: Annotated[TimeSlot | None, HR(1115), slot, Writable()] = None
    """Charge slot 2: when the battery charges from the grid each day."""
    load_compensation_enable: Annotated[bool | None, HR(1117), flag] = None
    """Whether load reactive power compensation is on."""
    discharge_slot_1: Annotated[TimeSlot | None, HR(1118), slot, Writable()] = None
    """Discharge slot 1: when the battery discharges each day."""
    discharge_slot_2: Annotated[TimeSlot | None, HR(1120), slot, Writable()] = None
    """Discharge slot 2: when the battery discharges each day."""
    force_discharge_enable: Annotated[bool | None, HR(1122), flag, Writable()] = None
    """Whether forced discharge is on."""
    force_charge_enable: Annotated[bool | None, HR(1123), flag, Writable()] = None
    """Whether forced charge is on."""
    battery_maintenance_mode: Annotated[
        BatteryMaintenance | None, HR(1124), enum(BatteryMaintenance)
    ] = None
    """Battery maintenance mode."""
