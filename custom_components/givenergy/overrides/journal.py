"""What an override has changed, kept on disk until every register is back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from ..const import LOGGER
from ..givenergy_modbus.write_report import RegisterWrite
from .request import Direction, OverrideKind, OverrideRequest


class OverridePhase(StrEnum):
    """How far an override is."""

    APPLYING = "applying"
    """Some of its registers may be written; after a crash it is rolled back."""
    RUNNING = "running"
    RESTORING = "restoring"
    """Being undone, again and again until every register is back."""


class EndReason(StrEnum):
    """Why an override ended."""

    TIME = "time"
    STATE_OF_CHARGE = "state_of_charge"
    CANCELED = "canceled"
    REPLACED = "replaced"
    TAKEN_OVER = "taken_over"
    OVERDUE = "overdue"
    """Its time was over while Home Assistant or the inverter was away."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A holding register that an override changes."""

    register: int
    before: int
    """The word that is restored."""
    ours: tuple[int, ...]
    """The words we have written, the present one last; any other is another client's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideJournal:
    """One override, in a form that survives a crash at any moment."""

    id: str
    kind: OverrideKind
    direction: Direction
    started: datetime
    """When it began, before any change of its end."""
    until: datetime
    started_by: str
    target: int | None
    entries: tuple[Entry, ...]
    """In the order they are written; they are restored in reverse."""
    slot: tuple[int, int] | None = None
    """Registers of the slot that ends it in the inverter: start and end."""
    phase: OverridePhase = OverridePhase.APPLYING
    reason: EndReason | None = None
    """Why it is being restored."""
    attempts: int = 0
    """How many times in a row restoring has failed."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "id": self.id,
            "kind": self.kind,
            "direction": self.direction,
            "started": self.started.isoformat(),
            "until": self.until.isoformat(),
            "started_by": self.started_by,
            "target": self.target,
            "entries": [[entry.register, entry.before, [*entry.ours]] for entry in self.entries],
            "slot": None if self.slot is None else [*self.slot],
            "phase": self.phase,
            "reason": self.reason,
            "attempts": self.attempts,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` returned; KeyError, TypeError or ValueError if it is not that."""
        slot, reason = stored["slot"], stored["reason"]
        return cls(
            id=stored["id"],
            kind=OverrideKind(stored["kind"]),
            direction=Direction(stored["direction"]),
            started=datetime.fromisoformat(stored["started"]),
            until=datetime.fromisoformat(stored["until"]),
            started_by=stored["started_by"],
            target=stored["target"],
            entries=tuple(
                Entry(register, before, tuple(ours)) for register, before, ours in stored["entries"]
            ),
            slot=None if slot is None else (slot[0], slot[1]),
            phase=OverridePhase(stored["phase"]),
            reason=None if reason is None else EndReason(reason),
            attempts=stored["attempts"],
        )

    def running(self) -> Self:
        """Return the journal once everything is written: only the present words are ours."""
        entries = (replace(entry, ours=entry.ours[-1:]) for entry in self.entries)
        return replace(
            self,
            phase=OverridePhase.RUNNING,
            entries=tuple(entry for entry in entries if entry.ours != (entry.before,)),
        )

    def restoring(self, reason: EndReason) -> Self:
        """Return the journal as it is being undone; the first reason stays."""
        return replace(self, phase=OverridePhase.RESTORING, reason=self.reason or reason)

    def failed(self) -> Self:
        """Return the journal after another attempt to restore has failed."""
        return replace(self, attempts=self.attempts + 1)

    def changing(self, words: Mapping[int, int], present: Mapping[int, int]) -> Self:
        """Return the journal while registers get other words of ours.

        One that held our word before the override is added, to be restored last.
        """
        known = {entry.register for entry in self.entries}
        added = (
            Entry(register, present[register], (present[register], word))
            for register, word in words.items()
            if register not in known
        )
        changed = (
            replace(entry, ours=(*entry.ours, words[entry.register]))
            if entry.register in words
            else entry
            for entry in self.entries
        )
        return replace(self, entries=(*added, *changed))

    def foreign(self, words: Mapping[int, int]) -> tuple[Entry, ...]:
        """Return the entries that hold neither our word nor, before or after, the old one."""
        return tuple(
            entry
            for entry in self.entries
            if (word := words.get(entry.register)) is not None
            and word not in entry.ours
            and (self.phase is OverridePhase.RUNNING or word != entry.before)
        )

    def to_restore(self, words: Mapping[int, int]) -> tuple[Entry, ...]:
        """Return the entries that still hold our word, in the order to restore them."""
        return tuple(
            entry
            for entry in reversed(self.entries)
            if (word := words.get(entry.register)) in entry.ours and word != entry.before
        )

    def pristine(self, words: Mapping[int, int]) -> dict[int, int]:
        """Return the registers as they would be if our words were restored."""
        before = {
            entry.register: entry.before
            for entry in self.entries
            if words.get(entry.register) in entry.ours
        }
        return {**words, **before}


def open_journal(
    request: OverrideRequest,
    *,
    journal_id: str,
    now: datetime,
    started_by: str,
    target: int | None,
    slot: tuple[int, int] | None,
    writes: Iterable[RegisterWrite],
    before: Mapping[int, int],
    replaced: OverrideJournal | None = None,
) -> OverrideJournal:
    """Return the journal of an override that is about to be written.

    ``before`` are the words to restore. What a replaced override has changed stays in
    it, either to get another word or to be restored, with the oldest word kept.
    """
    old = {} if replaced is None else {entry.register: entry for entry in replaced.entries}
    new = {write.register: write.value for write in writes}
    dropped = tuple(
        replace(entry, ours=(*entry.ours, entry.before))
        for entry in old.values()
        if entry.register not in new
    )
    kept = tuple(
        Entry(
            register,
            before[register],
            (*(old[register].ours if register in old else ()), word),
        )
        for register, word in new.items()
    )
    return OverrideJournal(
        id=journal_id,
        kind=request.kind,
        direction=request.direction,
        started=now if replaced is None or replaced.kind is not request.kind else replaced.started,
        until=request.until,
        started_by=started_by,
        target=target,
        entries=(*dropped, *kept),
        slot=slot,
    )


def stored_journal(stored: Mapping[str, Any] | None) -> OverrideJournal | None:
    """Return the journal that is on disk, None if there is none that can be read."""
    if stored is None:
        return None
    try:
        return OverrideJournal.from_dict(stored)
    except (KeyError, TypeError, ValueError) as err:
        LOGGER.error("The journal of an override cannot be read: %r", err)
        return None
