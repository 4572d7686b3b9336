"""What a simulated plant is, written down by attribute names."""

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
from ..model.inverter_threephase import ThreePhaseInverter
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
"""When a plant is looked at that nobody set going: a summer's day after lunch."""

type Models = tuple[type[RegisterModel], ...]
"""The models a device's names are looked up in, in this order."""

_serial = text(5)


def serial_at(first: Register, serial: str) -> dict[Register, int]:
    """Return the words of a serial where no attribute is."""
    assert _serial.encode is not None
    return {Register(first + at): word for at, word in enumerate(_serial.encode(serial))}


def module_serial(serial: str, *, split: bool = False) -> dict[Register, int]:
    """Return the words of a module's serial; some put the first two letters elsewhere."""
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
    if Trait.THREE_PHASE in traits:
        return (ThreePhaseInverter,)
    if Trait.EMS in traits:
        return (Ems, SinglePhaseInverter)
    if Trait.GATEWAY in traits:
        return (GatewayV1, SinglePhaseInverter)
    return (SinglePhaseInverter,)


@dataclass(frozen=True, kw_only=True)
class PlantProfile:
    """A plant before anything happens to it."""

    name: str
    title: str = ""
    adapter_serial: str = "WF2241G900"
    devices: Mapping[int, Values] = field(default_factory=dict)
    """What each device says, by address and attribute name."""
    words: Mapping[int, Mapping[Register, int]] = field(default_factory=dict)
    """What was recorded of each device, by register."""
    site: Site | None = None
    """What moves it; without one every measurement stays as it is."""
    inverter_serial: str = ""
    """The serial in the envelope where it is not the inverter's own."""
    envelopes: Mapping[int, str] = field(default_factory=dict)
    """Serials by which devices answer that do not use the inverter's."""

    @property
    def identity(self) -> tuple[str | None, int | None]:
        """The type code and the ARM firmware, None where they are not known."""
        known = self.words.get(INVERTER_ADDRESS, {})
        named = self.devices.get(INVERTER_ADDRESS, {})
        code = named.get("device_type_code")
        if code is None and (word := known.get(HR(0))) is not None:
            code = f"{word:04x}"
        return code, named.get("arm_firmware_version", known.get(HR(21)))

    @property
    def start(self) -> datetime:
        """The time its clock showed when it was recorded, or an afternoon in summer."""
        known = self.words.get(INVERTER_ADDRESS, {})
        words = [known.get(HR(at)) for at in range(FIRST, FIRST + COUNT)]
        at = None if None in words else clock.decode(*words)
        return START if at is None else at

    @property
    def model(self) -> Model | None:
        """The product, None if nobody knows its type code."""
        code, firmware = self.identity
        return None if code is None else resolve_model(code, firmware)

    @property
    def traits(self) -> Trait:
        """What the product brings with it."""
        return traits_of(self.model, self.identity[1])

    @property
    def firmware(self) -> Firmware:
        """The manners of the product."""
        return UNREAD if self.identity[0] is None else FIRMWARE[self.model]

    def build(self) -> dict[int, RegisterCache]:
        """Return the words of every device."""
        caches = {address: RegisterCache(words) for address, words in self.words.items()}
        for address, values in self.devices.items():
            cache = caches.setdefault(address, RegisterCache())
            DeviceRegisters(cache, *models_at(address, self.traits)).write(values)
        return caches

    def with_values(self, devices: Mapping[int, Values], **changes: Any) -> PlantProfile:
        """Return the same plant with some values, and maybe other things, changed."""
        merged = {
            address: {**self.devices.get(address, {}), **devices.get(address, {})}
            for address in {**self.devices, **devices}
        }
        return replace(self, devices=merged, **changes)
