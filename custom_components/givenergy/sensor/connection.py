"""How the link to a plant is doing, as sensors of the plant's first device."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.util import dt as dt_util

from ..devices import PlantDevice
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.inverter import SinglePhaseInverter
from ..issues import clock_drift
from ..runtime import GivEnergyConfigEntry
from .description import GivEnergySensor, GivEnergySensorDescription

_CLOCK = SinglePhaseInverter.register_fields["system_time"].registers


@dataclass(frozen=True, kw_only=True)
class ConnectionSensorDescription(GivEnergySensorDescription[Any]):
    """A sensor as one row that looks at the plant as a whole."""

    entry_value_fn: Callable[[GivEnergyConfigEntry], Any]
    entry_attributes_fn: Callable[[GivEnergyConfigEntry], Mapping[str, Any]] | None = None
    """What else to say, as attributes."""


def _drift(entry: GivEnergyConfigEntry) -> int | None:
    drift = clock_drift(entry)
    return None if drift is None else round(drift.total_seconds())


def _inverter_time(entry: GivEnergyConfigEntry) -> datetime | None:
    shown = entry.runtime_data.client.plant.inverter.system_time
    return None if shown is None else shown.replace(tzinfo=dt_util.get_default_time_zone())


def _last_reading(entry: GivEnergyConfigEntry) -> datetime | None:
    at = entry.runtime_data.client.plant.last_updated_at
    return None if at is None else at.replace(microsecond=0)


def _count(name: str) -> Callable[[GivEnergyConfigEntry], int]:
    """Return a function that adds up one of the library's counters over all devices."""
    return lambda entry: sum(getattr(entry.runtime_data.client.plant, name).values())


def _dropped(entry: GivEnergyConfigEntry) -> dict[str, int]:
    dropped = entry.runtime_data.client.plant.dropped
    return {reason.name.lower(): count for reason, count in sorted(dropped.items())}


def _missed(entry: GivEnergyConfigEntry) -> dict[str, list[str]]:
    missed = entry.runtime_data.coordinator.data.missed
    return {"blocks": sorted(str(read) for read in missed)}


def _row(
    key: str, entry_value_fn: Callable[[GivEnergyConfigEntry], Any], **special: Any
) -> ConnectionSensorDescription:
    return ConnectionSensorDescription(
        key=key,
        translation_key=key,
        entry_value_fn=entry_value_fn,
        entity_category=EntityCategory.DIAGNOSTIC,
        **special,
    )


# fmt: off
_HIDDEN = {"entity_registry_enabled_default": False}
_COUNTER = {"state_class": SensorStateClass.TOTAL_INCREASING}
_ROWS = (
    _row(
        "clock_drift", _drift, reads=_CLOCK,
        device_class=SensorDeviceClass.DURATION, state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS, suggested_display_precision=0,
    ),
    _row(
        "system_time", _inverter_time, reads=_CLOCK,
        device_class=SensorDeviceClass.TIMESTAMP, **_HIDDEN,
    ),
    _row("writes_today", lambda entry: entry.runtime_data.store.writes_today, **_COUNTER),
    _row(
        "writes_total", lambda entry: entry.runtime_data.store.memory.writes_total,
        **_COUNTER, **_HIDDEN,
    ),
    _row(
        "failed_reads", lambda entry: len(entry.runtime_data.coordinator.data.missed),
        entry_attributes_fn=_missed, state_class=SensorStateClass.MEASUREMENT,
    ),
    _row(
        "last_reading", _last_reading,
        device_class=SensorDeviceClass.TIMESTAMP, **_HIDDEN,
    ),
    _row(
        "poll_duration", lambda entry: entry.runtime_data.coordinator.data.seconds,
        device_class=SensorDeviceClass.DURATION, state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS, suggested_display_precision=1, **_HIDDEN,
    ),
    _row(
        "connections", lambda entry: entry.runtime_data.client.connections,
        **_COUNTER, **_HIDDEN,
    ),
    _row(
        "rejected_readings", lambda entry: sum(entry.runtime_data.client.plant.dropped.values()),
        entry_attributes_fn=_dropped, **_COUNTER, **_HIDDEN,
    ),
    _row("crc_errors", _count("crc_failure_count"), **_COUNTER, **_HIDDEN),
    _row("retries", _count("retry_count"), **_COUNTER, **_HIDDEN),
    _row("spliced_responses", _count("splice_reject_count"), **_COUNTER, **_HIDDEN),
    _row("held_responses", _count("splice_held_count"), **_COUNTER, **_HIDDEN),
    _row("cold_start_responses", _count("cold_start_held_count"), **_COUNTER, **_HIDDEN),
)
# fmt: on


def connection_sensors(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[ConnectionSensorDescription]:
    """Describe the sensors of the link, which belong to the plant's first device."""
    if plant_device.parent is None:
        yield from _ROWS


class ConnectionSensor(GivEnergySensor[Any]):
    """A sensor that looks at the plant as a whole."""

    entity_description: ConnectionSensorDescription

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        plant_device: PlantDevice,
        description: ConnectionSensorDescription,
    ) -> None:
        """Remember which plant."""
        super().__init__(entry, plant_device, description)
        self._entry = entry

    @property
    @override
    def device_value(self) -> Any:
        return self.entity_description.entry_value_fn(self._entry)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        entry_attributes_fn = self.entity_description.entry_attributes_fn
        return None if entry_attributes_fn is None else dict(entry_attributes_fn(self._entry))
