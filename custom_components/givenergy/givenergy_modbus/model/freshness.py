"""When each block of registers was last stored, and since when its words are unchanged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from .plan import Block
from .register import Register


class Instant(NamedTuple):
    """A moment on both clocks; ordered by the one that never goes back."""

    monotonic: float
    """Seconds, for ages."""
    utc: datetime
    """The date and time, for people."""


@dataclass(slots=True)
class _Record:
    """What is remembered of one block of one device."""

    present: bool | None = None
    stored: Instant | None = None
    words: tuple[int, ...] = ()
    unchanged_since: Instant | None = None


class Freshness:
    """Remembers, for each block of each device, when words were last stored."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._records: dict[int, dict[Block, _Record]] = {}
        self._covering: dict[tuple[int, Block], list[_Record]] = {}
        """The records of what covers a block, until a block becomes known or is forgotten."""

    def stored(
        self, device_address: int, block: Block, words: tuple[int, ...], at: Instant
    ) -> None:
        """Record that a block was stored."""
        record = self._record(device_address, block)
        record.present = True
        record.stored = at
        if record.unchanged_since is None or record.words != words:
            record.words = words
            record.unchanged_since = at

    def absent(self, device_address: int, block: Block) -> None:
        """Record that a block is not served."""
        self._record(device_address, block).present = False

    def forget(self, device_address: int, block: Block) -> None:
        """Remove what is known of a block."""
        self._records.get(device_address, {}).pop(_plain(block), None)
        self._covering.clear()

    def forget_device(self, device_address: int) -> None:
        """Remove what is known of all blocks of a device."""
        self._records.pop(device_address, None)
        self._covering.clear()

    def since(self, monotonic: float) -> Iterator[tuple[int, Block, Instant]]:
        """Yield the blocks that were stored since a moment, by device, and when each was."""
        for device_address, records in self._records.items():
            for block, record in records.items():
                if record.stored is not None and record.stored.monotonic >= monotonic:
                    yield device_address, block, record.stored

    def present(self, device_address: int, block: Block) -> bool | None:
        """Return whether a block is served; None if it was never asked for."""
        record = self._known(device_address, block)
        return None if record is None else record.present

    def block_at(self, device_address: int, block: Block) -> Instant | None:
        """Return when exactly this block was last stored."""
        record = self._known(device_address, block)
        return None if record is None else record.stored

    def covered_at(self, device_address: int, block: Block) -> Instant | None:
        """Return when all of a block was last stored, by itself or within a larger one."""
        if (covering := self._covering.get((device_address, block))) is None:
            covering = self._covering[device_address, block] = [
                record
                for known, record in self._records.get(device_address, {}).items()
                if known.covers(block)
            ]
        return max((record.stored for record in covering if record.stored), default=None)

    def register_at(self, device_address: int, register: Register) -> Instant | None:
        """Return when a register was last stored, with any block."""
        return self.covered_at(device_address, Block(register.bank, register.address, 1))

    def unchanged_since(self, device_address: int, block: Block) -> Instant | None:
        """Return since when a block has held the very same words."""
        record = self._known(device_address, block)
        return None if record is None else record.unchanged_since

    @property
    def newest(self) -> Instant | None:
        """When anything at all was last stored."""
        return max(
            (
                record.stored
                for records in self._records.values()
                for record in records.values()
                if record.stored is not None
            ),
            default=None,
        )

    def _known(self, device_address: int, block: Block) -> _Record | None:
        return self._records.get(device_address, {}).get(_plain(block))

    def _record(self, device_address: int, block: Block) -> _Record:
        records, key = self._records.setdefault(device_address, {}), _plain(block)
        if (record := records.get(key)) is None:
            record = records[key] = _Record()
            self._covering.clear()
        return record


def _plain(block: Block) -> Block:
    """Return a block without the traits it takes to serve it."""
    return Block(block.bank, block.start, block.count)
