"""The triggers, each in automations on a simulated system."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.trigger import (
    TriggerConfig,
    async_get_all_descriptions,
    async_validate_trigger_config,
)

from custom_components.givenergy.event import EVENT_TYPES
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR, Register
from custom_components.givenergy.givenergy_modbus.simulator import PROFILES, Simulator
from custom_components.givenergy.own_entities import OwnEntities
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.trigger import TRIGGERS

from .actions import entity_of
from .automations import automate, for_all_targets, ran, targets
from .states import poll

INVERTER, PACK_1, PACK_2 = 0x11, 0x32, 0x33
LEVEL = IR(59)

ENTITIES = {
    **{
        event_type: f"event.{key}"
        for key, event_types in EVENT_TYPES.items()
        for event_type in event_types
    },
    "battery_level_crossed_threshold": "sensor.battery_soc",
}
"""The entity behind each trigger."""

type Happening = Callable[[HomeAssistant, GivEnergyConfigEntry, Simulator], Awaitable[None]]


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what the triggers observe."""
    return [Platform.EVENT, Platform.SENSOR]


def threshold(kind: str, number: int) -> dict[str, Any]:
    """Return the options of the trigger of the battery level."""
    return {"threshold": {"type": kind, "value": {"number": number}}}


async def automate_all(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, **options: Mapping[str, Any]
) -> list[ServiceCall]:
    """Set up an automation for every trigger and every kind of target."""
    return await automate(
        hass,
        {
            f"{trigger} {kind}": {
                "triggers": {
                    "trigger": f"givenergy.{trigger}",
                    "target": target,
                    "options": options.get(trigger, {}),
                }
            }
            for trigger, hand in ENTITIES.items()
            for kind, target in targets(hass, entry, entity_of(hass, entry, hand)).items()
        },
    )


def words(*changes: tuple[Register, int]) -> Happening:
    """Return what changes registers of the inverter, and polls them."""

    async def happen(
        hass: HomeAssistant, entry: GivEnergyConfigEntry, simulator: Simulator
    ) -> None:
        simulator.registers[INVERTER].update(dict(changes))
        await entry.runtime_data.client.load_config()
        await poll(hass, entry, 2)

    return happen


def silence(*addresses: int) -> Happening:
    """Return what lets some devices be silent, and all others answer."""

    async def happen(
        hass: HomeAssistant, entry: GivEnergyConfigEntry, simulator: Simulator
    ) -> None:
        simulator.silent.clear()
        simulator.silent.update(addresses)
        await poll(hass, entry, 6)

    return happen


@pytest.mark.parametrize(
    ("happenings", "times"),
    [
        ([silence(PACK_1, PACK_2)], {"battery_lost": 2}),
        ([silence(PACK_2), silence()], {"battery_lost": 1, "battery_found": 1}),
        # Two messages of one poll.
        ([words((IR(57), 0b11))], {"fault_appeared": 2}),
        (
            [words((IR(57), 0b11)), words((IR(57), 0b01))],
            {"fault_appeared": 2, "fault_cleared": 1},
        ),
        ([words((IR(5), 0))], {"grid_lost": 1}),
        ([words((IR(5), 0)), words((IR(5), 2400))], {"grid_lost": 1, "grid_restored": 1}),
        ([words((HR(116), 60), (HR(110), 30))], {"setting_changed": 2}),
    ],
)
async def test_an_event_triggers_for_every_kind_of_target(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    happenings: list[Happening],
    times: dict[str, int],
) -> None:
    calls = await automate_all(hass, loaded, battery_level_crossed_threshold=threshold("below", 1))
    for happen in happenings:
        await happen(hass, loaded, simulator)
    assert ran(calls) == for_all_targets(**times)


@pytest.mark.parametrize(
    ("kind", "number", "levels", "times"),
    [
        ("below", 20, (21, 19, 18), 1),
        ("above", 80, (79, 81, 82), 1),
        ("below", 20, (19, 21, 19), 2),
        ("above", 80, (70, 71), 0),
    ],
)
async def test_the_battery_level_triggers_once_when_it_crosses(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    kind: str,
    number: int,
    levels: tuple[int, ...],
    times: int,
) -> None:
    """Once for the system, although the batteries in the same area have a level each."""
    await words((LEVEL, 50))(hass, loaded, simulator)
    calls = await automate_all(
        hass, loaded, battery_level_crossed_threshold=threshold(kind, number)
    )
    for level in levels:
        simulator.registers[PACK_1][IR(100)] = level
        await words((LEVEL, level))(hass, loaded, simulator)
    assert ran(calls) == for_all_targets(battery_level_crossed_threshold=times)


async def test_a_battery_s_own_level_triggers_where_it_is_meant(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    pack = next(device for device in loaded.runtime_data.plant_devices if device.place == PACK_1)
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", "givenergy", f"{pack.identity}_soc"
    )
    assert entity_id is not None
    system = entity_of(hass, loaded, "sensor.battery_soc")
    aimed = targets(hass, loaded, entity_id)
    calls = await automate(
        hass,
        {
            kind: {
                "triggers": {
                    "trigger": "givenergy.battery_level_crossed_threshold",
                    "target": target,
                    "options": threshold("below", 10),
                }
            }
            for kind, target in {
                **aimed,
                "both": {"entity_id": [entity_id, system]},
                "device and system": {**aimed["device"], "entity_id": system},
            }.items()
        },
    )
    simulator.registers[PACK_1][IR(100)] = 5
    await poll(hass, loaded, 6)
    assert ran(calls) == {"entity": 1, "device": 1, "both": 1}


@pytest.mark.parametrize("plant_name", PROFILES)
async def test_a_system_of_any_family_has_one_battery_level(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    entities = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
    root = loaded.runtime_data.plant_devices[0].identity
    config = TriggerConfig("", target={"area_id": "garage"}, options=threshold("below", 1))
    trigger = TRIGGERS["battery_level_crossed_threshold"](hass, config)
    assert isinstance(trigger, OwnEntities)
    (observed,) = trigger.entity_filter({entity.entity_id for entity in entities})
    assert er.async_get(hass).entities[observed].unique_id.startswith(f"{root}_")


async def test_the_action_sees_the_event(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    link = entity_of(hass, loaded, "event.battery_link")
    calls = await automate(
        hass,
        {
            "one": {
                "triggers": {
                    "trigger": "givenergy.battery_lost",
                    "target": {"entity_id": link},
                },
                "actions": {
                    "action": "test.run",
                    "data": {"automation": "{{ trigger.to_state.attributes.battery }}"},
                },
            }
        },
    )
    await silence(PACK_2)(hass, loaded, simulator)
    assert ran(calls) == {"2": 1}


async def test_a_restored_event_does_not_trigger_again(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    calls = await automate_all(hass, loaded, battery_level_crossed_threshold=threshold("below", 1))
    await words((IR(5), 0))(hass, loaded, simulator)
    calls.clear()
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    er.async_get(hass).async_update_entity(entity_of(hass, loaded, "event.grid"), name="Outage")
    await poll(hass, loaded, 2)
    assert not calls


async def test_home_assistant_takes_the_descriptions(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    for trigger in TRIGGERS:
        await async_validate_trigger_config(
            hass,
            [
                {
                    "platform": f"givenergy.{trigger}",
                    "target": {"device_id": "any"},
                    "options": threshold("above", 1) if "level" in trigger else {},
                }
            ],
        )
    found = await async_get_all_descriptions(hass)
    assert {key.partition(".")[2] for key in found if key.startswith("givenergy.")} == set(TRIGGERS)
    assert all(found[f"givenergy.{trigger}"] for trigger in TRIGGERS)
