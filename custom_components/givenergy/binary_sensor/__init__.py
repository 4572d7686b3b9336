"""Binary sensors of a GivEnergy system."""

from datetime import datetime
from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_change

from ..entity import GivEnergyEntity, add_entities_of
from ..givenergy_modbus.model.register_model import RegisterModel
from ..runtime import GivEnergyConfigEntry
from ..texts import message_text
from .entry import EntryBinarySensorDescription, entry_binary_sensors
from .row import GivEnergyBinarySensorDescription
from .tables import binary_sensors

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of a plant."""
    add_entities_of(entry, async_add_entities, binary_sensors, GivEnergyBinarySensor)
    add_entities_of(entry, async_add_entities, entry_binary_sensors, EntryBinarySensor)


class GivEnergyBinarySensor[DeviceT: RegisterModel](
    GivEnergyEntity[DeviceT, bool], BinarySensorEntity
):
    """A binary sensor of one device."""

    entity_description: GivEnergyBinarySensorDescription[DeviceT]

    @property
    @override
    def is_on(self) -> bool | None:
        return self.device_value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, object] | None:
        messages_fn, device = self.entity_description.messages_fn, self.device
        if messages_fn is None or device is None:
            return None
        return {"messages": [message_text(self.hass, text) for text in messages_fn(device)]}


class EntryBinarySensor(GivEnergyBinarySensor[RegisterModel]):
    """A binary sensor whose state depends on more than one device's registers."""

    _every_poll = True

    entity_description: EntryBinarySensorDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Update with the polls, and on every minute where the state depends on the time."""
        await super().async_added_to_hass()
        if self.entity_description.every_minute:
            self.async_on_remove(async_track_time_change(self.hass, self._on_the_minute, second=0))

    @callback
    def _on_the_minute(self, _: datetime) -> None:
        self._handle_coordinator_update()

    @property
    @override
    def device_value(self) -> bool | None:
        return self.entity_description.entry_value_fn(self._entry, self.plant_device)
