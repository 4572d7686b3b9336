"""The integration's actions, registered whether or not an entry is loaded."""

import voluptuous as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback

from ..const import DOMAIN
from . import predbat_config, slot_settings, system, timed_override
from .control import check_permission
from .targets import TARGET_FIELDS, Action, entries_of, entry_of

ACTIONS = (
    *timed_override.ACTIONS,
    *predbat_config.ACTIONS,
    *slot_settings.ACTIONS,
    *system.ACTIONS,
)


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register every action under its function's name."""
    for action in ACTIONS:
        _register(hass, action)


@callback
def _register(hass: HomeAssistant, action: Action) -> None:
    async def handle(call: ServiceCall) -> ServiceResponse:
        entries = entries_of(hass, call) if action.every_system else [entry_of(hass, call)]
        for entry in entries:
            await check_permission(call, entry, action.permission)
        return await action.handler(call)

    hass.services.async_register(
        DOMAIN,
        action.handler.__name__,
        handle,
        schema=vol.Schema({**TARGET_FIELDS, **action.fields}),
        supports_response=action.response,
    )
