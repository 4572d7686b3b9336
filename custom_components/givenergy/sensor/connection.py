"""How the link to a plant is doing, as sensors of the plant's first device."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfTime
from homeassistant.util import dt as dt_util

from ..devices import PlantDevice
from ..field_names import registers_of
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.inverter import SinglePhaseInverter
from ..givenergy_modbus.model.plant import Plant
from ..givenergy_modbus.model.register import Register
from ..givenergy_modbus.model.register_model import RegisterModel
from ..issues import clock_drift
from ..runtime import GivEnergyConfigEntry
from .description import (
    COUNT,
    DIAGNOSTIC,
    DISABLED,
    Attributes,
    GivEnergySensor,
    GivEnergySensorDescription,
    SensorOverrides,
    SensorValue,
)

_CLOCK = registers_of(SinglePhaseInverter, lambda inverter: inverter.system_time)


@dataclass(frozen=True, kw_only=True)
class ConnectionSensorDescription(GivEnergySensorDescription[RegisterModel]):
    """A sensor as one row that looks at the plant as a whole."""

    entry_value_fn: Callable[[GivEnergyConfigEntry], SensorValue]
    entry_attributes_fn: Callable[[GivEnergyConfigEntry], Attributes] | None = None
    """Returns the attributes."""


def _drift(entry: GivEnergyConfigEntry) -> int | None:
    drift = clock_drift(entry)
    return None if drift is None else round(drift.total_seconds())


def _inverter_time(entry: GivEnergyConfigEntry) -> datetime | None:
    shown = entry.runtime_data.client.plant.inverter.system_time
    return None if shown is None else shown.replace(tzinfo=dt_util.get_default_time_zone())


def _last_reading(entry: GivEnergyConfigEntry) -> datetime | None:
    at = entry.runtime_data.client.plant.last_updated_at
    return None if at is None else at.replace(microsecond=0)


def _count(
    counter: Callable[[Plant], Mapping[int, int]],
) -> Callable[[GivEnergyConfigEntry], int]:
    """Return a function that adds up one of the library's counters over all devices."""
    return lambda entry: sum(counter(entry.runtime_data.client.plant).values())


def _dropped(entry: GivEnergyConfigEntry) -> dict[str, int]:
    dropped = entry.runtime_data.client.plant.dropped
    return {reason.name.lower(): count for reason, count in sorted(dropped.items())}


def _missed(entry: GivEnergyConfigEntry) -> dict[str, list[str]]:
    missed = entry.runtime_data.coordinator.data.missed
    return {"blocks": sorted(str(read) for read in missed)}


def _row(
    key: str,
    entry_value_fn: Callable[[GivEnergyConfigEntry], SensorValue],
    *,
    reads: tuple[Register, ...] = (),
    entry_attributes_fn: Callable[[GivEnergyConfigEntry], Attributes] | None = None,
    overrides: SensorOverrides,
) -> ConnectionSensorDescription:
    row: SensorOverrides = {"translation_key": key, **DIAGNOSTIC, **overrides}
    return ConnectionSensorDescription(
        key=key,
        entry_value_fn=entry_value_fn,
        entry_attributes_fn=entry_attributes_fn,
        reads=reads,
        **row,
    )


_ROWS = (
    _row(
        "clock_drift",
        _drift,
        reads=_CLOCK,
        overrides={
            "device_class": SensorDeviceClass.DURATION,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfTime.SECONDS,
            "suggested_display_precision": 0,
        },
    ),
    _row(
        "system_time",
        _inverter_time,
        reads=_CLOCK,
        overrides={"device_class": SensorDeviceClass.TIMESTAMP},
    ),
    _row("writes_today", lambda entry: entry.runtime_data.store.writes_today, overrides=COUNT),
    _row(
        "writes_total",
        lambda entry: entry.runtime_data.store.memory.writes_total,
        overrides={**COUNT, **DISABLED},
    ),
    _row(
        "failed_reads",
        lambda entry: len(entry.runtime_data.coordinator.data.missed),
        entry_attributes_fn=_missed,
        overrides={"state_class": SensorStateClass.MEASUREMENT},
    ),
    _row(
        "last_reading",
        _last_reading,
        overrides={**DISABLED, "device_class": SensorDeviceClass.TIMESTAMP},
    ),
    _row(
        "poll_duration",
        lambda entry: entry.runtime_data.coordinator.data.seconds,
        overrides={
            **DISABLED,
            "device_class": SensorDeviceClass.DURATION,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfTime.SECONDS,
            "suggested_display_precision": 1,
        },
    ),
    _row(
        "connections",
        lambda entry: entry.runtime_data.client.connections,
        overrides={**COUNT, **DISABLED},
    ),
    _row(
        "rejected_readings",
        lambda entry: sum(entry.runtime_data.client.plant.dropped.values()),
        entry_attributes_fn=_dropped,
        overrides={**COUNT, **DISABLED},
    ),
    _row(
        "crc_errors", _count(lambda plant: plant.crc_failure_count), overrides={**COUNT, **DISABLED}
    ),
    _row("retries", _count(lambda plant: plant.retry_count), overrides={**COUNT, **DISABLED}),
    _row(
        "spliced_responses",
        _count(lambda plant: plant.splice_reject_count),
        overrides={**COUNT, **DISABLED},
    ),
    _row(
        "held_responses",
        _count(lambda plant: plant.splice_held_count),
        overrides={**COUNT, **DISABLED},
    ),
    _row(
        "cold_start_responses",
        _count(lambda plant: plant.cold_start_held_count),
        overrides={**COUNT, **DISABLED},
    ),
)


def connection_sensors(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[ConnectionSensorDescription]:
    """Describe the sensors of the link, which belong to the plant's first device."""
    if plant_device.parent is None:
        yield from _ROWS


class ConnectionSensor(GivEnergySensor[RegisterModel]):
    """A sensor that looks at the plant as a whole."""

    _every_poll = True

    entity_description: ConnectionSensorDescription

    @property
    @override
    def device_value(self) -> SensorValue:
        return self.entity_description.entry_value_fn(self._entry)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, object] | None:
        entry_attributes_fn = self.entity_description.entry_attributes_fn
        return None if entry_attributes_fn is None else dict(entry_attributes_fn(self._entry))
