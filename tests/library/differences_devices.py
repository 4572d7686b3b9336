"""Where batteries, meters, controllers and gateways are read otherwise, and what was left open."""

from math import isclose
from typing import Any

from givenergy_modbus.model.register import IR, MR

from tests.library.difference import Difference, Words


def _ten_times(ours: Any, golden: Any, _: Words) -> bool:
    return None not in (ours, golden) and isclose(ours, golden * 10, abs_tol=1e-6)


def _a_tenth(ours: Any, golden: Any, _: Words) -> bool:
    return None not in (ours, golden) and isclose(ours, golden / 10)


def _no_reading(ours: Any, golden: Any, _: Words) -> bool:
    return ours is None and golden is not None


def _joined(ours: Any, golden: Any, words: Words) -> bool:
    letters = words[IR(110)].to_bytes(2).decode("latin-1")
    return words[IR(114)] == 0 and bool(ours == letters + golden)


def _hundreds(ours: Any, golden: Any, words: Words) -> bool:
    word = words[IR(79)]
    signed = word - 0x10000 if word & 0x8000 else word
    return ours == 100 * signed and isclose(golden, word / 1000)


def _from_one_downwards(ours: Any, golden: Any, words: Words) -> bool:
    counts = [words[IR(register)] / 10000 for register in range(80, 84)]
    return ours is not None and any(
        isclose(ours, 1 - count, abs_tol=1e-9) and golden in (None, count) for count in counts
    )


_TWELVE_SENSORS = (
    "The controller of six modules counts 72 sensors, that of four 48: twelve each. On a "
    "stand-alone stack sensors 13 to 24 of a module repeat sensors 1 to 12 of the next, digit by "
    "digit (29.2 29.4 29.1 29.3 and so on in both); on its last module, and on every module of "
    "an All-in-One, they are zero."
)
_NO_NAME = "A code without a meaning is no reading. Not in a recording."

