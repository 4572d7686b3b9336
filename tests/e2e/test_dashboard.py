"""The dashboard of every ready plant in a browser: narrow and wide, light and dark."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from givenergy_modbus.simulator import PROFILES, Simulator, profile

from scripts.browser import browsing, find_browser, visit
from scripts.demo import DASHBOARD_PATH, add_dashboard
from scripts.home_assistant import HomeAssistant
from tests.e2e.conftest import module_wide
from tests.e2e.steps import text_of, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("dashboard"),
    pytest.mark.skipif(find_browser() is None, reason="there is no Chromium on this machine"),
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

VIEWS = ("now", "battery", "control", "history", "diagnostics")
NAVIGATE = """(path) => {
  history.pushState(null, "", path);
  window.dispatchEvent(new CustomEvent("location-changed"));
}"""


@module_wide
async def everything(home_assistant: HomeAssistant) -> AsyncIterator[HomeAssistant]:
    """Add every ready plant to one Home Assistant, whose energy preferences have the first."""
    async with AsyncExitStack() as stack:
        first, *others = [
            await stack.enter_async_context(Simulator(profile(name), latency=0))
            for name in PROFILES
        ]
        entry_id = await home_assistant.add_plant(first.host, first.port)
        await until(home_assistant.entities, lambda states: len(states) > 100)
        await home_assistant.add_to_energy_dashboard(entry_id)
        await asyncio.gather(
            *(home_assistant.add_plant(plant.host, plant.port) for plant in others)
        )
        await add_dashboard(home_assistant)
        yield home_assistant


@module_wide
async def wide_page(everything: HomeAssistant) -> AsyncIterator[Any]:
    """Open a browser on the dashboard."""
    async with browsing(everything, 1280) as opened:
        await visit(everything, opened, f"/{DASHBOARD_PATH}/now", "hui-heading-card")
        yield opened


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")]
)
async def test_every_view_shows_entities_there_are(
    everything: HomeAssistant, wide_page: Any, width: int, scheme: str
) -> None:
    await wide_page.set_viewport_size({"width": width, "height": 900})
    await wide_page.emulate_media(color_scheme=scheme)
    built = await everything.command("givenergy/dashboard", language="en")
    assert [view["path"] for view in built["views"]] == list(VIEWS)
    for view in built["views"]:
        await wide_page.evaluate(NAVIGATE, f"/{DASHBOARD_PATH}/{view['path']}")
        sections = wide_page.locator("hui-section")
        await until(sections.count, lambda count, view=view: count == len(view["sections"]))
        shown = await text_of(wide_page.locator("hui-view"))
        for section in view["sections"]:
            assert section["cards"][0]["heading"] in shown
        assert "not found" not in shown.lower()
        assert await wide_page.locator("hui-error-card, hui-warning").count() == 0
        assert await wide_page.evaluate("document.documentElement.scrollWidth") == width
