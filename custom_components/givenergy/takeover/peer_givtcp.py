"""Counterparts of GivTCP, whose entities the MQTT integration discovers.

Its keys are its own, so every one has a row. Values are compared before anything
moves: where GivTCP takes another register on some model, its entity stays.
"""

from .counterparts import MODULE, PACK, STACK, Counterpart, Peer

_SAME = "The same value."
_COUNTER = "The same counter."
_SETTING = "The same setting."
_WORDED = "The same setting; its options are worded differently, so automations that set it change."
_CHARGER = "Belongs to a car charger, which this integration does not read."
_MONEY = "Use the energy dashboard, which knows your prices."
_FLOW = "Worked out by GivTCP from other values; the energy dashboard shows where energy went."
_TIME = "A selector there; use the time entities of the slots."
_OVERRIDE = "Use the timed overrides and actions of this integration."
_MODEL = "The device page shows it."
_REMAINING = "Worked out by GivTCP; use a template from stored energy and power."
_METER = "Use the meter's own device."
_NONE = "There is no entity for it here."


def _sensor(theirs: str, *ours: str, why: str = _SAME, at: str | None = None) -> Counterpart:
    return Counterpart("sensor", theirs, ours, why, at=at)


def _pack(theirs: str, *ours: str, why: str = _SAME) -> Counterpart:
    return Counterpart("sensor", theirs, ours, why, PACK)


def _module(theirs: str, *ours: str) -> Counterpart:
    return Counterpart("sensor", theirs, ours, _SAME, MODULE)


def _counters(
    theirs: str, today: tuple[str, ...], total: tuple[str, ...]
) -> tuple[Counterpart, ...]:
    """Return the rows of a day's and a total counter; ``*`` stands for the period."""
    return (
        _sensor(theirs.replace("*", "Today"), *today, why=_COUNTER),
        _sensor(theirs.replace("*", "Total"), *total, why=_COUNTER),
    )


def _without(domain: str, why: str, *theirs: str) -> tuple[Counterpart, ...]:
    return tuple(Counterpart(domain, key, (), why) for key in theirs)


