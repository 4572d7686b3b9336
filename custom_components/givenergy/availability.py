"""Which blocks of registers have data, counted in polls."""

from collections.abc import Container, Iterable

from .const import LOGGER
from .givenergy_modbus.model.device_kinds import PERIPHERALS
from .givenergy_modbus.model.plan import Read
from .givenergy_modbus.model.register import Bank, Register

_CONTENTS = {Bank.HOLDING: "settings", Bank.INPUT: "measurements", Bank.METER: "identity"}


class Availability:
    """Counts how often in a row each block was missed.

    A block that was never read has no data; one that was keeps its last values until it
    was missed ``limit`` times running. Polls that did not ask for a block count for nothing.
    """

    def __init__(self, name: str, limit: int) -> None:
        """Start with no block read of the system of that name."""
        self.limit = limit
        self._name = name
        self._measurements: tuple[Read, ...] = ()
        self._missed: dict[Read, int] = {}
        self._silent: dict[Read, int] = {}
        self._is_any_silent = False
        self._unread: set[Read] = set()
        self._lost: set[Read] = set()
        self._logged: set[Read] = set()
        self._outage = False
        self._in_outage: set[Read] = set()
        """Lost in an outage of the whole system, and not asked for since it ended."""

    def record(
        self,
        measurements: tuple[Read, ...],
        settings: tuple[Read, ...],
        *,
        read: Container[Read],
        missed: Container[Read],
        refused: Container[Read] = (),
        failure: str | None = None,
    ) -> None:
        """Record which blocks of the register plan were read or missed, and log changes.

        ``refused`` are missed blocks that were answered, but not believed: their device is there.
        ``failure`` is what to log if nothing at all was read.
        """
        plan = (*measurements, *settings)
        self._measurements = measurements
        self._unread |= {block for block in plan if block not in self._missed}
        self._missed = {block: self._missed.get(block, 0) for block in plan}
        self._silent = {block: self._silent.get(block, 0) for block in plan}
        self._unread &= self._missed.keys()
        for block in plan:
            if block in missed:
                self._missed[block] += 1
                if failure is None:
                    self._in_outage.discard(block)
                self._silent[block] = 0 if block in refused else self._silent[block] + 1
                if block in self._unread or self._missed[block] >= self.limit:
                    self._lost.add(block)
            elif block in read:
                self._missed[block] = self._silent[block] = 0
                self._unread.discard(block)
                self._lost.discard(block)
                self._in_outage.discard(block)
        self._is_any_silent = any(self._silent.values())
        self._lost &= self._missed.keys()
        self._logged &= self._missed.keys()
        self._in_outage &= self._missed.keys()
        if self.all_lost:
            self._log_outage(failure or "the system does not respond")
        elif failure is None:
            self._outage = False
            self._log(self._lost - self._logged - self._in_outage, self._logged - self._lost)

    def _log_outage(self, failure: str) -> None:
        """Log an outage of the whole system in one line; the coordinator logs its end."""
        if not self._outage:
            LOGGER.warning("%s: %s", self._name, failure)
        self._outage = True
        self._in_outage |= self._lost - self._logged

    def _log(self, gone: set[Read], back: set[Read]) -> None:
        """Log once that blocks are lost, and once that they are back."""
        if gone:
            LOGGER.warning("%s: no data for %s", self._name, _listed(gone))
        if back:
            LOGGER.info("%s: data restored for %s", self._name, _listed(back))
        self._logged = (self._logged | gone) - back

    @property
    def lost(self) -> frozenset[Read]:
        """The blocks without data: missed too often, or never read."""
        return frozenset(self._lost | self._unread)

    @property
    def all_lost(self) -> bool:
        """Whether no polled block has data."""
        return len(self.lost) == len(self._missed)

    @property
    def counts(self) -> dict[str, int]:
        """How often in a row each block was missed, by its written form."""
        return {str(read): count for read, count in self._missed.items() if count}

    def missed_at(self, device_address: int) -> int:
        """Return how often in a row a device answered for none of its blocks."""
        if not self._is_any_silent:
            return 0
        return min(
            (self._silent[read] for read in self._measurements_of(device_address)), default=0
        )

    def is_lost(self, device_address: int) -> bool:
        """Return whether a device has stopped responding while others respond."""
        return not self.all_lost and all(
            read in self._lost and self._silent[read] >= (1 if read in self._unread else self.limit)
            for read in self._measurements_of(device_address)
        )

    def _measurements_of(self, device_address: int) -> list[Read]:
        return [read for read in self._measurements if read.device_address == device_address]

    def has_data(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Return whether all of a device's given registers are in blocks with data."""
        if not self._lost and not self._unread:
            return True
        return not any(
            register in read.block
            for lost in (self._lost, self._unread)
            for read in lost
            if read.device_address == device_address
            for register in registers
        )


def _listed(reads: Iterable[Read]) -> str:
    return ", ".join(_described(read) for read in sorted(reads, key=str))


def _described(read: Read) -> str:
    """Return a block as the log names it, such as ``inverter measurements (0x11 IR 0-59)``."""
    address, block = read
    device = "inverter"
    for row in PERIPHERALS:
        if address in row.addresses:
            device = row.name.lower()
            if len(row.addresses) > 1:
                device += f" {row.number(address)}"
            break
    last = block.start + block.count - 1
    contents = _CONTENTS[block.bank]
    return f"{device} {contents} ({address:#04x} {block.bank} {block.start}-{last})"
