"""Who may use which action, and on which targets."""

from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.givenergy.actions import ACTIONS
from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

SLOT = {"start": "01:00", "end": "02:00"}
WRITING: dict[str, dict[str, Any]] = {
    "clear_slot": {"kind": "charge"},
    "end_override": {},
    "force_charge": {"duration": "01:00:00"},
    "force_export": {"duration": "01:00:00"},
    "hold": {"duration": "01:00:00"},
    "set_charge_slot": {"index": 1, **SLOT},
    "set_charge_target": {"soc": 80},
    "set_discharge_slot": {"index": 1, **SLOT},
    "set_ems_slot": {"kind": "charge", "index": 1, **SLOT},
    "set_mode_storage": SLOT,
    "set_pause_slot": SLOT,
    "set_schedule": {"kind": "charge", "slots": []},
}
ADMINISTERING: dict[str, dict[str, Any]] = {
    "capture_frames": {"duration": 5},
    "check_system": {"listen": 0},
    "rescan_devices": {},
    "set_system_time": {"time": "2026-01-01 12:00:00"},
}


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what can be controlled, and one reading platform."""
    return [Platform.NUMBER, Platform.SWITCH, Platform.BINARY_SENSOR]


async def act(hass: HomeAssistant, user: User | None, name: str, **data: Any) -> Any:
    """Use an action as a user does, returning its response."""
    context = Context(user_id=user.id) if user is not None else Context()
    return await hass.services.async_call(
        DOMAIN, name, data, blocking=True, return_response=True, context=context
    )


def user_with(hass: HomeAssistant, *entity_ids: str) -> User:
    """Return a user who may control some entities only."""
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": dict.fromkeys(entity_ids, True)}})
    return user


def controls(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> list[str]:
    """Return the entities that write settings of the first device."""
    return [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if entity.domain in ("number", "switch") and entity.disabled_by is None
    ]


def test_every_action_is_one_or_the_other() -> None:
    names = {action.handler.__name__ for action in ACTIONS}
    assert names == {*WRITING, *ADMINISTERING, "get_predbat_config", "get_schedule"}


@pytest.mark.parametrize(("name", "data"), [*WRITING.items(), *ADMINISTERING.items()])
async def test_a_read_only_user_changes_nothing(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    hass_read_only_user: User,
    name: str,
    data: dict[str, Any],
) -> None:
    simulator.requests.clear()
    with pytest.raises(Unauthorized):
        await act(hass, hass_read_only_user, name, **data)
    assert not simulator.requests


async def test_a_read_only_user_may_read_the_schedule(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_read_only_user: User
) -> None:
    assert (await act(hass, hass_read_only_user, "get_schedule"))["charge"]


@pytest.mark.parametrize("name", ADMINISTERING)
async def test_controlling_everything_is_not_administering(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, name: str
) -> None:
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": True})
    with pytest.raises(Unauthorized):
        await act(hass, user, name, **ADMINISTERING[name])


async def test_control_of_all_controls_is_needed_not_of_one(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    every = controls(hass, loaded)
    assert len(every) > 3
    with pytest.raises(Unauthorized):
        await act(hass, user_with(hass, every[0]), "set_charge_target", soc=77, entity_id=every[0])
    assert not simulator.writes
    await act(hass, user_with(hass, *every), "set_charge_target", soc=77, entity_id=every[0])
    assert simulator.writes[-1][1:] == (116, 77)


async def test_administrators_and_automations_may_do_everything(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, hass_admin_user: User
) -> None:
    for user in (hass_admin_user, None):
        assert await act(hass, user, "rescan_devices") == {"found": []}


async def test_a_user_who_was_deleted_may_do_nothing(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    with pytest.raises(UnknownUser):
        await act(hass, MockUser(), "set_charge_target", soc=77)


async def test_an_entity_a_device_or_an_area_names_the_system(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    registry = dr.async_get(hass)
    area = ar.async_get(hass).async_create("Garage")
    battery = dr.async_entries_for_config_entry(registry, loaded.entry_id)[-1]
    registry.async_update_device(battery.id, area_id=area.id)
    targets: list[dict[str, Any]] = [
        {"entity_id": controls(hass, loaded)[0]},
        {"device_id": [battery.id]},
        {"area_id": area.id},
        {"area_id": [area.id], "config_entry_id": loaded.entry_id},
    ]
    for soc, target in enumerate(targets, 60):
        await act(hass, None, "set_charge_target", soc=soc, **target)
        assert simulator.writes[-1][1:] == (116, soc)


@pytest.mark.parametrize(
    "target", [{"entity_id": "light.kitchen"}, {"device_id": "nothing"}, {"area_id": "nowhere"}]
)
async def test_targets_of_no_system_are_refused(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, target: dict[str, str]
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, None, "set_charge_target", soc=60, **target)
    assert caught.value.translation_key == "no_system"
    assert not simulator.writes
