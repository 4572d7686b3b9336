"""Which blocks of registers hold other words than when entities were last updated."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.plan import Read
from .givenergy_modbus.model.plant import Plant
from .givenergy_modbus.model.register import Register

type _Words = tuple[int | None, ...]


@dataclass(slots=True)
class Interest:
    """The blocks an entity reads; given to the coordinator as its listener's context.

    They are replaced when the entity's device answers at another address.
    """

    reads: frozenset[Read]
    every_poll: bool = False
    """Whether its state depends on more than these blocks: on time, or on the poll itself."""
    watched: bool = True
    """Whether fast blocks are to be read on every poll for it: it shows what changes fast."""

    def is_due(self, changed: AbstractSet[Read]) -> bool:
        """Return whether to update the entity, now that the words of some blocks changed."""
        return self.every_poll or not self.reads.isdisjoint(changed)


def uses(
    contexts: Iterable[object], capabilities: PlantCapabilities
) -> tuple[frozenset[Read], frozenset[Read]]:
    """Return the blocks that listeners use, and those of them for what changes fast.

    Among both is one block of every device behind the inverter, to notice its loss.
    """
    interests = [context for context in contexts if isinstance(context, Interest)]
    presence = {
        read.device_address: read
        for read in reversed(capabilities.measurement_plan)
        if read.device_address != capabilities.inverter_address
    }.values()
    return (
        frozenset(presence).union(*(interest.reads for interest in interests)),
        frozenset(presence).union(*(one.reads for one in interests if one.watched)),
    )


@dataclass(slots=True)
class BlockChanges:
    """Compares the words of each block with those of the last update."""

    plant: Plant
    _registers: dict[Read, tuple[Register, ...]] = field(default_factory=dict)
    _before: dict[Read, tuple[bool, _Words]] = field(default_factory=dict)

    def take(self, plan: Iterable[Read], lost: frozenset[Read]) -> frozenset[Read]:
        """Return the blocks whose words or availability changed since this was last called."""
        now = {read: (read in lost, self._words(read)) for read in plan}
        changed = frozenset(read for read, seen in now.items() if self._before.get(read) != seen)
        self._before = now
        return changed

    def _words(self, read: Read) -> _Words:
        cache: Mapping[Register, int] | None = self.plant.register_caches.get(read.device_address)
        if cache is None:
            return ()
        if (registers := self._registers.get(read)) is None:
            block = read.block
            registers = tuple(
                Register.at(block.bank, address)
                for address in range(block.start, block.start + block.count)
            )
            self._registers[read] = registers
        return tuple(map(cache.get, registers))
