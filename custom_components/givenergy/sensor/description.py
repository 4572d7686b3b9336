"""Sensors as rows, described from what the library declares of its fields."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from operator import attrgetter
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfEnergy, UnitOfPower
from homeassistant.helpers.typing import StateType

from ..entity import GivEnergyDescription, GivEnergyEntity, RowOverrides
from ..field_names import name_of, names_of
from ..givenergy_modbus.model.register import AnyField, Register, Unit
from ..givenergy_modbus.model.register_model import RegisterModel
from ..quantities import quantity_of
from ..texts import message_text

LONGEST_STATE = 255
_TENTHS = 1
"""Decimals of the finest power; powers are displayed without any."""

type SensorValue = StateType | datetime
type Attributes = Mapping[str, object]


class SensorOverrides(RowOverrides, total=False):
    """Attributes that a sensor's row may state instead of deriving them from its field."""

    device_class: SensorDeviceClass | None
    state_class: SensorStateClass | None
    native_unit_of_measurement: str | None
    suggested_unit_of_measurement: str
    suggested_display_precision: int
    options: list[str]


ENABLED: SensorOverrides = {}
DIAGNOSTIC: SensorOverrides = {"entity_category": EntityCategory.DIAGNOSTIC}
DISABLED: SensorOverrides = {"entity_registry_enabled_default": False}
DIAGNOSTIC_DISABLED: SensorOverrides = {**DIAGNOSTIC, **DISABLED}
FIXED: SensorOverrides = {"state_class": None}
"""A number that is set once and has no statistics."""
SETTING: SensorOverrides = {**DIAGNOSTIC_DISABLED, **FIXED}
CHARGE: SensorOverrides = {"device_class": SensorDeviceClass.BATTERY}
COUNT: SensorOverrides = {"state_class": SensorStateClass.TOTAL_INCREASING}
POWER_FACTOR: SensorOverrides = {
    "device_class": SensorDeviceClass.POWER_FACTOR,
    "state_class": SensorStateClass.MEASUREMENT,
}
IN_KILOWATT_HOURS: SensorOverrides = {
    "suggested_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
    "suggested_display_precision": 2,
}


@dataclass(frozen=True)
class Fields[DeviceT]:
    """Fields of a device that are sensors, with what they state alike."""

    overrides: SensorOverrides
    pick: Callable[[DeviceT], object]


type Table[DeviceT] = tuple[Fields[DeviceT], ...]


@dataclass(frozen=True, kw_only=True)
class GivEnergySensorDescription[DeviceT: RegisterModel](
    GivEnergyDescription[DeviceT, SensorValue], SensorEntityDescription
):
    """A sensor as one row."""

    attributes_fn: Callable[[DeviceT], Attributes] | None = None
    messages_fn: Callable[[DeviceT], Sequence[str] | None] | None = None
    """Return the messages that the sensor shows, translated, instead of its value."""


type AnySensor = GivEnergySensorDescription[Any]
"""A sensor's row for any device."""


def sensor_description[DeviceT: RegisterModel](
    model: type[DeviceT],
    pick: Callable[[DeviceT], object],
    *,
    key: str | None = None,
    value_fn: Callable[[DeviceT], SensorValue] | None = None,
    attributes_fn: Callable[[DeviceT], Attributes] | None = None,
    reads: tuple[Register, ...] | None = None,
    overrides: SensorOverrides = ENABLED,
) -> GivEnergySensorDescription[DeviceT]:
    """Describe the sensor of a declared or derived field."""
    field = model.all_fields[name_of(pick)]
    quantity = quantity_of(field)
    row: SensorOverrides = {
        "translation_key": key or field.name,
        "native_unit_of_measurement": quantity.unit,
        "device_class": quantity.device_class,
        "state_class": quantity.state_class,
    }
    if field.kind is float or quantity.unit is not None:
        row["suggested_display_precision"] = 0 if field.unit is Unit.WATT else field.precision
    if _is_enum(field):
        row["device_class"] = SensorDeviceClass.ENUM
        row["options"] = [member.name.lower() for member in field.kind]
    row = {**row, **overrides}
    return GivEnergySensorDescription(
        key=key or field.name,
        value_fn=value_fn or _value_of(field),
        attributes_fn=attributes_fn,
        messages_fn=attrgetter(field.name) if field.kind == tuple[str, ...] else None,
        reads=field.registers if reads is None else reads,
        **row,
    )


def _is_enum(field: AnyField) -> bool:
    return isinstance(field.kind, type) and issubclass(field.kind, IntEnum)


def _value_of(field: AnyField) -> Callable[[RegisterModel], SensorValue]:
    """Return the function that reads a field as a state."""
    get = attrgetter(field.name)
    if _is_enum(field):
        return lambda device: _lower_name(get(device))
    if field.kind == tuple[str, ...]:
        return lambda device: joined(get(device))
    return get


def _lower_name(member: IntEnum | None) -> str | None:
    return None if member is None else member.name.lower()


def joined(messages: Collection[str] | None) -> str | None:
    """Return messages as one state: none, or as many as fit."""
    if messages is None:
        return None
    text = ", ".join(messages) or "none"
    return text if len(text) <= LONGEST_STATE else f"{text[: LONGEST_STATE - 1]}…"


def rows[DeviceT: RegisterModel](
    model: type[DeviceT],
    table: Table[DeviceT],
    *,
    without: Collection[str] = (),
    ignoring: Collection[Register] = (),
) -> Iterator[GivEnergySensorDescription[DeviceT]]:
    """Describe a table's sensors, except fields that the model never has.

    Registers to ignore do not decide whether a sensor is available.
    """
    for fields in table:
        for name in names_of(fields.pick):
            if name in without:
                continue
            reads = model.all_fields[name].registers
            counted = tuple(register for register in reads if register not in ignoring)
            yield sensor_description(
                model, _picker(name), reads=counted or reads, overrides=fields.overrides
            )


def _picker(name: str) -> Callable[[RegisterModel], object]:
    """Return the function that picks a field by a name taken from a table."""
    return attrgetter(name)


class GivEnergySensor[DeviceT: RegisterModel](GivEnergyEntity[DeviceT, SensorValue], SensorEntity):
    """A sensor that shows one value of one device."""

    entity_description: GivEnergySensorDescription[DeviceT]

    @property
    def _messages(self) -> list[str] | None:
        """The translated messages, None for another sensor and while they are unread."""
        messages_fn, device = self.entity_description.messages_fn, self.device
        found = None if messages_fn is None or device is None else messages_fn(device)
        return None if found is None else [message_text(self.hass, message) for message in found]

    @property
    @override
    def native_value(self) -> SensorValue:
        if self.entity_description.messages_fn is not None:
            return joined(self._messages)
        value = self.device_value
        precision = self.entity_description.suggested_display_precision
        if not isinstance(value, float) or precision is None:
            return value
        # A sum of tenths is not quite a tenth.
        is_power = self.entity_description.native_unit_of_measurement == UnitOfPower.WATT
        return round(value, _TENTHS if is_power else precision or None)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, object] | None:
        row = self.entity_description
        if row.attributes_fn is None and row.messages_fn is None:
            return None
        if (device := self.device) is None:
            return None
        messages = {} if row.messages_fn is None else {"messages": self._messages or []}
        return {**messages, **(row.attributes_fn(device) if row.attributes_fn is not None else {})}

    @override
    def _snapshot(self) -> tuple[object, ...]:
        return self.available, self.native_value, self.extra_state_attributes
