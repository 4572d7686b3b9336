"""Carrying a takeover out, and taking it back; either goes on at the next start if cut short."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler
from homeassistant.const import EVENT_RECORDER_5MIN_STATISTICS_GENERATED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN, LOGGER
from .device_settings import keep_device_settings
from .peer_givtcp import GIVTCP
from .registry import give_back, is_loaded, snapshot, take
from .statistics import Bridge, async_bridge, async_close
from .survey import Survey
from .takeover_journal import MovedEntity, Takeover, TakeoverJournal, TakeoverPhase

CONF_TAKEOVER = "takeover"
"""Key in our entry's data of what was agreed and not yet begun."""

_LETTING_GO = 10.0
"""Seconds that the MQTT integration has to remove an entity that was disabled."""
_LOOK_AGAIN = 0.02


def agreed(survey: Survey, *, adjust: bool) -> dict[str, Any]:
    """Return what a person has agreed to, as plain JSON for our entry's data."""
    return {
        "peer": survey.peer.domain,
        "entry_id": survey.entry_id,
        "title": survey.title,
        "entities": [
            {
                "registry_id": outcome.registry_id,
                "new_unique_id": outcome.offer.unique_id,
                "adjust": outcome.stays is not None,
                "value": outcome.offer.shown.number,
                "unit": None if outcome.theirs is None else outcome.theirs.own_unit,
            }
            for outcome in survey.moving(adjust=adjust)
            if outcome.offer is not None
        ],
    }


