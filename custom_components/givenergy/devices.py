"""The Home Assistant devices of a system, one row per kind.

Who a device is gets decided once, when it is first found, and is stored with
the config entry; every later start reads it from there. A device that is
silent today therefore keeps its page, its entities and its history.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from homeassistant.helpers.device_registry import DeviceInfo

from .const import DOMAIN, MANUFACTURER
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import (
    DEVICE_KINDS,
    HV_MODULE,
    HV_STACK,
    LV_BATTERY,
    LV_BCU,
    DeviceKind,
)
from .givenergy_modbus.model.devices.aio_module import AioBatteryModule
from .givenergy_modbus.model.devices.battery import Battery
from .givenergy_modbus.model.devices.ems import Ems
from .givenergy_modbus.model.devices.gateway import Gateway, GatewayV1
from .givenergy_modbus.model.devices.hv_stack import Bcu, Bmu
from .givenergy_modbus.model.devices.lv_bcu import LvBcu
from .givenergy_modbus.model.devices.meter import Meter
from .givenergy_modbus.model.inverter import SinglePhaseInverter
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.models import row_of
from .givenergy_modbus.model.plan import INVERTER_ADDRESS
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import RegisterModel
from .givenergy_modbus.model.serials import is_serial

type AnyInverter = SinglePhaseInverter | ThreePhaseInverter
INVERTERS: Final = (SinglePhaseInverter, ThreePhaseInverter)
type Identities = dict[str, dict[str, str | None]]
"""Stored identities: ``kind@number`` to identity and serial."""


@dataclass(frozen=True, kw_only=True)
class PlantDeviceKind:
    """A kind of device a plant may have."""

    key: str
    """The word for it in identities and translations."""
    model: Callable[[PlantCapabilities], type[RegisterModel]]
    """What it decodes to."""
    present: Callable[[Plant, PlantCapabilities], Iterable[int]]
    """Where devices of the kind are now: addresses, or places in a roll-up."""
    first: int = 0
    """The place that is called number one."""
    rolled_up: bool = False
    """Whether the root device reports on it, so that its place is not an address."""
    serial: str | None = "serial_number"
    firmware: str | None = None
    product: str | None = None
    parent: Callable[[PlantCapabilities, int], tuple[str, int] | None] = lambda _, __: None
    """The device it belongs to, by kind and place; the system's first device where None."""

    @property
    def is_root(self) -> bool:
        """Whether it is the plant's first device."""
        return self.first == INVERTER_ADDRESS


def _stack_of(capabilities: PlantCapabilities, address: int) -> tuple[str, int] | None:
    """Return the stack a high-voltage module belongs to: modules are numbered through."""
    place = address - HV_MODULE.addresses.start
    for offset, modules in capabilities.bcu_stacks:
        if place < modules:
            return "hv_stack", HV_STACK.addresses.start + offset
        place -= modules
    return None


def _lv_controller(capabilities: PlantCapabilities, _: int) -> tuple[str, int] | None:
    """Return the controller of a low-voltage stack, None where the inverter reads the packs."""
    address = capabilities.lv_bcu_address
    return None if address is None else ("lv_bcu", address)


def _at(kind: DeviceKind) -> Callable[[Plant, PlantCapabilities], Iterable[int]]:
    return lambda _, capabilities: capabilities.addresses(kind)


def _managed(plant: Plant, _: PlantCapabilities) -> Iterator[int]:
    if (ems := plant.ems) is not None:
        yield from (
            place for place in range(1, 5) if getattr(ems, f"inverter_{place}_serial_number")
        )


def _aio_units(plant: Plant, _: PlantCapabilities) -> Iterator[int]:
    if (gateway := plant.gateway) is not None:
        yield from (place for place in range(1, 4) if getattr(gateway, f"aio{place}_serial_number"))


def _root(wanted: Callable[[PlantCapabilities], bool]) -> Callable[..., Iterable[int]]:
    return lambda _, capabilities: (INVERTER_ADDRESS,) if wanted(capabilities) else ()


