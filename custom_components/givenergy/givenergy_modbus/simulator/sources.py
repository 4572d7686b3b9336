"""Plants from capture files, register dumps and descriptions."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from ..capture_file import frames
from ..model.plan import FACADE_ADDRESS, INVERTER_ADDRESS
from ..model.register import HR, Bank, Register
from ..model.register_cache import RegisterCache, parse_compact
from ..pdu import ReadRegistersResponse
from .physics import Site
from .plant_profile import PlantProfile, models_at
from .profiles import profile

_ROW = re.compile(r"^\s*0x[0-9a-fA-F]+:(?:HR|IR|MR)\(", re.MULTILINE)
_REGISTER = re.compile(r"(HR|IR|MR)[(:](\d+)\)?")

_WORDS = 5
_SHORTEST = 8
"""Registers of a serial, and characters of a split one."""

_REPEATED = ("first_inverter_serial_number",)
"""Fields that repeat another device's serial."""


def recorded(*paths: str | Path) -> PlantProfile:
    """Return the plant that capture files show, in its last state.

    Raises ValueError if they hold no read response.
    """
    words: dict[int, RegisterCache] = {}
    envelopes: dict[int, str] = {}
    adapter = ""
    for _, _, page in frames(*paths):
        if not isinstance(page, ReadRegistersResponse) or page.error or page.crc_failed:
            continue
        address = page.device_address
        cache = words.setdefault(address, RegisterCache())
        cache.store(Bank(page.bank), page.base_register, page.register_values)
        envelopes[address] = page.inverter_serial_number
        adapter = page.data_adapter_serial_number
    if not words:
        raise ValueError(f"no frames in {', '.join(map(str, paths))}")
    return _as_profile(Path(paths[0]).stem, words, envelopes, adapter)


def dumped(dump: str | Path | Mapping[str, Any]) -> PlantProfile:
    """Return the plant of a register dump.

    A dump is a diagnostics file, as JSON or already parsed, with compact rows anywhere
    in it; a text of compact rows; or JSON of registers by device and name. Raises
    ValueError if no register is found.
    """
    name, text = "dump", ""
    values: object = dump
    if not isinstance(dump, Mapping):
        path = Path(dump)
        name, text = path.stem, path.read_text(encoding="utf-8")
        try:
            values = json.loads(text)
        except ValueError:
            values = None
    words = parse_compact("\n".join(_texts(values)) or text)
    if not words and isinstance(values, Mapping):
        words = _by_name(values)
    if not any(words.values()):
        raise ValueError(f"no registers in {name}")
    return _as_profile(name, words, {}, "")


def _texts(values: object) -> Iterator[str]:
    """Yield every text in a JSON value that contains compact rows."""
    if isinstance(values, str):
        if _ROW.search(values):
            yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _texts(value)
    elif isinstance(values, list):
        for value in values:
            yield from _texts(value)


def _by_name(values: Mapping[str, Any]) -> dict[int, RegisterCache]:
    return {
        int(address, 0): RegisterCache.from_json(json.dumps(registers))
        for address, registers in values.items()
        if address.startswith("0x") and isinstance(registers, Mapping)
    }


def described(path: str | Path) -> PlantProfile:
    """Return the plant that a YAML or JSON file describes by attribute names.

    ``like`` names a predefined plant to start from, ``devices`` gives values by address,
    ``without`` lists addresses to remove, ``site`` what drives it (constant values if
    null). Raises ValueError for an invalid description.
    """
    path = Path(path)
    content = _read(path)
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} describes no plant")
    like = content.pop("like", None)
    base = PlantProfile(name=path.stem) if like is None else profile(like)
    changes: dict[str, Any] = {"name": path.stem}
    for key in ("name", "title", "adapter_serial", "inverter_serial"):
        if key in content:
            changes[key] = str(content.pop(key))
    try:
        if "site" in content:
            changes["site"] = _site(base.site, content.pop("site"))
        devices = {
            _address(address): {_named(name): value for name, value in values.items()}
            for address, values in content.pop("devices", {}).items()
        }
        without = {_address(address) for address in content.pop("without", ())}
    except (TypeError, AttributeError) as err:
        raise ValueError(f"{path.name}: {err}") from err
    if content:
        raise ValueError(f"{path.name} has unknown keys: {', '.join(map(str, content))}")
    plant = base.with_values(devices, **changes)
    kept = {address: values for address, values in plant.devices.items() if address not in without}
    return replace(plant, devices=kept)


