"""Which blocks of registers a plant still brings, counted in polls."""

from collections.abc import Iterable

from .const import LOGGER
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.topology import Read


class Availability:
    """Remembers how often in a row each block was missed.

    A block that has never been brought is lost from the start; one that has
    keeps its last values until it was missed ``limit`` times running.
    """

    def __init__(self, limit: int) -> None:
        """Start with nothing known."""
        self.limit = limit
        self._missed: dict[Read, int] = {}
        self._lost: set[Read] = set()
        self._loss_said: set[Read] = set()

    def expect(self, reads: Iterable[Read]) -> None:
        """Take up blocks that will be polled; the ones never brought count as lost."""
        for read in reads:
            if read not in self._missed:
                self._missed[read] = self.limit
                self._lost.add(read)

    def forget(self, reads: Iterable[Read]) -> None:
        """Drop blocks that are no longer polled."""
        for read in reads:
            self._missed.pop(read, None)
            self._lost.discard(read)
            self._loss_said.discard(read)

    def note(self, asked: Iterable[Read], missed: frozenset[Read]) -> None:
        """Take in what one poll asked for and did not bring."""
        for read in asked:
            if read in missed:
                self._miss(read)
            else:
                self._bring(read)

    def _miss(self, read: Read) -> None:
        self._missed[read] = self._missed.get(read, 0) + 1
        if self._missed[read] < self.limit:
            return
        self._lost.add(read)
        if read not in self._loss_said:
            self._loss_said.add(read)
            LOGGER.warning("%s no longer answers", read)

    def _bring(self, read: Read) -> None:
        self._missed[read] = 0
        self._lost.discard(read)
        if read in self._loss_said:
            self._loss_said.discard(read)
            LOGGER.info("%s answers again", read)

    @property
    def lost(self) -> frozenset[Read]:
        """The blocks missed too often to believe their last values."""
        return frozenset(self._lost)

    @property
    def nothing_left(self) -> bool:
        """Whether every polled block is lost."""
        return len(self._lost) == len(self._missed)

    @property
    def counts(self) -> dict[str, int]:
        """How often in a row each block was missed, by its written form."""
        return {str(read): count for read, count in self._missed.items() if count}

    def missed_at(self, device_address: int) -> int:
        """How often in a row a device brought nothing at all."""
        counts = [
            count for read, count in self._missed.items() if read.device_address == device_address
        ]
        return min(counts, default=0)

    def brings(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Whether all of a device's given registers are in blocks that are not lost."""
        lost = [read.block for read in self._lost if read.device_address == device_address]
        return not lost or not any(register in block for register in registers for block in lost)
