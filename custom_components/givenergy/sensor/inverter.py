"""The sensors of inverters: a table of what is common and one for each number of phases."""

from collections.abc import Iterator
from typing import Final

from ..devices import AnyInverter
from ..field_names import registers_of
from ..givenergy_modbus.model.inverter import Inverter, SinglePhaseInverter
from ..givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from ..givenergy_modbus.model.models import Trait
from ..givenergy_modbus.model.register import Register
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
    AnySensor,
    Fields,
    GivEnergySensorDescription,
    SensorOverrides,
    Table,
    joined,
    rows,
    sensor_description,
)

_NO_STRINGS: Final[SensorOverrides] = {"disabled_for": Trait.AC_METERED_PV}

# fmt: off
_COMMON: Table[AnyInverter] = (
    Fields(DIAGNOSTIC, lambda inverter: (
        inverter.status, inverter.v_pv1, inverter.v_pv2, inverter.i_battery, inverter.f_ac1,
    )),
    Fields(ENABLED, lambda inverter: (
        inverter.pv_power, inverter.e_pv_today, inverter.e_pv_total, inverter.p_battery,
        inverter.battery_charge_power, inverter.battery_discharge_power,
        inverter.e_battery_charge_today, inverter.e_battery_charge_total,
        inverter.e_battery_discharge_today, inverter.e_battery_discharge_total,
        inverter.e_battery_throughput, inverter.e_ac_charge_today, inverter.grid_import_power,
        inverter.grid_export_power, inverter.e_inverter_out_today, inverter.e_inverter_out_total,
    )),
    Fields(_NO_STRINGS, lambda inverter: (inverter.p_pv1, inverter.p_pv2)),
    Fields(DIAGNOSTIC_DISABLED, lambda inverter: (
        inverter.i_pv1, inverter.i_pv2, inverter.i_ac1, inverter.p_grid_apparent,
    )),
    Fields(CHARGE, lambda inverter: (inverter.battery_soc,)),
)
_SINGLE_PHASE: Table[SinglePhaseInverter] = (
    Fields(DIAGNOSTIC, lambda inverter: (
        inverter.v_ac1, inverter.v_battery, inverter.charge_status_label,
        inverter.t_inverter_heatsink, inverter.t_charger,
    )),
    Fields(_NO_STRINGS, lambda inverter: (inverter.e_pv1_day, inverter.e_pv2_day)),
    Fields(DISABLED, lambda inverter: (
        inverter.e_pv_generation_today, inverter.e_pv_generation_total, inverter.e_discharge_year,
        inverter.e_solar_diverter,
    )),
    Fields(ENABLED, lambda inverter: (
        inverter.t_battery, inverter.e_inverter_in_total, inverter.p_grid_out,
        inverter.e_grid_in_day, inverter.e_grid_in_total, inverter.e_grid_out_day,
        inverter.e_grid_out_total, inverter.p_load_demand, inverter.p_grid_out_ph1,
        inverter.p_backup,
    )),
    Fields(DIAGNOSTIC_DISABLED, lambda inverter: (
        inverter.v_ac1_output, inverter.f_ac1_output, inverter.i_grid_port, inverter.v_p_bus,
        inverter.v_n_bus, inverter.v_highbrigh_bus, inverter.countdown,
    )),
    Fields({**DIAGNOSTIC_DISABLED, **POWER_FACTOR}, lambda inverter: (
        inverter.pf_inverter_output_now,
    )),
    Fields({**DIAGNOSTIC, **COUNT}, lambda inverter: (inverter.work_time_total_hours,)),
)
_THREE_PHASE: Table[ThreePhaseInverter] = (
    Fields({**DIAGNOSTIC_DISABLED, **POWER_FACTOR}, lambda inverter: inverter.power_factor),
    Fields({**DIAGNOSTIC, "translation_key": "v_ac1_line"}, lambda inverter: (inverter.v_ac1,)),
    Fields(ENABLED, lambda inverter: (
        inverter.e_pv1_today, inverter.e_pv2_today, inverter.e_ac_charge_total,
        inverter.e_import_today, inverter.e_import_total, inverter.e_export_today,
        inverter.e_export_total, inverter.p_load_all, inverter.e_load_today, inverter.e_load_total,
        inverter.p_inverter_out,
    )),
    Fields(DISABLED, lambda inverter: (
        inverter.e_pv1_total, inverter.e_pv2_total, inverter.e_export2_today,
        inverter.e_export2_total, inverter.p_inverter_ac_charge, inverter.p_meter_active_ac1,
        inverter.p_meter_active_ac2, inverter.p_meter_active_ac3, inverter.p_inverter_active_ac1,
        inverter.p_inverter_active_ac2, inverter.p_inverter_active_ac3,
        # The second meter, a device of its own, measures the same.
        inverter.p_meter2,
    )),
    Fields(DIAGNOSTIC, lambda inverter: (
        inverter.v_battery_bms, inverter.t_inverter, inverter.t_boost, inverter.t_buck_boost,
    )),
    Fields(DIAGNOSTIC_DISABLED, lambda inverter: (
        inverter.v_battery_pcs, inverter.battery_type_ir, inverter.v_ac2, inverter.v_ac3,
        inverter.i_ac2, inverter.i_ac3, inverter.v_out_ac1, inverter.v_out_ac2, inverter.v_out_ac3,
        inverter.v_eps_ac1, inverter.v_eps_ac2, inverter.v_eps_ac3, inverter.i_eps_ac1,
        inverter.i_eps_ac2, inverter.i_eps_ac3, inverter.p_eps_ac1, inverter.p_eps_ac2,
        inverter.p_eps_ac3, inverter.f_nominal_eps,
        inverter.battery_priority, inverter.dc_status, inverter.v_dc_bus, inverter.v_inv_bus,
        inverter.start_delay_time, inverter.tph_software_version, inverter.tph_firmware_version,
    )),
)
_INSTALLED: Table[AnyInverter] = (
    Fields(DIAGNOSTIC, lambda inverter: (inverter.battery_calibration_stage,)),
    Fields({**DIAGNOSTIC, **FIXED}, lambda inverter: (
        inverter.grid_port_max_power_output, inverter.inverter_max_power,
    )),
    Fields(SETTING, lambda inverter: (
        inverter.battery_max_power, inverter.firmware_version,
        inverter.device_type_code, inverter.module, inverter.modbus_version,
        inverter.modbus_address, inverter.user_code, inverter.num_mppt, inverter.num_phases,
        inverter.usb_device_inserted, inverter.meter_type, inverter.battery_type,
        inverter.first_battery_bms_firmware_version, inverter.bms_firmware_version,
        inverter.battery_capacity_ah, inverter.battery_capacity_kwh,
        inverter.battery_low_force_charge_time, inverter.battery_low_voltage_protection_limit,
        inverter.battery_high_voltage_protection_limit,
    )),
)
_INSTALLED_SINGLE_PHASE: Table[SinglePhaseInverter] = (
    Fields(
        {**POWER_FACTOR, **SETTING, "translation_key": "power_factor_set_point"},
        lambda inverter: inverter.power_factor,
    ),
    Fields(SETTING, lambda inverter: (
        inverter.grid_import_limit, inverter.reactive_power_rate, inverter.eps_nominal_voltage,
        inverter.battery_nominal_power, inverter.battery_nominal_current,
        inverter.battery_max_charge_pct, inverter.ev_charger_import_limit,
        inverter.ev_charger_soc_limit, inverter.fan_speed, inverter.generator_start_soc,
        inverter.generator_stop_soc, inverter.en50549_zero_current_lower_voltage_limit,
        inverter.en50549_zero_current_upper_voltage_limit,
        inverter.overfrequency_derating_start_point, inverter.overfrequency_derating_stop_point,
        inverter.underfrequency_derating_start_point, inverter.v_pv_start,
        inverter.start_countdown_timer, inverter.restart_delay_time, inverter.v_ac_low_limit_trip,
        inverter.v_ac_high_limit_trip, inverter.f_ac_low_limit_trip, inverter.f_ac_high_limit_trip,
        inverter.v_ac_low_limit_reconnect, inverter.v_ac_high_limit_reconnect,
        inverter.f_ac_low_limit_reconnect, inverter.f_ac_high_limit_reconnect,
        inverter.v_ac_low_limit_grid, inverter.v_ac_high_limit_grid, inverter.f_ac_low_limit_grid,
        inverter.f_ac_high_limit_grid, inverter.t_ac_low_voltage_trip,
        inverter.t_ac_high_voltage_trip, inverter.t_ac_low_freq_trip, inverter.t_ac_high_freq_trip,
        inverter.t_ac_low_voltage_reconnect, inverter.t_ac_high_voltage_reconnect,
        inverter.t_ac_low_freq_reconnect, inverter.t_ac_high_freq_reconnect,
        inverter.v_ac_10min_protect,
    )),
)
_INSTALLED_THREE_PHASE: Table[ThreePhaseInverter] = (
    Fields(SETTING, lambda inverter: (
        inverter.active_rate, inverter.reactive_rate, inverter.export_power_rate,
        inverter.export_power_limit, inverter.battery_charge_limit_ac,
        inverter.battery_discharge_limit_ac, inverter.battery_maintenance_mode,
        inverter.max_charge_current, inverter.v_backup_nominal, inverter.f_backup_nominal,
        inverter.pf_model, inverter.grid_connect_time, inverter.grid_reconnect_time,
        inverter.grid_connect_slope, inverter.v_grid_low_limit_trip,
        inverter.v_grid_high_limit_trip, inverter.f_grid_low_limit_trip,
        inverter.f_grid_high_limit_trip, inverter.v_grid_low_limit_reconnect,
        inverter.v_grid_high_limit_reconnect, inverter.f_grid_low_limit_reconnect,
        inverter.f_grid_high_limit_reconnect, inverter.v_grid_low_limit_grid,
        inverter.v_grid_high_limit_grid, inverter.f_grid_low_limit_grid,
        inverter.f_grid_high_limit_grid, inverter.v_grid_low_limit_cee,
        inverter.v_grid_high_limit_cee, inverter.f_grid_low_limit_cee,
        inverter.f_grid_high_limit_cee, inverter.time_grid_low_voltage_limit_trip,
        inverter.time_grid_high_voltage_limit_trip, inverter.time_grid_low_freq_limit_trip,
        inverter.time_grid_high_freq_limit_trip, inverter.time_grid_low_voltage_limit_reconnect,
        inverter.time_grid_high_voltage_limit_reconnect,
        inverter.time_grid_low_freq_limit_reconnect, inverter.time_grid_high_freq_limit_reconnect,
        inverter.v_10min_protect, inverter.v_reactive_delay_time, inverter.f_over_derate_start,
        inverter.f_over_derate_slope, inverter.f_over_derate_end, inverter.f_under_derate_start,
        inverter.f_under_derate_slope, inverter.f_under_derate_end,
    )),
)
# fmt: on

