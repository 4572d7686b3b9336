"""Implement the probe command: raw register values."""

import asyncio
import json as json_
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..client.client import Client
from ..exceptions import RefreshError
from ..model.plan import CONFIG, MEASUREMENTS, Block, Read
from ..model.plant import Plant
from ..model.register import Register
from ..model.register_cache import RegisterCache, to_compact
from . import views
from .connecting import detected, format_failures, poll_all
from .console import UsageError, version_line, waiting, write_json, write_line, write_warning
from .options import Target


def probe(target: Target, *, compact: bool, json: bool, every: bool, redacted: bool) -> None:
    """Read every register and write the raw values."""
    if compact and json:
        raise UsageError("--compact and --json exclude one another")
    plant = asyncio.run(_probe(target, every=every))
    shared = plant.redact() if redacted else plant
    if json:
        write_json(_as_json(shared))
    else:
        write_line(f"# {version_line()} probe: {views.model_name(plant)}")
        write_line(
            to_compact(shared.register_caches) if compact else "\n".join(_register_lines(shared))
        )


async def _probe(target: Target, *, every: bool) -> Plant:
    async with detected(target) as client:
        with waiting("Reading"):
            failures = format_failures(await poll_all(client.load_config, client.refresh))
            if every:
                await _read_all(client, (*CONFIG, *MEASUREMENTS))
    if failures:
        write_warning(f"no response: {', '.join(failures)}")
    return client.plant


async def _read_all(client: Client, blocks: Iterable[Block]) -> None:
    """Read blocks that the inverter may not have; failures are ignored."""
    at = client.plant.inverter_address
    for read in dict.fromkeys(
        Read(at, Block(block.bank, block.start, block.count)) for block in blocks
    ):
        if client.plant.stored_at(read) is None:
            with suppress(RefreshError):
                await client.read_blocks([read], retries=0)


def _as_json(plant: Plant) -> dict[str, Any]:
    topology = plant.capabilities
    return {
        "library": version_line(),
        "capabilities": None if topology is None else topology.to_dict(),
        **_registers(plant.register_caches),
    }


def _registers(caches: Mapping[int, RegisterCache]) -> dict[str, Any]:
    return {f"{at:#04x}": json_.loads(cache.json()) for at, cache in sorted(caches.items())}


def _register_lines(plant: Plant) -> Iterator[str]:
    """Yield a line per register with its word and decoded value."""
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
            text = "-" if value is None else views.format_value(value, field.precision, field.unit)
            for register in field.registers:
                meanings.setdefault((device.device_address, register), f"{field.name}: {text}")
    return meanings
