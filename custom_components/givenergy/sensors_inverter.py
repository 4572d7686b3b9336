"""The sensors of inverters: a table of what is common and one for each number of phases."""

from collections.abc import Iterator
from typing import Any, Final

from .givenergy_modbus.model.inverter import Inverter
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import RegisterModel
from .readings import (
    CHARGE,
    COUNT,
    DETAIL,
    DIAGNOSTIC,
    EXTRA,
    FIXED,
    POWER_FACTOR,
    SETTING,
    SHOWN,
    GivEnergySensorDescription,
    Table,
    joined,
    measured,
    rows,
)

_NO_STRINGS: Final = {"off_with": Trait.AC_METERED_PV}

# fmt: off
_COMMON: Table = {
    "status": DIAGNOSTIC,
    "pv_power": SHOWN,
    "p_pv1": _NO_STRINGS,
    "p_pv2": _NO_STRINGS,
    **dict.fromkeys(("v_pv1", "v_pv2"), DIAGNOSTIC),
    **dict.fromkeys(("i_pv1", "i_pv2"), DETAIL),
    "e_pv_today": SHOWN,
    "e_pv_total": SHOWN,
    "battery_soc": CHARGE,
    "p_battery": SHOWN,
    "battery_charge_power": SHOWN,
    "battery_discharge_power": SHOWN,
    "i_battery": DIAGNOSTIC,
    "e_battery_charge_today": SHOWN,
    "e_battery_charge_total": SHOWN,
    "e_battery_discharge_today": SHOWN,
    "e_battery_discharge_total": SHOWN,
    "e_battery_throughput": SHOWN,
    "e_ac_charge_today": SHOWN,
    "grid_import_power": SHOWN,
    "grid_export_power": SHOWN,
    "v_ac1": DIAGNOSTIC,
    "f_ac1": DIAGNOSTIC,
    "i_ac1": DETAIL,
    "p_grid_apparent": DETAIL,
    "e_inverter_out_today": SHOWN,
    "e_inverter_out_total": SHOWN,
}
_SINGLE_PHASE: Table = {
    **_COMMON,
    "e_pv1_day": _NO_STRINGS,
    "e_pv2_day": _NO_STRINGS,
    "e_pv_generation_today": EXTRA,
    "e_pv_generation_total": EXTRA,
    "v_battery": DIAGNOSTIC,
    "t_battery": SHOWN,
    "charge_status_label": DIAGNOSTIC,
    "e_inverter_in_total": SHOWN,
    "e_discharge_year": EXTRA,
    "p_grid_out": SHOWN,
    "e_grid_in_day": SHOWN,
    "e_grid_in_total": SHOWN,
    "e_grid_out_day": SHOWN,
    "e_grid_out_total": SHOWN,
    "p_load_demand": SHOWN,
    "p_grid_out_ph1": SHOWN,
    "p_backup": SHOWN,
    "v_ac1_output": DETAIL,
    "f_ac1_output": DETAIL,
    "i_grid_port": DETAIL,
    "pf_inverter_output_now": {**DETAIL, **POWER_FACTOR},
    "e_solar_diverter": EXTRA,
    "t_inverter_heatsink": DIAGNOSTIC,
    "t_charger": DIAGNOSTIC,
    "v_p_bus": DETAIL,
    "v_n_bus": DETAIL,
    "v_highbrigh_bus": DETAIL,
    "work_time_total_hours": {**DIAGNOSTIC, **COUNT},
    "countdown": DETAIL,
}
_THREE_PHASE: Table = {
    **_COMMON,
    "v_ac1": {**DIAGNOSTIC, "translation_key": "v_ac1_line"},
    "e_pv1_today": SHOWN,
    "e_pv1_total": EXTRA,
    "e_pv2_today": SHOWN,
    "e_pv2_total": EXTRA,
    "e_ac_charge_total": SHOWN,
    "v_battery_bms": DIAGNOSTIC,
    "v_battery_pcs": DETAIL,
    "battery_type_ir": DETAIL,
    "e_import_today": SHOWN,
    "e_import_total": SHOWN,
    "e_export_today": SHOWN,
    "e_export_total": SHOWN,
    "p_meter2": SHOWN,
    "e_export2_today": EXTRA,
    "e_export2_total": EXTRA,
    "p_load_all": SHOWN,
    "e_load_today": SHOWN,
    "e_load_total": SHOWN,
    "p_inverter_out": SHOWN,
    "p_inverter_ac_charge": EXTRA,
    **dict.fromkeys(("v_ac2", "v_ac3", "i_ac2", "i_ac3"), DETAIL),
    **dict.fromkeys((f"p_meter_active_ac{phase}" for phase in (1, 2, 3)), EXTRA),
    **dict.fromkeys((f"p_inverter_active_ac{phase}" for phase in (1, 2, 3)), EXTRA),
    **dict.fromkeys((f"v_out_ac{phase}" for phase in (1, 2, 3)), DETAIL),
    **dict.fromkeys((f"{what}_eps_ac{phase}" for what in "vip" for phase in (1, 2, 3)), DETAIL),
    "f_nominal_eps": DETAIL,
    "power_factor": DETAIL,
    "battery_priority": DETAIL,
    "dc_status": DETAIL,
    "t_inverter": DIAGNOSTIC,
    "t_boost": DIAGNOSTIC,
    "t_buck_boost": DIAGNOSTIC,
    "v_dc_bus": DETAIL,
    "v_inv_bus": DETAIL,
    "start_delay_time": DETAIL,
    "tph_software_version": DETAIL,
    "tph_firmware_version": DETAIL,
}
_INSTALLED: Table = {
    "battery_calibration_stage": DIAGNOSTIC,
    "grid_port_max_power_output": {**DIAGNOSTIC, **FIXED},
    **dict.fromkeys(
        (
            "inverter_max_power", "battery_max_power",
            "firmware_version", "device_type_code", "module", "modbus_version", "modbus_address",
            "user_code", "num_mppt", "num_phases", "usb_device_inserted", "meter_type",
            "battery_type", "first_battery_bms_firmware_version", "bms_firmware_version",
            "battery_capacity_ah", "battery_capacity_kwh", "battery_low_force_charge_time",
            "battery_low_voltage_protection_limit", "battery_high_voltage_protection_limit",
        ),
        SETTING,
    ),
}
_INSTALLED_SINGLE_PHASE: Table = {
    **_INSTALLED,
    "power_factor": {**POWER_FACTOR, **SETTING, "translation_key": "power_factor_set_point"},
    **dict.fromkeys(
        (
            "grid_import_limit", "reactive_power_rate", "eps_nominal_voltage",
            "battery_nominal_power", "battery_nominal_current", "battery_max_charge_pct",
            "ev_charger_import_limit", "ev_charger_soc_limit", "fan_speed",
            "generator_start_soc", "generator_stop_soc",
            "en50549_zero_current_lower_voltage_limit", "en50549_zero_current_upper_voltage_limit",
            "overfrequency_derating_start_point", "overfrequency_derating_stop_point",
            "underfrequency_derating_start_point",
            "v_pv_start", "start_countdown_timer", "restart_delay_time",
            *(
                f"{what}_limit_{when}"
                for when in ("trip", "reconnect", "grid")
                for what in ("v_ac_low", "v_ac_high", "f_ac_low", "f_ac_high")
            ),
            *(
                f"t_ac_{what}_{when}"
                for when in ("trip", "reconnect")
                for what in ("low_voltage", "high_voltage", "low_freq", "high_freq")
            ),
            "v_ac_10min_protect",
        ),
        SETTING,
    ),
}
_INSTALLED_THREE_PHASE: Table = {
    **_INSTALLED,
    **dict.fromkeys(
        (
            "active_rate", "reactive_rate", "export_power_rate", "export_power_limit",
            "battery_charge_limit_ac", "battery_discharge_limit_ac", "battery_maintenance_mode",
            "max_charge_current", "v_backup_nominal", "f_backup_nominal", "pf_model",
            "grid_connect_time", "grid_reconnect_time", "grid_connect_slope",
            *(
                f"{what}_limit_{when}"
                for when in ("trip", "reconnect", "grid", "cee")
                for what in ("v_grid_low", "v_grid_high", "f_grid_low", "f_grid_high")
            ),
            *(
                f"time_grid_{what}_limit_{when}"
                for when in ("trip", "reconnect")
                for what in ("low_voltage", "high_voltage", "low_freq", "high_freq")
            ),
            "v_10min_protect", "v_reactive_delay_time",
            "f_over_derate_start", "f_over_derate_slope", "f_over_derate_end",
            "f_under_derate_start", "f_under_derate_slope", "f_under_derate_end",
        ),
        SETTING,
    ),
}
# fmt: on

