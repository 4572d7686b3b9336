"""The devices of a plant in one walk, each with its identity and its parent."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .capabilities import PlantCapabilities
from .device_kinds import DEVICE_KINDS, DeviceKind, DeviceKindRow
from .devices.aio_module import AioBatteryModule
from .devices.battery import Battery
from .devices.ems import Ems, InverterSummary
from .devices.gateway import AioUnitSummary, GatewayV1, GatewayV2
from .devices.hv_stack import Bmu, HvStack
from .devices.lv_bcu import LvBcu
from .devices.meter import Meter
from .inverter import SinglePhaseInverter
from .inverter_threephase import ThreePhaseInverter
from .plant_inverter import DataSource, PlantInverter
from .plant_views import PlantViews
from .serials import is_serial
from .topology import stacks_of

__all__ = [
    "DataSource",
    "DeviceNode",
    "InverterSummary",
    "PlantInverter",
    "parent_of",
    "places_of",
    "serial_at",
    "walk",
]

type _Peripheral = Battery | LvBcu | HvStack | Bmu | AioBatteryModule | Meter

type Device = (
    SinglePhaseInverter
    | ThreePhaseInverter
    | PlantInverter
    | Ems
    | GatewayV1
    | GatewayV2
    | AioUnitSummary
    | _Peripheral
)


@dataclass(frozen=True, slots=True)
class DeviceNode:
    """One device, and its place in the system."""

    identity: str
    """What to know it by, unique in the system."""
    kind: DeviceKind
    parent: str | None
    """The identity of the device it belongs to; None for the first."""
    device: Device
    serial_number: str | None = None
    firmware_version: str | None = None
    is_valid: bool = True
    is_control_authority: bool = False
    """Whether the system takes its commands from it."""
    data_source: DataSource | None = None
    device_address: int = 0
    """Where its registers are read."""
    slot: int | None = None
    """Its place in the report of another device, from 1."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A device before identities are assigned."""

    kind: DeviceKind
    place: int
    """Its address, or its place in a report."""
    device: Device
    device_address: int
    serial_number: str | None = None
    firmware_version: str | None = None
    is_valid: bool = True
    data_source: DataSource | None = None
    slot: int | None = None
    is_reported: bool = False
    """Whether another device's registers hold its values."""


def walk(plant: PlantViews) -> list[DeviceNode]:
    """Return the devices of a plant: the root first, each after its parent.

    The identity of a device is its serial number where that is whole and unique in
    the plant, else root, kind and place. That of a device which another one reports on
    ends in ``_managed``, as its own dongle may be set up as a plant of its own.
    """
    root = _root(plant)
    found = [root, *_children(plant)]
    serials = Counter(device.serial_number for device in found)
    first = plant.inverter_serial
    identities: dict[tuple[DeviceKind, int], str] = {}
    devices: list[DeviceNode] = []
    for device in found:
        identity = first if device is root else _identity(device, first, serials)
        above = parent_of(plant.capabilities, device.kind, device.place)
        # A controller that has not answered yet is not among the devices.
        parent = (
            None if device is root else first if above is None else identities.get(above, first)
        )
        identities[device.kind, device.place] = identity
        devices.append(_placed(device, identity, parent))
    return devices


def places_of(plant: PlantViews, kind: DeviceKind) -> Sequence[int]:
    """Return where devices of a kind are: their addresses, or their places in a report."""
    capabilities, row = plant.capabilities, DEVICE_KINDS[kind]
    if row.reported_by is not None:
        return [place for place in row.addresses if (serial_at(plant, kind, place) or "").strip()]
    if capabilities is None:
        return plant.pack_addresses if kind is DeviceKind.LV_BATTERY else ()
    if kind is DeviceKind.HV_MODULE and capabilities.aio_battery_module_addresses:
        return ()  # the same modules, under the name they had before
    return capabilities.addresses(kind)


def parent_of(
    capabilities: PlantCapabilities | None, kind: DeviceKind, place: int
) -> tuple[DeviceKind, int] | None:
    """Return kind and place of the device another one belongs to; None for the root."""
    parent = DEVICE_KINDS[kind].parent
    if parent is None or capabilities is None:
        return None
    if parent is not DeviceKind.HV_STACK:
        return next(((parent, address) for address in capabilities.addresses(parent)), None)
    # Modules are numbered through from one stack to the next.
    first = DEVICE_KINDS[kind].addresses.start
    for offset, modules in capabilities.bcu_stacks:
        if place < first + modules:
            return parent, DEVICE_KINDS[parent].addresses.start + offset
        first += modules
    return None


def serial_at(plant: PlantViews, kind: DeviceKind, place: int) -> str | None:
    """Return the text in place of the serial number of the device at a place, if it has one."""
    row = DEVICE_KINDS[kind]
    device: object
    if row.is_root:
        return plant.inverter_serial
    if row.reported_by is None:
        device = plant.view(row.model, place)
    else:
        device = plant.ems if row.reported_by is DeviceKind.EMS else plant.gateway
    name = row.serial_field(place)
    return None if name is None else getattr(device, name, None)


