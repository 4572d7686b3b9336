"""The kinds of device a system may have, one row each.

A row holds the addresses of the kind, the model it decodes to, the device it belongs
to and the field of its serial number. ``Plant.devices``,
detection, the register plan and the integration's device pages derive from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .devices.aio_module import AioBatteryModule
from .devices.battery import Battery
from .devices.ems import MAX_MANAGED_INVERTERS, Ems
from .devices.gateway import MAX_AIO_UNITS, GatewayV1, GatewayV2
from .devices.hv_stack import Bcu, Bmu
from .devices.lv_bcu import LvBcu
from .devices.meter import Meter, MeterProduct
from .inverter import SinglePhaseInverter, TenSlotInverter
from .inverter_threephase import ThreePhaseInverter, select_inverter
from .models import Trait
from .plan import INVERTER_ADDRESS, Block
from .register import Bank, Register
from .register_model import RegisterModel


class DeviceKind(StrEnum):
    """A kind of device, by the word for it in stored identities; these never change."""

    INVERTER = "inverter"
    EMS = "ems"
    GATEWAY = "gateway"
    MANAGED_INVERTER = "managed_inverter"
    """An inverter that an EMS reports on."""
    AIO_UNIT = "aio_unit"
    """An All-in-One that a gateway reports on."""
    LV_BATTERY = "lv_battery"
    """A low-voltage battery pack."""
    LV_BCU = "lv_bcu"
    """The controller of low-voltage packs."""
    HV_STACK = "hv_stack"
    """A high-voltage stack, by its controller."""
    HV_MODULE = "hv_module"
    """A battery module of a stand-alone high-voltage stack."""
    AIO_MODULE = "aio_module"
    """A battery module built into an All-in-One."""
    METER = "meter"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKindRow:
    """One kind of device."""

    kind: DeviceKind
    name: str
    """What a person calls it."""
    addresses: range
    """Where devices of the kind may answer; places in the report where ``reported_by`` is set."""
    model: type[RegisterModel]
    """What it decodes to; inverters have several classes, see :meth:`model_for`."""
    block: Block | None = None
    """What a peripheral is asked on every poll."""
    extras: tuple[Block, ...] = ()
    """Further ``maybe`` blocks of a peripheral, which hold what seldom changes."""
    needs: Trait = Trait(0)
    """What the system must have for such devices to exist."""
    parent: DeviceKind | None = None
    """The kind of device it belongs to where there is one; else, the system's first device."""
    reported_by: DeviceKind | None = None
    """The kind of device whose registers hold its values, where it has none of its own."""
    serial: str | None = "serial_number"
    """The field that holds its serial number; ``{number}`` is its place in a report."""
    firmware: str | None = None
    """The field that holds its firmware version."""

    @property
    def is_root(self) -> bool:
        """Whether it is a system's first device, which answers at the inverter's address."""
        return self.addresses == _ROOT

    def model_for(self, traits: Trait) -> type[RegisterModel]:
        """Return the class that decodes such a device of a system with these traits."""
        return select_inverter(traits) if self.kind is DeviceKind.INVERTER else self.model

    def serial_field(self, place: int) -> str | None:
        """Return the name of the field that holds the serial number of the device at a place."""
        return None if self.serial is None else self.serial.format(number=place)

    def serial_registers(self, place: int) -> tuple[Register, ...]:
        """Return the registers of the serial number of the device at a place."""
        name = self.serial_field(place)
        return () if name is None else self.model.all_fields[name].registers

    def number(self, place: int) -> int:
        """Return which of its kind the device at a place is, counting from 1."""
        return place - self.addresses.start + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PeripheralRow(DeviceKindRow):
    """A kind of device that answers behind the inverter, at addresses of its own."""

    block: Block


_ROOT = range(INVERTER_ADDRESS, INVERTER_ADDRESS + 1)
_PAGE = Block(Bank.INPUT, 60)

