"""Which binary sensors each kind of device has."""

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from operator import attrgetter

from homeassistant.const import EntityCategory

from ..compat import BinarySensorDeviceClass
from ..devices import INVERTERS, AnyInverter, PlantDevice
from ..field_names import names_of, registers_of
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.devices.battery import Battery
from ..givenergy_modbus.model.devices.ems import Ems
from ..givenergy_modbus.model.devices.gateway import GatewayV1
from ..givenergy_modbus.model.devices.hv_stack import Bcu
from ..givenergy_modbus.model.devices.inverter_settings import AcSettings
from ..givenergy_modbus.model.enums import (
    BcuStatus,
    EmsInverterStatus,
    MeterStatus,
    Status,
    WorkMode,
)
from ..givenergy_modbus.model.inverter import SinglePhaseInverter
from ..givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from ..givenergy_modbus.model.register_model import RegisterModel
from ..sensor.inverter import fault_messages
from .row import (
    BinarySensorOverrides,
    Descriptions,
    GivEnergyBinarySensorDescription,
    binary_sensor,
)

IDLE_WATTS = 50
"""Power that the battery's own electronics take, which is no charging."""


def _for_engineers(inverter: ThreePhaseInverter) -> object:
    """Pick the flags that mean nothing outside a service workshop."""
    return (
        inverter.cmd_bms_flash_update,
        inverter.enable_local_command_test,
        inverter.enable_spi,
        inverter.select_arm_chip,
        inverter.set_command_save,
        inverter.start_system_auto_test,
    )


_CHARGING: BinarySensorOverrides = {"device_class": BinarySensorDeviceClass.BATTERY_CHARGING}
_PROBLEM: BinarySensorOverrides = {"device_class": BinarySensorDeviceClass.PROBLEM}
_CONNECTED: BinarySensorOverrides = {"device_class": BinarySensorDeviceClass.CONNECTIVITY}
_DIAGNOSTIC: BinarySensorOverrides = {"entity_category": EntityCategory.DIAGNOSTIC}
_FLAG: BinarySensorOverrides = {**_DIAGNOSTIC, "entity_registry_enabled_default": False}


def _problem[DeviceT: RegisterModel](
    model: type[DeviceT],
    status: Callable[[DeviceT], IntEnum | None],
    messages: Callable[[DeviceT], tuple[tuple[str, ...] | None, ...]],
) -> GivEnergyBinarySensorDescription[DeviceT]:
    """Describe the binary sensor of a device's fault status and of its messages."""

    def found(device: DeviceT) -> list[str]:
        return [text for texts in messages(device) for text in texts or ()]

    def value(device: DeviceT) -> bool | None:
        state = status(device)
        if state is None:
            return None
        return state in (Status.FAULT, WorkMode.FAULT) or bool(found(device))

    row: BinarySensorOverrides = {**_PROBLEM, "translation_key": "problem"}
    return GivEnergyBinarySensorDescription(
        key="problem",
        reads=registers_of(model, lambda device: (status(device), *messages(device))),
        value_fn=value,
        messages_fn=found,
        **row,
    )


def _inverter(model: type[AnyInverter]) -> Iterator[GivEnergyBinarySensorDescription[AnyInverter]]:
    yield binary_sensor(
        model,
        "grid_connected",
        lambda inverter: inverter.system_mode,
        lambda mode: mode == 1,
        overrides=_CONNECTED,
    )
    yield from _flags(model)


def _single_phase(
    model: type[SinglePhaseInverter],
) -> Iterator[GivEnergyBinarySensorDescription[SinglePhaseInverter]]:
    yield _problem(
        model,
        lambda inverter: inverter.status,
        lambda inverter: (inverter.charger_warning_messages,),
    )
    yield binary_sensor(
        model,
        "battery_charging",
        lambda inverter: inverter.battery_charge_power,
        lambda watts: watts > IDLE_WATTS,
        overrides=_CHARGING,
    )


def _three_phase(
    model: type[ThreePhaseInverter],
) -> Iterator[GivEnergyBinarySensorDescription[ThreePhaseInverter]]:
    yield _problem(model, lambda inverter: inverter.status, fault_messages)
    yield binary_sensor(
        model,
        "battery_charging",
        lambda inverter: inverter.battery_charge_power,
        lambda watts: watts > IDLE_WATTS,
        overrides=_CHARGING,
    )


def _flags(model: type[AnyInverter]) -> Iterator[GivEnergyBinarySensorDescription[AnyInverter]]:
    """Describe the flags that can be read and not set."""
    unused = set(names_of(_for_engineers))
    if issubclass(model, ThreePhaseInverter):
        # It answers for these registers too, and keeps nothing there.
        unused |= AcSettings.register_fields.keys()
    for name, field in model.register_fields.items():
        if field.kind is bool and field.writable is None and name not in unused:
            yield binary_sensor(model, name, attrgetter(name), bool, overrides=_FLAG)


