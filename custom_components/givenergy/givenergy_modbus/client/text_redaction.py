"""Redact serial numbers in captures, register dumps and any other text."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..model.redaction import redact_text, redact_words
from ..model.register_cache import RegisterCache, parse_compact, to_compact
from .capture import FrameRedactor

_FRAME = re.compile(r"((?:\S+\s+)?(rx|tx):?\s+)((?:[0-9a-fA-F]{2})+)\s*")


def redact_any_text(text: str) -> str:
    """Return a text without what names particular devices, in the form it has."""
    if caches := parse_compact(text):
        notes = [_blanked(it) for it in text.splitlines() if it.startswith("#")]
        words = {at: RegisterCache(redact_words(cache, at)) for at, cache in caches.items()}
        return "\n".join([*notes, to_compact(words)]) + "\n"
    with suppress(ValueError):
        values = json.loads(text)
        if isinstance(values, dict):
            return json.dumps(_redacted_json(values), indent=2) + "\n"
    return "".join(_redacted_lines(text.splitlines(keepends=True)))


def _redacted_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return saved registers, by device, without serials; anything else by their shape."""
    shown: dict[str, Any] = {}
    for key, value in values.items():
        if key.startswith("0x") and isinstance(value, dict):
            cache = RegisterCache.from_json(json.dumps(value))
            shown[key] = json.loads(RegisterCache(redact_words(cache, int(key, 0))).json())
        else:
            shown[key] = json.loads(_blanked(json.dumps(value)))
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