DERIVED_SUMS: Table = {
    "e_consumption_today": SHOWN,
    "e_self_consumption_today": SHOWN,
    "e_self_consumption_total": SHOWN,
    "e_pv_direct_today": SHOWN,
}
"""Energies worked out from several counters, which can dip when these do not move together."""

_CODED = {
    "inverter_fault_messages": ("inverter_errors", DIAGNOSTIC),
    "charger_warning_messages": ("charger_warning_code", DIAGNOSTIC),
}
"""Texts, and the number behind each."""


def ignored_registers(model: type[RegisterModel], traits: Trait) -> frozenset[Register]:
    """Return registers that a value is worked out with and whose loss would change nothing.

    The identity never changes, and of two places for a battery's day a product uses one.
    """
    names = ["device_type_code", "arm_firmware_version"]
    for trait, alternative in (
        (Trait.BATTERY_DAY_IN_IR36, "alt1"),
        (Trait.BATTERY_DAY_IN_IR182, "alt2"),
    ):
        if trait not in traits:
            names += [f"e_battery_{way}_today_{alternative}" for way in ("charge", "discharge")]
    return frozenset(register for name in names for register in model.all_fields[name].registers)


def inverter_sensors(
    model: type[Inverter], traits: Trait
) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe the sensors of an inverter."""
    without, ignoring = model.absent(traits), ignored_registers(model, traits)
    if issubclass(model, ThreePhaseInverter):
        tables = (_THREE_PHASE, _INSTALLED_THREE_PHASE)
        yield from _three_phase_sensors(model)
    else:
        tables = (_SINGLE_PHASE, _INSTALLED_SINGLE_PHASE)
        yield from _single_phase_sensors(model)
    for table in tables:
        yield from rows(model, table, without=without, ignoring=ignoring)


def derived_sums(model: type[Inverter], traits: Trait) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe an inverter's energies that are worked out from several counters."""
    if issubclass(model, ThreePhaseInverter):
        return
    yield from rows(
        model,
        DERIVED_SUMS,
        without=model.absent(traits),
        ignoring=ignored_registers(model, traits),
    )