DIFFERENCES = (
    Difference(
        attribute="e_battery_*charge_total",
        devices=("Battery",),
        ours="none while both are zero",
        golden="zero",
        evidence="A register that firmware never fills is not a zero: packs with BMS firmware 3007 "
        "and 3009 count no energy.",
        applies=lambda ours, golden, _words: ours is None and golden == 0,
    ),
    Difference(
        attribute="cells_per_module",
        devices=("Bcu",),
        ours="none while it is zero",
        golden="zero",
        evidence="No recorded controller fills it.",
        applies=lambda ours, golden, _words: ours is None and golden == 0,
    ),
    Difference(
        attribute="number_of_cycles",
        devices=("Bcu",),
        ours="IR(100), a whole number",
        golden="tenths",
        evidence="483 cycles of 52.0 Ah are 25116 Ah, and the controller has counted 25161.3 Ah "
        "of charge. On an All-in-One 522 cycles of 52 Ah are 27144 Ah; counted are 932.2 Ah and, "
        "as its high word stays zero, four times 6553.6 Ah: 27146.6 Ah.",
        applies=_ten_times,
    ),
    Difference(
        attribute="*charge_capacity_*",
        devices=("Bcu",),
        ours="tenths of an ampere-hour",
        golden="a number without a unit",
        evidence="Energy by charge is the voltage of the stack. Over one day 9.5 kWh / 19.5 Ah = "
        "487 V and 7.9 kWh / 16.6 Ah = 476 V on a stack of 472 V; 4.8 kWh / 14.8 Ah = 324 V and "
        "1.9 kWh / 6.0 Ah = 317 V on one of 315 V.",
        applies=_a_tenth,
    ),
    Difference(
        attribute="battery_power",
        devices=("Bcu",),
        ours="IR(79), signed hundreds of watts, positive when charging like the current",
        golden="thousandths, without a sign",
        evidence="471.8 V x -3.7 A = -1746 W beside 65520, which is -16 with a sign; "
        "471.6 V x -3.8 A = -1792 W beside -17; 314.9 V x 0.9 A = 283 W beside 3.",
        applies=_hundreds,
    ),
    Difference(
        attribute="t_cell_1[3-9]",
        devices=("Bmu", "AioBatteryModule"),
        ours="no reading",
        golden="a temperature",
        evidence=_TWELVE_SENSORS,
        applies=_no_reading,
    ),
    Difference(
        attribute="t_cell_2[0-4]",
        devices=("Bmu", "AioBatteryModule"),
        ours="no reading",
        golden="a temperature",
        evidence="As for 13 to 19. The register of sensor 21 may even hold two letters of the "
        "serial number.",
        applies=_no_reading,
    ),
    Difference(
        attribute="serial_number",
        devices=("Bmu", "AioBatteryModule"),
        ours="with the two letters from IR(110), where IR(114) is zero and they are there",
        golden="without them",
        evidence="One evening the sixth module of a stack answered with 0x4859 (HY) in IR(110), "
        "zero in IR(114) and 2336G000 behind it; the next day with HY2336G000 in IR(114..118), "
        "like its five neighbours on both. As a temperature 0x4859 would be 1852 degrees.",
        applies=_joined,
    ),
    Difference(
        attribute="i_*",
        devices=("Meter",),
        ours="tenths of an ampere, where the meter's volt-amperes say so",
        golden="hundredths",
        evidence="Volts times amperes are volt-amperes. An EMS meter: "
        "242.6 V x 3.1 A = 752 VA beside 770.7 VA. A three-phase meter: 234.4 V x 1.8 A = 422 VA "
        "beside 427 VA and 406 W. A gateway's meters report no volt-amperes and do count "
        "hundredths: 244.1 V x 7.70 A = 1880 VA beside 1894 W.",
        applies=_ten_times,
    ),
    Difference(
        attribute="p_apparent_*",
        devices=("Meter",),
        ours="whole volt-amperes, where volts and amperes say so",
        golden="tenths",
        evidence="A three-phase meter counts 427 beside 406 W, which its inverter repeats as "
        "406.0 W: 42.7 VA would be less than the active power in them. An EMS "
        "meter does count tenths: 242.9 V x 4.4 A = 1069 VA beside 1086.4 VA and 1082 W.",
        applies=_ten_times,
    ),
    Difference(
        attribute="pf_*",
        devices=("Meter",),
        ours="one less ten-thousandths, on meters that count whole volt-amperes",
        golden="ten-thousandths, nothing above one",
        evidence="A three-phase meter: 378 W / 650 VA = 0.582 beside 4160 (1 - 0.416 = 0.584); "
        "-127 W / 538 VA = -0.236 beside 12370 (1 - 1.237 = -0.237); 10000 on phases at rest. A "
        "EMS meter counts from zero: -364 W and -577 var make -0.534, beside "
        "-5317, and idle phases read 0.",
        applies=_from_one_downwards,
    ),
    Difference(
        attribute="serial_number",
        devices=("MeterProduct",),
        ours="MR(60..61), a number in decimal",
        golden="four characters",
        evidence="0x0DC149D7 is no text. The same words stand in IR(95..96) of that meter, and "
        "0x0DC147ED in those of its neighbour, 490 less: numbers that run on. Not in a recording "
        "as words, as responses of this kind were not kept.",
        applies=lambda ours, _, words: ours == str(words[MR(60)] << 16 | words[MR(61)]),
    ),
    Difference(
        attribute="is_valid",
        devices=("MeterProduct",),
        ours="true for a meter with a serial number",
        golden="false",
        evidence="Follows from the serial number being one. Not in a recording either.",
        applies=lambda ours, golden, _: ours is True and golden is False,
    ),
    Difference(
        attribute="meter_?_status",
        devices=("Ems",),
        ours="None for code 3",
        golden="DISABLED",
        evidence=_NO_NAME,
        applies=_no_reading,
    ),
    Difference(
        attribute="plant_enabled",
        devices=("Ems",),
        ours="true for every word of HR(2040) but zero",
        golden="None above 4",
        evidence="The register is a switch; codes of a status make no sense there. Not in a "
        "recording.",
        applies=lambda ours, golden, _: ours is True and golden is None,
    ),
    Difference(
        attribute="work_mode",
        devices=("GatewayV1", "GatewayV2"),
        ours="None for an unknown code",
        golden="INITIALISING",
        evidence=_NO_NAME,
        applies=_no_reading,
    ),
    Difference(
        attribute="aio_state",
        devices=("GatewayV1", "GatewayV2"),
        ours="None for an unknown code",
        golden="STATIC",
        evidence=_NO_NAME,
        applies=_no_reading,
    ),
)

