"""The demonstration: a simulated plant, and a Home Assistant that has found it."""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from givenergy_modbus.simulator import PROFILES, Simulator, profile

from .browser import browsing, find_browser, photograph, visit
from .energy import Hour, import_statistics, simulate_hours
from .home_assistant import HomeAssistant
from .home_assistant_server import PASSWORD, RESTART, ROOT, USER, free_port

FOLDER = ROOT / ".demo"
DASHBOARD_PATH = "givenergy-plant"
HOME_ZONE = "Europe/London"
PAST = timedelta(days=2)
"""Length of the history that a plant has at the start."""
SETTLE_TIMEOUT = 90
DASHBOARD_VIEW = (f"/{DASHBOARD_PATH}/now", "hui-tile-card")
DEVICES_VIEW = ("/config/integrations/integration/givenergy", "ha-config-entry-row")
"""Pages of the frontend, each with what to wait for on it."""
WAITING = ("button", "event")
"""Entities that are unknown until something happens."""


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="look whether it works, then stop")
    parser.add_argument("--fresh", action="store_true", help="forget earlier demonstrations")
    parser.add_argument("--plant", choices=sorted(PROFILES), default="gen1_hybrid")
    parser.add_argument("--language", default="en", help="Home Assistant's language, such as de")
    parser.add_argument("--port", type=int, default=8123, help="where Home Assistant is served")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the plant's time goes")
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="take the documentation's pictures, stop"
    )
    return parser.parse_args()


class Demo:
    """One plant's demonstration, and the folder in which it goes on from start to start."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Remember what was asked for; a look starts from nothing and leaves the rest alone."""
        self.options = options
        self.looks_only = options.check or options.pictures is not None
        shown = options.plant
        if options.language != "en":
            shown += f"-{options.language}"
        self.folder = FOLDER / ("check" if self.looks_only else shown)
        if options.fresh or self.looks_only:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._notes = self.folder / "demo.json"
        self.zone = after_noon() if options.pictures else HOME_ZONE

    def notes(self) -> dict[str, Any]:
        """Return what was written down at the last start."""
        found: dict[str, Any] = json.loads(self._notes.read_text()) if self._notes.exists() else {}
        return found

    async def run(self) -> bool:
        """Start both, and keep them running until interrupted."""
        before = self.notes()
        zone = ZoneInfo(self.zone)
        now = datetime.now(zone).replace(tzinfo=None)
        since = datetime.fromisoformat(before["since"]) if before else now - PAST
        simulator = Simulator(
            profile(self.options.plant),
            port=free_port(before.get("plant_port", 8899)),
            start=since,
            speed=self.options.speed,
        )
        past = simulate_hours(simulator, now, zone)
        started = time.monotonic()
        async with (
            simulator,
            HomeAssistant(
                self.folder, self.options.port, zone=self.zone, language=self.options.language
            ) as home_assistant,
        ):
            await self.settle_in(home_assistant, simulator, past, before)
            notes = {"since": since.isoformat(), "plant_port": simulator.port}
            self._notes.write_text(json.dumps(notes))
            print(f"ready after {time.monotonic() - started:.1f} s", flush=True)
            if self.options.pictures:
                await pictures(home_assistant, self.options.pictures)
                return True
            if self.options.check:
                return await self.check(home_assistant)
            return await self.keep(home_assistant, simulator)

    async def settle_in(
        self,
        home_assistant: HomeAssistant,
        simulator: Simulator,
        past: list[Hour],
        before: Mapping[str, Any],
    ) -> None:
        """Add the plant through the config flow, or reconfigure its address."""
        entry = await home_assistant.entry()
        if entry is None:
            entry_id = await home_assistant.add_plant(simulator.host, simulator.port)
            await came_up(home_assistant)
            await import_statistics(home_assistant, past)
            await home_assistant.add_to_energy_dashboard(entry_id)
            await add_dashboard(home_assistant)
        elif before.get("plant_port") != simulator.port:
            await home_assistant.move_plant(entry["entry_id"], simulator.host, simulator.port)

    async def check(self, home_assistant: HomeAssistant) -> bool:
        """Look at everything once, and return whether all of it is well."""
        is_well = await seen(home_assistant)
        if find_browser() is None:
            print("screenshot: no Chromium here")
            return is_well
        screenshot = self.folder / "screenshot.png"
        path, wait_for = DASHBOARD_VIEW
        async with browsing(home_assistant, height=1400) as page:
            await visit(home_assistant, page, path, wait_for)
            await photograph(page, screenshot)
            broken = await page.locator("hui-error-card, hui-warning").count()
        print(f"screenshot: {screenshot.relative_to(ROOT)}, broken cards: {broken}")
        return is_well and not broken

    async def keep(self, home_assistant: HomeAssistant, simulator: Simulator) -> bool:
        """Print the address, and wait until Home Assistant ends."""
        print(f"Home Assistant: {home_assistant.url}   user: {USER}   password: {PASSWORD}")
        print(f"simulated plant: {self.options.plant} at {simulator.host}:{simulator.port}")
        print("Ctrl-C stops both.", flush=True)
        while await home_assistant.over() == RESTART:
            await home_assistant.stop()
            await home_assistant.start()
        print(f"Home Assistant ended; see {home_assistant.log}")
        return False


