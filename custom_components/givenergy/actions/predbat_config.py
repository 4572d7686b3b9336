"""The action that writes Predbat's configuration."""

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..predbat import predbat_config
from .control import Permission
from .targets import Action, entries_of


async def get_predbat_config(call: ServiceCall) -> ServiceResponse:
    """Return Predbat's apps.yaml for the systems there are, with notes; nothing is written."""
    hass = call.hass
    text, notes = predbat_config(hass, entries_of(hass, call))
    words = await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])
    return {
        "apps_yaml": text,
        "notes": [
            words[f"component.{DOMAIN}.selector.predbat_note.options.{note}"].format(**values)
            for note, values in notes
        ],
    }


ACTIONS = (
    Action(get_predbat_config, {}, SupportsResponse.ONLY, Permission.READ, every_system=True),
)
