"""What is either so or not so of a GivEnergy plant."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .devices import PlantDevice
from .entity import GivEnergyDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.devices.inverter_settings import AcSettings
from .givenergy_modbus.model.enums import (
    BcuStatus,
    EmsInverterStatus,
    MeterStatus,
    Status,
    WorkMode,
)
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import RegisterModel
from .issues import clock_drift
from .runtime import GivEnergyConfigEntry
from .scope import EntityScope
from .slots import SLOT_KINDS, SlotKind

PARALLEL_UPDATES = 0

_IDLE_WATTS = 50
"""What a battery's own electronics take is no charging."""

_FOR_ENGINEERS = frozenset(
    {
        "cmd_bms_flash_update",
        "enable_local_command_test",
        "enable_spi",
        "select_arm_chip",
        "set_command_save",
        "start_system_auto_test",
    }
)
"""Flags that mean nothing to anybody else."""

_ALLOWED_BY = {
    "charge": "enable_charge",
    "discharge": "enable_discharge",
    "ems_charge": "plant_enabled",
    "ems_discharge": "plant_enabled",
    "ems_export": "plant_enabled",
}
"""The setting without which windows of a kind do nothing."""


@dataclass(frozen=True, kw_only=True)
class GivEnergyBinarySensorDescription[DeviceT](
    GivEnergyDescription[DeviceT], BinarySensorEntityDescription
):
    """A binary sensor as one row."""

    attributes_fn: Callable[[DeviceT], Mapping[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class LookingDescription(GivEnergyBinarySensorDescription[Any]):
    """A binary sensor as one row that takes more than one device's registers to tell."""

    entry_value_fn: Callable[[GivEnergyConfigEntry, PlantDevice], bool | None]


type Descriptions = Iterator[GivEnergyBinarySensorDescription[Any]]


def _row(
    model: type[RegisterModel],
    key: str,
    names: tuple[str, ...],
    value_fn: Callable[[Any], bool | None],
    **special: Any,
) -> GivEnergyBinarySensorDescription[Any]:
    """Describe a binary sensor that some of a device's values decide."""
    facts: dict[str, Any] = {
        "translation_key": key,
        "reads": _registers(model, *names),
        "value_fn": value_fn,
    }
    return GivEnergyBinarySensorDescription(key=key, **facts | special)


def _registers(model: type[RegisterModel], *names: str) -> tuple[Register, ...]:
    return tuple(register for name in names for register in model.all_fields[name].registers)


def _is(name: str, *members: Any) -> Callable[[Any], bool | None]:
    """Return a function that tells whether a value is one of some."""

    def value(device: Any) -> bool | None:
        said = getattr(device, name)
        return None if said is None else said in members

    return value


def _exceeds(name: str, limit: float, sign: int = 1) -> Callable[[Any], bool | None]:
    """Return a function that tells whether a number is above a limit."""

    def value(device: Any) -> bool | None:
        said = getattr(device, name)
        return None if said is None else sign * said > limit

    return value


def _any_of(*names: str) -> Callable[[Any], bool | None]:
    """Return a function that tells whether one of several codes is set."""

    def value(device: Any) -> bool | None:
        said = [getattr(device, name) for name in names]
        return None if None in said else any(said)

    return value


_CHARGING = {"device_class": BinarySensorDeviceClass.BATTERY_CHARGING}
_PROBLEM = {"device_class": BinarySensorDeviceClass.PROBLEM}
_CONNECTED = {"device_class": BinarySensorDeviceClass.CONNECTIVITY}
_DIAGNOSTIC = {"entity_category": EntityCategory.DIAGNOSTIC}


def _complains(status: str, *messages: str) -> dict[str, Any]:
    """Return what makes a row tell of a device's fault status and of its messages."""

    def found(device: Any) -> list[str]:
        return [text for name in messages for text in getattr(device, name) or ()]

    def value(device: Any) -> bool | None:
        said = getattr(device, status)
        return (
            None if said is None else said in (Status.FAULT, WorkMode.FAULT) or bool(found(device))
        )

    return {
        "names": (status, *messages),
        "value_fn": value,
        "attributes_fn": lambda device: {"messages": found(device)},
        **_PROBLEM,
    }


def _inverter(plant_device: PlantDevice) -> Descriptions:
    model = plant_device.model
    texts = (
        [f"inverter_fault_codes_{number}" for number in range(8)]
        if issubclass(model, ThreePhaseInverter)
        else ["charger_warning_messages"]
    )
    yield _row(model, "problem", **_complains("status", *texts))
    yield _row(model, "grid_connected", ("system_mode",), _is("system_mode", 1), **_CONNECTED)
    yield _row(
        model,
        "battery_charging",
        ("battery_charge_power",),
        _exceeds("battery_charge_power", _IDLE_WATTS),
        **_CHARGING,
    )
    yield from _flags(model)


def _flags(model: type[RegisterModel]) -> Descriptions:
    """Describe the flags that can be read and not set."""
    unused = set(_FOR_ENGINEERS)
    if issubclass(model, ThreePhaseInverter):
        # It answers for these registers too, and keeps nothing there.
        unused |= AcSettings.register_fields.keys()
    for name, field in model.register_fields.items():
        if field.kind is bool and field.writable is None and name not in unused:
            yield _row(
                model,
                name,
                (name,),
                _is(name, True),
                entity_registry_enabled_default=False,
                **_DIAGNOSTIC,
            )


def _ems(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Descriptions:
    yield _row(plant_device.model, "problem", **_complains("ems_status"))
    yield _row(
        plant_device.model,
        "battery_charging",
        ("total_battery_power",),
        _exceeds("total_battery_power", _IDLE_WATTS, -1),
        **_CHARGING,
    )
    for place in capabilities.meter_addresses:
        name = f"meter_{place}_status"
        yield _row(
            plant_device.model,
            name,
            (name,),
            _is(name, MeterStatus.ONLINE),
            translation_key="meter_online",
            translation_placeholders={"number": str(place)},
            **_CONNECTED,
            **_DIAGNOSTIC,
        )


def _managed(plant_device: PlantDevice) -> Descriptions:
    name = f"inverter_{plant_device.place}_suspected_status"
    yield _row(
        plant_device.model,
        "inverter_online",
        (name,),
        _is(name, EmsInverterStatus.ONLINE),
        **_CONNECTED,
        **_DIAGNOSTIC,
    )


def _gateway(plant_device: PlantDevice) -> Descriptions:
    yield _row(plant_device.model, "problem", **_complains("work_mode", "gateway_fault_codes"))
    yield _row(
        plant_device.model,
        "grid_connected",
        ("work_mode",),
        _is("work_mode", WorkMode.ON_GRID),
        **_CONNECTED,
    )
    yield _row(
        plant_device.model,
        "battery_charging",
        ("p_aio_total",),
        _exceeds("p_aio_total", _IDLE_WATTS, -1),
        **_CHARGING,
    )


def _aio_unit(plant_device: PlantDevice) -> Descriptions:
    name = f"p_aio{plant_device.place}_inverter"
    yield _row(
        plant_device.model,
        "battery_charging",
        (name,),
        _exceeds(name, _IDLE_WATTS, -1),
        **_CHARGING,
    )


def _pack(plant_device: PlantDevice) -> Descriptions:
    names = ("warning_1", "warning_2")
    yield _row(plant_device.model, "problem", names, _any_of(*names), **_PROBLEM, **_DIAGNOSTIC)


def _stack(plant_device: PlantDevice) -> Descriptions:
    names = ("pack_protection_status", "pack_fault_status")
    yield _row(plant_device.model, "problem", names, _any_of(*names), **_PROBLEM, **_DIAGNOSTIC)
    yield _row(
        plant_device.model,
        "battery_charging",
        ("status_label",),
        _is("status_label", BcuStatus.CHARGING),
        **_CHARGING,
    )


_BINARY_SENSORS: Mapping[str, Callable[[PlantDevice, PlantCapabilities], Descriptions]] = {
    "inverter": lambda plant_device, _: _inverter(plant_device),
    "ems": _ems,
    "gateway": lambda plant_device, _: _gateway(plant_device),
    "managed_inverter": lambda plant_device, _: _managed(plant_device),
    "aio_unit": lambda plant_device, _: _aio_unit(plant_device),
    "lv_battery": lambda plant_device, _: _pack(plant_device),
    "hv_stack": lambda plant_device, _: _stack(plant_device),
}


def binary_sensors(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Descriptions:
    """Describe the binary sensors of one device that show what it says."""
    if (describe := _BINARY_SENSORS.get(plant_device.kind.key)) is not None:
        yield from describe(plant_device, capabilities)


def looking(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[LookingDescription]:
    """Describe the binary sensors of one device that it takes more to tell."""
    if plant_device.parent is None:
        yield LookingDescription(
            key="connected",
            translation_key="connected",
            entry_value_fn=lambda entry, _: entry.runtime_data.client.connected,
            device_class=BinarySensorDeviceClass.CONNECTIVITY,
            entity_category=EntityCategory.DIAGNOSTIC,
        )
    scope = EntityScope.of(capabilities)
    for kind in SLOT_KINDS:
        indexes, allowed_by = kind.indexes(plant_device, scope), _ALLOWED_BY.get(kind.key)
        if not indexes or allowed_by is None:
            continue
        switch = plant_device.model.setting(allowed_by).name
        yield LookingDescription(
            key=f"{kind.key}_slot_active",
            translation_key=f"{kind.key}_slot_active",
            entry_value_fn=_in_window(kind, indexes, switch),
            reads=_registers(plant_device.model, switch, *(kind.name(idx) for idx in indexes)),
        )


def _in_window(
    kind: SlotKind, indexes: list[int], switch: str
) -> Callable[[GivEnergyConfigEntry, PlantDevice], bool | None]:
    """Return a function that tells whether the plant's clock is in a window that counts."""

    def entry_value_fn(entry: GivEnergyConfigEntry, plant_device: PlantDevice) -> bool | None:
        device = plant_device.find(entry.runtime_data.client.plant)
        if device is None or getattr(device, switch) is None:
            return None
        now = (dt_util.now() + (clock_drift(entry) or timedelta())).time()
        return bool(getattr(device, switch)) and any(
            now in window for idx in indexes if (window := kind.read(device, idx)) is not None
        )

    return entry_value_fn


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of a plant."""
    async_add_entities(entities_of(entry, binary_sensors, GivEnergyBinarySensor))
    async_add_entities(entities_of(entry, looking, LookingBinarySensor))


class GivEnergyBinarySensor[DeviceT](GivEnergyEntity[DeviceT], BinarySensorEntity):
    """Something that is either so or not so of one device."""

    entity_description: GivEnergyBinarySensorDescription[DeviceT]

    @property
    @override
    def is_on(self) -> bool | None:
        value: bool | None = self.device_value
        return value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        attributes_fn, device = self.entity_description.attributes_fn, self.device
        if attributes_fn is None or device is None:
            return None
        return dict(attributes_fn(device))


class LookingBinarySensor(GivEnergyBinarySensor[Any]):
    """Something it takes more than one device's registers to tell."""

    entity_description: LookingDescription

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        plant_device: PlantDevice,
        description: LookingDescription,
    ) -> None:
        """Remember which plant."""
        super().__init__(entry, plant_device, description)
        self._entry = entry

    @property
    @override
    def device_value(self) -> bool | None:
        return self.entity_description.entry_value_fn(self._entry, self.plant_device)
