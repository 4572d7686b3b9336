"""The configuration of Predbat for the systems there are, made from the entity registry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.plant import Plant
from .runtime import GivEnergyConfigEntry
from .slots import slots_of

LOWEST_RESERVE = 4
LOWEST_THREE_PHASE_RESERVE = 5


class PredbatNote(StrEnum):
    """What stands in Predbat's way, and what to do about it."""

    ACTIVE_POWER_LIMITED = "active_power_limited"
    CAPACITY_BY_HAND = "capacity_by_hand"
    CUTOFF_ABOVE_MINIMUM = "cutoff_above_minimum"
    ENTITY_DISABLED = "entity_disabled"
    MANAGED_BY_EMS = "managed_by_ems"
    NOT_CONTROLLABLE = "not_controllable"
    NO_RATES = "no_rates"
    OTHER_SLOT_SET = "other_slot_set"
    TYPES_DIFFER = "types_differ"


type Placed = tuple[PredbatNote, dict[str, str]]
"""A note with the values of its placeholders."""


class InverterType(StrEnum):
    """Predbat's types of inverter that fit ours."""

    SINGLE_PHASE = "GEC"
    EMS = "GEE"
    THREE_PHASE = "GE3P"


@dataclass(frozen=True, slots=True)
class Row:
    """One of Predbat's keys, and the entities that can stand for it, by preference."""

    key: str
    platform: Platform
    ours: tuple[str, ...]
    types: tuple[InverterType, ...] = tuple(InverterType)


_SINGLE = (InverterType.SINGLE_PHASE,)
_INVERTERS = (InverterType.SINGLE_PHASE, InverterType.THREE_PHASE)
_EMS = (InverterType.EMS,)
_SENSOR, _NUMBER, _SWITCH = Platform.SENSOR, Platform.NUMBER, Platform.SWITCH
_TIME, _SELECT = Platform.TIME, Platform.SELECT

# fmt: off
ROWS: tuple[Row, ...] = (
    Row("load_today", _SENSOR, ("e_consumption_today", "e_load_today", "e_load_estimated")),
    Row("import_today", _SENSOR, ("e_grid_in_day", "e_import_today")),
    Row("export_today", _SENSOR, ("e_grid_out_day", "e_export_today")),
    Row("pv_today", _SENSOR, ("e_pv_today", "e_generation_estimated")),
    Row("battery_power", _SENSOR, ("p_battery", "total_battery_power")),
    Row("grid_power", _SENSOR, ("p_grid_out", "grid_power")),
    Row("pv_power", _SENSOR, ("pv_power", "total_generation_load_power")),
    Row("load_power", _SENSOR, ("p_load_demand", "p_load_all", "calc_load_power")),
    Row("soc_percent", _SENSOR, ("battery_soc", "battery_average_soc")),
    Row("soc_max", _SENSOR, ("battery_usable_capacity",)),
    Row("battery_temperature", _SENSOR, ("t_battery", "battery_temperature_max")),
    Row("battery_voltage", _SENSOR, ("v_battery", "v_battery_bms")),
    Row("inverter_time", _SENSOR, ("system_time",)),
    Row("inverter_limit", _SENSOR, ("inverter_max_power",)),
    Row("export_limit", _SENSOR, ("grid_port_max_power_output",), _INVERTERS),
    Row("reserve", _NUMBER, ("battery_soc_reserve",), _INVERTERS),
    Row("charge_limit", _NUMBER, ("charge_target_soc", "charge_target_1")),
    Row("charge_limit_enable", _SWITCH, ("enable_charge_target",), _SINGLE),
    Row("scheduled_charge_enable", _SWITCH, ("enable_charge",), _INVERTERS),
    Row("scheduled_discharge_enable", _SWITCH, ("enable_discharge",), _SINGLE),
    Row("scheduled_discharge_enable", _SWITCH, ("force_discharge_enable",),
        (InverterType.THREE_PHASE,)),
    Row("charge_start_time", _TIME, ("charge_slot_1_start",)),
    Row("charge_end_time", _TIME, ("charge_slot_1_end",)),
    Row("discharge_start_time", _TIME, ("discharge_slot_1_start",), _INVERTERS),
    Row("discharge_end_time", _TIME, ("discharge_slot_1_end",), _INVERTERS),
    Row("discharge_start_time", _TIME, ("export_slot_1_start",), _EMS),
    Row("discharge_end_time", _TIME, ("export_slot_1_end",), _EMS),
    Row("idle_start_time", _TIME, ("discharge_slot_1_start",), _EMS),
    Row("idle_end_time", _TIME, ("discharge_slot_1_end",), _EMS),
    Row("discharge_target_soc", _NUMBER, ("discharge_target_soc_1",), _SINGLE),
    Row("discharge_target_soc", _NUMBER, ("export_target_1",), _EMS),
    Row("charge_rate", _NUMBER, ("charge_power_limit",), _SINGLE),
    Row("discharge_rate", _NUMBER, ("discharge_power_limit",), _SINGLE),
    Row("inverter_mode", _SWITCH, ("eco_mode",), _SINGLE),
    Row("pause_mode", _SELECT, ("predbat_pause",), _SINGLE),
    Row("pause_start_time", _TIME, ("battery_pause_slot_1_start",), _SINGLE),
    Row("pause_end_time", _TIME, ("battery_pause_slot_1_end",), _SINGLE),
)
"""Predbat's keys; a key may have rows for different types of inverter."""
# fmt: on

