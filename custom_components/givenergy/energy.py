"""The energy dashboard: which sensors of a system are its sources, and adding those it lacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import voluptuous as vol
from homeassistant.components.energy.data import ENERGY_SOURCE_SCHEMA, SourceType, async_get_manager
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode

from .const import DOMAIN
from .house import first_enabled, house_entities, number_of
from .runtime import GivEnergyConfigEntry
from .texts import async_texts

CONF_SOURCES = "sources"
_SELECTOR = "energy_source"

type Keys = tuple[str, ...]
"""Keys of sensors of a system's first device, by preference; families name theirs differently."""
type Statistics = Mapping[str, Keys]
"""The sensors for some of Home Assistant's fields."""


@dataclass(frozen=True, kw_only=True)
class EnergySource:
    """A source of the energy dashboard as one row: which sensors its fields take."""

    statistics: Statistics
    power: tuple[Statistics, ...] = ()
    """The fields of its power, by preference: one sensor, or one for each direction."""
    capacity: Keys = ()
    """The sensor whose present value is the battery's capacity."""


SOURCES: Mapping[str, EnergySource] = {
    "grid": EnergySource(
        statistics={
            "stat_energy_from": ("e_grid_in_total", "e_import_total", "e_grid_import_total"),
            "stat_energy_to": ("e_grid_out_total", "e_export_total", "e_grid_export_total"),
        },
        # Home Assistant counts import as positive; the sensor with a sign counts export.
        power=(
            {"stat_rate_from": ("grid_import_power",), "stat_rate_to": ("grid_export_power",)},
            {"stat_rate_inverted": ("p_grid_out",)},
        ),
    ),
    "solar": EnergySource(
        statistics={
            "stat_energy_from": ("e_pv_total", "e_pv_generation_total", "e_generation_estimated"),
            "stat_rate": ("pv_power", "p_pv", "total_generation_load_power"),
        },
    ),
    "battery": EnergySource(
        statistics={
            "stat_energy_from": (
                "e_battery_discharge_total",
                "e_battery_discharge_today",
                "e_battery_discharge_estimated",
            ),
            "stat_energy_to": (
                "e_battery_charge_total",
                "e_battery_charge_today",
                "e_battery_charge_estimated",
            ),
            "stat_soc": ("battery_soc", "battery_average_soc"),
        },
        power=(
            {"stat_rate": ("p_battery", "total_battery_power", "p_aio_total")},
            {
                "stat_rate_from": ("battery_discharge_power",),
                "stat_rate_to": ("battery_charge_power",),
            },
        ),
        capacity=("battery_usable_capacity",),
    ),
}
"""The sources of a system, by Home Assistant's types."""


@dataclass(frozen=True, slots=True)
class MissingSource:
    """A source that the energy dashboard lacks."""

    source: SourceType
    entities: tuple[str, ...]
    """The sensors it takes, the capacity's included."""
    has_others: bool
    """Whether something else is a source of this type, and may measure the same."""


def _found(hass: HomeAssistant, entry: GivEnergyConfigEntry, wanted: Statistics) -> dict[str, str]:
    """Return the sensors that a system has for some fields."""
    found = ((field, first_enabled(hass, entry, keys)) for field, keys in wanted.items())
    return {field: entity_id for field, entity_id in found if entity_id is not None}


def _source(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, kind: str
) -> tuple[SourceType, tuple[str, ...]] | None:
    """Return a system's source of one type with its sensors, None where it has none."""
    row = SOURCES[kind]
    statistics = _found(hass, entry, row.statistics)
    source: dict[str, Any] = {"type": kind, **statistics}
    entities = list(statistics.values())
    for wanted in row.power:
        power = _found(hass, entry, wanted)
        if power.keys() == wanted.keys():
            source["power_config"] = power
            entities += power.values()
            break
    entity_id = first_enabled(hass, entry, row.capacity)
    if entity_id and (capacity := number_of(hass, entity_id, UnitOfEnergy.KILO_WATT_HOUR)):
        source["capacity"] = round(capacity, 2)
        entities.append(entity_id)
    if kind == "grid":
        source["cost_adjustment_day"] = 0
    try:
        (valid,) = ENERGY_SOURCE_SCHEMA([source])
    except vol.Invalid:
        # Not enough for a source, such as solar power without energy.
        return None
    return valid, tuple(entities)


