"""What was taken over and how it was before, kept from before the first change on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_VERSION = 1


class TakeoverPhase(StrEnum):
    """How far a takeover is."""

    MOVING = "moving"
    MOVED = "moved"
    RETURNING = "returning"
    RETURNED = "returned"
    """Until the next start: the entity registry is saved some seconds later than this."""


@dataclass(kw_only=True)
class MovedEntity:
    """One entity: which it is, where it goes and its registry entry before."""

    registry_id: str
    new_unique_id: str
    before: dict[str, Any]
    """The fields of the entity registry's entry that a takeover may change."""
    adjust: bool = False
    """Whether the sum of its statistics goes on from our value."""
    value: float | None = None
    """Our value when that was agreed, in our unit."""
    value_unit: str | None = None
    unit: str | None = None
    """The unit it is still to be shown in, where ours is another."""

    @property
    def entity_id(self) -> str:
        """The entity id it had before."""
        return str(self.before["entity_id"])


@dataclass(kw_only=True)
class Takeover:
    """A takeover from one entry of another integration."""

    peer: str
    """The platform that the entities come from."""
    entry_id: str
    title: str
    phase: TakeoverPhase = TakeoverPhase.MOVING
    was_enabled: bool = True
    """Whether the other entry was enabled before."""
    entities: list[MovedEntity] = field(default_factory=list)
    bridges: list[dict[str, Any]] = field(default_factory=list)
    """Sums that are yet to be checked."""
    messages: dict[str, str] = field(default_factory=dict)
    """Retained discovery messages that were cleared, by topic."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was stored."""
        plain = {key: value for key, value in stored.items() if key in cls.__dataclass_fields__}
        entities = [MovedEntity(**entity) for entity in plain.pop("entities")]
        return cls(**plain | {"phase": TakeoverPhase(plain["phase"]), "entities": entities})


class TakeoverJournal:
    """The takeovers of one of our entries, in a file of their own."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after our config entry."""
        self._store: Store[dict[str, Any]] = Store(hass, _VERSION, f"{DOMAIN}.takeover.{entry_id}")
        self.takeovers: list[Takeover] = []

    async def async_load(self) -> Self:
        """Read what was stored."""
        stored = await self._store.async_load() or {}
        self.takeovers = [Takeover.from_dict(each) for each in stored.get("takeovers", ())]
        return self

    async def async_save(self) -> None:
        """Write it down now; the file goes when nothing is left in it."""
        if self.takeovers:
            await self._store.async_save(
                {"takeovers": [asdict(takeover) for takeover in self.takeovers]}
            )
        else:
            await self._store.async_remove()


_JOURNALS: HassKey[dict[str, TakeoverJournal]] = HassKey(f"{DOMAIN}.takeovers")


async def async_journal(hass: HomeAssistant, entry_id: str) -> TakeoverJournal:
    """Return the only journal of one of our entries, so that nothing saves an outdated one."""
    journals = hass.data.setdefault(_JOURNALS, {})
    if entry_id not in journals:
        loaded = await TakeoverJournal(hass, entry_id).async_load()
        journals.setdefault(entry_id, loaded)
    return journals[entry_id]


def forget_journal(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the journal of an entry that is removed."""
    hass.data.get(_JOURNALS, {}).pop(entry_id, None)
