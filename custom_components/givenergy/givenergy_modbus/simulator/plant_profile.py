"""Description of a simulated plant: values by attribute name, or recorded registers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..model.codecs import clock, text
from ..model.device_kinds import AIO_MODULE, HV_MODULE, HV_STACK, LV_BATTERY, LV_BCU, METER
from ..model.devices.aio_module import AioBatteryModule
from ..model.devices.battery import Battery
from ..model.devices.ems import Ems
from ..model.devices.gateway import GatewayV1
from ..model.devices.hv_stack import Bcu, Bmu
from ..model.devices.lv_bcu import LvBcu
from ..model.devices.meter import Meter, MeterProduct
from ..model.inverter import SinglePhaseInverter
from ..model.inverter_threephase import select_inverter
from ..model.models import Model, Trait, resolve_model, traits_of
from ..model.plan import INVERTER_ADDRESS
from ..model.register import HR, IR, Register
from ..model.register_cache import RegisterCache
from ..model.register_model import RegisterModel
from .device_registers import DeviceRegisters, Values
from .firmware import FIRMWARE, UNREAD, Firmware
from .inverter_clock import COUNT, FIRST
from .physics import Site

START = datetime(2026, 6, 18, 13, 30)  # noqa: DTZ001 - inverters know no zone
"""Default start time of a simulation."""

type Models = tuple[type[RegisterModel], ...]
"""The models that declare a device's fields, in lookup order."""

_serial = text(5)


def serial_at(first: Register, serial: str) -> dict[Register, int]:
    """Return the words of a serial that no field declares."""
    assert _serial.encode is not None
    return {Register(first + at): word for at, word in enumerate(_serial.encode(serial))}


def module_serial(serial: str, *, split: bool = False) -> dict[Register, int]:
    """Return the words of a module's serial; ``split`` stores two letters separately."""
    words = {IR(110): 0, **serial_at(IR(114), serial)}
    if split:
        words[IR(110)], words[IR(114)] = words[IR(114)], 0
    return words


def models_at(address: int, traits: Trait) -> Models:
    """Return the models that describe the device at an address."""
    if address == INVERTER_ADDRESS:
        return _root(traits)
    if address in AIO_MODULE.addresses and Trait.AIO_MODULES in traits:
        return (AioBatteryModule,)
    return next((models for addresses, models in _MODELS.items() if address in addresses), ())


_MODELS: Mapping[range, Models] = {
    METER.addresses: (Meter, MeterProduct),
    LV_BCU.addresses: (LvBcu,),
    LV_BATTERY.addresses: (Battery,),
    HV_MODULE.addresses: (Bmu,),
    HV_STACK.addresses: (Bcu,),
}


def _root(traits: Trait) -> Models:
    if Trait.EMS in traits:
        return (Ems, SinglePhaseInverter)
    if Trait.GATEWAY in traits:
        return (GatewayV1, SinglePhaseInverter)
    return (select_inverter(traits),)


@dataclass(frozen=True, kw_only=True)
class PlantProfile:
    """A simulated plant's initial state."""

    name: str
    title: str = ""
    adapter_serial: str = "WF2241G900"
    devices: Mapping[int, Values] = field(default_factory=dict)
    """Values by device address and attribute name."""
    words: Mapping[int, Mapping[Register, int]] = field(default_factory=dict)
    """Recorded words by device address and register."""
    site: Site | None = None
    """What drives its measurements; None keeps them constant."""
    inverter_serial: str = ""
    """The serial in the header, where it differs from the inverter's own."""
    envelopes: Mapping[int, str] = field(default_factory=dict)
    """Header serials of devices that do not use the inverter's."""

    @property
    def identity(self) -> tuple[str | None, int | None]:
        """The type code and the ARM firmware version, None where unknown."""
        known = self.words.get(INVERTER_ADDRESS, {})
        named = self.devices.get(INVERTER_ADDRESS, {})
        code = named.get("device_type_code")
        if code is None and (word := known.get(HR(0))) is not None:
            code = f"{word:04x}"
        return code, named.get("arm_firmware_version", known.get(HR(21)))

    @property
    def start(self) -> datetime:
        """The time its clock showed when it was recorded, or the default."""
        known = self.words.get(INVERTER_ADDRESS, {})
        words = [known.get(HR(at)) for at in range(FIRST, FIRST + COUNT)]
        at = None if None in words else clock.decode(*words)
        return START if at is None else at

    @property
    def model(self) -> Model | None:
        """The model, None if its type code is unknown."""
        code, firmware = self.identity
        return None if code is None else resolve_model(code, firmware)

    @property
    def traits(self) -> Trait:
        """The model's traits."""
        return traits_of(self.model, self.identity[1])

    @property
    def firmware(self) -> Firmware:
        """The model's firmware behavior."""
        return UNREAD if self.identity[0] is None else FIRMWARE[self.model]

    def build(self) -> dict[int, RegisterCache]:
        """Return the registers of every device."""
        caches = {address: RegisterCache(words) for address, words in self.words.items()}
        for address, values in self.devices.items():
            cache = caches.setdefault(address, RegisterCache())
            DeviceRegisters(cache, *models_at(address, self.traits)).write(values)
        return caches

    def with_values(self, devices: Mapping[int, Values], **changes: Any) -> PlantProfile:
        """Return a copy with some values, and optionally other attributes, replaced."""
        merged = {
            address: {**self.devices.get(address, {}), **devices.get(address, {})}
            for address in {**self.devices, **devices}
        }
        return replace(self, devices=merged, **changes)
