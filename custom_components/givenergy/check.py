"""The system check as Home Assistant shows it: in an action's response, and as steps of flows."""

from asyncio import Task, sleep
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.client.findings import Finding, FindingCode
from .givenergy_modbus.client.system_check import JsonValue, SystemCheck, check_system
from .givenergy_modbus.model.device_kinds import DeviceKind
from .runtime import GivEnergyConfigEntry, client_for
from .texts import async_model_text, async_texts

LISTEN: HassKey[float] = HassKey(f"{DOMAIN}_check_listen")
"""Seconds for which flows listen for other clients; tests set fewer."""
LEAST_SEARCH: HassKey[float] = HassKey(f"{DOMAIN}_least_search")
"""Seconds that a step with progress takes at least; tests set fewer."""

FIGURES = {
    "model": "",
    "firmware": "",
    "inverter_serial": "",
    "dongle_serial": "",
    "requests": "",
    "lost": "",
    "damaged": "",
    "retries": "",
    "response_time_median": " s",
    "response_time_max": " s",
    "foreign_responses_per_minute": "",
    "clock_drift": " s",
}
"""What is shown of a check besides its findings, each with its unit."""


async def async_check(hass: HomeAssistant, client: Client, listen: float) -> SystemCheck:
    """Check a system, with what the other systems tell of it."""
    result = await check_system(client, listen=listen, now=dt_util.now())
    if _is_managed(hass, result.inverter_serial):
        result.findings.append(Finding(FindingCode.MANAGED_BY_EMS))
    return result


@callback
def _is_managed(hass: HomeAssistant, serial: str | None) -> bool:
    """Return whether an EMS controls an inverter, which no register of the inverter says."""
    found: list[GivEnergyConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    return any(
        plant_device.kind is DeviceKind.MANAGED_INVERTER and plant_device.serial == serial
        for entry in found
        if (ems := entry.runtime_data.client.plant.ems) is not None and ems.plant_enabled
        for plant_device in entry.runtime_data.plant_devices
    )


@asynccontextmanager
async def async_at_least(hass: HomeAssistant) -> AsyncIterator[None]:
    """Take long enough: the frontend misses the end of progress that is over before it listens."""
    end = monotonic() + hass.data.get(LEAST_SEARCH, 1.0)
    try:
        yield
    finally:
        await sleep(end - monotonic())


async def async_advice(hass: HomeAssistant, findings: Iterable[Finding]) -> list[str]:
    """Return the sentence of advice for each finding, in Home Assistant's language."""
    texts = {**await async_texts(hass, "selector"), **await async_texts(hass, "config")}
    found: list[str] = []
    for finding in findings:
        keys = (f"finding.options.{finding.code}", f"error.{finding.code}")
        text = next(text for key in keys if (text := texts.get(key)))
        found.append(text.format(**finding.data))
    return found


async def async_response(hass: HomeAssistant, result: SystemCheck) -> dict[str, JsonValue]:
    """Return a check as the response of an action, serials redacted."""
    advice = await async_advice(hass, result.findings)
    findings: list[JsonValue] = [
        {"code": finding.code.value, "advice": text, **finding.data}
        for finding, text in zip(result.findings, advice, strict=True)
    ]
    return {**result.to_dict(), "findings": findings}


async def async_report(hass: HomeAssistant, result: SystemCheck) -> str:
    """Return a check as Markdown: the findings, then the figures, serials redacted."""
    texts = await async_texts(hass, "selector")
    prefix = "system_check.options."
    advice = await async_advice(hass, result.findings)
    lines = [f"- {text}" for text in advice or [texts[f"{prefix}no_findings"]]]
    figures = result.to_dict()
    if result.model is not None:
        figures["model"] = await async_model_text(hass, result.model)
        model, *others = [
            f"| {texts[prefix + key]} | {figures[key]}{unit} |"
            for key, unit in FIGURES.items()
            if figures[key] is not None
        ]
        lines += ["", model, "| --- | ---: |", *others]
    return "\n".join(lines)


class CheckFlow(ConfigEntryBaseFlow):
    """The steps that check a system: progress, then the result."""

    def __init__(self) -> None:
        """Start with nothing checked."""
        super().__init__()
        self._check: Task[SystemCheck] | None = None

    def check_address(self) -> tuple[str, int]:
        """Return host and port of the system to check."""
        raise NotImplementedError

    def loaded_client(self) -> Client | None:
        """Return the client of a loaded entry, whose connection is used."""
        return None

    async def async_after_check(self) -> ConfigFlowResult:
        """Return what follows once the result has been read."""
        raise NotImplementedError

    async def async_step_check(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show progress while the system is checked."""
        if self._check is None:
            self._check = self.hass.async_create_task(self._async_check())
        if not self._check.done():
            return self.async_show_progress(
                step_id="check", progress_action="check", progress_task=self._check
            )
        return self.async_show_progress_done(next_step_id="checked")

    async def _async_check(self) -> SystemCheck:
        loaded = self.loaded_client()
        client = loaded or client_for(self.hass, *self.check_address())
        listen = self.hass.data.get(LISTEN, 30.0)
        try:
            async with async_at_least(self.hass):
                return await async_check(self.hass, client, listen)
        finally:
            if client is not loaded:
                await client.close()

    async def async_step_checked(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the result, then go on."""
        if user_input is None:
            assert self._check is not None
            report = await async_report(self.hass, self._check.result())
            return self.async_show_form(
                step_id="checked", description_placeholders={"report": report}
            )
        self._check = None
        return await self.async_after_check()
