"""A high-voltage battery stack: its controller and its modules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self, override

from pydantic import computed_field

from ..codecs import (
    Codec,
    deci,
    deci_int16,
    deci_uint32,
    enum,
    high_byte,
    int16,
    low_byte,
    serial,
    uint32,
    version,
)
from ..enums import BcuStatus
from ..register import IR, Register, Within
from ..register_model import (
    AmpereHours,
    Amperes,
    DailyEnergy,
    LifetimeEnergy,
    Percent,
    RegisterModel,
    Volts,
    WattHours,
    Watts,
)
from .cells import NOMINAL_CELL_VOLTAGE, CellCelsius, CellVolts, spread
from .hv_module import HvModule

_hundreds = Codec(int, decode=lambda word: 100 * (int16.decode(word) or 0))
"""A signed count of hundreds."""

_USABLE = 0.85
"""Share of a stack's capacity that vendor and portal call usable."""

_MODULE_NUMBERS = (
    "v_cell_max_module",
    "v_cell_min_module",
    "t_cell_max_module",
    "t_cell_min_module",
)


class Bcu(RegisterModel):
    """The controller of a high-voltage stack."""

    unfilled_zeros: ClassVar = (frozenset({"cells_per_module"}),)

    pack_software_version: Annotated[str | None, IR(60), version] = None
    """Firmware: four letters and four small numbers."""
    number_of_modules: Annotated[int | None, IR(64)] = None
    """Battery modules in the stack."""
    cells_per_module: Annotated[int | None, IR(65)] = None
    """Zero wherever it was seen; divide the cells by the modules instead."""
    total_cell_count: Annotated[int | None, IR(67)] = None
    """Total cells in the stack."""
    total_temperature_sensor_count: Annotated[int | None, IR(68)] = None
    """Total temperature sensors in the stack."""
    status: Annotated[int | None, IR(70)] = None
    """BCU state code."""
    status_label: Annotated[BcuStatus | None, IR(70), enum(BcuStatus)] = None
    """Status of the controller."""
    battery_voltage: Annotated[Volts, IR(73), deci, Within(0, 1000)] = None
    """Stack voltage, in V."""
    load_voltage: Annotated[Volts, IR(74), deci, Within(0, 1000)] = None
    """Second voltage of the stack, in V."""
    battery_current: Annotated[Amperes, IR(76), deci_int16, Within(-500, 500)] = None
    """Positive is charge."""
    battery_power: Annotated[Watts, IR(79), _hundreds] = None
    """Positive is charge, as for the current."""
    battery_soc_max: Annotated[Percent, IR(80), high_byte, Within(0, 100)] = None
    """Highest state of charge in the stack, in %."""
    battery_soc_min: Annotated[Percent, IR(80), low_byte, Within(0, 100)] = None
    """Lowest state of charge in the stack, in %."""
    battery_soh: Annotated[Percent, IR(81), Within(0, 100)] = None
    """State of health, in %."""
    charge_energy_total: Annotated[LifetimeEnergy, IR(82), deci_uint32] = None
    """Some controllers leave its high word at zero: it starts again after 6553.5 kWh."""
    discharge_energy_total: Annotated[LifetimeEnergy, IR(84), deci_uint32] = None
    """Some controllers leave its high word at zero: it starts again after 6553.5 kWh."""
    charge_capacity_total: Annotated[AmpereHours, IR(86), deci_uint32] = None
    """Charge taken since commissioning, in Ah."""
    discharge_capacity_total: Annotated[AmpereHours, IR(88), deci_uint32] = None
    """Charge given since commissioning, in Ah."""
    charge_energy_today: Annotated[DailyEnergy, IR(90), deci_uint32] = None
    """Energy taken today, in kWh."""
    discharge_energy_today: Annotated[DailyEnergy, IR(92), deci_uint32] = None
    """Energy given today, in kWh."""
    charge_capacity_today: Annotated[AmpereHours, IR(94), deci_uint32] = None
    """Charge taken today, in Ah."""
    discharge_capacity_today: Annotated[AmpereHours, IR(96), deci_uint32] = None
    """Charge given today, in Ah."""
    battery_nominal_capacity_ah: Annotated[AmpereHours, IR(98), deci] = None
    """Present full capacity, in Ah."""
    remaining_battery_capacity_ah: Annotated[AmpereHours, IR(99), deci] = None
    """Remaining capacity, in Ah."""
    number_of_cycles: Annotated[int | None, IR(100)] = None
    """Cycle count."""
    min_discharge_voltage: Annotated[Volts, IR(102), deci] = None
    """Lowest permitted discharge voltage, in V."""
    max_charge_voltage: Annotated[Volts, IR(103), deci] = None
    """Highest permitted charge voltage, in V."""
    min_discharge_current: Annotated[Amperes, IR(104), deci] = None
    """Limit of the discharge current; the name is wrong."""
    max_charge_current: Annotated[Amperes, IR(105), deci] = None
    """Charge current limit, in A."""
    fan_fault_code: Annotated[int | None, IR(107)] = None
    """Fan fault word."""
    self_check_status: Annotated[int | None, IR(113)] = None
    """Self-check status word."""
    pack_warning_status: Annotated[int | None, IR(114), uint32] = None
    """Warning bits of the stack, 32 bits."""
    pack_protection_status: Annotated[int | None, IR(116), uint32] = None
    """Protection bits of the stack, 32 bits."""
    pack_fault_status: Annotated[int | None, IR(118), uint32] = None
    """Fault bits of the stack, 32 bits."""

    v_cell_max: Annotated[CellVolts, IR(120)] = None
    """Highest cell voltage of the stack, in V."""
    v_cell_max_module: Annotated[int | None, IR(121)] = None
    """Module with the highest cell voltage, from 1."""
    v_cell_max_cell: Annotated[int | None, IR(122)] = None
    """Cell with the highest voltage in its module, from 1."""
    v_cell_min: Annotated[CellVolts, IR(123)] = None
    """Lowest cell voltage of the stack, in V."""
    v_cell_min_module: Annotated[int | None, IR(124)] = None
    """Module with the lowest cell voltage, from 1."""
    v_cell_min_cell: Annotated[int | None, IR(125)] = None
    """Cell with the lowest voltage in its module, from 1."""
    t_cell_max: Annotated[CellCelsius, IR(126)] = None
    """Highest cell temperature of the stack, in °C."""
    t_cell_max_module: Annotated[int | None, IR(127)] = None
    """Module with the highest cell temperature, from 1."""
    t_cell_max_sensor: Annotated[int | None, IR(128)] = None
    """Sensor with the highest temperature in its module, from 1."""
    t_cell_min: Annotated[CellCelsius, IR(129)] = None
    """Lowest cell temperature of the stack, in °C."""
    t_cell_min_module: Annotated[int | None, IR(130)] = None
    """Module with the lowest cell temperature, from 1."""
    t_cell_min_sensor: Annotated[int | None, IR(131)] = None
    """Sensor with the lowest temperature in its module, from 1."""
    t_cell_average: Annotated[CellCelsius, IR(137)] = None
    """Average cell temperature of the stack, in °C."""
    serial_number: Annotated[str | None, IR(138), serial] = None
    """BCU serial number."""

    @classmethod
    @override
    def apply_overrides(cls, values: dict[str, Any]) -> None:
        """Clear numbers of modules beyond the stack's; some controllers report them."""
        modules = values["number_of_modules"] or 0
        for name in _MODULE_NUMBERS:
            if (number := values[name]) is not None and not 1 <= number <= modules:
                values[name] = None

    @computed_field
    @property
    def v_cell_spread(self) -> CellVolts:
        """How far the fullest cell is above the emptiest."""
        return spread((self.v_cell_max, self.v_cell_min))

    @computed_field
    @property
    def soc(self) -> Percent:
        """The state of charge the inverter goes by."""
        return self.battery_soc_max

    @computed_field
    @property
    def remaining_energy_wh(self) -> WattHours:
        """Energy in the stack at nominal voltage, in Wh."""
        return self._energy(self.remaining_battery_capacity_ah)

    @computed_field
    @property
    def capacity_wh(self) -> WattHours:
        """Energy the full stack holds at nominal voltage, in Wh."""
        return self._energy(self.battery_nominal_capacity_ah)

    @computed_field
    @property
    def usable_capacity_wh(self) -> WattHours:
        """Energy the full stack delivers, in Wh: 85 % of what it holds."""
        capacity = self.capacity_wh
        return None if capacity is None else round(_USABLE * capacity)

    def _energy(self, ampere_hours: float | None) -> int | None:
        if ampere_hours is None or not self.total_cell_count:
            return None
        return round(ampere_hours * self.total_cell_count * NOMINAL_CELL_VOLTAGE)

    @computed_field
    @property
    def battery_charge_power(self) -> Watts:
        """What flows into the stack."""
        return None if self.battery_power is None else max(0, self.battery_power)

    @computed_field
    @property
    def battery_discharge_power(self) -> Watts:
        """What flows out of the stack."""
        return None if self.battery_power is None else max(0, -self.battery_power)

    def is_valid(self) -> bool:
        """Whether there is a controller: it has a version."""
        return bool((self.pack_software_version or "").strip().strip("0"))


class Bmu(HvModule):
    """A battery module of a stand-alone stack."""

    bmu_index: int = 0
    """Its place in the stack, from zero."""

    @classmethod
    @override
    def from_register_cache(cls, cache: Mapping[Register, int], bmu_index: int = 0) -> Self:
        """Decode the module at a place in the stack."""
        module = super().from_register_cache(cache)
        return module.model_copy(update={"bmu_index": bmu_index})


@dataclass(frozen=True, slots=True)
class HvStack:
    """A high-voltage battery stack."""

    device_address: int
    """Where its controller answers."""
    bcu: Bcu
    bmus: tuple[Bmu, ...]

    @property
    def soc(self) -> int | None:
        """The state of charge the inverter goes by, in percent."""
        return self.bcu.soc

    @property
    def serial_number(self) -> str | None:
        """The controller's serial number, None if it reports none."""
        return self.bcu.serial_number

    def is_valid(self) -> bool:
        """Whether there is a stack."""
        return self.bcu.is_valid()
