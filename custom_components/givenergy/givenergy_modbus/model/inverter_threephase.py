"""Three-phase inverters."""

from typing import Annotated, ClassVar

from pydantic import computed_field

from .codecs import (
    centi,
    centi_int16,
    deci,
    deci_int16,
    deci_int32,
    deci_uint32,
    enum,
    firmware,
    int16,
    messages,
    text,
)
from .commands.device_commands import _ThreePhaseCommands
from .commands.slot_map import slot_map_of
from .devices.threephase_settings import (
    ThreePhaseBatterySettings,
    ThreePhaseGridProtection,
    ThreePhaseSettings,
)
from .enums import BatteryType, Status
from .fault_codes import THREE_PHASE_FAULTS
from .inverter import Inverter, SinglePhaseInverter, TenSlotInverter
from .models import Trait
from .register import IR, Within
from .register_model import (
    Amperes,
    Celsius,
    DailyEnergy,
    FineVoltAmperes,
    FineWatts,
    Hertz,
    LifetimeEnergy,
    Messages,
    Percent,
    Seconds,
    Volts,
    Watts,
)


class ThreePhaseInverter(
    _ThreePhaseCommands,
    ThreePhaseBatterySettings,
    ThreePhaseGridProtection,
    ThreePhaseSettings,
    Inverter,
):
    """A three-phase inverter."""

    slot_count = 10
    slots_with_target = range(3, 11)  # one target does for the first two

    unfilled_zeros: ClassVar = (
        frozenset(
            {"battery_soc", "v_battery_bms", "i_battery", "p_battery_discharge", "p_battery_charge"}
        ),
        frozenset({"v_battery", "t_battery"}),
    )

    setting_aliases: ClassVar = {"enable_charge": "ac_charge_enable"}

    v_pv1: Annotated[Volts, IR(1001), deci, Within(0, 2000)] = None
    """PV string 1 voltage, in V."""
    v_pv2: Annotated[Volts, IR(1002), deci, Within(0, 2000)] = None
    """PV string 2 voltage, in V."""
    i_pv1: Annotated[Amperes, IR(1009), deci, Within(0, 500)] = None
    """PV string 1 current, in A."""
    i_pv2: Annotated[Amperes, IR(1010), deci, Within(0, 500)] = None
    """PV string 2 current, in A."""
    p_pv1: Annotated[FineWatts, IR(1017), deci_uint32, Within(high=100_000)] = None
    """PV string 1 power, in W."""
    p_pv2: Annotated[FineWatts, IR(1019), deci_uint32, Within(high=100_000)] = None
    """PV string 2 power, in W."""
    v_ac1: Annotated[Volts, IR(1061), deci, Within(0, 500)] = None
    """Between the first and the second phase."""
    v_ac2: Annotated[Volts, IR(1062), deci, Within(0, 500)] = None
    """Between the second and the third phase."""
    v_ac3: Annotated[Volts, IR(1063), deci, Within(0, 500)] = None
    """Between the third and the first phase."""
    i_ac1: Annotated[Amperes, IR(1064), deci, Within(0, 500)] = None
    """Inverter output current, phase 1, in A."""
    i_ac2: Annotated[Amperes, IR(1065), deci, Within(0, 500)] = None
    """Inverter output current, phase 2, in A."""
    i_ac3: Annotated[Amperes, IR(1066), deci, Within(0, 500)] = None
    """Inverter output current, phase 3, in A."""
    f_ac1: Annotated[Hertz, IR(1067), centi, Within(40, 70)] = None
    """Frequency of the grid, in Hz."""
    power_factor: Annotated[int | None, IR(1068), int16] = None
    """Probably thousandths."""
    p_inverter_out: Annotated[FineWatts, IR(1069), deci_int32, Within(-100_000, 100_000)] = None
    """AC output power, in W; negative while charging from the AC side."""
    p_inverter_ac_charge: Annotated[FineWatts, IR(1071), deci_uint32, Within(high=100_000)] = None
    """AC charging power, in W."""
    p_grid_apparent: Annotated[FineVoltAmperes, IR(1073), deci_uint32, Within(high=100_000)] = None
    """Apparent power at the grid, in VA."""
    system_mode: Annotated[int | None, IR(1075)] = None
    """0 off the grid, 1 on it."""
    status: Annotated[Status | None, IR(1076), enum(Status)] = None
    """Operating state of the inverter."""
    start_delay_time: Annotated[Seconds, IR(1077)] = None
    """Start delay remaining, in seconds."""
    p_meter_import: Annotated[FineWatts, IR(1079), deci_uint32, Within(high=100_000)] = None
    """Grid import power, in W."""
    p_meter_export: Annotated[FineWatts, IR(1081), deci_uint32, Within(high=100_000)] = None
    """Grid export power, in W."""
    p_meter_active_ac1: Annotated[Watts, IR(1083), int16] = None
    """At the meter; positive is export."""
    p_meter_active_ac2: Annotated[Watts, IR(1084), int16] = None
    """At the meter; positive is export."""
    p_meter_active_ac3: Annotated[Watts, IR(1085), int16] = None
    """At the meter; positive is export."""
    p_load_all: Annotated[FineWatts, IR(1089), deci_uint32, Within(high=100_000)] = None
    """Total house load, in W."""
    p_inverter_active_ac1: Annotated[Watts, IR(1091), int16] = None
    """Inverter active power, phase R, in W."""
    p_inverter_active_ac2: Annotated[Watts, IR(1092), int16] = None
    """Inverter active power, phase S, in W."""
    p_inverter_active_ac3: Annotated[Watts, IR(1093), int16] = None
    """Inverter active power, phase T, in W."""
    v_out_ac1: Annotated[Volts, IR(1094), deci, Within(0, 500)] = None
    """Between the phase and neutral."""
    v_out_ac2: Annotated[Volts, IR(1095), deci, Within(0, 500)] = None
    """Between the phase and neutral."""
    v_out_ac3: Annotated[Volts, IR(1096), deci, Within(0, 500)] = None
    """Between the phase and neutral."""
    battery_priority: Annotated[int | None, IR(1120)] = None
    """0 for the house, 1 for the battery, 2 for the grid."""
    battery_type_ir: Annotated[BatteryType | None, IR(1121), enum(BatteryType)] = None
    """Type of the battery, as the inverter reports it."""
    dc_status: Annotated[Status | None, IR(1124), enum(Status)] = None
    """Status of the DC stage."""
    t_inverter: Annotated[Celsius, IR(1128), deci_int16, Within(-60, 150)] = None
    """Inverter temperature, in °C."""
    t_boost: Annotated[Celsius, IR(1129), deci_int16, Within(-60, 150)] = None
    """Boost stage temperature, in °C."""
    t_buck_boost: Annotated[Celsius, IR(1130), deci_int16, Within(-60, 150)] = None
    """Buck-boost stage temperature, in °C."""
    v_battery_bms: Annotated[Volts, IR(1131), deci, Within(0, 1000)] = None
    """Battery voltage reported by the BMS, in V."""
    battery_soc: Annotated[Percent, IR(1132), Within(0, 100)] = None
    """Battery state of charge, in %."""
    v_battery_pcs: Annotated[Volts, IR(1133), deci, Within(0, 1000)] = None
    """Battery voltage measured by the power stage, in V."""
    v_dc_bus: Annotated[Volts, IR(1134), deci] = None
    """DC bus voltage, in V."""
    v_inv_bus: Annotated[Volts, IR(1135), deci] = None
    """Inverter bus voltage, in V."""
    p_battery_discharge: Annotated[FineWatts, IR(1136), deci_uint32, Within(high=100_000)] = None
    """Battery discharge power, in W."""
    p_battery_charge: Annotated[FineWatts, IR(1138), deci_uint32, Within(high=100_000)] = None
    """Battery charge power, in W."""
    i_battery: Annotated[Amperes, IR(1140), centi_int16, Within(-300, 300)] = None
    """Positive is discharging."""
    f_nominal_eps: Annotated[Hertz, IR(1180), centi, Within(40, 70)] = None
    """EPS frequency, in Hz."""
    v_eps_ac1: Annotated[Volts, IR(1181), deci, Within(0, 500)] = None
    """EPS voltage, phase R, in V."""
    v_eps_ac2: Annotated[Volts, IR(1182), deci, Within(0, 500)] = None
    """EPS voltage, phase S, in V."""
    v_eps_ac3: Annotated[Volts, IR(1183), deci, Within(0, 500)] = None
    """EPS voltage, phase T, in V."""
    i_eps_ac1: Annotated[Amperes, IR(1184), deci, Within(0, 500)] = None
    """EPS current, phase R, in A."""
    i_eps_ac2: Annotated[Amperes, IR(1185), deci, Within(0, 500)] = None
    """EPS current, phase S, in A."""
    i_eps_ac3: Annotated[Amperes, IR(1186), deci, Within(0, 500)] = None
    """EPS current, phase T, in A."""
    p_eps_ac1: Annotated[FineVoltAmperes, IR(1187), deci_uint32, Within(high=100_000)] = None
    """EPS apparent power, phase R, in VA."""
    p_eps_ac2: Annotated[FineVoltAmperes, IR(1189), deci_uint32, Within(high=100_000)] = None
    """EPS apparent power, phase S, in VA."""
    p_eps_ac3: Annotated[FineVoltAmperes, IR(1191), deci_uint32, Within(high=100_000)] = None
    """EPS apparent power, phase T, in VA."""
    p_export: Annotated[FineWatts, IR(1240), deci_uint32, Within(high=100_000)] = None
    """Zero on the one unit seen, even while it exported; other sources call it reactive power."""
    p_meter2: Annotated[FineWatts, IR(1244), deci_uint32, Within(high=100_000)] = None
    """Of the second meter, usually of other solar."""
    inverter_fault_codes_0: Annotated[Messages, IR(1300), messages(THREE_PHASE_FAULTS[0])] = None
    """Messages of the active faults in word 0."""
    inverter_fault_codes_1: Annotated[Messages, IR(1301), messages(THREE_PHASE_FAULTS[1])] = None
    """Messages of the active faults in word 1."""
    inverter_fault_codes_2: Annotated[Messages, IR(1302), messages(THREE_PHASE_FAULTS[2])] = None
    """Messages of the active faults in word 2."""
    inverter_fault_codes_3: Annotated[Messages, IR(1303), messages(THREE_PHASE_FAULTS[3])] = None
    """Messages of the active faults in word 3."""
    inverter_fault_codes_4: Annotated[Messages, IR(1304), messages(THREE_PHASE_FAULTS[4])] = None
    """Messages of the active faults in word 4."""
    inverter_fault_codes_5: Annotated[Messages, IR(1305), messages(THREE_PHASE_FAULTS[5])] = None
    """Messages of the active faults in word 5."""
    inverter_fault_codes_6: Annotated[Messages, IR(1306), messages(THREE_PHASE_FAULTS[6])] = None
    """Messages of the active faults in word 6."""
    inverter_fault_codes_7: Annotated[Messages, IR(1307), messages(THREE_PHASE_FAULTS[7])] = None
    """Messages of the active faults in word 7."""
    tph_software_version: Annotated[str | None, IR(1317), text(3)] = None
    """Software version of the three-phase part."""
    tph_firmware_version: Annotated[str | None, IR(1320), text(5)] = None
    """Firmware version of the three-phase part."""
    firmware_version: Annotated[str | None, IR(1325), IR(1327), firmware] = None
    """From the three-phase part; the single-phase registers read 0."""
    ac_dsp_firmware_version: Annotated[int | None, IR(1325)] = None
    """Firmware of the AC processor."""
    dc_dsp_firmware_version: Annotated[int | None, IR(1326)] = None
    """Firmware of the DC processor."""
    tph_arm_firmware_version: Annotated[int | None, IR(1327)] = None
    """Firmware of the ARM processor."""
    e_inverter_out_today: Annotated[DailyEnergy, IR(1360), deci_uint32] = None
    """Inverter AC output energy today, in kWh."""
    e_inverter_out_total: Annotated[LifetimeEnergy, IR(1362), deci_uint32] = None
    """Total inverter AC output energy, in kWh."""
    e_pv1_today: Annotated[DailyEnergy, IR(1366), deci_uint32] = None
    """PV string 1 energy today, in kWh."""
    e_pv1_total: Annotated[LifetimeEnergy, IR(1368), deci_uint32] = None
    """Total PV string 1 energy, in kWh."""
    e_pv2_today: Annotated[DailyEnergy, IR(1370), deci_uint32] = None
    """PV string 2 energy today, in kWh."""
    e_pv2_total: Annotated[LifetimeEnergy, IR(1372), deci_uint32] = None
    """Total PV string 2 energy, in kWh."""
    e_pv_total: Annotated[LifetimeEnergy, IR(1374), deci_uint32] = None
    """Total PV energy, in kWh."""
    e_ac_charge_today: Annotated[DailyEnergy, IR(1376), deci_uint32] = None
    """What went from the AC side into the battery."""
    e_ac_charge_total: Annotated[LifetimeEnergy, IR(1378), deci_uint32] = None
    """What went from the AC side into the battery."""
    e_import_today: Annotated[DailyEnergy, IR(1380), deci_uint32] = None
    """Grid import energy today, in kWh."""
    e_import_total: Annotated[LifetimeEnergy, IR(1382), deci_uint32] = None
    """Total grid import energy, in kWh."""
    e_export_today: Annotated[DailyEnergy, IR(1384), deci_uint32] = None
    """Grid export energy today, in kWh."""
    e_export_total: Annotated[LifetimeEnergy, IR(1386), deci_uint32] = None
    """Total grid export energy, in kWh."""
    e_battery_discharge_today: Annotated[DailyEnergy, IR(1388), deci_uint32] = None
    """Battery discharge energy today, in kWh."""
    e_battery_discharge_total: Annotated[LifetimeEnergy, IR(1390), deci_uint32] = None
    """Total battery discharge energy, in kWh."""
    e_battery_charge_today: Annotated[DailyEnergy, IR(1392), deci_uint32] = None
    """Battery charge energy today, in kWh."""
    e_battery_charge_total: Annotated[LifetimeEnergy, IR(1394), deci_uint32] = None
    """Total battery charge energy, in kWh."""
    e_load_today: Annotated[DailyEnergy, IR(1396), deci_uint32] = None
    """House consumption today, in kWh."""
    e_load_total: Annotated[LifetimeEnergy, IR(1398), deci_uint32] = None
    """Total house consumption, in kWh."""
    e_export2_today: Annotated[DailyEnergy, IR(1400), deci_uint32] = None
    """Of the second meter, usually of other solar."""
    e_export2_total: Annotated[LifetimeEnergy, IR(1402), deci_uint32] = None
    """Of the second meter, usually of other solar."""
    e_pv_today: Annotated[DailyEnergy, IR(1412), deci_uint32] = None
    """On the one unit seen, what its second meter counts."""

    @computed_field
    @property
    def p_battery(self) -> FineWatts:
        """Positive is discharging, negative charging."""
        match self.p_battery_discharge, self.p_battery_charge:
            case float(discharging), float(charging):
                return round(discharging - charging, 1)
        return None

    @computed_field
    @property
    def battery_charge_power(self) -> FineWatts:
        """Power into the battery."""
        return self.p_battery_charge

    @computed_field
    @property
    def battery_discharge_power(self) -> FineWatts:
        """Power out of the battery."""
        return self.p_battery_discharge

    @computed_field
    @property
    def grid_import_power(self) -> FineWatts:
        """Power from the grid."""
        return self.p_meter_import

    @computed_field
    @property
    def grid_export_power(self) -> FineWatts:
        """Power into the grid."""
        return self.p_meter_export

    @computed_field
    @property
    def pv_power(self) -> FineWatts:
        """Power of both strings."""
        match self.p_pv1, self.p_pv2:
            case float(first), float(second):
                return round(first + second, 1)
        return None

    def p_pv(self) -> float | None:
        """Return the power of both strings, in watts."""
        return self.pv_power

    def e_pv_day(self) -> float | None:
        """Return today's solar energy, in kilowatt-hours."""
        return self.e_pv_today

    @computed_field
    @property
    def e_battery_throughput(self) -> LifetimeEnergy:
        """Charged and discharged together."""
        match self.e_battery_charge_total, self.e_battery_discharge_total:
            case float(charged), float(discharged):
                return round(charged + discharged, 1)
        return None


THREE_PHASE_SLOTS = slot_map_of(ThreePhaseInverter)


def select_inverter(traits: Trait) -> type[SinglePhaseInverter | ThreePhaseInverter]:
    """Return the class that decodes the inverter of a model with these traits."""
    if Trait.THREE_PHASE in traits:
        return ThreePhaseInverter
    return TenSlotInverter if Trait.EXTENDED_SLOTS in traits else SinglePhaseInverter
