"""A change on its way: checked, in order, without needless writes, seen to have taken effect."""

import asyncio
from typing import Any

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.givenergy.const import CONF_READ_ONLY
from custom_components.givenergy.givenergy_modbus.model.register import HR
from custom_components.givenergy.givenergy_modbus.pdu import WriteHoldingRegisterRequest
from custom_components.givenergy.givenergy_modbus.simulator import Fault, Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.setting_names import to_json_value

from .actions import state_of, use
from .conftest import nobody_at, set_up
from .states import asked

INVERTER = 0x11
TARGET = "number.charge_target_soc"
CHARGING = "switch.enable_charge"


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up what the tests use."""
    return [Platform.NUMBER, Platform.SELECT, Platform.SWITCH]


def words(simulator: Simulator) -> list[tuple[int, int]]:
    """Return what was written, in order."""
    return [(register, word) for _, register, word in simulator.writes]


def tried(simulator: Simulator) -> list[tuple[int, int]]:
    """Return what was asked to be written, taken or not."""
    return [
        (request.register, request.value)
        for request in simulator.requests
        if isinstance(request, WriteHoldingRegisterRequest)
    ]


async def test_a_change_is_read_back_and_shown_at_once(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.requests.clear()
    await use(hass, loaded, TARGET, value=60)
    assert state_of(hass, loaded, TARGET) == "60"
    assert words(simulator) == [(116, 60)]
    # The block of the register before and after, and nothing else.
    assert {str(read) for read in asked(simulator)} == {"0x11:HR(60,60)"}


async def test_what_is_so_already_is_not_written(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, TARGET, value=int(state_of(hass, loaded, TARGET)))
    await use(hass, loaded, CHARGING, turn="turn_on")
    assert simulator.writes == []
    assert loaded.runtime_data.store.writes_today == 0


async def test_only_real_writes_are_counted(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    store = loaded.runtime_data.store
    for value in (60, 60, 61):
        await use(hass, loaded, TARGET, value=value)
    await use(hass, loaded, "select.operating_mode", option="timed_export")
    assert len(simulator.writes) == 4
    assert (store.writes_today, store.memory.writes_total) == (4, 4)


async def test_the_count_survives_a_restart(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, TARGET, value=60)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await nobody_at(simulator)
    await set_up(hass, loaded)
    assert loaded.runtime_data.store.writes_today == 1
    await use(hass, loaded, TARGET, value=61)
    assert loaded.runtime_data.store.memory.writes_total == 2


async def test_read_only_refuses_everything(
    hass: HomeAssistant, simulator: Simulator, entry: GivEnergyConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_READ_ONLY: True})
    await set_up(hass, entry)
    for hand, data in (
        (TARGET, {"value": 60}),
        (CHARGING, {"turn": "turn_off"}),
        ("action.set_charge_target", {"soc": 60}),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            await use(hass, entry, hand, **data)
        assert caught.value.translation_key == "read_only"
    assert tried(simulator) == []
    assert state_of(hass, entry, TARGET) == "85"


@pytest.mark.usefixtures("all_enabled")
async def test_a_clamp_says_what_was_asked_and_what_the_inverter_reports(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.bus.clamps = {111: (0, 30)}
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, "number.battery_charge_limit", value=40)
    assert caught.value.translation_key == "write_clamped"
    assert caught.value.translation_placeholders == {
        "setting": "Battery charge C-rate",
        "asked": "40",
        "reported": "30",
    }
    assert state_of(hass, loaded, "number.battery_charge_limit") == "30"
    assert loaded.runtime_data.store.writes_today == 1


async def test_a_clamped_window_is_told_as_a_window(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.bus.clamps = {95: (0, 500)}
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, "action.set_charge_slot", index=1, start="02:00", end="06:30")
    assert caught.value.translation_placeholders == {
        "setting": "Charge slot 1",
        "asked": "02:00-06:30",
        "reported": "02:00-05:00",
    }


async def test_an_acknowledged_write_that_changed_nothing_is_no_success(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.inject(Fault.WRITE_IGNORED, 1)
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, TARGET, value=60)
    assert caught.value.translation_key == "write_clamped"
    assert state_of(hass, loaded, TARGET) == "85"


async def test_a_refusal_is_repeated_once_and_then_reported(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.inject(Fault.WRITE_REFUSED)
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, TARGET, value=60)
    assert caught.value.translation_key == "write_refused"
    assert tried(simulator) == [(116, 60)] * 2
    assert state_of(hass, loaded, TARGET) == "85"
    assert loaded.runtime_data.store.writes_today == 0


async def test_a_command_that_fails_half_way_says_what_was_written(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.bus.rejects = {59: (1,)}
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, "select.operating_mode", option="timed_export")
    assert caught.value.translation_key == "write_refused_partly"
    placeholders = caught.value.translation_placeholders
    assert placeholders is not None
    assert placeholders == {"setting": "Scheduled discharging", "applied": "Discharge strategy"}
    assert words(simulator) == [(27, 0)]
    assert state_of(hass, loaded, "select.operating_mode") == "export_paused"
    assert loaded.runtime_data.store.writes_today == 1


async def test_silence_is_an_error_after_one_repeat(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.inject(Fault.SILENT, start=HR(116))
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, TARGET, value=60)
    assert caught.value.translation_key == "write_refused"
    assert tried(simulator) == [(116, 60)] * 2
    assert state_of(hass, loaded, TARGET) == "85"


async def test_a_connection_lost_over_a_write_is_an_error(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.inject(Fault.DROP_CONNECTION, 1, start=HR(116))
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, TARGET, value=60)
    assert caught.value.translation_key == "write_refused"
    assert tried(simulator) == [(116, 60)]
    # The next one makes a connection of its own.
    await use(hass, loaded, TARGET, value=60)
    assert state_of(hass, loaded, TARGET) == "60"


async def test_a_link_that_is_down_is_an_error(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await simulator.close()
    await nobody_at(simulator)
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, TARGET, value=60)
    assert caught.value.translation_key == "write_unconfirmed"
    assert simulator.writes == []


async def test_changes_go_one_after_the_other(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.latency = 0.005
    await asyncio.gather(
        use(hass, loaded, "action.set_charge_slot", index=1, start="01:00", end="02:00"),
        use(hass, loaded, "action.set_discharge_slot", index=1, start="03:00", end="04:00"),
        use(hass, loaded, "action.set_charge_slot", index=1, start="05:00", end="06:00"),
    )
    assert words(simulator) == [
        (94, 100), (95, 200), (56, 300), (57, 400), (94, 500), (95, 600),
    ]  # fmt: skip


async def test_whoever_stops_waiting_does_not_stop_a_change_half_way(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.latency = 0.02
    changing = asyncio.create_task(
        use(hass, loaded, "action.set_charge_slot", index=1, start="01:00", end="02:00")
    )
    for _ in range(1000):
        if simulator.writes:
            break
        await asyncio.sleep(0.001)
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing
    await hass.async_block_till_done()
    assert words(simulator) == [(94, 100), (95, 200)]
    assert loaded.runtime_data.store.writes_today == 2


@pytest.mark.parametrize("plant_name", ["ems", "gateway"])
@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("set_charge_target", {"soc": 60}),
        ("set_mode_storage", {"start": "16:00", "end": "19:00"}),
        ("set_system_time", {"time": "2026-01-05 12:00:00"}),
    ],
)
async def test_what_a_plant_has_not_is_refused_with_nothing_sent(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    action: str,
    data: dict[str, Any],
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, f"action.{action}", **data)
    assert caught.value.translation_key in ("setting_not_supported", "not_supported")
    assert tried(simulator) == []


@pytest.mark.parametrize(
    ("value", "expected"), [(None, None), (True, True), (4, 4), (50.5, 50.5), ("text", "text")]
)
def test_values_are_told_as_plain_ones(value: Any, expected: Any) -> None:
    assert to_json_value(value) == expected
