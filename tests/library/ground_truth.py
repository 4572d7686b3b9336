"""The true values of a simulated plant, to compare with those a client has."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import Any

from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.plan import Read
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register_cache import RegisterCache
from givenergy_modbus.model.register_model import RegisterModel
from givenergy_modbus.pdu import ReadRegistersResponse
from givenergy_modbus.simulator import Simulator

type Key = tuple[int, str, str]
"""A device's address, what it is seen as, and the name of a reading."""


def views(plant: Plant) -> Iterator[tuple[int, RegisterModel]]:
    """Yield every typed view of a plant with the address of its registers."""
    layout, root = plant.capabilities, plant.inverter_address
    assert layout is not None
    yield root, plant.inverter
    yield from (
        (root, controller) for controller in (plant.ems, plant.gateway) if controller is not None
    )
    yield from zip(layout.lv_battery_addresses, plant.batteries, strict=True)
    if plant.lv_bcu is not None:
        yield layout.lv_bcu_address or 0, plant.lv_bcu
    yield from ((stack.device_address, stack.bcu) for stack in plant.hv_stacks)
    if not plant.aio_battery_modules:
        modules = chain.from_iterable(stack.bmus for stack in plant.hv_stacks)
        yield from zip(layout.hv_bmu_addresses, modules, strict=True)
    yield from ((module.module_address or 0, module) for module in plant.aio_battery_modules)
    yield from plant.meters.items()
    yield from plant.meter_products.items()


def plan_of(layout: PlantCapabilities) -> tuple[Read, ...]:
    """Return every block a client reads of a plant."""
    return *layout.measurement_plan, *layout.config_plan


def readings(plant: Plant) -> dict[Key, Any]:
    """Return all values of a plant, except those computed from more than one block."""
    assert plant.capabilities is not None
    plan = plan_of(plant.capabilities)
    return {
        (address, type(view).__name__, name): getattr(view, name)
        for address, view in views(plant)
        for name in _of_one_block(type(view), address, plan)
    }


@cache
def _of_one_block(
    model: type[RegisterModel], address: int, plan: tuple[Read, ...]
) -> tuple[str, ...]:
    blocks = [read.block for read in plan if read.device_address == address]
    return tuple(
        name
        for name, reading in model.all_fields.items()
        if any(all(register in block for register in reading.registers) for block in blocks)
    )


def held(sim: Simulator, layout: PlantCapabilities) -> dict[Key, Any]:
    """Return what a plant would report right now without a fault."""
    plant = Plant(layout)
    for read in plan_of(layout):
        address, block = read
        answer = sim.bus.answer(read.request)
        if isinstance(answer, ReadRegistersResponse) and not answer.error:
            cache = plant.register_caches.setdefault(address, RegisterCache())
            cache.store(block.bank, block.start, answer.register_values)
    return readings(plant)


class GroundTruth:
    """Collects every true value of a plant during a test."""

    def __init__(self, sim: Simulator, plant: Plant, passing: Callable[[float], None]) -> None:
        """Watch a simulated plant, and what a client believes of it.

        ``passing`` lets time pass for the client.
        """
        assert plant.capabilities is not None
        self._passing = passing
        self._sim = sim
        self._plant = plant
        self._layout = plant.capabilities
        self._said: dict[Key, list[Any]] = defaultdict(list)
        self.look()

    def step(self, seconds: float) -> None:
        """Let time pass for everybody, and look."""
        self._sim.step(seconds)
        self._passing(seconds)
        self.look()

    def look(self) -> None:
        """Collect the present values of the plant."""
        for key, value in held(self._sim, self._layout).items():
            if value not in self._said[key]:
                self._said[key].append(value)

    def wrong(self) -> dict[Key, Any]:
        """Return what the client believes although it was never so."""
        return {
            key: value
            for key, value in readings(self._plant).items()
            if value is not None and value not in self._said[key]
        }

    def outdated(self) -> dict[Key, tuple[Any, Any]]:
        """Return what the client does not know to be otherwise by now: old and new."""
        known = readings(self._plant)
        return {
            key: (known.get(key), value)
            for key, value in held(self._sim, self._layout).items()
            if known.get(key) != value
        }
