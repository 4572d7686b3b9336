"""Overrides that cannot be: a translated error, and nothing written."""

from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.storage import Store

from custom_components.givenergy.const import CONF_READ_ONLY, DOMAIN
from custom_components.givenergy.givenergy_modbus.model.register import HR, IR
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import entity_of, use
from ..conftest import set_up
from .plants import INVERTER, set_words, settings

HOUR = {"duration": "01:00:00"}


async def refused(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    action: str,
    **data: Any,
) -> str | None:
    """Return the key of the error of an action that changes nothing."""
    before = settings(simulator)
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, entry, f"action.{action}", **data)
    assert settings(simulator) == before
    assert simulator.writes == []
    assert entry.runtime_data.overrides.journal is None
    assert str(caught.value)
    return caught.value.translation_key


@pytest.mark.parametrize("action", ["force_charge", "force_export", "hold"])
@pytest.mark.parametrize(
    ("when", "key"),
    [
        ({}, "override_duration_or_until"),
        ({"duration": "01:00:00", "until": "23:00"}, "override_duration_or_until"),
        ({"until": "2026-11-25 13:00:00"}, "override_past"),
        ({"duration": 0}, "override_past"),
        ({"duration": {"hours": -1}}, "override_past"),
        ({"duration": "24:00:00"}, "override_too_long"),
        ({"until": "2026-11-26 15:00:00"}, "override_too_long"),
    ],
)
async def test_the_end_has_to_make_sense(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    action: str,
    when: dict[str, Any],
    key: str,
) -> None:
    assert await refused(hass, simulator, loaded, action, **when) == key


@pytest.mark.parametrize(
    ("plant_name", "action", "data", "key"),
    [
        ("gen1_hybrid", "force_charge", {"target_soc": 30}, "override_target_reached"),
        ("gen1_hybrid", "force_export", {"floor_soc": 95}, "override_floor_reached"),
        ("ems", "force_charge", {"target_soc": 10}, "override_target_reached"),
        ("ems", "force_export", {"floor_soc": 100}, "override_floor_reached"),
        ("ems", "force_charge", {"power": 1000}, "override_power_not_supported"),
        ("ems", "hold", {"direction": "both"}, "override_direction_not_supported"),
        ("three_phase_hv", "hold", {"direction": "charge"}, "override_direction_not_supported"),
        ("three_phase_hv", "force_charge", {"power": 1000}, "override_power_not_supported"),
        ("gateway", "force_charge", {}, "override_not_supported"),
        ("gateway", "force_export", {}, "override_not_supported"),
        ("gateway", "hold", {}, "override_not_supported"),
    ],
)
async def test_a_system_that_cannot_refuses(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    action: str,
    data: dict[str, Any],
    key: str,
) -> None:
    assert await refused(hass, simulator, loaded, action, **HOUR, **data) == key


@pytest.mark.parametrize("plant_name", ["ems"])
async def test_an_ems_that_controls_nothing_refuses(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    set_words(simulator, {2040: 0})
    assert await refused(hass, simulator, loaded, "force_charge", **HOUR) == "override_ems_off"


async def test_a_battery_of_unknown_charge_is_not_charged(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    loaded.runtime_data.client.plant.register_caches[INVERTER].pop(IR(59))
    simulator.silent.add((INVERTER, IR(0)))
    with pytest.raises(Exception, match="not responding"):
        await use(hass, loaded, "action.force_charge", **HOUR)
    assert simulator.writes == []


@pytest.mark.parametrize("minutes", [-3, 3])
async def test_a_clock_that_is_off_is_refused_with_the_offer_to_set_it(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, minutes: int
) -> None:
    simulator.bus.clock._offset *= 0
    simulator.bus.clock.advance(60 * minutes)
    simulator.bus.update_clock()
    with pytest.raises(ServiceValidationError, match=r"3 minutes off.*Synchronize clock"):
        await use(hass, loaded, "action.hold", **HOUR)
    assert simulator.writes == []


async def test_an_export_does_not_start_in_a_charge_slot(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    set_words(simulator, {94: 1300, 95: 1500})
    assert await refused(hass, simulator, loaded, "force_export", **HOUR) == "override_charging"


async def test_a_charge_slot_that_starts_later_is_pointed_out(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    set_words(simulator, {94: 1430, 95: 1530})
    answer = await use(hass, loaded, "action.force_export", **HOUR)
    assert answer["notes"] == [
        "A charge slot begins before the override ends, and takes precedence."
    ]


async def test_read_only_mode_refuses(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_READ_ONLY: True})
    await set_up(hass, entry)
    for action in ("force_charge", "force_export", "hold"):
        assert await refused(hass, simulator, entry, action, **HOUR) == "read_only"


@pytest.mark.parametrize("fields", [{"target_soc": 3}, {"target_soc": 101}, {"power": 0}])
async def test_values_out_of_range_are_refused(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry, fields: dict[str, int]
) -> None:
    with pytest.raises(Exception, match=r"value must be|not a valid"):
        await use(hass, loaded, "action.force_charge", **HOUR, **fields)
    assert simulator.writes == []


async def test_nothing_is_written_that_could_not_be_undone(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def lost(*_: object) -> None:
        """Write nowhere, as a disk that is full does: Home Assistant only logs it."""

    with monkeypatch.context() as full:
        full.setattr(Store, "_async_write_data", lost)
        with pytest.raises(HomeAssistantError, match="Nothing was changed"):
            await use(hass, loaded, "action.force_charge", **HOUR)
    assert simulator.writes == []
    assert loaded.runtime_data.overrides.journal is None


# Who, and where


async def test_a_system_is_named_by_entity_device_or_entry(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    for target in (
        {"entity_id": entity_of(hass, loaded, "sensor.battery_soc")},
        {"device_id": devices[0].id},
        {"config_entry_id": loaded.entry_id},
    ):
        assert (await use(hass, loaded, "action.hold", **HOUR, **target))["override"] == "hold"
        assert await use(hass, loaded, "action.end_override", **target) == {"ended": "hold"}
    assert await use(hass, loaded, "action.end_override") == {"ended": None}


async def test_an_entity_of_another_integration_is_refused(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    key = await refused(hass, simulator, loaded, "hold", **HOUR, entity_id="sun.sun")
    assert key == "no_system"


async def test_a_user_needs_control_of_what_is_overridden(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    # The first user of all owns the house.
    await hass.auth.async_create_user("Owner")
    reader = await hass.auth.async_create_user("Reader", group_ids=[GROUP_ID_READ_ONLY])
    user = await hass.auth.async_create_user("User", group_ids=[GROUP_ID_USER])

    async def act(action: str, context: Context, **data: Any) -> Any:
        return await hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True, context=context
        )

    for data in ({}, {"entity_id": entity_of(hass, loaded, "sensor.battery_soc")}):
        with pytest.raises(Unauthorized):
            await act("hold", Context(user_id=reader.id), **HOUR, **data)
        with pytest.raises(Unauthorized):
            await act("end_override", Context(user_id=reader.id), **data)
    with pytest.raises(UnknownUser):
        await act("hold", Context(user_id="nobody"), **HOUR)
    assert simulator.writes == []
    await act("hold", Context(user_id=user.id), **HOUR)
    shown = hass.states.get(entity_of(hass, loaded, "sensor.override"))
    assert shown is not None
    assert shown.attributes["started_by"] == "user"
    assert simulator.registers[INVERTER][HR(112)] == 0
