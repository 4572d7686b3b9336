"""The sensors of inverters: a table of what is common and one for each number of phases."""

from collections.abc import Iterator
from typing import Any, Final

from ..givenergy_modbus.model.inverter import Inverter
from ..givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from ..givenergy_modbus.model.models import Trait
from ..givenergy_modbus.model.register import Register
from ..givenergy_modbus.model.register_model import RegisterModel
from .description import (
    CHARGE,
    COUNT,
    DIAGNOSTIC,
    DIAGNOSTIC_DISABLED,
    DISABLED,
    ENABLED,
    FIXED,
    POWER_FACTOR,
    SETTING,
    GivEnergySensorDescription,
    Table,
    joined,
    rows,
    sensor_description,
)

_NO_STRINGS: Final = {"disabled_for": Trait.AC_METERED_PV}

# fmt: off
_COMMON: Table = {
    "status": DIAGNOSTIC,
    "pv_power": ENABLED,
    "p_pv1": _NO_STRINGS,
    "p_pv2": _NO_STRINGS,
    **dict.fromkeys(("v_pv1", "v_pv2"), DIAGNOSTIC),
    **dict.fromkeys(("i_pv1", "i_pv2"), DIAGNOSTIC_DISABLED),
    "e_pv_today": ENABLED,
    "e_pv_total": ENABLED,
    "battery_soc": CHARGE,
    "p_battery": ENABLED,
    "battery_charge_power": ENABLED,
    "battery_discharge_power": ENABLED,
    "i_battery": DIAGNOSTIC,
    "e_battery_charge_today": ENABLED,
    "e_battery_charge_total": ENABLED,
    "e_battery_discharge_today": ENABLED,
    "e_battery_discharge_total": ENABLED,
    "e_battery_throughput": ENABLED,
    "e_ac_charge_today": ENABLED,
    "grid_import_power": ENABLED,
    "grid_export_power": ENABLED,
    "v_ac1": DIAGNOSTIC,
    "f_ac1": DIAGNOSTIC,
    "i_ac1": DIAGNOSTIC_DISABLED,
    "p_grid_apparent": DIAGNOSTIC_DISABLED,
    "e_inverter_out_today": ENABLED,
    "e_inverter_out_total": ENABLED,
}
_SINGLE_PHASE: Table = {
    **_COMMON,
    "e_pv1_day": _NO_STRINGS,
    "e_pv2_day": _NO_STRINGS,
    "e_pv_generation_today": DISABLED,
    "e_pv_generation_total": DISABLED,
    "v_battery": DIAGNOSTIC,
    "t_battery": ENABLED,
    "charge_status_label": DIAGNOSTIC,
    "e_inverter_in_total": ENABLED,
    "e_discharge_year": DISABLED,
    "p_grid_out": ENABLED,
    "e_grid_in_day": ENABLED,
    "e_grid_in_total": ENABLED,
    "e_grid_out_day": ENABLED,
    "e_grid_out_total": ENABLED,
    "p_load_demand": ENABLED,
    "p_grid_out_ph1": ENABLED,
    "p_backup": ENABLED,
    "v_ac1_output": DIAGNOSTIC_DISABLED,
    "f_ac1_output": DIAGNOSTIC_DISABLED,
    "i_grid_port": DIAGNOSTIC_DISABLED,
    "pf_inverter_output_now": {**DIAGNOSTIC_DISABLED, **POWER_FACTOR},
    "e_solar_diverter": DISABLED,
    "t_inverter_heatsink": DIAGNOSTIC,
    "t_charger": DIAGNOSTIC,
    "v_p_bus": DIAGNOSTIC_DISABLED,
    "v_n_bus": DIAGNOSTIC_DISABLED,
    "v_highbrigh_bus": DIAGNOSTIC_DISABLED,
    "work_time_total_hours": {**DIAGNOSTIC, **COUNT},
    "countdown": DIAGNOSTIC_DISABLED,
}
_THREE_PHASE: Table = {
    **_COMMON,
    "v_ac1": {**DIAGNOSTIC, "translation_key": "v_ac1_line"},
    "e_pv1_today": ENABLED,
    "e_pv1_total": DISABLED,
    "e_pv2_today": ENABLED,
    "e_pv2_total": DISABLED,
    "e_ac_charge_total": ENABLED,
    "v_battery_bms": DIAGNOSTIC,
    "v_battery_pcs": DIAGNOSTIC_DISABLED,
    "battery_type_ir": DIAGNOSTIC_DISABLED,
    "e_import_today": ENABLED,
    "e_import_total": ENABLED,
    "e_export_today": ENABLED,
    "e_export_total": ENABLED,
    "p_meter2": ENABLED,
    "e_export2_today": DISABLED,
    "e_export2_total": DISABLED,
    "p_load_all": ENABLED,
    "e_load_today": ENABLED,
    "e_load_total": ENABLED,
    "p_inverter_out": ENABLED,
    "p_inverter_ac_charge": DISABLED,
    **dict.fromkeys(("v_ac2", "v_ac3", "i_ac2", "i_ac3"), DIAGNOSTIC_DISABLED),
    **dict.fromkeys((f"p_meter_active_ac{phase}" for phase in (1, 2, 3)), DISABLED),
    **dict.fromkeys((f"p_inverter_active_ac{phase}" for phase in (1, 2, 3)), DISABLED),
    **dict.fromkeys((f"v_out_ac{phase}" for phase in (1, 2, 3)), DIAGNOSTIC_DISABLED),
    **dict.fromkeys(
        (f"{what}_eps_ac{phase}" for what in "vip" for phase in (1, 2, 3)), DIAGNOSTIC_DISABLED
    ),
    "f_nominal_eps": DIAGNOSTIC_DISABLED,
    "power_factor": DIAGNOSTIC_DISABLED,
    "battery_priority": DIAGNOSTIC_DISABLED,
    "dc_status": DIAGNOSTIC_DISABLED,
    "t_inverter": DIAGNOSTIC,
    "t_boost": DIAGNOSTIC,
    "t_buck_boost": DIAGNOSTIC,
    "v_dc_bus": DIAGNOSTIC_DISABLED,
    "v_inv_bus": DIAGNOSTIC_DISABLED,
    "start_delay_time": DIAGNOSTIC_DISABLED,
    "tph_software_version": DIAGNOSTIC_DISABLED,
    "tph_firmware_version": DIAGNOSTIC_DISABLED,
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
    "e_consumption_today": ENABLED,
    "e_consumption_total": ENABLED,
    "e_self_consumption_today": ENABLED,
    "e_self_consumption_total": ENABLED,
    "e_pv_direct_today": ENABLED,
}
"""Energies worked out from several counters, which can dip when these do not move together."""

_CODED = {
    "inverter_fault_messages": ("inverter_errors", DIAGNOSTIC),
    "charger_warning_messages": ("charger_warning_code", DIAGNOSTIC),
}
"""Texts, and the number behind each."""


def ignored_registers(model: type[RegisterModel], traits: Trait) -> frozenset[Register]:
    """Return registers that a value is computed from and whose loss would change nothing.

    They identify the model, which never changes.
    """
    names = ("device_type_code", "arm_firmware_version")
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
        yield sensor_description(
            model,
            name,
            attributes_fn=lambda it, name=name, code=code: {
                "messages": list(getattr(it, name) or ()),
                "code": getattr(it, code),
            },
            **special,
        )
    for name in ("inverter_fault_code", "inverter_warning_code"):
        yield sensor_description(model, name, **DIAGNOSTIC)


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
    yield sensor_description(
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
