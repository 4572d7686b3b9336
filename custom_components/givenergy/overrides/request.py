"""What an override is asked to do, and why one can be refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OverrideKind(StrEnum):
    """The kinds of override."""

    CHARGE = "charge"
    EXPORT = "export"
    HOLD = "hold"


class Direction(StrEnum):
    """What a hold stops the battery from doing."""

    DISCHARGE = "discharge"
    CHARGE = "charge"
    BOTH = "both"

    @property
    def pause_mode(self) -> int:
        """The inverter's pause mode for it: 1 for charging, 2 for discharging, 3 for both."""
        return {Direction.CHARGE: 1, Direction.DISCHARGE: 2, Direction.BOTH: 3}[self]


class OverrideNote(StrEnum):
    """What the user should know about an override."""

    CHARGE_SLOT_FIRST = "charge_slot_first"
    ENDED_BY_HOME_ASSISTANT = "ended_by_home_assistant"
    LEAK = "leak"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRequest:
    """An override as it was asked for."""

    kind: OverrideKind
    until: datetime
    """When it ends, in UTC."""
    target: int | None = None
    """State of charge in % at which a charge or an export ends; None for the default."""
    power: int | None = None
    """Battery power in W; None leaves the limit as it is."""
    direction: Direction = Direction.DISCHARGE


class OverrideRefused(ValueError):
    """An override that cannot be; nothing was written."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Keep the key of the message, and what it names."""
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders
