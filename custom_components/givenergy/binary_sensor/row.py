"""Binary sensors as rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorEntityDescription

from ..compat import BinarySensorDeviceClass
from ..entity import GivEnergyDescription, RowOverrides
from ..field_names import registers_of
from ..givenergy_modbus.model.register_model import RegisterModel


class BinarySensorOverrides(RowOverrides, total=False):
    """Attributes that a binary sensor's row may state."""

    device_class: BinarySensorDeviceClass


@dataclass(frozen=True, kw_only=True)
class GivEnergyBinarySensorDescription[DeviceT: RegisterModel](
    GivEnergyDescription[DeviceT, bool], BinarySensorEntityDescription
):
    """A binary sensor as one row."""

    messages_fn: Callable[[DeviceT], Sequence[str]] | None = None
    """Return the messages that explain the state; they are shown translated."""


type AnyBinarySensor = GivEnergyBinarySensorDescription[Any]
type Descriptions = Iterator[AnyBinarySensor]


def binary_sensor[DeviceT: RegisterModel, FieldT](
    model: type[DeviceT],
    key: str,
    pick: Callable[[DeviceT], FieldT | None],
    is_on: Callable[[FieldT], bool],
    overrides: BinarySensorOverrides,
) -> GivEnergyBinarySensorDescription[DeviceT]:
    """Describe a binary sensor whose state follows from one field, or a tuple of several."""

    def value(device: DeviceT) -> bool | None:
        fields = pick(device)
        if fields is None or (isinstance(fields, tuple) and None in fields):
            return None
        return is_on(fields)

    row: BinarySensorOverrides = {"translation_key": key, **overrides}
    return GivEnergyBinarySensorDescription(
        key=key, reads=registers_of(model, pick), value_fn=value, **row
    )
