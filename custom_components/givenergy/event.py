"""What happens to a GivEnergy plant, as events automations can wait for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import GivEnergyCoordinator
from .devices import INVERTERS, PlantDevice
from .entity import GivEnergyDescription, GivEnergyEntity, add_entities_of
from .givenergy_modbus.model.allowlist import writable_registers
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.device_kinds import DeviceKind
from .givenergy_modbus.model.devices.gateway import Gateway
from .givenergy_modbus.model.inverter import SinglePhaseInverter
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.pace import is_watched
from .givenergy_modbus.model.plan import Read
from .givenergy_modbus.model.register import HR, Register
from .givenergy_modbus.model.register_cache import RegisterCache
from .givenergy_modbus.model.register_model import RegisterModel
from .overrides.history import ENDED, STARTED, Happening
from .runtime import GivEnergyConfigEntry
from .setting_names import to_json_value
from .texts import message_key
from .writer import Writer

PARALLEL_UPDATES = 0

_BATTERIES = (DeviceKind.LV_BATTERY, DeviceKind.HV_MODULE, DeviceKind.AIO_MODULE)
_GRID_IS_GONE_BELOW = 50.0
"""Volts on every phase."""

EVENT_TYPES: Mapping[str, tuple[str, ...]] = {
    "battery_link": ("battery_lost", "battery_found"),
    "fault": ("fault_appeared", "fault_cleared"),
    "grid": ("grid_lost", "grid_restored"),
    "setting": ("setting_changed",),
    "override": (STARTED, ENDED),
}
"""The types of events that each event entity fires, by its key."""

type EventData = tuple[str, dict[str, object]]


class Setting(NamedTuple):
    """A setting as last read: its registers, and the value they hold."""

    words: Mapping[Register, int]
    value: object


@dataclass(frozen=True, kw_only=True)
class GivEnergyEventDescription[SnapshotT](
    GivEnergyDescription[RegisterModel, object], EventEntityDescription
):
    """A kind of event as one row: what is observed, and the events a change of it stands for."""

    snapshot_fn: Callable[[GivEnergyConfigEntry, PlantDevice], SnapshotT | None]
    """Return what is observed, None while it is unknown."""
    diff_fn: Callable[[SnapshotT, SnapshotT, Writer], Iterator[EventData]]
    """Yield the events between two snapshots that differ."""
    initial: SnapshotT | None = None
    """The snapshot to start from; None to take the first one."""
    watches: tuple[Register, ...] = ()
    """The registers of the first device that the snapshot is made of, polled for it.

    None if it is made of something else, so that it has to be looked at on every poll.
    """


def battery_losses(entry: GivEnergyConfigEntry, root: PlantDevice) -> Mapping[int, bool] | None:
    """Return whether each battery is lost while the system responds, by its number."""
    data = entry.runtime_data
    availability = data.coordinator.availability
    if availability.all_lost:
        return None
    return {
        plant_device.number: data.is_lost(plant_device)
        and data.polls_missed(plant_device) >= availability.limit
        for plant_device in data.plant_devices
        if plant_device.kind in _BATTERIES
    }


def _diff_batteries(
    before: Mapping[int, bool], now: Mapping[int, bool], _: Writer
) -> Iterator[EventData]:
    for number, is_lost in sorted(now.items()):
        if is_lost != before.get(number, False):
            yield ("battery_lost" if is_lost else "battery_found"), {"battery": number}


def message_fields(model: type[RegisterModel]) -> list[str]:
    """Return the fields of a device that hold messages of faults and warnings."""
    return [name for name, field in model.all_fields.items() if field.kind == tuple[str, ...]]


def _faults(entry: GivEnergyConfigEntry, root: PlantDevice) -> Mapping[str, frozenset[str]]:
    """Return the messages that stand in each field that has been read."""
    device = root.find(entry.runtime_data.client.plant)
    messages = {name: getattr(device, name, None) for name in message_fields(root.model)}
    return {name: frozenset(texts) for name, texts in messages.items() if texts is not None}


def _diff_faults(
    before: Mapping[str, frozenset[str]], now: Mapping[str, frozenset[str]], writer: Writer
) -> Iterator[EventData]:
    def data(message: str) -> dict[str, object]:
        return {"message": writer.names.message(message), "fault": message_key(message)}

    for name, messages in now.items():
        if name in before:
            for message in sorted(messages - before[name]):
                yield "fault_appeared", data(message)
            for message in sorted(before[name] - messages):
                yield "fault_cleared", data(message)


def grid_voltages(device: RegisterModel | None) -> tuple[float | None, ...]:
    """Return the voltages of the grid's phases that a device measures."""
    if isinstance(device, ThreePhaseInverter):
        return device.v_ac1, device.v_ac2, device.v_ac3
    if isinstance(device, SinglePhaseInverter):
        return (device.v_ac1,)
    return (device.v_grid,) if isinstance(device, Gateway) else ()


def _grid_there(entry: GivEnergyConfigEntry, root: PlantDevice) -> bool | None:
    volts = grid_voltages(root.find(entry.runtime_data.client.plant))
    known = [value for value in volts if value is not None]
    return any(value >= _GRID_IS_GONE_BELOW for value in known) if known else None


