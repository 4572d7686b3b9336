"""Which blocks of registers a plant still brings, counted in polls."""

from collections.abc import Iterable

from .const import LOGGER
from .givenergy_modbus.model.device_kinds import PERIPHERALS
from .givenergy_modbus.model.plan import Read
from .givenergy_modbus.model.register import Bank, Register

_CONTENTS = {Bank.HOLDING: "settings", Bank.INPUT: "measurements", Bank.METER: "identity"}


class Availability:
    """Remembers how often in a row each block was missed.

    A block that has never been brought is lost from the start; one that has
    keeps its last values until it was missed ``limit`` times running.
    """

    def __init__(self, name: str, limit: int) -> None:
        """Start with nothing known of the plant of that name."""
        self.limit = limit
        self._name = name
        self._readings: tuple[Read, ...] = ()
        self._missed: dict[Read, int] = {}
        self._lost: set[Read] = set()
        self._logged: set[Read] = set()

    def record(
        self, readings: tuple[Read, ...], settings: tuple[Read, ...], missed: frozenset[Read]
    ) -> None:
        """Take in which blocks of the plans one poll did not bring, and tell what that changes.

        Settings that were not due count as brought.
        """
        self._readings = readings
        before, self._missed = self._missed, {}
        for read in (*readings, *settings):
            brought = read not in missed
            self._missed[read] = 0 if brought else before.get(read, 0) + 1
            if brought:
                self._lost.discard(read)
            elif read not in before or self._missed[read] >= self.limit:
                self._lost.add(read)
        self._lost &= self._missed.keys()
        self._logged &= self._missed.keys()
        self._log(self._lost - self._logged, self._logged - self._lost)

    def _log(self, gone: set[Read], back: set[Read]) -> None:
        """Say once that blocks are lost, and once that they are back."""
        if gone:
            LOGGER.warning("%s: no data for %s", self._name, _listed(gone))
        if back:
            LOGGER.info("%s: data restored for %s", self._name, _listed(back))
        self._logged = (self._logged | gone) - back

    @property
    def lost(self) -> frozenset[Read]:
        """The blocks missed too often, or from the start, so that there are no values."""
        return frozenset(self._lost)

    @property
    def all_lost(self) -> bool:
        """Whether every polled block is lost."""
        return len(self._lost) == len(self._missed)

    @property
    def counts(self) -> dict[str, int]:
        """How often in a row each block was missed, by its written form."""
        return {str(read): count for read, count in self._missed.items() if count}

    def missed_at(self, device_address: int) -> int:
        """How often in a row a device brought no reading at all."""
        return min((self._missed[read] for read in self._readings_of(device_address)), default=0)

    def is_lost(self, device_address: int) -> bool:
        """Whether no reading is brought of a device, while there is something of others."""
        return self._lost.issuperset(self._readings_of(device_address)) and not self.all_lost

    def _readings_of(self, device_address: int) -> list[Read]:
        return [read for read in self._readings if read.device_address == device_address]

    def has_data(self, device_address: int, registers: Iterable[Register]) -> bool:
        """Whether all of a device's given registers are in blocks that are not lost."""
        lost = [read.block for read in self._lost if read.device_address == device_address]
        return not lost or not any(register in block for register in registers for block in lost)


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
