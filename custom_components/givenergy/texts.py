"""The integration's own texts, in Home Assistant's language."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util import slugify

from .const import DOMAIN


def cached_text(hass: HomeAssistant, category: str, key: str) -> str | None:
    """Return a text of a set-up integration, None for a key without a text."""
    texts = async_get_cached_translations(hass, hass.config.language, category, DOMAIN)
    return texts.get(f"component.{DOMAIN}.{category}.{key}")


def message_key(message: str) -> str:
    """Return the key of a fault or warning message, the same in every language."""
    return slugify(message)


def message_text(hass: HomeAssistant, message: str) -> str:
    """Return a fault or warning message of the library, translated."""
    return cached_text(hass, "selector", f"message.options.{message_key(message)}") or message


def model_text(hass: HomeAssistant, model: str) -> str:
    """Return a device's model, translated unless it is a product's name."""
    return cached_text(hass, "selector", _model_key(model)) or model


async def async_model_text(hass: HomeAssistant, model: str) -> str:
    """Return a device's model as ``model_text`` does, before the integration is set up."""
    texts = await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])
    return texts.get(f"component.{DOMAIN}.selector.{_model_key(model)}", model)


def _model_key(model: str) -> str:
    return f"model.options.{slugify(model)}"
