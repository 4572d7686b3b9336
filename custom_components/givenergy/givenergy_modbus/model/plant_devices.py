"""The devices of a plant, in one walk: who each is, and below which other it hangs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .device_kinds import LV_BCU, DeviceKind
from .devices.aio_module import AioBatteryModule
from .devices.battery import Battery
from .devices.ems import Ems, InverterSummary
from .devices.gateway import GatewayV1, GatewayV2
from .devices.hv_stack import Bmu, HvStack
from .devices.lv_bcu import LvBcu
from .devices.meter import Meter
from .enums import Status
from .inverter import SinglePhaseInverter
from .inverter_threephase import ThreePhaseInverter
from .serials import is_serial
from .topology import stacks_of

if TYPE_CHECKING:
    from .plant import Plant

__all__ = ["DataSource", "InverterSummary", "PlantDevice", "PlantInverter", "walk"]

type DataSource = Literal["direct", "ems_rollup", "merged"]
"""Who speaks for an inverter: itself, a plant controller, or both."""

type Device = (
    SinglePhaseInverter
    | ThreePhaseInverter
    | PlantInverter
    | Ems
    | GatewayV1
    | GatewayV2
    | Battery
    | LvBcu
    | AioBatteryModule
    | Bmu
    | HvStack
    | Meter
)


@dataclass(frozen=True, slots=True)
class PlantInverter:
    """An inverter, by whatever is known of it: its own registers, its controller's summary."""

    serial_number: str
    direct: SinglePhaseInverter | ThreePhaseInverter | None = None
    summary: InverterSummary | None = None
    batteries: tuple[Battery, ...] = ()
    hv_stacks: tuple[HvStack, ...] = ()
    battery_modules: tuple[AioBatteryModule, ...] = ()
    slot: int | None = None
    """Its place with the controller, from 1."""

    @property
    def data_source(self) -> DataSource:
        """Who speaks for it."""
        if self.direct is None:
            return "ems_rollup"
        return "direct" if self.summary is None else "merged"

    @property
    def is_blinded(self) -> bool:
        """Whether only its controller speaks for it."""
        return self.direct is None

    @property
    def status(self) -> Status | str | None:
        """Its state; the code of it where only the controller tells."""
        return self._either("status")  # type: ignore[no-any-return]

    @property
    def p_inverter_out(self) -> int | float | None:
        """What it delivers, in watts."""
        return self._either("p_inverter_out")  # type: ignore[no-any-return]

    @property
    def battery_soc(self) -> int | None:
        """The state of charge of its batteries, in percent."""
        return self._either("battery_soc")  # type: ignore[no-any-return]

    @property
    def t_inverter_heatsink(self) -> float | None:
        """Its temperature, in degrees Celsius."""
        return self._either("t_inverter_heatsink")  # type: ignore[no-any-return]

    def _either(self, name: str) -> Any:
        """Return what it says itself, or else what its controller says."""
        value = getattr(self.direct, name, None)
        return getattr(self.summary, name, None) if value is None else value


@dataclass(frozen=True, slots=True)
class PlantDevice:
    """One device, and its place in the plant."""

    identity: str
    """What to know it by: nobody else in the plant has it."""
    kind: DeviceKind
    parent: str | None
    """The identity of the device it hangs below; None for the first."""
    device: Device
    serial_number: str | None = None
    firmware_version: str | None = None
    is_valid: bool = True
    is_control_authority: bool = False
    """Whether the plant takes its commands from it."""
    data_source: DataSource | None = None
    device_address: int = 0
    """Where its registers are read."""
    slot: int | None = None
    """Which it is of several that one device speaks for, from 1."""


@dataclass(slots=True)
class _Found:
    """A device before identities are given out."""

    kind: DeviceKind
    device: Device
    device_address: int
    serial_number: str | None = None
    firmware_version: str | None = None
    is_valid: bool = True
    stack: int | None = None
    """The address of the stack it is part of."""
    data_source: DataSource | None = None
    slot: int | None = None
    suffix: str = ""


