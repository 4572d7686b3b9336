"""The daily slots of a system, one row per kind: their fields and their commands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .devices import AnyInverter, PlantDevice
from .field_names import names_of
from .givenergy_modbus.client import commands
from .givenergy_modbus.model import TimeSlot
from .givenergy_modbus.model.devices.ems import Ems
from .givenergy_modbus.model.register import Register, RegisterField
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .scope import EntityScope


@dataclass(frozen=True, kw_only=True)
class SlotKind[DeviceT: RegisterModel]:
    """One kind of slot of one kind of device."""

    key: str
    device_kind: str
    """The kind of device that keeps it."""
    slots: Callable[[DeviceT], tuple[TimeSlot | None, ...]]
    """Its slots in order; a model may have fewer."""
    enabled_by: tuple[str, ...]
    """The settings that let its slots run, any of them; a model has those that it declares."""
    set_both: Callable[[DeviceT, int, TimeSlot | None], Requests]
    set_start: Callable[[DeviceT, int, time], Requests]
    set_end: Callable[[DeviceT, int, time], Requests]
    targets: Callable[[DeviceT], tuple[int | None, ...]] | None = None
    """The slots' own target SOC, where some models have one."""
    set_target: Callable[[DeviceT, int, int], Requests] | None = None

    @property
    def count(self) -> int:
        """How many slots there are at most."""
        return len(names_of(self.slots))

    def name(self, idx: int) -> str:
        """Return the field of a slot, counting from 1."""
        return names_of(self.slots)[idx - 1]

    def target_name(self, idx: int) -> str | None:
        """Return the field of a slot's target SOC, None where the kind has no targets."""
        return None if self.targets is None else names_of(self.targets)[idx - 1]

    def read(self, device: DeviceT, idx: int) -> TimeSlot | None:
        """Return a slot as last read, None while it is unset."""
        return self.slots(device)[idx - 1]

    def switches(self, model: type[RegisterModel]) -> tuple[RegisterField, ...]:
        """Return the settings of a model that let its slots run."""
        names = (name for name in self.enabled_by if name in model.register_fields)
        return tuple(map(model.setting, names))

    def is_enabled(self, device: DeviceT) -> bool | None:
        """Return whether any setting lets the slots run, None while that is not known."""
        values = [getattr(device, field.name) for field in self.switches(type(device))]
        return True if any(values) else None if None in values else False

    def read_target(self, device: DeviceT, idx: int) -> int | None:
        """Return a slot's target SOC in percent, None where it has none."""
        return None if self.targets is None else self.targets(device)[idx - 1]

    def indexes(self, plant_device: PlantDevice, scope: EntityScope) -> list[int]:
        """Return the numbers of the slots of this kind that a device has."""
        return [
            idx
            for kind, idx, registers in slots_of(plant_device)
            if kind is self and scope.can_write(registers)
        ]


