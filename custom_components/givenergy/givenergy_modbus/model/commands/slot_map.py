"""Where each family of devices keeps its daily windows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

type Ends = tuple[int, int]
"""Holding registers of a window's start and end."""


@dataclass(frozen=True, slots=True)
class SlotMap:
    """The charge and discharge windows of a device, by index from 1."""

    charge_slots: Mapping[int, Ends]
    discharge_slots: Mapping[int, Ends]
    targets: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Holding registers of the per-window target SOCs, by kind and index."""

    KINDS: ClassVar = ("charge", "discharge")

    def ends(self, kind: str, idx: int) -> Ends:
        """Return a window's registers; ValueError for one the device lacks."""
        slots = self.charge_slots if kind == "charge" else self.discharge_slots
        try:
            return slots[idx]
        except KeyError:
            raise ValueError(f"there is no {kind} slot {idx}, only 1 to {len(slots)}") from None

    def target(self, kind: str, idx: int) -> int:
        """Return the register of a window's target SOC; ValueError if it has none."""
        try:
            return self.targets[kind][idx]
        except KeyError:
            raise ValueError(f"{kind} slot {idx} has no target of its own") from None


def _extended(first: Ends, second: Ends, third: int) -> Mapping[int, Ends]:
    """Return ten windows: two of their own, eight in a row of (start, end, target)."""
    later = {idx: (third + 3 * (idx - 3), third + 3 * (idx - 3) + 1) for idx in range(3, 11)}
    return MappingProxyType({1: first, 2: second, **later})


def _targets(slots: range) -> Mapping[str, Mapping[int, int]]:
    return MappingProxyType(
        {
            kind: MappingProxyType({idx: first + 3 * (idx - 1) for idx in slots})
            for kind, first in (("charge", 242), ("discharge", 272))
        }
    )


SINGLE_PHASE_SLOTS = SlotMap(
    MappingProxyType({1: (94, 95), 2: (31, 32)}), MappingProxyType({1: (56, 57), 2: (44, 45)})
)
EXTENDED_SLOTS = SlotMap(
    _extended((94, 95), (31, 32), 246), _extended((56, 57), (44, 45), 276), _targets(range(1, 11))
)
THREE_PHASE_SLOTS = SlotMap(
    _extended((1113, 1114), (1115, 1116), 246),
    _extended((1118, 1119), (1120, 1121), 276),
    _targets(range(3, 11)),  # one target does for the first two
)
EMS_SLOTS = SlotMap(
    MappingProxyType({1: (2053, 2054), 2: (2056, 2057), 3: (2059, 2060)}),
    MappingProxyType({1: (2044, 2045), 2: (2047, 2048), 3: (2050, 2051)}),
)