async def async_settle(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Carry out what was agreed, or go on with what was cut short; none of ours is loaded."""
    journal = await TakeoverJournal(hass, entry.entry_id).async_load()
    if CONF_TAKEOVER in entry.data:
        _note_agreed(hass, journal, entry.data[CONF_TAKEOVER])
        await journal.async_save()
        rest = {key: value for key, value in entry.data.items() if key != CONF_TAKEOVER}
        hass.config_entries.async_update_entry(entry, data=rest)
    for takeover in list(journal.takeovers):
        if takeover.phase is TakeoverPhase.RETURNING:
            await _async_return(hass, takeover, enable=True)
            journal.takeovers.remove(takeover)
            await journal.async_save()
        elif takeover.phase is TakeoverPhase.MOVING or _is_undone(hass, takeover):
            await _async_move(hass, entry, journal, takeover)


async def async_finish(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Finish what only goes once our entities are there, and watch sums that have to go on."""
    journal = await TakeoverJournal(hass, entry.entry_id).async_load()
    moving = [takeover for takeover in journal.takeovers if takeover.phase is TakeoverPhase.MOVING]
    for takeover in moving:
        keep_device_settings(hass, takeover.entities)
        if not _is_undone(hass, takeover):
            takeover.phase = TakeoverPhase.MOVED
    if moving:
        await journal.async_save()
    if any(takeover.bridges for takeover in journal.takeovers):
        _watch_sums(hass, entry, journal)


def _note_agreed(
    hass: HomeAssistant, journal: TakeoverJournal, accepted: Iterable[dict[str, Any]]
) -> None:
    """Write down how everything is that was agreed to move."""
    registry = er.async_get(hass)
    known = {moved.registry_id for each in journal.takeovers for moved in each.entities}
    for each in accepted:
        other = hass.config_entries.async_get_entry(each["entry_id"])
        if other is None:
            continue
        entities = [
            MovedEntity(**entity, before=snapshot(found))
            for entity in each["entities"]
            if entity["registry_id"] not in known
            and (found := registry.entities.get_entry(entity["registry_id"])) is not None
            and found.config_entry_id == each["entry_id"]
        ]
        if entities:
            journal.takeovers.append(
                Takeover(
                    peer=each["peer"],
                    entry_id=each["entry_id"],
                    title=each["title"],
                    was_enabled=other.disabled_by is None,
                    entities=entities,
                )
            )


@callback
def _is_undone(hass: HomeAssistant, takeover: Takeover) -> bool:
    """Return whether some entity is still the other integration's, as after a power cut."""
    registry = er.async_get(hass)
    return any(
        (found := registry.entities.get_entry(moved.registry_id)) is not None
        and found.platform == takeover.peer
        for moved in takeover.entities
    )


async def _async_move(
    hass: HomeAssistant, entry: ConfigEntry, journal: TakeoverJournal, takeover: Takeover
) -> None:
    takeover.phase = TakeoverPhase.MOVING
    if takeover.peer == GIVTCP.domain:
        await _async_release_from_mqtt(hass, journal, takeover)
    else:
        await hass.config_entries.async_set_disabled_by(takeover.entry_id, ConfigEntryDisabler.USER)
    if not takeover.bridges:
        takeover.bridges = await _async_bridges(hass, takeover)
    await journal.async_save()
    for moved in takeover.entities:
        if not is_loaded(hass, moved.entity_id):
            take(hass, entry, moved)
        else:
            LOGGER.warning("%s is still in use; it moves at the next start", moved.entity_id)
    if takeover.messages:
        from .discovery_messages import async_clear  # noqa: PLC0415 - needs the MQTT integration

        await async_clear(hass, takeover.messages)


async def _async_bridges(hass: HomeAssistant, takeover: Takeover) -> list[dict[str, Any]]:
    found = [
        await async_bridge(hass, moved.entity_id, moved.value, adjust=moved.adjust)
        for moved in takeover.entities
        if moved.entity_id.startswith("sensor.")
    ]
    return [bridge.to_dict() for bridge in found if bridge is not None]


async def _async_release_from_mqtt(
    hass: HomeAssistant, journal: TakeoverJournal, takeover: Takeover
) -> None:
    """Keep the discovery messages, then have the MQTT integration let go of the entities.

    It does so of an entity that is disabled; the rest of it stays up.
    """
    from .discovery_messages import async_retained  # noqa: PLC0415 - needs the MQTT integration

    registry = er.async_get(hass)
    waiting = [
        found.entity_id
        for moved in takeover.entities
        if (found := registry.entities.get_entry(moved.registry_id)) is not None
        and found.platform == takeover.peer
    ]
    unique_ids = {moved.before["unique_id"] for moved in takeover.entities}
    if not takeover.messages:
        takeover.messages = await async_retained(hass, takeover.entry_id, unique_ids)
        await journal.async_save()
    for entity_id in waiting:
        if registry.entities[entity_id].disabled_by is None:
            registry.async_update_entity(entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    with suppress(TimeoutError):
        async with asyncio.timeout(_LETTING_GO):
            while any(is_loaded(hass, entity_id) for entity_id in waiting):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_AGAIN)


async def _async_return(hass: HomeAssistant, takeover: Takeover, *, enable: bool) -> None:
    for moved in takeover.entities:
        give_back(hass, moved)
    if takeover.messages and "mqtt" in hass.config.components:
        from .discovery_messages import async_restore  # noqa: PLC0415 - needs the MQTT integration

        try:
            await async_restore(hass, takeover.messages)
        except HomeAssistantError as err:
            LOGGER.warning("Restart GivTCP so that its entities are discovered: %s", err)
    other = hass.config_entries.async_get_entry(takeover.entry_id)
    if enable and other is not None and takeover.was_enabled:
        await hass.config_entries.async_set_disabled_by(takeover.entry_id, None)


async def async_plan_return(hass: HomeAssistant, entry_id: str) -> None:
    """Write down that everything is to be given back, which our next set-up does."""
    journal = await TakeoverJournal(hass, entry_id).async_load()
    for takeover in journal.takeovers:
        takeover.phase = TakeoverPhase.RETURNING
    await journal.async_save()


async def async_release(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Give everything back because our entry is removed, and offer to enable the other one."""
    journal = await TakeoverJournal(hass, entry.entry_id).async_load()
    for takeover in journal.takeovers:
        await _async_return(hass, takeover, enable=False)
        other = hass.config_entries.async_get_entry(takeover.entry_id)
        if takeover.was_enabled and other is not None and other.disabled_by is not None:
            ir.async_create_issue(
                hass,
                DOMAIN,
                f"given_back_{takeover.entry_id}",
                data={"entry_id": entry.entry_id, "other_entry_id": takeover.entry_id},
                is_fixable=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key="given_back",
                translation_placeholders={"title": takeover.title},
            )
    journal.takeovers = []
    await journal.async_save()


@callback
def _watch_sums(hass: HomeAssistant, entry: ConfigEntry, journal: TakeoverJournal) -> None:
    """Adjust each sum once our first statistics are there."""

    async def check(_: Event) -> None:
        for takeover in journal.takeovers:
            takeover.bridges = [
                bridge
                for bridge in takeover.bridges
                if not await async_close(hass, Bridge(**bridge))
            ]
        await journal.async_save()
        if not any(takeover.bridges for takeover in journal.takeovers):
            stop()

    stop = hass.bus.async_listen(EVENT_RECORDER_5MIN_STATISTICS_GENERATED, check)
    entry.async_on_unload(stop)
