"""A device for the house: what several systems measure together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfRatio,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_HOUSE, CONF_IDENTITIES, DOMAIN, MANUFACTURER
from .coordinator import GivEnergyCoordinator
from .identities import reported_serials, stored_identities
from .runtime import GivEnergyConfigEntry

HOUSE = "house"
IDENTIFIER = (DOMAIN, HOUSE)

_CAPACITY = ("battery_usable_capacity",)


@dataclass(frozen=True, kw_only=True)
class HouseDescription(SensorEntityDescription):
    """A figure of the house as one row: which sensor of each system it is made of."""

    of: tuple[str, ...]
    """Keys by preference; systems of different families name theirs differently."""
    weighted: bool = False
    """Whether it is a mean weighted by battery capacity and not a sum."""


def _power(key: str, *of: str) -> HouseDescription:
    return HouseDescription(
        key=key,
        translation_key=key,
        of=(key, *of),
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
    )


def _energy(key: str, *of: str) -> HouseDescription:
    return HouseDescription(
        key=key,
        translation_key=key,
        of=(key, *of),
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
    )


FIGURES = (
    _power("pv_power", "p_pv"),
    _power("p_load_demand", "p_load_all", "p_load", "calc_load_power"),
    _power("grid_import_power"),
    _power("grid_export_power"),
    _power("battery_charge_power"),
    _power("battery_discharge_power"),
    _energy("e_pv_today"),
    _energy("e_pv_total"),
    _energy("e_consumption_today", "e_load_today"),
    _energy("e_consumption_total", "e_load_total"),
    _energy("e_grid_in_day", "e_import_today", "e_grid_import_today"),
    _energy("e_grid_in_total", "e_import_total", "e_grid_import_total"),
    _energy("e_grid_out_day", "e_export_today", "e_grid_export_today"),
    _energy("e_grid_out_total", "e_export_total", "e_grid_export_total"),
    _energy("e_battery_charge_today"),
    _energy("e_battery_charge_total"),
    _energy("e_battery_discharge_today"),
    _energy("e_battery_discharge_total"),
    HouseDescription(
        key="battery_soc",
        translation_key="battery_soc",
        of=("battery_soc", "battery_average_soc"),
        weighted=True,
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        suggested_display_precision=0,
    ),
)


@callback
def house_members(hass: HomeAssistant) -> list[GivEnergyConfigEntry]:
    """Return the systems of the house, without those that another one reports for."""
    entries: list[GivEnergyConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    reported = {
        serial
        for entry in entries
        for serial in reported_serials(stored_identities(entry.data.get(CONF_IDENTITIES)))
    }
    return [entry for entry in entries if entry.unique_id not in reported]


@callback
def house_owner(hass: HomeAssistant) -> GivEnergyConfigEntry | None:
    """Return the entry that has the house's device, None where there is no house."""
    return next(
        (
            entry
            for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False)
            if entry.options.get(CONF_HOUSE, False)
        ),
        None,
    )


@callback
def has_several(hass: HomeAssistant) -> bool:
    """Return whether there is more than one system to add up."""
    return len(hass.config_entries.async_entries(DOMAIN, include_ignore=False)) > 1


@callback
def async_update_house(hass: HomeAssistant, removed: GivEnergyConfigEntry) -> None:
    """Pass the house on when its entry is removed, and remove it when one system is left."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    owner = removed if removed.options.get(CONF_HOUSE, False) else house_owner(hass)
    if owner is None or not entries:
        return
    heir = owner if owner in entries else entries[0]
    stays = len(entries) > 1
    if heir.options.get(CONF_HOUSE, False) != stays:
        hass.config_entries.async_update_entry(heir, options={**heir.options, CONF_HOUSE: stays})
        hass.config_entries.async_schedule_reload(heir.entry_id)
    if not stays:
        async_remove_house(hass, heir)


@callback
def async_remove_house(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
    """Remove the house's device with its entities."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(IDENTIFIER, entry.entry_id)
    if device is not None:
        registry.async_remove_device(device.id)


