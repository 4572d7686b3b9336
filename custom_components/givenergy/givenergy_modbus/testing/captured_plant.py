"""The plant a capture shows."""

from contextlib import suppress
from os import PathLike

from ..capture_file import frames
from ..exceptions import CommunicationError
from ..model.capabilities import PlantCapabilities
from ..model.plant import Plant
from ..model.topology import derive_capabilities


def plant_from_capture(
    *paths: str | PathLike[str], prior: PlantCapabilities | None = None
) -> Plant:
    """Return the plant that captures show, as a listening client would decode it.

    Its capabilities are None if the captures do not identify the inverter and ``prior`` is
    None. Raises ValueError for captures without a received frame.
    """
    plant = Plant()
    received = 0
    for at, direction, message in frames(*paths):
        if direction == "rx":
            received += 1
            plant.update(message, at)
    if not received:
        raise ValueError(f"no frames in {', '.join(map(str, paths)) or 'no capture'}")
    with suppress(CommunicationError):
        plant.capabilities = derive_capabilities(plant.register_caches, prior)
    return plant
