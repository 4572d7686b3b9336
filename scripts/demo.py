"""The demonstration: a simulated plant, and a Home Assistant that has found it."""

import argparse
import asyncio
import contextlib
import shutil
import signal
import sys
import time
from pathlib import Path

import yaml
from givenergy_modbus.simulator import PROFILES, Simulator, profile

from .house import PASSWORD, ROOT, USER, House, find_browser, free_port

FOLDER = ROOT / ".demo"
DASHBOARD = ROOT / "docs" / "dashboards" / "givenergy.yaml"
SETTLE_TIMEOUT = 90


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="look whether it works, then stop")
    parser.add_argument("--fresh", action="store_true", help="forget earlier demonstrations")
    parser.add_argument("--plant", choices=sorted(PROFILES), default="gen1_hybrid")
    parser.add_argument("--port", type=int, default=8123, help="where Home Assistant is served")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the plant's time goes")
    return parser.parse_args()


async def settled(house: House) -> dict[str, str]:
    """Return the entities' states once none is unavailable, or after a while as they are."""
    deadline = time.monotonic() + SETTLE_TIMEOUT
    states: dict[str, str] = {}
    while time.monotonic() < deadline:
        states = await house.entities()
        if states and "unavailable" not in states.values():
            break
        await asyncio.sleep(0.5)
    return states


async def add_dashboard(house: House) -> None:
    """Add the dashboard that comes with the documentation."""
    if not DASHBOARD.exists():
        return
    existing = await house.command("lovelace/dashboards/list")
    if not any(it["url_path"] == "givenergy-plant" for it in existing):
        await house.command(
            "lovelace/dashboards/create",
            url_path="givenergy-plant",
            title="GivEnergy",
            mode="storage",
            icon="mdi:home-battery",
            show_in_sidebar=True,
            require_admin=False,
        )
    config = yaml.safe_load(DASHBOARD.read_text())
    await house.command("lovelace/config/save", url_path="givenergy-plant", config=config)


async def picture(house: House, to: Path) -> None:
    """Keep a picture of the dashboard, or of the devices where there is none."""
    async with house.browser() as page:
        if DASHBOARD.exists():
            await house.photograph(page, "/givenergy-plant/0", "hui-tile-card", to)
        else:
            path = "/config/integrations/integration/givenergy"
            await house.photograph(page, path, "ha-config-entry-row", to)


async def check(house: House) -> bool:
    """Print what there is to see, and return whether all of it is well."""
    states = await settled(house)
    entry = await house.entry()
    lost = sorted(name for name, state in states.items() if state == "unavailable")
    unknown = sorted(name for name, state in states.items() if state == "unknown")
    print(f"entry: {entry['title'] if entry else None}, {entry['state'] if entry else 'missing'}")
    print(f"entities: {len(states)}, unavailable: {len(lost)}, unknown: {len(unknown)}")
    for name in (*lost, *unknown):
        print(f"  {name}: {states[name]}")
    if find_browser() is None:
        print("screenshot: no Chromium here")
    else:
        to = FOLDER / "screenshot.png"
        await picture(house, to)
        print(f"screenshot: {to.relative_to(ROOT)}")
    return entry is not None and entry["state"] == "loaded" and bool(states) and not lost


async def run(options: argparse.Namespace) -> bool:
    """Start both, and keep them until told to stop."""
    if options.fresh or options.check:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    plant_port = free_port(8899)
    started = time.monotonic()
    async with (
        Simulator(profile(options.plant), port=plant_port, speed=options.speed) as simulator,
        House(FOLDER, options.port) as house,
    ):
        if await house.entry() is None:
            await house.add_plant(simulator.host, simulator.port)
            await add_dashboard(house)
        print(f"ready after {time.monotonic() - started:.1f} s")
        if options.check:
            return await check(house)
        print(f"Home Assistant: {house.url}   user: {USER}   password: {PASSWORD}")
        print(f"simulated plant: {options.plant} at {simulator.host}:{simulator.port}")
        print("Ctrl-C stops both.", flush=True)
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await stop.wait()
    return True


def main() -> None:
    """Run the demonstration; exit 0 when all is well, 1 when it is not."""
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(0 if asyncio.run(run(arguments())) else 1)


if __name__ == "__main__":
    main()
