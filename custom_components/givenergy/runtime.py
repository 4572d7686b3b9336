"""The runtime data of a config entry, and the client it talks through."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from logging import DEBUG

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .coordinator import GivEnergyCoordinator
from .devices import PlantDevice
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.client.timing import Timing
from .givenergy_modbus.clock import SYSTEM_CLOCK, Clock
from .givenergy_modbus.model.plant import Plant
from .identities import Tracking
from .overrides.lifecycle import Overrides
from .store import PlantStore
from .windows.keeper import Schedules
from .writer import Writer

type GivEnergyConfigEntry = ConfigEntry[GivEnergyRuntimeData]

DATA_TIMING: HassKey[Timing] = HassKey(f"{DOMAIN}_timing")
"""Time-outs and pacing of every client; simulated plants set shorter ones."""
DATA_CLOCK: HassKey[Clock] = HassKey(f"{DOMAIN}_clock")
"""The clock of every client; simulated plants set one that can be moved."""
DATA_LAST_READ: HassKey[dict[str, Plant]] = HassKey(f"{DOMAIN}_last_read")
"""By entry, the plants of entries that were unloaded, for when they are loaded again."""


@dataclass(kw_only=True)
class GivEnergyRuntimeData:
    """The objects of a loaded config entry."""

    client: Client
    coordinator: GivEnergyCoordinator
    store: PlantStore
    writer: Writer
    overrides: Overrides
    schedules: Schedules
    plant_devices: list[PlantDevice]
    """The plant's devices; the inverter, EMS or gateway comes first."""
    tracking: Tracking = field(default_factory=Tracking)
    _device_listeners: list[Callable[[], None]] = field(default_factory=list)

    @callback
    def on_device_changes(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener when devices or blocks change; return what stops that."""
        self._device_listeners.append(listener)
        return partial(self._device_listeners.remove, listener)

    @callback
    def set_devices(self, plant_devices: list[PlantDevice]) -> None:
        """Replace the plant's devices, and have what depends on them updated."""
        self.plant_devices = plant_devices
        self.coordinator.forget_used_blocks()
        for listener in list(self._device_listeners):
            listener()

    def polls_missed(self, plant_device: PlantDevice) -> int:
        """Return in how many polls in a row a device did not answer, or was not at its place."""
        if not plant_device.is_placed:
            return self.tracking.polls_displaced[plant_device.identity]
        if plant_device.is_reported:
            return 0
        return self.coordinator.availability.missed_at(plant_device.address)

    def is_lost(self, plant_device: PlantDevice) -> bool:
        """Return whether a device is no longer there, while others respond."""
        availability = self.coordinator.availability
        if not plant_device.is_placed:
            return not availability.all_lost
        return not plant_device.is_reported and availability.is_lost(plant_device.address)


def client_for(hass: HomeAssistant, host: str, port: int) -> Client:
    """Return a client for the system at an address; nothing is sent yet."""
    plant = Plant(clock=hass.data.get(DATA_CLOCK, SYSTEM_CLOCK))
    timing = hass.data.get(DATA_TIMING, Timing())
    # An outage is logged when polls fail; a connection that is renewed in time is none.
    return Client(host, port, plant=plant, timing=timing, loss_level=DEBUG)
