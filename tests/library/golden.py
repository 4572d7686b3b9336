"""Recorded decodes of real plants, and how ours compare with them."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from enum import Enum
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.register import Bank, Register

from tests.library.difference import Difference, Words


class Mismatch(NamedTuple):
    """One value we read otherwise."""

    attribute: str
    ours: Any
    golden: Any


class Recording(NamedTuple):
    """One plant: the words of each of its devices, and what they were decoded to."""

    name: str
    words: Mapping[int, Words]
    decoded: Mapping[str, Any]

    def at(self, address: int, view: str) -> Mapping[str, Any] | None:
        """Return what a device was decoded to when looked at in a certain way."""
        views: Mapping[str, Any] = self.decoded["by_address"].get(f"{address:#04x}", {})
        return views.get(view)


def recordings() -> list[Any]:
    """Return the recordings as parameters, one of them skipped where there is no folder."""
    folder = os.environ.get("GIVENERGY_CAPTURES")
    if folder is None:
        reason = pytest.mark.skip(reason="GIVENERGY_CAPTURES names no folder of recordings")
        return [pytest.param(None, id="none", marks=reason)]
    paths = sorted((Path(folder) / "golden").glob("*.caches.json"))
    return [pytest.param(_load(path), id=path.name.removesuffix(".caches.json")) for path in paths]


def _load(path: Path) -> Recording:
    caches = json.loads(path.read_text())
    return Recording(
        path.name.removesuffix(".caches.json"),
        {int(address, 16): dict(_words(cache)) for address, cache in caches.items()},
        json.loads(path.with_name(path.name.replace(".caches.", ".decoded.")).read_text()),
    )


def _words(cache: Mapping[str, int]) -> Iterator[tuple[Register, int]]:
    for name, word in cache.items():
        bank, _, address = name.rstrip(")").partition("(")
        yield Register.at(Bank(bank), int(address)), word


def mismatches(
    device: str,
    ours: Any,
    golden: Mapping[str, Any],
    words: Words,
    known: Iterable[Difference] = (),
) -> tuple[int, list[Mismatch]]:
    """Return how many values were compared, and those that differ for no known reason."""
    rows = tuple(known)
    names = [name for name in golden if not name.startswith("$")]
    found = [
        Mismatch(name, ours_now, golden[name])
        for name in names
        if not same(ours_now := getattr(ours, name), golden[name])
        and not any(row.covers(device, name, ours_now, golden[name], words) for row in rows)
    ]
    return len(names), found


def same(ours: Any, golden: Any) -> bool:
    """Whether a value of ours is the recorded one; true is not 1."""
    if isinstance(ours, float) and isinstance(golden, float):
        return isclose(ours, golden, rel_tol=0, abs_tol=1e-9)
    return isinstance(ours, bool) is isinstance(golden, bool) and plain(ours) == golden


def plain(value: Any) -> Any:
    """Write a value the way the recordings do."""
    match value:
        case Enum():
            return {"$enum": type(value).__name__, "name": value.name, "value": value.value}
        case TimeSlot(start, end):
            return {"$timeslot": [_hhmm(start), _hhmm(end)]}
        case datetime():
            return {"$datetime": value.isoformat()}
        case tuple():
            return [plain(part) for part in value]
    return value


def _hhmm(at: time) -> str:
    return f"{at:%H:%M}"
