"""Where inverters are read otherwise than the recorded decodes, and what was left open."""

from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.enums import BatteryMaintenance
from givenergy_modbus.model.register import HR

from .difference import Difference, Words


def _differs(ours: object, golden: object, _: Words) -> bool:
    return ours != golden


DIFFERENCES = (
    Difference(
        attribute="e_self_consumption_*",
        devices=("SinglePhaseInverter",),
        ours="by the strings' counters",
        golden="by IR(44), IR(45..46)",
        evidence="On hybrids IR(44) and IR(45..46) count the inverter's AC output. Between two "
        "reads of a recording the strings count +0.51 kWh and IR(44) with the terminal +0.7; "
        "in another it is the other way round. Of 19.4 kWh of solar, less 5.6 exported and 8.8 "
        "stored, 5.0 went straight to the house; by IR(44), 15.8 kWh, it would be 1.4.",
        applies=_differs,
    ),
    Difference(
        attribute="e_pv_direct_today",
        devices=("SinglePhaseInverter",),
        ours="by the strings' counters",
        golden="by IR(44), IR(45..46)",
        evidence="As for `e_self_consumption_*`.",
        applies=_differs,
    ),
    Difference(
        attribute="e_inverter_out_*",
        devices=("SinglePhaseInverter",),
        ours="IR(44), IR(45..46) on hybrids too",
        golden="only where solar is metered on the AC side",
        evidence="The same counters: what leaves the inverter towards the house and the grid.",
        applies=lambda _ours, golden, _words: golden is None,
    ),
    Difference(
        attribute="e_consumption_today",
        devices=("SinglePhaseInverter",),
        ours="on AC-metered models too, never negative; none on an EMS and a gateway",
        golden="only on hybrids",
        evidence="Output less charging plus import less export, and solar where it does not pass "
        "through the inverter: 1.8 - 4.8 + 8.9 - 0.1 + 1.4 = 7.2 kWh at 9 o'clock on an "
        "All-in-One with 864 W of load. On an EMS IR(44) is the batteries' discharge (14.1 as "
        "IR(37)), and the sum -9.8 kWh.",
        applies=lambda ours, golden, _words: golden is None or ours is None,
    ),
    Difference(
        attribute="e_battery_*charge_today",
        devices=("SinglePhaseInverter",),
        ours="IR(36), IR(37)",
        golden="IR(183), IR(182)",
        evidence="On ARM 449 they are equal in all 216 pages that have both; ARM 451, Gen 3 "
        "and HV Gen 3 count only IR(36) and IR(37), which are read with the measurements.",
        applies=lambda _ours, golden, _words: golden is None,
    ),
    Difference(
        attribute="e_battery_*charge_total_alt1",
        devices=("SinglePhaseInverter", "ThreePhaseInverter"),
        ours="none while the whole group is zero",
        golden="zero",
        evidence="A register that firmware never fills is not a zero. Battery totals are both "
        "zero on models that do not count there (an All-in-One has counted 16599.9 kWh in "
        "IR(6..7) beside); state of charge, voltage, current, power and temperature are all "
        "zero where there is no battery, and an empty one still has its voltage.",
        applies=lambda ours, golden, _words: ours is None and golden == 0,
    ),
    Difference(
        attribute="[vitp]_battery",
        devices=("SinglePhaseInverter", "ThreePhaseInverter"),
        ours="none while the whole group is zero",
        golden="zero",
        evidence="As for `e_battery_*charge_total_alt1`.",
        applies=lambda ours, golden, _words: ours is None and golden == 0,
    ),
    Difference(
        attribute="battery_soc",
        devices=("SinglePhaseInverter", "ThreePhaseInverter"),
        ours="none while the whole group is zero",
        golden="zero",
        evidence="As for `e_battery_*charge_total_alt1`.",
        applies=lambda ours, golden, _words: ours is None and golden == 0,
    ),
    Difference(
        attribute="battery_*charge_power",
        devices=("SinglePhaseInverter", "ThreePhaseInverter"),
        ours="none while the whole group is zero",
        golden="zero",
        evidence="As for `e_battery_*charge_total_alt1`.",
        applies=lambda ours, golden, _words: ours is None and golden == 0,
    ),
    Difference(
        attribute="battery_capacity_kwh",
        devices=("SinglePhaseInverter", "ThreePhaseInverter"),
        ours="none where HR(55) is zero",
        golden="0.0",
        evidence="A capacity of zero is none that was configured: a three-phase system with six "
        "modules has it.",
        applies=lambda ours, golden, _words: ours is None and golden == 0,
    ),
    Difference(
        attribute="charge_slot_2",
        devices=("SinglePhaseInverter",),
        ours="HR(243), HR(244) on models with ten slots",
        golden="HR(31), HR(32)",
        evidence="The owner of an All-in-One set charge slot 2 in the vendor's app: HR(243) and "
        "HR(244) had it, HR(31) and HR(32) stayed at 1 and 0, as they are in the recording of "
        "another. All 19 other slots are where the map has them, and the target of slot 2, "
        "HR(245), follows its end as each later target does. Two other clients write HR(243) on "
        "Gen 3, All-in-One and HV Gen 3; Gen 4 is taken to be the same.",
        applies=lambda ours, _golden, words: ours == TimeSlot.parse(words[HR(243)], words[HR(244)]),
    ),
    Difference(
        attribute="lead_acid_number",
        devices=("ThreePhaseInverter",),
        ours="HR(1091), a whole number",
        golden="tenths",
        evidence="A number of batteries in series is whole: 32 of 11.5 V (HR(1089)) to 14.5 V "
        "(HR(1090)) make 368 V to 464 V, a high-voltage string; 3.2 of them make no string.",
    ),
    Difference(
        attribute="f_under_derate_slope",
        devices=("ThreePhaseInverter",),
        ours="HR(1051), percent",
        golden="thousandths",
        evidence="HR(1046), the slope for overfrequency, holds the same 40 and is percent in "
        "every source; 40 % here, not 0.04.",
    ),
    Difference(
        attribute="v_reactive_delay_time",
        devices=("ThreePhaseInverter",),
        ours="HR(1052), seconds",
        golden="thousandths of a second",
        evidence="The word is 3. Three milliseconds are a seventh of one cycle of the grid, "
        "within which no voltage can be measured; the vendor's table gives seconds.",
    ),
    Difference(
        attribute="battery_maintenance_mode",
        devices=("ThreePhaseInverter",),
        ours="None for an unknown number",
        golden="OFF",
        evidence="A number above 3 means that something without a name is on; that it is "
        "off is the one thing it does not say.",
        applies=lambda _ours, _golden, words: words[HR(1124)] not in {*BatteryMaintenance},
    ),
)

