"""The register reference: a page for every kind of device, from what its model declares.

A hook of mkdocs; nothing of it is written to the source.
"""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import groupby

from givenergy_modbus.model.devices.aio_module import AioBatteryModule
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.devices.gateway import GatewayV1, GatewayV2
from givenergy_modbus.model.devices.hv_stack import Bcu, Bmu
from givenergy_modbus.model.devices.lv_bcu import LvBcu
from givenergy_modbus.model.devices.meter import Meter, MeterProduct
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.register import (
    AnyField,
    ComputedField,
    Energy,
    Register,
    RegisterField,
    Within,
)
from givenergy_modbus.model.register_model import RegisterModel
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

type Row = Sequence[str]

PAGES: Sequence[tuple[str, str, type[RegisterModel]]] = (
    ("single-phase", "Single-phase inverter", SinglePhaseInverter),
    ("three-phase", "Three-phase inverter", ThreePhaseInverter),
    ("battery", "Low-voltage battery", Battery),
    ("battery-controller", "Low-voltage battery control unit (LV BCU)", LvBcu),
    ("stack", "High-voltage battery control unit (BCU)", Bcu),
    ("stack-module", "High-voltage battery module (BMU)", Bmu),
    ("all-in-one-module", "All-in-One battery module", AioBatteryModule),
    ("meter", "Meter", Meter),
    ("meter-product", "Meter identity", MeterProduct),
    ("ems", "EMS", Ems),
    ("gateway", "Gateway", GatewayV1),
    ("gateway-2", "Gateway, second register layout", GatewayV2),
)

INTRODUCTION = """\
# Registers

Every field of every kind of device: its registers, its unit, its plausible range, and the values it
can be set to. The tables are generated from the declarations that the code uses.

HR are holding registers (settings), IR are input registers (measurements), MR are the identity
registers of a meter. A value out of its plausible range is none, unless all its registers are
zero. A value that the model does not have, or that was not read, is none.

| Device | Class | Fields | Computed fields | Settings |
| --- | --- | --- | --- | --- |
"""

COLUMNS = ("Attribute", "Registers", "Unit", "Plausible range", "Can be set to")
DERIVED_COLUMNS = ("Attribute", "Computed from", "Unit")

MOVES = {
    Energy.LIFETIME: "since installation",
    Energy.DAILY: "since midnight",
    Energy.STORED: "stored",
}


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages."""
    rows = []
    for name, title, model in PAGES:
        source = f"registers/{name}.md"
        files.append(File.generated(config, source, content=page(title, model)))
        settings = sum(field.writable is not None for field in model.register_fields.values())
        derived = len(model.all_fields) - len(model.register_fields)
        rows.append(
            f"| [{title}]({name}.md) | `{model.__name__}` | {len(model.register_fields)} "
            f"| {derived or ''} | {settings or ''} |\n"
        )
    index = INTRODUCTION + "".join(rows)
    files.append(File.generated(config, "registers/index.md", content=index))
    return files


def on_page_content(html: str, **_: object) -> str:
    """Show references between docstrings as the plain names they are."""
    return re.sub(r":(?:meth|func|class):(?=<code>)", "", html)


def page(title: str, model: type[RegisterModel]) -> str:
    """Return the page of a device, values in the order of their registers."""
    fields = sorted(model.register_fields.values(), key=lambda value: value.registers)
    derived = [field for field in model.all_fields.values() if isinstance(field, ComputedField)]
    parts = [
        "---\nhide: [toc]\n---\n",
        f"# {title}\n\n`{model.__module__}.{model.__name__}`\n",
        table(COLUMNS, [row(field) for field in fields]),
    ]
    if derived:
        parts += [
            "## Computed\n",
            table(DERIVED_COLUMNS, [derived_row(field) for field in derived]),
        ]
    if kinds := {field.kind.__name__: field.kind for field in fields if is_code(field.kind)}:
        parts += ["## Codes\n", table(("Kind", "Codes"), [codes(*kind) for kind in kinds.items()])]
    return "\n".join(parts)


def row(field: RegisterField) -> Row:
    """Return a value's row."""
    return (
        named(field),
        spell_registers(field.registers),
        counts(field),
        "" if field.within is None else spell_range(field.within),
        accepted(field),
    )


def derived_row(field: ComputedField) -> Row:
    """Return the row of a computed value."""
    return named(field), spell_registers(field.registers), counts(field)


def named(field: AnyField) -> str:
    """Return a value's name, with its description below."""
    return f"`{field.name}`<br>{field.description}" if field.description else f"`{field.name}`"


def codes(name: str, kind: type[IntEnum]) -> Row:
    """Return what the codes of a kind stand for."""
    return f"`{name}`", ", ".join(f"{item.value} `{item.name}`" for item in kind)


def table(headings: Row, rows: Sequence[Row]) -> str:
    """Return a table without the columns in which nothing is."""
    columns = [column for column in zip(headings, *rows, strict=True) if any(column[1:])]
    head, *body = zip(*columns, strict=True)
    return "\n".join(map(line, [head, ["---"] * len(head), *body])) + "\n"


def line(cells: Iterable[str]) -> str:
    """Return a line of a table."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in cells) + " |"


def spell_registers(registers: Sequence[Register]) -> str:
    """Return registers as runs: ``HR(94..95)``."""
    runs = []
    numbered = enumerate(sorted(registers))
    for _, run in groupby(numbered, lambda value: value[1] - value[0]):
        members = [register for _, register in run]
        first, last = members[0], members[-1]
        runs.append(
            str(first) if first == last else f"{first.bank}({first.address}..{last.address})"
        )
    return ", ".join(runs)


def counts(field: AnyField) -> str:
    """Return what a value counts, in which steps."""
    if field.unit is None:
        kind = field.kind
        named = f"`{kind.__name__}`" if isinstance(kind, type) else str(kind)
        return f"{named}, steps of {10**-field.precision:g}" if field.precision else named
    step = f"{10**-field.precision:g} " if field.precision else ""
    moves = "" if field.energy is None else f", {MOVES[field.energy]}"
    return f"{step}{field.unit}{moves}"


def spell_range(limits: Within) -> str:
    """Return the readings that are believed."""
    if limits.low is None:
        return f"up to {limits.high:g}"
    if limits.high is None:
        return f"from {limits.low:g}"
    return f"{limits.low:g} to {limits.high:g}"


def accepted(field: RegisterField) -> str:
    """Return what a setting takes."""
    if (limits := field.writable) is None:
        return ""
    if field.kind is bool:
        return "on or off"
    usual = "" if limits.usual is None else " (usually {:g} to {:g})".format(*limits.usual)
    return f"{field.allowed}{usual}"


def is_code(kind: object) -> bool:
    """Return whether a value is one of several named codes."""
    return isinstance(kind, type) and issubclass(kind, IntEnum)
