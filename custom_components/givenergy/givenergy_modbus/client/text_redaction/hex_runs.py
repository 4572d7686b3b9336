"""Redact frames written in hexadecimal, whole or in parts, and other bytes of unknown meaning."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...model.redaction import redact_text
from ..capture import redact_bytes
from .edits import TextEdits
from .identifiers import zero_digits

_CHUNK = re.compile(
    r"(?<![0-9a-z])(rx|tx)(?:[\"']?[ \t]*[:=|,][ \t]*|[\"']?[ \t]+)b?[\"']?(?:0x)?"
    r"((?:[0-9a-f]{2})+[0-9a-f]?)"
    r"(?![0-9a-z])",
    re.IGNORECASE,
)
_SOLID = re.compile(r"(?:0x)?([0-9a-f]{16,})", re.IGNORECASE)
_REMAINDER = re.compile(r"([0-9a-f]{2,})(?=[ \t\"',|>+]*(?:\\[rn]|[\r\n]|\Z))", re.IGNORECASE)
_SEPARATED = tuple(
    re.compile(
        rf"(?<![0-9a-z])(?:0x|\\\\?x)?[0-9a-f]{{{width}}}"
        rf"(?P<separator>, ?0x| 0x|\\\\?x|, ?|[ :;_|-])[0-9a-f]{{{width}}}"
        rf"(?:(?P=separator) ?[0-9a-f]{{{width}}}){{{least},}}(?![0-9a-z])",
        re.IGNORECASE,
    )
    for width, least in ((2, 5), (4, 2))
)
_BETWEEN = re.compile(r"(?:\\[rnt]|[\s\"'>+|\\,])*")
_DUMP_LINE_BREAK = re.compile(r"[^\n]{0,40}\n[ \t>]*[0-9a-f]{4,8}[: ]\s*", re.IGNORECASE)
_HEX_DUMP_LINE = re.compile(r"[ \t>]*[0-9a-f]{4,8}:?\s+\Z", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9a-f]", re.IGNORECASE)
_PREFIX = re.compile(r"0x|\\x", re.IGNORECASE)
_MARKER = "59590001"
_UNIT = re.compile(rb"\d{3}")
_ASCII_DIGIT = re.compile(rb"\d")


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of hexadecimal digits."""

    start: int
    end: int
    places: list[int]
    direction: str | None = None


def redact_hex(edits: TextEdits) -> None:
    """Redact every run of hexadecimal digits; what is no frame loses the digits in it."""
    runs = sorted(_runs(edits), key=lambda run: run.start)
    for direction, places in _streams(edits.text, runs):
        _redact_stream(edits, direction, places)
    for run in runs:
        _redact_text_column(edits, run)


def _runs(edits: TextEdits) -> Iterator[_Run]:
    """Yield the runs in a text: chunks with a direction first, then bare ones."""
    for match in _CHUNK.finditer(edits.text):
        if edits.is_free(*match.span(2)):
            yield _claimed(edits, *match.span(2), match[1].lower())
    for pattern in (*_SEPARATED, _SOLID):
        for match in pattern.finditer(edits.text):
            if edits.is_free(*match.span()):
                yield _claimed(edits, *match.span())
    yield from list(_remainders(edits))


def _remainders(edits: TextEdits) -> Iterator[_Run]:
    """Yield short runs that go on where a longer one was wrapped."""
    for run_end in [at for at in range(1, len(edits.text)) if edits.ends_claim(at)]:
        gap = _BETWEEN.match(edits.text, run_end)
        assert gap is not None
        match = _REMAINDER.match(edits.text, gap.end())
        if match and "\n" in gap[0].replace("\\n", "\n") and edits.is_free(*match.span()):
            yield _claimed(edits, *match.span())


def _claimed(edits: TextEdits, start: int, end: int, direction: str | None = None) -> _Run:
    edits.claim(start, end)
    prefixes = {
        at for match in _PREFIX.finditer(edits.text, start, end) for at in range(*match.span())
    }
    places = [
        match.start()
        for match in _DIGIT.finditer(edits.text, start, end)
        if match.start() not in prefixes
    ]
    return _Run(start, end, places, direction)


def _streams(text: str, runs: list[_Run]) -> Iterator[tuple[str | None, list[int]]]:
    """Yield places of digits that belong together: a direction's, or runs that were wrapped."""
    directed: dict[str, list[int]] = {"rx": [], "tx": []}
    bare: list[list[int]] = []
    current: list[int] = []
    last: _Run | None = None
    for run in runs:
        if run.direction is not None:
            current = directed[run.direction]
        elif last is None or not _goes_on(text[last.end : run.start]):
            current = []
            bare.append(current)
        places = (
            run.places if len(run.places) % 2 == 0 or run.direction is None else run.places[:-1]
        )
        current += places
        last = run
    yield from directed.items()
    yield from ((None, places) for places in bare)


def _goes_on(between: str) -> bool:
    """Return whether text between two runs only wraps a line."""
    is_wrapped = "\n" in between.replace("\\n", "\n") and _BETWEEN.fullmatch(between)
    return bool(is_wrapped or _DUMP_LINE_BREAK.fullmatch(between))


def _redact_stream(edits: TextEdits, direction: str | None, places: list[int]) -> None:
    digits = "".join(edits.text[place] for place in places).lower()
    if not digits:
        return
    marker = digits.find(_MARKER)
    shift = marker % 2 if marker >= 0 else 0
    whole = len(digits) - (len(digits) - shift) % 2
    new = redact_bytes(bytes.fromhex(digits[shift:whole]), direction).hex()
    new = digits[:shift] + new + digits[whole:]
    if direction is None and marker < 0:
        new = _blank_unread(new)
    edits.replace_hex(places, new)


def _blank_unread(digits: str) -> str:
    """Return digits that are no frame without a unit at an odd place, or written as text."""
    end = len(digits) - (len(digits) - 1) % 2
    shifted = bytes.fromhex(digits[1:end])
    if _UNIT.search(shifted):
        digits = digits[:1] + _ASCII_DIGIT.sub(b"0", shifted).hex() + digits[end:]
    return redact_text(digits.encode()).decode()


def _redact_text_column(edits: TextEdits, run: _Run) -> None:
    """Zero the digits in the text column of a hex dump's line."""
    start = edits.text.rfind("\n", 0, run.start) + 1
    end = edits.text.find("\n", run.end)
    end = len(edits.text) if end < 0 else end
    is_dump = _HEX_DUMP_LINE.fullmatch(edits.text[start : run.start]) is not None
    if is_dump and edits.is_free(run.end, end):
        edits.replace(run.end, end, zero_digits(edits.text[run.end : end]))
