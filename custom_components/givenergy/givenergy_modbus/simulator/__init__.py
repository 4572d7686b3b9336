"""A whole plant to talk to without owning one: data adapter, devices, weather and faults."""

from .blueprint import Blueprint
from .faults import Fault
from .firmware import Absence, Firmware
from .foreign import ForeignPoller, cloud
from .life import Life
from .physics import Site
from .profiles import PROFILES, profile
from .server import Simulator

__all__ = [
    "PROFILES",
    "Absence",
    "Blueprint",
    "Fault",
    "Firmware",
    "ForeignPoller",
    "Life",
    "Simulator",
    "Site",
    "cloud",
    "profile",
]
