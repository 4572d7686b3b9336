"""What answers at each place of a system where a device may be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import DEVICE_KINDS, DeviceKind, DeviceKindRow
from .givenergy_modbus.model.plan import Block, Read
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.plant_devices import places_of, serial_at
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.serials import is_serial


@dataclass(frozen=True, slots=True)
class Report:
    """What answers at one place."""

    kind: DeviceKind
    place: int
    serial: str | None
    """Its whole serial number, None where it reports none, or was not read."""
    is_unread: bool = False
    """Whether its serial number is polled, but was not read yet."""
    is_vacant: bool = False
    """Whether a report was read that names no device at this place."""
    at: float = 0.0
    """When the serial number was read, in seconds of a monotonic clock."""
    is_silent: bool = False
    """Whether it did not answer when it was last asked."""
    is_doubted: bool = False
    """Whether the last page was not believed yet, so that another device may be there."""
    is_confirmed: bool = False
    """Whether more than one page gave this serial number."""


def reports_of(
    plant: Plant,
    *,
    silent: Callable[[int], bool] = lambda _: False,
    confirmed: Callable[[Report], bool] = lambda _: False,
) -> Iterator[Report]:
    """Yield what each place of a plant reports; ``silent`` takes a device address."""
    capabilities = plant.capabilities
    assert capabilities is not None
    for kind, row in DEVICE_KINDS.items():
        is_reported = row.reported_by is not None
        for place in _places(plant, row):
            address = capabilities.inverter_address if is_reported else place
            registers = row.serial_registers(place)
            reads = serial_reads(plant, kind, place)
            times = [plant.stored_monotonic(read) for read in reads]
            at = max((at for at in times if at is not None), default=None)
            text = serial_at(plant, kind, place)
            report = Report(
                kind=kind,
                place=place,
                serial=text if is_serial(text) else None,
                is_unread=at is None and _is_polled(capabilities, address, registers),
                is_vacant=is_reported and at is not None and not (text or "").strip(),
                at=at or 0.0,
                is_silent=silent(address),
                is_doubted=any(plant.is_doubted(read) for read in reads),
            )
            is_confirmed = report.serial is not None and confirmed(report)
            yield replace(report, is_confirmed=True) if is_confirmed else report


def serial_reads(plant: Plant, kind: DeviceKind, place: int) -> list[Read]:
    """Return the read of the last register of a device's serial number, none without one."""
    row = DEVICE_KINDS[kind]
    address = place if row.reported_by is None else plant.inverter_address
    return [
        Read(address, Block(register.bank, register.address, 1))
        for register in row.serial_registers(place)[-1:]
    ]


def _is_polled(
    capabilities: PlantCapabilities, address: int, registers: tuple[Register, ...]
) -> bool:
    """Return whether any of a device's registers are read by polls."""
    return any(
        read.device_address == address and register in read.block
        for read in (*capabilities.measurement_plan, *capabilities.config_plan)
        for register in registers
    )


def _places(plant: Plant, row: DeviceKindRow) -> Sequence[int]:
    """Return where devices of a kind may be, vacant places of a report included."""
    if row.reported_by is None:
        return () if row.is_root else places_of(plant, row.kind)
    assert plant.capabilities is not None
    return row.addresses if row.reported_by is plant.capabilities.root_kind else ()
