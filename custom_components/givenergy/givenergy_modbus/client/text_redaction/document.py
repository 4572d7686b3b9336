"""Redact documents: JSON by its structure, other text by what is recognized in it."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import cast

from ...model.redaction import redact_words
from ...model.register import Bank, Register
from .edits import TextEdits
from .hex_runs import redact_hex
from .identifiers import (
    REDACTED,
    redact_base64,
    redact_named_values,
    redact_plain,
    redact_serial_value,
)
from .register_dumps import redact_integers, redact_numbers, redact_rows, redact_single_registers

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

_REGISTER_NAME = re.compile(r"(HR|IR|MR)\s?[(:_ ]\s*(\d{1,5})\s*\)?", re.IGNORECASE)
_SERIAL_KEY = re.compile(r"serial|(?:^|_)sn$", re.IGNORECASE)
_HOST_KEY = re.compile(
    r"^(?:host(?:_?name)?|ip(?:_?address)?|configuration_url|mac)$", re.IGNORECASE
)
_MOST_NESTED = 100


def redact_any_text(text: str) -> str:
    """Return a text without serial numbers of units and without network addresses.

    Recognizes frames, register rows, single registers and lists of numbers anywhere, in
    JSON at any depth too. Hexadecimal that cannot be read loses all decimal digits.
    """
    document = _parse(text)
    if isinstance(document, (dict, list)):
        indent = 2 if "\n" in text.strip() else None
        redacted = json.dumps(_redact_value(document), indent=indent, ensure_ascii=False)
        return redacted + ("\n" if text.endswith("\n") else "")
    lines = text.splitlines(keepends=True)
    if len(lines) > 1 and any(isinstance(_parse(line), dict) for line in lines):
        return "".join(_redact_line_groups(lines))
    return _redact_loose(text)


def _redact_line_groups(lines: list[str]) -> list[str]:
    """Return lines of which some are JSON objects, with each and the text between redacted."""
    parts: list[str] = []
    loose: list[str] = []
    for line in lines:
        if isinstance(_parse(line), dict):
            parts += [_redact_loose("".join(loose)), redact_any_text(line)]
            loose = []
        else:
            loose.append(line)
    return [*parts, _redact_loose("".join(loose))]


def _redact_loose(text: str) -> str:
    """Redact a text that is no JSON."""
    edits = TextEdits(text)
    redact_rows(edits)
    redact_single_registers(edits)
    redact_numbers(edits)
    redact_base64(edits)
    redact_hex(edits)
    redact_named_values(edits)
    return edits.result(redact_plain)


def _parse(text: str) -> Json:
    """Return a text's JSON value, None if it is no JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    with suppress(ValueError, RecursionError):
        return cast("Json", json.loads(text))
    return None


def _redact_value(value: Json, key: str = "", depth: int = 0) -> Json:
    """Return a JSON value redacted; ``key`` is the name it has in its object."""
    if depth > _MOST_NESTED:
        return REDACTED
    match value:
        case dict():
            return _redact_object(value, key, depth)
        case list():
            return _redact_list(value, key, depth)
        case str():
            return _redact_string(value, key)
        case int() if not isinstance(value, bool) and _SERIAL_KEY.search(key):
            return 0
        case _:
            return value


def _redact_string(value: str, key: str) -> str:
    if _SERIAL_KEY.search(key):
        return redact_serial_value(value)
    if _HOST_KEY.search(key):
        return REDACTED
    return redact_any_text(value)


def _redact_object(values: dict[str, Json], key: str, depth: int) -> dict[str, Json]:
    """Return an object redacted: its registers as those of one device, the rest by itself."""
    words = _registers(values)
    redacted = redact_words(dict(words.values()), _address(key))
    shown: dict[str, Json] = {}
    for name, value in values.items():
        if name in words:
            shown[name] = redacted[words[name][0]]
        else:
            # A key may be a serial: devices are identified by it.
            shown[redact_plain(name)] = _redact_value(value, name, depth + 1)
    return shown


def _registers(values: Mapping[str, Json]) -> dict[str, tuple[Register, int]]:
    """Return the registers among an object's keys with their words."""
    words: dict[str, tuple[Register, int]] = {}
    for name, value in values.items():
        match = _REGISTER_NAME.fullmatch(name)
        is_word = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0xFFFF
        if match and is_word and int(match[2]) <= 0xFFFF:
            register = Register.at(Bank(match[1].upper()), int(match[2]))
            words[name] = register, cast("int", value)
    return words


def _redact_list(values: list[Json], key: str, depth: int) -> list[Json]:
    if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return list(redact_integers(cast("list[int]", values)))
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == len(values) > 1 and not any("\n" in text for text in texts):
        # Lines of a dump belong together.
        lines = _redact_loose("\n".join(texts)).split("\n")
        if len(lines) == len(texts) and not _SERIAL_KEY.search(key):
            return [*lines]
    return [_redact_value(value, key, depth + 1) for value in values]


def _address(key: str) -> int | None:
    with suppress(ValueError):
        return int(key, 0)
    return None
