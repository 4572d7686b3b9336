"""Acting on a plant as a person does: an entity's own action, or one of the integration's."""

from typing import Any

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import entity_registry as er

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.runtime import GivEnergyConfigEntry

_ACTIONS = {
    "button": "press",
    "number": "set_value",
    "select": "select_option",
    "time": "set_value",
}


def entity_of(hass: HomeAssistant, entry: GivEnergyConfigEntry, hand: str) -> str:
    """Return the entity of the plant's first device with a platform and key."""
    platform, _, key = hand.partition(".")
    root = entry.runtime_data.plant_devices[0]
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{root.identity}_{key}")
    assert entity_id is not None, f"there is no {hand}"
    return entity_id


def state_of(hass: HomeAssistant, entry: GivEnergyConfigEntry, hand: str) -> str:
    """Return what such an entity shows."""
    state = hass.states.get(entity_of(hass, entry, hand))
    assert state is not None, f"{hand} is disabled"
    return state.state


async def use(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, hand: str, **data: Any
) -> ServiceResponse:
    """Use an entity such as ``number.charge_target_soc``, or ``action.set_charge_slot``."""
    platform, _, name = hand.partition(".")
    if platform == "action":
        return await hass.services.async_call(
            DOMAIN, name, data, blocking=True, return_response=True
        )
    action = data.pop("turn", None) or _ACTIONS[platform]
    data["entity_id"] = entity_of(hass, entry, hand)
    return await hass.services.async_call(platform, action, data, blocking=True)
