"""Conditions of GivEnergy systems, for automations."""

from collections.abc import Mapping
from typing import override

from homeassistant.const import (
    PERCENTAGE,
    STATE_OFF,
    STATE_ON,
    EntityStateAttribute,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    Condition,
    EntityConditionBase,
    EntityNumericalConditionBase,
    EntityStateConditionBase,
)
from homeassistant.util.unit_conversion import PowerConverter

from .binary_sensor.tables import IDLE_WATTS
from .overrides.request import OverrideKind
from .own_entities import BATTERY_LEVELS, BINARY_SENSORS, SENSORS, OwnEntities


class _BatteryLevelCondition(OwnEntities, EntityNumericalConditionBase):
    """Passes if the battery level is in a range."""

    _domain_specs = SENSORS
    _keys = BATTERY_LEVELS
    _valid_unit = PERCENTAGE


class _DischargingCondition(OwnEntities, EntityConditionBase):
    """Passes if the battery discharges with more than its electronics take."""

    _domain_specs = SENSORS
    _keys = (frozenset({"battery_discharge_power"}),)

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether the discharge power, shown in any unit, is more than that."""
        unit = entity_state.attributes[EntityStateAttribute.UNIT_OF_MEASUREMENT]
        watts = PowerConverter.convert(float(entity_state.state), unit, UnitOfPower.WATT)
        return watts > IDLE_WATTS


def _state_condition(
    domain_specs: Mapping[str, DomainSpec], key: str, states: set[str | bool]
) -> type[Condition]:
    class StateCondition(OwnEntities, EntityStateConditionBase):
        _domain_specs = domain_specs
        _keys = (frozenset({key}),)
        _states = states

    return StateCondition


CONDITIONS: Mapping[str, type[Condition]] = {
    "is_battery_charging": _state_condition(BINARY_SENSORS, "battery_charging", {STATE_ON}),
    "is_battery_discharging": _DischargingCondition,
    "is_battery_level": _BatteryLevelCondition,
    "is_battery_lost": _state_condition(BINARY_SENSORS, "battery_link", {STATE_OFF}),
    "is_fault_present": _state_condition(BINARY_SENSORS, "problem", {STATE_ON}),
    "is_grid_connected": _state_condition(BINARY_SENSORS, "grid_connected", {STATE_ON}),
    "is_grid_lost": _state_condition(BINARY_SENSORS, "grid_connected", {STATE_OFF}),
    "is_override_active": _state_condition(
        SENSORS, "override", {kind.value for kind in OverrideKind}
    ),
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions of the integration."""
    return dict(CONDITIONS)
