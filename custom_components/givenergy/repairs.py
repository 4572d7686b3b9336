"""Issues a person can settle with a click or two."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .button import minute_is_safe
from .devices import PlantDevice
from .runtime import GivEnergyConfigEntry
from .topology import name_of, remove_device

type IssueData = dict[str, Any]


class _PlantRepairFlow(RepairsFlow):
    """A repair of one plant."""

    def __init__(self, entry: GivEnergyConfigEntry, data: IssueData) -> None:
        """Initialize with the entry and the issue's data."""
        self._entry = entry
        self._data = data

    @property
    def is_loaded(self) -> bool:
        """Whether the plant is still there to be repaired; it may be unloaded meanwhile."""
        return self._entry.state is ConfigEntryState.LOADED

    def abort_unloaded(self) -> RepairsFlowResult:
        """End a repair whose plant was unloaded while its dialog was open."""
        return self.async_abort(reason="not_loaded")


class NotLoadedFlow(_PlantRepairFlow):
    """Explains that a plant has to be loaded to be repaired."""

    async def async_step_init(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """End with the reason."""
        return self.abort_unloaded()


class MissingDeviceFlow(_PlantRepairFlow):
    """Asks whether a device that is missing is gone for good."""

    @property
    def _plant_device(self) -> PlantDevice | None:
        """The device, None if it was removed meanwhile."""
        return next(
            (
                plant_device
                for plant_device in self._entry.runtime_data.plant_devices
                if plant_device.identity == self._data["identity"]
            ),
            None,
        )

    async def async_step_init(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Offer the two ways out."""
        plant_device = self._plant_device
        name = "" if plant_device is None else name_of(self.hass, self._entry, plant_device)
        return self.async_show_menu(
            step_id="init",
            menu_options=["accept", "wait"],
            description_placeholders={"device": name},
        )

    async def async_step_accept(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Take it out of the plant if it is still missing."""
        if not self.is_loaded:
            return self.abort_unloaded()
        plant_device = self._plant_device
        if plant_device is not None and self._entry.runtime_data.is_lost(plant_device):
            remove_device(self.hass, self._entry, plant_device)
        return self.async_create_entry(data={})

    async def async_step_wait(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Keep it, and raise no issue for it until it has responded again."""
        if not self.is_loaded:
            return self.abort_unloaded()
        store = self._entry.runtime_data.store
        store.memory.waiting_for.append(self._data["identity"])
        store.save_soon()
        return self.async_create_entry(data={})


class ClockDriftFlow(_PlantRepairFlow):
    """Sets the inverter's clock."""

    async def async_step_init(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Set it, and stay when that failed."""
        errors: dict[str, str] = {}
        if not self.is_loaded:
            return self.abort_unloaded()
        if user_input is not None:
            await minute_is_safe()
            if not self.is_loaded:
                return self.abort_unloaded()
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


class _AcknowledgeFlow(_PlantRepairFlow, ABC):
    """Takes note of something that is neither good nor bad."""

    async def async_step_init(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: IssueData | None = None) -> RepairsFlowResult:
        """Take note."""
        if not self.is_loaded:
            return self.abort_unloaded()
        if user_input is None:
            return self.async_show_form(step_id="confirm")
        self.note()
        return self.async_create_entry(data={})

    @abstractmethod
    def note(self) -> None:
        """Remember what is now as what is known."""


class FirmwareChangedFlow(_AcknowledgeFlow):
    """Takes note of a firmware update."""

    @override
    def note(self) -> None:
        store = self._entry.runtime_data.store
        store.memory.firmware[self._data["identity"]] = self._data["firmware"]
        store.save_soon()


_FLOWS: dict[str, Callable[[GivEnergyConfigEntry, IssueData], RepairsFlow]] = {
    "device_missing": MissingDeviceFlow,
    "clock_fast": ClockDriftFlow,
    "clock_slow": ClockDriftFlow,
    "firmware_changed": FirmwareChangedFlow,
}


class GivenBackFlow(ConfirmRepairFlow):
    """Enables the integration again that our entities were given back to."""

    def __init__(self, other_entry_id: str) -> None:
        """Remember which entry to enable."""
        super().__init__()
        self._other_entry_id = other_entry_id

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Enable it once that is agreed."""
        entries = self.hass.config_entries
        if user_input is not None and entries.async_get_entry(self._other_entry_id) is not None:
            await entries.async_set_disabled_by(self._other_entry_id, None)
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that settles an issue of a loaded plant."""
    facts: IssueData = dict(data or {})
    entry: GivEnergyConfigEntry | None = hass.config_entries.async_get_entry(
        facts.get("entry_id", "")
    )
    if entry is not None and entry.state is ConfigEntryState.LOADED:
        for key, flow in _FLOWS.items():
            if issue_id.startswith(key):
                return flow(entry, facts)
    if entry is not None and any(issue_id.startswith(key) for key in _FLOWS):
        return NotLoadedFlow(entry, facts)
    if issue_id.startswith("given_back"):
        return GivenBackFlow(facts["other_entry_id"])
    return ConfirmRepairFlow()
