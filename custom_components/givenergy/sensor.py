"""What a GivEnergy plant measures and says of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.helpers.typing import StateType

from .entity import GivEnergyDescription, GivEnergyEntity
from .givenergy_modbus.model.base import RegisterModel
from .quantities import quantity_of

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class GivEnergySensorDescription[DeviceT](GivEnergyDescription[DeviceT], SensorEntityDescription):
    """A sensor as one row."""


def measured[DeviceT: RegisterModel](
    model: type[DeviceT], name: str, **special: Any
) -> GivEnergySensorDescription[DeviceT]:
    """Describe the sensor that a declared or derived value amounts to."""
    reading = model.readings[name]
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
    if quantity.unit is not None:
        facts["suggested_display_precision"] = reading.precision
    if isinstance(reading.kind, type) and issubclass(reading.kind, IntEnum):
        facts |= {
            "device_class": SensorDeviceClass.ENUM,
            "options": [member.name.lower() for member in reading.kind],
            "value_fn": _lower_name(attrgetter(name)),
        }
    return GivEnergySensorDescription(**facts | special)


def _lower_name(value_fn: Callable[[Any], IntEnum | None]) -> Callable[[Any], str | None]:
    def name(device: Any) -> str | None:
        member = value_fn(device)
        return None if member is None else member.name.lower()

    return name


class GivEnergySensor[DeviceT](GivEnergyEntity[DeviceT], SensorEntity):
    """A sensor that shows one value of one device."""

    entity_description: GivEnergySensorDescription[DeviceT]

    @property
    @override
    def native_value(self) -> StateType:
        value: StateType = self.value
        return value
