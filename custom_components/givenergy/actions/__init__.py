"""The integration's actions, registered whether or not an entry is loaded."""

import voluptuous as vol
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from . import overrides, slots, system
from .targets import TARGET_FIELDS

ACTIONS = (*overrides.ACTIONS, *slots.ACTIONS, *system.ACTIONS)


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register every action under its function's name."""
    for handler, fields, response in ACTIONS:
        hass.services.async_register(
            DOMAIN,
            handler.__name__,
            handler,
            schema=vol.Schema({**TARGET_FIELDS, **fields}),
            supports_response=response,
        )
