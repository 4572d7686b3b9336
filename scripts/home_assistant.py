"""A real Home Assistant with this integration: systems added, options set, entities read."""

import asyncio
import time
from typing import Any

from .home_assistant_server import DOMAIN, START_TIMEOUT, HomeAssistantServer

FLOWS = "/api/config/config_entries/flow"
OPTIONS = "/api/config/config_entries/options/flow"
FLOW_TIMEOUT = 120


class HomeAssistant(HomeAssistantServer):
    """One Home Assistant, and what this integration has in it."""

    async def add_plant(self, host: str, port: int) -> str:
        """Add a plant through the integration's own flow, and return the entry's id."""
        step = await self._look({"handler": DOMAIN}, host, port)
        if step.get("errors") or step["type"] != "form":
            raise RuntimeError(f"the plant could not be added: {step}")
        step = await self.post(f"{FLOWS}/{step['flow_id']}", {})
        entry: str = step["result"]["entry_id"]
        return entry

    async def move_plant(self, entry_id: str, host: str, port: int) -> None:
        """Reconfigure an entry with the new address of its plant."""
        step = await self._look({"handler": DOMAIN, "entry_id": entry_id}, host, port)
        if step.get("reason") != "reconfigure_successful":
            raise RuntimeError(f"the plant was not found: {step}")

    async def set_options(self, entry_id: str, **options: Any) -> None:
        """Answer an entry's options flow, and wait until the plant is loaded again."""
        step = await self._choose_option(entry_id, "init")
        await self.post(f"{OPTIONS}/{step['flow_id']}", options)
        await self.until(self._has_loaded, START_TIMEOUT, "the plant did not come back")

    async def add_to_energy_dashboard(self, entry_id: str) -> None:
        """Have an entry's options flow add what the energy dashboard lacks, as it proposes."""
        step = await self._choose_option(entry_id, "energy")
        (field,) = step["data_schema"]
        await self.post(f"{OPTIONS}/{step['flow_id']}", {field["name"]: field["default"]})

    async def _choose_option(self, entry_id: str, option: str) -> dict[str, Any]:
        """Open an entry's options flow, and return the step that its menu leads to."""
        menu = await self.post(OPTIONS, {"handler": entry_id})
        step: dict[str, Any] = await self.post(
            f"{OPTIONS}/{menu['flow_id']}", {"next_step_id": option}
        )
        return step

    async def _has_loaded(self) -> bool:
        entry = await self.entry()
        return entry is not None and entry["state"] == "loaded"

    async def _look(self, handler: dict[str, Any], host: str, port: int) -> dict[str, Any]:
        """Have a flow look for a plant, and return the step it comes to."""
        flow = await self.post(FLOWS, handler)
        step = await self.post(f"{FLOWS}/{flow['flow_id']}", {"host": host, "port": port})
        deadline = time.monotonic() + FLOW_TIMEOUT
        while step["type"] == "progress":
            if time.monotonic() > deadline:
                raise RuntimeError("detection did not end")
            await asyncio.sleep(0.2)
            step = await self.get(f"{FLOWS}/{flow['flow_id']}")
        answer: dict[str, Any] = step
        return answer

    async def entry(self) -> dict[str, Any] | None:
        """Return the plant's entry as Home Assistant shows it, None before it is added."""
        entries = await self.command("config_entries/get", domain=DOMAIN)
        return entries[0] if entries else None

    async def entities(self) -> dict[str, str]:
        """Return the states of the plant's enabled entities."""
        listed = await self.command("config/entity_registry/list")
        ours = {item["entity_id"] for item in listed if item["platform"] == DOMAIN}
        states = await self.command("get_states")
        return {
            state["entity_id"]: state["state"] for state in states if state["entity_id"] in ours
        }

    async def state(self, entity_id: str) -> str:
        """Return the state of one entity."""
        found: str = (await self.get(f"/api/states/{entity_id}"))["state"]
        return found

    async def lost(self) -> set[str]:
        """Return the plant's entities that are unavailable."""
        return {name for name, state in (await self.entities()).items() if state == "unavailable"}

    async def devices(self) -> list[dict[str, Any]]:
        """Return the plant's devices, the root first."""
        entry = await self.entry()
        assert entry is not None
        listed = await self.command("config/device_registry/list")
        mine = [item for item in listed if entry["entry_id"] in item["config_entries"]]
        return sorted(mine, key=lambda device: device["via_device_id"] is not None)

    async def registry(self) -> list[dict[str, Any]]:
        """Return the plant's entities as the registry lists them, disabled ones too."""
        listed = await self.command("config/entity_registry/list")
        return [item for item in listed if item["platform"] == DOMAIN]
