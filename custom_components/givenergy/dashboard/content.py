"""The entities that a dashboard can show, from the registries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from homeassistant.auth.permissions import AbstractPermissions
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..house import IDENTIFIER


@dataclass(frozen=True, kw_only=True)
class ShownEntity:
    """An enabled entity, and what decides where it is shown."""

    entity_id: str
    name: str
    key: str
    """Its translation key, which stays the same however it is renamed."""
    domain: str
    device_class: str | None
    category: EntityCategory | None


@dataclass(frozen=True, kw_only=True)
class ShownDevice:
    """A device with the entities that can be shown."""

    name: str
    entities: tuple[ShownEntity, ...]

    def of(
        self,
        *domains: str,
        device_class: str | None = None,
        category: EntityCategory | None = None,
    ) -> list[ShownEntity]:
        """Return the entities of some domains, a device class and a category."""
        return [
            entity
            for entity in self.entities
            if entity.domain in domains
            and entity.category is category
            and device_class in (None, entity.device_class)
        ]

    def sensors(self, *meanings: Iterable[str]) -> list[ShownEntity]:
        """Return a sensor for each meaning: that with the first of its keys that there is."""
        found = {entity.key: entity for entity in self.entities if entity.domain == "sensor"}
        chosen = (next((found[key] for key in keys if key in found), None) for keys in meanings)
        return [entity for entity in chosen if entity is not None]


@dataclass(frozen=True, kw_only=True)
class ShownSystem:
    """A system: its first device, and those behind it."""

    root: ShownDevice
    devices: tuple[ShownDevice, ...] = ()


def systems_of(hass: HomeAssistant, permissions: AbstractPermissions) -> list[ShownSystem]:
    """Return the systems, without what is disabled, hidden or not readable for the user.

    The house's device comes first, as a system of its own.
    """
    systems: list[ShownSystem] = []
    for entry in hass.config_entries.async_entries(DOMAIN, include_disabled=False):
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        house = [device for device in devices if IDENTIFIER in device.identifiers]
        for top in (house, [device for device in devices if device not in house]):
            shown = [
                ShownDevice(name=device.name_by_user or device.name or "", entities=entities)
                for device in _in_order(top)
                if (entities := tuple(_entities(hass, permissions, device)))
            ]
            if shown:
                root, *others = shown
                place = 0 if top is house else len(systems)
                systems.insert(place, ShownSystem(root=root, devices=tuple(others)))
    return systems


def _in_order(devices: list[dr.DeviceEntry]) -> Iterator[dr.DeviceEntry]:
    """Yield devices, each followed by those behind it."""
    ids = {device.id for device in devices}

    def below(parent_id: str | None) -> Iterator[dr.DeviceEntry]:
        for device in devices:
            via = device.via_device_id if device.via_device_id in ids else None
            if via == parent_id:
                yield device
                yield from below(device.id)

    yield from below(None)


def _entities(
    hass: HomeAssistant, permissions: AbstractPermissions, device: dr.DeviceEntry
) -> Iterator[ShownEntity]:
    for entry in er.async_entries_for_device(er.async_get(hass), device.id):
        if (
            entry.platform != DOMAIN
            or entry.hidden_by is not None
            or hass.states.get(entry.entity_id) is None
            or not permissions.check_entity(entry.entity_id, POLICY_READ)
        ):
            continue
        yield ShownEntity(
            entity_id=entry.entity_id,
            name=entry.name or entry.original_name or device.name_by_user or device.name or "",
            key=entry.translation_key or "",
            domain=entry.domain,
            device_class=entry.device_class or entry.original_device_class,
            category=entry.entity_category,
        )
