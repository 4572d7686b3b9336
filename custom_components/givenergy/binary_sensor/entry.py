"""Binary sensors that depend on more than the fields of one device."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from homeassistant.const import EntityCategory
from homeassistant.util import dt as dt_util

from ..compat import BinarySensorDeviceClass
from ..devices import PlantDevice
from ..event import battery_losses, has_batteries
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.register_model import RegisterModel
from ..issues import clock_drift
from ..runtime import GivEnergyConfigEntry
from ..scope import EntityScope
from ..slots import SLOT_KINDS, AnySlotKind
from .row import GivEnergyBinarySensorDescription


@dataclass(frozen=True, kw_only=True)
class EntryBinarySensorDescription(GivEnergyBinarySensorDescription[RegisterModel]):
    """A binary sensor as one row whose state depends on more than one device's registers."""

    entry_value_fn: Callable[[GivEnergyConfigEntry, PlantDevice], bool | None]
    every_minute: bool = False
    """Whether the state may change between polls."""


def entry_binary_sensors(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[EntryBinarySensorDescription]:
    """Describe the binary sensors of one device that depend on more than its fields."""
    if plant_device.parent is None:
        yield EntryBinarySensorDescription(
            key="connected",
            translation_key="connected",
            entry_value_fn=lambda entry, _: entry.runtime_data.client.connected,
            device_class=BinarySensorDeviceClass.CONNECTIVITY,
            entity_category=EntityCategory.DIAGNOSTIC,
        )
        if has_batteries(capabilities):
            yield EntryBinarySensorDescription(
                key="battery_link",
                translation_key="battery_link",
                entry_value_fn=_batteries_respond,
                device_class=BinarySensorDeviceClass.CONNECTIVITY,
                entity_category=EntityCategory.DIAGNOSTIC,
            )
    scope = EntityScope.of(capabilities)
    for kind in SLOT_KINDS:
        indexes, switches = kind.indexes(plant_device, scope), kind.switches(plant_device.model)
        # A pause has a mode besides its slot, and the mode's select shows it.
        if not indexes or any(switch.kind is not bool for switch in switches):
            continue
        fields = plant_device.model.register_fields
        slots = (fields[kind.name(idx)] for idx in indexes)
        yield EntryBinarySensorDescription(
            key=f"{kind.key}_slot_active",
            translation_key=f"{kind.key}_slot_active",
            entry_value_fn=_in_slot(kind, indexes),
            reads=tuple(register for field in (*switches, *slots) for register in field.registers),
            every_minute=True,
        )


def _batteries_respond(entry: GivEnergyConfigEntry, root: PlantDevice) -> bool | None:
    losses = battery_losses(entry, root)
    return None if losses is None else not any(losses.values())


def _in_slot(
    kind: AnySlotKind, indexes: list[int]
) -> Callable[[GivEnergyConfigEntry, PlantDevice], bool | None]:
    """Return a function for whether the inverter's clock is in an enabled slot."""

    def entry_value_fn(entry: GivEnergyConfigEntry, plant_device: PlantDevice) -> bool | None:
        device = plant_device.find(entry.runtime_data.client.plant)
        enabled = None if device is None else kind.is_enabled(device)
        if not enabled:
            return enabled
        now = (dt_util.now() + (clock_drift(entry) or timedelta())).time()
        return any(now in slot for idx in indexes if (slot := kind.read(device, idx)) is not None)

    return entry_value_fn
