"""The steps of the flows that offer a takeover: what would move, what stays, move or not."""

from collections.abc import Sequence
from typing import Any

import voluptuous as vol
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import BooleanSelector

from ..const import LOGGER
from ..devices import plant_devices_of
from ..entity import capabilities_of
from ..givenergy_modbus.client.client import Client
from ..givenergy_modbus.exceptions import CommunicationError
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..identities import Identities
from ..runtime import GivEnergyConfigEntry
from ..texts import async_texts
from .move import CONF_TAKEOVER, agreed, async_plan_return, async_returnable
from .offers import system_of
from .survey import EntityOutcome, Survey, async_survey, peer_entries
from .takeover_journal import Takeover

CONF_MOVE = "move"
CONF_ADJUST = "adjust"


class TakeoverConfigFlow(ConfigFlow):
    """The step between finding a system and adding it, where another integration serves it."""

    def __init__(self) -> None:
        """Start with nothing surveyed."""
        super().__init__()
        self._surveys: list[Survey] = []
        self._to_create: tuple[str, dict[str, Any], dict[str, Any]] = ("", {}, {})

    async def async_survey(
        self, client: Client, capabilities: PlantCapabilities, identities: Identities
    ) -> None:
        """Compare with other integrations that serve the system; reads it once if there are any."""
        serial = client.plant.inverter_serial
        self._surveys = []
        if not any(True for _ in peer_entries(self.hass, [serial], serial)):
            return
        for read in (client.load_config, client.refresh):
            try:
                await read()
            except CommunicationError as err:
                LOGGER.debug("Some values are missing from the comparison: %s", err)
        system = system_of(client.plant, capabilities, plant_devices_of(capabilities, identities))
        self._surveys = await async_survey(self.hass, system)

    async def async_create_or_ask(
        self, title: str, data: dict[str, Any], options: dict[str, Any]
    ) -> ConfigFlowResult:
        """Create the entry, after asking about a takeover where there is one to offer."""
        self._to_create = (title, data, options)
        if any(survey.moving(adjust=True) for survey in self._surveys):
            return await self.async_step_takeover()
        return self.async_create_entry(title=title, data=data, options=options)

    async def async_step_takeover(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what would move and what stays; move or not now."""
        if user_input is None:
            return self.async_show_form(
                step_id="takeover",
                data_schema=takeover_schema(self._surveys),
                description_placeholders=await async_table(self.hass, self._surveys),
            )
        title, data, options = self._to_create
        if found := takeover_data(self._surveys, user_input):
            data = {**data, CONF_TAKEOVER: found}
        return self.async_create_entry(title=title, data=data, options=options)


class TakeoverOptionsFlow(OptionsFlowWithReload):
    """The options that take over from another integration, and give back to it."""

    config_entry: GivEnergyConfigEntry

    def __init__(self) -> None:
        """Start with nothing surveyed."""
        super().__init__()
        self._surveys: list[Survey] = []
        self._takeovers: list[Takeover] = []
        self._has_chosen = False

    async def async_step_menu(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult | None:
        """Show a menu the first time; None once something was chosen."""
        if self._has_chosen:
            return None
        self._has_chosen = True
        entry = self.config_entry
        self._takeovers = await async_returnable(self.hass, entry.entry_id)
        if entry.state is ConfigEntryState.LOADED:
            data = entry.runtime_data
            system = system_of(data.client.plant, capabilities_of(entry), data.plant_devices)
            self._surveys = [
                survey
                for survey in await async_survey(self.hass, system)
                if survey.moving(adjust=True)
            ]
        steps = ["init", "check", "energy"]
        steps += ["takeover"] if self._surveys else []
        steps += ["give_back"] if self._takeovers else []
        return self.async_show_menu(step_id="menu", menu_options=steps)

    async def async_step_takeover(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what would move and what stays; move or not now."""
        if user_input is None:
            return self.async_show_form(
                step_id="takeover",
                data_schema=takeover_schema(self._surveys),
                description_placeholders=await async_table(self.hass, self._surveys),
            )
        if found := takeover_data(self._surveys, user_input):
            entry = self.config_entry
            data = {**entry.data, CONF_TAKEOVER: found}
            self.hass.config_entries.async_update_entry(entry, data=data)
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data=dict(self.config_entry.options))

    async def async_step_give_back(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask, then give every entity back to where it was."""
        if user_input is None:
            titles = {takeover.title for takeover in self._takeovers}
            number = sum(len(takeover.entities) for takeover in self._takeovers)
            return self.async_show_form(
                step_id="give_back",
                description_placeholders={
                    "titles": ", ".join(sorted(titles)),
                    "number": str(number),
                },
            )
        await async_plan_return(self.hass, self.config_entry.entry_id)
        self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        return self.async_create_entry(data=dict(self.config_entry.options))


@callback
def takeover_schema(surveys: Sequence[Survey]) -> vol.Schema:
    """Return the form that asks whether to move, and whether with adjusted sums."""
    fields: dict[vol.Marker, Any] = {vol.Required(CONF_MOVE, default=True): BooleanSelector()}
    if any(outcome.is_adjustable for survey in surveys for outcome in survey.outcomes):
        fields[vol.Required(CONF_ADJUST, default=False)] = BooleanSelector()
    return vol.Schema(fields)


async def async_table(hass: HomeAssistant, surveys: Sequence[Survey]) -> dict[str, str]:
    """Return the table of what moves and what stays, as Markdown."""
    reasons = await async_texts(hass, "selector")
    lines: list[str] = []
    for survey in surveys:
        moving = (_word(reasons, "moves"), survey.moving())
        rows = [
            moving,
            *((_word(reasons, stays), found) for stays, found in survey.staying().items()),
        ]
        first, *others = [f"| {word} | {len(found)} |" for word, found in rows]
        lines += [f"### {survey.label}", "", first, "| --- | ---: |", *others]
        lines += [
            f"\n<details><summary>{word}</summary>\n\n{_listed(found)}\n\n</details>"
            for word, found in rows
            if found
        ]
    return {"table": "\n".join(lines)}


def _word(translations: dict[str, str], key: str) -> str:
    return translations.get(f"takeover.options.{key}", key)


def _listed(outcomes: Sequence[EntityOutcome]) -> str:
    return "\n".join(f"- `{found}`" for found in sorted(each.entity_id for each in outcomes))


@callback
def takeover_data(surveys: Sequence[Survey], user_input: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was agreed to, for our entry's data; nothing for not now."""
    if not user_input[CONF_MOVE]:
        return []
    adjust = user_input.get(CONF_ADJUST, False)
    return [agreed(survey, adjust=adjust) for survey in surveys]
