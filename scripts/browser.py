"""A headless browser, logged in to Home Assistant."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from .home_assistant import HomeAssistant

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PATIENCE = 60_000
"""Milliseconds to wait for something to appear on a page."""


def find_browser() -> str | None:
    """Return a Chromium to drive, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def browsing(
    home_assistant: HomeAssistant, width: int = 1280, height: int = 900
) -> AsyncIterator[Any]:
    """Yield a page of a browser that is logged in; it reaches loopback only."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - a browser is optional

    path = find_browser()
    if path is None:
        raise RuntimeError("no Chromium found")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB" if home_assistant.language == "en" else home_assistant.language,
            timezone_id=home_assistant.zone,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        tokens = json.dumps(json.dumps(home_assistant.tokens))
        await context.add_init_script(f"localStorage.setItem('hassTokens', {tokens})")
        await context.route("**/*", _loopback_only)
        try:
            yield await context.new_page()
        finally:
            await browser.close()


async def visit(home_assistant: HomeAssistant, page: Any, path: str, wait_for: str) -> None:
    """Open a page of the frontend, and wait for something on it."""
    await page.goto(home_assistant.url + path, wait_until="domcontentloaded")
    await page.locator(wait_for).first.wait_for()


async def photograph(page: Any, to: Path, *, settle: float = 2.0) -> None:
    """Keep a picture of a page once it has settled."""
    await page.wait_for_timeout(settle * 1000)
    to.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=str(to))


async def _loopback_only(route: Any) -> None:
    if route.request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
        await route.continue_()
    else:
        await route.abort()