def _ems(capabilities: PlantCapabilities) -> Iterator[GivEnergyBinarySensorDescription[Ems]]:
    yield _problem(Ems, lambda ems: ems.ems_status, lambda _: ())
    yield binary_sensor(
        Ems,
        "battery_charging",
        lambda ems: ems.total_battery_power,
        lambda watts: -watts > IDLE_WATTS,
        overrides=_CHARGING,
    )
    for place in capabilities.meter_addresses:
        yield _ems_meter(place)


def _ems_meter(place: int) -> GivEnergyBinarySensorDescription[Ems]:
    return binary_sensor(
        Ems,
        f"meter_{place}_status",
        lambda ems: (
            ems.meter_1_status,
            ems.meter_2_status,
            ems.meter_3_status,
            ems.meter_4_status,
            ems.meter_5_status,
            ems.meter_6_status,
            ems.meter_7_status,
            ems.meter_8_status,
        )[place - 1],
        lambda status: status is MeterStatus.ONLINE,
        overrides={
            **_CONNECTED,
            **_DIAGNOSTIC,
            "translation_key": "meter_online",
            "translation_placeholders": {"number": str(place)},
        },
    )


def _managed(place: int) -> Iterator[GivEnergyBinarySensorDescription[Ems]]:
    yield binary_sensor(
        Ems,
        "inverter_online",
        lambda ems: (
            ems.inverter_1_suspected_status,
            ems.inverter_2_suspected_status,
            ems.inverter_3_suspected_status,
            ems.inverter_4_suspected_status,
        )[place - 1],
        lambda status: status is EmsInverterStatus.ONLINE,
        overrides={**_CONNECTED, **_DIAGNOSTIC},
    )


def _gateway() -> Iterator[GivEnergyBinarySensorDescription[GatewayV1]]:
    yield _problem(
        GatewayV1,
        lambda gateway: gateway.work_mode,
        lambda gateway: (gateway.gateway_fault_codes,),
    )
    yield binary_sensor(
        GatewayV1,
        "grid_connected",
        lambda gateway: gateway.work_mode,
        lambda mode: mode is WorkMode.ON_GRID,
        overrides=_CONNECTED,
    )
    yield binary_sensor(
        GatewayV1,
        "battery_charging",
        lambda gateway: gateway.p_aio_total,
        lambda watts: -watts > IDLE_WATTS,
        overrides=_CHARGING,
    )


def _aio_unit(place: int) -> Iterator[GivEnergyBinarySensorDescription[GatewayV1]]:
    yield binary_sensor(
        GatewayV1,
        "battery_charging",
        lambda gateway: (
            gateway.p_aio1_inverter,
            gateway.p_aio2_inverter,
            gateway.p_aio3_inverter,
        )[place - 1],
        lambda watts: -watts > IDLE_WATTS,
        overrides=_CHARGING,
    )


def _pack() -> Iterator[GivEnergyBinarySensorDescription[Battery]]:
    yield binary_sensor(
        Battery,
        "problem",
        lambda pack: (pack.warning_1, pack.warning_2),
        any,
        overrides={**_PROBLEM, **_DIAGNOSTIC},
    )


def _stack() -> Iterator[GivEnergyBinarySensorDescription[Bcu]]:
    yield binary_sensor(
        Bcu,
        "problem",
        lambda stack: (stack.pack_protection_status, stack.pack_fault_status),
        any,
        overrides={**_PROBLEM, **_DIAGNOSTIC},
    )
    yield binary_sensor(
        Bcu,
        "battery_charging",
        lambda stack: stack.status_label,
        lambda status: status is BcuStatus.CHARGING,
        overrides=_CHARGING,
    )


def _any_inverter(plant_device: PlantDevice) -> Descriptions:
    model = plant_device.model
    if issubclass(model, SinglePhaseInverter):
        yield from _single_phase(model)
    if issubclass(model, ThreePhaseInverter):
        yield from _three_phase(model)
    if issubclass(model, INVERTERS):
        yield from _inverter(model)


_BINARY_SENSORS: Mapping[str, Callable[[PlantDevice, PlantCapabilities], Descriptions]] = {
    "inverter": lambda plant_device, _: _any_inverter(plant_device),
    "ems": lambda _, capabilities: _ems(capabilities),
    "gateway": lambda _, __: _gateway(),
    "managed_inverter": lambda plant_device, _: _managed(plant_device.place),
    "aio_unit": lambda plant_device, _: _aio_unit(plant_device.place),
    "lv_battery": lambda _, __: _pack(),
    "hv_stack": lambda _, __: _stack(),
}


def binary_sensors(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Descriptions:
    """Describe the binary sensors of one device that show its own fields."""
    if (describe := _BINARY_SENSORS.get(plant_device.kind)) is not None:
        yield from describe(plant_device, capabilities)
