"""The kinds of device a system may have: where they answer and what they are asked.

The words for the kinds are part of stored identities: they never change.
"""

from dataclasses import dataclass
from enum import StrEnum

from .models import Trait
from .plan import Block
from .register import Bank


class DeviceKind(StrEnum):
    """A kind of device, by the word for it in stored identities."""

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


@dataclass(frozen=True, slots=True)
class Peripheral:
    """Where a kind of device may answer, and what it is asked."""

    kind: DeviceKind
    addresses: range
    block: Block
    needs: Trait = Trait(0)
    extras: tuple[Block, ...] = ()
    """Further ``maybe`` blocks, which hold what seldom changes."""


METER = Peripheral(
    DeviceKind.METER,
    range(0x01, 0x09),
    Block(Bank.INPUT, 60, 30),
    extras=(Block(Bank.METER, 60, maybe=True),),
)
LV_BATTERY = Peripheral(
    DeviceKind.LV_BATTERY, range(0x32, 0x38), Block(Bank.INPUT, 60), needs=Trait.LV_BATTERY
)
LV_BCU = Peripheral(
    DeviceKind.LV_BCU, range(0x31, 0x32), Block(Bank.INPUT, 60), needs=Trait.LV_BATTERY
)
BCU = Peripheral(
    DeviceKind.HV_STACK,
    range(0x70, 0x90),
    Block(Bank.INPUT, 60),
    needs=Trait.HV_BATTERY,
    extras=(Block(Bank.INPUT, 120, maybe=True),),
)
AIO_MODULE = Peripheral(
    DeviceKind.AIO_MODULE, range(0x50, 0x54), Block(Bank.INPUT, 60), needs=Trait.AIO_MODULES
)
BMU = Peripheral(
    DeviceKind.HV_MODULE, range(0x50, 0x70), Block(Bank.INPUT, 60), needs=Trait.HV_BATTERY
)

PERIPHERALS = (LV_BATTERY, LV_BCU, METER, BCU, AIO_MODULE, BMU)
"""In the order they are polled."""
