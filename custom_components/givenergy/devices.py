"""The Home Assistant devices of a system, built on the library's table of kinds.

A device with a serial number is followed by it, wherever it answers; see
``identities.py``. The others are known by their place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple, cast

from homeassistant.helpers.device_registry import DeviceInfo

from .const import DOMAIN, MANUFACTURER
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import DEVICE_KINDS, DeviceKind, DeviceKindRow
from .givenergy_modbus.model.devices.gateway import Gateway
from .givenergy_modbus.model.inverter import SinglePhaseInverter
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.models import row_of
from .givenergy_modbus.model.plan import INVERTER_ADDRESS, Block, Read
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.plant_devices import parent_of, serial_at
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_cache import RegisterCache
from .givenergy_modbus.model.register_model import RegisterModel
from .givenergy_modbus.model.serials import is_serial
from .identities import DeviceStatus, Identity

type AnyInverter = SinglePhaseInverter | ThreePhaseInverter
INVERTERS: Final = (SinglePhaseInverter, ThreePhaseInverter)

_ALL_IN_ONE = "All in One"
"""How the names of the products begin that are an inverter and its batteries."""

_NOTHING = RegisterCache()


class _Sighting(NamedTuple):
    """What the registers at a device's place show, until they change."""

    cache: RegisterCache
    revision: int
    is_own: bool
    """Whether the registers are its own, as far as their serial number tells."""
    is_named: bool
    """Whether they hold a serial number to follow it by."""
    device: RegisterModel | None


