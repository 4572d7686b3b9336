"""Carrying a takeover out, and taking it back; either goes on at the next start if cut short."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryDisabler,
    ConfigEntryState,
    OperationNotAllowed,
)
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
from .takeover_journal import (
    MovedEntity,
    Takeover,
    TakeoverJournal,
    TakeoverPhase,
    async_journal,
    forget_journal,
)

CONF_TAKEOVER = "takeover"
"""Key in our entry's data of what was agreed and not yet begun."""


def agreed(survey: Survey, *, adjust: bool) -> dict[str, Any]:
    """Return what a person has agreed to, as plain JSON for our entry's data."""
    return {
        "peer": survey.peer.domain,
        "entry_id": survey.entry_id,
        "title": survey.label,
        "entities": [
            {
                "registry_id": outcome.registry_id,
                "new_unique_id": outcome.offer.unique_id,
                "adjust": outcome.stays is not None,
                "value": outcome.offer.shown.number,
                "value_unit": outcome.offer.shown.unit,
                "unit": None if outcome.theirs is None else outcome.theirs.own_unit,
            }
            for outcome in survey.moving(adjust=adjust)
            if outcome.offer is not None
        ],
    }


async def async_settle(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Carry out what was agreed, or go on with what was cut short; none of ours is loaded."""
    journal = await async_journal(hass, entry.entry_id)
    if CONF_TAKEOVER in entry.data:
        _note_agreed(hass, journal, entry.data[CONF_TAKEOVER])
        await journal.async_save()
        rest = {key: value for key, value in entry.data.items() if key != CONF_TAKEOVER}
        hass.config_entries.async_update_entry(entry, data=rest)
    await _async_settle_returns(hass, journal)
    for takeover in journal.takeovers:
        if takeover.phase is TakeoverPhase.MOVING or (
            takeover.phase is TakeoverPhase.MOVED and _is_undone(hass, takeover)
        ):
            await _async_move(hass, entry, journal, takeover)


async def _async_settle_returns(hass: HomeAssistant, journal: TakeoverJournal) -> None:
    """Give back what is to be, and again what was lost because the registry was not saved."""
    on_the_way = (TakeoverPhase.RETURNING, TakeoverPhase.RETURNED)
    found = [takeover for takeover in journal.takeovers if takeover.phase in on_the_way]
    returning = [
        takeover
        for takeover in found
        if takeover.phase is TakeoverPhase.RETURNING or _is_ours(hass, takeover)
    ]
    if not found:
        return
    await _async_return(hass, returning)
    for takeover in returning:
        await _async_start(hass, takeover)
        takeover.phase = TakeoverPhase.RETURNED
    journal.takeovers = [
        takeover for takeover in journal.takeovers if takeover not in found or takeover in returning
    ]
    await journal.async_save()


async def async_finish(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Finish what only goes once our entities are there, and watch sums that have to go on."""
    journal = await async_journal(hass, entry.entry_id)
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
    present = [each for each in journal.takeovers if each.phase is not TakeoverPhase.RETURNED]
    known = {moved.registry_id for each in present for moved in each.entities}
    enabled_before = {each.entry_id for each in present if each.was_enabled}
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
                    was_enabled=other.disabled_by is None or other.entry_id in enabled_before,
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


@callback
def _is_ours(hass: HomeAssistant, takeover: Takeover) -> bool:
    """Return whether some entity is ours and could be given back."""
    registry = er.async_get(hass)
    return hass.config_entries.async_get_entry(takeover.entry_id) is not None and any(
        (found := registry.entities.get_entry(moved.registry_id)) is not None
        and found.platform == DOMAIN
        for moved in takeover.entities
    )


async def _async_move(
    hass: HomeAssistant, entry: ConfigEntry, journal: TakeoverJournal, takeover: Takeover
) -> None:
    other = hass.config_entries.async_get_entry(takeover.entry_id)
    if other is None:
        return  # It was removed, and with it what had not moved.
    takeover.phase = TakeoverPhase.MOVING
    if takeover.peer == GIVTCP.domain:
        if not await _async_release_from_mqtt(hass, journal, takeover):
            LOGGER.warning("%s is not connected; its entities move at the next start", other.title)
            return
    else:
        await _async_disable(hass, other)
    if not takeover.bridges:
        takeover.bridges = await _async_bridges(hass, takeover)
    await journal.async_save()
    for moved in takeover.entities:
        take(hass, entry, moved)
    if takeover.messages:
        from .discovery_messages import async_clear  # noqa: PLC0415 - needs the MQTT integration

        await async_clear(hass, takeover.messages)


async def _async_disable(hass: HomeAssistant, other: ConfigEntry) -> None:
    # One that cannot be unloaded is not loaded at the next start.
    with suppress(OperationNotAllowed):
        await hass.config_entries.async_set_disabled_by(other.entry_id, ConfigEntryDisabler.USER)


async def _async_bridges(hass: HomeAssistant, takeover: Takeover) -> list[dict[str, Any]]:
    registry = er.async_get(hass)
    found = [
        await async_bridge(hass, entry, moved)
        for moved in takeover.entities
        if (entry := registry.entities.get_entry(moved.registry_id)) is not None
        and entry.domain == "sensor"
    ]
    return [bridge.to_dict() for bridge in found if bridge is not None]


async def _async_release_from_mqtt(
    hass: HomeAssistant, journal: TakeoverJournal, takeover: Takeover
) -> bool:
    """Keep the discovery messages, then have the MQTT integration let go of the entities.

    It does so of an entity that is disabled; the rest of it stays up. Returns False without
    a connection: messages that are still retained would add the entities again.
    """
    if GIVTCP.domain not in hass.config.components:
        return False
    from .discovery_messages import (  # noqa: PLC0415 - needs the MQTT integration
        async_retained,
        async_soon,
    )

    registry = er.async_get(hass)
    waiting = [
        found.entity_id
        for moved in takeover.entities
        if (found := registry.entities.get_entry(moved.registry_id)) is not None
        and found.platform == takeover.peer
    ]
    unique_ids = {moved.before["unique_id"] for moved in takeover.entities}
    if not takeover.messages:
        messages = await async_retained(hass, takeover.entry_id, unique_ids)
        if messages is None:
            return False
        takeover.messages = messages
        await journal.async_save()
    for entity_id in waiting:
        if registry.entities[entity_id].disabled_by is None:
            registry.async_update_entity(entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    await async_soon(lambda: not any(is_loaded(hass, entity_id) for entity_id in waiting))
    return True


async def _async_return(hass: HomeAssistant, takeovers: Iterable[Takeover]) -> None:
    """Give every entity back, all of them before any entry is set up that may add them anew."""
    for takeover in takeovers:
        for moved in takeover.entities:
            give_back(hass, moved)
        if takeover.messages and GIVTCP.domain in hass.config.components:
            from .discovery_messages import (  # noqa: PLC0415 - needs the MQTT integration
                async_restore,
            )

            try:
                await async_restore(hass, takeover.messages)
            except HomeAssistantError as err:
                LOGGER.warning("Restart GivTCP so that its entities are discovered: %s", err)


async def _async_start(hass: HomeAssistant, takeover: Takeover) -> None:
    """Enable the other entry if it was; load what it was given back if it runs already."""
    entries = hass.config_entries
    other = entries.async_get_entry(takeover.entry_id)
    if other is None:
        return
    if other.disabled_by is None:
        if other.state is ConfigEntryState.LOADED and takeover.peer != GIVTCP.domain:
            entries.async_schedule_reload(other.entry_id)
    elif takeover.was_enabled:
        await entries.async_set_disabled_by(other.entry_id, None)


async def async_returnable(hass: HomeAssistant, entry_id: str) -> list[Takeover]:
    """Return the takeovers that can be given back: those whose other entry still exists."""
    journal = await async_journal(hass, entry_id)
    return [
        takeover
        for takeover in journal.takeovers
        if takeover.phase in (TakeoverPhase.MOVING, TakeoverPhase.MOVED)
        and hass.config_entries.async_get_entry(takeover.entry_id) is not None
    ]


async def async_plan_return(hass: HomeAssistant, entry_id: str) -> None:
    """Write down that everything is to be given back, which our next set-up does."""
    for takeover in await async_returnable(hass, entry_id):
        takeover.phase = TakeoverPhase.RETURNING
    await (await async_journal(hass, entry_id)).async_save()


async def async_release(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Give everything back because our entry is removed, and offer to enable the other one."""
    journal = await async_journal(hass, entry.entry_id)
    takeovers = [
        takeover
        for takeover in journal.takeovers
        if takeover.phase is not TakeoverPhase.RETURNED or _is_ours(hass, takeover)
    ]
    await _async_return(hass, takeovers)
    for takeover in takeovers:
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
    forget_journal(hass, entry.entry_id)


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
