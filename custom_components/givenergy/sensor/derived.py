"""Energies that no register counts: computed from several counters, or from a power."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, override

from homeassistant.components.sensor import RestoreSensor, SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy
from homeassistant.core import callback
from homeassistant.helpers.restore_state import ExtraStoredData, RestoredExtraData, RestoreEntity
from homeassistant.util import dt as dt_util

from ..devices import PlantDevice
from ..entity import capabilities_of
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.inverter import Inverter
from ..givenergy_modbus.model.plan import Read
from ..givenergy_modbus.model.register_model import RegisterModel
from ..issues import clock_drift
from ..runtime import GivEnergyConfigEntry
from .description import GivEnergySensor, GivEnergySensorDescription
from .device_sensors import Descriptions, sensors

_DAY_SETTLES = timedelta(minutes=15)
"""How long after midnight the counters behind a sum may take to start again, one by one."""

_DECIMALS = 3
"""Finer than counters are: a few watts must show before long."""

_ESTIMATED = {
    "inverter": {
        "battery_charge_power": "e_battery_charge_estimated",
        "battery_discharge_power": "e_battery_discharge_estimated",
    },
    "ems": {
        "battery_charge_power": "e_battery_charge_estimated",
        "battery_discharge_power": "e_battery_discharge_estimated",
        "calc_load_power": "e_load_estimated",
        "total_generation_load_power": "e_generation_estimated",
    },
}
"""Which powers are counted up, by kind of device, and under which key."""


@dataclass(slots=True)
class HighWater:
    """The highest value of a day, or of all time."""

    best: float = 0.0
    day: date | None = None

    def take(self, value: float, clock: datetime, *, daily: bool) -> float:
        """Return the value, but never less than before on the same day.

        A lifetime value that falls by more than half belongs to another device.
        """
        value = max(0.0, value)
        if daily:
            midnight = datetime.combine(clock.date(), time())
            follow = clock.date() != self.day or clock - midnight < _DAY_SETTLES
        else:
            follow = value < self.best / 2
        self.day = clock.date()
        self.best = value if follow else max(self.best, value)
        return self.best

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> HighWater:
        """Return what was saved before a restart."""
        day = saved.get("day")
        return cls(float(saved.get("best", 0.0)), None if day is None else date.fromisoformat(day))


class DerivedSum(GivEnergySensor[RegisterModel], RestoreEntity):
    """An energy computed from several counters, kept from dipping."""

    _every_poll = True

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        plant_device: PlantDevice,
        description: GivEnergySensorDescription[RegisterModel],
    ) -> None:
        """Start with nothing counted."""
        super().__init__(entry, plant_device, description)
        self._mark = HighWater()
        self._daily = description.key.endswith("_today")

    @override
    async def async_added_to_hass(self) -> None:
        if (saved := await self.async_get_last_extra_data()) is not None:
            self._mark = HighWater.restored(saved.as_dict())
        self._take()
        await super().async_added_to_hass()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._take()
        super()._handle_coordinator_update()

    def _take(self) -> None:
        raw = super().device_value
        if not isinstance(raw, int | float):
            return
        clock = dt_util.now().replace(tzinfo=None) + (clock_drift(self._entry) or timedelta())
        self._mark.take(raw, clock, daily=self._daily)

    @property
    @override
    def device_value(self) -> float | None:
        return None if super().device_value is None else self._mark.best

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData:
        saved = asdict(self._mark)
        return RestoredExtraData({**saved, "day": saved["day"] and saved["day"].isoformat()})


def estimates(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Descriptions:
    """Describe the energies of one device that it has no counter for."""
    keys = _ESTIMATED.get(plant_device.kind, {})
    shown = True
    if issubclass(plant_device.model, Inverter):
        absent = plant_device.model.absent(capabilities.traits)
        if "e_battery_charge_total" not in absent:
            return
        shown = "e_battery_charge_today" in absent
    for power in sensors(plant_device, capabilities):
        if (key := keys.get(power.key)) is not None:
            yield GivEnergySensorDescription(
                key=key,
                translation_key=key,
                device_class=SensorDeviceClass.ENERGY,
                state_class=SensorStateClass.TOTAL_INCREASING,
                native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
                suggested_display_precision=_DECIMALS,
                entity_registry_enabled_default=shown,
                value_fn=power.value_fn,
                reads=power.reads,
            )


class EstimatedEnergy(GivEnergySensor[RegisterModel], RestoreSensor):
    """A power counted up from poll to poll."""

    _every_poll = True

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        plant_device: PlantDevice,
        description: GivEnergySensorDescription[RegisterModel],
    ) -> None:
        """Start at zero, until it is known what was counted before."""
        super().__init__(entry, plant_device, description)
        self._read = read_behind(capabilities_of(entry), plant_device, description)
        self._kwh = 0.0
        self._last: tuple[datetime, float] | None = None

    @override
    async def async_added_to_hass(self) -> None:
        saved = await self.async_get_last_sensor_data()
        if saved is not None and isinstance(saved.native_value, int | float | Decimal):
            self._kwh = float(saved.native_value)
        self._count()
        await super().async_added_to_hass()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._count()
        super()._handle_coordinator_update()

    def _count(self) -> None:
        """Add the energy since the last poll with a value for the power."""
        at, power = self.plant.stored_at(self._read), super().device_value
        before = self._last
        if at is None or not isinstance(power, int | float):
            self._last = None
            return
        self._last = at, power
        if before is None:
            return
        span = at - before[0]
        if timedelta() < span <= self._longest_gap:
            self._kwh += (power + before[1]) / 2000 * (span / timedelta(hours=1))

    @property
    def _longest_gap(self) -> timedelta:
        """What to bridge: as long as a missed block keeps its last values."""
        return self.coordinator.interval * (self.coordinator.availability.limit + 1)

    @property
    @override
    def device_value(self) -> float:
        return round(self._kwh, _DECIMALS)


def read_behind(
    capabilities: PlantCapabilities,
    plant_device: PlantDevice,
    description: GivEnergySensorDescription[RegisterModel],
) -> Read:
    """Return the read that contains a sensor's registers, all in one block."""
    return next(
        read
        for read in capabilities.measurement_plan
        if read.device_address == plant_device.address and description.reads[0] in read.block
    )
