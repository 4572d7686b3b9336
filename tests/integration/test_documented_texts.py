"""What the pages quote from the screen is on the screen, and what they name exists."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hass_frontend
import pytest
import yaml
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.givenergy.runtime import GivEnergyConfigEntry

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "givenergy"
PAGES = [
    ROOT / "README.md",
    *(
        ROOT / "docs" / f"{name}.md"
        for name in (
            "actions", "automations", "bug-reports", "controls", "energy", "entities", "examples",
            "index", "options", "overrides", "takeover", "troubleshooting",
        )
    ),
]  # fmt: skip
FILES = [
    *PAGES,
    *sorted((ROOT / "blueprints").rglob("*.yaml")),
]

QUOTED = re.compile(r"(?<![*\w])\*([^*|]+?)\*(?![*\w])", re.DOTALL)
ENTITY_ID = re.compile(
    r"\b((?:binary_sensor|button|event|number|select|sensor|switch|time)\.givenergy_\w+)"
)
ACTION = re.compile(r"\bgivenergy\.(?!co\.uk)([a-z_]+)\b")
PLACEHOLDER = re.compile(r"\\\{\w+\\\}")

ELSEWHERE = {
    "Integration",  # a type of repository in HACS
    "⋮",
}
DOCUMENTED_IDS = 5
"""Entity ids that the pages have at least; where there are fewer, the pattern has gone blind."""
ABBREVIATED = {"off", "off on some", "n", "today", "total"}
"""Marks in the tables of the entities page, and the ends of names it explains."""


def texts(node: Any) -> Iterator[str]:
    """Yield every text of a tree of translations."""
    if isinstance(node, dict):
        for below in node.values():
            yield from texts(below)
    elif isinstance(node, str):
        yield node


@cache
def our_texts() -> list[re.Pattern[str]]:
    """Return a pattern for each text of the integration; a placeholder stands for any text."""
    english = json.loads((INTEGRATION / "translations" / "en.json").read_text())
    name = json.loads((INTEGRATION / "manifest.json").read_text())["name"]
    return [
        re.compile(PLACEHOLDER.sub(".+", re.escape(text)), re.IGNORECASE)
        for text in {*texts(english), name}
        if re.search(r"\w", re.sub(r"\{.*?\}", "", text))
    ]


@cache
def home_assistant_texts() -> frozenset[str]:
    """Return every text of the frontend, in lower case."""
    folder = Path(str(hass_frontend.where())) / "static" / "translations"
    files = [path for path in folder.rglob("en-*.json") if not path.name.startswith("en-GB")]
    found = (text for path in files for text in texts(json.loads(path.read_text())))
    return frozenset(text.rstrip("…").lower() for text in found)


def is_shown(text: str) -> bool:
    """Return whether a text is on a screen of ours or of Home Assistant."""
    return (
        text in ELSEWHERE
        or text.lower() in home_assistant_texts()
        or any(pattern.fullmatch(text) for pattern in our_texts())
    )


def prose(page: Path) -> str:
    """Return a page without its code."""
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_quoted_texts_are_on_the_screen(page: Path) -> None:
    quoted = [
        part.strip()
        for match in QUOTED.findall(prose(page))
        for part in " ".join(match.split()).split(" → ")
    ]
    unknown = {text for text in quoted if not is_shown(text)}
    if page.stem == "entities":
        unknown -= ABBREVIATED
    assert unknown == set()


def test_wrong_quotes_are_noticed() -> None:
    assert not is_shown("Sync clock")
    assert not is_shown("Writes today")
    assert is_shown("Charge slot 1 from")
    assert is_shown("Devices & services")


@pytest.mark.parametrize("plant_name", ["gen1_hybrid"])
async def test_entity_ids_are_those_of_the_demo(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    registry = er.async_get(hass)
    known = {
        entity.entity_id for entity in er.async_entries_for_config_entry(registry, loaded.entry_id)
    }
    named = {path.stem: set(ENTITY_ID.findall(path.read_text())) for path in FILES}
    assert {page for page, found in named.items() if found} >= {"controls", "examples"}
    found = set().union(*named.values())
    assert len(found) >= DOCUMENTED_IDS
    assert found - known == set()


def described(kind: str) -> set[str]:
    """Return the actions, triggers or conditions that the integration describes."""
    tree = yaml.safe_load((INTEGRATION / f"{kind}s.yaml").read_text())
    return {name for name in tree if not name.startswith(".")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_exist(path: Path) -> None:
    known = {name for kind in ("service", "trigger", "condition") for name in described(kind)}
    assert {name for name in ACTION.findall(path.read_text()) if name != "yaml"} <= known


def test_every_action_is_documented() -> None:
    page = (ROOT / "docs" / "actions.md").read_text()
    assert set(ACTION.findall(page)) >= described("service")


@pytest.mark.parametrize("kind", ["trigger", "condition"])
def test_every_trigger_and_condition_is_documented(kind: str) -> None:
    english = json.loads((INTEGRATION / "translations" / "en.json").read_text())
    page = (ROOT / "docs" / "automations.md").read_text()
    rows = dict(re.findall(r"^\| `givenergy\.(\w+)` \| \*(.*?)\* \|", page, re.MULTILINE))
    assert {name: rows.get(name) for name in described(kind)} == {
        name: words["name"] for name, words in english[f"{kind}s"].items()
    }


@pytest.mark.parametrize("page", ["automations", "examples"])
async def test_home_assistant_takes_the_documented_automations(
    hass: HomeAssistant, page: str
) -> None:
    """As they stand on the page; what they name need not exist."""
    blocks = re.findall(
        r"^```yaml\n(alias:.*?)^```",
        (ROOT / f"docs/{page}.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert blocks
    configs = [yaml.safe_load(block) for block in blocks]
    assert await async_setup_component(hass, "automation", {"automation": configs})
    await hass.async_block_till_done()
    states = {state.name: state.state for state in hass.states.async_all("automation")}
    assert states == dict.fromkeys((config["alias"] for config in configs), "on")


def test_every_option_is_documented() -> None:
    english = json.loads((INTEGRATION / "translations" / "en.json").read_text())
    page = (ROOT / "docs" / "options.md").read_text()
    for name in english["options"]["step"]["init"]["data"].values():
        assert f"*{name}*" in page
