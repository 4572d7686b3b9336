"""Register values that several predefined plants share; all serials and values are invented."""

from collections.abc import Mapping

from ..model.register import HR, IR
from .device_registers import Values, version_words
from .plant_profile import START, module_serial

ALWAYS = "00:00-23:59"
NEVER = "00:00-00:00"

GRID_G98: Values = {
    "v_pv_start": 150.0,
    "start_countdown_timer": 60,
    "restart_delay_time": 60,
    "v_ac_low_limit_trip": 184.0,
    "v_ac_high_limit_trip": 262.2,
    "f_ac_low_limit_trip": 47.5,
    "f_ac_high_limit_trip": 52.0,
    "t_ac_low_voltage_trip": 2.5,
    "t_ac_high_voltage_trip": 1.0,
    "t_ac_low_freq_trip": 20.0,
    "t_ac_high_freq_trip": 0.5,
    "v_ac_low_limit_reconnect": 186.0,
    "v_ac_high_limit_reconnect": 260.0,
    "f_ac_low_limit_reconnect": 47.6,
    "f_ac_high_limit_reconnect": 51.9,
    "t_ac_low_voltage_reconnect": 2.5,
    "t_ac_high_voltage_reconnect": 0.5,
    "t_ac_low_freq_reconnect": 0.5,
    "t_ac_high_freq_reconnect": 0.5,
    "v_ac_low_limit_grid": 188.0,
    "v_ac_high_limit_grid": 258.0,
    "f_ac_low_limit_grid": 47.6,
    "f_ac_high_limit_grid": 51.9,
    "v_ac_10min_protect": 258.0,
}

SYSTEM: Values = {
    "module": "0003081e",
    "enable_ammeter": True,
    "usb_device_inserted": "DISK",
    "grid_port_max_power_output": 6000,
    "battery_power_mode": "SELF_CONSUMPTION",
    "modbus_address": 0x11,
    "user_code": 7,
    "modbus_version": "1.40",
    "system_time": START,
    "enable_reversed_ct_clamp": True,
    "meter_type": "EM115",
    "active_power_rate": 100,
    "enable_inverter": True,
    "battery_type": "LITHIUM",
    "enable_auto_judge_battery_type": True,
    "enable_discharge": False,
}

SINGLE_PHASE: Values = {
    **SYSTEM,
    **GRID_G98,
    "num_mppt": 2,
    "num_phases": 1,
    "charge_slot_1": "00:30-04:30",
    "charge_slot_2": NEVER,
    "discharge_slot_1": "16:00-19:00",
    "discharge_slot_2": NEVER,
    "enable_charge": True,
    "enable_charge_target": True,
    "charge_target_soc": 85,
    "battery_low_voltage_protection_limit": 43.2,
    "battery_high_voltage_protection_limit": 58.5,
    "battery_low_force_charge_time": 6,
    "enable_bms_read": True,
    "battery_soc_reserve": 4,
    "battery_discharge_min_power_reserve": 4,
    "battery_charge_limit": 50,
    "battery_discharge_limit": 50,
    "frequency_load_limit_rate": 24,
    "enable_frequency_derating": True,
    "power_factor": 0.0,
}

TEN_SLOTS: Values = {
    **{f"charge_slot_{n}": NEVER for n in range(3, 11)},
    **{f"charge_target_soc_{n}": 100 for n in range(1, 11)},
    **{f"discharge_slot_{n}": NEVER for n in range(3, 11)},
    **{f"discharge_target_soc_{n}": 4 for n in range(1, 11)},
}

SINGLE_PHASE_TEN_SLOTS: Values = {
    **TEN_SLOTS,
    # Where two-slot models keep charge slot 2, an All-in-One has these words, and slot 2 beside
    # its target.
    HR(31): 1,
    HR(32): 0,
    HR(243): 0,
    HR(244): 0,
}

AC_CONFIG: Values = {
    "eps_nominal_voltage": 230.0,
    "battery_max_charge_pct": 100,
    "export_priority": "LOAD_FIRST",
    "battery_charge_limit_ac": 100,
    "battery_discharge_limit_ac": 100,
    "en50549_zero_current_lower_voltage_limit": 115.0,
    "en50549_zero_current_upper_voltage_limit": 276.0,
    "enable_eps": True,
    "battery_pause_mode": 0,
    "battery_pause_slot_1": ALWAYS,
}


def pack(serial: str, ah: float, *, firmware: int, cycles: int, usable: float = 1.0) -> Values:
    """Return a low-voltage pack of 16 cells."""
    return {
        "serial_number": serial,
        "bms_firmware_version": firmware,
        "num_cells": 16,
        "num_cycles": cycles,
        "cap_design": ah,
        "cap_design2": ah,
        "cap_calibrated": round(ah * usable, 2),
        "status_3": 0x06,
        "status_4": 0x10,
        "usb_device_inserted": 8,
    }


def modules(count: int, serials: str, *, split: tuple[int, ...] = ()) -> dict[int, Values]:
    """Return a stack's modules; ``serials`` has a place for the number of each."""
    return {0x50 + n: module_serial(serials.format(n + 1), split=n in split) for n in range(count)}


def controller(serial: str, version: str, modules: int, ah: float, cycles: int) -> Values:
    """Return the controller of a high-voltage stack."""
    first, second, third, fourth = version_words(version)
    return {
        IR(60): first,
        IR(61): second,
        IR(62): third,
        IR(63): fourth,
        "serial_number": serial,
        "number_of_modules": modules,
        "total_cell_count": 24 * modules,
        "total_temperature_sensor_count": 12 * modules,
        "battery_soh": 97,
        "battery_nominal_capacity_ah": ah,
        "number_of_cycles": cycles,
        "min_discharge_voltage": 63.6 * modules,
        "max_charge_voltage": 87.1 * modules,
        "min_discharge_current": 25.0,
        "max_charge_current": 25.0,
        "self_check_status": 15,
    }


def summary(stacks: int, modules: int) -> Values:
    """Return the size registers of a high-voltage battery."""
    return {IR(60): 1, IR(61): stacks, IR(62): modules, IR(63): 24 * modules, IR(64): 12 * modules}


def pack_count(packs: int) -> Values:
    """Return the registers that count the packs and their cells."""
    return {IR(99): packs << 8 | 16}


def product(number: int, kind: int, address: int) -> Values:
    """Return a meter's product registers."""
    return {
        "serial_number": str(number),
        "factory_code": "EST",
        "meter_type": kind,
        "hardware_version": 256,
        "software_version": 256,
        "modbus_id": address,
        "baud_rate": 9600,
    }


def counted(kwh: Mapping[str, float] | None = None, **more: float) -> dict[str, float]:
    """Return lifetime counters in kWh; the defaults are of a system a few years old."""
    years = {
        "pv1": 9184.0,
        "pv2": 7720.5,
        "load": 18204.0,
        "import": 9420.7,
        "export": 7811.3,
        "charge": 5120.4,
        "discharge": 4768.9,
        "ac_in": 2410.6,
        "ac_out": 19044.2,
    }
    return {**years, **(kwh or {}), **more}
