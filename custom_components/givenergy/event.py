"""What happens to a GivEnergy plant, as events automations can wait for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import GivEnergyConfigEntry
from .devices import Part
from .entity import GivEnergyDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.write_surface import write_surface

PARALLEL_UPDATES = 0

_BATTERIES = ("lv_battery", "hv_module", "aio_module")
_GRID_IS_GONE_BELOW = 50.0
"""Volts on every phase."""

type Happening = tuple[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class GivEnergyEventDescription(GivEnergyDescription[Any], EventEntityDescription):
    """A kind of event as one row: what to look at, and what a change of it means."""

    look: Callable[[GivEnergyConfigEntry, Part], Any]
    """Return the present state of affairs, None while it cannot be known."""
    tell: Callable[[Any, Any], Iterator[Happening]]


def _lost_batteries(entry: GivEnergyConfigEntry, root: Part) -> frozenset[str] | None:
    data = entry.runtime_data
    if data.coordinator.availability.nothing_left:
        return None
    lost = {read.device_address for read in data.coordinator.availability.lost}
    return frozenset(
        f"{part.number}"
        for part in data.parts
        if part.kind.key in _BATTERIES and part.address in lost
    )


def _faults(entry: GivEnergyConfigEntry, root: Part) -> frozenset[str] | None:
    device = root.find(entry.runtime_data.client.plant)
    found: set[str] = set()
    for name in message_fields(root.model):
        said = getattr(device, name, None)
        if said is not None:
            found.update(said)
    return frozenset(found)


def message_fields(model: Any) -> list[str]:
    """Return the values of a device that are texts of faults and warnings."""
    return [name for name, reading in model.readings.items() if reading.kind == tuple[str, ...]]


def _grid_voltages(root: Part) -> list[str]:
    readings = root.model.readings
    return [name for name in ("v_ac1", "v_ac2", "v_ac3", "v_grid") if name in readings]


def _grid_there(entry: GivEnergyConfigEntry, root: Part) -> bool | None:
    device = root.find(entry.runtime_data.client.plant)
    volts = [getattr(device, name, None) for name in _grid_voltages(root)]
    known = [it for it in volts if it is not None]
    return any(it >= _GRID_IS_GONE_BELOW for it in known) if known else None


def _settings(entry: GivEnergyConfigEntry, root: Part) -> Mapping[str, Any] | None:
    """Return every lasting setting, as far as it is known."""
    plant = entry.runtime_data.client.plant
    assert plant.capabilities is not None
    surface = write_surface(plant.capabilities)
    device = root.find(plant)
    return {
        name: getattr(device, name, None)
        for name, field in root.model.register_fields.items()
        if field.writable is not None
        and field.writable.momentary is None
        and all(register.address in surface for register in field.registers)
    }


def _tell_set(gone: str, came: str, label: str) -> Callable[[Any, Any], Iterator[Happening]]:
    def tell(before: frozenset[str], now: frozenset[str]) -> Iterator[Happening]:
        yield from ((came, {label: it}) for it in sorted(now - before))
        yield from ((gone, {label: it}) for it in sorted(before - now))

    return tell


def _tell_grid(before: bool, now: bool) -> Iterator[Happening]:
    if before is not now:
        yield ("grid_back" if now else "grid_lost"), {}


def _tell_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Happening]:
    for name, value in now.items():
        old = before.get(name)
        if old is not None and value is not None and old != value:
            yield "setting_changed", {"setting": name, "old": _plain(old), "new": _plain(value)}


def _plain(value: Any) -> Any:
    """Return a setting's value as an event can carry it."""
    if hasattr(value, "start"):
        return f"{value.start:%H:%M}-{value.end:%H:%M}"
    return getattr(value, "name", str(value)).lower() if not isinstance(value, int) else int(value)


# fmt: off
def events(part: Part, capabilities: PlantCapabilities) -> Iterator[GivEnergyEventDescription]:
    """Describe the events of a plant, which belong to its first device."""
    if part.parent is not None:
        return
    if any(capabilities.addresses(row.kind) for row in capabilities.peripherals):
        yield GivEnergyEventDescription(
            key="battery_link", translation_key="battery_link",
            event_types=["battery_lost", "battery_found"],
            look=_lost_batteries, tell=_tell_set("battery_found", "battery_lost", "battery"),
        )
    yield GivEnergyEventDescription(
        key="fault", translation_key="fault", event_types=["fault_appeared", "fault_cleared"],
        look=_faults, tell=_tell_set("fault_cleared", "fault_appeared", "message"),
    )
    if _grid_voltages(part):
        yield GivEnergyEventDescription(
            key="grid", translation_key="grid", event_types=["grid_lost", "grid_back"],
            look=_grid_there, tell=_tell_grid,
        )
    if write_surface(capabilities):
        yield GivEnergyEventDescription(
            key="setting", translation_key="setting", event_types=["setting_changed"],
            look=_settings, tell=_tell_settings,
        )
# fmt: on


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of a plant."""
    async_add_entities(entities_of(entry, events, GivEnergyEvent))


class GivEnergyEvent(GivEnergyEntity[Any], EventEntity):
    """Tells of one kind of happening."""

    entity_description: GivEnergyEventDescription

    def __init__(
        self, entry: GivEnergyConfigEntry, part: Part, description: GivEnergyEventDescription
    ) -> None:
        """Look once, so that the first poll tells nothing."""
        super().__init__(entry, part, description)
        self._entry = entry
        self._seen = description.look(entry, part)

    @property
    @override
    def available(self) -> bool:
        """Always: what has happened stays true while the plant is away."""
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        now = self.entity_description.look(self._entry, self.part)
        before = self._seen
        if now is None:
            return
        self._seen = now
        if before is None:
            return
        for kind, attributes in self.entity_description.tell(before, now):
            self._trigger_event(kind, attributes)
            self.async_write_ha_state()
