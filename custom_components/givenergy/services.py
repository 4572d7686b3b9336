"""The actions a GivEnergy plant offers, whether or not one is loaded."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import voluptuous as vol
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_get_device_and_config_entry,
)
from homeassistant.util import dt as dt_util

from .button import minute_is_safe
from .captures import async_capture
from .const import DOMAIN
from .coordinator import GivEnergyConfigEntry
from .devices import Part
from .entity import Reach, layout_of
from .givenergy_modbus.model import TimeSlot
from .givenergy_modbus.model.register_model import Requests
from .layout import async_rescan
from .schedule import check_schedule, spell_window
from .slots import SLOT_KINDS, SlotKind

ATTR_DURATION = "duration"
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
ATTR_TIME = "time"

_KINDS = {kind.key: kind for kind in SLOT_KINDS}
_PERCENT = vol.All(vol.Coerce(int), vol.Range(min=0, max=100))
_PLANT = {
    vol.Exclusive(ATTR_DEVICE_ID, "plant"): cv.string,
    vol.Exclusive(ATTR_CONFIG_ENTRY_ID, "plant"): cv.string,
}
_WINDOW = {vol.Required(ATTR_START): cv.time, vol.Required(ATTR_END): cv.time}
_INDEX = {vol.Required(ATTR_INDEX): cv.positive_int}
_TARGET = {vol.Optional(ATTR_TARGET_SOC): _PERCENT}
_KIND = {vol.Required(ATTR_KIND): vol.In(_KINDS)}
_EMS_KINDS = {"charge": "ems_charge", "discharge": "ems_discharge", "export": "ems_export"}


def plant_of(hass: HomeAssistant, call: ServiceCall) -> GivEnergyConfigEntry:
    """Return the plant an action is meant for: by device, by entry, or the only one there is."""
    entry: GivEnergyConfigEntry
    if (device_id := call.data.get(ATTR_DEVICE_ID)) is not None:
        _, entry = async_get_device_and_config_entry(hass, DOMAIN, device_id)
    else:
        entry = async_get_config_entry(hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID))
    return entry


def _holder(entry: GivEnergyConfigEntry, kind: SlotKind) -> tuple[Part, list[int]]:
    """Return the device that keeps windows of a kind, and which of them it has."""
    reach = Reach.of(layout_of(entry))
    for part in entry.runtime_data.parts:
        if indexes := kind.indexes(part, reach):
            return part, indexes
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_such_slots",
        translation_placeholders={"kind": entry.runtime_data.writer.names.slot_kind(kind.key)},
    )


def _window_writes(
    entry: GivEnergyConfigEntry, kind: SlotKind, idx: int, window: TimeSlot | None, soc: int | None
) -> Callable[[], Requests]:
    """Return a command that sets a whole window, and its own target if one is given."""
    part, indexes = _holder(entry, kind)
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
    device = part.find(entry.runtime_data.client.plant)

    def command() -> Requests:
        requests = kind.set_both(device, idx, window)
        if soc is not None and kind.set_target is not None:
            requests = [*requests, *kind.set_target(device, idx, soc)]
        return requests

    return command


async def _send[**P](
    entry: GivEnergyConfigEntry, command: Callable[P, Requests], *args: P.args, **kwargs: P.kwargs
) -> ServiceResponse:
    """Send a command, and return what of it was written and what was so already."""
    report = await entry.runtime_data.writer.send(command, *args, **kwargs)
    return {
        "written": [it._asdict() for it in report.written],
        "unchanged": [it._asdict() for it in report.skipped],
    }


async def _set_window(call: ServiceCall, key: str) -> ServiceResponse:
    entry = plant_of(call.hass, call)
    command = _window_writes(
        entry,
        _KINDS[key],
        call.data.get(ATTR_INDEX, 1),
        TimeSlot(call.data[ATTR_START], call.data[ATTR_END]),
        call.data.get(ATTR_TARGET_SOC),
    )
    return await _send(entry, command)


async def set_charge_slot(call: ServiceCall) -> ServiceResponse:
    """Set start, end and target of one charge window together."""
    return await _set_window(call, "charge")


async def set_discharge_slot(call: ServiceCall) -> ServiceResponse:
    """Set start, end and target of one discharge window together."""
    return await _set_window(call, "discharge")


async def set_pause_slot(call: ServiceCall) -> ServiceResponse:
    """Set start and end of the window in which the battery pauses."""
    return await _set_window(call, "pause")


async def set_ems_slot(call: ServiceCall) -> ServiceResponse:
    """Set start, end and target of one of the controller's windows together."""
    return await _set_window(call, _EMS_KINDS[call.data[ATTR_KIND]])


async def clear_slot(call: ServiceCall) -> ServiceResponse:
    """Clear one window of any kind."""
    entry = plant_of(call.hass, call)
    kind = _KINDS[call.data[ATTR_KIND]]
    return await _send(entry, _window_writes(entry, kind, call.data[ATTR_INDEX], None, None))


async def set_charge_target(call: ServiceCall) -> ServiceResponse:
    """Charge to a state of charge and stop there, or lift the limit."""
    entry = plant_of(call.hass, call)
    inverter = entry.runtime_data.client.plant.inverter
    soc = call.data.get(ATTR_SOC, 100)
    if call.data[ATTR_ENABLED] and soc < 100:
        return await _send(entry, inverter.set_charge_target_enabled, soc)
    return await _send(entry, inverter.disable_charge_target)


