"""Settings that every inverter has."""

from datetime import datetime
from typing import Annotated

from .. import TimeSlot
from ..codecs import (
    Codec,
    centi,
    clock,
    deci,
    deci_uint32,
    decimal_text,
    enum,
    flag,
    hexadecimal,
    high_byte,
    high_flag,
    low_byte,
    low_flag,
    messages,
    serial,
    slot,
    uint32,
)
from ..enums import (
    BatteryCalibrationStage,
    BatteryPowerMode,
    ExportPriority,
    MeterType,
    PowerFactorFunctionModel,
    UsbDevice,
)
from ..fault_codes import INVERTER_FAULTS
from ..models import Model, family_of
from ..register import HR, Momentary, Within, Writable
from ..register_model import (
    CRate,
    DailyEnergy,
    FineSeconds,
    Hertz,
    LifetimeEnergy,
    Messages,
    Minutes,
    Percent,
    RegisterModel,
    Seconds,
    Volts,
    Watts,
    WholeAmpereHours,
    WholeAmperes,
)

product_family = Codec(Model, decode=lambda word: family_of(f"{word:04x}"))
"""The first of four hexadecimal digits; an unknown family decodes to None."""


class SystemSettings(RegisterModel):
    """Who the inverter is, its clock, and how it was installed."""

    device_type_code: Annotated[str | None, HR(0), hexadecimal(4)] = None
    """Four hexadecimal digits, which with the ARM firmware name the product."""
    model: Annotated[Model | None, HR(0), product_family] = None
    """The family, from the first digit of the type code; the firmware narrows it down."""
    module: Annotated[str | None, HR(1), hexadecimal(8, uint32)] = None
    """Two words set at the factory, grid code and output power among them."""
    num_mppt: Annotated[int | None, HR(3), high_byte] = None
    """How many solar inputs there are; 0 means it was never filled in."""
    num_phases: Annotated[int | None, HR(3), low_byte] = None
    """How many phases there are; 0 means it was never filled in."""
    enable_ammeter: Annotated[bool | None, HR(7), flag] = None
    """Whether external energy meters are on."""
    serial_number: Annotated[str | None, HR(13), serial] = None
    """Inverter serial number, ten characters."""
    first_battery_bms_firmware_version: Annotated[int | None, HR(18)] = None
    """BMS firmware number of the first battery as known by the inverter."""
    dsp_firmware_version: Annotated[int | None, HR(19)] = None
    """DSP firmware number."""
    enable_charge_target: Annotated[bool | None, HR(20), flag, Writable()] = None
    """Whether charging from the grid stops at the target; otherwise it goes on to 100 %."""
    arm_firmware_version: Annotated[int | None, HR(21)] = None
    """ARM firmware number."""
    usb_device_inserted: Annotated[UsbDevice | None, HR(22), enum(UsbDevice)] = None
    """What is plugged into the inverter's USB port."""
    select_arm_chip: Annotated[bool | None, HR(23), flag] = None
    """Which processor the variable below is read from: the ARM rather than the DSP."""
    variable_address: Annotated[int | None, HR(24)] = None
    """For engineers."""
    variable_value: Annotated[int | None, HR(25)] = None
    """Value of the debug variable; its meaning is unknown."""
    grid_port_max_power_output: Annotated[Watts, HR(26)] = None
    """The export limit that was configured."""
    battery_power_mode: Annotated[
        BatteryPowerMode | None,
        HR(27),
        enum(BatteryPowerMode),
        Writable(),
    ] = None
    """What the battery discharges for."""
    enable_60hz_freq_mode: Annotated[bool | None, HR(28), flag] = None
    """Whether the grid runs at 60 Hz rather than 50."""
    battery_calibration_stage: Annotated[
        BatteryCalibrationStage | None,
        HR(29),
        enum(BatteryCalibrationStage),
        Writable(only=(0, 1, 3), momentary=Momentary.ACKNOWLEDGED),
    ] = None
    """Set to 1 to start calibrating, 3 to charge only, 0 to stop; read, it is the stage."""
    modbus_address: Annotated[int | None, HR(30)] = None
    """Normally 17."""
    user_code: Annotated[int | None, HR(33)] = None
    """The company it was made for."""
    modbus_version: Annotated[str | None, HR(34), decimal_text(2)] = None
    """Version of the Modbus protocol, with two decimals, such as '1.40'."""
    system_time: Annotated[
        datetime | None, HR(35), clock, Writable(momentary=Momentary.CLOCK_FOLLOWS)
    ] = None
    """Local wall time without a zone."""
    enable_drm_rj45_port: Annotated[bool | None, HR(41), flag] = None
    """Whether demand response is listened to."""
    enable_reversed_ct_clamp: Annotated[bool | None, HR(42), flag] = None
    """Whether the direction of the grid CT clamp is reversed."""
    charge_soc: Annotated[Percent, HR(43), high_byte] = None
    """Of uncertain meaning."""
    discharge_soc: Annotated[Percent, HR(43), low_byte] = None
    """Of uncertain meaning."""
    bms_firmware_version: Annotated[int | None, HR(46)] = None
    """BMS firmware number."""
    meter_type: Annotated[MeterType | None, HR(47), enum(MeterType)] = None
    """Type of the installed meter."""
    enable_reversed_115_meter: Annotated[bool | None, HR(48), flag] = None
    """Whether the direction of the EM115 meter is reversed."""
    enable_reversed_418_meter: Annotated[bool | None, HR(49), flag] = None
    """Whether the direction of the EM418 meter is reversed."""
    active_power_rate: Annotated[Percent, HR(50), Writable(0, 100)] = None
    """Cap of the AC output in percent of the rating; a plant controller overwrites it."""
    reactive_power_rate: Annotated[Percent, HR(51)] = None
    """Cap of the reactive power in percent of the rating."""
    enable_inverter_auto_restart: Annotated[bool | None, HR(53), high_flag] = None
    """Whether the inverter restarts on its own after a fault."""
    enable_inverter: Annotated[bool | None, HR(53), low_flag] = None
    """Whether the inverter is on."""
    battery_capacity_ah: Annotated[WholeAmpereHours, HR(55)] = None
    """As configured, at the nominal voltage of the battery."""
    enable_auto_judge_battery_type: Annotated[bool | None, HR(58), flag] = None
    """Whether the inverter detects the type of the battery."""
    enable_discharge: Annotated[bool | None, HR(59), flag, Writable()] = None
    """Whether the battery discharges in its windows."""