def _identity(found: _Found, first: str, serials: Counter[str | None]) -> str:
    serial = found.serial_number
    if serial is not None and is_serial(serial) and serials[serial] == 1:
        return f"{serial}_managed" if found.is_reported else serial
    place = f"{found.place:#04x}" if found.slot is None else f"{found.place}"
    return f"{first}_{found.kind}_{place}"


def _placed(found: _Found, identity: str, parent: str | None) -> DeviceNode:
    return DeviceNode(
        identity=identity,
        kind=found.kind,
        parent=parent,
        device=found.device,
        serial_number=found.serial_number,
        firmware_version=found.firmware_version,
        is_valid=found.is_valid,
        is_control_authority=parent is None,
        data_source=found.data_source,
        device_address=found.device_address,
        slot=found.slot,
    )


def _root(plant: PlantViews) -> _Found:
    """Return the device that answers at the inverter's address."""
    address, serial = plant.inverter_address, plant.inverter_serial
    if (gateway := plant.gateway) is not None:
        return _Found(
            DeviceKind.GATEWAY,
            address,
            gateway,
            address,
            serial,
            gateway.software_version,
            is_valid=gateway.is_valid(),
        )
    firmware = plant.inverter.firmware_version
    if (ems := plant.ems) is not None:
        return _Found(
            DeviceKind.EMS, address, ems, address, serial, firmware, is_valid=ems.is_valid()
        )
    inverter = plant.inverters[0]
    return _Found(
        DeviceKind.INVERTER,
        address,
        inverter,
        address,
        serial,
        firmware,
        data_source=inverter.data_source,
    )


def _children(plant: PlantViews) -> Iterator[_Found]:
    yield from _other_inverters(plant)
    yield from _aio_units(plant)
    for kind, devices in _peripherals(plant).items():
        row = DEVICE_KINDS[kind]
        for address in places_of(plant, kind):
            if (device := devices.get(address)) is not None:
                yield _peripheral(row, address, device)


def _peripherals(plant: PlantViews) -> Mapping[DeviceKind, Mapping[int, _Peripheral]]:
    """Return the devices behind the inverter by kind and address, parents first."""
    capabilities = plant.capabilities
    stacks = {stack.device_address: stack for stack in plant.hv_stacks}
    modules = () if capabilities is None else stacks_of(capabilities)
    packs = zip(plant.pack_addresses, plant.batteries, strict=True)
    controller = plant.lv_bcu
    return {
        DeviceKind.LV_BCU: {}
        if controller is None
        else dict.fromkeys(places_of(plant, DeviceKind.LV_BCU), controller),
        DeviceKind.LV_BATTERY: dict(packs),
        DeviceKind.HV_STACK: stacks,
        DeviceKind.HV_MODULE: {
            address: bmu
            for controller_address, places in modules
            for address, bmu in zip(places, stacks[controller_address].bmus, strict=True)
        },
        DeviceKind.AIO_MODULE: {
            module.module_address: module
            for module in plant.aio_battery_modules
            if module.module_address is not None
        },
        DeviceKind.METER: plant.meters,
    }


def _peripheral(row: DeviceKindRow, address: int, device: _Peripheral) -> _Found:
    fields = device.bcu if isinstance(device, HvStack) else device
    serial = row.serial_field(address)
    firmware = None if row.firmware is None else getattr(fields, row.firmware)
    return _Found(
        row.kind,
        address,
        device,
        address,
        None if serial is None else getattr(fields, serial),
        None if firmware is None else str(firmware),
        is_valid=device.is_valid(),
    )


def _other_inverters(plant: PlantViews) -> Iterator[_Found]:
    """Yield the inverters an EMS reports on, and those with registers of their own."""
    for inverter in plant.inverters:
        if inverter.direct is plant.inverter:
            continue
        yield _Found(
            DeviceKind.INVERTER if inverter.slot is None else DeviceKind.MANAGED_INVERTER,
            inverter.slot or 0,
            inverter,
            plant.inverter_address,
            inverter.serial_number,
            None if inverter.direct is None else inverter.direct.firmware_version,
            data_source=inverter.data_source,
            slot=inverter.slot,
            is_reported=inverter.is_blinded,
        )


def _aio_units(plant: PlantViews) -> Iterator[_Found]:
    """Yield the All-in-Ones a gateway reports on."""
    if (gateway := plant.gateway) is None:
        return
    for place in places_of(plant, DeviceKind.AIO_UNIT):
        unit = gateway.aio_unit(place)
        yield _Found(
            DeviceKind.AIO_UNIT,
            place,
            unit,
            plant.inverter_address,
            unit.serial_number,
            slot=place,
            is_reported=True,
        )
