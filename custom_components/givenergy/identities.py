"""Who each device of a system is, and where it is now.

A device is its serial number: it keeps its identity, its number and its history
wherever it answers. Identities are opaque keys that never change. They are made of the
serial number where that is known at first sight, else of the place; a serial number that
becomes known later is stored beside the identity, and followed from then on.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, count
from typing import TypedDict, cast

from .givenergy_modbus.model.device_kinds import DEVICE_KINDS, DeviceKind, DeviceKindRow
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.serials import is_serial
from .reports import Report, reports_of


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
    reserved: Container[str] = ()
    """Identities that devices of other systems have."""
    astray: set[str] = field(default_factory=set)
    """Devices in whose place another one answers, and that have to be searched for."""

    def new_identity(self, wanted: str) -> str:
        """Return an identity that no device has had, in this system or another."""
        alternatives = (f"{wanted}_{number}" for number in count(2))
        return next(
            identity
            for identity in chain((wanted,), alternatives)
            if identity not in self.identities and identity not in self.reserved
        )


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
    reserved: Container[str] = (),
    new_places: bool = False,
) -> Assignment:
    """Return the devices of a plant, each where its serial number is reported.

    ``searched`` are devices that a scan of all addresses has not found, ``reserved`` the
    identities of other systems. With ``new_places``, devices are added at once at places where
    none was known; in place of another device, one is added only when its serial number is
    confirmed.
    """
    found = Assignment({identity: {**device} for identity, device in known.items()}, reserved)
    _assign_root(plant, found)
    by_kind: dict[DeviceKind, list[Report]] = {}
    for report in reports:
        by_kind.setdefault(report.kind, []).append(report)
    serials = Counter(report.serial for at in by_kind.values() for report in at)
    root = plant.inverter_serial
    for kind, row in DEVICE_KINDS.items():
        if not row.is_root:
            at = {report.place: report for report in by_kind.get(kind, ())}
            _Kind(row, at, found, searched, root).assign(serials, new_places=new_places)
    return found


def identify(
    plant: Plant, known: Mapping[str, Identity], reserved: Container[str] = ()
) -> Identities:
    """Return the devices of a plant that was just detected, the known ones among them."""
    return assign(plant, known, reports_of(plant), reserved=reserved, new_places=True).identities


def _assign_root(plant: Plant, found: Assignment) -> None:
    """Add the plant's first device, or the kind of device it is now."""
    capabilities = plant.capabilities
    assert capabilities is not None
    kind, serial = str(capabilities.root_kind), plant.inverter_serial
    if (known := root_of(found.identities)) is not None:
        found.identities[known]["kind"] = kind
        return
    found.identities[found.new_identity(serial)] = Identity(
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
        return self._found.new_identity(identity)
