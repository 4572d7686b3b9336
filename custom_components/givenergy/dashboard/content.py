"""The entities that a dashboard can show, from the registries."""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.auth.permissions import AbstractPermissions
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN


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


@dataclass(frozen=True, kw_only=True)
class ShownSystem:
    """A system: its first device, and those behind it."""

    root: ShownDevice
    devices: tuple[ShownDevice, ...]


def systems_of(hass: HomeAssistant, permissions: AbstractPermissions) -> list[ShownSystem]:
    """Return the systems, without what is disabled, hidden or not readable for the user."""
    systems = []
    for entry in hass.config_entries.async_entries(DOMAIN, include_disabled=False):
        roots: list[ShownDevice] = []
        others: list[ShownDevice] = []
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
            entities = tuple(_entities(hass, permissions, device))
            if entities:
                shown = ShownDevice(
                    name=device.name_by_user or device.name or "", entities=entities
                )
                (roots if device.via_device_id is None else others).append(shown)
        if roots:
            root, *more = roots
            systems.append(ShownSystem(root=root, devices=(*more, *others)))
    return systems


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