def _single_phase_sensors(model: type[Inverter]) -> Iterator[GivEnergySensorDescription[Any]]:
    for name, (code, special) in _CODED.items():
        yield measured(
            model,
            name,
            attributes_fn=lambda it, name=name, code=code: {
                "messages": list(getattr(it, name) or ()),
                "code": getattr(it, code),
            },
            **special,
        )
    for name in ("inverter_fault_code", "inverter_warning_code"):
        yield measured(model, name, **DIAGNOSTIC)


def _three_phase_sensors(model: type[Inverter]) -> Iterator[GivEnergySensorDescription[Any]]:
    names = [f"inverter_fault_codes_{number}" for number in range(8)]

    def messages(inverter: Any) -> list[str] | None:
        said = [getattr(inverter, name) for name in names]
        return None if None in said else [text for texts in said for text in texts]

    yield GivEnergySensorDescription(
        key="inverter_fault_codes",
        translation_key="inverter_fault_messages",
        value_fn=lambda it: joined(messages(it)),
        attributes_fn=lambda it: {"messages": messages(it) or []},
        reads=tuple(register for name in names for register in model.all_fields[name].registers),
        **DIAGNOSTIC,
    )
    yield measured(
        model,
        "grid_export_power",
        key="grid_power",
        translation_key="p_grid_out",
        value_fn=_net_export,
        reads=tuple(
            register
            for name in ("p_meter_import", "p_meter_export")
            for register in model.all_fields[name].registers
        ),
    )


def _net_export(inverter: Any) -> float | None:
    match inverter.p_meter_export, inverter.p_meter_import:
        case float(out), float(in_):
            return out - in_
    return None
