"""Actions that set slots, targets and modes."""

from collections.abc import Callable, Mapping
from datetime import time

import voluptuous as vol
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType

from ..const import DOMAIN
from ..devices import PlantDevice
from ..entity import capabilities_of
from ..errors import translated_errors
from ..givenergy_modbus.model import TimeSlot
from ..givenergy_modbus.model.register_model import Requests
from ..runtime import GivEnergyConfigEntry
from ..scope import EntityScope
from ..slots import SLOT_KINDS, AnySlotKind, raise_for_seconds
from ..windows.keeper import MOST_WINDOWS
from ..windows.kept import Window
from .control import Permission
from .schedule import check_schedule, spell_kept, spell_window
from .targets import Action, entry_of, send, written

ATTR_ENABLED = "enabled"
ATTR_END = "end"
ATTR_END_2 = "end_2"
ATTR_EXPORT = "export"
ATTR_INDEX = "index"
ATTR_KIND = "kind"
ATTR_SLOTS = "slots"
ATTR_SOC = "soc"
ATTR_START = "start"
ATTR_START_2 = "start_2"
ATTR_TARGET_SOC = "target_soc"

_SLOT_KINDS = {kind.key: kind for kind in SLOT_KINDS}
_EMS_KINDS = {"charge": "ems_charge", "discharge": "ems_discharge", "export": "ems_export"}
_PERCENT = vol.All(vol.Coerce(int), vol.Range(min=0, max=100))
_TIMES = {vol.Required(ATTR_START): cv.time, vol.Required(ATTR_END): cv.time}
_INDEX = {vol.Required(ATTR_INDEX): cv.positive_int}
_TARGET = {vol.Optional(ATTR_TARGET_SOC): _PERCENT}
_KIND = {vol.Required(ATTR_KIND): vol.In(_SLOT_KINDS)}


def slot_from(data: Mapping[str, object], start: str = ATTR_START, end: str = ATTR_END) -> TimeSlot:
    """Return the slot between two times; midnight to midnight is a cleared one.

    Raises ServiceValidationError for seconds, which the inverter does not keep, and for a
    slot that ends when it starts.
    """
    begins, ends = data[start], data[end]
    assert isinstance(begins, time)
    assert isinstance(ends, time)
    for at in (begins, ends):
        raise_for_seconds(at)
    if begins == ends != time():
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="slot_without_length",
            translation_placeholders={"time": begins.isoformat("minutes")},
        )
    return TimeSlot(begins, ends)


def slot_device(entry: GivEnergyConfigEntry, kind: AnySlotKind) -> tuple[PlantDevice, list[int]]:
    """Return the device that has slots of a kind, and their numbers."""
    scope = EntityScope.of(capabilities_of(entry))
    for plant_device in entry.runtime_data.plant_devices:
        if indexes := kind.indexes(plant_device, scope):
            return plant_device, indexes
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_such_slots",
        translation_placeholders={"kind": entry.runtime_data.writer.names.slot_kind(kind.key)},
    )


def slot_command(
    entry: GivEnergyConfigEntry,
    kind: AnySlotKind,
    idx: int,
    window: TimeSlot | None,
    soc: int | None,
) -> Callable[[], Requests]:
    """Return a command that sets a whole slot, and its target if one is given."""
    plant_device, indexes = slot_device(entry, kind)
    if idx not in indexes:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_such_slot",
            translation_placeholders={
                "kind": entry.runtime_data.writer.names.slot_kind(kind.key),
                "index": str(idx),
                "last": str(indexes[-1]),
            },
        )
    if soc is not None and kind.set_target is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target")
    device = plant_device.find(entry.runtime_data.client.plant)

    def command() -> Requests:
        requests = kind.set_both(device, idx, window)
        if soc is not None and kind.set_target is not None:
            requests = [*requests, *kind.set_target(device, idx, soc)]
        return requests

    return command


async def _set_slot(call: ServiceCall, key: str) -> ServiceResponse:
    entry = entry_of(call.hass, call)
    command = slot_command(
        entry,
        _SLOT_KINDS[key],
        call.data.get(ATTR_INDEX, 1),
        slot_from(call.data),
        call.data.get(ATTR_TARGET_SOC),
    )
    return await send(entry, command)


async def set_charge_slot(call: ServiceCall) -> ServiceResponse:
    """Set start, end and target of one charge slot together."""
    return await _set_slot(call, "charge")


async def set_discharge_slot(call: ServiceCall) -> ServiceResponse:
    """Set start, end and target of one discharge slot together."""
    return await _set_slot(call, "discharge")


async def set_pause_slot(call: ServiceCall) -> ServiceResponse:
    """Set start and end of the pause slot."""
    return await _set_slot(call, "pause")


async def set_ems_slot(call: ServiceCall) -> ServiceResponse:
    """Set start, end and target of one EMS slot together."""
    return await _set_slot(call, _EMS_KINDS[call.data[ATTR_KIND]])


