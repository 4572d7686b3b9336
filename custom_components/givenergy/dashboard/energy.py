"""What Home Assistant's energy preferences have of a dashboard's entities."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from homeassistant.components.energy.const import DOMAIN as ENERGY_DOMAIN
from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant

from .content import ShownSystem


class EnergyPreferences(NamedTuple):
    """Whether Home Assistant's energy cards would show the systems."""

    has_power: bool
    has_energy: bool


async def async_energy_preferences(
    hass: HomeAssistant, systems: Iterable[ShownSystem]
) -> EnergyPreferences:
    """Return what the energy preferences have of some systems."""
    if ENERGY_DOMAIN not in hass.config.components:
        return EnergyPreferences(has_power=False, has_energy=False)
    preferences = (await async_get_manager(hass)).data
    sources: list[Any] = [*preferences["energy_sources"]] if preferences is not None else []
    shown = {
        entity.entity_id
        for system in systems
        for device in (system.root, *system.devices)
        for entity in device.entities
    }
    named = [(key, name) for source in sources for key, name in _statistics(source)]
    return EnergyPreferences(
        has_power=any(key.startswith("stat_rate") and name in shown for key, name in named),
        has_energy=any(key.startswith("stat_energy") and name in shown for key, name in named),
    )


def _statistics(source: Any) -> Iterator[tuple[str, object]]:
    """Yield the statistics that a source of energy names."""
    for key, value in source.items():
        if isinstance(value, dict):
            yield from _statistics(value)
        else:
            yield key, value
