"""Triggers of GivEnergy systems, for automations."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.event import EventEntityCapabilityAttribute, EventEntityStateAttribute
from homeassistant.const import PERCENTAGE, EntityStateAttribute
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.trigger import (
    EntityNumericalStateCrossedThresholdTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
)

from .event import EVENT_TYPES
from .own_entities import BATTERY_LEVELS, EVENTS, SENSORS, OwnEntities

_NO_DATA = {*EntityStateAttribute, *EventEntityCapabilityAttribute}
"""Attributes of an event entity that are not part of the event."""


class _EventTrigger(OwnEntities, StatelessEntityTriggerBase):
    """Triggers on the events of one type."""

    _domain_specs = EVENTS
    _event_type: str

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        """Compare the events' data too: the state, a time, is the same within a millisecond."""
        return (from_state.state, _data(from_state)) != (to_state.state, _data(to_state))

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Return whether the last event is of the type."""
        return state.attributes.get(EventEntityStateAttribute.EVENT_TYPE) == self._event_type


def _data(state: State) -> Mapping[str, Any]:
    return {name: value for name, value in state.attributes.items() if name not in _NO_DATA}


class _BatteryLevelTrigger(OwnEntities, EntityNumericalStateCrossedThresholdTriggerBase):
    """Triggers when the battery level crosses a threshold."""

    _domain_specs = SENSORS
    _keys = BATTERY_LEVELS
    _valid_unit = PERCENTAGE


def _event_trigger(key: str, event_type: str) -> type[Trigger]:
    class EventTrigger(_EventTrigger):
        _keys = (frozenset({key}),)
        _event_type = event_type

    return EventTrigger


TRIGGERS: Mapping[str, type[Trigger]] = {
    **{
        event_type: _event_trigger(key, event_type)
        for key, event_types in EVENT_TYPES.items()
        for event_type in event_types
    },
    "battery_level_crossed_threshold": _BatteryLevelTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of the integration."""
    return dict(TRIGGERS)