_ENERGY = (
    *_counters(
        "Import_Energy_*_kWh",
        ("e_grid_in_day", "e_import_today", "e_grid_import_today"),
        ("e_grid_in_total", "e_import_total", "e_grid_import_total"),
    ),
    *_counters(
        "Export_Energy_*_kWh",
        ("e_grid_out_day", "e_export_today", "e_grid_export_today"),
        ("e_grid_out_total", "e_export_total", "e_grid_export_total"),
    ),
    *_counters("Export2_Energy_*_kWh", ("e_export2_today",), ("e_export2_total",)),
    *_counters("PV_Energy_*_kWh", ("e_pv_today",), ("e_pv_total",)),
    *_counters("PV1_Energy_*_kWh", ("e_pv1_day", "e_pv1_today"), ("e_pv1_total",)),
    _sensor("PV2_Energy_Total_kWh", "e_pv2_total", why=_COUNTER),
    *_counters(
        "Battery_Charge_Energy_*_kWh", ("e_battery_charge_today",), ("e_battery_charge_total",)
    ),
    *_counters(
        "Battery_Discharge_Energy_*_kWh",
        ("e_battery_discharge_today",),
        ("e_battery_discharge_total",),
    ),
    *_counters(
        "Invertor_Energy_*_kWh",
        ("e_inverter_out_today", "e_pv_generation_today"),
        ("e_inverter_out_total", "e_pv_generation_total"),
    ),
    *_counters(
        "Inverter_Out_Energy_*_kWh",
        ("e_inverter_out_today", "e_pv_generation_today"),
        ("e_inverter_out_total", "e_pv_generation_total"),
    ),
    *_counters(
        "Load_Energy_*_kWh",
        ("e_consumption_today", "e_load_today"),
        ("e_consumption_total", "e_load_total"),
    ),
    *_counters(
        "Self_Consumption_Energy_*_kWh",
        ("e_self_consumption_today",),
        ("e_self_consumption_total",),
    ),
    *_counters(
        "Parallel_Total_Charge_Energy_*_kWh", ("e_aio_charge_today",), ("e_aio_charge_total",)
    ),
    *_counters(
        "Parallel_Total_Discharge_Energy_*_kWh",
        ("e_aio_discharge_today",),
        ("e_aio_discharge_total",),
    ),
    _sensor("AC_Charge_Energy_Today_kWh", "e_ac_charge_today", why=_COUNTER),
    _sensor("AC_Charge_Energy_Total_kWh", "e_inverter_in_total", "e_ac_charge_total", why=_COUNTER),
    _sensor("Inverter_In_Energy_Today_kWh", "e_ac_charge_today", why=_COUNTER),
    _sensor(
        "Inverter_In_Energy_Total_kWh", "e_inverter_in_total", "e_ac_charge_total", why=_COUNTER
    ),
    _sensor("Battery_Throughput_Total_kWh", "e_battery_throughput", why=_COUNTER),
    *_without(
        "sensor", "The sum of battery charge and discharge today.", "Battery_Throughput_Today_kWh"
    ),
    *_without("sensor", _FLOW, "AC_Discharge_Energy_{any}_kWh", "Generation_Energy_{any}_kWh"),
    *(
        _sensor(
            f"Stack_{word}_Energy_{period}_kWh",
            f"{word.lower()}_energy_{period.lower()}",
            why=_COUNTER,
            at="hv_stack",
        )
        for word in ("Charge", "Discharge")
        for period in ("Today", "Total")
    ),
    _sensor("SOC_kWh", "battery_stored_energy"),
    _sensor("Stack_SOC_kWh", "stored_energy", at="hv_stack"),
    *_without(
        "sensor",
        _MONEY,
        "Day_{any}",
        "Night_{any}",
        "Battery_Value",
        "Battery_ppkwh",
        "Current_Rate",
        "Export_Rate",
        "Import_ppkwh_Today",
    ),
    *_without(
        "sensor",
        _CHARGER,
        "Charge_Session_{any}",
        "Meter_Energy",
        "Import_Energy_kWh",
        "Export_Energy_kWh",
    ),
)
_POWER = (
    _sensor("PV_Power", "pv_power", "p_pv"),
    _sensor("PV_Power_String_{n}", "p_pv{n}"),
    _sensor("PV_Voltage_String_{n}", "v_pv{n}"),
    _sensor("PV_Current_String_{n}", "i_pv{n}"),
    _sensor("PV_Current", "i_pv"),
    _sensor("Battery_Power", "p_battery"),
    _sensor("Charge_Power", "battery_charge_power"),
    _sensor("Discharge_Power", "battery_discharge_power"),
    _sensor("Battery_Charge_Power", "battery_charge_power"),
    _sensor("Battery_Discharge_Power", "battery_discharge_power"),
    _sensor("Battery_Voltage", "v_battery", "v_battery_bms"),
    _sensor("Battery_Current", "i_battery"),
    _sensor("Battery_Temperature", "t_battery"),
    _sensor("SOC", "battery_soc", "battery_average_soc"),
    _sensor("Battery_SOC", "battery_soc", "battery_average_soc"),
    _sensor("Grid_Power", "p_grid_out", "grid_power"),
    _sensor("Import_Power", "grid_import_power"),
    _sensor("Export_Power", "grid_export_power"),
    _sensor("Load_Power", "p_load_demand", "p_load_all", "p_load"),
    _sensor("Invertor_Power", "p_grid_out_ph1", "p_inverter_out"),
    _sensor("Inverter_Power_Out", "p_grid_out_ph1", "p_inverter_out"),
    _sensor("AC_Charge_Power", "p_inverter_ac_charge"),
    _sensor("EPS_Power", "p_backup"),
    _sensor("Grid_Apparent_Power", "p_grid_apparent"),
    _sensor("Grid_Voltage", "v_ac1", "v_grid"),
    _sensor("Grid_Current", "i_grid_port", "i_grid"),
    _sensor("Inverter_Current", "i_ac1"),
    _sensor("Grid_Frequency", "f_ac1"),
    _sensor("Inverter_Output_Frequency", "f_ac1_output"),
    _sensor("EPS_Nominal_Frequency", "f_nominal_eps"),
    _sensor("Invertor_Temperature", "t_inverter_heatsink", "t_inverter"),
    _sensor("Inverter_Temperature", "t_inverter", "t_inverter_heatsink"),
    _sensor("Boost_Temperature", "t_boost"),
    _sensor("Buck_Boost_Temperature", "t_buck_boost"),
    _sensor("Power_Factor", "pf_inverter_output_now", "power_factor"),
    _sensor("Grid_Phase{n}_Voltage", "v_ac{n}"),
    _sensor("Grid_Phase{n}_Current", "i_ac{n}"),
    _sensor("Output_Phase{n}_Voltage", "v_out_ac{n}"),
    _sensor("EPS_Phase{n}_Power", "p_eps_ac{n}"),
    _sensor("PCS_Voltage", "v_battery_pcs"),
    _sensor("BMS_Voltage", "v_battery_bms"),
    _sensor("Meter2_Power", "p_meter2"),
    _sensor("Meter_{n}_Power", "meter_{n}_power"),
    _sensor("Load_Voltage", "v_load"),
    _sensor("Load_Current", "i_load"),
    _sensor("Grid_Relay_Voltage", "v_grid_relay"),
    _sensor("Inverter_Relay_Voltage", "v_inverter_relay"),
    _sensor("Liberty_Power", "p_liberty"),
    _sensor("Gateway_Inverter_Power", "p_aio_total"),
    _sensor("Calculated_Load_Power", "calc_load_power"),
    _sensor("Measured_Load_Power", "measured_load_power"),
    _sensor("Generation_Load_Power", "total_generation_load_power"),
    _sensor("Total_Battery_Power", "total_battery_power"),
    _sensor("Other_Battery_Power", "other_battery_power"),
    _sensor("Remaining_Battery_Wh", "remaining_battery_wh"),
    *_without(
        "sensor",
        _FLOW,
        "Battery_to_{any}",
        "Grid_to_{any}",
        "Solar_to_{any}",
        "Self_Consumption_Power",
        "Combined_Generation_Power",
    ),
    *_without(
        "sensor",
        _METER,
        "Phase_{n}_{any}",
        "Meter_{n}_Status",
        "Meter_Import_Power",
        "Meter_Export_Power",
        "Export_Phase{n}_Power",
        "Load_Phase{n}_Power",
        "Frequency",
        "Total_Power",
        "Power",
    ),
    *_without(
        "sensor",
        _CHARGER,
        "Active_Power",
        "Active_Power_L{n}",
        "Current_L{n}",
        "Voltage_L{n}",
        "Evse_{any}",
        "Charging_State",
        "Connection_Status",
        "DI_State",
        "DO_State",
        "Temperature",
    ),
    *_without("sensor", _NONE, "Total_Gateway_Power"),
)
_STATUS = (
    _sensor("status", "status"),
    _sensor("Modbus_Version", "modbus_version"),
    _sensor("Meter_Type", "meter_type"),
    _sensor("Battery_Type", "battery_type"),
    _sensor("DC_Status", "dc_status"),
    _sensor("Battery_Priority", "battery_priority"),
    _sensor("Start_Delay_Time", "start_delay_time"),
    _sensor("EMS_Status", "ems_status"),
    _sensor("Inverter_Count", "inverter_count"),
    _sensor("Meter_Count", "meter_count"),
    _sensor("Battery_Capacity_kWh", "battery_capacity_kwh"),
    _sensor("Parallel_Total_AIO_Number", "parallel_aio_num"),
    _sensor("Parallel_Total_AIO_Online_Number", "parallel_aio_online_num"),
    Counterpart("sensor", "Invertor_Time", ("system_time",), _SAME, worded=True),
    Counterpart("sensor", "Inverter_Time", ("system_time",), _SAME, worded=True),
    Counterpart("sensor", "System_Time", ("system_time",), _SAME, worded=True),
    Counterpart("sensor", "Last_Updated_Time", ("last_reading",), _SAME, worded=True),
    Counterpart(
        "sensor", "Battery_Calibration_Status", ("battery_calibration_stage",), _SAME, worded=True
    ),
    *_without(
        "sensor",
        _MODEL,
        "Invertor_Firmware",
        "Invertor_Serial_Number",
        "Invertor_Software",
        "Invertor_Type",
        "Serial_Number",
        "AIO_{n}_Serial_Number",
        "Gateway_Software_Version",
        "Stack_Firmware",
        "Battery_Firmware_Version",
        "Battery_Serial_Number",
        "GivTCP_Version",
    ),
    *_without(
        "sensor",
        _REMAINING,
        "Charge_Time_Remaining",
        "Discharge_Time_Remaining",
        "Charge_Completion_Time",
        "Discharge_Completion_Time",
        "Charge_Start_Time",
        "Charge_End_Time",
    ),
    *_without(
        "sensor",
        "Use the connection sensors.",
        "Time_Since_Last_Update",
        "Timeout_Error",
        "Write_Count",
        "Safe_Write_Count",
    ),
    *_without(
        "sensor",
        "Use Status and the faults.",
        "System_Mode",
        "Plant_Status",
        "Error_Code",
        "Gateway_Mode",
        "Gateway_State",
    ),
    *_without(
        "sensor",
        _NONE,
        "Battery_Capacity",
        "Battery_Capacity_kWh_calc",
        "Battery_Cells",
        "Battery_Cycles",
        "Battery_Design_Capacity",
        "Battery_Remaining_Capacity",
        "BMS_Temperature",
        "Battery_Cell_{n}_{any}",
        "Export_Limit",
        "Invertor_Max_Bat_Rate",
        "Invertor_Max_Inv_Rate",
    ),
    _sensor("Stack_SOH", "battery_soh", at="hv_stack"),
    _sensor("Stack_SOC_High", "battery_soc_max", at="hv_stack"),
    _sensor("Stack_SOC_Low", "battery_soc_min", at="hv_stack"),
    _sensor("Stack_Cycles", "number_of_cycles", at="hv_stack"),
    _sensor("Stack_Design_Capacity", "battery_nominal_capacity_ah", at="hv_stack"),
    _sensor("Stack_Voltage", "battery_voltage", at="hv_stack"),
    _sensor("Stack_Load_Voltage", "load_voltage", at="hv_stack"),
    _sensor("Stack_Current", "battery_current", at="hv_stack"),
    _sensor("Stack_Power", "battery_power", at="hv_stack"),
    *_without("sensor", "The spread of the states of charge.", "Stack_SOC_Difference"),
    *_without("binary_sensor", _NONE, "Battery_USB_present"),
)
_BATTERIES = (
    _pack("Battery_SOC", "soc"),
    _pack("Battery_Voltage", "v_out"),
    _pack("Battery_Current", "i_battery"),
    _pack("Battery_Cycles", "num_cycles"),
    _pack("Battery_Cells", "num_cells"),
    _pack("Battery_Capacity", "cap_calibrated"),
    _pack("Battery_Design_Capacity", "cap_design"),
    _pack("Battery_Remaining_Capacity", "cap_remaining"),
    _pack("BMS_Temperature", "t_bms_mosfet"),
    _pack("Battery_Temperature", "t_max", why="The warmest cells; it stays where the two differ."),
    _pack("BMS_Voltage", "v_cells_sum"),
    _pack("Battery_Cell_{n}_Voltage", "v_cell_{nn}"),
    *(
        _pack(f"Battery_Cell_{number}_Temperature", f"t_cells_{4 * number - 3:02}_{4 * number:02}")
        for number in range(1, 5)
    ),
    *(_pack(key, why=_MODEL) for key in ("Battery_Serial_Number", "Battery_Firmware_Version")),
    _module("Battery_Cell_{n}_Voltage", "v_cell_{nn}"),
    _module("Battery_Cell_{n}_Temperature", "t_cell_{nn}"),
    Counterpart("sensor", "Battery_SOC", ("soc",), _SAME, STACK),
)
_CONTROL = (
    Counterpart("number", "Target_SOC", ("charge_target_soc",), _SETTING),
    Counterpart("number", "Charge_Target_SOC_{n}", ("charge_target_soc_{n}",), _SETTING),
    Counterpart("number", "Discharge_Target_SOC_{n}", ("discharge_target_soc_{n}",), _SETTING),
    *(
        Counterpart(
            "number", f"EMS_{word}_Target_SOC_{{n}}", (f"{word.lower()}_target_{{n}}",), _SETTING
        )
        for word in ("Charge", "Discharge")
    ),
    Counterpart("number", "Export_Target_SOC_{n}", ("export_target_{n}",), _SETTING),
    Counterpart("number", "Battery_Power_Reserve", ("battery_soc_reserve",), _SETTING),
    Counterpart(
        "number", "Battery_Power_Cutoff", ("battery_discharge_min_power_reserve",), _SETTING
    ),
    Counterpart("number", "Battery_Charge_Rate_AC", ("battery_charge_limit_ac",), _SETTING),
    Counterpart("number", "Battery_Discharge_Rate_AC", ("battery_discharge_limit_ac",), _SETTING),
    Counterpart("number", "Active_Power_Rate", ("active_power_rate",), _SETTING),
    Counterpart("number", "Export_Power_Limit", ("export_power_limit",), _SETTING),
    Counterpart("number", "Battery_Charge_Rate", ("charge_power_limit",), _SETTING),
    Counterpart("number", "Battery_Discharge_Rate", ("discharge_power_limit",), _SETTING),
    *_without("number", _OVERRIDE, "Force_Charge_Num", "Force_Export_Num", "Temp_Pause_{any}"),
    *_without(
        "number",
        _CHARGER,
        "Car_{any}",
        "Charge_Limit",
        "Import_Cap",
        "Max_Session_Energy",
        "Max_Charge_Current",
    ),
    *_without(
        "number",
        _NONE,
        "Discharge_Target_SOC",
        "Load_Target_SOC",
        "Export_Limit_AC",
        "Plant_{any}_Compensation",
        "Reactive_Power_Rate",
    ),
    Counterpart("select", "Battery_pause_mode", ("battery_pause_mode",), _WORDED, worded=True),
    Counterpart("select", "Mode", ("operating_mode",), _WORDED, worded=True),
    *_without("select", _TIME, "{any}_time_slot", "{any}_time_slot_{n}"),
    *_without("select", _OVERRIDE, "Force_{any}", "Temp_Pause_{any}"),
    *_without("select", "Use the calibration buttons.", "Battery_Calibration"),
    *_without("select", _CHARGER, "Car_Charge_Mode", "Charge_Control", "Charging_Mode"),
    *_without("select", _MONEY, "Current_Rate_Type"),
    *_without("select", _NONE, "Local_control_mode", "PV_input_mode"),
    Counterpart("switch", "Enable_Charge_Schedule", ("enable_charge",), _SETTING),
    Counterpart("switch", "Enable_Discharge_Schedule", ("enable_discharge",), _SETTING),
    Counterpart("switch", "Enable_Charge_Target", ("enable_charge_target",), _SETTING),
    Counterpart("switch", "Real_Time_Control", ("enable_rtc",), _SETTING),
    Counterpart("switch", "Force_Charge_Enable", ("force_charge_enable",), _SETTING),
    Counterpart("switch", "Force_Discharge_Enable", ("force_discharge_enable",), _SETTING),
    Counterpart("switch", "Plant_Control", ("plant_enabled",), _SETTING),
    *_without("switch", "Use the Operating mode select.", "Eco_Mode", "Enable_Discharge"),
    *_without("switch", _CHARGER, "Plug_and_Go"),
    *_without("switch", _NONE, "Force_AC_Charge_Enable"),
    Counterpart("button", "Reboot_Invertor", ("reboot",), _SETTING),
    Counterpart("button", "Sync_Time", ("sync_clock",), _SETTING),
    *_without("button", _NONE, "Reboot_Addon"),
)

GIVTCP = Peer(
    name="GivTCP",
    domain="mqtt",
    table=(*_ENERGY, *_POWER, *_STATUS, *_BATTERIES, *_CONTROL),
)
