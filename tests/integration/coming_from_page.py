"""The page that lists the entities of other integrations with ours in their place.

``python -m tests.integration.coming_from_page`` writes it anew.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from custom_components.givenergy.takeover.counterparts import Counterpart, Peer
from custom_components.givenergy.takeover.peer_givtcp import GIVTCP
from custom_components.givenergy.takeover.peer_local import LOCAL

from .entities_page import name_of
from .entity_tables import rows
from .peers import LISTS, PLANTS, listed

PAGE = Path(__file__).parents[2] / "docs" / "coming-from.md"

HEAD = """\
# Entities of other integrations

Which entity of this integration stands for which of another one, and what has no counterpart.
[Moving from another integration](takeover.md) describes how they move. An entity only moves
when both show the same value at that moment, so some of these stay on some systems.

- **Automations by entity** go on as they are: entity ids do not change.
- **Automations by device** have to be changed: the device is another one. Open the automation and
  choose the entity, or the new device.
- **Options of selects** may be worded differently. Automations that set such an option, or wait
  for it, have to use the new word.
- **Two integrations at once** slow each other down: the inverter answers one request at a time.

*n* stands for a number.

"""

COLUMNS = "| Theirs | Ours | Note |\n| --- | --- | --- |"

KINDS = {
    "lv_battery": "Battery",
    "aio_module": "Battery module",
    "hv_module": "Battery module",
    "hv_stack": "Battery stack",
    "managed_inverter": "Inverter of an EMS",
    "inverter": "Inverter",
    "ems": "EMS",
    "gateway": "Gateway",
}


@cache
def ours() -> Mapping[tuple[str, str, str], str]:
    """Return the names of our entities by kind of device, platform and key."""
    return {
        (plant_device.kind, platform, row.key): name_of(platform, row)
        for platform, found in rows().items()
        for plant_device, row in found
    }


def kind_of(list_name: str, device: str) -> str:
    """Return which kind of device an identifier of a list is."""
    plant = PLANTS[list_name]
    if device.endswith("_managed"):
        return "managed_inverter"
    if "hvstack" in device:
        return "hv_stack"
    if device == next(iter(listed(list_name).devices)):
        return plant if plant in ("ems", "gateway") else "inverter"
    return {"all_in_one": "aio_module", "three_phase_hv": "hv_module"}.get(plant, "lv_battery")


def resolved(peer: Peer, kind: str, domain: str, key: str) -> tuple[Counterpart | None, str | None]:
    """Return the row about one of their keys and the name of ours, None where there is none."""
    row = None
    for row, our_key in peer.find(kind, domain, key):
        at = kind if row.at is None else row.at
        if (name := ours().get((at, domain, our_key))) is not None:
            return row, name
    return row, None


def line(theirs: str, row: Counterpart | None, name: str | None) -> str:
    """Return one line of a table."""
    if name is not None:
        return f"| {theirs} | {name} | {'' if row is None else row.why} |"
    why = row.why if row is not None and not row.ours else "Not on this kind of system."
    return f"| {theirs} | - | {why} |"


def local_lines() -> Iterator[tuple[str, str]]:
    """Yield the section and the line of each entity of the integrations of that domain."""
    for list_name in PLANTS:
        found = listed(list_name)
        for row in found.rows:
            device = found.device_of(row)
            kind = kind_of(list_name, device)
            key = row.unique_id.removeprefix(f"{device}_")
            if kind == "managed_inverter":
                key = f"managed_{key}"
            counterpart, name = resolved(LOCAL, kind, row.domain, key)
            theirs = re.sub(r"\b\d+\b", "*n*", row.name)
            ours_named = None if name is None else re.sub(r"\b\d+\b", "*n*", name)
            yield KINDS[kind], line(f"{theirs} ({row.domain})", counterpart, ours_named)


def givtcp_keys() -> list[tuple[str, str]]:
    """Return the platform and key of each entity of GivTCP."""
    with (LISTS / "givtcp_keys.csv").open() as file:
        found = {(row["platform"], row["key"]) for row in csv.DictReader(file)}
    return sorted(found)


def givtcp_lines() -> Iterator[tuple[str, str]]:
    """Yield the section and the line of each entity of GivTCP."""
    for platform, key in givtcp_keys():
        found = [
            (row, name)
            for kind in KINDS
            for row, name in [resolved(GIVTCP, kind, platform, key)]
            if row is not None
        ]
        names = sorted({name for _, name in found if name is not None})
        row = next((row for row, name in found if name is not None or not row.ours), None)
        theirs = re.sub(r"(?<=_)\d+(?=_|$)", "*n*", key)
        shown = [re.sub(r"\b\d+\b", "*n*", name) for name in names]
        yield platform, line(theirs, row, " or ".join(dict.fromkeys(shown)) or None)


def sections(title: str, lines: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Yield the tables of one integration."""
    tables: dict[str, dict[str, None]] = {}
    for section, text in lines:
        tables.setdefault(section, {})[text] = None
    yield f"## {title}\n"
    for section, texts in tables.items():
        body = "\n".join(sorted(texts, key=str.casefold))
        yield f"### {title}: {section}\n\n{COLUMNS}\n{body}\n"


def page() -> str:
    """Return the whole page."""
    parts = [
        *sections("GivEnergy Local", local_lines()),
        *sections("GivTCP", givtcp_lines()),
    ]
    return HEAD + "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
