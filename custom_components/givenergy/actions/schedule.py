"""Whole schedules: validation and plain values."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..givenergy_modbus.model import TimeSlot
from ..givenergy_modbus.model.register_model import RegisterModel
from ..slots import SlotKind
from ..time_of_day import stretches
from ..windows.kept import KeptSchedule


def check_schedule(windows: Sequence[TimeSlot], most: int) -> None:
    """Raise ServiceValidationError unless the windows fit the plant and do not overlap."""
    if len(windows) > most:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="too_many_slots",
            translation_placeholders={"asked": str(len(windows)), "most": str(most)},
        )
    busy = sorted(stretch for window in windows for stretch in stretches(window))
    for (_, ends), (starts, _) in pairwise(busy):
        if starts < ends:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="slots_overlap",
                translation_placeholders={"time": f"{starts // 60:02d}:{starts % 60:02d}"},
            )


def spell_window[DeviceT: RegisterModel](
    kind: SlotKind[DeviceT], device: DeviceT, idx: int
) -> dict[str, Any]:
    """Return one window as plain values; start and end are None while it is unset."""
    window = kind.read(device, idx)
    fields: dict[str, Any] = {
        "index": idx,
        "start": None if window is None else window.start.isoformat("minutes"),
        "end": None if window is None else window.end.isoformat("minutes"),
    }
    target = kind.read_target(device, idx)
    return fields if target is None else {**fields, "target_soc": target}


def spell_kept(schedule: KeptSchedule, slots: Mapping[int, int]) -> list[dict[str, Any]]:
    """Return every window of a schedule that is kept, and the slot it is in now, if any."""
    return [
        {
            "index": number + 1,
            "start": window.slot.start.isoformat("minutes"),
            "end": window.slot.end.isoformat("minutes"),
            **({} if window.target is None else {"target_soc": window.target}),
            "slot": slots.get(number),
        }
        for number, window in enumerate(schedule.windows)
    ]