def _diff_grid(before: bool, now: bool, _: Writer) -> Iterator[EventData]:
    yield ("grid_restored" if now else "grid_lost"), {}


def _settings(entry: GivEnergyConfigEntry, root: PlantDevice) -> Mapping[str, Setting]:
    """Return every lasting setting that has been read."""
    plant = entry.runtime_data.client.plant
    assert plant.capabilities is not None
    cache = plant.register_caches.get(root.address, RegisterCache())
    found: dict[str, Setting] = {}
    for field in writable_registers(plant.capabilities).values():
        lasts = field.writable is not None and field.writable.momentary is None
        if (
            lasts
            and field.name not in found
            and all(register in cache for register in field.registers)
        ):
            words = {register: cache[register] for register in field.registers}
            found[field.name] = Setting(words, field.read(words))
    return found


def _diff_settings(
    before: Mapping[str, Setting], now: Mapping[str, Setting], writer: Writer
) -> Iterator[EventData]:
    for name, (words, value) in now.items():
        if name not in before or words == before[name].words:
            continue
        changed = words.items() - before[name].words.items()
        ours = [writer.consume_own_write(register, word) for register, word in changed]
        if not all(ours):
            old = before[name].value
            yield (
                "setting_changed",
                {
                    "setting": name,
                    "name": writer.names.name(name),
                    "old": to_json_value(old),
                    "new": to_json_value(value),
                },
            )


def _overrides(entry: GivEnergyConfigEntry, _: PlantDevice) -> tuple[Happening, ...]:
    return entry.runtime_data.overrides.history


def _diff_overrides(
    before: tuple[Happening, ...], now: tuple[Happening, ...], _: Writer
) -> Iterator[EventData]:
    for happening in now:
        if happening not in before:
            yield happening.type, dict(happening.attributes)


def _registers_of(plant_device: PlantDevice, names: Iterable[str]) -> tuple[Register, ...]:
    fields = plant_device.model.all_fields
    return tuple(
        register for name in names if name in fields for register in fields[name].registers
    )


def has_batteries(capabilities: PlantCapabilities) -> bool:
    """Return whether a plant has batteries with electronics that can be asked."""
    return any(capabilities.addresses(kind) for kind in _BATTERIES)


def _events[SnapshotT](
    key: str,
    snapshot_fn: Callable[[GivEnergyConfigEntry, PlantDevice], SnapshotT | None],
    diff_fn: Callable[[SnapshotT, SnapshotT, Writer], Iterator[EventData]],
    *,
    initial: SnapshotT | None = None,
    watches: tuple[Register, ...] = (),
) -> GivEnergyEventDescription[SnapshotT]:
    return GivEnergyEventDescription(
        key=key,
        translation_key=key,
        event_types=list(EVENT_TYPES[key]),
        snapshot_fn=snapshot_fn,
        diff_fn=diff_fn,
        initial=initial,
        watches=watches,
    )


def events(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[GivEnergyEventDescription[Any]]:
    """Describe the events of a plant, which belong to its first device."""
    model = plant_device.model
    if plant_device.parent is not None:
        return
    if has_batteries(capabilities):
        yield _events("battery_link", battery_losses, _diff_batteries, initial={})
    if names := message_fields(model):
        yield _events("fault", _faults, _diff_faults, watches=_registers_of(plant_device, names))
    if issubclass(model, (*INVERTERS, Gateway)):
        volts = _registers_of(plant_device, ("v_ac1", "v_ac2", "v_ac3", "v_grid"))
        yield _events("grid", _grid_there, _diff_grid, watches=volts)
    if settings := writable_registers(capabilities):
        watches = tuple(HR(address) for address in settings)
        yield _events("setting", _settings, _diff_settings, watches=watches)
        yield _events("override", _overrides, _diff_overrides)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of a plant."""
    add_entities_of(entry, async_add_entities, events, GivEnergyEvent)


class GivEnergyEvent[SnapshotT](GivEnergyEntity[RegisterModel, object], EventEntity):
    """Fires the events of one kind."""

    entity_description: GivEnergyEventDescription[SnapshotT]

    @override
    def _blocks(self, coordinator: GivEnergyCoordinator) -> frozenset[Read]:
        return coordinator.blocks_of(self.plant_device.address, self.entity_description.watches)

    @property
    @override
    def _is_watched(self) -> bool:
        return is_watched(self.plant_device.model, self.entity_description.watches)

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        plant_device: PlantDevice,
        description: GivEnergyEventDescription[SnapshotT],
    ) -> None:
        """Take a first snapshot, so that the first poll fires no event."""
        super().__init__(entry, plant_device, description)
        self._interest.every_poll = not description.watches
        self._seen = description.initial
        if self._seen is None:
            self._seen = description.snapshot_fn(entry, plant_device)

    @property
    @override
    def available(self) -> bool:
        """Always: what has happened stays true while the plant is away."""
        return True

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        before, now = (
            self._seen,
            self.entity_description.snapshot_fn(self._entry, self.plant_device),
        )
        if now is None or now == before:
            return
        self._seen = now
        if before is None:
            return
        for kind, attributes in self.entity_description.diff_fn(before, now, self._writer):
            self._trigger_event(kind, attributes)
            self.async_write_ha_state()
