"""Other integrations, as far as Home Assistant knows of them: their entities, devices and states.

``tests/peers`` lists the entities that each registers for the simulated plants.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import time as day_time
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, override

from homeassistant import config_entries
from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.button import ButtonEntity
from homeassistant.components.datetime import DateTimeEntity
from homeassistant.components.number import NumberEntity
from homeassistant.components.select import SelectEntity
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.components.switch import SwitchEntity
from homeassistant.components.time import TimeEntity
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

LISTS = Path(__file__).parents[1] / "peers"
DOMAIN = "givenergy_local"

PLANTS = {
    "c_gen1_hybrid": "gen1_hybrid",
    "c_all_in_one": "all_in_one",
    "c_three_phase_hv": "three_phase_hv",
    "d_gen1_hybrid": "gen1_hybrid",
    "d_all_in_one": "all_in_one",
    "d_three_phase_hv": "three_phase_hv",
    "d_ems": "ems",
    "d_gateway": "gateway",
}
"""The lists there are, with the profile of the plant that each was made on."""


class Row(NamedTuple):
    """One entity of another integration."""

    entity_id: str
    unique_id: str
    name: str
    state: str
    unit: str | None
    state_class: str | None
    device_class: str | None

    @property
    def domain(self) -> str:
        """The platform it belongs to."""
        return self.entity_id.partition(".")[0]


class Listed(NamedTuple):
    """What another integration registers for a plant."""

    devices: Mapping[str, str]
    """Names by identifier."""
    rows: tuple[Row, ...]

    def device_of(self, row: Row) -> str:
        """Return the identifier of the device that an entity is on."""
        matching = [name for name in self.devices if row.unique_id.startswith(f"{name}_")]
        return max(matching, key=len)


@cache
def listed(name: str) -> Listed:
    """Return the entities in one of the lists."""
    content = json.loads((LISTS / f"{name}.json").read_text())
    return Listed(content["devices"], tuple(Row(*row) for row in content["rows"]))


class PeerEntity(Entity):
    """An entity of another integration that shows what was recorded of it."""

    _attr_should_poll = False

    def __init__(self, row: Row, device: str, device_name: str) -> None:
        """Take everything from the list."""
        self.row = row
        self.entity_id = row.entity_id
        self._attr_unique_id = row.unique_id
        self._attr_name = f"{device_name} {row.name}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, device)}, name=device_name)

    @property
    def known(self) -> str | None:
        """The recorded state, None where there was none."""
        return None if self.row.state == "unknown" else self.row.state


class PeerSensor(PeerEntity, SensorEntity):
    """A sensor."""

    def __init__(self, *args: Any) -> None:
        """Take the classes too."""
        super().__init__(*args)
        self._attr_native_unit_of_measurement = self.row.unit
        if self.row.state_class:
            self._attr_state_class = SensorStateClass(self.row.state_class)
        if self.row.device_class:
            self._attr_device_class = SensorDeviceClass(self.row.device_class)
        value: Any = self.known
        if self.row.device_class == SensorDeviceClass.ENUM:
            self._attr_options = [self.row.state]
        elif self.row.device_class == SensorDeviceClass.TIMESTAMP:
            value = dt_util.parse_datetime(str(value))
        elif value is not None and (self.row.unit or self.row.state_class):
            value = float(value)
        self._attr_native_value = value


class PeerBinarySensor(PeerEntity, BinarySensorEntity):
    """A binary sensor."""

    @property
    @override
    def is_on(self) -> bool:
        return self.row.state == "on"


class PeerSwitch(PeerEntity, SwitchEntity):
    """A switch."""

    @property
    @override
    def is_on(self) -> bool:
        return self.row.state == "on"


class PeerNumber(PeerEntity, NumberEntity):
    """A number."""

    def __init__(self, *args: Any) -> None:
        """Take the unit too."""
        super().__init__(*args)
        self._attr_native_unit_of_measurement = self.row.unit
        self._attr_native_max_value = 20000
        self._attr_native_value = None if self.known is None else float(self.known)


class PeerSelect(PeerEntity, SelectEntity):
    """A select."""

    def __init__(self, *args: Any) -> None:
        """Offer what was chosen."""
        super().__init__(*args)
        self._attr_options = [self.row.state]
        self._attr_current_option = self.known


class PeerTime(PeerEntity, TimeEntity):
    """A time."""

    @property
    @override
    def native_value(self) -> day_time | None:
        return None if self.known is None else day_time.fromisoformat(self.known)


class PeerDateTime(PeerEntity, DateTimeEntity):
    """A date and time."""

    @property
    @override
    def native_value(self) -> Any:
        return None if self.known is None else dt_util.parse_datetime(self.known)


class PeerButton(PeerEntity, ButtonEntity):
    """A button."""


_CLASSES: Mapping[str, type[PeerEntity]] = {
    "binary_sensor": PeerBinarySensor,
    "button": PeerButton,
    "datetime": PeerDateTime,
    "number": PeerNumber,
    "select": PeerSelect,
    "sensor": PeerSensor,
    "switch": PeerSwitch,
    "time": PeerTime,
}


def _entities(found: Listed, domain: str) -> Iterator[PeerEntity]:
    for row in found.rows:
        if row.domain == domain:
            device = found.device_of(row)
            yield _CLASSES[domain](row, device, found.devices[device])


class PeerFlow(ConfigFlow):
    """The other integration's flow, which no test uses."""


async def install(hass: HomeAssistant, name: str) -> MockConfigEntry:
    """Set up another integration with one of the lists; return its entry."""
    found = listed(name)
    domains = sorted({row.domain for row in found.rows})

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, domains)
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, domains)

    module = MockModule(DOMAIN, async_setup_entry=set_up, async_unload_entry=unload)
    mock_integration(hass, module, built_in=False)
    for domain in domains:

        async def add(
            hass: HomeAssistant,
            entry: ConfigEntry,
            async_add_entities: AddEntitiesCallback,
            domain: str = domain,
        ) -> None:
            async_add_entities(_entities(found, domain))

        mock_platform(hass, f"{DOMAIN}.{domain}", MockPlatform(async_setup_entry=add))
    mock_platform(hass, f"{DOMAIN}.config_flow", None)
    config_entries.HANDLERS[DOMAIN] = PeerFlow
    entry = MockConfigEntry(domain=DOMAIN, title=f"Other integration ({name})")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry
