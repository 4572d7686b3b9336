"""What could be taken over from another integration, what stays with it, and why."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .counterparts import Counterpart, Peer
from .peer_givtcp import GIVTCP
from .peer_local import LOCAL
from .statistics import async_last_shown
from .values import Shown, agree, known, same_statistics

PEERS = (LOCAL, GIVTCP)

_ENOUGH = 6
"""Characters that still distinguish a serial number from others."""


class Stays(StrEnum):
    """Why an entity stays where it is."""

    NO_COUNTERPART = "no_counterpart"
    VALUES_DIFFER = "values_differ"
    OTHER_STATISTICS = "other_statistics"
    OTHER_UNIT = "other_unit"
    TAKEN = "taken"
    """Another of their entities has been given our only counterpart."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One of our entities, as it is or would be."""

    domain: str
    unique_id: str
    shown: Shown
    is_daily: bool = False
    is_computed: bool = False
    """Whether its value only comes with the entity and is not known before."""


@dataclass(frozen=True, kw_only=True)
class System:
    """What a system of ours has to offer in place of another integration's entities."""

    serial: str
    devices: Mapping[str, tuple[str, str]]
    """Kind and identity of each device, by what the others call it in unique ids."""
    offers: Mapping[tuple[str, str], Offer]
    """By domain and unique id."""

    def identity(self, kind: str) -> str | None:
        """Return the identity of the only device of a kind."""
        found = {identity for other, identity in self.devices.values() if other == kind}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, kw_only=True)
class EntityOutcome:
    """What becomes of one entity of another integration."""

    entity_id: str
    registry_id: str
    unique_id: str
    offer: Offer | None = None
    """Ours in its place."""
    stays: Stays | None = None
    """Why it stays; None when it moves."""
    theirs: Shown | None = None

    @property
    def is_adjustable(self) -> bool:
        """Whether it could move if the sum of its statistics is adjusted."""
        return (
            self.stays is Stays.VALUES_DIFFER
            and self.offer is not None
            and self.offer.shown.is_counter
            and self.offer.shown.number is not None
        )


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a takeover from one entry of another integration would do."""

    peer: Peer
    entry_id: str
    title: str
    outcomes: tuple[EntityOutcome, ...]

    @property
    def label(self) -> str:
        """What a person knows it by; the entry of the MQTT integration is only a broker."""
        return self.title if self.title == self.peer.name else f"{self.peer.name}: {self.title}"

    def moving(self, *, adjust: bool = False) -> list[EntityOutcome]:
        """Return what moves, with the counters too that need their sums adjusted if asked for."""
        return [
            outcome
            for outcome in self.outcomes
            if outcome.stays is None or (adjust and outcome.is_adjustable)
        ]

    def staying(self) -> Mapping[Stays, list[EntityOutcome]]:
        """Return what stays, by reason."""
        return {
            reason: found
            for reason in Stays
            if (found := [outcome for outcome in self.outcomes if outcome.stays is reason])
        }


@dataclass(frozen=True, kw_only=True)
class Held:
    """An entity of another integration and what its unique id is made of."""

    entry: er.RegistryEntry
    device: str | None
    """What it calls the device; None for a device that is not ours."""
    key: str


@callback
def peer_entries(
    hass: HomeAssistant, devices: Iterable[str], serial: str
) -> Iterator[tuple[Peer, ConfigEntry, list[Held]]]:
    """Yield the entries of other integrations that serve a system, with their entities."""
    registry = er.async_get(hass)
    names = sorted(devices, key=len, reverse=True)
    for peer in PEERS:
        split = _split_local if peer.same_key else _split_mqtt
        for entry in hass.config_entries.async_entries(peer.domain, include_ignore=False):
            held = [
                split(found, names)
                for found in er.async_entries_for_config_entry(registry, entry.entry_id)
            ]
            if peer.domain == GIVTCP.domain:
                held = [found for found in held if found.device is not None]
            if any(found.device == serial for found in held):
                yield peer, entry, held


def _split_local(entry: er.RegistryEntry, names: Iterable[str]) -> Held:
    """Split ``<device>_<key>``."""
    for name in names:
        if entry.unique_id.startswith(f"{name}_"):
            return Held(entry=entry, device=name, key=entry.unique_id[len(name) + 1 :])
    # A serial number may lack its first characters there.
    prefix, _, key = entry.unique_id.partition("_")
    whole = [name for name in names if len(prefix) >= _ENOUGH and name.endswith(prefix)]
    return Held(entry=entry, device=whole[0] if len(whole) == 1 else None, key=key)


def _split_mqtt(entry: er.RegistryEntry, names: Iterable[str]) -> Held:
    """Split ``<prefix>_<device>_<key>``; the prefix is an option of GivTCP."""
    for name in names:
        if found := re.fullmatch(rf".+_{re.escape(name)}_(.+)", entry.unique_id):
            return Held(entry=entry, device=name, key=found[1])
    return Held(entry=entry, device=None, key=entry.unique_id)


async def async_survey(hass: HomeAssistant, system: System) -> list[Survey]:
    """Return what could be taken over from each entry that serves a system; change nothing."""
    return [
        Survey(
            peer=peer,
            entry_id=entry.entry_id,
            title=entry.title,
            outcomes=await _async_judge(hass, system, peer, held),
        )
        for peer, entry, held in peer_entries(hass, system.devices, system.serial)
    ]


async def _async_judge(
    hass: HomeAssistant, system: System, peer: Peer, held: Iterable[Held]
) -> tuple[EntityOutcome, ...]:
    outcomes: list[EntityOutcome] = []
    taken: set[tuple[str, str]] = set()
    for found in held:
        row, offer = _match(system, peer, found) or (None, None)
        theirs: Shown | None = None
        reason: Stays | None = Stays.NO_COUNTERPART
        if row is not None and offer is not None:
            theirs = await _async_shown(hass, found.entry, offer)
            reason = _reason(row, theirs, offer, taken)
            if reason is None:
                taken.add((offer.domain, offer.unique_id))
        outcomes.append(
            EntityOutcome(
                entity_id=found.entry.entity_id,
                registry_id=found.entry.id,
                unique_id=found.entry.unique_id,
                offer=offer,
                stays=reason,
                theirs=theirs,
            )
        )
    return tuple(outcomes)


def _match(system: System, peer: Peer, found: Held) -> tuple[Counterpart, Offer] | None:
    """Return our counterpart of one of their entities, and the row that maps it."""
    if found.device is None:
        return None
    kind, identity = system.devices[found.device]
    for row, key in peer.find(kind, found.entry.domain, found.key):
        at = identity if row.at is None else system.identity(row.at)
        offer = system.offers.get((row.domain, f"{at}_{key}"))
        if offer is not None:
            return row, offer
    return None


def _reason(
    row: Counterpart, theirs: Shown, offer: Offer, taken: set[tuple[str, str]]
) -> Stays | None:
    """Return why an entity with a counterpart stays, None when it moves."""
    if (offer.domain, offer.unique_id) in taken:
        return Stays.TAKEN
    if not same_statistics(theirs, offer.shown):
        return Stays.OTHER_STATISTICS
    if theirs.unit is not None and theirs.unit != offer.shown.unit:
        return Stays.OTHER_UNIT
    if theirs.value is not None and offer.shown.value is None and not offer.is_computed:
        return Stays.VALUES_DIFFER
    if not row.worded and not agree(theirs, offer.shown, is_daily=offer.is_daily):
        return Stays.VALUES_DIFFER
    return None


async def _async_shown(hass: HomeAssistant, entry: er.RegistryEntry, offer: Offer) -> Shown:
    """Return what one of their entities shows now, or showed last."""
    state = hass.states.get(entry.entity_id)
    attributes: Mapping[str, Any] = {} if state is None else state.attributes
    capabilities = entry.capabilities or {}
    shown = Shown(
        value=None if state is None else known(state.state),
        unit=attributes.get("unit_of_measurement", entry.unit_of_measurement),
        state_class=capabilities.get("state_class", attributes.get("state_class")),
        device_class=entry.device_class or entry.original_device_class,
    )
    if shown.value is None and shown.is_counter:
        shown = await async_last_shown(hass, entry.entity_id, shown)
    return shown.in_unit(offer.shown.unit)
