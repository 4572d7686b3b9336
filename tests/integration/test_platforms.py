"""What Home Assistant expects of every platform and of the actions."""

from importlib import import_module

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.givenergy import PLATFORMS
from custom_components.givenergy.actions import ACTIONS
from custom_components.givenergy.const import DOMAIN

READ_ONLY = {Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_only_platforms_that_write_limit_their_updates(platform: Platform) -> None:
    module = import_module(f"custom_components.givenergy.{platform}")
    assert (0 if platform in READ_ONLY else 1) == module.PARALLEL_UPDATES


async def test_actions_exist_before_any_system_is_set_up(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert set(registered) == {action.handler.__name__ for action in ACTIONS}