# fmt: off
PLANT_DEVICE_KINDS = (
    PlantDeviceKind(
        key="inverter", firmware="firmware_version", first=INVERTER_ADDRESS,
        model=lambda caps: DEVICE_KINDS[DeviceKind.INVERTER].model_for(caps.traits),
        present=_root(lambda caps: not (caps.is_ems or caps.is_gateway)),
    ),
    PlantDeviceKind(
        key="ems", serial=None, first=INVERTER_ADDRESS, model=lambda _: Ems,
        present=_root(lambda caps: caps.is_ems),
    ),
    PlantDeviceKind(
        key="gateway", serial=None, firmware="software_version", first=INVERTER_ADDRESS,
        model=lambda _: GatewayV1, present=_root(lambda caps: caps.is_gateway),
    ),
    PlantDeviceKind(
        key="managed_inverter", model=lambda _: Ems, present=_managed, first=1, rolled_up=True,
        serial="inverter_{number}_serial_number", product="EMS-managed inverter",
    ),
    PlantDeviceKind(
        key="aio_unit", model=lambda _: GatewayV1, present=_aio_units, first=1, rolled_up=True,
        serial="aio{number}_serial_number", product="All in One (via gateway)",
    ),
    PlantDeviceKind(
        key="lv_bcu", model=lambda _: LvBcu, present=_at(DeviceKind.LV_BCU), serial=None,
        first=LV_BCU.addresses.start, product="Battery control unit",
    ),
    PlantDeviceKind(
        key="lv_battery", model=lambda _: Battery, present=_at(DeviceKind.LV_BATTERY),
        first=LV_BATTERY.addresses.start, firmware="bms_firmware_version", product="Battery pack",
        parent=_lv_controller,
    ),
    PlantDeviceKind(
        key="hv_stack", model=lambda _: Bcu, present=_at(DeviceKind.HV_STACK),
        first=HV_STACK.addresses.start, firmware="pack_software_version",
        product="Battery control unit",
    ),
    PlantDeviceKind(
        key="hv_module", model=lambda _: Bmu, first=HV_MODULE.addresses.start, parent=_stack_of,
        product="Battery module",
        present=lambda _, caps: () if caps.aio_battery_module_addresses else caps.hv_bmu_addresses,
    ),
    PlantDeviceKind(
        key="aio_module", model=lambda _: AioBatteryModule, present=_at(DeviceKind.AIO_MODULE),
        first=HV_MODULE.addresses.start, product="Battery module", parent=_stack_of,
    ),
    PlantDeviceKind(
        key="meter", model=lambda _: Meter, present=_at(DeviceKind.METER), first=1, serial=None,
        product="Energy meter",
    ),
)
# fmt: on

_ROLLED_UP = frozenset(kind.key for kind in PLANT_DEVICE_KINDS if kind.rolled_up)
_ALL_IN_ONE = "All in One"
"""How the names of the products begin that are an inverter and its batteries."""


@dataclass(frozen=True, kw_only=True)
class PlantDevice[DeviceT: RegisterModel = RegisterModel]:
    """One device of one plant."""

    kind: PlantDeviceKind
    place: int
    """Its device address, or its place in the root device's roll-up."""
    identity: str
    model: type[DeviceT]
    parent: str | None
    """The identity of the device it belongs to; None for the system's first device."""

    @property
    def key(self) -> str:
        """How the part is called in the stored identities."""
        return f"{self.kind.key}@{self.place}"

    @property
    def address(self) -> int:
        """The device address its registers are read from."""
        return INVERTER_ADDRESS if self.kind.rolled_up else self.place

    @property
    def number(self) -> int:
        """What a person counts it as."""
        return self.place - self.kind.first + 1

    @property
    def identifier(self) -> tuple[str, str]:
        """How the device registry knows it."""
        return DOMAIN, self.identity

    def find(self, plant: Plant) -> DeviceT | None:
        """Return the device as last read, None before it has answered."""
        if issubclass(self.model, Gateway):
            # Which of two layouts it has, only its registers show; both have the same fields.
            gateway = plant.gateway if plant.register_caches.get(self.address) else None
            return cast("DeviceT | None", gateway)
        return plant.view(self.model, self.address)

    def serial(self, plant: Plant) -> str | None:
        """Return the serial number it reports, None while it reports no valid one."""
        return valid_serial(self.reported_serial(plant))

    def reported_serial(self, plant: Plant) -> str | None:
        """Return the text in place of a serial number, whether it is one or not."""
        if self.parent is None:
            return plant.inverter_serial
        text: str | None = self._last_snapshot(plant, self.kind.serial)
        return text

    @property
    def named_in(self) -> tuple[Register, ...]:
        """The registers its serial number is in, if it has one of its own."""
        name = self.kind.serial
        return () if name is None else self.model.all_fields[self._own(name)].registers

    def firmware(self, plant: Plant) -> str | None:
        """Return the firmware it reports, as text."""
        said = self._last_snapshot(plant, self.kind.firmware)
        return None if said is None else str(said)

    def _last_snapshot(self, plant: Plant, name: str | None) -> Any:
        return None if name is None else getattr(self.find(plant), self._own(name), None)

    def _own(self, name: str) -> str:
        return name.format(number=self.place)

    def info(self, plant: Plant, system: str) -> DeviceInfo:
        """Return what the device's page shows; the system's name leads the device's."""
        info = DeviceInfo(
            identifiers={self.identifier},
            manufacturer=MANUFACTURER,
            translation_key=self._name_key(plant, system),
            translation_placeholders={"number": str(self.number), "system": system},
            model=self.kind.product or product_name(plant),
        )
        if (serial := self.serial(plant)) is not None:
            info["serial_number"] = serial
        if (firmware := self.firmware(plant)) is not None:
            info["sw_version"] = firmware
        if self.parent is None and (code := plant.inverter.device_type_code) is not None:
            info["model_id"] = code
        return info

    def _name_key(self, plant: Plant, system: str) -> str:
        """Return the translation key of the device's name.

        A system named after the product, such as "All in One 141", is its device's name.
        """
        key = self.kind.key
        if self.parent is None:
            if key == "inverter" and _product(plant).startswith(_ALL_IN_ONE):
                key = "all_in_one"
            if key.replace("_", " ") in system.casefold():
                key = "system"
        return key


