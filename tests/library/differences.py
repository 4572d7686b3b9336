"""Where inverters are read otherwise than the recorded decodes, and what was left open."""

from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.enums import BatteryMaintenance
from givenergy_modbus.model.register import HR

from .difference import Difference

DIFFERENCES = (
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