OPEN = {
    "time_grid_*_limit_*, *_delay, *_delay_time (HR(1034)..HR(1079))": "The vendor's table "
    "counts fiftieths of a second, which turns 1500 into the usual 30 s before power rises "
    "again and 8 into 0.16 s; hundredths give 15 s and 0.08 s. No record shows one elapse.",
    "grid_reconnect_slope": "HR(1011) holds the same 100 as HR(1009), which is spelled in "
    "tenths; left as the bare word.",
    "power_factor (three-phase)": "IR(1068) is 0 in every record, whatever the power.",
    "p_export": "IR(1240..1241) is 0 while 1 W to 15 W leave through the meter in 8 of 20 reads, "
    "so it is no exported power; but the meter at address 1 then counts -748 var, so it "
    "is not its reactive power either.",
    "pf_inverter_output_now": "IR(16) is a constant 1000 on an AC-coupled inverter and an "
    "All-in-One, while real to apparent power of the latter runs from 0.92 to 1.00. On a "
    "first-generation hybrid it runs from 8561 to 16490 and follows neither.",
    "work_time_total_hours": "IR(47..48) ticks once an hour on hybrids and once a second on an "
    "EMS (258 in 258 s). One model reportedly keeps the hours in IR(47) "
    "alone; no record shows it, and the bound drops it.",
    "inverter_fault_code, inverter_warning_code": "IR(39) and IR(40) are 0 in every record: "
    "it is unknown whether they are one 32-bit value or two.",
    "e_discharge_year": "IR(29) is 512, one flag in the high byte, on an All-in-One, and 0 "
    "elsewhere; the energy reading is kept.",
    "status": "5 is reportedly bypass; no record has it, and it is decoded as None.",
}
"""What no record decides, so that the recorded reading stands."""