_THREE_PHASE_ABILITIES: Mapping[str, str] = {
    "name": '"GivEnergy three-phase"',
    "has_rest_api": "false",
    "has_mqtt_api": "false",
    "has_service_api": "false",
    "output_charge_control": '"none"',
    "has_charge_enable_time": "true",
    "has_discharge_enable_time": "true",
    "has_target_soc": "true",
    "has_reserve_soc": "true",
    "has_timed_pause": "false",
    "has_ge_inverter_mode": "false",
    "has_time_window": "false",
    "has_idle_time": "false",
    "charge_time_format": '"HH:MM:SS"',
    "charge_time_entity_is_option": "false",
    "soc_units": '"%"',
    "num_load_entities": "1",
    "time_button_press": "false",
    "clock_time_format": '"%Y-%m-%dT%H:%M:%S%z"',
    "write_and_poll_sleep": "2",
    "support_charge_freeze": "true",
    "support_discharge_freeze": "false",
}


@dataclass(slots=True)
class _System:
    """One system: its type of inverter, and its entity for each key."""

    title: str
    type: InverterType
    entities: dict[str, str] = field(default_factory=dict)


def predbat_config(
    hass: HomeAssistant, entries: Iterable[GivEnergyConfigEntry]
) -> tuple[str, list[Placed]]:
    """Return Predbat's apps.yaml for loaded entries, and what the user should know."""
    entries = list(entries)
    notes: list[Placed] = []
    systems: list[_System] = []
    for entry in entries:
        plant = entry.runtime_data.client.plant
        inverter_type = _type_of(plant.capabilities)
        if inverter_type is None:
            notes.append((PredbatNote.NOT_CONTROLLABLE, {"system": entry.title}))
            continue
        system = _System(entry.title, inverter_type)
        notes += _find_entities(hass, entry, system)
        notes += _obstacles(entry, plant, entries)
        systems.append(system)
    if len({system.type for system in systems}) > 1:
        notes.append((PredbatNote.TYPES_DIFFER, {}))
    if not systems:
        return "", notes
    return "\n".join(_lines(hass, systems)) + "\n", notes


def _type_of(capabilities: PlantCapabilities | None) -> InverterType | None:
    if capabilities is None or capabilities.is_gateway:
        return None
    if capabilities.is_ems:
        return InverterType.EMS
    return InverterType.THREE_PHASE if capabilities.is_three_phase else InverterType.SINGLE_PHASE


