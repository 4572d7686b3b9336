"""A plant: its devices, decoded from the registers they have answered with."""

from .capabilities import PlantCapabilities
from .plant_devices import DeviceNode, walk
from .plant_views import PlantViews
from .topology import derive_capabilities

__all__ = ["Plant", "PlantCapabilities", "derive_capabilities"]


class Plant(PlantViews):
    """A plant: its devices, decoded from the registers they have answered with."""

    @property
    def devices(self) -> list[DeviceNode]:
        """Every device of the plant: the root first, each after its parent."""
        return walk(self)
