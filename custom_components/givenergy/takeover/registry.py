"""Moving one entity between integrations in the entity registry, and back unchanged."""

from typing import Any

import attr
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import entity_sources

from ..const import DOMAIN, LOGGER
from .takeover_journal import MovedEntity

_BY_INTEGRATION = (
    "capabilities",
    "entity_category",
    "has_entity_name",
    "object_id_base",
    "original_device_class",
    "original_icon",
    "original_name",
    "suggested_object_id",
    "supported_features",
    "translation_key",
    "unit_of_measurement",
)
"""What an integration sets each time its entity is added."""

_WHERE = ("platform", "unique_id", "previous_unique_id", "config_entry_id", "config_subentry_id")

_OWN_OPTIONS = ("suggested_display_precision", "suggested_unit_of_measurement")
"""Options in an entity domain's own section that an integration sets."""

_UNIT = "unit_of_measurement"

_BY_DEVICE = er.RegistryEntryDisabler.DEVICE
_BY_USER = er.RegistryEntryDisabler.USER


def snapshot(entry: er.RegistryEntry) -> dict[str, Any]:
    """Return what the registry keeps of an entity and a takeover may change, as plain JSON."""
    kept: dict[str, Any] = {
        name: getattr(entry, name)
        for name in ("entity_id", "device_id", *_WHERE, *_BY_INTEGRATION, "disabled_by")
    }
    kept["capabilities"] = None if entry.capabilities is None else dict(entry.capabilities)
    kept["options"] = {domain: dict(options) for domain, options in entry.options.items()}
    return kept


@callback
def is_loaded(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an integration has added an entity, so that it cannot be moved now."""
    return entity_id in entity_sources(hass)


@callback
def take(hass: HomeAssistant, ours: ConfigEntry, moved: MovedEntity) -> None:
    """Give an entity that is not loaded to us; do nothing where that has been done."""
    registry = er.async_get(hass)
    entry = registry.entities.get_entry(moved.registry_id)
    if entry is None or entry.platform == DOMAIN:
        return
    if is_loaded(hass, entry.entity_id):
        LOGGER.warning("%s is still in use; it moves at the next start", entry.entity_id)
        return
    _move(registry, entry, DOMAIN, ours.entry_id, moved.new_unique_id, None)
    before = moved.before["disabled_by"]
    # Our device is not disabled, so nobody could enable the entity again.
    _disable(registry, entry.entity_id, _BY_USER if before == _BY_DEVICE else before)
    if moved.unit is not None:
        options = {**entry.options.get(entry.domain, {}), _UNIT: moved.unit}
        registry.async_update_entity_options(entry.entity_id, entry.domain, options)


@callback
def give_back(hass: HomeAssistant, moved: MovedEntity) -> None:
    """Give an entity that is not loaded back to where it was, as it was.

    What the person has changed meanwhile, such as its name or its entity id, stays.
    """
    registry = er.async_get(hass)
    entry = registry.entities.get_entry(moved.registry_id)
    before = moved.before
    config_entry = hass.config_entries.async_get_entry(before["config_entry_id"])
    if entry is None or config_entry is None:
        return
    if entry.platform != DOMAIN:
        # It had not moved yet, but may have been disabled so that it could.
        _disable(registry, entry.entity_id, before["disabled_by"])
        return
    if is_loaded(hass, entry.entity_id):
        LOGGER.warning("%s is still in use and cannot be given back", entry.entity_id)
        return
    device_id = before["device_id"]
    if device_id is not None and dr.async_get(hass).async_get(device_id) is None:
        device_id = None
    disabled_by = entry.disabled_by
    if disabled_by == _BY_USER and before["disabled_by"] == _BY_DEVICE:
        disabled_by = _BY_DEVICE
    _move(
        registry, entry, before["platform"], config_entry.entry_id, before["unique_id"], device_id
    )
    _disable(registry, entry.entity_id, None if disabled_by == "config_entry" else disabled_by)
    registry.async_get_or_create(
        entry.domain,
        before["platform"],
        before["unique_id"],
        config_entry=config_entry,
        **{name: before[name] for name in _BY_INTEGRATION},
    )
    _restore_options(registry, entry.entity_id, moved)
    _set_previous(registry, entry.entity_id, before["previous_unique_id"])


def _move(
    registry: er.EntityRegistry,
    entry: er.RegistryEntry,
    platform: str,
    entry_id: str,
    unique_id: str,
    device_id: str | None,
) -> None:
    """Move an entity; another in its place there is removed first.

    The registry looks for a conflict under the platform that the entity has now, and
    finds the entity itself. A unique id that nothing else has avoids both.
    """
    in_place = registry.async_get_entity_id(entry.domain, platform, unique_id)
    if in_place is not None:
        registry.async_remove(in_place)
    registry.async_update_entity_platform(
        entry.entity_id,
        platform,
        new_config_entry_id=entry_id,
        new_device_id=device_id,
        new_unique_id=f"moving_{entry.id}",
    )
    registry.async_update_entity(entry.entity_id, new_unique_id=unique_id)
    _set_previous(registry, entry.entity_id, entry.unique_id)


def _set_previous(registry: er.EntityRegistry, entity_id: str, unique_id: str | None) -> None:
    """Set the unique id that an entity had before, by which HomeKit finds it again."""
    changed = attr.evolve(registry.entities[entity_id], previous_unique_id=unique_id)
    registry.entities[entity_id] = changed
    registry.async_schedule_save()


def _disable(registry: er.EntityRegistry, entity_id: str, before: str | None) -> None:
    """Set an entity's disabled state as it was, but for what its config entry decides."""
    if before == er.RegistryEntryDisabler.CONFIG_ENTRY:
        before = None
    wanted = None if before is None else er.RegistryEntryDisabler(before)
    now = registry.entities[entity_id].disabled_by
    if now is not wanted and now is not er.RegistryEntryDisabler.CONFIG_ENTRY:
        registry.async_update_entity(entity_id, disabled_by=wanted)


def _restore_options(registry: er.EntityRegistry, entity_id: str, moved: MovedEntity) -> None:
    """Restore the options that integrations set, and keep those that people set."""
    now, before = registry.entities[entity_id].options, moved.before["options"]
    for domain in {*now, *before}:
        were, are = before.get(domain, {}), dict(now.get(domain, {}))
        if domain.endswith(".private"):
            are = were
        if moved.unit is not None and are.get(_UNIT) == moved.unit and _UNIT not in were:
            del are[_UNIT]
        for name in _OWN_OPTIONS:
            are.pop(name, None)
            if name in were:
                are[name] = were[name]
        if are != dict(now.get(domain, {})):
            registry.async_update_entity_options(entity_id, domain, are or None)
