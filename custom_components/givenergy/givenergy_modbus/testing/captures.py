"""Captures: what went over the wire, a line to the chunk.

A line is ``2026-05-28T18:04:39+00:00 rx 5959...`` or, without a time, ``rx: 5959...``;
what begins with ``#`` is a comment.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Literal, NamedTuple

from ..exceptions import CommunicationError
from ..framer import ClientFramer, Framer, ServerFramer
from ..model.capabilities import PlantCapabilities
from ..model.plant import Plant, derive_capabilities
from ..pdu import BasePDU

type Direction = Literal["rx", "tx"]
"""Received from the adapter, or sent to it."""

_LINE = re.compile(r"(?:(\S+)\s+)?(rx|tx):?\s+((?:[0-9a-fA-F]{2})+)")


class Line(NamedTuple):
    """One chunk of a capture."""

    at: datetime | None
    """When it went over the wire, if the capture says."""
    direction: Direction
    data: bytes


def read_lines(*paths: str | PathLike[str]) -> list[Line]:
    """Return the chunks of captures in the order of their times; what is no chunk is left out.

    A chunk without a time stays behind the one before it.
    """
    timed: list[tuple[datetime, Line]] = []
    for path in paths:
        at = datetime.min.replace(tzinfo=UTC)
        for text in Path(path).read_text().splitlines():
            if (line := _read(text)) is not None:
                at = line.at or at
                timed.append((at, line))
    return [line for _, line in sorted(timed, key=lambda it: it[0])]


def _read(text: str) -> Line | None:
    if (match := _LINE.fullmatch(text.strip())) is None:
        return None
    stamp, direction, data = match.groups()
    at = None
    if stamp is not None:
        with suppress(ValueError):
            at = datetime.fromisoformat(stamp)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Line(at, "rx" if direction == "rx" else "tx", bytes.fromhex(data))


def frames(*paths: str | PathLike[str]) -> Iterator[tuple[datetime | None, Direction, BasePDU]]:
    """Yield the messages of captures with their times; what is no message is left out."""
    framers: dict[Direction, Framer] = {"rx": ClientFramer(), "tx": ServerFramer()}
    for at, direction, data in read_lines(*paths):
        for message in framers[direction].feed(data):
            if isinstance(message, BasePDU):
                yield at, direction, message


def plant_from_capture(
    *paths: str | PathLike[str], prior: PlantCapabilities | None = None
) -> Plant:
    """Return the plant that captures show, as a client that listened would know it.

    Its layout is None when the inverter never said what it is and ``prior`` does not
    either. Raises ValueError for captures without any message received.
    """
    plant = Plant()
    received = 0
    for at, direction, message in frames(*paths):
        if direction == "rx":
            received += 1
            plant.update(message, at)
    if not received:
        raise ValueError(f"no message in {', '.join(map(str, paths)) or 'no capture'}")
    with suppress(CommunicationError):
        plant.capabilities = derive_capabilities(plant.register_caches, prior)
    return plant
