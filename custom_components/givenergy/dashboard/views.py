"""The views of the dashboard, of Home Assistant's own cards."""

from collections.abc import Callable, Iterable, Mapping

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory

from ..house import FIGURES
from .content import ShownDevice, ShownEntity, ShownSystem
from .energy_preferences import EnergyPreferences

type Json = str | int | bool | list[Json] | dict[str, Json]
type Card = dict[str, Json]
type Headings = Mapping[str, str]

_FEATURES: Mapping[str, Card] = {
    "select": {"type": "select-options"},
    "switch": {"type": "toggle"},
    "number": {"type": "numeric-input", "style": "buttons"},
}
_VIEWS = {
    "now": "mdi:flash",
    "battery": "mdi:home-battery",
    "control": "mdi:tune",
    "history": "mdi:chart-line",
    "diagnostics": "mdi:stethoscope",
}
_POWERS = [figure.of for figure in FIGURES if figure.device_class == SensorDeviceClass.POWER]
_TODAY = [figure.of for figure in FIGURES if figure.key.endswith(("_today", "_day"))]
_TOTAL = [figure.of for figure in FIGURES if figure.key.endswith("_total")]
_LEVEL = next(figure.of for figure in FIGURES if figure.key == "battery_soc")
_GENERATION = ("total_generation_load_power",)
"""What an EMS has of solar power: whatever is generated."""
_SIGNED_POWERS = (("p_grid_out", "p_ac1"), ("p_battery", "p_aio_total", "total_battery_power"))
"""Grid and battery power with a sign, which takes one line of a graph each."""

_WIDE: Card = {"grid_options": {"columns": 12}}
_HALF_TILE = 14
"""Characters of a name that fit on a tile of half the width."""
_STORED_CLASSES = frozenset({"energy_storage"})
_BATTERY_CLASSES = _STORED_CLASSES | {"power", "temperature", "voltage"}
_BATTERY_KEYS = frozenset({
    "battery_cell_voltage_max", "battery_cell_voltage_min", "battery_soh", "battery_status",
    "battery_temperature_max", "battery_usable_capacity", "cap_calibrated", "cap_remaining",
    "num_cycles", "number_of_cycles", "remaining_battery_capacity_ah", "t_battery",
    "usable_capacity", "v_cell_max", "v_cell_min", "v_cell_spread",
})  # fmt: skip
"""What only a battery has."""
_OVERRIDE_KEYS = frozenset({"override", "override_ends", "end_override"})


def dashboard(
    systems: Iterable[ShownSystem], headings: Headings, energy: EnergyPreferences
) -> dict[str, Json]:
    """Return a dashboard of some systems: now, battery, control, history, diagnostics."""
    all_systems = list(systems)
    builders: Mapping[str, Callable[[ShownSystem, Headings], list[Json]]] = {
        "now": _now,
        "battery": _battery,
        "control": _control,
        "history": _history,
        "diagnostics": _diagnostics,
    }
    views: list[Json] = []
    for key, icon in _VIEWS.items():
        sections: list[Json] = _flows(headings, energy) if key == "now" else []
        for system in all_systems:
            sections.extend(builders[key](system, headings))
        if sections or key == "now":
            view: Card = {"title": headings[key], "path": key, "icon": icon, "type": "sections"}
            views.append({**view, "max_columns": 3, "sections": sections})
    return {"title": "GivEnergy", "views": views}


def _flows(headings: Headings, energy: EnergyPreferences) -> list[Json]:
    """Return Home Assistant's own cards of flows, which read its energy preferences."""
    cards: list[Card] = []
    if energy.has_power:
        cards.append({"type": "power-sankey", "group_by_area": False, "group_by_floor": False})
    if energy.has_energy:
        cards.append({"type": "energy-distribution", "link_dashboard": True})
    return _section(headings["power"], cards)


def _now(system: ShownSystem, headings: Headings) -> list[Json]:
    root = system.root
    gauges: list[Card] = [
        {"type": "gauge", "entity": level.entity_id, "name": level.name, **_WIDE}
        for level in root.sensors(_LEVEL)
    ]
    status = [
        {**_tile(entity), **_WIDE}
        for entity in root.entities
        if entity.key in ("status_label", "status")
    ]
    power = root.sensors(_POWERS[0], _GENERATION, *_POWERS[1:])
    return [
        *_section(root.name, [*gauges, *status, *_tiles(power)]),
        *_section(_heading(root, headings["today"]), _rows(root.sensors(*_TODAY))),
    ]


