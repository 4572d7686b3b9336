"""Capture files: the traffic of a connection, one chunk of bytes per line.

A line is ``2026-05-28T18:04:39+00:00 rx 5959...`` or, without a time, ``rx: 5959...``,
in upper or lower case, indented or not. Every other line is a comment.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Literal, NamedTuple

from .framer import ClientFramer, Framer, ServerFramer
from .pdu import BasePDU

type Direction = Literal["rx", "tx"]
"""Received from the data adapter, or sent to it."""

type CapturedFrame = tuple[datetime | None, Direction, BasePDU]

_LINE = re.compile(
    r"\s*(?:(?P<time>\S+(?:[ \t]+\S+)?)\s+)?(?P<direction>rx|tx):?\s+"
    r"(?P<hex>(?:[0-9a-f]{2})+)[0-9a-f]?\s*",
    re.IGNORECASE,
)
_NO_TIME = datetime.min.replace(tzinfo=UTC)


class CaptureLine(NamedTuple):
    """One chunk of a capture."""

    at: datetime | None
    """When it was sent or received, None if the line has no time."""
    direction: Direction
    data: bytes


def parse_line(text: str) -> CaptureLine | None:
    """Return the chunk in a line, None if there is none; half a byte at the end is dropped."""
    if (match := _LINE.fullmatch(text)) is None:
        return None
    direction: Direction = "rx" if match["direction"].lower() == "rx" else "tx"
    return CaptureLine(_parse_time(match["time"]), direction, bytes.fromhex(match["hex"]))


def read_lines(*paths: str | PathLike[str]) -> list[CaptureLine]:
    """Return the chunks of capture files, ordered by time.

    A chunk without a time stays behind the one before it.
    """
    timed = [(at, line) for path in paths for at, line in _timed_lines(path)]
    return [line for _, line in sorted(timed, key=lambda entry: entry[0])]


def frames(*paths: str | PathLike[str]) -> Iterator[CapturedFrame]:
    """Yield the messages of capture files, ordered by time; other bytes are skipped."""
    timed = [entry for path in paths for entry in _timed_frames(path)]
    for _, frame in sorted(timed, key=lambda entry: entry[0]):
        yield frame


def _timed_lines(path: str | PathLike[str]) -> Iterator[tuple[datetime, CaptureLine]]:
    """Yield the chunks of a file, each with the last time seen."""
    at = _NO_TIME
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        for text in file:
            if (line := parse_line(text)) is not None:
                at = line.at or at
                yield at, line


def _timed_frames(path: str | PathLike[str]) -> Iterator[tuple[datetime, CapturedFrame]]:
    """Yield the messages of one file, each with the last time seen."""
    framers: dict[Direction, Framer] = {"rx": ClientFramer(), "tx": ServerFramer()}
    for at, line in _timed_lines(path):
        for message in framers[line.direction].feed(line.data):
            if isinstance(message, BasePDU):
                yield at, (line.at, line.direction, message)


def _parse_time(text: str | None) -> datetime | None:
    """Return a time with its zone, UTC if it has none; None if the text is no time."""
    if text is None:
        return None
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None
