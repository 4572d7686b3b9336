"""The dashboard in the documentation shows entities there are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.core import HomeAssistant

from custom_components.givenergy.runtime import GivEnergyConfigEntry

DASHBOARD = Path(__file__).parents[2] / "docs" / "dashboards" / "givenergy.yaml"


def shown(card: Any) -> Iterator[str]:
    """Yield the entities a card names, but for those it shows only where they are."""
    if isinstance(card, str) and ".givenergy_" in card:
        yield card
    elif isinstance(card, list):
        for part in card:
            yield from shown(part)
    elif isinstance(card, dict) and "visibility" not in card:
        for part in card.values():
            yield from shown(part)


@pytest.mark.parametrize("plant_name", ["gen1_hybrid", "gen2_hybrid"])
async def test_everything_on_it_is_there(hass: HomeAssistant, loaded: GivEnergyConfigEntry) -> None:
    names = set(shown(yaml.safe_load(DASHBOARD.read_text())))
    assert len(names) > 30
    missing = {name for name in names if hass.states.get(name) is None}
    assert missing == set()
