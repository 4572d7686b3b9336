"""Which entities a trigger or condition observes, of those that its target includes."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.target import TargetSelection

from .const import DOMAIN

BINARY_SENSORS: Mapping[str, DomainSpec] = {Platform.BINARY_SENSOR: DomainSpec()}
EVENTS: Mapping[str, DomainSpec] = {Platform.EVENT: DomainSpec()}
SENSORS: Mapping[str, DomainSpec] = {Platform.SENSOR: DomainSpec()}


class OwnEntities:
    """Narrows the target of a trigger or condition to some entities of the integration."""

    _hass: HomeAssistant
    _target: dict[str, Any]
    _domain_specs: Mapping[str, DomainSpec]
    _primary_entities_only: ClassVar[bool] = False
    _keys: ClassVar[tuple[frozenset[str], ...]]
    """Translation keys, by preference: a system's entities with the first ones it has count.

    Entities that the target names one by one count, regardless of their key's rank.
    """

    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the entities to observe."""
        named = TargetSelection(self._target).entity_ids
        ranked: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
        for entity_id in entities:
            entry = er.async_get(self._hass).async_get(entity_id)
            if entry is None or entry.platform != DOMAIN or entry.domain not in self._domain_specs:
                continue
            for rank, keys in enumerate(self._keys):
                if entry.translation_key in keys:
                    ranked[entry.config_entry_id][entity_id] = rank
        return {
            entity_id
            for ranks in ranked.values()
            for entity_id, rank in ranks.items()
            if rank == min(ranks.values()) or entity_id in named
        }


BATTERY_LEVELS = (
    frozenset({"battery_soc"}),
    frozenset({"battery_average_soc"}),
    frozenset({"soc", "aio_soc", "inverter_soc"}),
)
"""The battery level of a system; only where the target has none, those of its batteries."""