DERIVED_SUMS: Table[SinglePhaseInverter] = (
    Fields(
        ENABLED,
        lambda inverter: (
            inverter.e_consumption_today,
            inverter.e_consumption_total,
            inverter.e_self_consumption_today,
            inverter.e_self_consumption_total,
            inverter.e_pv_direct_today,
        ),
    ),
)
"""Energies computed from several counters; they can dip when these are not read together."""


def ignored_registers(model: type[Inverter]) -> frozenset[Register]:
    """Return registers that a value is computed from and whose loss would change nothing.

    They identify the model, which never changes.
    """
    return frozenset(
        registers_of(
            model, lambda inverter: (inverter.device_type_code, inverter.arm_firmware_version)
        )
    )


def inverter_sensors(model: type[Inverter], traits: Trait) -> Iterator[AnySensor]:
    """Describe the sensors of an inverter."""
    if issubclass(model, SinglePhaseInverter):
        yield from _single_phase_sensors(model)
        yield from _rows(model, _COMMON + _SINGLE_PHASE, traits)
        yield from _rows(model, _INSTALLED + _INSTALLED_SINGLE_PHASE, traits)
    elif issubclass(model, ThreePhaseInverter):
        yield from _three_phase_sensors(model)
        yield from _rows(model, _COMMON + _THREE_PHASE, traits)
        yield from _rows(model, _INSTALLED + _INSTALLED_THREE_PHASE, traits)


def derived_sums(model: type[Inverter], traits: Trait) -> Iterator[AnySensor]:
    """Describe an inverter's energies that are computed from several counters."""
    if issubclass(model, SinglePhaseInverter):
        yield from _rows(model, DERIVED_SUMS, traits)


def _rows[InverterT: Inverter](
    model: type[InverterT], table: Table[InverterT], traits: Trait
) -> Iterator[GivEnergySensorDescription[InverterT]]:
    return rows(model, table, without=model.absent(traits), ignoring=ignored_registers(model))


def _single_phase_sensors(
    model: type[SinglePhaseInverter],
) -> Iterator[GivEnergySensorDescription[SinglePhaseInverter]]:
    yield sensor_description(
        model,
        lambda inverter: inverter.inverter_fault_messages,
        attributes_fn=lambda inverter: {"code": inverter.inverter_errors},
        overrides=DIAGNOSTIC,
    )
    yield sensor_description(
        model,
        lambda inverter: inverter.charger_warning_messages,
        attributes_fn=lambda inverter: {"code": inverter.charger_warning_code},
        overrides=DIAGNOSTIC,
    )
    yield from rows(model, _CODES)


def fault_messages(inverter: ThreePhaseInverter) -> tuple[tuple[str, ...] | None, ...]:
    """Return the fault messages of a three-phase inverter, one tuple per register."""
    return (
        inverter.inverter_fault_codes_0,
        inverter.inverter_fault_codes_1,
        inverter.inverter_fault_codes_2,
        inverter.inverter_fault_codes_3,
        inverter.inverter_fault_codes_4,
        inverter.inverter_fault_codes_5,
        inverter.inverter_fault_codes_6,
        inverter.inverter_fault_codes_7,
    )


