"""Who each device of a system is, and where it is now.

A device is its serial number: it keeps its identity, its number and its history
wherever it answers. Identities are opaque keys that never change. They are made of the
serial number where that is known at first sight, else of the place; a serial number that
becomes known later is stored beside the identity, and followed from then on.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain, count
from typing import TypedDict, cast

from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import DEVICE_KINDS, DeviceKind, DeviceKindRow
from .givenergy_modbus.model.plan import Block, Read
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.plant_devices import places_of, serial_at
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.serials import is_serial


class DeviceStatus(StrEnum):
    """What became of a device."""

    PLACED = "placed"
    """It is at its place, as far as is known; it may be silent."""
    DISPLACED = "displaced"
    """Another device, or none, is at its place, and it is nowhere else."""
    REMOVED = "removed"
    """The user removed it; its number is kept, in case it comes back."""


class Identity(TypedDict):
    """A device as stored with the config entry."""

    kind: str
    number: int
    """What a person counts it as. Entity ids are made of it, so no other device gets it."""
    serial: str | None
    place: int
    """Its address, or its place in a report; the last one where it is not placed."""
    status: str


type Identities = dict[str, Identity]
"""The devices of a system, by identity."""


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


@dataclass(slots=True)
class Tracking:
    """What is remembered of devices while a system runs."""

    polls_displaced: Counter[str] = field(default_factory=Counter)
    """In how many polls a device was not at its place."""
    searched: set[str] = field(default_factory=set)
    """Devices that a scan of all addresses has not found."""
    _seen: dict[tuple[DeviceKind, int], tuple[str | None, float]] = field(default_factory=dict)

    def has_seen(self, report: Report) -> bool:
        """Return whether an earlier page gave the same serial number."""
        key = report.kind, report.place
        serial, since = self._seen.get(key, (None, 0.0))
        if serial != report.serial:
            self._seen[key] = report.serial, report.at
            return False
        return report.at > since


@dataclass(slots=True)
class Assignment:
    """Which device is where."""

    identities: Identities
    astray: set[str] = field(default_factory=set)
    """Devices in whose place another one answers, and that have to be searched for."""


def stored_identities(stored: object) -> Identities:
    """Return the devices that are stored; what makes no sense is left out."""
    if not isinstance(stored, Mapping):
        return {}
    return {
        identity: cast("Identity", device)
        for identity, device in stored.items()
        if isinstance(device, Mapping)
        and device.keys() >= Identity.__required_keys__
        and device["kind"] in DEVICE_KINDS
    }


def root_of(identities: Mapping[str, Identity]) -> str | None:
    """Return the identity of a plant's first device."""
    return next(
        (
            identity
            for identity, device in identities.items()
            if DEVICE_KINDS[DeviceKind(device["kind"])].is_root
        ),
        None,
    )


def reported_serials(identities: Mapping[str, Identity]) -> set[str | None]:
    """Return the serial numbers of the devices that a plant's first device reports on."""
    return {
        device["serial"]
        for device in identities.values()
        if DEVICE_KINDS[DeviceKind(device["kind"])].reported_by is not None
        and device["status"] == DeviceStatus.PLACED
    }


def known_devices(identities: Mapping[str, Identity]) -> set[str]:
    """Return the identities of devices that were not removed."""
    return {
        identity
        for identity, device in identities.items()
        if device["status"] != DeviceStatus.REMOVED
    }


def assign(
    plant: Plant,
    known: Mapping[str, Identity],
    reports: Iterable[Report],
    *,
    searched: Container[str] = (),
    new_places: bool = False,
) -> Assignment:
    """Return the devices of a plant, each where its serial number is reported.

    ``searched`` are devices that a scan of all addresses has not found. With ``new_places``,
    devices are added at once at places where none was known; in place of another device,
    one is added only when its serial number is confirmed.
    """
    found = Assignment({identity: {**device} for identity, device in known.items()})
    _assign_root(plant, found.identities)
    by_kind: dict[DeviceKind, list[Report]] = {}
    for report in reports:
        by_kind.setdefault(report.kind, []).append(report)
    serials = Counter(report.serial for at in by_kind.values() for report in at)
    for kind in DEVICE_KINDS:
        if not DEVICE_KINDS[kind].is_root:
            at = {report.place: report for report in by_kind.get(kind, ())}
            _Kind(DEVICE_KINDS[kind], at, found, searched, plant.inverter_serial).assign(
                serials, new_places=new_places
            )
    return found


def identify(plant: Plant, known: Mapping[str, Identity]) -> Identities:
    """Return the devices of a plant that was just detected, the known ones among them."""
    return assign(plant, known, reports_of(plant), new_places=True).identities


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
            yield replace(report, is_confirmed=report.serial is not None and confirmed(report))


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


def _assign_root(plant: Plant, identities: Identities) -> None:
    """Add the plant's first device, or the kind of device it is now."""
    capabilities = plant.capabilities
    assert capabilities is not None
    kind, serial = str(capabilities.root_kind), plant.inverter_serial
    if (known := root_of(identities)) is not None:
        identities[known]["kind"] = kind
        return
    identities[serial] = Identity(
        kind=kind,
        number=1,
        serial=serial if is_serial(serial) else None,
        place=capabilities.inverter_address,
        status=DeviceStatus.PLACED,
    )


class _Kind:
    """The devices of one kind, while they are assigned to their places."""

    def __init__(
        self,
        row: DeviceKindRow,
        at: Mapping[int, Report],
        found: Assignment,
        searched: Container[str],
        root: str,
    ) -> None:
        """Initialize with what each place of the kind reports."""
        self._row = row
        self._at = at
        self._found = found
        self._searched = searched
        self._root = root
        self._taken: set[int] = set()
        self._old_places = {device["place"] for _, device in self._devices()}

    def assign(self, serials: Counter[str | None], *, new_places: bool) -> None:
        """Move known devices to their places, and add new ones."""
        for identity, device in self._devices():
            if device["serial"] is not None:
                self._put(device, self._place_of(identity, device, device["serial"]))
        for _, device in self._devices():
            if device["serial"] is None:
                self._put_nameless(device, serials)
        known = {device["serial"] for _, device in self._devices()}
        for place, report in self._at.items():
            if place in self._taken or (report.serial is not None and report.serial in known):
                continue
            is_new = new_places and place not in self._old_places
            unique = report.serial is not None and serials[report.serial] == 1
            if unique and (is_new or report.is_confirmed):
                self._add(report, report.serial)
            elif is_new and not report.is_vacant and not self._may_be_known(report, known):
                self._add(report, None)

    def _may_be_known(self, report: Report, known: set[str | None]) -> bool:
        """Return whether to wait for the serial number of a device that has not answered yet."""
        return report.is_unread and (bool(known) or self._row.reported_by is not None)

    def _devices(self) -> list[tuple[str, Identity]]:
        return [
            (identity, device)
            for identity, device in self._found.identities.items()
            if device["kind"] == self._row.kind and device["status"] != DeviceStatus.REMOVED
        ]

    def _place_of(self, identity: str, device: Identity, serial: str) -> int | None:
        """Return where a serial number is now, None if it is nowhere."""
        claims = [report for report in self._at.values() if report.serial == serial]
        is_placed = device["status"] == DeviceStatus.PLACED
        here = self._at.get(device["place"]) if is_placed else None
        if here is not None and here in claims:
            later = [report for report in claims if report.at > here.at and not report.is_silent]
            return later[0].place if here.is_silent and len(later) == 1 else here.place
        answering = [report for report in claims if not report.is_silent]
        if len(answering) == 1:
            return answering[0].place
        if here is None or here.is_vacant:
            return None
        if here.serial is None or self._is_astray(identity):
            return here.place
        return None

    def _is_astray(self, identity: str) -> bool:
        """Return whether a device has to be searched for before it counts as gone."""
        if self._row.reported_by is not None:
            return False
        is_doubted = any(report.is_doubted for report in self._at.values())
        if identity in self._searched and not is_doubted:
            return False
        self._found.astray.add(identity)
        return True

    def _put(self, device: Identity, place: int | None) -> None:
        device["status"] = DeviceStatus.DISPLACED if place is None else DeviceStatus.PLACED
        if place is not None:
            device["place"] = place
            self._taken.add(place)

    def _put_nameless(self, device: Identity, serials: Counter[str | None]) -> None:
        """Keep a device known by its place there, and note its serial number once it has one."""
        report = self._at.get(device["place"])
        was_displaced = device["status"] == DeviceStatus.DISPLACED
        if (
            report is None
            or report.is_vacant
            or report.place in self._taken
            or (was_displaced and report.serial is not None)
        ):
            self._put(device, None)
            return
        if report.is_confirmed and serials[report.serial] == 1:
            device["serial"] = report.serial
        self._put(device, report.place)

    def _add(self, report: Report, serial: str | None) -> None:
        """Add a device that was not known, or one that was removed and is back."""
        identities = self._found.identities
        for device in identities.values():
            if (
                device["status"] == DeviceStatus.REMOVED
                and device["kind"] == report.kind
                and device["serial"] == serial
                and (serial is not None or device["place"] == report.place)
            ):
                self._put(device, report.place)
                return
        numbers = {
            device["number"] for device in identities.values() if device["kind"] == report.kind
        }
        number = self._row.number(report.place)
        device = Identity(
            kind=str(report.kind),
            number=number if number not in numbers else max(numbers) + 1,
            serial=serial,
            place=report.place,
            status=DeviceStatus.PLACED,
        )
        identities[self._new_identity(report, serial)] = device
        self._taken.add(report.place)

    def _new_identity(self, report: Report, serial: str | None) -> str:
        """Return what to know a device by; one that is reported on may be a system of its own."""
        if serial is None:
            is_address = self._row.reported_by is None
            place = f"{report.place:#04x}" if is_address else f"{report.place}"
            identity = f"{self._root}_{report.kind}_{place}"
        else:
            identity = serial if self._row.reported_by is None else f"{self._root}_{serial}"
        # A device known by this place may have moved since.
        others = self._found.identities
        alternatives = (f"{identity}_{number}" for number in count(2))
        return next(name for name in chain((identity,), alternatives) if name not in others)
