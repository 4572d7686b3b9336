"""Moves a plant's registers: one energy flow, written by every device."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from ..model.device_kinds import HV_MODULE, HV_STACK, LV_BATTERY, METER
from ..model.models import Trait
from ..model.plan import INVERTER_ADDRESS
from ..model.register_cache import RegisterCache
from . import meters
from .batteries import MODULE_CELLS, PACK_CELLS, Module, Pack, Stack
from .controls import controls_for
from .device_registers import DeviceRegisters
from .inverter_clock import InverterClock
from .inverters import EmsDevice, GatewayDevice, SinglePhaseDevice, ThreePhaseDevice
from .physics import Site, World
from .plant_profile import PlantProfile, models_at

_OLD_BMS = 3009
"""Last BMS firmware that neither counts energy nor measures current."""

type Update = Callable[[World], None]
"""Updates the registers of one device."""


class Simulation:
    """Advances a plant's registers in time."""

    def __init__(
        self,
        plant: PlantProfile,
        site: Site,
        registers: Mapping[int, RegisterCache],
        clock: InverterClock,
        seed: int = 0,
    ) -> None:
        """Initialize from a profile; the same seed makes the same days."""
        self._profile = plant
        self._registers = registers
        self._random = Random(seed)
        self.world = World(site, clock, seed)
        root = self._device(INVERTER_ADDRESS)
        self._controls = controls_for(plant.traits, root, site)
        self._updates = [*self._batteries(), *self._meters(), self._root(root)]
        self.world.begin(self._controls)
        self._update_all()

    def step(self, seconds: float) -> None:
        """Advance the time by some seconds, and update every device."""
        self.world.step(seconds, self._controls)
        self._update_all()

    def _update_all(self) -> None:
        for update in self._updates:
            update(self.world)

    def _device(self, address: int) -> DeviceRegisters:
        return DeviceRegisters(self._registers[address], *models_at(address, self._profile.traits))

    def _present(self, addresses: range) -> Iterator[tuple[int, DeviceRegisters]]:
        return (
            (address, self._device(address))
            for address in addresses
            if self._registers.get(address)
        )

    def _root(self, registers: DeviceRegisters) -> Update:
        traits = self._profile.traits
        if Trait.EMS in traits:
            return EmsDevice(registers, _shares(registers.get("inverter_count", 1))).update
        if Trait.GATEWAY in traits:
            return GatewayDevice(registers, _shares(registers.get("parallel_aio_num", 1))).update
        modules = sum(1 for _ in self._present(HV_MODULE.addresses))
        cells = MODULE_CELLS * modules or PACK_CELLS
        if Trait.THREE_PHASE in traits:
            return ThreePhaseDevice(registers, cells).update
        return SinglePhaseDevice(registers, traits, cells).update

    def _batteries(self) -> Iterator[Update]:
        for _, registers in self._present(LV_BATTERY.addresses):
            if registers.get("serial_number"):
                newer = registers.get("bms_firmware_version", 0) > _OLD_BMS
                yield Pack(registers, self._random, counts=newer, measures=newer).update
        modules = [
            Module(registers, self._random) for _, registers in self._present(HV_MODULE.addresses)
        ]
        yield from (module.update for module in modules)
        for _, registers in self._present(HV_STACK.addresses):
            # Modules are numbered through from one stack to the next.
            count = registers.get("number_of_modules", 0)
            yield Stack(registers, modules[:count]).update
            modules = modules[count:]

    def _meters(self) -> Iterator[Update]:
        traits = self._profile.traits
        phases = 3 if Trait.THREE_PHASE in traits else 1
        make = meters.THREE_PHASE if phases == 3 else meters.SINGLE_PHASE
        if Trait.EMS in traits:
            make = meters.EMS
        elif Trait.GATEWAY in traits:
            make = meters.GATEWAY
        other = meters.MeterRole.HEATING if phases == 3 else meters.MeterRole.GENERATION
        for address, registers in self._present(METER.addresses):
            role = meters.MeterRole.GRID if address == 1 else other
            yield meters.EnergyMeter(registers, role, make, phases).update


def _shares(count: int) -> tuple[float, ...]:
    """Return the power share of each inverter, in descending order."""
    weights = [count + 2 - number for number in range(count)]
    return tuple(weight / sum(weights) for weight in weights)