# fmt: off
_CHARGE = SlotKind[AnyInverter](
    key="charge",
    device_kind="inverter",
    slots=lambda inverter: (
        inverter.charge_slot_1, inverter.charge_slot_2, inverter.charge_slot_3,
        inverter.charge_slot_4, inverter.charge_slot_5, inverter.charge_slot_6,
        inverter.charge_slot_7, inverter.charge_slot_8, inverter.charge_slot_9,
        inverter.charge_slot_10,
    ),
    enabled_by=("enable_charge", "force_charge_enable"),
    set_both=lambda inverter, idx, slot: inverter.set_charge_slot(idx, slot),
    set_start=lambda inverter, idx, at: inverter.set_charge_slot_start(idx, at),
    set_end=lambda inverter, idx, at: inverter.set_charge_slot_end(idx, at),
    targets=lambda inverter: (
        inverter.charge_target_soc_1, inverter.charge_target_soc_2, inverter.charge_target_soc_3,
        inverter.charge_target_soc_4, inverter.charge_target_soc_5, inverter.charge_target_soc_6,
        inverter.charge_target_soc_7, inverter.charge_target_soc_8, inverter.charge_target_soc_9,
        inverter.charge_target_soc_10,
    ),
    set_target=lambda inverter, idx, soc: inverter.set_charge_slot_target_soc(idx, soc),
)
_DISCHARGE = SlotKind[AnyInverter](
    key="discharge",
    device_kind="inverter",
    slots=lambda inverter: (
        inverter.discharge_slot_1, inverter.discharge_slot_2, inverter.discharge_slot_3,
        inverter.discharge_slot_4, inverter.discharge_slot_5, inverter.discharge_slot_6,
        inverter.discharge_slot_7, inverter.discharge_slot_8, inverter.discharge_slot_9,
        inverter.discharge_slot_10,
    ),
    enabled_by=("enable_discharge", "force_discharge_enable"),
    set_both=lambda inverter, idx, slot: inverter.set_discharge_slot(idx, slot),
    set_start=lambda inverter, idx, at: inverter.set_discharge_slot_start(idx, at),
    set_end=lambda inverter, idx, at: inverter.set_discharge_slot_end(idx, at),
    targets=lambda inverter: (
        inverter.discharge_target_soc_1, inverter.discharge_target_soc_2,
        inverter.discharge_target_soc_3, inverter.discharge_target_soc_4,
        inverter.discharge_target_soc_5, inverter.discharge_target_soc_6,
        inverter.discharge_target_soc_7, inverter.discharge_target_soc_8,
        inverter.discharge_target_soc_9, inverter.discharge_target_soc_10,
    ),
    set_target=lambda inverter, idx, soc: inverter.set_discharge_slot_target_soc(idx, soc),
)
_PAUSE = SlotKind[AnyInverter](
    key="pause",
    device_kind="inverter",
    slots=lambda inverter: (inverter.battery_pause_slot_1,),
    enabled_by=("battery_pause_mode",),
    set_both=lambda _, __, slot: commands.set_pause_slot(slot),
    set_start=lambda _, __, at: commands.set_pause_slot_start(at),
    set_end=lambda _, __, at: commands.set_pause_slot_end(at),
)
_EMS_CHARGE = SlotKind[Ems](
    key="ems_charge",
    device_kind="ems",
    slots=lambda ems: (ems.charge_slot_1, ems.charge_slot_2, ems.charge_slot_3),
    enabled_by=("plant_enabled",),
    set_both=lambda ems, idx, slot: ems.set_ems_charge_slot(idx, slot),
    set_start=lambda ems, idx, at: ems.set_ems_charge_slot_start(idx, at),
    set_end=lambda ems, idx, at: ems.set_ems_charge_slot_end(idx, at),
    targets=lambda ems: (ems.charge_target_1, ems.charge_target_2, ems.charge_target_3),
    set_target=lambda ems, idx, soc: ems.set_ems_charge_target_soc(idx, soc),
)
_EMS_DISCHARGE = SlotKind[Ems](
    key="ems_discharge",
    device_kind="ems",
    slots=lambda ems: (ems.discharge_slot_1, ems.discharge_slot_2, ems.discharge_slot_3),
    enabled_by=("plant_enabled",),
    set_both=lambda ems, idx, slot: ems.set_ems_discharge_slot(idx, slot),
    set_start=lambda ems, idx, at: ems.set_ems_discharge_slot_start(idx, at),
    set_end=lambda ems, idx, at: ems.set_ems_discharge_slot_end(idx, at),
    targets=lambda ems: (ems.discharge_target_1, ems.discharge_target_2, ems.discharge_target_3),
    set_target=lambda ems, idx, soc: ems.set_ems_discharge_target_soc(idx, soc),
)
_EMS_EXPORT = SlotKind[Ems](
    key="ems_export",
    device_kind="ems",
    slots=lambda ems: (ems.export_slot_1, ems.export_slot_2, ems.export_slot_3),
    enabled_by=("plant_enabled",),
    set_both=lambda ems, idx, slot: ems.set_ems_export_slot(idx, slot),
    set_start=lambda ems, idx, at: ems.set_ems_export_slot_start(idx, at),
    set_end=lambda ems, idx, at: ems.set_ems_export_slot_end(idx, at),
    targets=lambda ems: (ems.export_target_1, ems.export_target_2, ems.export_target_3),
    set_target=lambda ems, idx, soc: ems.set_ems_export_target_soc(idx, soc),
)
# fmt: on

type AnySlotKind = SlotKind[Any]
"""A kind of slot of any device."""

SLOT_KINDS: tuple[AnySlotKind, ...] = (
    _CHARGE,
    _DISCHARGE,
    _PAUSE,
    _EMS_CHARGE,
    _EMS_DISCHARGE,
    _EMS_EXPORT,
)

USUAL_SLOTS = 2
"""Slots enabled by default; further ones of a system start disabled."""


def slots_of(plant_device: PlantDevice) -> Iterator[tuple[AnySlotKind, int, tuple[Register, ...]]]:
    """Yield every slot a device may have: its kind, its number, its registers."""
    fields = plant_device.model.register_fields
    for kind in SLOT_KINDS:
        if kind.device_kind == plant_device.kind:
            for idx, name in enumerate(names_of(kind.slots), 1):
                yield kind, idx, fields[name].registers


def raise_for_seconds(at: time) -> None:
    """Raise ServiceValidationError for seconds, which no device keeps."""
    if at.second or at.microsecond:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="slot_has_seconds",
            translation_placeholders={"time": at.isoformat("seconds")},
        )
