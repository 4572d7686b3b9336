"""Counterparts of the two integrations that share the domain ``givenergy_local``.

Both take their keys from the same register names, which are ours too, so a key
without a row means the same here. The rows are what they call differently, and
what has no counterpart.
"""

from .counterparts import MANAGED, MODULE, PACK, Counterpart, Peer

_RENAMED = "The same value under another name."
_BY_MODEL = "The same value; its register depends on the model."
_DAY = "The counter of the day under another name."
_POLLING = "Counts the other integration's polls; see the connection sensors instead."
_SMART_LOAD = "Smart load slots are not offered: no inverter is known to use them."
_IN_SLOT = "Use the binary sensor for an active charge or discharge slot."
_ONE_FIRMWARE = "Part of the firmware version that the Firmware sensor shows."
_NO_SENSOR = "A module has 12 temperature sensors; the others always read 0."
_MODE = "Use the Operating mode select."


def _sensor(theirs: str, *ours: str, why: str = _RENAMED, worded: bool = False) -> Counterpart:
    return Counterpart("sensor", theirs, ours, why, worded=worded)


def _on(
    kinds: frozenset[str], theirs: str, *ours: str, why: str = _RENAMED, domain: str = "sensor"
) -> Counterpart:
    return Counterpart(domain, theirs, ours, why, kinds)


