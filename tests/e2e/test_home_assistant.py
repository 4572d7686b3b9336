"""A plant in a real Home Assistant, as a person sees it: one story, from adding to restarting."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.simulator import Simulator

from scripts.browser import find_browser, visit
from scripts.demo import DASHBOARD_PATH, add_dashboard
from scripts.energy import Hour, import_statistics
from scripts.home_assistant import HomeAssistant
from tests.e2e.conftest import ZONE
from tests.e2e.steps import text_of, tile, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("home_assistant"),
    pytest.mark.skipif(find_browser() is None, reason="there is no Chromium on this machine"),
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

INVERTER, SECOND_PACK = 0x11, 0x33
SECOND_SERIAL = "BG2238G219"
MADE_OF_BOTH_PACKS = {
    "battery_average_soc",
    "battery_cell_voltage_max",
    "battery_cell_voltage_min",
    "battery_stored_energy",
    "battery_temperature_max",
    "battery_usable_capacity",
}


async def test_a_plant_added_by_clicking_has_values(
    home_assistant: HomeAssistant, plant: str
) -> None:
    entry = await home_assistant.entry()
    assert entry is not None
    assert entry["title"] == "GivEnergy"
    assert entry["state"] == "loaded"
    assert len(await home_assistant.devices()) == 3
    states = await until(
        home_assistant.entities, lambda states: "unavailable" not in states.values()
    )
    assert len(states) > 100
    unknown = {name for name, state in states.items() if state == "unknown"}
    unknown -= {"sensor.givenergy_inverter_override_ends"}
    assert {name.partition(".")[0] for name in unknown} <= {"button", "event"}


async def test_the_dashboard_shows_values_that_move(
    home_assistant: HomeAssistant, plant: str, page: Any
) -> None:
    await add_dashboard(home_assistant)
    await visit(home_assistant, page, f"/{DASHBOARD_PATH}/now", "hui-tile-card")
    first = await until(lambda: tile(page, "Home power"), lambda text: text.endswith(" W"))
    await until(
        lambda: tile(page, "Home power"), lambda text: text.endswith(" W") and text != first
    )
    assert await page.locator("hui-error-card, hui-warning").count() == 0


async def test_a_number_changed_on_the_dashboard_reaches_the_inverter(
    home_assistant: HomeAssistant, plant: str, page: Any, simulator: Simulator
) -> None:
    (register,) = SinglePhaseInverter.register_fields["charge_target_soc"].registers
    words = simulator.registers[INVERTER]
    assert words[register] == 85
    await visit(home_assistant, page, f"/{DASHBOARD_PATH}/control", "hui-tile-card")
    card = page.locator("hui-tile-card", has_text="Charge target")
    await card.get_by_role("button", name="Increment").click()
    await until(lambda: words[register], lambda word: word == 86)
    target = "number.givenergy_inverter_charge_target"
    await until(lambda: home_assistant.state(target), lambda state: state == "86")
    await until(lambda: tile(page, "Charge target"), lambda text: "86%" in text)


async def test_a_time_changed_on_the_dashboard_reaches_the_inverter(
    home_assistant: HomeAssistant, plant: str, page: Any, simulator: Simulator
) -> None:
    start, end = SinglePhaseInverter.register_fields["charge_slot_1"].registers
    words = simulator.registers[INVERTER]
    assert (words[start], words[end]) == (30, 430)
    row = page.locator("hui-time-entity-row", has_text="Charge slot 1 from")
    for box, typed, word in ((0, "1", 130), (1, "15", 115)):
        await row.locator("input").nth(box).fill(typed)
        await row.locator("input").nth(box).press("Tab")
        await until(lambda: (words[start], words[end]), lambda slot, to=word: slot == (to, 430))
    shown = "time.givenergy_inverter_charge_slot_1_from"
    await until(lambda: home_assistant.state(shown), lambda state: state == "01:15:00")


async def test_the_energy_dashboard_takes_the_sensors_and_shows_a_day(
    home_assistant: HomeAssistant, plant: str, page: Any, past: list[Hour], now: datetime
) -> None:
    await import_statistics(home_assistant, past)
    await home_assistant.add_to_energy_dashboard(plant)
    ours = {item["entity_id"] for item in await home_assistant.registry()}

    async def complaints() -> set[str]:
        verdict = json.dumps(await home_assistant.command("energy/validate"))
        return {name for name in ours if f'"{name}"' in verdict}

    await until(complaints, lambda names: not names)
    day = (now - timedelta(days=1)).date()
    imported = counted(past, "e_grid_in_total", day.isoformat())
    assert imported
    await visit(home_assistant, page, "/energy/electricity", "hui-energy-sources-table-card")
    # In the first hour of a day the page opens with the day before.
    opened = (datetime.now(ZONE) - timedelta(hours=1)).date()
    for _ in range((opened - day).days):
        await page.get_by_role("button", name="Previous").click()
    table = page.locator("hui-energy-sources-table-card").first
    await until(lambda: text_of(table), lambda text: f"import total {imported:g} kWh" in text)


def counted(past: list[Hour], key: str, day: str) -> float:
    """Return how far a counter went in the course of a day."""
    last = [(hour.start.date().isoformat(), hour.values(key)[-1]) for hour in past]
    before = [value for date, value in last if date < day]
    within = [value for date, value in last if date == day]
    return round(within[-1] - before[-1], 1)


async def test_a_silent_battery_takes_along_what_is_its_own_and_no_more(
    home_assistant: HomeAssistant, plant: str, simulator: Simulator
) -> None:
    registry = [item for item in await home_assistant.registry() if item["disabled_by"] is None]
    keys = {item["entity_id"]: item["unique_id"].partition("_") for item in registry}
    theirs = {
        name
        for name, (owner, _, key) in keys.items()
        if owner == SECOND_SERIAL or key in MADE_OF_BOTH_PACKS
    }
    assert len(theirs) > 10 + len(MADE_OF_BOTH_PACKS)
    simulator.silent.add(SECOND_PACK)
    await until(home_assistant.lost, lambda names: names == theirs)
    simulator.silent.clear()
    await until(home_assistant.lost, lambda names: not names)


async def test_a_wrong_clock_is_repaired_by_clicking(
    home_assistant: HomeAssistant, plant: str, page: Any, simulator: Simulator
) -> None:
    async def issues() -> list[str]:
        listed = await home_assistant.command("repairs/list_issues")
        return [
            issue["translation_key"] for issue in listed["issues"] if issue["domain"] == "givenergy"
        ]

    assert await issues() == ["clock_slow"]
    await visit(home_assistant, page, "/config/repairs", "ha-config-repairs")
    await page.locator("ha-config-repairs").get_by_text("clock").first.click()
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_text("The issue is repaired!").wait_for()
    assert await issues() == []
    shown = simulator.bus.clock.shown
    assert abs(shown - simulator.bus.clock.now) < timedelta(seconds=30)


async def test_a_recording_is_downloaded_from_its_notification(
    home_assistant: HomeAssistant, plant: str, page: Any
) -> None:
    await home_assistant.command(
        "call_service",
        domain="givenergy",
        service="capture_frames",
        service_data={"config_entry_id": plant, "duration": 5},
        return_response=True,
    )
    await visit(home_assistant, page, "/profile", "ha-sidebar")
    await page.locator("ha-sidebar").get_by_text("Notifications").click()
    async with page.expect_download() as downloaded:
        await page.get_by_role("link", name="Download the recording").click()
    download = await downloaded.value
    recorded = (await asyncio.to_thread(Path(await download.path()).read_text)).splitlines()
    assert {line.split()[1] for line in recorded} == {"rx", "tx"}


async def test_a_restart_asks_only_for_what_is_known(
    home_assistant: HomeAssistant, plant: str, simulator: Simulator
) -> None:
    await home_assistant.stop()
    simulator.latency = 0.2
    simulator.requests.clear()
    await home_assistant.start()
    await until(home_assistant.lost, lambda names: not names)
    assert {request.device_address for request in simulator.requests} == {0x11, 0x32, 0x33}
    assert len(simulator.requests) < 20
    setups = await home_assistant.command("integration/setup_info")
    (seconds,) = (setup["seconds"] for setup in setups if setup["domain"] == "givenergy")
    # About two and a half where nothing else runs.
    assert seconds < 10


async def test_a_wrong_address_is_explained_and_can_be_corrected(
    home_assistant: HomeAssistant, plant: str, page: Any, port_that_times_out: int
) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def another_device(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    hanging_up = server.sockets[0].getsockname()[1]
    stranger = await asyncio.start_server(another_device, "127.0.0.1", 0)
    strange_port = stranger.sockets[0].getsockname()[1]
    closed = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    closed_port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard/add?domain=givenergy")
    await page.get_by_role("button", name="OK").click()
    for host, port, explanation in (
        ("127.0.0.1", closed_port, "the connection was refused"),
        ("no-such-host.invalid", 8899, "the host name was not found"),
        ("127.0.0.1", hanging_up, "the connection was lost"),
        ("127.0.0.1", port_that_times_out, "timed out"),
        ("127.0.0.1", strange_port, "not like a GivEnergy system"),
    ):
        await page.get_by_role("textbox", name="Host").fill(host)
        await page.get_by_role("spinbutton", name="Port").fill(str(port))
        await page.get_by_role("button", name="Submit").click()
        await page.get_by_text(explanation).wait_for()
    await page.locator("ha-selector-boolean").click()
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_text("System check").wait_for()
    await page.get_by_text("not like a GivEnergy system").wait_for()
    for listening in (server, stranger):
        listening.close()
        await listening.wait_closed()
