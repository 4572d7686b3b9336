"""The views of the dashboard, of Home Assistant's own cards."""

from collections.abc import Callable, Iterable, Mapping

from homeassistant.const import EntityCategory

from .content import ShownEntity, ShownSystem

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
_MOST_LINES = 6
"""The lines of one graph that can still be told apart."""


def dashboard(systems: Iterable[ShownSystem], headings: Headings) -> dict[str, Json]:
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
        sections: list[Json] = []
        for system in all_systems:
            sections.extend(builders[key](system, headings))
        if sections or key == "now":
            view: Card = {"title": headings[key], "path": key, "icon": icon, "type": "sections"}
            views.append({**view, "max_columns": 3, "sections": sections})
    return {"title": "GivEnergy", "views": views}


def _now(system: ShownSystem, headings: Headings) -> list[Json]:
    root = system.root
    levels = root.of("sensor", device_class="battery")[:1]
    gauges: list[Card] = [
        {"type": "gauge", "entity": level.entity_id, "name": level.name, **_WIDE}
        for level in levels
    ]
    status = [entity for entity in root.entities if entity.key in ("status_label", "status")]
    power = root.of("sensor", device_class="power")
    today = [entity for entity in root.of("sensor", device_class="energy") if _is_today(entity)]
    return [
        *_section(root.name, [*map(_tile, (*status, *power)), *gauges]),
        *_section(headings["today"], map(_tile, today)),
    ]


def _battery(system: ShownSystem, headings: Headings) -> list[Json]:
    sections = _section(
        system.root.name,
        map(
            _tile,
            [
                entity
                for entity in system.root.entities
                if entity.domain == "sensor"
                and (entity.device_class in _BATTERY_CLASSES or entity.key in _BATTERY_KEYS)
            ],
        ),
    )
    for device in system.devices:
        levels = [_level(entity) for entity in device.of("sensor", device_class="battery")]
        if levels:
            rest = [
                _tile(entity) for entity in device.of("sensor") if entity.device_class != "battery"
            ]
            sections += _section(device.name, [*levels, *rest])
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
        sections += _section(headings["slots"], _rows(slots))
    return sections


def _history(system: ShownSystem, headings: Headings) -> list[Json]:
    root = system.root
    lines = {
        "power": root.of("sensor", device_class="power")[:_MOST_LINES],
        "battery_level": root.of("sensor", device_class="battery")[:1],
    }
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
    totals = [
        entity
        for entity in root.of("sensor", device_class="energy")
        if entity.key.endswith("_total")
    ][:_MOST_LINES]
    if totals:
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


_WIDE: Card = {"grid_options": {"columns": 12}}
_BATTERY_CLASSES = frozenset({"battery", "energy_storage"})
_BATTERY_KEYS = frozenset(
    {"v_cell_max", "v_cell_min", "v_cell_spread", "t_battery", "battery_status", "stored_energy"}
)
_OVERRIDE_KEYS = frozenset({"override", "override_ends", "end_override"})


def _is_today(entity: ShownEntity) -> bool:
    return entity.key.endswith(("_today", "_day"))


def _tile(entity: ShownEntity) -> Card:
    """Return a tile, with what changes the entity where it is a control."""
    tile: Card = {"type": "tile", "entity": entity.entity_id, "name": entity.name}
    if (feature := _FEATURES.get(entity.domain)) is not None:
        tile |= {"features": [feature], **_WIDE}
    return tile


def _level(entity: ShownEntity) -> Card:
    return {**_tile(entity), "features": [{"type": "bar-gauge"}], **_WIDE}


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