def walk(plant: Plant) -> list[PlantDevice]:
    """Return the devices of a plant: the one in command first, each after its parent.

    A device is known by its serial number where that is whole and nobody else's, or
    else by the first device's, its kind and its address.
    """
    root = _root(plant)
    children = list(_children(plant))
    serials = Counter(it.serial_number for it in (root, *children))
    first = plant.inverter_serial
    stacks: dict[int, str] = {}
    devices = [_placed(root, first, None)]
    for found in children:
        identity = _identity(found, first, serials)
        parent = first if found.stack is None else stacks[found.stack]
        devices.append(_placed(found, identity, parent))
        if found.kind is DeviceKind.HV_STACK:
            stacks[found.device_address] = identity
    return devices


def _identity(found: _Found, first: str, serials: Counter[str | None]) -> str:
    serial = found.serial_number
    if serial is not None and is_serial(serial) and serials[serial] == 1:
        return f"{serial}{found.suffix}"
    place = f"{found.device_address:#04x}" if found.slot is None else f"{found.slot}"
    return f"{first}_{found.suffix.strip('_') or found.kind}_{place}"


def _placed(found: _Found, identity: str, parent: str | None) -> PlantDevice:
    return PlantDevice(
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


def _root(plant: Plant) -> _Found:
    """Return the device that answers in the inverter's place."""
    address, serial = plant.inverter_address, plant.inverter_serial
    if (gateway := plant.gateway) is not None:
        return _Found(
            DeviceKind.GATEWAY,
            gateway,
            address,
            serial,
            gateway.software_version,
            is_valid=gateway.is_valid(),
        )
    firmware = plant.inverter.firmware_version
    if (ems := plant.ems) is not None:
        return _Found(DeviceKind.EMS, ems, address, serial, firmware, is_valid=ems.is_valid())
    inverter = plant.inverters[0]
    return _Found(
        DeviceKind.INVERTER, inverter, address, serial, firmware, data_source=inverter.data_source
    )


def _children(plant: Plant) -> Iterator[_Found]:
    yield from _other_inverters(plant)
    layout = plant.capabilities
    packs = plant.pack_addresses
    for address, battery in zip(packs, plant.batteries, strict=True):
        firmware = battery.bms_firmware_version
        yield _Found(
            DeviceKind.LV_BATTERY,
            battery,
            address,
            battery.serial_number,
            None if firmware is None else str(firmware),
            is_valid=battery.is_valid(),
        )
    if (controller := plant.lv_bcu) is not None:
        address = LV_BCU.addresses.start if layout is None else layout.lv_bcu_address or 0
        yield _Found(DeviceKind.LV_BCU, controller, address, is_valid=controller.is_valid())
    for module in plant.aio_battery_modules:
        yield _module(module, module.module_address or 0)
    for stack, (_, places) in zip(
        plant.hv_stacks, () if layout is None else stacks_of(layout), strict=True
    ):
        yield from _stack(stack, () if plant.aio_battery_modules else places)
    for address, meter in plant.meters.items():
        yield _Found(DeviceKind.METER, meter, address, is_valid=meter.is_valid())


def _other_inverters(plant: Plant) -> Iterator[_Found]:
    """Yield the inverters a controller speaks for, and those that speak for themselves."""
    for inverter in plant.inverters:
        if inverter.direct is plant.inverter:
            continue
        yield _Found(
            DeviceKind.INVERTER,
            inverter,
            plant.inverter_address,
            inverter.serial_number,
            None if inverter.direct is None else inverter.direct.firmware_version,
            data_source=inverter.data_source,
            slot=inverter.slot,
            # The inverter's own adapter may be set up as a plant of its own.
            suffix="_managed" if inverter.is_blinded else "",
        )


def _stack(stack: HvStack, modules: Iterable[int]) -> Iterator[_Found]:
    yield _Found(
        DeviceKind.HV_STACK,
        stack,
        stack.device_address,
        stack.serial_number,
        stack.bcu.pack_software_version,
        is_valid=stack.is_valid(),
    )
    for bmu, address in zip(stack.bmus, modules, strict=False):
        yield _module(bmu, address, stack.device_address)


def _module(module: AioBatteryModule | Bmu, address: int, stack: int | None = None) -> _Found:
    return _Found(
        DeviceKind.HV_MODULE if isinstance(module, Bmu) else DeviceKind.AIO_MODULE,
        module,
        address,
        module.serial_number,
        is_valid=module.is_valid(),
        stack=stack,
    )
