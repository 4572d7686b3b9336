"""Predefined plants, one of each family; all serials and values are invented."""

from collections.abc import Mapping
from typing import Any

from ..model.register import HR, IR
from .device_registers import Values, version_words
from .physics import Site
from .plant_profile import START, PlantProfile, module_serial, serial_at

_ALWAYS = "00:00-23:59"
_NEVER = "00:00-00:00"

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
    "charge_slot_2": _NEVER,
    "discharge_slot_1": "16:00-19:00",
    "discharge_slot_2": _NEVER,
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
    **{f"charge_slot_{n}": _NEVER for n in range(3, 11)},
    **{f"charge_target_soc_{n}": 100 for n in range(1, 11)},
    **{f"discharge_slot_{n}": _NEVER for n in range(3, 11)},
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
    "battery_pause_slot_1": _ALWAYS,
}


def _pack(serial: str, ah: float, *, firmware: int, cycles: int, usable: float = 1.0) -> Values:
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


def _modules(count: int, serials: str, *, split: tuple[int, ...] = ()) -> dict[int, Values]:
    """Return a stack's modules; ``serials`` has a place for the number of each."""
    return {0x50 + n: module_serial(serials.format(n + 1), split=n in split) for n in range(count)}


def _controller(serial: str, version: str, modules: int, ah: float, cycles: int) -> Values:
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


def _summary(stacks: int, modules: int) -> Values:
    """Return the size registers of a high-voltage battery."""
    return {IR(60): 1, IR(61): stacks, IR(62): modules, IR(63): 24 * modules, IR(64): 12 * modules}


def _pack_count(packs: int) -> Values:
    return {IR(99): packs << 8 | 16}


def _product(number: int, kind: int, address: int) -> Values:
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


def _counted(kwh: Mapping[str, float] | None = None, **more: float) -> dict[str, float]:
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


def _plants(*plants: PlantProfile) -> Mapping[str, PlantProfile]:
    return {plant.name: plant for plant in plants}