OPEN = {
    "battery_voltage, load_voltage (Bcu)": "The vendor calls IR(73) the bus and IR(74) the "
    "battery. In favour: of two All-in-Ones the one that charged with 0.9 A had 314.9 V and "
    "314.6 V, the one that discharged with 1.2 A 314.6 V and 314.9 V, and current runs downhill. "
    "Against: a three-phase inverter repeats IR(73), 471.8 V, as what its battery reports, and "
    "there the two differ by 2.0 V at 0.1 A as at 3.7 A.",
    "battery_soc_max, battery_soc_min (Bcu)": "An All-in-One has 34 in the byte of the highest "
    "and 35 in that of the lowest. The first byte is what the inverter goes by (34 on both; on "
    "three-phase 94, 93, 92 as its inverter counts down), and is offered as soc once more; what "
    "the second one is, is unknown.",
    "charge_energy_total and its like (Bcu)": "An All-in-One leaves the high words at zero: "
    "2529.9 kWh are 2529.9 + 6553.6 = 9083.5 kWh, which by 27146.6 Ah give the same 3.48 V per "
    "cell as 12595.8 kWh / 25161.3 Ah / 144 cells on a stack that fills them. No register "
    "shows how often it restarted, so the value is shown as it is.",
    "IR(136) (Bcu)": "Two bytes, 99 99, 92 92 and 39 33, near the state of charge, but neither "
    "those of IR(80) nor about them. Not offered.",
    "t_cell_max_module (Bcu)": "One of four modules was reported as number 6; sensor and "
    "temperature were those of module 1. A number beyond the stack is dropped.",
    "inverter_N_suspected_status": "0 and 2 were seen. The vendor names 1 waiting, 3 warning, "
    "4 error, 5 flashing and 7 offline; inverter_N_status has the bare digit.",
    "meter_N_role": "0 is the grid (meter 1 and the grid power agree to the watt in every "
    "response) and 1 is generation (so do meter 3 and the generation). 2, load, and 3, other, are "
    "the vendor's words.",
    "IR(2092), IR(2093), IR(2095) (Ems)": "Reportedly warnings, errors and failed reads; zero in "
    "80 of 80 responses. Not offered.",
    "pf_total (Meter)": "On a three-phase meter with one busy phase the total runs on its own: "
    "0.765 beside 0.95 for the phase, which carries everything.",
    "IR(90) (Meter)": "The sum of what was imported and exported, not their difference: 2403.7 + "
    "5568.6 - 6553.6 = 1418.7 kWh, as counted. It follows from the two, and is not offered.",
    "IR(1613), IR(1614) (GatewayV1)": "Two frequencies in hundredths, 49.97 and 50.01 and always "
    "0.03 to 0.09 apart; which is the grid's is unknown. Not offered.",
    "e_battery_discharge_total (GatewayV1)": "8998.8 kWh left batteries that took 8855.9 kWh, "
    "which no battery does; on the alternating side 6978.9 and 10577.5 kWh look right. Shown as "
    "they are.",
}
"""What no recording decides, so that the recorded reading stands."""