class GridProtection(RegisterModel):
    """When the inverter leaves the grid, and when it comes back."""

    v_pv_start: Annotated[Volts, HR(60), deci, Within(0, 2000)] = None
    """What the panels must deliver for the inverter to start."""
    start_countdown_timer: Annotated[Seconds, HR(61)] = None
    """Start-up delay, in seconds."""
    restart_delay_time: Annotated[Seconds, HR(62)] = None
    """Restart delay after a fault, in seconds."""
    v_ac_low_limit_trip: Annotated[Volts, HR(63), deci, Within(0, 500)] = None
    """AC under-voltage trip threshold, in V."""
    v_ac_high_limit_trip: Annotated[Volts, HR(64), deci, Within(0, 500)] = None
    """AC over-voltage trip threshold, in V."""
    f_ac_low_limit_trip: Annotated[Hertz, HR(65), centi, Within(40, 70)] = None
    """AC under-frequency trip threshold, in Hz."""
    f_ac_high_limit_trip: Annotated[Hertz, HR(66), centi, Within(40, 70)] = None
    """AC over-frequency trip threshold, in Hz."""
    t_ac_low_voltage_trip: Annotated[FineSeconds, HR(67), centi] = None
    """Under-voltage trip delay, in seconds."""
    t_ac_high_voltage_trip: Annotated[FineSeconds, HR(68), centi] = None
    """Over-voltage trip delay, in seconds."""
    t_ac_low_freq_trip: Annotated[FineSeconds, HR(69), centi] = None
    """Under-frequency trip delay, in seconds."""
    t_ac_high_freq_trip: Annotated[FineSeconds, HR(70), centi] = None
    """Over-frequency trip delay, in seconds."""
    v_ac_low_limit_reconnect: Annotated[Volts, HR(71), deci, Within(0, 500)] = None
    """AC under-voltage reconnection threshold, in V."""
    v_ac_high_limit_reconnect: Annotated[Volts, HR(72), deci, Within(0, 500)] = None
    """AC over-voltage reconnection threshold, in V."""
    f_ac_low_limit_reconnect: Annotated[Hertz, HR(73), centi, Within(40, 70)] = None
    """AC under-frequency reconnection threshold, in Hz."""
    f_ac_high_limit_reconnect: Annotated[Hertz, HR(74), centi, Within(40, 70)] = None
    """AC over-frequency reconnection threshold, in Hz."""
    t_ac_low_voltage_reconnect: Annotated[FineSeconds, HR(75), centi] = None
    """Under-voltage reconnection delay, in seconds."""
    t_ac_high_voltage_reconnect: Annotated[FineSeconds, HR(76), centi] = None
    """Over-voltage reconnection delay, in seconds."""
    t_ac_low_freq_reconnect: Annotated[FineSeconds, HR(77), centi] = None
    """Under-frequency reconnection delay, in seconds."""
    t_ac_high_freq_reconnect: Annotated[FineSeconds, HR(78), centi] = None
    """Over-frequency reconnection delay, in seconds."""
    v_ac_low_limit_grid: Annotated[Volts, HR(79), deci, Within(0, 500)] = None
    """AC under-voltage steady-state grid band threshold, in V."""
    v_ac_high_limit_grid: Annotated[Volts, HR(80), deci, Within(0, 500)] = None
    """AC over-voltage steady-state grid band threshold, in V."""
    f_ac_low_limit_grid: Annotated[Hertz, HR(81), centi, Within(40, 70)] = None
    """AC under-frequency steady-state grid band threshold, in Hz."""
    f_ac_high_limit_grid: Annotated[Hertz, HR(82), centi, Within(40, 70)] = None
    """AC over-frequency steady-state grid band threshold, in Hz."""
    v_ac_10min_protect: Annotated[Volts, HR(83), deci, Within(0, 500)] = None
    """Highest mean of ten minutes."""
    iso_protection_1: Annotated[int | None, HR(84)] = None
    """Of unknown scale, as are the nine below."""
    iso_protection_2: Annotated[int | None, HR(85)] = None
    """Insulation-resistance protection threshold 2; scale unknown."""
    gfci_protection_value_1: Annotated[int | None, HR(86)] = None
    """Residual-current protection threshold, stage 1; scale unknown."""
    gfci_protection_time_1: Annotated[int | None, HR(87)] = None
    """Residual-current protection trip time, stage 1; scale unknown."""
    gfci_protection_value_2: Annotated[int | None, HR(88)] = None
    """Residual-current protection threshold, stage 2; scale unknown."""
    gfci_protection_time_2: Annotated[int | None, HR(89)] = None
    """Residual-current protection trip time, stage 2; scale unknown."""
    dci_protection_value_1: Annotated[int | None, HR(90)] = None
    """DC-injection protection threshold, stage 1; scale unknown."""
    dci_protection_time_1: Annotated[int | None, HR(91)] = None
    """DC-injection protection trip time, stage 1; scale unknown."""
    dci_protection_value_2: Annotated[int | None, HR(92)] = None
    """DC-injection protection threshold, stage 2; scale unknown."""
    dci_protection_time_2: Annotated[int | None, HR(93)] = None
    """DC-injection protection trip time, stage 2; scale unknown."""