@dataclass(frozen=True, kw_only=True)
class PlantDevice[DeviceT: RegisterModel = RegisterModel]:
    """One device of one plant, and where it is now."""

    kind: DeviceKind
    place: int
    """Its device address, or its place in the root device's report; the last one if displaced."""
    number: int
    """What a person counts it as; it never changes."""
    identity: str
    """How registries and stored data know it; it never changes."""
    serial: str | None
    """The serial number by which it is followed; None for a device known by its place."""
    model: type[DeviceT]
    parent: str | None
    """The identity of the device it belongs to; None for the system's first device."""
    is_placed: bool = True
    """Whether it is at its place, as far as is known; False once it was searched for in vain."""
    _seen: dict[Plant, _Sighting] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def row(self) -> DeviceKindRow:
        """What the library knows of its kind."""
        return DEVICE_KINDS[self.kind]

    @cached_property
    def is_reported(self) -> bool:
        """Whether the root device reports on it, so that its place is not an address."""
        return self.row.reported_by is not None

    @property
    def key(self) -> str:
        """Its kind and place, as text."""
        return f"{self.kind}@{self.place}"

    @cached_property
    def address(self) -> int:
        """The device address its registers are read from."""
        return INVERTER_ADDRESS if self.is_reported else self.place

    @property
    def identifier(self) -> tuple[str, str]:
        """How the device registry knows it."""
        return DOMAIN, self.identity

    def find(self, plant: Plant) -> DeviceT | None:
        """Return the device as last read, None while its registers are not known to be its own."""
        seen = self._look(plant)
        return None if self._hides(plant, seen) else cast("DeviceT | None", seen.device)

    def is_hidden(self, plant: Plant) -> bool:
        """Return whether the registers at its place may be those of another device."""
        return self._hides(plant, self._look(plant))

    def _hides(self, plant: Plant, seen: _Sighting) -> bool:
        if not self.is_placed or not seen.is_own:
            return True
        return seen.is_named and any(map(plant.is_doubted, self._named_apart))

    def _look(self, plant: Plant) -> _Sighting:
        """Return what its place shows, worked out once for each change of the registers."""
        cache = plant.register_caches.get(self.address, _NOTHING)
        seen = self._seen.get(plant)
        if seen is None or seen.cache is not cache or seen.revision != cache.revision:
            seen = self._seen[plant] = self._look_anew(plant, cache)
        return seen

    def _look_anew(self, plant: Plant, cache: RegisterCache) -> _Sighting:
        is_own, is_named = True, False
        if self.parent is not None and self.serial is not None:
            reported = valid_serial(self.reported_serial(plant))
            is_named = reported is not None
            known = not cache or all(register in cache for register in self.named_in)
            is_own = reported == self.serial if is_named else known
        device = self._registers(plant) if is_own else None
        return _Sighting(cache, cache.revision, is_own, is_named, device)

    @cached_property
    def _named_apart(self) -> tuple[Read, ...]:
        """The read of its serial number, if that is in a block of its own."""
        block = self.row.block
        return tuple(
            Read(self.address, Block(register.bank, register.address, 1))
            for register in self.named_in[-1:]
            if block is not None and register not in block
        )

    def _registers(self, plant: Plant) -> DeviceT | None:
        """Return the registers at its place, None before they were read."""
        if issubclass(self.model, Gateway):
            # Which of two layouts it has, only its registers show; both have the same fields.
            gateway = plant.gateway if plant.register_caches.get(self.address) else None
            return cast("DeviceT | None", gateway)
        return plant.view(self.model, self.address)

    def reported_serial(self, plant: Plant) -> str | None:
        """Return the text in place of a serial number at its place, whether it is one or not."""
        return serial_at(plant, self.kind, self.place)

    @cached_property
    def named_in(self) -> tuple[Register, ...]:
        """The registers its serial number is in, if it has one of its own."""
        return () if self.parent is None else self.row.serial_registers(self.place)

    def firmware(self, plant: Plant) -> str | None:
        """Return the firmware it reports, as text."""
        name = self.row.firmware
        if name is None:
            product = plant.meter_products.get(self.address)
            reported = None if product is None else product.software_version
        else:
            reported = getattr(self.find(plant), name, None)
        return None if reported is None else str(reported)

    def info(self, plant: Plant, system: str) -> DeviceInfo:
        """Return what the device's page shows; the system's name leads the device's."""
        is_root = self.parent is None
        info = DeviceInfo(
            identifiers={self.identifier},
            manufacturer=MANUFACTURER,
            translation_key=self._name_key(plant, system),
            translation_placeholders={"number": str(self.number), "system": system},
            model=product_name(plant) if is_root else self.row.name,
        )
        serial = valid_serial(plant.inverter_serial) if is_root else self.serial
        if serial is not None:
            info["serial_number"] = serial
        if (firmware := self.firmware(plant)) is not None:
            info["sw_version"] = firmware
        product = plant.meter_products.get(self.address)
        if product is not None and product.hardware_version is not None:
            info["hw_version"] = str(product.hardware_version)
        if is_root and (code := plant.inverter.device_type_code) is not None:
            info["model_id"] = code
        return info

    def _name_key(self, plant: Plant, system: str) -> str:
        """Return the translation key of the device's name.

        A system named after the product, such as "All in One 141", is its device's name.
        """
        key = str(self.kind)
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


def plant_devices_of(
    capabilities: PlantCapabilities, identities: Mapping[str, Identity]
) -> list[PlantDevice]:
    """Return the devices of a plant, each below its parent, the plant's first one first."""
    order = list(DEVICE_KINDS)
    known = sorted(
        (
            (identity, device, DeviceKind(device["kind"]))
            for identity, device in identities.items()
            if device["status"] != DeviceStatus.REMOVED
        ),
        key=lambda found: (order.index(found[2]), found[1]["number"]),
    )
    root = known[0][0] if known else None
    at = {
        (kind, device["place"]): identity
        for identity, device, kind in known
        if device["status"] == DeviceStatus.PLACED
    }
    plant_devices: list[PlantDevice[Any]] = []
    for identity, device, kind in known:
        is_placed = device["status"] == DeviceStatus.PLACED
        above = parent_of(capabilities, kind, device["place"]) if is_placed else None
        parent = root if above is None else at.get(above, root)
        plant_devices.append(
            PlantDevice(
                kind=kind,
                place=device["place"],
                number=device["number"],
                identity=identity,
                serial=device["serial"],
                model=DEVICE_KINDS[kind].model_for(capabilities.traits),
                parent=None if identity == root else parent,
                is_placed=is_placed,
            )
        )
    return plant_devices
