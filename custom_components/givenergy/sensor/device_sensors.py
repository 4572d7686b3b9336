"""Which sensors each kind of device has."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from ..devices import PlantDevice
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.devices.aio_module import AioBatteryModule
from ..givenergy_modbus.model.devices.hv_module import HvModule
from ..givenergy_modbus.model.devices.hv_stack import Bmu
from ..givenergy_modbus.model.inverter import Inverter
from ..givenergy_modbus.model.models import Trait
from .battery import (
    controller_sensors,
    meter_sensors,
    module_sensors,
    pack_sensors,
    stack_sensors,
)
from .controller import (
    aio_unit_sensors,
    ems_sensors,
    gateway_sensors,
    managed_inverter_sensors,
)
from .description import AnySensor
from .inverter import derived_sums, inverter_sensors

type Descriptions = Iterable[AnySensor]


# Devices that are alike have the same rows, which are built once.


@cache
def _inverters(model: type[Inverter], traits: Trait) -> Descriptions:
    return tuple(inverter_sensors(model, traits))


@cache
def _packs() -> Descriptions:
    return tuple(pack_sensors())


@cache
def _modules(model: type[HvModule]) -> Descriptions:
    return tuple(module_sensors(model))


@cache
def _meters() -> Descriptions:
    return tuple(meter_sensors())


def _inverter(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Descriptions:
    assert issubclass(plant_device.model, Inverter)
    return _inverters(plant_device.model, capabilities.traits)


_SENSORS: Mapping[str, Callable[[PlantDevice, PlantCapabilities], Descriptions]] = {
    "inverter": _inverter,
    "ems": lambda _, capabilities: ems_sensors(capabilities),
    "gateway": lambda _, __: gateway_sensors(),
    "managed_inverter": lambda plant_device, _: managed_inverter_sensors(plant_device.place),
    "aio_unit": lambda plant_device, _: aio_unit_sensors(plant_device.place),
    "lv_battery": lambda _, __: _packs(),
    "lv_bcu": lambda _, __: controller_sensors(),
    "hv_stack": lambda _, __: stack_sensors(),
    "hv_module": lambda _, __: _modules(Bmu),
    "aio_module": lambda _, __: _modules(AioBatteryModule),
    "meter": lambda _, __: _meters(),
}


def sensors(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Descriptions:
    """Describe the sensors of one device that show its own fields."""
    return _SENSORS[plant_device.kind](plant_device, capabilities)


def sums(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Descriptions:
    """Describe the energies of one device that are computed from several of its counters."""
    if issubclass(plant_device.model, Inverter):
        return derived_sums(plant_device.model, capabilities.traits)
    return ()