async def set_schedule(call: ServiceCall) -> ServiceResponse:
    """Set all windows of a kind in one go; the ones not named are cleared."""
    entry = plant_of(call.hass, call)
    kind = _KINDS[call.data[ATTR_KIND]]
    _, indexes = _holder(entry, kind)
    wanted: list[tuple[TimeSlot | None, int | None]] = [
        (TimeSlot(it[ATTR_START], it[ATTR_END]), it.get(ATTR_TARGET_SOC))
        for it in call.data[ATTR_SLOTS]
    ]
    check_schedule([window for window, _ in wanted if window is not None], len(indexes))
    wanted += [(None, None)] * (len(indexes) - len(wanted))
    built = [
        _window_writes(entry, kind, idx, window, soc)
        for idx, (window, soc) in zip(indexes, wanted, strict=True)
    ]
    return await _send(entry, lambda: [it for command in built for it in command()])


async def get_schedule(call: ServiceCall) -> ServiceResponse:
    """Return every window the plant has, as it stands."""
    entry = plant_of(call.hass, call)
    plant, reach = entry.runtime_data.client.plant, Reach.of(layout_of(entry))
    return {
        kind.key: [spell_window(kind, part.find(plant), idx) for idx in indexes]
        for part in entry.runtime_data.parts
        for kind in SLOT_KINDS
        if (indexes := kind.indexes(part, reach))
    }


async def set_mode_storage(call: ServiceCall) -> ServiceResponse:
    """Discharge in one or two windows, to the house or to the grid."""
    entry = plant_of(call.hass, call)
    inverter = entry.runtime_data.client.plant.inverter
    second = None
    if ATTR_START_2 in call.data:
        second = TimeSlot(call.data[ATTR_START_2], call.data[ATTR_END_2])
    return await _send(
        entry,
        inverter.set_mode_storage,
        TimeSlot(call.data[ATTR_START], call.data[ATTR_END]),
        second,
        call.data[ATTR_EXPORT],
    )


async def set_system_time(call: ServiceCall) -> ServiceResponse:
    """Set the inverter's clock, to Home Assistant's unless told otherwise."""
    entry = plant_of(call.hass, call)
    inverter = entry.runtime_data.client.plant.inverter
    at: datetime | None = call.data.get(ATTR_TIME)
    if at is not None:
        return await _send(entry, inverter.set_system_date_time, at)
    await minute_is_safe()
    return await _send(entry, lambda: inverter.set_system_date_time(dt_util.now()))


async def capture_frames(call: ServiceCall) -> ServiceResponse:
    """Record redacted frames for a while, and return where to fetch them."""
    entry = plant_of(call.hass, call)
    return await async_capture(call.hass, entry, call.data[ATTR_DURATION])


async def rescan_devices(call: ServiceCall) -> ServiceResponse:
    """Look for hardware that was added, and take it up."""
    entry = plant_of(call.hass, call)
    return {"found": [*await async_rescan(call.hass, entry)]}


type Handler = Callable[[ServiceCall], Coroutine[Any, Any, Any]]

_ACTIONS: tuple[tuple[Handler, dict[Any, Any], SupportsResponse], ...] = (
    (set_charge_slot, {**_INDEX, **_WINDOW, **_TARGET}, SupportsResponse.OPTIONAL),
    (set_discharge_slot, {**_INDEX, **_WINDOW, **_TARGET}, SupportsResponse.OPTIONAL),
    (set_pause_slot, {**_WINDOW}, SupportsResponse.OPTIONAL),
    (
        set_ems_slot,
        {vol.Required(ATTR_KIND): vol.In(_EMS_KINDS), **_INDEX, **_WINDOW, **_TARGET},
        SupportsResponse.OPTIONAL,
    ),
    (
        clear_slot,
        {**_KIND, vol.Optional(ATTR_INDEX, default=1): cv.positive_int},
        SupportsResponse.OPTIONAL,
    ),
    (
        set_charge_target,
        {vol.Optional(ATTR_SOC): _PERCENT, vol.Optional(ATTR_ENABLED, default=True): cv.boolean},
        SupportsResponse.OPTIONAL,
    ),
    (
        set_schedule,
        {**_KIND, vol.Required(ATTR_SLOTS): [vol.Schema({**_WINDOW, **_TARGET})]},
        SupportsResponse.OPTIONAL,
    ),
    (get_schedule, {}, SupportsResponse.ONLY),
    (
        set_mode_storage,
        {
            **_WINDOW,
            vol.Inclusive(ATTR_START_2, "second"): cv.time,
            vol.Inclusive(ATTR_END_2, "second"): cv.time,
            vol.Optional(ATTR_EXPORT, default=False): cv.boolean,
        },
        SupportsResponse.OPTIONAL,
    ),
    (set_system_time, {vol.Optional(ATTR_TIME): cv.datetime}, SupportsResponse.OPTIONAL),
    (
        capture_frames,
        {
            vol.Optional(ATTR_DURATION, default=60): vol.All(
                vol.Coerce(int), vol.Range(min=5, max=600)
            )
        },
        SupportsResponse.ONLY,
    ),
    (rescan_devices, {}, SupportsResponse.OPTIONAL),
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register every action under its function's name."""
    for handler, fields, response in _ACTIONS:
        hass.services.async_register(
            DOMAIN,
            handler.__name__,
            handler,
            schema=vol.Schema({**_PLANT, **fields}),
            supports_response=response,
        )