def _read(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    try:
        yaml = import_module("yaml")
    except ModuleNotFoundError as err:
        raise ValueError(f"{path.name} is YAML, and reading that needs pyyaml") from err
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as err:
        raise ValueError(f"{path.name} is no YAML: {' '.join(str(err).split())}") from err


def _address(address: int | str) -> int:
    return int(address, 0) if isinstance(address, str) else int(address)


def _named(name: str) -> str | Register:
    """Return an attribute name, or the register of a name such as ``IR(60)``."""
    register = _REGISTER.fullmatch(name)
    return name if register is None else Register.at(Bank(register[1]), int(register[2]))


def _site(base: Site | None, values: Mapping[str, Any] | None) -> Site | None:
    if values is None:
        return None
    known = {} if base is None else {name: getattr(base, name) for name in Site.__slots__}
    changed = {**known, **values}
    changed["solar_w"] = tuple(changed.get("solar_w", ()))
    return Site(**changed)


def _as_profile(
    name: str, words: dict[int, RegisterCache], envelopes: dict[int, str], adapter: str
) -> PlantProfile:
    """Return a plant of recorded words, with unique serials where redaction made them equal."""
    _unfold_mirrors(words)
    inverter = envelopes.get(INVERTER_ADDRESS) or envelopes.get(FACADE_ADDRESS, "")
    plant = PlantProfile(name=name, words=words, inverter_serial=inverter)
    renamed = _tell_apart(plant)
    own = {
        address: renamed.get(address, serial)
        for address, serial in envelopes.items()
        if serial != inverter
    }
    identity = [words.get(INVERTER_ADDRESS, RegisterCache()).get(HR(at), 0) for at in range(13, 18)]
    return PlantProfile(
        name=name,
        title=f"As recorded in {name}",
        words=words,
        envelopes=own,
        # The inverter's own register is more complete than a redacted envelope.
        inverter_serial="" if all(identity) else inverter,
        adapter_serial=adapter or plant.adapter_serial,
    )


def _unfold_mirrors(words: dict[int, RegisterCache]) -> None:
    """Move registers read at a mirror address to the inverter."""
    if HR(0) in words.get(FACADE_ADDRESS, ()):
        inverter = words.setdefault(INVERTER_ADDRESS, RegisterCache())
        for at in (HR(0), HR(21)):
            inverter.setdefault(at, words[FACADE_ADDRESS].get(at, 0))
    inverter = words.get(INVERTER_ADDRESS, RegisterCache())
    for address, extents in PlantProfile(name="", words=words).firmware.mirrors.items():
        cache = words.get(address, RegisterCache())
        for register in list(cache):
            if any(extent.covers(register.bank, register.address, 1) for extent in extents):
                inverter.setdefault(register, cache.pop(register))


def _tell_apart(plant: PlantProfile) -> dict[int, str]:
    """Make the serials of different devices differ, and return them by address."""
    seen: dict[str, Iterator[int]] = {}
    serials: dict[int, str] = {}
    for address in sorted(plant.words):
        cache = plant.words[address]
        assert isinstance(cache, RegisterCache)
        for model in models_at(address, plant.traits):
            for name, field in model.register_fields.items():
                if not field.codec.identifies or field.codec.words < _WORDS or name in _REPEATED:
                    continue
                if len(known := field.read(cache) or "") < _SHORTEST:
                    continue
                if known in seen:
                    cache[field.registers[-1]] = int.from_bytes(
                        f"{next(seen[known]):02}".encode(), "big"
                    )
                else:
                    seen[known] = count(1)
                if name == "serial_number":
                    serials[address] = field.read(cache)
    return serials
