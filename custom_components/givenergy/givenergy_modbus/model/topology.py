"""Derive the topology of a plant from its registers.

Detection and readers of dumps use the same functions, so both find the same. That a
device responded is not enough: empty places respond too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ..errors import CommunicationError
from .capabilities import PlantCapabilities
from .device_kinds import AIO_MODULE, HV_MODULE, HV_STACK, LV_BATTERY, LV_BCU, METER, DeviceKind
from .devices.aio_module import AioBatteryModule
from .devices.battery import Battery
from .devices.ems import Ems
from .devices.gateway import select_gateway
from .devices.hv_stack import Bcu, Bmu
from .devices.lv_bcu import LvBcu
from .devices.meter import Meter
from .inverter import SinglePhaseInverter
from .inverter_threephase import ThreePhaseInverter, select_inverter
from .models import Trait, rated_power, resolve_model
from .plan import (
    BMS_SUMMARY,
    CONFIG,
    FACADE_ADDRESS,
    INVERTER_ADDRESS,
    MEASUREMENTS,
    Read,
    possible,
)
from .register import HR, IR, Register, RegisterField
from .register_model import RegisterModel

type Caches = Mapping[int, Mapping[Register, int]]
"""The known registers of each device, by address."""

_TYPE_CODE = HR(0)
_ARM_FIRMWARE = HR(21)
_CONTROLLERS = IR(61)
_MODULES = IR(64)

_COUNTS_ONLY_WITH: Mapping[str, Trait] = {
    "e_battery_discharge_total_alt1": Trait.BATTERY_TOTALS_IN_IR180,
    "e_battery_charge_total_alt1": Trait.BATTERY_TOTALS_IN_IR180,
    "e_battery_discharge_today_alt2": Trait.BATTERY_DAY_IN_IR182,
    "e_battery_charge_today_alt2": Trait.BATTERY_DAY_IN_IR182,
}
"""Counters that are none on other products, which have voltages in their place."""


@dataclass(frozen=True, slots=True)
class DeviceRole:
    """The assumed kind of device at an address, by which its words are judged."""

    models: tuple[type[RegisterModel], ...] = ()
    must_have_serial: bool = False
    is_peripheral: bool = False
    """Whether it is a device behind the inverter, which may be exchanged for another one."""
    absent: frozenset[str] = frozenset()
    """Fields of the first model that mean nothing on this product."""

    @property
    def serial(self) -> RegisterField | None:
        """The field that holds its serial number, if it has one."""
        return self.models[0].register_fields.get("serial_number") if self.models else None

    @property
    def is_pack(self) -> bool:
        """Whether it is a low-voltage battery pack."""
        return Battery in self.models


def inverter_class(
    capabilities: PlantCapabilities | None,
) -> type[SinglePhaseInverter | ThreePhaseInverter]:
    """Return the class that decodes a plant's inverter, single-phase if nothing is known."""
    return SinglePhaseInverter if capabilities is None else select_inverter(capabilities.traits)


def role_of(address: int, capabilities: PlantCapabilities | None, caches: Caches) -> DeviceRole:
    """Return what answers at an address, as far as it is known."""
    if address in _inverter_addresses(capabilities):
        return _root_role(capabilities, caches.get(address, {}))
    if address in LV_BATTERY.addresses:
        return DeviceRole((Battery,), must_have_serial=True, is_peripheral=True)
    if address in METER.addresses:
        return DeviceRole((Meter,), is_peripheral=True)
    if address in HV_STACK.addresses:
        return DeviceRole((Bcu,), must_have_serial=True, is_peripheral=True)
    if address in HV_MODULE.addresses:
        return DeviceRole((Bmu,), is_peripheral=True)
    return DeviceRole()


def _inverter_addresses(capabilities: PlantCapabilities | None) -> tuple[int, ...]:
    if capabilities is None:
        return INVERTER_ADDRESS, FACADE_ADDRESS
    return (capabilities.inverter_address,)


def _root_role(capabilities: PlantCapabilities | None, words: Mapping[Register, int]) -> DeviceRole:
    traits = Trait(0) if capabilities is None else capabilities.traits
    inverter = inverter_class(capabilities)
    models: tuple[type[RegisterModel], ...] = (inverter,)
    if Trait.EMS in traits:
        models += (Ems,)
    elif Trait.GATEWAY in traits:
        models += (type(select_gateway(words)),)
    return DeviceRole(models, must_have_serial=True, absent=_absent(inverter, traits))


@cache
def _absent(
    inverter: type[SinglePhaseInverter | ThreePhaseInverter], traits: Trait
) -> frozenset[str]:
    no_counters = {name for name, needed in _COUNTS_ONLY_WITH.items() if needed not in traits}
    return inverter.absent(traits) | no_counters


def rating(words: Mapping[Register, int]) -> int | None:
    """Return what an inverter is rated for in watts, None if it is not known."""
    if (code := _type_code(words)) is None:
        return None
    return rated_power(code, resolve_model(code, words.get(_ARM_FIRMWARE)))


def _type_code(words: Mapping[Register, int]) -> str | None:
    word = words.get(_TYPE_CODE)
    return None if word is None else f"{word:04x}"


