"""The override of a system, as sensors of its first device."""

from collections.abc import Iterator
from datetime import datetime

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.util import dt as dt_util

from ..devices import PlantDevice
from ..givenergy_modbus.model.allowlist import command_class
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..overrides.journal import OverrideJournal
from ..overrides.request import OverrideKind
from ..runtime import GivEnergyConfigEntry
from .connection import ConnectionSensorDescription
from .description import Attributes

NONE = "none"


def _journal(entry: GivEnergyConfigEntry) -> OverrideJournal | None:
    return entry.runtime_data.overrides.journal


def _kind(entry: GivEnergyConfigEntry) -> str:
    journal = _journal(entry)
    return NONE if journal is None else journal.kind.value


def _ends(entry: GivEnergyConfigEntry) -> datetime | None:
    journal = _journal(entry)
    return None if journal is None else journal.until


def _attributes(entry: GivEnergyConfigEntry) -> Attributes:
    journal = _journal(entry)
    return {
        "until": None if journal is None else dt_util.as_local(journal.until).isoformat(),
        "target": None if journal is None else journal.target,
        "started_by": None if journal is None else journal.started_by,
    }


_ROWS = (
    ConnectionSensorDescription(
        key="override",
        translation_key="override",
        device_class=SensorDeviceClass.ENUM,
        options=[NONE, *(kind.value for kind in OverrideKind)],
        entry_value_fn=_kind,
        entry_attributes_fn=_attributes,
    ),
    ConnectionSensorDescription(
        key="override_ends",
        translation_key="override_ends",
        device_class=SensorDeviceClass.TIMESTAMP,
        entry_value_fn=_ends,
    ),
)


def override_sensors(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[ConnectionSensorDescription]:
    """Describe the sensors of the override, where a system can have one."""
    if plant_device.parent is None and command_class(capabilities) is not None:
        yield from _ROWS
