"""A simulated plant whose time passes as fast as a test likes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from givenergy_modbus.model.plan import INVERTER_ADDRESS
from givenergy_modbus.model.register_cache import RegisterCache
from givenergy_modbus.simulator import PlantProfile, Simulation, Site, profile
from givenergy_modbus.simulator.device_registers import DeviceRegisters
from givenergy_modbus.simulator.inverter_clock import InverterClock
from givenergy_modbus.simulator.plant_profile import models_at

EVENING = datetime(2026, 6, 18, 20, 30)  # noqa: DTZ001
NIGHT = datetime(2026, 1, 18, 2, 0)  # noqa: DTZ001
NOON = datetime(2026, 6, 18, 12, 0)  # noqa: DTZ001

type Snapshot = dict[int, RegisterCache]


class Plant:
    """A plant whose time passes as fast as a test likes."""

    def __init__(self, plant: PlantProfile | str, start: datetime = NOON, seed: int = 0) -> None:
        """Wake a plant at some time."""
        self.profile = profile(plant) if isinstance(plant, str) else plant
        assert self.profile.site is not None
        self.registers = self.profile.build()
        self.clock = InverterClock(start)
        self.simulation = Simulation(
            self.profile, self.profile.site, self.registers, self.clock, seed
        )
        self.world = self.simulation.world

    def device(self, address: int = INVERTER_ADDRESS) -> DeviceRegisters:
        """Return a device's words by name."""
        return DeviceRegisters(self.registers[address], *models_at(address, self.profile.traits))

    def snapshot(self) -> Snapshot:
        """Return a copy of every word."""
        return {address: RegisterCache(words) for address, words in self.registers.items()}

    def live(self, seconds: float, step: float) -> Iterator[Snapshot]:
        """Yield the words after every step of some time."""
        for _ in range(round(seconds / step)):
            self.simulation.step(step)
            yield self.snapshot()


def with_settings(name: str, soc: float | None = None, **settings: Any) -> PlantProfile:
    """Return a ready plant with some settings, and maybe its charge, changed."""
    plant = profile(name, devices={INVERTER_ADDRESS: settings})
    if soc is None:
        return plant
    assert plant.site is not None
    kept = {key: getattr(plant.site, key) for key in Site.__slots__}
    return plant.with_values({}, site=Site(**{**kept, "soc": soc}))
