"""Typed views of the registers the devices of a plant have answered with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from ..clock import SYSTEM_CLOCK, Clock
from .capabilities import PlantCapabilities
from .device_kinds import LV_BATTERY
from .devices.aio_module import AioBatteryModule
from .devices.battery import Battery
from .devices.ems import MAX_MANAGED_INVERTERS, Ems, InverterSummary
from .devices.gateway import GatewayV1, GatewayV2, select_gateway
from .devices.hv_stack import Bcu, Bmu, HvStack
from .devices.lv_bcu import LvBcu
from .devices.meter import Meter, MeterProduct
from .ingest import Ingest
from .inverter import SinglePhaseInverter
from .inverter_threephase import ThreePhaseInverter
from .plan import FACADE_ADDRESS, INVERTER_ADDRESS
from .plant_inverter import PlantInverter
from .redaction import redact_serial, redact_words
from .register import Bank, Register
from .register_cache import RegisterCache
from .register_model import RegisterModel
from .serials import is_serial
from .topology import derive_capabilities, inverter_class, stacks_of

_SERIAL = SinglePhaseInverter.register_fields["serial_number"]


class PlantViews(Ingest):
    """Typed views of the registers of a plant's devices.

    A view is decoded once, and again only when its registers have changed. Reading a
    view never raises.
    """

    def __init__(
        self, capabilities: PlantCapabilities | None = None, *, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        """Start with no registers; the topology may be known already."""
        super().__init__(capabilities, clock=clock)
        self._views: dict[object, tuple[RegisterCache, int, Any]] = {}
        self._direct_sources: list[PlantViews] = []

    @classmethod
    def from_caches(
        cls,
        caches: Mapping[int, Mapping[Register, int]],
        prior: PlantCapabilities | None = None,
        *,
        inverter_serial_number: str = "",
        data_adapter_serial_number: str = "",
    ) -> Self:
        """Return the plant whose registers these are, its topology derived from them.

        Raises CommunicationError when the inverter's type code is not among them and
        there is no ``prior`` to know it from.
        """
        plant = cls(derive_capabilities(caches, prior))
        plant.register_caches = {address: RegisterCache(cache) for address, cache in caches.items()}
        plant.inverter_serial_number = inverter_serial_number
        plant.data_adapter_serial_number = data_adapter_serial_number
        return plant

    def redact(self) -> Self:
        """Return a copy to share: registers and topology, serials without the unit number."""
        plant = type(self)(None if self.capabilities is None else replace(self.capabilities))
        plant.register_caches = {
            address: RegisterCache(redact_words(cache, address))
            for address, cache in self.register_caches.items()
        }
        plant.inverter_serial_number = redact_serial(self.inverter_serial_number, strict=True)
        plant.data_adapter_serial_number = redact_serial(
            self.data_adapter_serial_number, strict=True
        )
        return plant

    def view[M: RegisterModel](self, model: type[M], device_address: int) -> M | None:
        """Return the device at an address as a model of it, None before it has answered."""
        if not self.register_caches.get(device_address):
            return None
        return self._decoded(model, device_address, model.from_register_cache)

    def _decoded[T](
        self, kind: object, device_address: int, decode: Callable[[RegisterCache], T]
    ) -> T:
        """Return what a device decodes to, doing so only when its registers have changed."""
        cache = self.register_caches.get(device_address, _NOTHING)
        known = self._views.get((kind, device_address))
        if known is not None and known[0] is cache and known[1] == cache.revision:
            view: T = known[2]
            return view
        view = decode(cache)
        self._views[kind, device_address] = (cache, cache.revision, view)
        return view

    def _placeholder[M: RegisterModel](self, model: type[M], device_address: int) -> M:
        """Return the device at an address, all None before it has answered."""
        return self._decoded(model, device_address, model.from_register_cache)

    @property
    def inverter_address(self) -> int:
        """Address of the inverter, EMS or gateway."""
        return self._inverter_address

    @property
    def inverter(self) -> SinglePhaseInverter | ThreePhaseInverter:
        """The inverter; the same view of an EMS or a gateway, which has few of its fields."""
        return self._placeholder(inverter_class(self.capabilities), self.inverter_address)

    @property
    def inverter_serial(self) -> str:
        """The inverter's serial number, by its registers or else by how it is addressed."""
        candidates = dict.fromkeys((self.inverter_address, INVERTER_ADDRESS))
        for address in candidates:
            if address in (INVERTER_ADDRESS, FACADE_ADDRESS):
                serial = _SERIAL.read(self.register_caches.get(address, _NOTHING))
                if is_serial(serial):
                    return str(serial)
        return self.inverter_serial_number

    @property
    def ems(self) -> Ems | None:
        """The EMS, if the plant has one."""
        if self.capabilities is None or not self.capabilities.is_ems:
            return None
        return self._placeholder(Ems, self.inverter_address)

    @property
    def gateway(self) -> GatewayV1 | GatewayV2 | None:
        """The gateway, if the plant has one."""
        if self.capabilities is None or not self.capabilities.is_gateway:
            return None
        return self._decoded(select_gateway, self.inverter_address, select_gateway)

    @property
    def pack_addresses(self) -> Sequence[int]:
        """Where low-voltage batteries answer."""
        if self.capabilities is not None:
            return self.capabilities.lv_battery_addresses
        found: list[int] = []
        for address in LV_BATTERY.addresses:
            battery = self.view(Battery, address)
            if battery is None or not battery.is_valid():
                break
            found.append(address)
        return found

    @property
    def number_batteries(self) -> int:
        """How many low-voltage batteries there are."""
        return len(self.pack_addresses)

    @property
    def batteries(self) -> list[Battery]:
        """The low-voltage batteries; one that has not answered yet is all None."""
        return [self._placeholder(Battery, address) for address in self.pack_addresses]

    @property
    def remaining_battery_energy_wh(self) -> int | None:
        """Remaining energy of all low-voltage batteries in Wh, None if none of them reports it."""
        left = [battery.remaining_energy_nominal_wh for battery in self.batteries]
        known = [energy for energy in left if energy is not None]
        return sum(known) if known else None

    @property
    def lv_bcu(self) -> LvBcu | None:
        """The controller of the low-voltage batteries, where there is one."""
        if self.capabilities is None or self.capabilities.lv_bcu_address is None:
            return None
        return self.view(LvBcu, self.capabilities.lv_bcu_address)

    @property
    def hv_stacks(self) -> list[HvStack]:
        """The high-voltage stacks with their modules."""
        if self.capabilities is None:
            return []
        return [
            HvStack(
                controller,
                self._placeholder(Bcu, controller),
                tuple(self._bmu(address, place) for address, place in modules.items()),
            )
            for controller, modules in stacks_of(self.capabilities)
        ]

    def _bmu(self, address: int, place: int) -> Bmu:
        return self._decoded(
            (Bmu, place), address, lambda cache: Bmu.from_register_cache(cache, place)
        )

    @property
    def aio_battery_modules(self) -> list[AioBatteryModule]:
        """The battery modules of an All-in-One that have answered."""
        if self.capabilities is None:
            return []
        return [
            self._aio_module(address)
            for address in self.capabilities.aio_battery_module_addresses
            if self.register_caches.get(address)
        ]

    def _aio_module(self, address: int) -> AioBatteryModule:
        return self._decoded(
            (AioBatteryModule, "at"),
            address,
            lambda cache: AioBatteryModule.from_register_cache(cache, address),
        )

    @property
    def meters(self) -> dict[int, Meter]:
        """The energy meters by address; one that has not answered yet is all None."""
        addresses = [] if self.capabilities is None else self.capabilities.meter_addresses
        return {address: self._placeholder(Meter, address) for address in addresses}

    @property
    def meter_products(self) -> dict[int, MeterProduct]:
        """Product data of the meters by address, where it was read."""
        addresses = [] if self.capabilities is None else self.capabilities.meter_addresses
        return {
            address: self._placeholder(MeterProduct, address)
            for address in addresses
            if _has(self.register_caches.get(address, _NOTHING), Bank.METER)
        }

    def add_direct_source(self, caches: Mapping[int, Mapping[Register, int]]) -> None:
        """Add the registers of an inverter that is otherwise known from an EMS's report.

        Raises CommunicationError if its type code is not among them.
        """
        self._direct_sources.append(PlantViews.from_caches(caches))

    @property
    def inverters(self) -> list[PlantInverter]:
        """Every inverter of the plant, by its own registers and by the EMS's report."""
        direct = {source.inverter_serial: source._itself() for source in self._direct_sources}  # noqa: SLF001
        if self.ems is None:
            return [self._itself(), *direct.values()]
        managed = []
        for slot, summary in _managed(self.ems):
            itself = direct.pop(summary.serial_number, None) or PlantInverter(summary.serial_number)
            managed.append(replace(itself, summary=summary, slot=slot))
        return [*managed, *direct.values()]

    def _itself(self) -> PlantInverter:
        return PlantInverter(
            serial_number=self.inverter_serial,
            direct=self.inverter,
            batteries=tuple(self.batteries),
            hv_stacks=tuple(self.hv_stacks),
            battery_modules=tuple(self.aio_battery_modules),
        )

    @property
    def serial_index(self) -> dict[str, PlantInverter]:
        """The inverters by serial number."""
        inverters = self.inverters
        return {
            inverter.serial_number: inverter for inverter in inverters if inverter.serial_number
        }


_NOTHING = RegisterCache()


def _has(cache: Iterable[Register], bank: Bank) -> bool:
    return any(register.bank is bank for register in cache)


def _managed(ems: Ems) -> Iterable[tuple[int, InverterSummary]]:
    """Return the inverters an EMS reports on, with their places."""
    slots = (
        slot
        for slot in range(1, MAX_MANAGED_INVERTERS + 1)
        if (getattr(ems, f"inverter_{slot}_serial_number") or "").strip()
    )
    return zip(slots, ems.managed_inverters, strict=True)