def statistics_of(source: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the statistics that a source uses, without what is derived from them."""
    power = source.get("power_config")
    for field, value in source.items():
        is_derived = field == "stat_rate" and power is not None
        if field.startswith("stat_") and value is not None and not is_derived:
            yield value
    if power is not None:
        yield from statistics_of(power)


async def async_missing_sources(
    hass: HomeAssistant, entry: GivEnergyConfigEntry
) -> dict[str, MissingSource]:
    """Return the sources of a system that the energy dashboard lacks, by type.

    A source that uses any entity of the system, or of the house, is the system's own, and is left
    as it is.
    """
    manager = await async_get_manager(hass)
    present = manager.data["energy_sources"] if manager.data else []
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, entry.entry_id)
    own = {entity.entity_id for entity in entities} | house_entities(hass)
    missing: dict[str, MissingSource] = {}
    for kind in SOURCES:
        others = [source for source in present if source["type"] == kind]
        if any(own.intersection(statistics_of(source)) for source in others):
            continue
        if (found := _source(hass, entry, kind)) is not None:
            missing[kind] = MissingSource(*found, has_others=not _ours(registry, others))
    return missing


@callback
def _ours(registry: er.EntityRegistry, sources: list[SourceType]) -> bool:
    """Return whether all of some sources are those of systems of this integration."""
    return all(
        (entity := registry.async_get(statistic)) is not None and entity.platform == DOMAIN
        for source in sources
        for statistic in statistics_of(source)
    )


async def async_add_sources(hass: HomeAssistant, sources: list[SourceType]) -> None:
    """Add sources to the energy dashboard, behind those it has."""
    manager = await async_get_manager(hass)
    present = manager.data or manager.default_preferences()
    await manager.async_update(
        {**present, "energy_sources": [*present["energy_sources"], *sources]}
    )


class EnergyOptionsFlow(OptionsFlow):
    """The option that adds a system to the energy dashboard."""

    config_entry: GivEnergyConfigEntry

    async def async_step_energy(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what would be added, and add what is selected."""
        if "energy" not in self.hass.config.components:
            return self.async_abort(reason="energy_not_set_up")
        missing = await async_missing_sources(self.hass, self.config_entry)
        if user_input is not None:
            chosen = [missing[kind].source for kind in user_input[CONF_SOURCES] if kind in missing]
            if chosen:
                await async_add_sources(self.hass, chosen)
            return self.async_create_entry(data=dict(self.config_entry.options))
        if not missing:
            return self.async_abort(reason="energy_complete")
        preselected = [kind for kind, found in missing.items() if not found.has_others]
        selector = SelectSelector(
            SelectSelectorConfig(
                options=list(missing),
                multiple=True,
                mode=SelectSelectorMode.LIST,
                translation_key=_SELECTOR,
            )
        )
        return self.async_show_form(
            step_id="energy",
            data_schema=vol.Schema({vol.Required(CONF_SOURCES, default=preselected): selector}),
            description_placeholders={"table": await async_table(self.hass, missing)},
        )


async def async_table(hass: HomeAssistant, missing: Mapping[str, MissingSource]) -> str:
    """Return the sensors of each source as a table, the capacity with its value."""
    names = await async_texts(hass, "selector")
    rows: list[str] = []
    for kind, found in missing.items():
        listed = [_name(hass, entity_id) for entity_id in found.entities]
        if (capacity := found.source.get("capacity")) is not None:
            listed[-1] += f" ({capacity} {UnitOfEnergy.KILO_WATT_HOUR})"
        source, sensors = names[f"{_SELECTOR}.options.{kind}"], "<br>".join(map(escape, listed))
        rows.append(f"<tr><td><strong>{source}</strong></td><td>{sensors}</td></tr>")
    # A table of Markdown would need a header.
    return f"<table>{''.join(rows)}</table>"


@callback
def _name(hass: HomeAssistant, entity_id: str) -> str:
    """Return an entity's name as it is shown beside its device."""
    entity = er.async_get(hass).entities[entity_id]
    return entity.name or entity.original_name or entity_id
