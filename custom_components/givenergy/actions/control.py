"""Whether the user behind an action may control the system it acts on."""

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import Platform
from homeassistant.core import ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..runtime import GivEnergyConfigEntry

_CONTROLS = (Platform.BUTTON, Platform.NUMBER, Platform.SELECT, Platform.SWITCH, Platform.TIME)


async def check_control(
    call: ServiceCall, entry: GivEnergyConfigEntry, entity_id: str | None = None
) -> None:
    """Raise Unauthorized unless the user may control an entity, or all of the first device's.

    Automations and scripts without a user may.
    """
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    for controlled in [entity_id] if entity_id else _controls(call, entry):
        if not user.permissions.check_entity(controlled, POLICY_CONTROL):
            raise Unauthorized(
                context=call.context, entity_id=controlled, permission=POLICY_CONTROL
            )


def _controls(call: ServiceCall, entry: GivEnergyConfigEntry) -> list[str]:
    """Return the controls of the system's first device."""
    root = entry.runtime_data.plant_devices[0]
    device = dr.async_get(call.hass).async_get_device_by_identifier(root.identifier, entry.entry_id)
    if device is None:
        return []
    return [
        it.entity_id
        for it in er.async_entries_for_device(er.async_get(call.hass), device.id)
        if it.domain in _CONTROLS
    ]
