"""What a system of ours has to offer in place of another integration's entities."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import time as day_time
from enum import Enum
from typing import Any

from .. import button, number, select, switch, time
from ..binary_sensor.entry import entry_binary_sensors
from ..binary_sensor.tables import binary_sensors
from ..devices import PlantDevice
from ..entity import AnyDescription, GivEnergyDescription
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.plant import Plant
from ..scope import EntityScope
from ..select import GivEnergySelectDescription
from ..sensor import connection, derived
from ..sensor.aggregate import aggregated
from ..sensor.description import GivEnergySensorDescription
from ..sensor.device_sensors import sensors, sums
from .survey import Offer, System
from .values import Shown

type Row = AnyDescription
type Rows = Callable[[PlantDevice, PlantCapabilities], Iterable[Row]]

TABLES: Mapping[str, tuple[Rows, ...]] = {
    "binary_sensor": (binary_sensors, entry_binary_sensors),
    "button": (button.buttons,),
    "number": (number.numbers, number.power_limits),
    "select": (select.selects,),
    "sensor": (
        sensors,
        sums,
        derived.estimates,
        connection.connection_sensors,
    ),
    "switch": (switch.switches,),
    "time": (time.times,),
}
"""The tables of each platform's entities that others may have too."""


_NO_VALUE = GivEnergyDescription.__dataclass_fields__["value_fn"].default
"""What a row has whose entity finds its value itself."""


def system_of(
    plant: Plant, capabilities: PlantCapabilities, plant_devices: Iterable[PlantDevice]
) -> System:
    """Return what a plant has to offer, with its values as last read."""
    found = list(plant_devices)
    return System(
        serial=plant.inverter_serial,
        devices={
            name: (plant_device.kind, plant_device.identity)
            for plant_device in found
            for name in _names(plant_device, plant)
        },
        offers={
            (offer.domain, offer.unique_id): offer for offer in _offers(plant, capabilities, found)
        },
    )


def _names(plant_device: PlantDevice, plant: Plant) -> Iterator[str]:
    """Yield what other integrations call a device in their unique ids."""
    if plant_device.kind == "hv_stack":
        yield f"{plant.inverter_serial}_hvstack_{plant_device.place:#04x}"
    if plant_device.serial is not None:
        yield plant_device.serial
    elif text := plant_device.reported_serial(plant):
        yield text


def _offers(
    plant: Plant, capabilities: PlantCapabilities, plant_devices: list[PlantDevice]
) -> Iterator[Offer]:
    scope = EntityScope.of(capabilities)
    measured: list[tuple[PlantDevice, GivEnergySensorDescription[Any]]] = []
    for domain, found in TABLES.items():
        for plant_device in plant_devices:
            for table in found:
                # A power limit's row holds the C-rate that its entity turns into watts.
                device = None if table is number.power_limits else plant_device.find(plant)
                for row in table(plant_device, capabilities):
                    if not row.exists(plant_device, scope):
                        continue
                    if table is sensors and isinstance(row, GivEnergySensorDescription):
                        measured.append((plant_device, row))
                    yield _offer(domain, plant_device, row, device)
    root = plant_devices[0]
    for row in aggregated(root, measured):
        yield _offer("sensor", root, row, None)


def _offer(domain: str, plant_device: PlantDevice, row: Row, device: Any) -> Offer:
    return Offer(
        domain=domain,
        unique_id=f"{plant_device.identity}_{row.key}",
        is_computed=device is None or row.value_fn is _NO_VALUE,
        is_daily=row.key.endswith(("_today", "_day")),
        shown=Shown(
            value=None if device is None else _state(row, row.value_fn(device)),
            unit=getattr(row, "native_unit_of_measurement", None),
            state_class=getattr(row, "state_class", None),
            device_class=row.device_class,
        ),
    )


def _state(row: Row, value: Any) -> str | float | None:
    """Return a value as its entity's state would be."""
    if isinstance(row, GivEnergySelectDescription):
        return next((name for name, choice in row.choices.items() if choice == value), None)
    if value is None or isinstance(value, bool):
        return {None: None, True: "on", False: "off"}[value]
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, day_time):
        return value.isoformat()
    return float(value) if isinstance(value, int | float) else str(value)
