"""The library's units and energies as Home Assistant's units and classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.components.number import NumberDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfRatio,
    UnitOfReactiveEnergy,
    UnitOfReactivePower,
    UnitOfTemperature,
    UnitOfTime,
)

from .givenergy_modbus.model.register import AnyField, Energy, Unit


@dataclass(frozen=True, slots=True)
class Quantity:
    """A unit, and what Home Assistant takes a number in that unit to be."""

    unit: str | None = None
    device_class: SensorDeviceClass | None = None
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    number_class: NumberDeviceClass | None = None


_QUANTITIES: Final[Mapping[Unit | None, Quantity]] = {
    None: Quantity(state_class=None),
    Unit.VOLT: Quantity(UnitOfElectricPotential.VOLT, SensorDeviceClass.VOLTAGE),
    Unit.AMPERE: Quantity(UnitOfElectricCurrent.AMPERE, SensorDeviceClass.CURRENT),
    Unit.WATT: Quantity(
        UnitOfPower.WATT, SensorDeviceClass.POWER, number_class=NumberDeviceClass.POWER
    ),
    Unit.VOLT_AMPERE: Quantity(UnitOfApparentPower.VOLT_AMPERE, SensorDeviceClass.APPARENT_POWER),
    Unit.VAR: Quantity(UnitOfReactivePower.VOLT_AMPERE_REACTIVE, SensorDeviceClass.REACTIVE_POWER),
    Unit.KILOVAR_HOUR: Quantity(
        UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR,
        SensorDeviceClass.REACTIVE_ENERGY,
        SensorStateClass.TOTAL,
    ),
    Unit.WATT_HOUR: Quantity(UnitOfEnergy.WATT_HOUR, SensorDeviceClass.ENERGY_STORAGE),
    Unit.AMPERE_HOUR: Quantity("Ah"),
    Unit.HERTZ: Quantity(UnitOfFrequency.HERTZ, SensorDeviceClass.FREQUENCY),
    Unit.CELSIUS: Quantity(UnitOfTemperature.CELSIUS, SensorDeviceClass.TEMPERATURE),
    Unit.PERCENT: Quantity(UnitOfRatio.PERCENTAGE),
    Unit.SECOND: Quantity(UnitOfTime.SECONDS, SensorDeviceClass.DURATION),
    Unit.MINUTE: Quantity(UnitOfTime.MINUTES, SensorDeviceClass.DURATION),
    Unit.HOUR: Quantity(UnitOfTime.HOURS, SensorDeviceClass.DURATION),
    # Hundredths of the capacity per hour: a percentage, of the battery and not of the inverter.
    Unit.C_RATE: Quantity(UnitOfRatio.PERCENTAGE),
    Unit.BAUD: Quantity("Bd", state_class=None),
    Unit.PERCENT_PER_MINUTE: Quantity("%/min"),
}

_ENERGIES: Final[Mapping[Energy, Quantity]] = {
    Energy.LIFETIME: Quantity(
        UnitOfEnergy.KILO_WATT_HOUR, SensorDeviceClass.ENERGY, SensorStateClass.TOTAL_INCREASING
    ),
    Energy.DAILY: Quantity(
        UnitOfEnergy.KILO_WATT_HOUR, SensorDeviceClass.ENERGY, SensorStateClass.TOTAL_INCREASING
    ),
    Energy.STORED: Quantity(UnitOfEnergy.KILO_WATT_HOUR, SensorDeviceClass.ENERGY_STORAGE),
}


def quantity_of(reading: AnyField) -> Quantity:
    """Return unit and classes of a field."""
    return _QUANTITIES[reading.unit] if reading.energy is None else _ENERGIES[reading.energy]