LV_BATTERY = PeripheralRow(
    kind=DeviceKind.LV_BATTERY,
    name="Battery pack",
    addresses=range(0x32, 0x38),
    model=Battery,
    block=_PAGE,
    needs=Trait.LV_BATTERY,
    parent=DeviceKind.LV_BCU,
    firmware="bms_firmware_version",
)
LV_BCU = PeripheralRow(
    kind=DeviceKind.LV_BCU,
    name="Battery control unit",
    addresses=range(0x31, 0x32),
    model=LvBcu,
    block=_PAGE,
    needs=Trait.LV_BATTERY,
    serial=None,
)
METER = PeripheralRow(
    kind=DeviceKind.METER,
    name="Energy meter",
    addresses=range(0x01, 0x09),
    model=Meter,
    block=Block(Bank.INPUT, 60, 30),
    extras=(Block(Bank.METER, 60, maybe=True),),
    serial=None,
)
HV_STACK = PeripheralRow(
    kind=DeviceKind.HV_STACK,
    name="Battery stack",
    addresses=range(0x70, 0x90),
    model=Bcu,
    block=_PAGE,
    extras=(Block(Bank.INPUT, 120, maybe=True),),
    needs=Trait.HV_BATTERY,
    firmware="pack_software_version",
)
AIO_MODULE = PeripheralRow(
    kind=DeviceKind.AIO_MODULE,
    name="Battery module",
    addresses=range(0x50, 0x54),
    model=AioBatteryModule,
    block=_PAGE,
    needs=Trait.AIO_MODULES,
    parent=DeviceKind.HV_STACK,
)
HV_MODULE = PeripheralRow(
    kind=DeviceKind.HV_MODULE,
    name="Battery module",
    addresses=range(0x50, 0x70),
    model=Bmu,
    block=_PAGE,
    needs=Trait.HV_BATTERY,
    parent=DeviceKind.HV_STACK,
)

PERIPHERALS = (LV_BATTERY, LV_BCU, METER, HV_STACK, AIO_MODULE, HV_MODULE)
"""In the order they are polled."""

DEVICE_KINDS: Mapping[DeviceKind, DeviceKindRow] = {
    row.kind: row
    for row in (
        DeviceKindRow(
            kind=DeviceKind.INVERTER,
            name="Inverter",
            addresses=_ROOT,
            model=SinglePhaseInverter,
            firmware="firmware_version",
        ),
        DeviceKindRow(
            kind=DeviceKind.EMS,
            name="EMS",
            addresses=_ROOT,
            model=Ems,
            needs=Trait.EMS,
            serial=None,
        ),
        DeviceKindRow(
            kind=DeviceKind.GATEWAY,
            name="Gateway",
            addresses=_ROOT,
            model=GatewayV1,
            needs=Trait.GATEWAY,
            serial=None,
            firmware="software_version",
        ),
        DeviceKindRow(
            kind=DeviceKind.MANAGED_INVERTER,
            name="EMS-managed inverter",
            addresses=range(1, MAX_MANAGED_INVERTERS + 1),
            model=Ems,
            needs=Trait.EMS,
            reported_by=DeviceKind.EMS,
            serial="inverter_{number}_serial_number",
        ),
        DeviceKindRow(
            kind=DeviceKind.AIO_UNIT,
            name="All in One (via gateway)",
            addresses=range(1, MAX_AIO_UNITS + 1),
            model=GatewayV1,
            needs=Trait.GATEWAY,
            reported_by=DeviceKind.GATEWAY,
            serial="aio{number}_serial_number",
        ),
        LV_BCU,
        LV_BATTERY,
        HV_STACK,
        HV_MODULE,
        AIO_MODULE,
        METER,
    )
}
"""Every kind, each after those it may belong to."""

_OTHER_MODELS: tuple[type[RegisterModel], ...] = (
    TenSlotInverter,
    ThreePhaseInverter,
    GatewayV2,
    MeterProduct,
)


def build_models() -> None:
    """Build the validators of all models now, and not in the event loop at the first poll."""
    for model in (*(row.model for row in DEVICE_KINDS.values()), *_OTHER_MODELS):
        model.model_rebuild()