class BatterySettings(RegisterModel):
    """How the battery is charged and discharged."""

    enable_charge: Annotated[bool | None, HR(96), flag, Writable()] = None
    """Whether the battery is charged from the grid in its windows."""
    battery_low_voltage_protection_limit: Annotated[Volts, HR(97), centi] = None
    """Battery under-voltage protection limit, in V."""
    battery_high_voltage_protection_limit: Annotated[Volts, HR(98), centi] = None
    """Battery over-voltage protection limit, in V."""
    string_1_voltage_adjustment: Annotated[int | None, HR(99)] = None
    """Calibration, of unknown scale."""
    string_2_voltage_adjustment: Annotated[int | None, HR(100)] = None
    """Calibration, of unknown scale."""
    battery_voltage_adjust: Annotated[Volts, HR(105), centi] = None
    """Calibration."""
    string_1_power_adjustment: Annotated[int | None, HR(106)] = None
    """Calibration, of unknown scale."""
    string_2_power_adjustment: Annotated[int | None, HR(107)] = None
    """Calibration, of unknown scale."""
    battery_low_force_charge_time: Annotated[Minutes, HR(108)] = None
    """Hours for which a nearly empty battery is charged regardless of other settings."""
    enable_bms_read: Annotated[bool | None, HR(109), flag] = None
    """Whether the inverter polls the battery management system."""
    battery_charge_limit: Annotated[CRate, HR(111), Writable(0, 100, usual=(0, 50))] = None
    """In hundredths of the capacity per hour: 50 fills the battery in two hours."""
    battery_discharge_limit: Annotated[CRate, HR(112), Writable(0, 100, usual=(0, 50))] = None
    """In hundredths of the capacity per hour: 50 empties the battery in two hours."""
    enable_buzzer: Annotated[bool | None, HR(113), flag] = None
    """Whether the buzzer is on."""
    battery_discharge_min_power_reserve: Annotated[Percent, HR(114), Writable(4, 100)] = None
    """State of charge at which the battery cuts off; the name is wrong."""
    charge_soc_stop_2: Annotated[Percent, HR(117)] = None
    """Sources disagree about which of these four belongs to which window."""
    discharge_soc_stop_2: Annotated[Percent, HR(118)] = None
    """Discharge stop state of charge paired with discharge slot 2, in %."""
    charge_soc_stop_1: Annotated[Percent, HR(119)] = None
    """Charge stop state of charge paired with charge slot 1, in %."""
    discharge_soc_stop_1: Annotated[Percent, HR(120)] = None
    """Discharge stop state of charge paired with discharge slot 1, in %."""


