"""Simulated plants: data adapter, devices, weather and faults."""

from .faults import Fault
from .firmware import Absence, Firmware
from .foreign import ForeignPoller, cloud
from .physics import Site
from .plant_profile import PlantProfile
from .profiles import PROFILES, profile
from .server import Simulator
from .simulation import Simulation

__all__ = [
    "PROFILES",
    "Absence",
    "Fault",
    "Firmware",
    "ForeignPoller",
    "PlantProfile",
    "Simulation",
    "Simulator",
    "Site",
    "cloud",
    "profile",
]
