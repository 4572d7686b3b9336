"""What keeps a plant's words moving: one flow of energy, told by every device in its way."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from ..model.device_kinds import BCU, BMU, LV_BATTERY, METER
from ..model.models import Trait
from ..model.plan import INVERTER_ADDRESS
from ..model.register_cache import RegisterCache
from . import meters
from .batteries import MODULE_CELLS, PACK_CELLS, Module, Pack, Stack
from .blueprint import Blueprint, cast_of
from .clock import Clock
from .controls import controls_for
from .inverters import Controller, Hub, SinglePhase, ThreePhase
from .physics import Site, World
from .sheet import Sheet

_OLD_BMS = 3009
"""Up to this firmware a pack neither counts energy nor measures current."""

type Show = Callable[[World], None]
"""Writes down what one device says now."""


class Life:
    """Moves a plant on in time."""

    def __init__(
        self,
        blueprint: Blueprint,
        site: Site,
        registers: Mapping[int, RegisterCache],
        clock: Clock,
        seed: int = 0,
    ) -> None:
        """Bring the words of a plant to life; the same seed makes the same days."""
        self._blueprint = blueprint
        self._registers = registers
        self._random = Random(seed)
        self.world = World(site, clock, seed)
        root = self._sheet(INVERTER_ADDRESS)
        self._controls = controls_for(blueprint.traits, root, site)
        self._shows = [*self._batteries(), *self._meters(), self._root(root)]
        self.world.begin(self._controls)
        self._show()

    def step(self, seconds: float) -> None:
        """Let time pass, and let every device say so."""
        self.world.step(seconds, self._controls)
        self._show()

    def _show(self) -> None:
        for show in self._shows:
            show(self.world)

    def _sheet(self, address: int) -> Sheet:
        return Sheet(self._registers[address], *cast_of(address, self._blueprint.traits))

    def _present(self, addresses: range) -> Iterator[tuple[int, Sheet]]:
        return ((it, self._sheet(it)) for it in addresses if self._registers.get(it))

    def _root(self, sheet: Sheet) -> Show:
        traits = self._blueprint.traits
        if Trait.EMS in traits:
            return Controller(sheet, _shares(sheet.get("inverter_count", 1))).show
        if Trait.GATEWAY in traits:
            return Hub(sheet, _shares(sheet.get("parallel_aio_num", 1))).show
        modules = sum(1 for _ in self._present(BMU.addresses))
        cells = MODULE_CELLS * modules or PACK_CELLS
        if Trait.THREE_PHASE in traits:
            return ThreePhase(sheet, cells).show
        return SinglePhase(sheet, traits, cells).show

    def _batteries(self) -> Iterator[Show]:
        for _, sheet in self._present(LV_BATTERY.addresses):
            if sheet.get("serial_number"):
                newer = sheet.get("bms_firmware_version", 0) > _OLD_BMS
                yield Pack(sheet, self._random, counts=newer, measures=newer).show
        modules = [Module(sheet, self._random) for _, sheet in self._present(BMU.addresses)]
        yield from (module.show for module in modules)
        for _, sheet in self._present(BCU.addresses):
            # Modules are numbered through from one stack to the next.
            count = sheet.get("number_of_modules", 0)
            yield Stack(sheet, modules[:count]).show
            modules = modules[count:]

    def _meters(self) -> Iterator[Show]:
        traits = self._blueprint.traits
        phases = 3 if Trait.THREE_PHASE in traits else 1
        make = meters.THREE_PHASE if phases == 3 else meters.SINGLE_PHASE
        if Trait.EMS in traits:
            make = meters.EMS
        elif Trait.GATEWAY in traits:
            make = meters.GATEWAY
        other = meters.Role.HEATING if phases == 3 else meters.Role.GENERATION
        for address, sheet in self._present(METER.addresses):
            role = meters.Role.GRID if address == 1 else other
            yield meters.EnergyMeter(sheet, role, make, phases).show


def _shares(count: int) -> tuple[float, ...]:
    """Return how much of the work each of several inverters does, the first the most."""
    weights = [count + 2 - number for number in range(count)]
    return tuple(weight / sum(weights) for weight in weights)