class GridSupport(RegisterModel):
    """How the inverter answers to the voltage and frequency of the grid."""

    enable_local_command_test: Annotated[bool | None, HR(121), flag] = None
    """For engineers."""
    power_factor_function_model: Annotated[
        PowerFactorFunctionModel | None, HR(122), enum(PowerFactorFunctionModel)
    ] = None
    """How the inverter controls its power factor."""
    frequency_load_limit_rate: Annotated[int | None, HR(123)] = None
    """Frequency load-limit rate."""
    enable_low_voltage_fault_ride_through: Annotated[bool | None, HR(124), flag] = None
    """Whether low-voltage ride-through is on."""
    enable_frequency_derating: Annotated[bool | None, HR(125), flag] = None
    """Whether over/under-frequency derating is on."""
    enable_above_6kw_system: Annotated[bool | None, HR(126), flag] = None
    """Whether the system counts as one above 6 kW by CEI 0-21."""
    start_system_auto_test: Annotated[bool | None, HR(127), flag] = None
    """Whether the self-test of the grid code is running."""
    enable_spi: Annotated[bool | None, HR(128), flag] = None
    """Whether the system protection interface is on."""
    power_factor_cmd_memory_state: Annotated[int | None, HR(129)] = None
    """Whether power factor commands survive a restart."""
    power_factor_point_1_load_percent: Annotated[Percent, HR(130)] = None
    """Power factor curve point 1: load, in %."""
    power_factor_point_1_power_factor: Annotated[int | None, HR(131)] = None
    """Spelling unconfirmed; 20000 where it was never set."""
    power_factor_point_2_load_percent: Annotated[Percent, HR(132)] = None
    """Power factor curve point 2: load, in %."""
    power_factor_point_2_power_factor: Annotated[int | None, HR(133)] = None
    """Power factor curve point 2: power factor word; scale unknown."""
    power_factor_point_3_load_percent: Annotated[Percent, HR(134)] = None
    """Power factor curve point 3: load, in %."""
    power_factor_point_3_power_factor: Annotated[int | None, HR(135)] = None
    """Power factor curve point 3: power factor word; scale unknown."""
    power_factor_point_4_load_percent: Annotated[Percent, HR(136)] = None
    """Power factor curve point 4: load, in %."""
    power_factor_point_4_power_factor: Annotated[int | None, HR(137)] = None
    """Power factor curve point 4: power factor word; scale unknown."""
    cei021_v1s_q: Annotated[Volts, HR(138), deci] = None
    """CEI 0-21 reactive-power curve voltage V1s, in V."""
    cei021_v2s_q: Annotated[Volts, HR(139), deci] = None
    """CEI 0-21 reactive-power curve voltage V2s, in V."""
    cei021_v1l_q: Annotated[Volts, HR(140), deci] = None
    """CEI 0-21 reactive-power curve voltage V1l, in V."""
    cei021_v2l_q: Annotated[Volts, HR(141), deci] = None
    """CEI 0-21 reactive-power curve voltage V2l, in V."""
    cei021_lock_in_active_power: Annotated[Percent, HR(142)] = None
    """CEI 0-21 lock-in active power, in %."""
    cei021_lock_out_active_power: Annotated[Percent, HR(143)] = None
    """CEI 0-21 lock-out active power, in %."""
    cei021_lock_in_grid_voltage: Annotated[Volts, HR(144), deci] = None
    """CEI 0-21 lock-in grid voltage, in V."""
    cei021_lock_out_grid_voltage: Annotated[Volts, HR(145), deci] = None
    """CEI 0-21 lock-out grid voltage, in V."""
    lvfrt_reactive_rate: Annotated[int | None, HR(146)] = None
    """Of unknown scale, as are the ten below."""
    lvfrt_low_fault_value_1: Annotated[int | None, HR(147)] = None
    """Low-voltage ride-through threshold 1; scale unknown."""
    lvfrt_low_fault_time_1: Annotated[int | None, HR(148)] = None
    """Low-voltage ride-through time 1; scale unknown."""
    lvfrt_low_fault_value_2: Annotated[int | None, HR(149)] = None
    """Low-voltage ride-through threshold 2; scale unknown."""
    lvfrt_low_fault_time_2: Annotated[int | None, HR(150)] = None
    """Low-voltage ride-through time 2; scale unknown."""
    lvfrt_low_fault_value_3: Annotated[int | None, HR(151)] = None
    """Low-voltage ride-through threshold 3; scale unknown."""
    lvfrt_low_fault_time_3: Annotated[int | None, HR(152)] = None
    """Low-voltage ride-through time 3; scale unknown."""
    lvfrt_low_fault_value_4: Annotated[int | None, HR(153)] = None
    """Low-voltage ride-through threshold 4; scale unknown."""
    lvfrt_low_fault_time_4: Annotated[int | None, HR(154)] = None
    """Low-voltage ride-through time 4; scale unknown."""
    lvfrt_high_fault_value_1: Annotated[int | None, HR(155)] = None
    """High-voltage ride-through threshold 1; scale unknown."""
    lvfrt_high_fault_time_1: Annotated[int | None, HR(156)] = None
    """High-voltage ride-through time 1; scale unknown."""


