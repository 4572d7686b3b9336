"""The runtime data of a config entry, and the client it talks through."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .coordinator import GivEnergyCoordinator
from .devices import PlantDevice
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.client.timing import Timing
from .overrides.lifecycle import Overrides
from .store import PlantStore
from .writer import Writer

type GivEnergyConfigEntry = ConfigEntry[GivEnergyRuntimeData]

DATA_TIMING: HassKey[Timing] = HassKey(f"{DOMAIN}_timing")
"""Time-outs and pacing of every client; simulated plants set shorter ones."""


@dataclass(kw_only=True)
class GivEnergyRuntimeData:
    """The objects of a loaded config entry."""

    client: Client
    coordinator: GivEnergyCoordinator
    store: PlantStore
    writer: Writer
    overrides: Overrides
    plant_devices: list[PlantDevice]
    """The plant's devices; the inverter, EMS or gateway comes first."""


def client_for(hass: HomeAssistant, host: str, port: int) -> Client:
    """Return a client for the system at an address; nothing is sent yet."""
    return Client(host, port, timing=hass.data.get(DATA_TIMING, Timing()))
