"""Whether the user behind an action may act on a system."""

from enum import Enum

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.const import Platform
from homeassistant.core import ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..runtime import GivEnergyConfigEntry

_CONTROLS = (Platform.BUTTON, Platform.NUMBER, Platform.SELECT, Platform.SWITCH, Platform.TIME)


class Permission(Enum):
    """Who may use an action."""

    READ = POLICY_READ
    """Users who may see the controls of the system's first device."""
    CONTROL = POLICY_CONTROL
    """Users who may control them."""
    ADMINISTER = "administer"
    """Administrators."""


async def check_permission(
    call: ServiceCall, entry: GivEnergyConfigEntry, permission: Permission
) -> None:
    """Raise Unauthorized unless the action's user has a permission for a system.

    Automations and scripts without a user have every permission.
    """
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    if user.is_admin:
        return
    if permission is Permission.ADMINISTER:
        raise Unauthorized(context=call.context)
    # An action may write any setting, so one permitted entity is not enough.
    controls = _controls(call, entry)
    if not controls and not user.permissions.access_all_entities(permission.value):
        raise Unauthorized(context=call.context, permission=permission.value)
    for entity_id in controls:
        if not user.permissions.check_entity(entity_id, permission.value):
            raise Unauthorized(
                context=call.context, entity_id=entity_id, permission=permission.value
            )


def _controls(call: ServiceCall, entry: GivEnergyConfigEntry) -> list[str]:
    """Return the entities that write settings of the system's first device."""
    root = entry.runtime_data.plant_devices[0]
    device = dr.async_get(call.hass).async_get_device_by_identifier(root.identifier, entry.entry_id)
    if device is None:
        return []
    return [
        registered.entity_id
        for registered in er.async_entries_for_device(er.async_get(call.hass), device.id)
        if registered.domain in _CONTROLS
    ]
