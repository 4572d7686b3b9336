"""Which sensors each kind of device has."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .devices import Part
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.devices.aio_module import AioBatteryModule
from .givenergy_modbus.model.devices.hv_stack import Bmu
from .givenergy_modbus.model.inverter import Inverter
from .readings import GivEnergySensorDescription
from .sensors_controllers import ems_sensors, gateway_sensors, rolled_up_sensors
from .sensors_inverter import derived_sums, inverter_sensors
from .sensors_storage import (
    controller_sensors,
    meter_sensors,
    module_sensors,
    pack_sensors,
    stack_sensors,
)

type Descriptions = Iterable[GivEnergySensorDescription[Any]]


def _inverter(part: Part, capabilities: PlantCapabilities) -> Descriptions:
    assert issubclass(part.model, Inverter)
    return inverter_sensors(part.model, capabilities.traits)


_SENSORS: Mapping[str, Callable[[Part, PlantCapabilities], Descriptions]] = {
    "inverter": _inverter,
    "ems": lambda part, capabilities: ems_sensors(part.model, capabilities),
    "gateway": lambda part, _: gateway_sensors(part.model),
    "managed_inverter": lambda part, _: rolled_up_sensors(part),
    "aio_unit": lambda part, _: rolled_up_sensors(part),
    "lv_battery": lambda _, __: pack_sensors(),
    "lv_bcu": lambda _, __: controller_sensors(),
    "hv_stack": lambda _, __: stack_sensors(),
    "hv_module": lambda _, __: module_sensors(Bmu),
    "aio_module": lambda _, __: module_sensors(AioBatteryModule),
    "meter": lambda _, __: meter_sensors(),
}


def sensors(part: Part, capabilities: PlantCapabilities) -> Descriptions:
    """Describe the sensors of one device that show what it says."""
    return _SENSORS[part.kind.key](part, capabilities)


def sums(part: Part, capabilities: PlantCapabilities) -> Descriptions:
    """Describe the energies of one device that are worked out from several of its counters."""
    if issubclass(part.model, Inverter):
        return derived_sums(part.model, capabilities.traits)
    return ()