def derive_capabilities(
    caches: Caches, prior: PlantCapabilities | None = None
) -> PlantCapabilities:
    """Return the topology of the plant with these registers.

    With ``prior``, only devices it names are looked for, except for the modules of
    stacks. Raises CommunicationError if the type code of the inverter was not read.
    """
    found = _identify(caches, prior)
    if Trait.LV_BATTERY in found.traits:
        packs = LV_BATTERY.addresses if prior is None else prior.lv_battery_addresses
        controllers = LV_BCU.addresses if prior is None else prior.addresses(DeviceKind.LV_BCU)
        found = replace(
            found,
            lv_battery_addresses=_present(caches, Battery, packs),
            lv_bcu_address=next(iter(_present(caches, LvBcu, controllers)), None),
        )
    if Trait.HV_BATTERY in found.traits:
        found = _with_stacks(found, caches, prior)
    meters = METER.addresses if prior is None else prior.meter_addresses
    found = replace(found, meter_addresses=_present(caches, Meter, meters))
    return replace(found, served_blocks=list(_served(found, caches, prior)))


def _identify(caches: Caches, prior: PlantCapabilities | None) -> PlantCapabilities:
    """Return a topology with nothing but the inverter in it."""
    for address in (INVERTER_ADDRESS, FACADE_ADDRESS):
        words = caches.get(address, {})
        if (code := _type_code(words)) is not None:
            firmware = words.get(_ARM_FIRMWARE)
            return PlantCapabilities(
                device_type=resolve_model(code, firmware),
                inverter_address=address,
                arm_firmware_version=firmware or None,
            )
    if prior is None:
        raise CommunicationError("the model of the inverter is not known: HR(0) was not read")
    return PlantCapabilities(
        device_type=prior.device_type,
        inverter_address=prior.inverter_address,
        arm_firmware_version=prior.arm_firmware_version,
    )


def _present(
    caches: Caches,
    model: type[Battery | LvBcu | Meter | AioBatteryModule | Bmu],
    addresses: Iterable[int],
) -> list[int]:
    return [
        address
        for address in addresses
        if (words := caches.get(address)) and model.from_register_cache(words).is_valid()
    ]


def _with_stacks(
    found: PlantCapabilities, caches: Caches, prior: PlantCapabilities | None
) -> PlantCapabilities:
    """Return the topology with its high-voltage stacks and their modules."""
    stacks = [
        (offset, modules)
        for offset in _stack_offsets(caches, prior)
        if (modules := caches.get(HV_STACK.addresses.start + offset, {}).get(_MODULES)) is not None
    ]
    everywhere = stacked_modules(stacks)
    found = replace(found, bcu_stacks=stacks)
    hinted: Sequence[int]
    if Trait.AIO_MODULES in found.traits:
        built_in = [address for address in everywhere if address in AIO_MODULE.addresses]
        hinted = built_in if prior is None else prior.aio_battery_module_addresses
        present = _present(caches, AioBatteryModule, hinted)
        return replace(found, aio_battery_module_addresses=present)
    hinted = everywhere if prior is None else prior.hv_bmu_addresses or everywhere
    return replace(found, hv_bmu_addresses=_present(caches, Bmu, hinted))


def _stack_offsets(caches: Caches, prior: PlantCapabilities | None) -> Iterable[int]:
    if prior is not None:
        return [offset for offset, _ in prior.bcu_stacks]
    controllers = caches.get(BMS_SUMMARY.device_address, {}).get(_CONTROLLERS)
    everywhere = range(len(HV_STACK.addresses))
    return everywhere if controllers is None else everywhere[:controllers]


def stacked_modules(stacks: Iterable[tuple[int, int]]) -> range:
    """Return where the modules of all stacks answer: they are numbered through."""
    return HV_MODULE.addresses[: sum(modules for _, modules in stacks)]


def stacks_of(found: PlantCapabilities) -> Iterator[tuple[int, dict[int, int]]]:
    """Yield where the controller of each stack answers, and its modules' addresses to places."""
    known = {*found.hv_bmu_addresses, *found.aio_battery_module_addresses}
    first = HV_MODULE.addresses.start
    for offset, modules in found.bcu_stacks:
        places = {first + place: place for place in range(modules) if first + place in known}
        yield HV_STACK.addresses.start + offset, places
        first += modules


def candidate_blocks(found: PlantCapabilities) -> Iterator[Read]:
    """Yield the ``maybe`` blocks of a plant's devices."""
    for block in possible(CONFIG + MEASUREMENTS, found.traits):
        yield Read(found.inverter_address, block)
    for row in found.peripherals:
        for address in found.addresses(row.kind):
            for block in possible(row.extras, found.traits):
                yield Read(address, block)


def _served(
    found: PlantCapabilities, caches: Caches, prior: PlantCapabilities | None
) -> Iterator[str]:
    """Yield the ``maybe`` blocks that were read or known before, but for parts of others."""
    known = frozenset() if prior is None else frozenset(prior.served_blocks)
    served: list[Read] = []
    for read in candidate_blocks(found):
        address, block = read
        first = Register.at(block.bank, block.start)
        words = caches.get(address, {})
        is_part = any(
            other.device_address == address and other.block.covers(block) for other in served
        )
        if not is_part and (
            str(read) in known
            or all(Register(first + offset) in words for offset in range(block.count))
        ):
            served.append(read)
            yield str(read)
