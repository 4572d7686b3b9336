"""The triggers and the condition of overrides, in automations."""

import pytest
from homeassistant.core import HomeAssistant

from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import entity_of, use
from ..automations import automate, for_all_targets, ran, targets

TRIGGERS = ("override_started", "override_ended")


@pytest.mark.parametrize("kind", ["force_charge", "force_export", "hold"])
async def test_an_override_triggers_when_it_starts_and_ends(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, kind: str
) -> None:
    aimed = targets(hass, loaded, entity_of(hass, loaded, "event.override"))
    calls = await automate(
        hass,
        {
            f"{trigger} {name}": {"triggers": {"trigger": f"givenergy.{trigger}", "target": target}}
            for trigger in TRIGGERS
            for name, target in aimed.items()
        },
    )
    await use(hass, loaded, f"action.{kind}", duration="01:00:00")
    await hass.async_block_till_done()
    assert ran(calls) == for_all_targets(override_started=1)
    await use(hass, loaded, "action.end_override")
    await hass.async_block_till_done()
    assert ran(calls) == for_all_targets(override_started=1, override_ended=1)


async def test_an_override_that_replaces_another_ends_it(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    """Both events are of one moment, and both count."""
    aimed = {"entity_id": entity_of(hass, loaded, "event.override")}
    calls = await automate(
        hass,
        {
            trigger: {"triggers": {"trigger": f"givenergy.{trigger}", "target": aimed}}
            for trigger in TRIGGERS
        },
    )
    await use(hass, loaded, "action.force_charge", duration="01:00:00")
    await use(hass, loaded, "action.force_export", duration="01:00:00")
    await hass.async_block_till_done()
    assert ran(calls) == {"override_started": 2, "override_ended": 1}


@pytest.mark.parametrize("kind", ["force_charge", "force_export", "hold"])
async def test_an_override_is_active_until_it_ends(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, kind: str
) -> None:
    calls = await automate(
        hass,
        {
            f"active {name}": {
                "triggers": {"trigger": "event", "event_type": "check"},
                "conditions": {"condition": "givenergy.is_override_active", "target": target},
            }
            for name, target in targets(
                hass, loaded, entity_of(hass, loaded, "sensor.override")
            ).items()
        },
    )
    for times, action in ((0, None), (1, f"action.{kind}"), (0, "action.end_override")):
        if action is not None:
            await use(hass, loaded, action, **({"duration": "01:00:00"} if times else {}))
        await hass.async_block_till_done()
        calls.clear()
        hass.bus.async_fire("check")
        await hass.async_block_till_done()
        assert ran(calls) == for_all_targets(active=times)