async def clear_slot(call: ServiceCall) -> ServiceResponse:
    """Clear one slot of any kind."""
    entry = entry_of(call.hass, call)
    kind = _SLOT_KINDS[call.data[ATTR_KIND]]
    return await send(entry, slot_command(entry, kind, call.data[ATTR_INDEX], None, None))


async def set_charge_target(call: ServiceCall) -> ServiceResponse:
    """Set the charge target and whether charging stops at it; charging itself is left alone."""
    soc: int | None = call.data.get(ATTR_SOC)
    enabled: bool | None = call.data.get(ATTR_ENABLED)
    if soc is None and enabled is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="nothing_to_set")
    entry = entry_of(call.hass, call)
    inverter = entry.runtime_data.client.plant.inverter
    if enabled is False or (soc == 100 and not enabled):
        return await send(entry, inverter.disable_charge_target)
    if soc is None:
        return await send(entry, inverter.set_enable_charge_target, True)

    def command() -> Requests:
        return [
            *inverter.set_charge_target_soc(soc),
            *inverter.set_enable_charge_target(True),
        ]

    return await send(entry, command)


async def set_schedule(call: ServiceCall) -> ServiceResponse:
    """Set all slots of a kind at once; those not named are cleared.

    More windows than slots are kept, and written in turn.
    """
    entry = entry_of(call.hass, call)
    kind = _SLOT_KINDS[call.data[ATTR_KIND]]
    _, indexes = slot_device(entry, kind)
    windows = [
        Window(slot_from(window), window.get(ATTR_TARGET_SOC)) for window in call.data[ATTR_SLOTS]
    ]
    check_schedule([window.slot for window in windows], max(MOST_WINDOWS, len(indexes)))
    schedules = entry.runtime_data.schedules
    if len(windows) > len(indexes):
        with translated_errors(entry.runtime_data.writer.names):
            for window in windows:
                slot_command(entry, kind, indexes[0], window.slot, window.target)()
        return written(await schedules.keep(kind.key, windows))
    wanted = [(window.slot, window.target) for window in windows]
    cleared = [(None, None)] * (len(indexes) - len(windows))
    built = [
        slot_command(entry, kind, idx, slot, target)
        for idx, (slot, target) in zip(indexes, [*wanted, *cleared], strict=True)
    ]
    with translated_errors(entry.runtime_data.writer.names):
        requests = [request for command in built for request in command()]
    entry.runtime_data.writer.raise_if_read_only()
    await schedules.forget(kind.key)
    return await send(entry, lambda: requests)


async def get_schedule(call: ServiceCall) -> ServiceResponse:
    """Return every slot of the system as last read, or the whole schedule that is kept."""
    entry = entry_of(call.hass, call)
    plant, scope = entry.runtime_data.client.plant, EntityScope.of(capabilities_of(entry))
    schedules = entry.runtime_data.schedules
    response: dict[str, JsonValueType] = {}
    for plant_device in entry.runtime_data.plant_devices:
        for kind in SLOT_KINDS:
            indexes = kind.indexes(plant_device, scope)
            if indexes and (schedule := schedules.kept(kind.key)) is not None:
                response[kind.key] = [*spell_kept(schedule, schedules.slots_of(kind.key))]
            elif indexes:
                device = plant_device.find(plant)
                response[kind.key] = [spell_window(kind, device, idx) for idx in indexes]
    return response


async def set_mode_storage(call: ServiceCall) -> ServiceResponse:
    """Set one or two discharge slots, serving the house or exporting."""
    entry = entry_of(call.hass, call)
    inverter = entry.runtime_data.client.plant.inverter
    second = None
    if ATTR_START_2 in call.data:
        second = slot_from(call.data, ATTR_START_2, ATTR_END_2)
    return await send(
        entry,
        inverter.set_mode_storage,
        slot_from(call.data),
        second,
        call.data[ATTR_EXPORT],
    )


ACTIONS = (
    Action(set_charge_slot, {**_INDEX, **_TIMES, **_TARGET}),
    Action(set_discharge_slot, {**_INDEX, **_TIMES, **_TARGET}),
    Action(set_pause_slot, {**_TIMES}),
    Action(
        set_ems_slot, {vol.Required(ATTR_KIND): vol.In(_EMS_KINDS), **_INDEX, **_TIMES, **_TARGET}
    ),
    Action(clear_slot, {**_KIND, vol.Optional(ATTR_INDEX, default=1): cv.positive_int}),
    Action(
        set_charge_target,
        {vol.Optional(ATTR_SOC): _PERCENT, vol.Optional(ATTR_ENABLED): cv.boolean},
    ),
    Action(set_schedule, {**_KIND, vol.Required(ATTR_SLOTS): [vol.Schema({**_TIMES, **_TARGET})]}),
    Action(get_schedule, {}, SupportsResponse.ONLY, Permission.READ),
    Action(
        set_mode_storage,
        {
            **_TIMES,
            vol.Inclusive(ATTR_START_2, "second"): cv.time,
            vol.Inclusive(ATTR_END_2, "second"): cv.time,
            vol.Optional(ATTR_EXPORT, default=False): cv.boolean,
        },
    ),
)