class SpecialSettings(RegisterModel):
    """Restart, several inverters in one house, and faults."""

    inverter_reboot: Annotated[
        int | None, HR(163), Writable(only=(100,), momentary=Momentary.LINK_DROPS)
    ] = None
    """100 restarts the inverter; other numbers would reset it to the factory state."""
    enable_rtc: Annotated[bool | None, HR(166), flag, Writable()] = None
    """Called real-time control in the app; what it does is unconfirmed."""
    threephase_balance_mode: Annotated[int | None, HR(167)] = None
    """Multi-inverter phase balance mode."""
    threephase_abc: Annotated[int | None, HR(168)] = None
    """Which phase of the house this inverter is on."""
    threephase_balance_1: Annotated[int | None, HR(169)] = None
    """Phase balance word 1."""
    threephase_balance_2: Annotated[int | None, HR(170)] = None
    """Phase balance word 2."""
    threephase_balance_3: Annotated[int | None, HR(171)] = None
    """Phase balance word 3."""
    enable_battery_on_pv_or_grid: Annotated[bool | None, HR(175), flag] = None
    """Whether solar or the grid wakes the battery."""
    debug_inverter: Annotated[int | None, HR(176)] = None
    """Debug word; its meaning is unknown."""
    enable_ups_mode: Annotated[bool | None, HR(177), flag] = None
    """Whether the backup output takes over without a gap."""
    enable_g100_limit_switch: Annotated[bool | None, HR(178), flag] = None
    """Whether export is limited as G100 demands."""
    enable_battery_cable_impedance_alarm: Annotated[bool | None, HR(179), flag] = None
    """Whether battery cable impedance alarm is on."""
    enable_inverter_parallel_mode: Annotated[bool | None, HR(199), flag] = None
    """Whether inverter parallel operation mode is on."""
    cmd_bms_flash_update: Annotated[bool | None, HR(200), flag] = None
    """Whether an update of the battery firmware is triggered; never written."""
    inverter_errors: Annotated[int | None, HR(223), uint32] = None
    """The word behind the messages."""
    inverter_fault_messages: Annotated[
        Messages, HR(223), messages(INVERTER_FAULTS, 2, highest_first=True)
    ] = None
    """Messages of the active faults, highest bit first."""


