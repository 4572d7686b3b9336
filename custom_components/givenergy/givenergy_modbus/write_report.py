"""What a command wrote."""

from dataclasses import dataclass, field
from typing import NamedTuple, override


class RegisterWrite(NamedTuple):
    """A register and the value to write to it."""

    register: int
    value: int


class Clamped(NamedTuple):
    """A register, the value written to it, and the value the inverter reports instead."""

    register: int
    value: int
    reported: int


@dataclass(frozen=True, slots=True)
class WriteReport:
    """The result of a command, register by register."""

    written: list[RegisterWrite] = field(default_factory=list)
    """Sent and acknowledged, in order, including those that were clamped."""
    skipped: list[RegisterWrite] = field(default_factory=list)
    """Not sent, because the inverter already has that value."""
    refused: list[RegisterWrite] = field(default_factory=list)
    clamped: list[Clamped] = field(default_factory=list)
    """Acknowledged or read back with another value."""

    @override
    def __str__(self) -> str:
        listed = ", ".join(f"HR({write.register})={write.value}" for write in self.written)
        return f"written: {listed or 'nothing'}"
