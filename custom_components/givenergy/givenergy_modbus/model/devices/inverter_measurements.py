"""Measurements that every inverter reports."""

from typing import Annotated

from ..codecs import (
    centi,
    deci,
    deci_int16,
    deci_uint32,
    enum,
    factor,
    hexadecimal,
    int16,
    messages,
    uint32,
)
from ..enums import ChargeStatus
from ..fault_codes import CHARGER_WARNINGS
from ..register import IR, Within
from ..register_model import (
    Amperes,
    Celsius,
    DailyEnergy,
    Hertz,
    Hours,
    LifetimeEnergy,
    Messages,
    RegisterModel,
    Seconds,
    Volts,
    Watts,
)


class SharedMeasurements(RegisterModel):
    """Measurements in the input blocks that every inverter serves.

    A three-phase inverter serves most of them as zeros.
    """

    v_p_bus: Annotated[Volts, IR(3), deci] = None
    """Positive DC bus voltage, in V."""
    v_n_bus: Annotated[Volts, IR(4), deci] = None
    """Negative DC bus voltage, in V."""
    charge_status: Annotated[int | None, IR(14)] = None
    """The number behind the label."""
    charge_status_label: Annotated[ChargeStatus | None, IR(14), enum(ChargeStatus)] = None
    """What the charger is doing."""
    v_highbrigh_bus: Annotated[Volts, IR(15), deci] = None
    """Voltage of the high bridge bus, in V."""
    pf_inverter_output_now: Annotated[float | None, IR(16), factor, Within(-1, 1)] = None
    """Often a placeholder: -0.9 on AC-coupled inverters, -1 where nothing is measured."""
    e_pv1_day: Annotated[DailyEnergy, IR(17), deci] = None
    """PV string 1 energy today, in kWh."""
    e_pv2_day: Annotated[DailyEnergy, IR(19), deci] = None
    """PV string 2 energy today, in kWh."""
    e_grid_out_total: Annotated[LifetimeEnergy, IR(21), deci_uint32] = None
    """Total grid export energy, in kWh."""
    e_solar_diverter: Annotated[LifetimeEnergy, IR(23), deci] = None
    """Energy of the solar diverter, in kWh; newer firmware has a temperature here."""
    p_grid_out_ph1: Annotated[Watts, IR(24), int16] = None
    """At the terminal of the inverter, not at the meter; positive towards the house."""
    e_grid_out_day: Annotated[DailyEnergy, IR(25), deci] = None
    """Grid export energy today, in kWh."""
    e_grid_in_day: Annotated[DailyEnergy, IR(26), deci] = None
    """Grid import energy today, in kWh."""
    e_inverter_in_total: Annotated[LifetimeEnergy, IR(27), deci_uint32] = None
    """What went from the AC side into the battery."""
    e_discharge_year: Annotated[DailyEnergy, IR(29), deci] = None
    """Starts again with the year; newer firmware keeps something else here."""
    p_grid_out: Annotated[Watts, IR(30), int16] = None
    """At the meter; positive is export, negative import."""
    p_backup: Annotated[Watts, IR(31), Within(high=50_000)] = None
    """Already counted in the demand of the house."""
    e_grid_in_total: Annotated[LifetimeEnergy, IR(32), deci_uint32] = None
    """Total grid import energy, in kWh."""
    e_battery_charge_today_alt1: Annotated[DailyEnergy, IR(36), deci] = None
    """Where most firmware keeps it."""
    e_battery_discharge_today_alt1: Annotated[DailyEnergy, IR(37), deci] = None
    """Where most firmware keeps it."""
    countdown: Annotated[Seconds, IR(38)] = None
    """Until the inverter starts."""
    inverter_fault_code: Annotated[str | None, IR(39), hexadecimal(4)] = None
    """Four hexadecimal digits; what each bit means is unconfirmed."""
    inverter_warning_code: Annotated[str | None, IR(40), hexadecimal(4)] = None
    """Four hexadecimal digits; what each bit means is unconfirmed."""
    t_inverter_heatsink: Annotated[Celsius, IR(41), deci_int16, Within(-40, 100)] = None
    """Inverter heatsink temperature, in °C."""
    p_load_demand: Annotated[Watts, IR(42), Within(high=50_000)] = None
    """What the house takes, backup output included."""
    e_pv_generation_today: Annotated[DailyEnergy, IR(44), deci] = None
    """What the inverter counts as solar; None where that is its own output instead."""
    e_pv_generation_total: Annotated[LifetimeEnergy, IR(45), deci_uint32] = None
    """What the inverter counts as solar; None where that is its own output instead."""
    work_time_total_hours: Annotated[Hours, IR(47), uint32, Within(high=876_000)] = None
    """Since the inverter was first switched on."""
    v_battery: Annotated[Volts, IR(50), centi, Within(0, 600)] = None
    """Battery voltage at the inverter, in V."""
    v_ac1_output: Annotated[Volts, IR(53), deci, Within(0, 300)] = None
    """Of the backup output."""
    f_ac1_output: Annotated[Hertz, IR(54), centi, Within(40, 70)] = None
    """Of the backup output."""
    t_charger: Annotated[Celsius, IR(55), deci_int16, Within(-40, 100)] = None
    """Charger temperature, in °C."""
    t_battery: Annotated[Celsius, IR(56), deci_int16, Within(-40, 100)] = None
    """Battery temperature, in °C."""
    charger_warning_code: Annotated[int | None, IR(57)] = None
    """The word behind the messages."""
    charger_warning_messages: Annotated[Messages, IR(57), messages(CHARGER_WARNINGS)] = None
    """Messages of the active battery and charger warnings."""
    i_grid_port: Annotated[Amperes, IR(58), centi] = None
    """At the terminal of the inverter."""
    e_battery_discharge_total_alt1: Annotated[LifetimeEnergy, IR(180), deci] = None
    """Only first-generation hybrids keep it here, and it wraps at 6553.6 kWh."""
    e_battery_charge_total_alt1: Annotated[LifetimeEnergy, IR(181), deci] = None
    """Only first-generation hybrids keep it here, and it wraps at 6553.6 kWh."""
    e_battery_discharge_today_alt2: Annotated[DailyEnergy, IR(182), deci] = None
    """Only first-generation hybrids keep it here."""
    e_battery_charge_today_alt2: Annotated[DailyEnergy, IR(183), deci] = None
    """Only first-generation hybrids keep it here."""
    p_combined_generation: Annotated[Watts, IR(247), uint32, Within(high=100_000)] = None
    """Solar of all inverters together."""
