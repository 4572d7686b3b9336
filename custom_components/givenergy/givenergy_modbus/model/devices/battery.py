"""A low-voltage battery pack."""

from typing import Annotated, ClassVar

from pydantic import computed_field

from ..codecs import (
    centi_int16,
    centi_uint32,
    deci,
    high_byte,
    low_byte,
    milli,
    milli_uint32,
    serial,
)
from ..register import IR, Within
from ..register_model import AmpereHours, Amperes, LifetimeEnergy, Percent, Volts, WattHours
from ..serials import is_serial
from .cells import NOMINAL_CELL_VOLTAGE, CellCelsius, Cells


class Battery(Cells):
    """A low-voltage battery pack."""

    unfilled_zeros: ClassVar = (frozenset({"e_battery_discharge_total", "e_battery_charge_total"}),)

    t_cells_01_04: Annotated[CellCelsius, IR(76)] = None
    """Temperature of cell group 1-4, in °C."""
    t_cells_05_08: Annotated[CellCelsius, IR(77)] = None
    """Temperature of cell group 5-8, in °C."""
    t_cells_09_12: Annotated[CellCelsius, IR(78)] = None
    """Temperature of cell group 9-12, in °C."""
    t_cells_13_16: Annotated[CellCelsius, IR(79)] = None
    """Temperature of cell group 13-16, in °C."""
    v_cells_sum: Annotated[Volts, IR(80), milli, Within(16, 80)] = None
    """Sum of the cell voltages, in V."""
    t_bms_mosfet: Annotated[CellCelsius, IR(81)] = None
    """BMS MOSFET temperature, in °C."""
    v_out: Annotated[Volts, IR(82), milli_uint32, Within(16, 80)] = None
    """Pack output voltage, in V."""
    cap_calibrated: Annotated[AmpereHours, IR(84), centi_uint32] = None
    """Calibrated full capacity, in Ah."""
    cap_design: Annotated[AmpereHours, IR(86), centi_uint32] = None
    """Design capacity, in Ah."""
    cap_remaining: Annotated[AmpereHours, IR(88), centi_uint32] = None
    """Remaining capacity, in Ah."""
    status_1: Annotated[int | None, IR(90), high_byte] = None
    """BMS status byte 1."""
    status_2: Annotated[int | None, IR(90), low_byte] = None
    """BMS status byte 2."""
    status_3: Annotated[int | None, IR(91), high_byte] = None
    """BMS status byte 3."""
    status_4: Annotated[int | None, IR(91), low_byte] = None
    """BMS status byte 4."""
    status_5: Annotated[int | None, IR(92), high_byte] = None
    """BMS status byte 5."""
    status_6: Annotated[int | None, IR(92), low_byte] = None
    """BMS status byte 6."""
    status_7: Annotated[int | None, IR(93), high_byte] = None
    """BMS status byte 7."""
    warning_1: Annotated[int | None, IR(94), high_byte] = None
    """BMS warning byte 1."""
    warning_2: Annotated[int | None, IR(94), low_byte] = None
    """BMS warning byte 2."""
    i_battery: Annotated[Amperes, IR(95), centi_int16, Within(-300, 300)] = None
    """Positive is discharge; older management firmware leaves it at zero."""
    num_cycles: Annotated[int | None, IR(96)] = None
    """Charge cycle count."""
    num_cells: Annotated[int | None, IR(97)] = None
    """Number of cells in series."""
    bms_firmware_version: Annotated[int | None, IR(98)] = None
    """BMS firmware number."""
    soc: Annotated[Percent, IR(100), Within(0, 100)] = None
    """Pack state of charge, in %."""
    cap_design2: Annotated[AmpereHours, IR(101), centi_uint32] = None
    """Design capacity (second copy), in Ah."""
    t_max: Annotated[CellCelsius, IR(103)] = None
    """Highest cell temperature, in °C."""
    t_min: Annotated[CellCelsius, IR(104)] = None
    """Lowest cell temperature, in °C."""
    e_battery_discharge_total: Annotated[LifetimeEnergy, IR(105), deci] = None
    """What all packs together gave; each repeats it. Starts again after 6553.5 kWh."""
    e_battery_charge_total: Annotated[LifetimeEnergy, IR(106), deci] = None
    """What all packs together took; each repeats it. Starts again after 6553.5 kWh."""
    force_discharge_flag: Annotated[int | None, IR(107)] = None
    """Word of forced discharging; its values are unknown."""
    serial_number: Annotated[str | None, IR(110), serial] = None
    """Pack serial number, ten characters."""
    usb_device_inserted: Annotated[int | None, IR(115)] = None
    """USB disk flag."""

    def is_valid(self) -> bool:
        """Whether there is a pack: an empty place answers too, but has no serial number."""
        return is_serial(self.serial_number)

    @computed_field
    @property
    def remaining_energy_nominal_wh(self) -> WattHours:
        """What is left in it at nominal voltage, which does not move with the load."""
        if self.cap_remaining is None:
            return None
        voltage = self.num_cells * NOMINAL_CELL_VOLTAGE if self.num_cells else self.v_out
        return None if voltage is None else round(self.cap_remaining * voltage)

    @computed_field
    @property
    def remaining_energy_measured_wh(self) -> WattHours:
        """What is left in it at the voltage of this moment."""
        if self.cap_remaining is None or self.v_out is None:
            return None
        return round(self.cap_remaining * self.v_out)

    @computed_field
    @property
    def capacity_wh(self) -> WattHours:
        """Energy the full pack holds at nominal voltage, in Wh."""
        if self.cap_calibrated is None or not self.num_cells:
            return None
        return round(self.cap_calibrated * self.num_cells * NOMINAL_CELL_VOLTAGE)