_ENERGY = (
    _sensor("e_pv_day", "e_pv_today", why=_DAY),
    _sensor("e_pv1_day", "e_pv1_day", "e_pv1_today", why=_BY_MODEL),
    _sensor("e_pv2_day", "e_pv2_day", "e_pv2_today", why=_BY_MODEL),
    _sensor("e_inverter_out_day", "e_inverter_out_today", "e_pv_generation_today", why=_BY_MODEL),
    _sensor("e_inverter_out_total", "e_inverter_out_total", "e_pv_generation_total", why=_BY_MODEL),
    _sensor("e_inverter_in_total", "e_inverter_in_total", "e_ac_charge_total", why=_BY_MODEL),
    _sensor("e_battery_charge_day", "e_battery_charge_today", why=_DAY),
    _sensor("e_battery_discharge_day", "e_battery_discharge_today", why=_DAY),
    _sensor("e_battery_throughput_total", "e_battery_throughput"),
    _sensor(
        "e_grid_in_day", "e_grid_in_day", "e_import_today", "e_grid_import_today", why=_BY_MODEL
    ),
    _sensor(
        "e_grid_in_total", "e_grid_in_total", "e_import_total", "e_grid_import_total", why=_BY_MODEL
    ),
    _sensor(
        "e_grid_out_day", "e_grid_out_day", "e_export_today", "e_grid_export_today", why=_BY_MODEL
    ),
    _sensor(
        "e_grid_out_total",
        "e_grid_out_total",
        "e_export_total",
        "e_grid_export_total",
        why=_BY_MODEL,
    ),
    _sensor("e_consumption_today", "e_consumption_today", "e_load_today", why=_BY_MODEL),
    _sensor(
        "e_consumption_consumption",
        why="Added up by that integration from other totals; use the sensor for home consumption.",
    ),
)
_POWER = (
    _sensor("p_pv", "pv_power", "p_pv"),
    _sensor("p_inverter_out", "p_grid_out_ph1", "p_inverter_out", why=_BY_MODEL),
    _sensor("p_grid_out", "p_grid_out", "grid_power", why=_BY_MODEL),
    _sensor("grid_power", "p_grid_out", "grid_power", why=_BY_MODEL),
    _sensor("grid_power_import", "grid_import_power"),
    _sensor("grid_power_export", "grid_export_power"),
    _sensor("p_load_demand", "p_load_demand", "p_load_all", "p_load", why=_BY_MODEL),
    _sensor("p_eps_backup", "p_backup"),
    _sensor("battery_percent", "battery_soc", "battery_average_soc"),
    _sensor("battery_soc", "battery_soc", "battery_average_soc"),
    _sensor("v_battery", "v_battery", "v_battery_bms", why=_BY_MODEL),
    _sensor("v_ac1", "v_ac1", "v_grid", why=_BY_MODEL),
    _sensor("temp_battery", "t_battery"),
    _sensor("temp_inverter_heatsink", "t_inverter_heatsink", "t_inverter"),
    _sensor("temp_charger", "t_charger"),
    _sensor("work_time_total", "work_time_total_hours"),
)
_STATUS = (
    _sensor("status", "status"),
    _sensor("fault_code", "inverter_fault_code"),
    _sensor("warning_code", "inverter_warning_code"),
    _sensor("charger_warning_code", why="Use Charger warnings, which names them."),
    _sensor(
        "inverter_fault_messages",
        "inverter_fault_messages",
        "inverter_fault_codes",
        "gateway_fault_codes",
        worded=True,
    ),
    _sensor("charge_status", "charge_status_label", worded=True),
    _sensor("system_mode", why="A number without a published meaning; use Status."),
    _sensor("battery_mode_description", why=_MODE),
    _sensor("arm_firmware_version", why=_ONE_FIRMWARE),
    _sensor("dsp_firmware_version", why=_ONE_FIRMWARE),
    _sensor("last_successful_refresh", "last_reading", worded=True),
    _sensor("consecutive_failures", why=_POLLING),
    _sensor("total_failures", why=_POLLING),
    _sensor("partial_failures", why=_POLLING),
    _sensor("crc_failures", "crc_errors"),
    _sensor("splice_rejections", "spliced_responses"),
    _sensor("splice_holds", "held_responses"),
    _sensor("read_retries", "retries"),
    _sensor("cold_start_holds", "cold_start_responses"),
)
_CONTROL = (
    Counterpart("binary_sensor", "charge_slot_{n}", (), _IN_SLOT),
    Counterpart("binary_sensor", "discharge_slot_{n}", (), _IN_SLOT),
    Counterpart(
        "binary_sensor",
        "battery_out_of_spec",
        (),
        "Use the battery's own temperatures and warnings.",
    ),
    Counterpart("switch", "battery_power_mode", (), _MODE),
    Counterpart(
        "select",
        "battery_pause_mode",
        ("battery_pause_mode",),
        "The same setting; one of the two integrations words its options differently.",
        worded=True,
    ),
    Counterpart("time", "battery_pause_slot_start", ("battery_pause_slot_1_start",), _RENAMED),
    Counterpart("time", "battery_pause_slot_end", ("battery_pause_slot_1_end",), _RENAMED),
    Counterpart("time", "smart_load_slot_{n}_start", (), _SMART_LOAD),
    Counterpart("time", "smart_load_slot_{n}_end", (), _SMART_LOAD),
    Counterpart("button", "redetect_plant", (), "Use the action Detect new devices."),
    Counterpart("button", "restart", ("reboot",), _RENAMED),
    Counterpart(
        "datetime", "system_time", (), "Use the button Sync clock and the sensor Clock drift."
    ),
    Counterpart("switch", "ems_plant_enable", ("plant_enabled",), _RENAMED),
    Counterpart("number", "ems_export_power_limit", ("export_power_limit",), _RENAMED),
    *(
        Counterpart("number", f"ems_{slot}_target_soc_{{n}}", (f"{slot}_target_{{n}}",), _RENAMED)
        for slot in ("charge", "discharge", "export")
    ),
    *(
        Counterpart("time", f"ems_{slot}_slot_{{n}}_{end}", (f"{slot}_slot_{{n}}_{end}",), _RENAMED)
        for slot in ("charge", "discharge", "export")
        for end in ("start", "end")
    ),
)
_EMS = (
    _sensor("ems_inverter_count", "inverter_count"),
    _sensor("ems_calc_load_power", "calc_load_power"),
    _sensor("ems_measured_load_power", "measured_load_power"),
    _sensor("ems_grid_meter_power", why="Its sign is the opposite of Grid power; use that."),
    _sensor("ems_total_battery_power", "total_battery_power"),
    _sensor("ems_remaining_battery_energy", "remaining_battery_wh"),
    _on(MANAGED, "managed_status", "inverter_status"),
    _on(MANAGED, "managed_power", "inverter_power"),
    _on(MANAGED, "managed_battery_soc", "inverter_soc"),
    _on(MANAGED, "managed_temperature", "inverter_temp"),
)
_BATTERIES = (
    _on(PACK, "battery_soc", "soc"),
    _on(PACK, "battery_num_cycles", "num_cycles"),
    _on(PACK, "v_battery_out", "v_out"),
    _on(PACK, "v_battery_cells_sum", "v_cells_sum"),
    _on(PACK, "battery_temperature", "t_bms_mosfet"),
    _on(PACK, "battery_e_charge_total", "e_battery_charge_total"),
    _on(PACK, "battery_e_discharge_total", "e_battery_discharge_total"),
    _on(
        PACK,
        "battery_remaining_capacity",
        why="Worked out with another voltage, and no measurement there; use Remaining energy.",
    ),
    _on(MODULE, "cell_voltage_min", "v_cell_min"),
    _on(MODULE, "cell_voltage_max", "v_cell_max"),
    _on(MODULE, "cell_voltage_delta", "v_cell_spread"),
    _on(MODULE, "cell_temperature_min", "t_cell_min"),
    _on(MODULE, "cell_temperature_max", "t_cell_max"),
    *(_on(MODULE, f"t_cell_{number}", why=_NO_SENSOR) for number in range(13, 25)),
)

LOCAL = Peer(
    name="GivEnergy Local",
    domain="givenergy_local",
    table=(*_ENERGY, *_POWER, *_STATUS, *_CONTROL, *_EMS, *_BATTERIES),
    same_key=True,
)
