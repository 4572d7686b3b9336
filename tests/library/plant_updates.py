"""Plants without a connection, and what they store."""

from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.guards import Verdict
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import Register

STORED, HELD, REJECTED, IGNORED = Verdict


def hybrid(**known: list[int]) -> Plant:
    """Return a plant with a first-generation hybrid and the devices named."""
    return Plant(PlantCapabilities(Model.HYBRID_GEN1, **known))  # type: ignore[arg-type]


def words(plant: Plant, address: int, first: Register, count: int) -> list[int | None]:
    """Return what a plant stores for a run of registers."""
    cache = plant.register_caches.get(address, {})
    return [cache.get(Register(first + offset)) for offset in range(count)]