def _all_messages(inverter: ThreePhaseInverter) -> list[str] | None:
    """Return all fault messages, None while a register is unread."""
    messages: list[str] = []
    for texts in fault_messages(inverter):
        if texts is None:
            return None
        messages += texts
    return messages


def _three_phase_sensors(
    model: type[ThreePhaseInverter],
) -> Iterator[GivEnergySensorDescription[ThreePhaseInverter]]:
    row: SensorOverrides = {**DIAGNOSTIC, "translation_key": "inverter_fault_messages"}
    yield GivEnergySensorDescription(
        key="inverter_fault_codes",
        value_fn=lambda inverter: joined(_all_messages(inverter)),
        messages_fn=_all_messages,
        reads=registers_of(model, fault_messages),
        **row,
    )
    yield sensor_description(
        model,
        lambda inverter: inverter.grid_export_power,
        key="grid_power",
        value_fn=_net_export,
        reads=registers_of(
            model, lambda inverter: (inverter.p_meter_import, inverter.p_meter_export)
        ),
        overrides={"translation_key": "p_grid_out"},
    )


def _net_export(inverter: ThreePhaseInverter) -> float | None:
    match inverter.p_meter_export, inverter.p_meter_import:
        case float(export), float(import_):
            return export - import_
    return None


_CODES: Table[SinglePhaseInverter] = (
    Fields(
        DIAGNOSTIC_DISABLED,
        lambda inverter: (inverter.inverter_fault_code, inverter.inverter_warning_code),
    ),
)
"""Numbers of the messages that other sensors show."""