def _find_entities(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, system: _System
) -> Iterator[Placed]:
    """Fill in a system's entities, and yield a note for each that is disabled."""
    registry = er.async_get(hass)
    identity = entry.runtime_data.plant_devices[0].identity
    for row in ROWS:
        if system.type not in row.types:
            continue
        for key in row.ours:
            entity_id = registry.async_get_entity_id(row.platform, DOMAIN, f"{identity}_{key}")
            registered = None if entity_id is None else registry.async_get(entity_id)
            if entity_id is None or registered is None:
                continue
            system.entities[row.key] = entity_id
            if registered.disabled:
                yield PredbatNote.ENTITY_DISABLED, {"entity": entity_id, "key": row.key}
            break
    if "soc_max" not in system.entities:
        yield PredbatNote.CAPACITY_BY_HAND, {"system": entry.title}
    if system.type is InverterType.THREE_PHASE:
        yield PredbatNote.NO_RATES, {"system": entry.title}


def _obstacles(
    entry: GivEnergyConfigEntry, plant: Plant, entries: Iterable[GivEnergyConfigEntry]
) -> Iterator[Placed]:
    """Yield notes on settings that make the battery act against Predbat's plan."""
    root = entry.runtime_data.plant_devices[0]
    device = root.find(plant)
    for kind, index, _ in slots_of(root):
        slot = None if index == 1 or device is None else kind.read(device, index)
        if slot is not None and not slot.is_empty:
            hours = f"{slot.start:%H:%M}-{slot.end:%H:%M}"
            name = f"{entry.runtime_data.writer.names.slot_kind(kind.key)} {index}"
            yield PredbatNote.OTHER_SLOT_SET, {"system": entry.title, "slot": name, "hours": hours}
    rate = getattr(device, "active_power_rate", None)
    if rate is not None and rate < 100:
        yield PredbatNote.ACTIVE_POWER_LIMITED, {"system": entry.title, "value": f"{rate}"}
    cutoff = getattr(device, "battery_discharge_min_power_reserve", None)
    three_phase = isinstance(device, ThreePhaseInverter)
    if not three_phase and cutoff is not None and cutoff > LOWEST_RESERVE:
        yield PredbatNote.CUTOFF_ABOVE_MINIMUM, {"system": entry.title, "value": f"{cutoff}"}
    for other in entries:
        ems = other.runtime_data.client.plant.ems
        managed = [getattr(ems, f"inverter_{place}_serial_number", None) for place in range(1, 5)]
        if entry is not other and plant.inverter_serial in managed:
            yield PredbatNote.MANAGED_BY_EMS, {"system": entry.title, "ems": other.title}


def _lines(hass: HomeAssistant, systems: list[_System]) -> Iterator[str]:
    """Yield the lines of apps.yaml; every key is a list with one item for each system."""
    types = {system.type for system in systems}
    yield "pred_bat:"
    yield "  module: predbat"
    yield "  class: PredBat"
    yield "  prefix: predbat"
    yield f'  timezone: "{hass.config.time_zone}"'
    yield "  template: false"
    yield f"  num_inverters: {len(systems)}"
    yield "  inverter_type:"
    yield from (f'    - "{system.type}"' for system in systems)
    if types == {InverterType.EMS}:
        yield from ("  inverter:", "    has_reserve_soc: false")
    elif InverterType.THREE_PHASE in types:
        yield "  inverter:"
        yield from (f"    {name}: {value}" for name, value in _THREE_PHASE_ABILITIES.items())
    if InverterType.THREE_PHASE in types:
        yield "  battery_min_soc:"
        for system in systems:
            three_phase = system.type is InverterType.THREE_PHASE
            yield f"    - {LOWEST_THREE_PHASE_RESERVE if three_phase else LOWEST_RESERVE}"
    for key in dict.fromkeys(row.key for row in ROWS):
        found = [system.entities.get(key) for system in systems]
        if any(found):
            yield f"  {key}:"
            yield from (f"    - {entity_id or 'null'}" for entity_id in found)
    if any("soc_max" not in system.entities for system in systems):
        yield "  # soc_max:"
        yield "  #   - 9.5  # kWh"
