"""When each block of registers was last stored, and since when it has said the same."""

from dataclasses import dataclass
from datetime import datetime

from .register import Register
from .topology import Block


@dataclass(slots=True)
class _Record:
    """What is remembered of one block of one device."""

    present: bool | None = None
    stored_at: datetime | None = None
    words: tuple[int, ...] = ()
    unchanged_since: datetime | None = None


class Freshness:
    """Remembers, for each block of each device, when words last came in."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._records: dict[int, dict[Block, _Record]] = {}

    def stored(
        self, device_address: int, block: Block, words: tuple[int, ...], at: datetime
    ) -> None:
        """Note that a block was stored."""
        record = self._record(device_address, block)
        record.present = True
        record.stored_at = at
        if record.unchanged_since is None or record.words != words:
            record.words = words
            record.unchanged_since = at

    def absent(self, device_address: int, block: Block) -> None:
        """Note that nobody answers for a block."""
        self._record(device_address, block).present = False

    def forget(self, device_address: int, block: Block) -> None:
        """Know nothing of a block any more."""
        self._records.get(device_address, {}).pop(_plain(block), None)

    def present(self, device_address: int, block: Block) -> bool | None:
        """Whether a block is there; None if nobody has tried."""
        record = self._known(device_address, block)
        return None if record is None else record.present

    def block_at(self, device_address: int, block: Block) -> datetime | None:
        """When exactly this block was last stored."""
        record = self._known(device_address, block)
        return None if record is None else record.stored_at

    def covered_at(self, device_address: int, block: Block) -> datetime | None:
        """When all of a block was last stored, by itself or as a part of a larger one."""
        return max(
            (
                record.stored_at
                for stored, record in self._records.get(device_address, {}).items()
                if record.stored_at is not None and stored.covers(block)
            ),
            default=None,
        )

    def register_at(self, device_address: int, register: Register) -> datetime | None:
        """When a register was last stored, with whatever block."""
        return self.covered_at(device_address, Block(register.bank, register.address, 1))

    def unchanged_since(self, device_address: int, block: Block) -> datetime | None:
        """Since when a block has brought the very same words."""
        record = self._known(device_address, block)
        return None if record is None else record.unchanged_since

    @property
    def newest(self) -> datetime | None:
        """When anything at all was last stored."""
        return max(
            (
                record.stored_at
                for records in self._records.values()
                for record in records.values()
                if record.stored_at is not None
            ),
            default=None,
        )

    def _known(self, device_address: int, block: Block) -> _Record | None:
        return self._records.get(device_address, {}).get(_plain(block))

    def _record(self, device_address: int, block: Block) -> _Record:
        return self._records.setdefault(device_address, {}).setdefault(_plain(block), _Record())


def _plain(block: Block) -> Block:
    """Return a block without what it takes to serve it, which is no matter here."""
    return Block(block.bank, block.start, block.count)
