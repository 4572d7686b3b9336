"""Where a device keeps its daily slots, derived from its declared fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import ClassVar

from ..register_model import RegisterModel

type Ends = tuple[int, int]
"""Holding registers of a slot's start and end."""


@dataclass(frozen=True, slots=True)
class SlotMap:
    """The charge and discharge slots of a device, by index from 1."""

    charge_slots: Mapping[int, Ends]
    discharge_slots: Mapping[int, Ends]
    targets: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Holding registers of the per-slot target SOCs, by kind and index."""

    KINDS: ClassVar = ("charge", "discharge")

    def ends(self, kind: str, idx: int) -> Ends:
        """Return a slot's registers; ValueError for one the device lacks."""
        slots = self.charge_slots if kind == "charge" else self.discharge_slots
        try:
            return slots[idx]
        except KeyError:
            raise ValueError(f"there is no {kind} slot {idx}, only 1 to {len(slots)}") from None

    def target(self, kind: str, idx: int) -> int:
        """Return the register of a slot's target SOC; ValueError if it has none."""
        try:
            return self.targets[kind][idx]
        except KeyError:
            raise ValueError(f"{kind} slot {idx} has no target of its own") from None


class SlottedDevice(RegisterModel):
    """A device with daily slots: fields ``charge_slot_1``, ``discharge_slot_1`` and so on."""

    slot_count: ClassVar[int]
    """How many slots of each kind it has."""

    slots_with_target: ClassVar[range] = range(0)
    """Which of them have a target SOC of their own."""

    @property
    def slot_map(self) -> SlotMap:
        """Where the device keeps its charge and discharge slots, and how many."""
        return slot_map_of(type(self))


@cache
def slot_map_of(device: type[SlottedDevice]) -> SlotMap:
    """Return where a class of devices keeps its daily slots."""
    charge, discharge = (
        MappingProxyType(
            {idx: _ends(device, f"{kind}_slot_{idx}") for idx in range(1, device.slot_count + 1)}
        )
        for kind in SlotMap.KINDS
    )
    targets = {
        kind: MappingProxyType(
            {
                idx: device.register_fields[f"{kind}_target_soc_{idx}"].registers[0].address
                for idx in device.slots_with_target
            }
        )
        for kind in SlotMap.KINDS
    }
    return SlotMap(charge, discharge, MappingProxyType(targets))


def _ends(device: type[SlottedDevice], name: str) -> Ends:
    start, end = device.register_fields[name].registers
    return start.address, end.address