def valid_serial(text: str | None) -> str | None:
    """Return a serial number if it is one: ten capital letters and digits."""
    return text if is_serial(text) else None


def _product(plant: Plant) -> str:
    capabilities = plant.capabilities
    return row_of(capabilities.device_type if capabilities else None).name


def product_name(plant: Plant) -> str:
    """Return what the plant's first device is sold as."""
    name = _product(plant)
    rated = plant.inverter.inverter_max_power
    return name if rated is None else f"{name} {rated / 1000:.1f} kW"


def decide_identities(plant: Plant, stored: Mapping[str, Any]) -> Identities:
    """Return the stored identities, with one for every device now found for the first time.

    The identity is the serial number if that is valid and unique, else
    the place below the system's own serial number. One that the plant's first device reports for
    is below that device's serial, as it may be added as a system of its own too.
    """
    capabilities = plant.capabilities
    assert capabilities is not None
    root = plant.inverter_serial
    known: Identities = {key: dict(value) for key, value in stored.items()}
    new: dict[str, tuple[str, str | None]] = {}
    for kind in PLANT_DEVICE_KINDS:
        for place in kind.present(plant, capabilities):
            plant_device = _part(kind, place, "", capabilities, None if kind.is_root else root)
            if plant_device.key not in known:
                new[plant_device.key] = (_by_place(plant_device, root), plant_device.serial(plant))
    taken = Counter(serial for _, serial in new.values())
    taken.update(value["identity"] for value in known.values())
    for key, (by_place, serial) in new.items():
        own = serial if serial is not None and taken[serial] == 1 else None
        if own is not None and key.partition("@")[0] in _ROLLED_UP:
            own = f"{root}_{own}"
        known[key] = {"identity": own or by_place, "serial": serial}
    return known


def root_key(identities: Mapping[str, Any]) -> str | None:
    """Return the key of a plant's first device in its identities."""
    roots = (f"{kind.key}@{kind.first}" for kind in PLANT_DEVICE_KINDS if kind.is_root)
    return next((key for key in roots if key in identities), None)


def _by_place(plant_device: PlantDevice, root: str) -> str:
    """Return what to know a device by when its serial number will not do."""
    if plant_device.parent is None:
        return root
    place = f"{plant_device.place}" if plant_device.kind.rolled_up else f"{plant_device.place:#04x}"
    return f"{root}_{plant_device.kind.key}_{place}"


def plant_devices_of(
    capabilities: PlantCapabilities, identities: Mapping[str, Any]
) -> list[PlantDevice]:
    """Return the devices of a plant, each below its parent, the plant's first one first."""
    places: dict[str, list[int]] = {}
    for key in identities:
        kind_key, _, place = key.partition("@")
        places.setdefault(kind_key, []).append(int(place))
    found = [(kind, at) for kind in PLANT_DEVICE_KINDS for at in sorted(places.get(kind.key, ()))]
    root = next((identities[f"{kind.key}@{at}"]["identity"] for kind, at in found), None)
    plant_devices: list[PlantDevice] = []
    for kind, at in found:
        identity = identities[f"{kind.key}@{at}"]["identity"]
        above = kind.parent(capabilities, at)
        parent = root
        if above is not None:
            parent = identities.get(f"{above[0]}@{above[1]}", {}).get("identity", root)
        plant_devices.append(
            _part(kind, at, identity, capabilities, None if identity == root else parent)
        )
    return plant_devices


def _part(
    kind: PlantDeviceKind,
    place: int,
    identity: str,
    capabilities: PlantCapabilities,
    parent: str | None,
) -> PlantDevice:
    return PlantDevice(
        kind=kind,
        place=place,
        identity=identity,
        model=kind.model(capabilities),
        parent=parent,
    )