PROFILES: Mapping[str, PlantProfile] = _plants(
    PlantProfile(
        name="gen1_hybrid",
        title="Hybrid of the first generation, 5 kW, with two packs",
        adapter_serial="WF2239G017",
        devices={
            0x11: {
                **SINGLE_PHASE,
                "device_type_code": "2001",
                "dsp_firmware_version": 449,
                "arm_firmware_version": 449,
                "serial_number": "SA2241G101",
                "first_battery_bms_firmware_version": 3009,
                "bms_firmware_version": 101,
                "battery_capacity_ah": 320,
                "work_time_total_hours": 24118,
                **serial_at(HR(8), "BG2238G204"),
            },
            0x30: _pack_count(2),
            0x32: _pack("BG2238G204", 160.0, firmware=3009, cycles=812, usable=1.08),
            0x33: _pack("BG2238G219", 160.0, firmware=3009, cycles=805, usable=1.05),
            # An empty place that still shows cells of a pack that once was.
            0x34: {IR(at): 3331 - at % 3 for at in range(68, 76)},
        },
        site=Site(
            rated_w=5000,
            battery_w=2600,
            battery_kwh=16.4,
            solar_w=(2900, 2300),
            counted=_counted(),
        ),
    ),
    PlantProfile(
        name="gen2_hybrid",
        title="Hybrid of the second generation, 3.6 kW, with a pack, its controller and a meter",
        adapter_serial="WG2305G044",
        devices={
            0x11: {
                **SINGLE_PHASE,
                "device_type_code": "2003",
                "dsp_firmware_version": 920,
                "arm_firmware_version": 920,
                "serial_number": "EA2304G118",
                "first_battery_bms_firmware_version": 3022,
                "bms_firmware_version": 3022,
                "grid_port_max_power_output": 3680,
                "battery_capacity_ah": 186,
                "work_time_total_hours": 15960,
                **serial_at(HR(8), "DZ2303G311"),
            },
            0x01: {
                **_product(0x0108_1C33, 115, 1),
                "e_import_reactive": 112.4,
                "e_export_reactive": 804.6,
            },
            0x31: {"request_charge_current": 83, "request_discharge_current": 83},
            0x32: _pack("DZ2303G311", 186.0, firmware=3022, cycles=540, usable=0.97),
        },
        site=Site(
            rated_w=3600,
            battery_w=3600,
            battery_kwh=9.5,
            solar_w=(2400, 1600),
            load_w=360,
            counted=_counted(pv1=4310.5, pv2=2870.2, export=2104.8, charge=2604.1),
        ),
    ),
    PlantProfile(
        name="gen3_hybrid",
        title="Hybrid of the third generation, 5 kW, ten slots, with a pack",
        adapter_serial="WH2347G033",
        devices={
            0x11: {
                **SINGLE_PHASE,
                **SINGLE_PHASE_TEN_SLOTS,
                **AC_CONFIG,
                "device_type_code": "2001",
                "dsp_firmware_version": 303,
                "arm_firmware_version": 303,
                "serial_number": "FD2346G126",
                "first_battery_bms_firmware_version": 4009,
                "bms_firmware_version": 4009,
                "battery_capacity_ah": 186,
                "work_time_total_hours": 9310,
                "charge_target_soc_1": 90,
                **serial_at(HR(8), "DX2345G402"),
            },
            0x32: _pack("DX2345G402", 186.0, firmware=4009, cycles=301),
        },
        site=Site(
            rated_w=5000,
            battery_w=3600,
            battery_kwh=9.5,
            solar_w=(3300, 2700),
            counted=_counted(pv1=3902.0, pv2=3120.4, charge=1820.3, discharge=1702.8),
        ),
    ),
    PlantProfile(
        name="ac_coupled",
        title="AC-coupled inverter, 3 kW, with two packs and somebody else's solar",
        adapter_serial="WO2231G052",
        devices={
            0x11: {
                **SINGLE_PHASE,
                **AC_CONFIG,
                "device_type_code": "3001",
                "num_mppt": 0,
                "num_phases": 0,
                "dsp_firmware_version": 291,
                "arm_firmware_version": 282,
                "serial_number": "CE2230G133",
                "first_battery_bms_firmware_version": 4009,
                "bms_firmware_version": 101,
                "battery_capacity_ah": 212,
                "battery_nominal_power": 3000,
                "battery_nominal_current": 60,
                "work_time_total_hours": 19877,
                **serial_at(HR(8), "AC2229G501"),
            },
            0x30: _pack_count(2),
            0x32: _pack("AC2229G501", 106.0, firmware=4009, cycles=688, usable=0.93),
            0x33: _pack("AC2229G502", 106.0, firmware=4009, cycles=671, usable=0.95),
        },
        site=Site(
            rated_w=3000,
            battery_w=3000,
            battery_kwh=10.2,
            solar_w=(3600,),
            solar_on_ac=True,
            counted=_counted(pv1=11020.6, pv2=0.0, ac_in=5402.0, ac_out=4602.4),
        ),
    ),
    PlantProfile(
        name="all_in_one",
        title="All-in-One, 6 kW, with four modules",
        adapter_serial="WJ2414G061",
        devices={
            0x11: {
                **SINGLE_PHASE,
                **SINGLE_PHASE_TEN_SLOTS,
                **AC_CONFIG,
                "device_type_code": "8001",
                "num_mppt": 0,
                "num_phases": 0,
                "dsp_firmware_version": 612,
                "arm_firmware_version": 612,
                "serial_number": "CH2413G141",
                "first_battery_bms_firmware_version": 10,
                "bms_firmware_version": 12218,
                "battery_capacity_ah": 52,
                "battery_low_voltage_protection_limit": 200.0,
                "battery_high_voltage_protection_limit": 350.0,
                "battery_nominal_power": 7500,
                "battery_nominal_current": 25,
                "work_time_total_hours": 12044,
            },
            **_modules(4, "HX2412G60{}"),
            0x70: _controller("HC2412G611", "BAAA0010", 4, 49.3, 318),
            0xA0: _summary(1, 4),
        },
        envelopes={
            **{0x50 + n: f"HX2412G60{n + 1}" for n in range(4)},
            0x70: "HC2412G611",
            0xA0: "HC2412G611",
        },
        site=Site(
            rated_w=6000,
            battery_w=6000,
            battery_kwh=13.5,
            solar_w=(4200,),
            load_w=520,
            solar_on_ac=True,
            counted=_counted(pv1=7205.3, pv2=0.0, ac_in=8120.7, ac_out=7402.2),
        ),
    ),
    PlantProfile(
        name="three_phase_hv",
        title="Three-phase hybrid, 11 kW, with six modules and two meters",
        adapter_serial="WT2337G073",
        devices={
            0x11: {
                **SYSTEM,
                "module": "00000000",
                "device_type_code": "4004",
                "serial_number": "TC2336G151",
                "meter_type": "CT_OR_EM418",
                "charge_slot_1": "01:00-05:00",
                "charge_slot_2": _NEVER,
                "discharge_slot_1": "16:30-22:30",
                "discharge_slot_2": _NEVER,
                **TEN_SLOTS,
                "battery_type_ir": "LITHIUM",
                "tph_software_version": "ZA1.0",
                "tph_firmware_version": "ZAAA111111",
                "ac_dsp_firmware_version": 11043,
                "dc_dsp_firmware_version": 10311,
                "tph_arm_firmware_version": 11121,
                "e_export2_today": 0.0,
                "e_export2_total": 0.0,
                "system_enable": True,
                "active_rate": 100,
                "grid_connect_time": 70,
                "grid_reconnect_time": 70,
                "v_grid_low_limit_trip": 318.7,
                "v_grid_high_limit_trip": 438.2,
                "f_grid_low_limit_trip": 47.5,
                "f_grid_high_limit_trip": 51.5,
                "v_10min_protect": 438.2,
                "export_power_rate": 100.0,
                "battery_reserve_soc": 5,
                "max_charge_current": 25,
                "enable_export_limit": True,
                "export_power_limit": 11000,
                "backup_enable": True,
                "v_backup_nominal": 230,
                "f_backup_nominal": 50,
                "battery_discharge_limit_ac": 100,
                "battery_charge_limit_ac": 100,
                "battery_soc_reserve": 5,
                "charge_target_soc": 95,
                "ac_charge_enable": True,
                "enable_charge_target": True,
                "force_discharge_enable": False,
                "force_charge_enable": False,
            },
            0x01: _product(0x0113_2A07, 136, 1),
            0x02: _product(0x0113_2A91, 136, 2),
            **_modules(6, "HY2335G70{}", split=(5,)),
            0x70: _controller("HB2335G711", "BABA0009", 6, 52.0, 402),
            0xA0: _summary(1, 6),
        },
        site=Site(
            rated_w=11000,
            battery_w=10000,
            battery_kwh=23.4,
            solar_w=(6200, 5200),
            load_w=900,
            counted=_counted(pv1=14210.3, pv2=11870.9, load=31040.2),
        ),
    ),
    PlantProfile(
        name="hv_gen3",
        title="High-voltage hybrid of the third generation, 8 kW, with three modules",
        adapter_serial="WK2451G081",
        devices={
            0x11: {
                **SINGLE_PHASE,
                **SINGLE_PHASE_TEN_SLOTS,
                "device_type_code": "8102",
                "dsp_firmware_version": 1010,
                "arm_firmware_version": 1012,
                "serial_number": "FG2450G161",
                "battery_capacity_ah": 52,
                "grid_port_max_power_output": 8000,
                "battery_low_voltage_protection_limit": 180.0,
                "battery_high_voltage_protection_limit": 262.0,
                "work_time_total_hours": 6040,
            },
            **_modules(3, "HY2449G80{}"),
            0x70: _controller("HB2449G811", "BABA0011", 3, 52.0, 141),
            0xA0: _summary(1, 3),
        },
        site=Site(
            rated_w=8000,
            battery_w=6000,
            battery_kwh=11.7,
            solar_w=(5000, 4200),
            load_w=520,
            counted=_counted(pv1=3604.8, pv2=2980.0, charge=1340.9, discharge=1260.3),
        ),
    ),
    PlantProfile(
        name="ems",
        title="Plant controller with two inverters, a grid meter and a generation meter",
        adapter_serial="FO2522G092",
        devices={
            0x11: {
                **SYSTEM,
                "module": "64fb0032",
                "device_type_code": "5001",
                "dsp_firmware_version": 0,
                "arm_firmware_version": 1036,
                "serial_number": "EMS2522171",
                "battery_type": "LEAD_ACID",
                "meter_type": "CT_OR_EM418",
                "modbus_version": "0.00",
                "plant_enabled": True,
                "expected_inverter_count": 2,
                "expected_meter_count": 2,
                **{
                    f"{kind}_slot_{n}": _NEVER
                    for kind in ("charge", "discharge", "export")
                    for n in (1, 2, 3)
                },
                "charge_slot_1": "00:30-04:30",
                **{f"charge_target_{n}": 100 for n in (1, 2, 3)},
                **{f"discharge_target_{n}": 4 for n in (1, 2, 3)},
                **{f"export_target_{n}": 4 for n in (1, 2, 3)},
                "export_power_limit": 9500,
                "meter_count": 2,
                "meter_types": 0b01_00_00,
                "meter_1_status": "ONLINE",
                "meter_3_status": "ONLINE",
                "inverter_count": 2,
                "inverter_1_status": "2",
                "inverter_2_status": "2",
                "inverter_1_serial_number": "CE2230G172",
                "inverter_2_serial_number": "CE2230G173",
            },
            0x01: {"e_import_reactive": 56.0, "e_export_reactive": 5325.2},
            0x03: {"e_import_reactive": 537.7, "e_export_reactive": 13.8},
        },
        site=Site(
            rated_w=6000,
            battery_w=6000,
            battery_kwh=19.0,
            solar_w=(5200,),
            load_w=620,
            solar_on_ac=True,
            counted=_counted(
                {"import": 5104.2, "export": 3120.8, "ac_in": 5404.8, "ac_out": 4530.6},
                pv1=2904.7,
                pv2=0.0,
            ),
        ),
    ),
    PlantProfile(
        name="gateway",
        title="Gateway with two All-in-Ones, a grid meter and a generation meter",
        adapter_serial="WK2412G104",
        devices={
            0x11: {
                **SYSTEM,
                **TEN_SLOTS,
                "module": "00000c3c",
                "device_type_code": "7001",
                "dsp_firmware_version": 0,
                "arm_firmware_version": 14,
                "serial_number": "GW2411G181",
                "usb_device_inserted": "NONE",
                "grid_port_max_power_output": 7360,
                "battery_type": "LEAD_ACID",
                "modbus_version": "0.00",
                "charge_slot_1": "00:00-05:00",
                "charge_slot_2": _NEVER,
                "discharge_slot_1": _NEVER,
                "discharge_slot_2": _NEVER,
                "enable_charge": True,
                "charge_target_soc": 100,
                "battery_soc_reserve": 4,
                "battery_discharge_min_power_reserve": 4,
                "enable_inverter_parallel_mode": True,
                **dict(zip(map(IR, range(1600, 1604)), version_words("GAAA0014"), strict=True)),
                "first_inverter_serial_number": "CH2410G182",
                "parallel_aio_num": 2,
                "parallel_aio_online_num": 2,
                "battery_firmware_version": 620,
                "aio1_serial_number": "CH2410G182",
                "aio2_serial_number": "CH2540G183",
            },
            0x01: {"e_import_reactive": 1.4, "e_export_reactive": 1622.0},
            0x02: {"e_import_reactive": 497.5},
        },
        site=Site(
            rated_w=12000,
            battery_w=12000,
            battery_kwh=27.0,
            solar_w=(6400,),
            load_w=780,
            solar_on_ac=True,
            counted=_counted(
                {"import": 6104.2, "export": 2192.7, "ac_in": 5402.4, "ac_out": 4518.0},
                pv1=5087.3,
                pv2=0.0,
            ),
        ),
    ),
)
"""The predefined plants by name."""


def profile(name: str, /, **changes: Any) -> PlantProfile:
    """Return a predefined plant; ``devices`` overrides values by address and name.

    Raises ValueError for an unknown name.
    """
    try:
        plant = PROFILES[name]
    except KeyError:
        raise ValueError(f"there is no plant {name!r}, only {', '.join(PROFILES)}") from None
    return plant.with_values(changes.pop("devices", {}), **changes)
