"""Issues a person can settle with a click or two."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .button import minute_is_safe
from .coordinator import GivEnergyConfigEntry
from .layout import give_up
from .upkeep import part_of

type IssueData = dict[str, Any]


class _PlantRepairFlow(RepairsFlow):
    """A repair of one plant."""

    def __init__(self, entry: GivEnergyConfigEntry, data: IssueData) -> None:
        """Remember which plant, and what the issue is about."""
        self._entry = entry
        self._about = data


class MissingDeviceFlow(_PlantRepairFlow):
    """Asks whether a device that fell silent is gone for good."""

    async def async_step_init(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Offer the two ways out."""
        return self.async_show_menu(step_id="init", menu_options=["accept", "wait"])

    async def async_step_accept(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Take the device out of the plant."""
        if (part := part_of(self._entry, self._about["part"])) is not None:
            give_up(self.hass, self._entry, part)
        return self.async_create_entry(data={})

    async def async_step_wait(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Keep the device, and say no more of it until it has been back."""
        if (part := part_of(self._entry, self._about["part"])) is not None:
            self._entry.runtime_data.waiting_for.add(part.identity)
        return self.async_create_entry(data={})


class ClockDriftFlow(_PlantRepairFlow):
    """Sets the inverter's clock."""

    async def async_step_init(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Set it, and stay when that failed."""
        errors: dict[str, str] = {}
        if user_input is not None:
            await minute_is_safe()
            inverter = self._entry.runtime_data.client.plant.inverter
            try:
                await self._entry.runtime_data.writer.send(
                    inverter.set_system_date_time, dt_util.now()
                )
            except HomeAssistantError:
                errors["base"] = "sync_failed"
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(step_id="confirm", errors=errors)


class FirmwareChangedFlow(_PlantRepairFlow):
    """Takes note of a firmware update."""

    async def async_step_init(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Remember the firmware as the one that is known."""
        if user_input is None:
            return self.async_show_form(step_id="confirm")
        store = self._entry.runtime_data.store
        store.memory.firmware[self._about["identity"]] = self._about["firmware"]
        await store.async_save()
        return self.async_create_entry(data={})


_FLOWS: dict[str, Callable[[GivEnergyConfigEntry, IssueData], RepairsFlow]] = {
    "device_missing": MissingDeviceFlow,
    "clock_drift": ClockDriftFlow,
    "firmware_changed": FirmwareChangedFlow,
}


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that settles an issue."""
    about: IssueData = dict(data or {})
    entry: GivEnergyConfigEntry | None = hass.config_entries.async_get_entry(
        about.get("entry_id", "")
    )
    if entry is not None:
        for key, flow in _FLOWS.items():
            if issue_id.startswith(key):
                return flow(entry, about)
    return ConfirmRepairFlow()
