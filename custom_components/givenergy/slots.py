"""The daily windows a plant has, one row per kind: where they stand, what sets them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from .devices import PlantDevice
from .givenergy_modbus.client import commands
from .givenergy_modbus.model import TimeSlot
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import Requests
from .scope import EntityScope


@dataclass(frozen=True, kw_only=True)
class SlotKind:
    """One kind of window."""

    key: str
    device_kind: str
    """The kind of device that keeps it."""
    count: int
    """How many there are at most; a model may have fewer."""
    attribute: str
    set_both: Callable[[Any, int, TimeSlot | None], Requests]
    set_start: Callable[[Any, int, time], Requests]
    set_end: Callable[[Any, int, time], Requests]
    target: str | None = None
    """The window's own target SOC, where some models have one."""
    set_target: Callable[[Any, int, int], Requests] | None = None

    def name(self, idx: int) -> str:
        """Return the attribute that holds a window."""
        return self.attribute.format(idx)

    def read(self, device: Any, idx: int) -> TimeSlot | None:
        """Return a window as the device has it, None while it is unset."""
        window: TimeSlot | None = getattr(device, self.name(idx))
        return window

    def indexes(self, plant_device: PlantDevice, scope: EntityScope) -> list[int]:
        """Return which windows of the kind a device of a plant has."""
        return [
            idx
            for kind, idx, registers in windows(plant_device)
            if kind is self and scope.can_write(registers)
        ]


SLOT_KINDS = (
    SlotKind(
        key="charge",
        device_kind="inverter",
        count=10,
        attribute="charge_slot_{}",
        set_both=lambda it, idx, window: it.set_charge_slot(idx, window),
        set_start=lambda it, idx, at: it.set_charge_slot_start(idx, at),
        set_end=lambda it, idx, at: it.set_charge_slot_end(idx, at),
        target="charge_target_soc_{}",
        set_target=lambda it, idx, soc: it.set_charge_slot_target_soc(idx, soc),
    ),
    SlotKind(
        key="discharge",
        device_kind="inverter",
        count=10,
        attribute="discharge_slot_{}",
        set_both=lambda it, idx, window: it.set_discharge_slot(idx, window),
        set_start=lambda it, idx, at: it.set_discharge_slot_start(idx, at),
        set_end=lambda it, idx, at: it.set_discharge_slot_end(idx, at),
        target="discharge_target_soc_{}",
        set_target=lambda it, idx, soc: it.set_discharge_slot_target_soc(idx, soc),
    ),
    SlotKind(
        key="pause",
        device_kind="inverter",
        count=1,
        attribute="battery_pause_slot_{}",
        set_both=lambda _, __, window: commands.set_pause_slot(window),
        set_start=lambda _, __, at: commands.set_pause_slot_start(at),
        set_end=lambda _, __, at: commands.set_pause_slot_end(at),
    ),
    SlotKind(
        key="ems_charge",
        device_kind="ems",
        count=3,
        attribute="charge_slot_{}",
        set_both=lambda it, idx, window: it.set_ems_charge_slot(idx, window),
        set_start=lambda it, idx, at: it.set_ems_charge_slot_start(idx, at),
        set_end=lambda it, idx, at: it.set_ems_charge_slot_end(idx, at),
        target="charge_target_{}",
        set_target=lambda it, idx, soc: it.set_ems_charge_target_soc(idx, soc),
    ),
    SlotKind(
        key="ems_discharge",
        device_kind="ems",
        count=3,
        attribute="discharge_slot_{}",
        set_both=lambda it, idx, window: it.set_ems_discharge_slot(idx, window),
        set_start=lambda it, idx, at: it.set_ems_discharge_slot_start(idx, at),
        set_end=lambda it, idx, at: it.set_ems_discharge_slot_end(idx, at),
        target="discharge_target_{}",
        set_target=lambda it, idx, soc: it.set_ems_discharge_target_soc(idx, soc),
    ),
    SlotKind(
        key="ems_export",
        device_kind="ems",
        count=3,
        attribute="export_slot_{}",
        set_both=lambda it, idx, window: it.set_ems_export_slot(idx, window),
        set_start=lambda it, idx, at: it.set_ems_export_slot_start(idx, at),
        set_end=lambda it, idx, at: it.set_ems_export_slot_end(idx, at),
        target="export_target_{}",
        set_target=lambda it, idx, soc: it.set_ems_export_target_soc(idx, soc),
    ),
)

USUAL_SLOTS = 2
"""Windows shown from the start; a plant with more has them disabled until wanted."""


def windows(plant_device: PlantDevice) -> Iterator[tuple[SlotKind, int, tuple[Register, ...]]]:
    """Yield every window there may be on a device: its kind, its index, its registers."""
    for kind in SLOT_KINDS:
        if kind.device_kind == plant_device.kind.key:
            for idx in range(1, kind.count + 1):
                yield kind, idx, plant_device.model.register_fields[kind.name(idx)].registers
