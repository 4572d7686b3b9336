"""Automations of triggers and conditions, aimed at a system in every way there is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import label_registry as lr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.givenergy.runtime import GivEnergyConfigEntry

KINDS = ("entity", "device", "area", "floor", "label")

type Target = dict[str, str]


def targets(hass: HomeAssistant, entry: GivEnergyConfigEntry, entity_id: str) -> dict[str, Target]:
    """Return targets that include an entity: itself, its device, their area, floor and label.

    The whole system, batteries too, is in the area and has the label.
    """
    devices, entities = dr.async_get(hass), er.async_get(hass)
    floor = fr.async_get(hass).async_get_floor_by_name("Ground") or fr.async_get(hass).async_create(
        "Ground"
    )
    area = ar.async_get(hass).async_get_or_create("Garage")
    ar.async_get(hass).async_update(area.id, floor_id=floor.floor_id)
    label = lr.async_get(hass).async_get_label_by_name("Energy") or lr.async_get(hass).async_create(
        "Energy"
    )
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        devices.async_update_device(device.id, area_id=area.id, labels={label.label_id})
    device_id = entities.entities[entity_id].device_id
    assert device_id is not None
    return {
        "entity": {"entity_id": entity_id},
        "device": {"device_id": device_id},
        "area": {"area_id": area.id},
        "floor": {"floor_id": floor.floor_id},
        "label": {"label_id": label.label_id},
    }


async def automate(
    hass: HomeAssistant, automations: Mapping[str, Mapping[str, Any]]
) -> list[ServiceCall]:
    """Set automations up, and return the calls of their action, which names the automation."""
    calls = async_mock_service(hass, "test", "run")
    configs = [
        {
            "alias": name,
            "mode": "parallel",
            "actions": [{"action": "test.run", "data": {"automation": name}}],
            **config,
        }
        for name, config in automations.items()
    ]
    assert await async_setup_component(hass, "automation", {"automation": configs})
    await hass.async_block_till_done()
    states = hass.states.async_all("automation")
    assert [state.state for state in states] == ["on"] * len(configs)
    return calls


def for_all_targets(**times: int) -> Counter[str]:
    """Return how often automations run, given how often those of each kind of target do."""
    return +Counter({f"{name} {kind}": count for name, count in times.items() for kind in KINDS})


def ran(calls: Iterable[ServiceCall]) -> Counter[str]:
    """Count how often each automation ran."""
    return Counter(str(call.data["automation"]) for call in calls)
