"""The retained messages by which the MQTT integration discovers GivTCP's entities."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

_PREFIX = "discovery_prefix"
_DEFAULT_PREFIX = "homeassistant"
_TIMEOUT = 5.0
"""Seconds to wait for messages that may not be retained."""
_PATIENCE = 10.0
"""Seconds that the MQTT integration has to connect, or to remove an entity that was disabled."""
_LOOK_AGAIN = 0.02


async def async_soon(condition: Callable[[], bool]) -> bool:
    """Wait for what the MQTT integration does in its own time; return whether it did."""
    try:
        async with asyncio.timeout(_PATIENCE):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_AGAIN)
    except TimeoutError:
        return False
    return True


async def async_retained(
    hass: HomeAssistant, entry_id: str, unique_ids: Collection[str]
) -> dict[str, str] | None:
    """Return the retained discovery messages of some entities, by topic; None unconnected."""
    if not await mqtt.async_wait_for_mqtt_client(hass):
        return None
    if not await async_soon(lambda: mqtt.is_connected(hass)):
        return None
    found: dict[str, str] = {}
    missing = set(unique_ids)
    complete = asyncio.Event()

    @callback
    def note(message: mqtt.ReceiveMessage) -> None:
        unique_id = _unique_id(message.payload)
        if message.retain and unique_id in unique_ids:
            found[message.topic] = str(message.payload)
            missing.discard(unique_id)
            if not missing:
                complete.set()

    prefix = _prefix(hass, entry_id)
    stop = [
        await mqtt.async_subscribe(hass, f"{prefix}/{topic}/config", note)
        for topic in ("+/+", "+/+/+")
    ]
    try:
        async with asyncio.timeout(_TIMEOUT):
            await complete.wait()
    except TimeoutError:
        pass
    finally:
        for unsubscribe in stop:
            unsubscribe()
    return found


async def async_clear(hass: HomeAssistant, messages: Mapping[str, str]) -> None:
    """Clear retained messages, so that nothing is discovered from them again."""
    for topic in messages:
        await mqtt.async_publish(hass, topic, "", retain=True)


async def async_restore(hass: HomeAssistant, messages: Mapping[str, str]) -> None:
    """Publish retained messages again as they were."""
    for topic, payload in messages.items():
        await mqtt.async_publish(hass, topic, payload, retain=True)


def _prefix(hass: HomeAssistant, entry_id: str) -> str:
    entry = hass.config_entries.async_get_entry(entry_id)
    options = {} if entry is None else {**entry.data, **entry.options}
    return str(options.get(_PREFIX, _DEFAULT_PREFIX))


def _unique_id(payload: str | bytes | bytearray) -> str | None:
    """Return the unique id in a discovery message, which may be abbreviated."""
    try:
        content = json_loads(payload)
    except JSON_DECODE_EXCEPTIONS:
        return None
    if not isinstance(content, dict):
        return None
    unique_id = content.get("unique_id", content.get("uniq_id"))
    return unique_id if isinstance(unique_id, str) else None
