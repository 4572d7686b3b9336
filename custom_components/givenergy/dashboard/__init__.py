"""The dashboard strategy: the frontend asks, the integration builds the views."""

from pathlib import Path
from typing import Any

import voluptuous as vol
from homeassistant.components.frontend import DOMAIN as FRONTEND_DOMAIN
from homeassistant.components.frontend import add_extra_js_url
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..texts import async_texts
from .content import systems_of
from .energy_preferences import async_energy_preferences
from .views import dashboard

_SCRIPT = Path(__file__).parent / "dashboard.js"
_SCRIPT_URL = f"/{DOMAIN}_static/dashboard.js"
_HEADING = "dashboard_"
"""What the keys of the headings begin with."""


async def async_setup_dashboard(hass: HomeAssistant) -> None:
    """Register the websocket command, and the strategy where there is a frontend."""
    async_register_command(hass, _get_dashboard)
    if FRONTEND_DOMAIN in hass.config.components:
        await hass.http.async_register_static_paths(
            [StaticPathConfig(_SCRIPT_URL, str(_SCRIPT), cache_headers=False)]
        )
        add_extra_js_url(hass, _SCRIPT_URL)


@websocket_command({vol.Required("type"): f"{DOMAIN}/dashboard", vol.Optional("language"): str})
@async_response
async def _get_dashboard(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Return the dashboard of every system, in the language of the person who asks."""
    language = msg.get("language", hass.config.language)
    texts = await async_texts(hass, "common", language)
    headings = {
        key.removeprefix(_HEADING): text for key, text in texts.items() if key.startswith(_HEADING)
    }
    systems = systems_of(hass, connection.user.permissions)
    energy = await async_energy_preferences(hass, systems)
    connection.send_result(msg["id"], dashboard(systems, headings, energy))
