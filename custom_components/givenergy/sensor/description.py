"""Sensors as rows, described from what the library declares of its values."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfEnergy
from homeassistant.helpers.typing import StateType

from ..entity import GivEnergyDescription, GivEnergyEntity
from ..givenergy_modbus.model.register import AnyField, Register
from ..givenergy_modbus.model.register_model import RegisterModel
from ..quantities import quantity_of

LONGEST_STATE = 255

type Overrides = Mapping[str, Any]
type Table = Mapping[str, Overrides]
"""What is special about the sensor of each named value; nothing, for most."""

ENABLED: Overrides = {}
DIAGNOSTIC: Overrides = {"entity_category": EntityCategory.DIAGNOSTIC}
DISABLED: Overrides = {"entity_registry_enabled_default": False}
DIAGNOSTIC_DISABLED: Overrides = {**DIAGNOSTIC, **DISABLED}
FIXED: Overrides = {"state_class": None}
"""A number that is set once; nobody wants its mean."""
SETTING: Overrides = {**DIAGNOSTIC_DISABLED, **FIXED}
CHARGE: Overrides = {"device_class": SensorDeviceClass.BATTERY}
COUNT: Overrides = {"state_class": SensorStateClass.TOTAL_INCREASING}
POWER_FACTOR: Overrides = {
    "device_class": SensorDeviceClass.POWER_FACTOR,
    "state_class": SensorStateClass.MEASUREMENT,
}
IN_KILOWATT_HOURS: Overrides = {"suggested_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR}


@dataclass(frozen=True, kw_only=True)
class GivEnergySensorDescription[DeviceT](GivEnergyDescription[DeviceT], SensorEntityDescription):
    """A sensor as one row."""

    attributes_fn: Callable[[DeviceT], Mapping[str, Any]] | None = None


def sensor_description[DeviceT: RegisterModel](
    model: type[DeviceT], name: str, **special: Any
) -> GivEnergySensorDescription[DeviceT]:
    """Describe the sensor that a declared or derived value amounts to."""
    reading = model.all_fields[name]
    quantity = quantity_of(reading)
    facts: dict[str, Any] = {
        "key": name,
        "translation_key": special.get("key", name),
        "native_unit_of_measurement": quantity.unit,
        "device_class": quantity.device_class,
        "state_class": quantity.state_class,
        "value_fn": attrgetter(name),
        "reads": reading.registers,
    }
    if reading.kind is float or quantity.unit is not None:
        facts["suggested_display_precision"] = reading.precision
    return GivEnergySensorDescription(**facts | _worded(reading) | special)


def _worded(reading: AnyField) -> dict[str, Any]:
    """Return what is special about a value that is no number."""
    value_fn = attrgetter(reading.name)
    if isinstance(reading.kind, type) and issubclass(reading.kind, IntEnum):
        return {
            "device_class": SensorDeviceClass.ENUM,
            "options": [member.name.lower() for member in reading.kind],
            "value_fn": lambda device: _lower_name(value_fn(device)),
        }
    if reading.kind == tuple[str, ...]:
        return {
            "value_fn": lambda device: joined(value_fn(device)),
            "attributes_fn": lambda device: {"messages": list(value_fn(device) or ())},
        }
    return {}


def _lower_name(member: IntEnum | None) -> str | None:
    return None if member is None else member.name.lower()


def joined(messages: Collection[str] | None) -> str | None:
    """Return messages as one state: none, or as many as fit."""
    if messages is None:
        return None
    text = ", ".join(messages) or "none"
    return text if len(text) <= LONGEST_STATE else f"{text[: LONGEST_STATE - 1]}…"


def rows(
    model: type[RegisterModel],
    table: Table,
    *,
    without: Collection[str] = (),
    ignoring: Collection[Register] = (),
) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe a table's sensors, but for the values a product never has.

    Registers to ignore do not decide whether a sensor is available.
    """
    for name, special in table.items():
        if name in without:
            continue
        reads = model.all_fields[name].registers
        counted = tuple(register for register in reads if register not in ignoring)
        yield sensor_description(model, name, **{"reads": counted or reads, **special})


class GivEnergySensor[DeviceT](GivEnergyEntity[DeviceT], SensorEntity):
    """A sensor that shows one value of one device."""

    entity_description: GivEnergySensorDescription[DeviceT]

    @property
    @override
    def native_value(self) -> StateType:
        value: StateType = self.device_value
        precision = self.entity_description.suggested_display_precision
        if isinstance(value, float) and precision is not None:
            # A sum of tenths is not quite a tenth.
            return round(value, precision or None)
        return value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        attributes_fn, device = self.entity_description.attributes_fn, self.device
        if attributes_fn is None or device is None:
            return None
        return dict(attributes_fn(device))

    @override
    def _snapshot(self) -> tuple[Any, ...]:
        return self.available, self.native_value, self.extra_state_attributes
