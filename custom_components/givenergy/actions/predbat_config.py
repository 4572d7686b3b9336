"""The action that writes Predbat's configuration."""

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse

from ..predbat import predbat_config
from ..texts import async_texts
from .control import Permission
from .targets import Action, entries_of


async def get_predbat_config(call: ServiceCall) -> ServiceResponse:
    """Return Predbat's apps.yaml for the systems there are, with notes; nothing is written."""
    hass = call.hass
    text, notes = predbat_config(hass, entries_of(hass, call))
    words = await async_texts(hass, "selector")
    return {
        "apps_yaml": text,
        "notes": [words[f"predbat_note.options.{note}"].format(**values) for note, values in notes],
    }


ACTIONS = (
    Action(get_predbat_config, {}, SupportsResponse.ONLY, Permission.READ, every_system=True),
)
