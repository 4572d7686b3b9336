"""Stands in for Predbat: reads apps.yaml, and writes a mode's steps over Home Assistant's API."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.predbat_steps import MODES, call_for, is_written, sequences

STATUS = "predbat.status"
MANUAL = "select.predbat_manual_"
LOOKS = 40
"""How often it looks for what it has written, 0.25 s apart."""


class StandIn:
    """Controls one inverter by the entities that its configuration names."""

    def __init__(self, session: aiohttp.ClientSession, config: dict[str, Any]) -> None:
        """Initialize with a session that is logged in."""
        self._session = session
        self.entities = {
            key: value[0]
            for key, value in config.items()
            if isinstance(value, list) and "." in str(value[0])
        }
        self._ranges: dict[str, dict[str, Any]] = {}

    async def look(self) -> None:
        """Read every entity once, as Predbat does; KeyError if one is missing."""
        for key, entity_id in self.entities.items():
            shown = await self._state(entity_id)
            if shown["state"] in ("unavailable", "unknown"):
                raise ValueError(f"{key}: {entity_id} is {shown['state']}")
            self._ranges[key] = shown["attributes"]

    def highest(self, key: str) -> float:
        """Return the most a number accepts, 0 if there is none."""
        return float(self._ranges.get(key, {}).get("max", 0))

    def lowest(self, key: str) -> float:
        """Return the least a number accepts, 0 if there is none."""
        return float(self._ranges.get(key, {}).get("min", 0))

    async def show(self, entity_id: str, state: str, **attributes: Any) -> None:
        """Publish a state of its own."""
        await self._post(f"/api/states/{entity_id}", {"state": state, "attributes": attributes})

    async def run(self, mode: str) -> str:
        """Write the steps of a mode; return the status, with errors if any was not taken."""
        await self.look()
        failed = [
            key
            for key, value in sequences(self)[mode]
            if key in self.entities and not await self._write(self.entities[key], value)
        ]
        return f"{MODES[mode]}, with Errors: {failed}" if failed else MODES[mode]

    async def _write(self, entity_id: str, value: Any) -> bool:
        domain, action, data = call_for(entity_id, value)
        if domain in ("number", "switch") and await self._has(entity_id, value):
            return True
        await self._post(f"/api/services/{domain}/{action}", data)
        for _ in range(LOOKS):
            if await self._has(entity_id, value):
                return True
            await asyncio.sleep(0.25)
        return False

    async def _has(self, entity_id: str, value: Any) -> bool:
        shown = await self._state(entity_id)
        return is_written(entity_id, shown["state"], shown["attributes"], value)

    async def _state(self, entity_id: str) -> dict[str, Any]:
        async with self._session.get(f"/api/states/{entity_id}", raise_for_status=True) as response:
            found: dict[str, Any] = await response.json()
            return found

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        async with self._session.post(path, json=body, raise_for_status=True):
            pass


async def main(config: dict[str, Any]) -> None:
    """Run a mode whenever its select is used, until the process is ended."""
    key = config.pop("ha_key")
    async with (
        aiohttp.ClientSession(
            config.pop("ha_url"), headers={"Authorization": f"Bearer {key}"}
        ) as session,
        session.ws_connect("/api/websocket") as events,
    ):
        stand_in = StandIn(session, config)
        await events.receive_json()
        await events.send_json({"type": "auth", "access_token": key})
        await events.receive_json()
        await events.send_json({"id": 1, "type": "subscribe_events", "event_type": "call_service"})
        await events.receive_json()
        for mode in MODES:
            await stand_in.show(MANUAL + mode.replace(" ", "_"), "off", options=["off", "00:00"])
        async for message in events:
            data = message.json()["event"]["data"]
            for mode in MODES:
                if MANUAL + mode.replace(" ", "_") in data["service_data"].get("entity_id", ()):
                    await stand_in.show(STATUS, await stand_in.run(mode))


if __name__ == "__main__":
    asyncio.run(main(yaml.safe_load(Path("apps.yaml").read_text())["pred_bat"]))
