"""Commands about registers as they are: reading them for a bug report, and making one safe."""

import asyncio
import json as json_
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

from ..client.capture import FrameRedactor
from ..client.client import Client
from ..exceptions import RefreshError
from ..model.plan import CONFIG, MEASUREMENTS, Block, Read
from ..model.plant import Plant
from ..model.redaction import redact_text, redact_words
from ..model.register import Register
from ..model.register_cache import RegisterCache, parse_compact, to_compact
from . import views
from .console import Misuse, as_json, line, remark, waiting
from .target import PORT, Factor, Host, Layout, Place, Port, Where, as_far_as_possible, spelled

_FRAME = re.compile(r"((?:\S+\s+)?(rx|tx):?\s+)((?:[0-9a-fA-F]{2})+)\s*")


def probe(
    place: Place = None,
    host: Host = None,
    port: Port = PORT,
    layout: Layout = None,
    patience: Factor = 1.0,
    *,
    compact: Annotated[
        bool, typer.Option("--compact", help="Write rows of hex, to paste into a bug report.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    every: Annotated[
        bool, typer.Option("--all", "-a", help="Try blocks too that this product is not known for.")
    ] = False,
    redacted: Annotated[
        bool, typer.Option("--redact/--no-redact", help="Blank the units in serial numbers.")
    ] = True,
) -> None:
    """Read every register, and show it as it is.

    Serial numbers keep family and date and lose the unit, so that this can be shared.
    """
    if compact and json:
        raise Misuse("--compact and --json are two forms of the same; take one")
    plant = asyncio.run(_probe(Where.at(place or host, port, layout, patience), every=every))
    shared = plant.redact() if redacted else plant
    if json:
        as_json(_as_json(shared))
    else:
        line(f"# {version_line()} probe: {views.product(plant)}")
        line(to_compact(shared.register_caches) if compact else "\n".join(_legible(shared)))


async def _probe(where: Where, *, every: bool) -> Plant:
    async with where.found() as client:
        with waiting("Reading"):
            missed = spelled(await as_far_as_possible(client.load_config, client.refresh))
            if every:
                await _try(client, (*CONFIG, *MEASUREMENTS))
    if missed:
        remark(f"not answered: {', '.join(missed)}")
    return client.plant


async def _try(client: Client, blocks: Iterable[Block]) -> None:
    """Ask the inverter for blocks it need not have."""
    at = client.plant.inverter_address
    for read in dict.fromkeys(Read(at, Block(it.bank, it.start, it.count)) for it in blocks):
        if client.plant.stored_at(read) is None:
            with suppress(RefreshError):
                await client.read_blocks([read], retries=0)


def version_line() -> str:
    """Return what this is, with its version where it is known."""
    try:
        return f"givenergy-modbus {version('givenergy-local-modbus')}"
    except PackageNotFoundError:
        return "givenergy-modbus"


def _as_json(plant: Plant) -> dict[str, Any]:
    layout = plant.capabilities
    return {
        "library": version_line(),
        "capabilities": None if layout is None else layout.to_dict(),
        **_registers(plant.register_caches),
    }


def _registers(caches: Mapping[int, RegisterCache]) -> dict[str, Any]:
    return {f"{at:#04x}": json_.loads(cache.json()) for at, cache in sorted(caches.items())}


def _legible(plant: Plant) -> Iterator[str]:
    """Yield every register with its word and what is made of it."""
    meanings = _meanings(plant)
    for address, cache in sorted(plant.register_caches.items()):
        for register in sorted(cache):
            word = cache[register]
            row = f"{address:#04x}  {register!s:<9} {word:#06x} {word:6}"
            known = meanings.get((address, register))
            yield row if known is None else f"{row}  {known}"


def _meanings(plant: Plant) -> dict[tuple[int, Register], str]:
    meanings: dict[tuple[int, Register], str] = {}
    for device in plant.devices:
        if device.slot is not None or (model := views.model_of(device)) is None:
            continue
        fields = type(model).register_fields.values()
        for field in fields:
            value = getattr(model, field.name)
            text = "-" if value is None else views.spell(value, field.precision, field.unit)
            for register in field.registers:
                meanings.setdefault((device.device_address, register), f"{field.name}: {text}")
    return meanings


def redact(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Write to a file instead."),
    ] = None,
) -> None:
    """Blank the units in the serial numbers of a capture, a probe or any other text."""
    text = redacted(file.read_text(encoding="utf-8", errors="replace"))
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def redacted(text: str) -> str:
    """Return a text without what names particular devices, in the form it has."""
    if caches := parse_compact(text):
        notes = [_blanked(it) for it in text.splitlines() if it.startswith("#")]
        words = {at: RegisterCache(redact_words(cache, at)) for at, cache in caches.items()}
        return "\n".join([*notes, to_compact(words)]) + "\n"
    with suppress(ValueError):
        values = json_.loads(text)
        if isinstance(values, dict):
            return json_.dumps(_redacted_json(values), indent=2) + "\n"
    return "".join(_redacted_lines(text.splitlines(keepends=True)))


def _redacted_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return saved registers, by device, without serials; anything else by their shape."""
    shown: dict[str, Any] = {}
    for key, value in values.items():
        if key.startswith("0x") and isinstance(value, dict):
            cache = RegisterCache.from_json(json_.dumps(value))
            shown[key] = json_.loads(RegisterCache(redact_words(cache, int(key, 0))).json())
        else:
            shown[key] = json_.loads(_blanked(json_.dumps(value)))
    return shown


def _redacted_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with frames redacted, and in all others what looks like a serial."""
    redactors = {direction: FrameRedactor(direction) for direction in ("rx", "tx")}
    heads: dict[str, str] = {}
    for text in lines:
        if (chunk := _FRAME.fullmatch(text)) is None:
            yield _blanked(text)
            continue
        heads[chunk[2]] = chunk[1]
        for frame in redactors[chunk[2]].frames(bytes.fromhex(chunk[3])):
            yield f"{chunk[1]}{frame.hex()}\n"
    for direction, head in heads.items():
        for frame in redactors[direction].last_frames():
            yield f"{head}{frame.hex()}\n"


def _blanked(text: str) -> str:
    return redact_text(text.encode()).decode()