class SlotSettings(RegisterModel):
    """Daily windows beyond the first two, and what each one aims at."""

    charge_target_soc_1: Annotated[Percent, HR(242), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 1, in %."""
    charge_slot_2_x: Annotated[TimeSlot | None, HR(243), slot] = None
    """The second charge window again, as ten-window firmware keeps it."""
    charge_target_soc_2: Annotated[Percent, HR(245), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 2, in %."""
    charge_slot_3: Annotated[TimeSlot | None, HR(246), slot, Writable()] = None
    """Charge slot 3: when the battery charges from the grid each day."""
    charge_target_soc_3: Annotated[Percent, HR(248), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 3, in %."""
    charge_slot_4: Annotated[TimeSlot | None, HR(249), slot, Writable()] = None
    """Charge slot 4: when the battery charges from the grid each day."""
    charge_target_soc_4: Annotated[Percent, HR(251), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 4, in %."""
    charge_slot_5: Annotated[TimeSlot | None, HR(252), slot, Writable()] = None
    """Charge slot 5: when the battery charges from the grid each day."""
    charge_target_soc_5: Annotated[Percent, HR(254), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 5, in %."""
    charge_slot_6: Annotated[TimeSlot | None, HR(255), slot, Writable()] = None
    """Charge slot 6: when the battery charges from the grid each day."""
    charge_target_soc_6: Annotated[Percent, HR(257), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 6, in %."""
    charge_slot_7: Annotated[TimeSlot | None, HR(258), slot, Writable()] = None
    """Charge slot 7: when the battery charges from the grid each day."""
    charge_target_soc_7: Annotated[Percent, HR(260), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 7, in %."""
    charge_slot_8: Annotated[TimeSlot | None, HR(261), slot, Writable()] = None
    """Charge slot 8: when the battery charges from the grid each day."""
    charge_target_soc_8: Annotated[Percent, HR(263), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 8, in %."""
    charge_slot_9: Annotated[TimeSlot | None, HR(264), slot, Writable()] = None
    """Charge slot 9: when the battery charges from the grid each day."""
    charge_target_soc_9: Annotated[Percent, HR(266), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 9, in %."""
    charge_slot_10: Annotated[TimeSlot | None, HR(267), slot, Writable()] = None
    """Charge slot 10: when the battery charges from the grid each day."""
    charge_target_soc_10: Annotated[Percent, HR(269), Writable(4, 100)] = None
    """State of charge at which charging stops in charge slot 10, in %."""
    discharge_target_soc_1: Annotated[Percent, HR(272), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 1, in %."""
    discharge_target_soc_2: Annotated[Percent, HR(275), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 2, in %."""
    discharge_slot_3: Annotated[TimeSlot | None, HR(276), slot, Writable()] = None
    """Discharge slot 3: when the battery discharges each day."""
    discharge_target_soc_3: Annotated[Percent, HR(278), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 3, in %."""
    discharge_slot_4: Annotated[TimeSlot | None, HR(279), slot, Writable()] = None
    """Discharge slot 4: when the battery discharges each day."""
    discharge_target_soc_4: Annotated[Percent, HR(281), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 4, in %."""
    discharge_slot_5: Annotated[TimeSlot | None, HR(282), slot, Writable()] = None
    """Discharge slot 5: when the battery discharges each day."""
    discharge_target_soc_5: Annotated[Percent, HR(284), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 5, in %."""
    discharge_slot_6: Annotated[TimeSlot | None, HR(285), slot, Writable()] = None
    """Discharge slot 6: when the battery discharges each day."""
    discharge_target_soc_6: Annotated[Percent, HR(287), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 6, in %."""
    discharge_slot_7: Annotated[TimeSlot | None, HR(288), slot, Writable()] = None
    """Discharge slot 7: when the battery discharges each day."""
    discharge_target_soc_7: Annotated[Percent, HR(290), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 7, in %."""
    discharge_slot_8: Annotated[TimeSlot | None, HR(291), slot, Writable()] = None
    """Discharge slot 8: when the battery discharges each day."""
    discharge_target_soc_8: Annotated[Percent, HR(293), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 8, in %."""
    discharge_slot_9: Annotated[TimeSlot | None, HR(294), slot, Writable()] = None
    """Discharge slot 9: when the battery discharges each day."""
    discharge_target_soc_9: Annotated[Percent, HR(296), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 9, in %."""
    discharge_slot_10: Annotated[TimeSlot | None, HR(297), slot, Writable()] = None
    """Discharge slot 10: when the battery discharges each day."""
    discharge_target_soc_10: Annotated[Percent, HR(299), Writable(4, 100)] = None
    """State of charge at which discharging stops in discharge slot 10, in %."""


class AcSettings(RegisterModel):
    """Output to the house, backup, and what else may be connected."""

    enable_plant_mode: Annotated[bool | None, HR(300), flag] = None
    """Sources disagree about this register and the two below."""
    plant_role: Annotated[int | None, HR(301)] = None
    """Whether the inverter is primary or secondary in a system of several."""
    plant_meters: Annotated[int | None, HR(302)] = None
    """Which meter the system uses; its values are unknown."""
    overfrequency_load_drop_recovery_delay: Annotated[int | None, HR(303)] = None
    """Of unknown scale."""
    mppt_operating_mode: Annotated[int | None, HR(305)] = None
    """MPPT operating mode."""
    connection_loading_slope: Annotated[int | None, HR(306)] = None
    """Of unknown scale."""
    eps_nominal_voltage: Annotated[Volts, HR(307), deci] = None
    """EPS nominal output voltage, in V."""
    battery_nominal_power: Annotated[Watts, HR(308)] = None
    """Battery rated power, in W."""
    battery_nominal_current: Annotated[WholeAmperes, HR(309)] = None
    """Battery rated current, in A."""
    battery_max_charge_pct: Annotated[Percent, HR(310)] = None
    """State of charge the battery is not charged beyond."""
    export_priority: Annotated[
        ExportPriority | None,
        HR(311),
        enum(ExportPriority),
        Writable(),
    ] = None
    """Where surplus goes first."""
    underfrequency_add_load_delay: Annotated[int | None, HR(312)] = None
    """Of unknown scale."""
    en50549_zero_current_lower_voltage_limit: Annotated[Volts, HR(315), deci] = None
    """EN 50549 zero-current lower voltage limit, in V."""
    en50549_zero_current_upper_voltage_limit: Annotated[Volts, HR(316), deci] = None
    """EN 50549 zero-current upper voltage limit, in V."""
    enable_eps: Annotated[bool | None, HR(317), flag, Writable()] = None
    """Whether the backup output is on."""
    battery_pause_mode: Annotated[int | None, HR(318), Writable(0, 3)] = None
    """0 for none, 1 for charging, 2 for discharging, 3 for both."""
    battery_pause_slot_1: Annotated[TimeSlot | None, HR(319), slot, Writable()] = None
    """When the pause applies."""
    overfrequency_derating_start_point: Annotated[Hertz, HR(321), centi] = None
    """Over-frequency derating start, in Hz."""
    enable_tariff_pricing_battery_logic: Annotated[bool | None, HR(322), flag] = None
    """Whether tariff-price battery logic is on."""
    import_price_battery_discharge_threshold: Annotated[int | None, HR(323)] = None
    """In an unknown currency, as are the two below."""
    import_price_battery_charge_threshold: Annotated[int | None, HR(324)] = None
    """Import price below which the battery charges; scale unknown."""
    export_price_battery_discharge_threshold: Annotated[int | None, HR(325)] = None
    """Export price above which the battery discharges; scale unknown."""
    underfrequency_derating_start_point: Annotated[Hertz, HR(326), centi] = None
    """Under-frequency derating start, in Hz."""
    underfrequency_loading_slope: Annotated[int | None, HR(327)] = None
    """Of unknown scale."""
    overfrequency_derating_stop_point: Annotated[Hertz, HR(328), centi] = None
    """Over-frequency derating stop, in Hz."""
    enable_bms_ocv_calibration: Annotated[bool | None, HR(329), flag] = None
    """Whether BMS open-circuit-voltage calibration is on."""
    gateway_power_off_setting: Annotated[int | None, HR(330)] = None
    """Power-off setting of a gateway; its values are unknown."""
    force_off_grid: Annotated[bool | None, HR(331), flag] = None
    """Whether the house is kept off the grid until this is cleared."""
    enable_micro_grid: Annotated[bool | None, HR(332), flag] = None
    """Whether micro-grid mode is on."""
    enable_ev_charger: Annotated[bool | None, HR(333), flag] = None
    """Whether EV charger control is on."""
    ev_charger_import_limit: Annotated[WholeAmperes, HR(334)] = None
    """EV charger import current limit, in A."""
    ev_charger_reconnection_wait_time: Annotated[Seconds, HR(335)] = None
    """EV charger reconnection wait, in seconds."""
    ev_charger_soc_limit: Annotated[Percent, HR(336)] = None
    """Below this the battery is not used to charge a car."""
    enable_fan: Annotated[bool | None, HR(337), flag] = None
    """Whether the fan is on."""
    fan_speed: Annotated[Percent, HR(338)] = None
    """Fan speed setting, in %."""
    enable_gateway: Annotated[bool | None, HR(339), flag] = None
    """Whether there is a gateway."""
    bms_communication_mode: Annotated[int | None, HR(340)] = None
    """BMS communication mode."""
    n_pe_relay_toggle: Annotated[int | None, HR(341)] = None
    """N-PE relay control."""
    afci_setting: Annotated[int | None, HR(342)] = None
    """Arc-fault detection setting."""
    enable_generator: Annotated[bool | None, HR(343), flag] = None
    """Whether generator input is on."""
    generator_start_soc: Annotated[Percent, HR(344)] = None
    """State of charge at which the generator starts, in %."""
    generator_stop_soc: Annotated[Percent, HR(345)] = None
    """State of charge at which the generator stops, in %."""
    generator_charge_power: Annotated[int | None, HR(346)] = None
    """Of unknown scale."""
    disable_leds: Annotated[bool | None, HR(347), flag] = None
    """Whether the front LEDs are off."""
    lcd_screen_idle_timeout: Annotated[Minutes, HR(348)] = None
    """LCD idle timeout, in minutes."""
    lead_acid_battery_calibration_upper_limit: Annotated[Volts, HR(349), centi] = None
    """Lead-acid calibration upper voltage, in V."""
    lead_acid_battery_calibration_lower_limit: Annotated[Volts, HR(350), centi] = None
    """Lead-acid calibration lower voltage, in V."""
    inverter_operating_mode: Annotated[int | None, HR(351)] = None
    """Operating mode switch."""


class UnpolledSettings(RegisterModel):
    """What has a name but lies in no block that any product serves."""

    hv_cabinet_count: Annotated[int | None, HR(499)] = None
    """Number of DC cabinets."""
    hv_racks_per_cabinet: Annotated[int | None, HR(500)] = None
    """Racks per cabinet."""
    hv_batteries_per_rack: Annotated[int | None, HR(501)] = None
    """Batteries per rack."""
    hv_cells_per_battery: Annotated[int | None, HR(502)] = None
    """Cells per battery."""
    hv_total_cells: Annotated[int | None, HR(503)] = None
    """Total cell count."""
    hv_temp_sensors_per_battery: Annotated[int | None, HR(504)] = None
    """Temperature sensors per battery."""
    hv_total_temp_sensors: Annotated[int | None, HR(505)] = None
    """Total temperature sensors."""
    hv_max_pcs_power: Annotated[int | None, HR(506)] = None
    """Maximum PCS output power; scale unknown."""
    hv_max_charge_voltage: Annotated[Volts, HR(507), deci] = None
    """Maximum DC charge voltage, in V."""
    hv_min_discharge_voltage: Annotated[int | None, HR(508)] = None
    """Minimum DC discharge voltage."""
    hv_max_charge_current: Annotated[int | None, HR(509)] = None
    """Maximum charge current; scale unknown."""
    hv_parallel_count: Annotated[int | None, HR(510)] = None
    """Parallel system count."""
    smart_load_slot_1: Annotated[TimeSlot | None, HR(554), slot, Writable()] = None
    """Smart-load slot 1."""
    smart_load_slot_2: Annotated[TimeSlot | None, HR(556), slot, Writable()] = None
    """Smart-load slot 2."""
    smart_load_slot_3: Annotated[TimeSlot | None, HR(558), slot, Writable()] = None
    """Smart-load slot 3."""
    smart_load_slot_4: Annotated[TimeSlot | None, HR(560), slot, Writable()] = None
    """Smart-load slot 4."""
    smart_load_slot_5: Annotated[TimeSlot | None, HR(562), slot, Writable()] = None
    """Smart-load slot 5."""
    smart_load_slot_6: Annotated[TimeSlot | None, HR(564), slot, Writable()] = None
    """Smart-load slot 6."""
    smart_load_slot_7: Annotated[TimeSlot | None, HR(566), slot, Writable()] = None
    """Smart-load slot 7."""
    smart_load_slot_8: Annotated[TimeSlot | None, HR(568), slot, Writable()] = None
    """Smart-load slot 8."""
    smart_load_slot_9: Annotated[TimeSlot | None, HR(570), slot, Writable()] = None
    """Smart-load slot 9."""
    smart_load_slot_10: Annotated[TimeSlot | None, HR(572), slot, Writable()] = None
    """Smart-load slot 10."""
    pv_power_setting: Annotated[int | None, HR(4107), uint32] = None
    """A preset of the solar total rather than a power."""
    e_battery_discharge_total_alt2: Annotated[LifetimeEnergy, HR(4109), deci_uint32] = None
    """A preset, as are the three below."""
    e_battery_charge_total_alt2: Annotated[LifetimeEnergy, HR(4111), deci_uint32] = None
    """Alternate battery charge total (preset register), in kWh."""
    e_battery_discharge_today_alt3: Annotated[DailyEnergy, HR(4113), deci] = None
    """Alternate battery discharge today (preset register), in kWh."""
    e_battery_charge_today_alt3: Annotated[DailyEnergy, HR(4114), deci] = None
    """Alternate battery charge today (preset register), in kWh."""
    e_inverter_export_total: Annotated[LifetimeEnergy, HR(4141), deci_uint32] = None
    """Total inverter export energy, in kWh."""
    peak_shaving_export_limit_enabled: Annotated[bool | None, HR(20000), flag] = None
    """Whether grid export limit is on."""
    peak_shaving_export_limit: Annotated[int | None, HR(20001)] = None
    """Grid export limit (peak-shaving block); scale unknown."""
    peak_shaving_enabled: Annotated[bool | None, HR(20002), flag] = None
    """Whether peak shaving is on."""
    peak_shaving_threshold: Annotated[int | None, HR(20003)] = None
    """Peak-shaving threshold; scale unknown."""
    peak_shaving_import_limit_enabled: Annotated[bool | None, HR(20020), flag] = None
    """Whether import limit is on."""
    peak_shaving_import_limit: Annotated[int | None, HR(20021)] = None
    """Import limit (peak-shaving block); scale unknown."""
    peak_shaving_power: Annotated[int | None, HR(20050)] = None
    """Peak-shaving power; scale unknown."""
    valley_filling_power: Annotated[int | None, HR(20051)] = None
    """Valley-filling power; scale unknown."""
