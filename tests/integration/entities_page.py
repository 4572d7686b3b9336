"""The page that lists every entity, generated from the tables the entities come from.

``python -m tests.integration.entities_page`` renews it below its introduction, which is written
by hand.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from custom_components.givenergy.givenergy_modbus.model.device_kinds import DEVICE_KINDS

from .entity_tables import Row, rows

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "entities.md"
WORDS = json.loads((ROOT / "custom_components/givenergy/translations/en.json").read_text())

MARK = "<!-- The rest of this page is generated. -->\n"


COLUMNS = "| Entity | Platform | Shows | |\n| --- | --- | --- | --- |"


def name_of(platform: str, row: Row) -> str:
    """Return what an entity is called, numbers left open."""
    text = WORDS["entity"].get(platform, {}).get(row.translation_key, {}).get("name")
    if text is None:
        text = str(row.device_class or row.key).replace("_", " ").capitalize()
    for placeholder in row.translation_placeholders or {}:
        text = text.replace(f"{{{placeholder}}}", "*n*")
    return str(text)


def shows(row: Any) -> str:
    """Return the unit, the choices or the events of an entity."""
    unit = getattr(row, "native_unit_of_measurement", None)
    options = getattr(row, "options", None) or list(getattr(row, "choices", ()))
    return str(unit or ", ".join(options or getattr(row, "event_types", None) or ()))


def starts(row: Row) -> str:
    """Return whether an entity starts disabled."""
    if not row.entity_registry_enabled_default:
        return "off"
    return "off on some" if row.disabled_for else ""


def tables() -> Iterator[str]:
    """Yield a section for every kind of device."""
    for kind in DEVICE_KINDS:
        device = WORDS["device"][kind]["name"]
        device = device.replace("{number}", "*n*").replace("{system}", "GivEnergy")
        lines: dict[tuple[str, str], str] = {}
        for platform, found in rows().items():
            for part, row in found:
                if part.kind is kind:
                    name = name_of(platform, row)
                    text = f"| {name} | {platform} | {shows(row)} | {starts(row)} |"
                    lines.setdefault((platform, name), text)
        if lines:
            body = "\n".join(lines[key] for key in sorted(lines))
            yield f"## {device}\n\n{COLUMNS}\n{body}\n"


def page() -> str:
    """Return the whole page."""
    introduction, _, _ = PAGE.read_text().partition(MARK)
    return f"{introduction}{MARK}\n" + "\n".join(tables())


if __name__ == "__main__":
    PAGE.write_text(page())
