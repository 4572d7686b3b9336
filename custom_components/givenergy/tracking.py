"""Follows the devices of a running system, before its entities are updated."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import LOGGER
from .devices import PlantDevice
from .entity import capabilities_of
from .poll_report import PollReport
from .runtime import GivEnergyConfigEntry
from .topology import async_rescan, remove_place, update_devices

MISSING_AFTER = 6
"""Unanswered polls in a row until a device counts as missing; about 10 with those that skip it."""


class DeviceTracker:
    """Looks where the devices of a system are, at each update of its entities."""

    def __init__(self, hass: HomeAssistant, entry: GivEnergyConfigEntry) -> None:
        """Start with no poll seen."""
        self._hass = hass
        self._entry = entry
        self._poll: PollReport | None = None
        self._is_searching = False
        self._returning: set[str] = set()

    @callback
    def start(self) -> None:
        """Follow devices from now on."""
        self._entry.runtime_data.coordinator.before_update = self.update

    @callback
    def update(self) -> None:
        """Follow devices that moved, and search for those that are in no known place."""
        data = self._entry.runtime_data
        self._doubt_returned()
        astray = update_devices(self._hass, self._entry)
        poll = data.coordinator.data
        if poll is self._poll or poll.failed:
            return
        self._poll = poll
        displaced = {device.identity for device in data.plant_devices if not device.is_placed}
        data.tracking.searched &= displaced
        for identity in data.tracking.polls_displaced.keys() - displaced:
            del data.tracking.polls_displaced[identity]
        data.tracking.polls_displaced.update(displaced)
        self._leave_empty_places()
        if astray and not self._is_searching:
            self._is_searching = True
            self._entry.async_create_background_task(
                self._hass, self._search(astray), "givenergy search"
            )

    def _doubt_returned(self) -> None:
        """Read again whose registers these are where a device was silent and answers again.

        It may have been exchanged, and not every kind has its serial number in the block that
        is polled.
        """
        data = self._entry.runtime_data
        for device in data.plant_devices:
            if device.serial is None or device.is_reported or not device.is_placed:
                continue
            if data.polls_missed(device):
                self._returning.add(device.identity)
            elif device.identity in self._returning:
                self._returning.discard(device.identity)
                self._forget_serial(device)

    def _forget_serial(self, device: PlantDevice) -> None:
        block = device.row.block
        if block is None or all(register in block for register in device.named_in):
            return
        data = self._entry.runtime_data
        for read in data.coordinator.blocks_of(device.place, device.named_in):
            if not data.client.plant.is_fresh(read, data.coordinator.data.seconds):
                address, block = read
                data.client.plant.invalidate_presence(address, block.bank, block.start, block.count)

    def _leave_empty_places(self) -> None:
        """Stop polling addresses that do not answer and are no device's place any more."""
        data = self._entry.runtime_data
        places = {device.place for device in data.plant_devices if device.is_placed}
        capabilities = capabilities_of(self._entry)
        for row in capabilities.peripherals:
            for address in capabilities.addresses(row.kind):
                missed = data.coordinator.availability.missed_at(address)
                if address not in places and missed >= MISSING_AFTER:
                    LOGGER.debug("%s: nothing is left at %#04x", self._entry.title, address)
                    remove_place(self._entry, address)
        if capabilities_of(self._entry) is not capabilities:
            update_devices(self._hass, self._entry)

    async def _search(self, astray: set[str]) -> None:
        """Scan all addresses; what is not found is no longer there."""
        try:
            await async_rescan(self._hass, self._entry)
        except HomeAssistantError as err:
            LOGGER.debug("The search for moved devices failed: %s", err)
        else:
            self._entry.runtime_data.tracking.searched |= astray
            self._entry.runtime_data.coordinator.async_update_listeners()
        finally:
            self._is_searching = False
