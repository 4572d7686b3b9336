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
    return (await async_texts(hass, "selector")).get(_model_key(model), model)


async def async_texts(
    hass: HomeAssistant, category: str, language: str | None = None
) -> dict[str, str]:
    """Return the texts of a category by their keys in it, loaded if need be."""
    prefix = f"component.{DOMAIN}.{category}."
    language = language or hass.config.language
    texts = await async_get_translations(hass, language, category, [DOMAIN])
    return {key.removeprefix(prefix): text for key, text in texts.items()}


def _model_key(model: str) -> str:
    return f"model.options.{slugify(model)}"