def house_sensors(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> Iterator[HouseSensor]:
    """Return the house's sensors if an entry has them; what is left of it is removed if not."""
    if house_owner(hass) is entry and has_several(hass):
        for description in FIGURES:
            yield HouseSensor(entry, description)
    else:
        async_remove_house(hass, entry)


class HouseSensor(CoordinatorEntity[GivEnergyCoordinator], SensorEntity):
    """A figure of the house, from one sensor of each system; renewed at each poll of one."""

    _attr_has_entity_name = True
    entity_description: HouseDescription

    def __init__(self, entry: GivEnergyConfigEntry, description: HouseDescription) -> None:
        """Attach the sensor to the house's device."""
        super().__init__(entry.runtime_data.coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{HOUSE}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={IDENTIFIER},
            manufacturer=MANUFACTURER,
            translation_key=HOUSE,
            entry_type=DeviceEntryType.SERVICE,
        )

    @property
    @override
    def available(self) -> bool:
        """Whether every system is loaded and its sensor, if it has one, has a value."""
        members = house_members(self.hass)
        return all(entry.state is ConfigEntryState.LOADED for entry in members) and bool(
            self._values(members, self.entity_description.of, self.native_unit_of_measurement)
        )

    @property
    @override
    def native_value(self) -> float | None:
        members = house_members(self.hass)
        description = self.entity_description
        unit = description.native_unit_of_measurement
        values = self._values(members, description.of, unit)
        if not values:
            return None
        if not description.weighted:
            return sum(values)
        weights = self._values(members, _CAPACITY, UnitOfEnergy.KILO_WATT_HOUR)
        if len(weights) == len(values) and all(weights):
            return fmean(values, weights)
        return fmean(values)

    def _values(
        self, members: Sequence[GivEnergyConfigEntry], keys: tuple[str, ...], unit: str | None
    ) -> list[float]:
        """Return the value of each system that has such a sensor; none if one has no value."""
        values: list[float] = []
        for entry in members:
            entity_id = first_enabled(self.hass, entry, keys)
            if entity_id is None:
                continue
            value = number_of(self.hass, entity_id, unit)
            if value is None:
                return []
            values.append(value)
        return values


@callback
def house_entities(hass: HomeAssistant) -> set[str]:
    """Return the ids of the house's sensors, whose sums contain every system."""
    registry = er.async_get(hass)
    found = (
        registry.async_get_entity_id("sensor", DOMAIN, f"{HOUSE}_{description.key}")
        for description in FIGURES
    )
    return {entity_id for entity_id in found if entity_id is not None}


@callback
def first_enabled(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, keys: tuple[str, ...]
) -> str | None:
    """Return the first sensor of a system's first device, by keys, that exists and is enabled."""
    registry = er.async_get(hass)
    for key in keys:
        entity_id = registry.async_get_entity_id("sensor", DOMAIN, f"{_root(entry)}_{key}")
        if entity_id is not None and registry.entities[entity_id].disabled_by is None:
            return entity_id
    return None


def _root(entry: GivEnergyConfigEntry) -> str | None:
    """Return the identity of a system's first device."""
    if entry.state is not ConfigEntryState.LOADED:
        return entry.unique_id
    return entry.runtime_data.plant_devices[0].identity


def number_of(hass: HomeAssistant, entity_id: str, unit: str | None) -> float | None:
    """Return a sensor's value in a unit, None where it has none."""
    state = hass.states.get(entity_id)
    try:
        value = float(state.state) if state is not None else None
    except ValueError:
        return None
    if value is None or state is None:
        return None
    shown = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if shown == unit:
        return value
    converter = next(
        found for found in UNIT_CONVERTERS.values() if {shown, unit} <= found.VALID_UNITS
    )
    return converter.convert(value, shown, unit)
