"""A schedule that the integration keeps, in a form that survives a restart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ..givenergy_modbus.model import TimeSlot


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a schedule."""

    slot: TimeSlot
    target: int | None = None
    """State of charge at which it stops, in %; None where slots have no target."""


@dataclass(frozen=True, slots=True)
class KeptSchedule:
    """All windows of one kind, and the words that are ours in the inverter."""

    windows: tuple[Window, ...]
    ours: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """By register, the words we have written, the present one last."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "windows": [[*window.slot.encode(), window.target] for window in self.windows],
            "ours": [[register, [*words]] for register, words in self.ours.items()],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` returned; KeyError, TypeError or ValueError if it is not that."""
        return cls(
            tuple(
                Window(TimeSlot.from_repr(start, end), target)
                for start, end, target in stored["windows"]
            ),
            {register: tuple(words) for register, words in stored["ours"]},
        )

    def writing(self, words: Mapping[int, int], present: Mapping[int, int]) -> Self:
        """Return the schedule while registers get these words; the present ones stay ours."""
        ours = dict(self.ours)
        for register, word in words.items():
            before = ours.get(register, (present[register],) if register in present else ())
            ours[register] = (*before, word)
        return replace(self, ours=ours)

    def written(self) -> Self:
        """Return the schedule once everything is written."""
        return replace(self, ours={register: words[-1:] for register, words in self.ours.items()})

    def foreign(self, present: Mapping[int, int], ignored: Iterable[int]) -> tuple[int, ...]:
        """Return the registers that another client has changed."""
        left_alone = set(ignored)
        return tuple(
            register
            for register, words in self.ours.items()
            if register not in left_alone and present.get(register, words[-1]) not in words
        )
