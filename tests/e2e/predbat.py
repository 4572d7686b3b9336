"""Predbat, or what stands in for it, as a process beside a real Home Assistant."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from scripts.home_assistant import HomeAssistant
from scripts.home_assistant_server import ROOT
from tests.e2e.steps import until
from tests.predbat_steps import MODES

STATUS = "predbat.status"
ENABLE = "Enable "

ACCESS_AND_TARIFF = """\
  ha_url: "{url}"
  ha_key: "{key}"
  days_previous:
    - 1
  rates_import:
    - rate: 20
  rates_export:
    - rate: 15
"""


def manual_select(mode: str) -> str:
    """Return the select by which Predbat is put into a mode for a while."""
    return f"select.predbat_manual_{mode.replace(' ', '_')}"


class PredbatProcess:
    """One Predbat, configured for one system."""

    def __init__(
        self, home_assistant: HomeAssistant, entry_id: str, folder: Path, command: Sequence[str]
    ) -> None:
        """Initialize with the folder it runs in, and the command that starts it."""
        self._home_assistant = home_assistant
        self._entry_id = entry_id
        self._folder = folder
        self._command = command
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Write its configuration, and start it."""
        text = await self._configuration()
        await until(
            self._home_assistant.lost,
            lambda names: not any(f"- {name}\n" in text for name in names),
        )
        key = await self._home_assistant.command(
            "auth/long_lived_access_token", client_name=self._entry_id, lifespan=1
        )
        access = ACCESS_AND_TARIFF.format(url=self._home_assistant.url, key=key)
        await asyncio.to_thread((self._folder / "apps.yaml").write_text, text + access)
        for mode in MODES:
            await self._forget(manual_select(mode))
        with (self._folder / "output").open("w") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()

    async def _configuration(self) -> str:
        """Return the text for the system, with every entity enabled that its notes name."""
        config = await self._ask()
        named = [note for note in config["notes"] if note.startswith(ENABLE)]
        for note in named:
            await self._home_assistant.command(
                "config/entity_registry/update",
                entity_id=note.removeprefix(ENABLE).partition(",")[0],
                disabled_by=None,
            )
        if named:
            path = f"/api/config/config_entries/entry/{self._entry_id}/reload"
            await self._home_assistant.post(path, {})
            config = await self._ask()
        assert not [note for note in config["notes"] if note.startswith(ENABLE)]
        text: str = config["apps_yaml"]
        return text

    async def _ask(self) -> dict[str, Any]:
        answer = await self._home_assistant.command(
            "call_service",
            domain="givenergy",
            service="get_predbat_config",
            service_data={"config_entry_id": self._entry_id},
            return_response=True,
        )
        config: dict[str, Any] = answer["response"]
        return config

    async def run(self, mode: str, seconds: float) -> str:
        """Have it run in a mode, and return its status once that run is finished."""
        select = manual_select(mode)
        shown = await until(lambda: self._shown(select), bool, seconds)
        now = next(option for option in shown["attributes"]["options"] if option != "off")
        await self._forget(STATUS)
        await self._home_assistant.call("select", "select_option", select, option=now)
        status = await until(
            lambda: self._shown(STATUS),
            lambda status: MODES[mode] in status.get("state", "") or "Error" in str(status),
            seconds,
        )
        text: str = status["state"]
        return text

    async def _forget(self, entity_id: str) -> None:
        """Remove a state that an earlier process or run has left."""
        home_assistant = self._home_assistant
        headers = {"Authorization": f"Bearer {home_assistant.tokens['access_token']}"}
        url = f"{home_assistant.url}/api/states/{entity_id}"
        async with home_assistant.session.delete(url, headers=headers):
            pass

    async def _shown(self, entity_id: str) -> dict[str, Any]:
        """Return the state of an entity, empty before there is one."""
        assert self._process is not None
        assert self._process.returncode is None, (self._folder / "output").read_text()
        states = await self._home_assistant.command("get_states")
        found: dict[str, Any] = next(
            (state for state in states if state["entity_id"] == entity_id), {}
        )
        return found
