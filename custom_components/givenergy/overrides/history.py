"""The starts and ends of overrides, as the event entity reports them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.util import dt as dt_util

from ..setting_names import SettingNames
from .journal import EndReason, OverrideJournal

STARTED, ENDED = "override_started", "override_ended"
_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Happening:
    """The start or the end of an override."""

    number: int
    type: str
    attributes: Mapping[str, Any]


class History:
    """The last starts and ends, the latest last."""

    def __init__(self) -> None:
        """Start with none."""
        self.happenings: tuple[Happening, ...] = ()

    def note_start(self, journal: OverrideJournal) -> None:
        """Add the start of an override."""
        self._note(
            STARTED,
            {
                "kind": journal.kind.value,
                "until": dt_util.as_local(journal.until).isoformat(),
                "target": journal.target,
                "started_by": journal.started_by,
            },
        )

    def note_end(
        self,
        journal: OverrideJournal,
        reason: EndReason,
        names: SettingNames,
        left: tuple[int, ...] = (),
    ) -> None:
        """Add the end of an override, and the settings that others have changed since."""
        attributes: dict[str, Any] = {"kind": journal.kind.value, "reason": reason.value}
        if left:
            attributes["left"] = [names.name(field.name) for field in names.fields_at(left)]
        self._note(ENDED, attributes)

    def _note(self, kind: str, attributes: Mapping[str, Any]) -> None:
        number = self.happenings[-1].number + 1 if self.happenings else 1
        self.happenings = (*self.happenings, Happening(number, kind, attributes))[-_LENGTH:]