def after_noon() -> str:
    """Return a time zone in which it is early afternoon, when there is most to see."""
    ahead = 13 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


async def settled(home_assistant: HomeAssistant) -> dict[str, str]:
    """Return the entities' states once none is unavailable, or after a while as they are."""
    deadline = time.monotonic() + SETTLE_TIMEOUT
    states: dict[str, str] = {}
    while time.monotonic() < deadline:
        states = await home_assistant.entities()
        entry = await home_assistant.entry()
        if entry is not None and entry["state"] == "setup_error":
            break
        if states and "unavailable" not in states.values():
            break
        await asyncio.sleep(0.5)
    return states


async def came_up(home_assistant: HomeAssistant) -> None:
    """Wait until a plant that was just added is there; RuntimeError if it is not."""
    await settled(home_assistant)
    entry = await home_assistant.entry()
    if entry is None or entry["state"] != "loaded":
        raise RuntimeError(
            f"the plant did not come up: {entry and entry['reason']}; {home_assistant.log}"
        )


async def add_dashboard(home_assistant: HomeAssistant) -> None:
    """Add the dashboard that the integration builds."""
    await home_assistant.command(
        "lovelace/dashboards/create",
        url_path=DASHBOARD_PATH,
        title="GivEnergy",
        mode="storage",
        icon="mdi:home-battery",
        show_in_sidebar=True,
        require_admin=False,
    )
    await home_assistant.command(
        "lovelace/config/save",
        url_path=DASHBOARD_PATH,
        config={"strategy": {"type": "custom:givenergy"}},
    )


async def seen(home_assistant: HomeAssistant) -> bool:
    """Print what there is to see, and return whether the plant is there with its values."""
    states = await settled(home_assistant)
    entry = await home_assistant.entry()
    lost = sorted(name for name, state in states.items() if state == "unavailable")
    unknown = sorted(name for name, state in states.items() if state == "unknown")
    silent = [name for name in unknown if not name.startswith(WAITING)]
    print(f"entry: {entry['title'] if entry else None}, {entry['state'] if entry else 'missing'}")
    print(f"entities: {len(states)}, unavailable: {len(lost)}, unknown: {len(silent)}")
    print(f"buttons and events that wait to happen: {len(unknown) - len(silent)}")
    for name in (*lost, *silent):
        print(f"  {name}: {states[name]}")
    return entry is not None and entry["state"] == "loaded" and bool(states) and not lost


async def pictures(home_assistant: HomeAssistant, folder: Path) -> None:
    """Take the documentation's pictures."""
    await settled(home_assistant)
    first, *_ = await home_assistant.devices()
    device = f"/config/devices/device/{first['id']}"
    shots = {
        "dashboard": (*DASHBOARD_VIEW, 1500, 960),
        "dashboard-battery": (f"/{DASHBOARD_PATH}/battery", "hui-entities-card", 1500, 800),
        "dashboard-control": (f"/{DASHBOARD_PATH}/control", "hui-tile-card", 1500, 1500),
        "dashboard-history": (
            f"/{DASHBOARD_PATH}/history",
            "hui-statistics-graph-card",
            1500,
            1500,
        ),
        "dashboard-narrow": (*DASHBOARD_VIEW, 390, 1500),
        "devices": (*DEVICES_VIEW, 1280, 800),
        "device-inverter": (device, "ha-device-entities-card", 1280, 1400),
        "energy": ("/energy/electricity", "hui-energy-usage-graph-card", 1280, 1400),
    }
    for name, (path, wait_for, width, height) in shots.items():
        async with browsing(home_assistant, width, height) as page:
            await visit(home_assistant, page, path, wait_for)
            await photograph(page, folder / f"{name}.png", settle=4)
            print(f"{folder / name}.png", flush=True)


async def run(options: argparse.Namespace) -> bool:
    """Run the demo until it ends or is interrupted."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await Demo(options).run()


def main() -> None:
    """Run the demonstration; exit 0 when all is well, 1 when it is not."""
    options = arguments()
    try:
        sys.exit(0 if asyncio.run(run(options)) else 1)
    except KeyboardInterrupt, asyncio.CancelledError:
        print("stopped")


if __name__ == "__main__":
    main()