def _battery(system: ShownSystem, headings: Headings) -> list[Json]:
    """Show what a battery is in: levels, energy, cells and temperatures, without counters."""
    sections: list[Json] = []
    for device in (system.root, *system.devices):
        levels = device.of("sensor", device_class="battery")
        classes = _STORED_CLASSES if device is system.root else _BATTERY_CLASSES
        rest = [
            entity
            for entity in device.entities
            if entity.domain == "sensor"
            and entity not in levels
            and (entity.device_class in classes or entity.key in _BATTERY_KEYS)
        ]
        rest.sort(key=lambda entity: (entity.device_class or "", entity.name))
        if levels or any(entity.key in _BATTERY_KEYS for entity in rest):
            sections += _section(device.name, [*map(_level, levels), *_rows(rest)])
    return sections


def _control(system: ShownSystem, headings: Headings) -> list[Json]:
    sections: list[Json] = []
    for device in (system.root, *system.devices):
        controls = [
            _tile(entity)
            for entity in device.entities
            if entity.domain in _FEATURES and entity.category is not EntityCategory.DIAGNOSTIC
        ]
        overrides = [
            _tile(entity)
            for entity in device.entities
            if entity.key in _OVERRIDE_KEYS and entity.domain != "event"
        ]
        slots = [entity for entity in device.entities if entity.domain == "time"]
        sections += _section(device.name, [*overrides, *controls])
        sections += _section(_heading(device, headings["slots"]), _rows(slots))
    return sections


def _history(system: ShownSystem, headings: Headings) -> list[Json]:
    root = system.root
    power = root.sensors(*_POWERS)
    signed = root.sensors(*_SIGNED_POWERS)
    if len(signed) == len(_SIGNED_POWERS):
        power = [*root.sensors(_POWERS[0], _GENERATION, _POWERS[1]), *signed]
    lines = {"power": power, "battery_level": root.sensors(_LEVEL)}
    graphs: list[Card] = [
        {
            "type": "history-graph",
            "title": headings[key],
            "hours_to_show": 24,
            "entities": _named(entities),
            "grid_options": {"columns": "full"},
        }
        for key, entities in lines.items()
        if entities
    ]
    if totals := root.sensors(*_TOTAL):
        bars: Card = {"type": "statistics-graph", "title": headings["energy"], "chart_type": "bar"}
        bars |= {"period": "day", "days_to_show": 7, "stat_types": ["change"]}
        graphs.append({**bars, "entities": _named(totals), "grid_options": {"columns": "full"}})
    return _section(root.name, graphs, columns=3)


def _diagnostics(system: ShownSystem, headings: Headings) -> list[Json]:
    sections: list[Json] = []
    for device in (system.root, *system.devices):
        shown = [
            entity
            for entity in device.entities
            if entity.category is EntityCategory.DIAGNOSTIC or entity.domain in ("event", "button")
        ]
        sections += _section(device.name, _rows(shown))
    return sections


def _tile(entity: ShownEntity) -> Card:
    """Return a tile, with what changes the entity where it is a control."""
    tile: Card = {"type": "tile", "entity": entity.entity_id, "name": entity.name}
    if (feature := _FEATURES.get(entity.domain)) is not None:
        tile |= {"features": [feature], **_WIDE}
    return tile


def _tiles(entities: Iterable[ShownEntity]) -> list[Card]:
    """Return tiles, two in a row if every name fits."""
    shown = list(entities)
    width = {} if all(len(entity.name) <= _HALF_TILE for entity in shown) else _WIDE
    return [{**_tile(entity), **width} for entity in shown]


def _level(entity: ShownEntity) -> Card:
    return {**_tile(entity), "features": [{"type": "bar-gauge"}], **_WIDE}


def _heading(device: ShownDevice, text: str) -> str:
    return f"{device.name}: {text}"


def _named(entities: Iterable[ShownEntity]) -> list[Json]:
    return [{"entity": entity.entity_id, "name": entity.name} for entity in entities]


def _rows(entities: Iterable[ShownEntity]) -> list[Card]:
    """Return one card with a row for each of some entities, none without entities."""
    rows = _named(entities)
    return [{"type": "entities", "entities": rows, **_WIDE}] if rows else []


def _section(heading: str, cards: Iterable[Card], columns: int = 1) -> list[Json]:
    """Return a section with a heading, none without cards."""
    inside: list[Json] = [*cards]
    if not inside:
        return []
    title: Card = {"type": "heading", "heading": heading}
    return [{"type": "grid", "column_span": columns, "cards": [title, *inside]}]
