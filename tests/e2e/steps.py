"""What a person does in front of Home Assistant."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from scripts.home_assistant import HomeAssistant

DATA_TIMING = 60.0

_TEXT = """
function read(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (["STYLE", "SCRIPT"].includes(node.nodeName)) return "";
  const inside = node.shadowRoot ? [node.shadowRoot, ...node.childNodes] : [...node.childNodes];
  return inside.map(read).join(" ");
}
"""


async def add_by_clicking(home_assistant: HomeAssistant, page: Any, host: str, port: int) -> None:
    """Add a plant, from the list of integrations to the end of the dialog."""
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard/add?domain=givenergy")
    await page.get_by_role("button", name="OK").click()
    await page.get_by_role("textbox", name="Host").fill(host)
    await page.get_by_role("spinbutton", name="Port").fill(str(port))
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_text("System found").wait_for()
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Skip and finish").click()


async def until[T](
    look: Callable[[], Awaitable[T] | T],
    holds: Callable[[T], bool],
    seconds: float = DATA_TIMING,
) -> T:
    """Look again and again until what is seen is as it should be; AssertionError if never."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if isawaitable(seen):
            seen = await seen
        if holds(seen):
            return seen
        assert time.monotonic() < deadline, f"still {seen!r} after {seconds:.0f} s"
        await asyncio.sleep(0.25)


async def tile(page: Any, name: str) -> str:
    """Return the text of a tile of the dashboard, its name included."""
    return await text_of(page.locator("hui-tile-card", has_text=name).first)


async def text_of(locator: Any) -> str:
    """Return all text in an element, that of the components inside it too."""
    found: str = await locator.evaluate(f"(element) => {{ {_TEXT} return read(element); }}")
    return " ".join(found.split())
