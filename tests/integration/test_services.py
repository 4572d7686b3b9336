"""The integration's actions."""

from datetime import UTC, datetime
from typing import Any

import pytest
import voluptuous as vol
from homeassistant.components.persistent_notification import (
    Notification,
    UpdateType,
    async_register_callback,
)
from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.model import UNSET_TIME
from custom_components.givenergy.givenergy_modbus.model.register import HR, Bank
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .actions import use

INVERTER = 0x11
WINDOW = {"start": "01:15", "end": "05:45"}
ACTIONS = {
    "capture_frames",
    "check_system",
    "clear_slot",
    "end_override",
    "force_charge",
    "force_export",
    "get_predbat_config",
    "get_schedule",
    "hold",
    "rescan_devices",
    "set_charge_slot",
    "set_charge_target",
    "set_discharge_slot",
    "set_ems_slot",
    "set_mode_storage",
    "set_pause_slot",
    "set_schedule",
    "set_system_time",
}


@pytest.fixture
def platforms() -> list[Platform]:
    """Set up no entities."""
    return []


def words(simulator: Simulator) -> list[tuple[int, int]]:
    """Return what was written, in order."""
    return [(register, word) for _, register, word in simulator.writes]


# Which plant


async def test_actions_are_there_without_a_plant_and_after_one(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    assert hass.services.async_services_for_domain(DOMAIN).keys() == ACTIONS
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert hass.services.async_services_for_domain(DOMAIN).keys() == ACTIONS


async def test_a_plant_is_named_by_entry_or_by_any_of_its_devices_or_is_the_only_one(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    assert len(devices) == 3
    targets = [
        {"config_entry_id": loaded.entry_id},
        *({"device_id": device.id} for device in devices),
        {},
    ]
    for soc, target in enumerate(targets, 50):
        await use(hass, loaded, "action.set_charge_target", soc=soc, **target)
        assert simulator.writes[-1] == (INVERTER, 116, soc)


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ({"config_entry_id": "nobody"}, "service_config_entry_not_found"),
        ({"device_id": "nothing"}, "no_system"),
    ],
)
async def test_an_unknown_plant_is_refused(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, target: dict[str, str], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, "action.get_schedule", **target)
    assert caught.value.translation_key == key


async def test_a_plant_that_is_not_loaded_is_refused(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    for target in ({}, {"config_entry_id": loaded.entry_id}):
        with pytest.raises(ServiceValidationError) as caught:
            await use(hass, loaded, "action.get_schedule", **target)
        assert caught.value.translation_key == "service_config_entry_not_loaded"


async def test_one_of_several_plants_has_to_be_named(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    MockConfigEntry(
        domain=DOMAIN, unique_id="XX0000G000", data={CONF_HOST: "127.0.0.1", CONF_PORT: 1}
    ).add_to_hass(hass)
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, "action.get_schedule")
    assert caught.value.translation_key == "service_found_multiple_config_entry_for_domain"
    assert await use(hass, loaded, "action.get_schedule", config_entry_id=loaded.entry_id)


async def test_targets_in_several_plants_are_refused(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    other = MockConfigEntry(domain=DOMAIN, unique_id="XX0000G000")
    other.add_to_hass(hass)
    device = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)[0]
    with pytest.raises(ServiceValidationError) as caught:
        await use(
            hass,
            loaded,
            "action.get_schedule",
            config_entry_id=other.entry_id,
            device_id=device.id,
        )
    assert caught.value.translation_key == "several_systems"


# Windows


async def test_an_action_says_what_was_written_and_what_was_so_already(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    result = await use(hass, loaded, "action.set_charge_slot", index=1, start="00:30", end="05:45")
    assert result == {
        "written": [{"register": 95, "value": 545}],
        "unchanged": [{"register": 94, "value": 30}],
    }


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("set_charge_slot", {"index": 3, **WINDOW}, "no_such_slot"),
        ("set_charge_slot", {"index": 0, **WINDOW}, "no_such_slot"),
        ("set_charge_slot", {"index": 1, **WINDOW, "target_soc": 50}, "not_supported"),
        ("set_pause_slot", WINDOW, "no_such_slots"),
        ("set_ems_slot", {"kind": "export", "index": 1, **WINDOW}, "no_such_slots"),
        ("clear_slot", {"kind": "discharge", "index": 7}, "no_such_slot"),
        ("clear_slot", {"kind": "pause"}, "no_such_slots"),
        ("set_charge_target", {"soc": 3}, "out_of_range"),
    ],
)
async def test_what_the_plant_has_not_is_refused_with_nothing_sent(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    action: str,
    data: dict[str, Any],
    key: str,
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, f"action.{action}", **data)
    assert caught.value.translation_key == key
    assert simulator.writes == []


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("set_charge_slot", {"index": 1, "start": "25:00", "end": "05:00"}),
        ("set_charge_slot", {"index": 1, "start": "01:00"}),
        ("set_charge_slot", {"index": -1, **WINDOW}),
        ("set_charge_slot", {"index": 1, **WINDOW, "target_soc": 101}),
        ("set_ems_slot", {"kind": "pause", "index": 1, **WINDOW}),
        ("clear_slot", {"kind": "holiday"}),
        ("set_mode_storage", {**WINDOW, "start_2": "06:00"}),
        ("set_schedule", {"kind": "charge", "slots": [{"start": "01:00"}]}),
        ("capture_frames", {"duration": 601}),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    action: str,
    data: dict[str, Any],
) -> None:
    with pytest.raises(vol.Invalid):
        await use(hass, loaded, f"action.{action}", **data)
    assert simulator.writes == []


@pytest.mark.parametrize("plant_name", ["ac_coupled"])
async def test_a_kind_without_targets_takes_none(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(
            hass, loaded, "action.set_schedule",
            kind="pause", slots=[{**WINDOW, "target_soc": 50}],
        )  # fmt: skip
    assert caught.value.translation_key == "no_target"
    assert simulator.writes == []


async def test_a_slot_of_any_kind_is_cleared(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.clear_slot", kind="discharge")
    assert words(simulator) == [(56, 0), (57, 0)]


# Whole schedules


async def test_a_schedule_is_set_and_the_rest_cleared(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    cache = simulator.registers[INVERTER]
    cache[HR(31)], cache[HR(32)] = 1300, 1400
    await loaded.runtime_data.client.load_config()
    slots = [{"start": "23:30", "end": "05:00"}]
    await use(hass, loaded, "action.set_schedule", kind="charge", slots=slots)
    assert words(simulator) == [(94, 2330), (95, 500), (31, 0), (32, 0)]


@pytest.mark.parametrize("plant_name", ["gen3_hybrid"])
async def test_a_schedule_of_ten_with_targets(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    slots = [
        {"start": f"{hour:02}:00", "end": f"{hour + 1:02}:00", "target_soc": 40 + hour}
        for hour in range(0, 20, 2)
    ]
    await use(hass, loaded, "action.set_schedule", kind="charge", slots=slots)
    result = await use(hass, loaded, "action.get_schedule")
    assert result is not None
    assert result["charge"] == [{"index": index, **slot} for index, slot in enumerate(slots, 1)]
    assert loaded.runtime_data.store.writes_today == len(simulator.writes)


@pytest.mark.parametrize(
    ("slots", "key"),
    [
        ([("01:00", "03:00"), ("02:59", "04:00")], "slots_overlap"),
        ([("22:00", "02:00"), ("01:00", "03:00")], "slots_overlap"),
        ([(f"{hour:02}:00", f"{hour:02}:30") for hour in range(11)], "too_many_slots"),
    ],
)
async def test_a_schedule_is_refused_as_a_whole(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    slots: list[tuple[str, str]],
    key: str,
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(
            hass, loaded, "action.set_schedule",
            kind="charge", slots=[{"start": start, "end": end} for start, end in slots],
        )  # fmt: skip
    assert caught.value.translation_key == key
    assert simulator.writes == []


@pytest.mark.parametrize(
    "slots",
    [
        [("01:00", "03:00"), ("03:00", "04:00")],
        [("22:00", "02:00"), ("02:00", "03:00")],
        [("01:00", "03:00"), ("00:00", "00:00")],
        [],
    ],
)
async def test_slots_that_touch_or_have_no_length_do_not_overlap(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    slots: list[tuple[str, str]],
) -> None:
    await use(
        hass, loaded, "action.set_schedule",
        kind="charge", slots=[{"start": start, "end": end} for start, end in slots],
    )  # fmt: skip
    assert simulator.writes


async def test_the_schedule_is_told_as_it_stands(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER][HR(57)] = UNSET_TIME
    await loaded.runtime_data.client.load_config()
    assert await use(hass, loaded, "action.get_schedule") == {
        "charge": [
            {"index": 1, "start": "00:30", "end": "04:30"},
            {"index": 2, "start": "00:00", "end": "00:00"},
        ],
        "discharge": [
            {"index": 1, "start": None, "end": None},
            {"index": 2, "start": "00:00", "end": "00:00"},
        ],
    }


@pytest.mark.parametrize(
    ("plant_name", "kinds"),
    [
        ("ac_coupled", {"charge": 2, "discharge": 2, "pause": 1}),
        ("gen3_hybrid", {"charge": 10, "discharge": 10, "pause": 1}),
        ("three_phase_hv", {"charge": 10, "discharge": 10}),
        ("ems", {"ems_charge": 3, "ems_discharge": 3, "ems_export": 3}),
        ("gateway", {}),
    ],
)
async def test_a_schedule_has_the_slots_of_the_plant(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, kinds: dict[str, int]
) -> None:
    result = await use(hass, loaded, "action.get_schedule")
    assert result is not None
    assert {kind: len(slots) for kind, slots in result.items()} == kinds  # type: ignore[arg-type]


# Charge target, modes, the clock


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ({"soc": 70}, [(116, 70), (20, 1)]),
        ({"soc": 100}, [(116, 100)]),
        ({"soc": 100, "enabled": True}, [(116, 100), (20, 1)]),
        ({"enabled": True}, [(20, 1)]),
        ({"soc": 70, "enabled": True}, [(116, 70), (20, 1)]),
        ({"enabled": False}, [(116, 100)]),
        ({"soc": 70, "enabled": False}, [(116, 100)]),
    ],
)
async def test_the_charge_target(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    data: dict[str, Any],
    written: list[tuple[int, int]],
) -> None:
    cache = simulator.registers[INVERTER]
    cache[HR(96)] = cache[HR(20)] = 0
    await loaded.runtime_data.client.load_config()
    await use(hass, loaded, "action.set_charge_target", **data)
    assert words(simulator) == written


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("set_charge_target", {}, "nothing_to_set"),
        ("set_charge_slot", {"index": 1, "start": "02:00", "end": "02:00"}, "slot_without_length"),
        ("set_charge_slot", {"index": 1, "start": "02:00:30", "end": "03:00"}, "slot_has_seconds"),
        (
            "set_discharge_slot",
            {"index": 1, "start": "02:00", "end": "03:00:01"},
            "slot_has_seconds",
        ),
        ("set_mode_storage", {"start": "02:00", "end": "02:00"}, "slot_without_length"),
        (
            "set_mode_storage",
            {"start": "02:00", "end": "03:00", "start_2": "04:00", "end_2": "04:00"},
            "slot_without_length",
        ),
        (
            "set_schedule",
            {"kind": "charge", "slots": [{"start": "02:00", "end": "02:00"}]},
            "slot_without_length",
        ),
    ],
)
async def test_what_is_no_slot_or_target_is_refused_with_nothing_sent(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    action: str,
    data: dict[str, Any],
    key: str,
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, f"action.{action}", **data)
    assert caught.value.translation_key == key
    assert simulator.writes == []


async def test_timed_discharge_leaves_the_reserve_alone(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(
        hass, loaded, "action.set_mode_storage",
        start="16:30", end="18:30", start_2="20:00", end_2="21:00",
    )  # fmt: skip
    assert words(simulator) == [(59, 1), (56, 1630), (57, 1830), (44, 2000), (45, 2100)]


async def test_the_clock_is_set_to_a_given_time(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.set_system_time", time="2026-03-29 12:34:56")
    assert [word for _, word in words(simulator)] == [26, 3, 29, 12, 34, 56]
    assert str(loaded.runtime_data.client.plant.inverter.system_time) == "2026-03-29 12:34:56"


async def test_the_clock_is_set_to_home_assistants(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: GivEnergyConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dt_util, "now", lambda: datetime(2026, 1, 5, 12, 0, 30, tzinfo=UTC))
    await use(hass, loaded, "action.set_system_time")
    assert [word for _, word in words(simulator)] == [26, 1, 5, 12, 0, 30]


# Recording


async def test_frames_are_recorded_and_offered_through_a_signed_link(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notified: list[str] = []

    @callback
    def note(_: UpdateType, notifications: dict[str, Notification]) -> None:
        notified.extend(notification["message"] for notification in notifications.values())

    async_register_callback(hass, note)
    result = await record(hass, loaded, monkeypatch)
    (message,) = notified
    assert f'href="{result["url"]}"' in message
    client = await hass_client_no_auth()
    answer = await client.get(result["url"])
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = (await answer.text()).splitlines()
    assert len(lines) == result["frames"] > 0
    serial = loaded.unique_id
    assert serial is not None
    text = "".join(bytes.fromhex(line.split()[2]).decode("latin1") for line in lines)
    assert serial not in text
    assert (await client.get(result["url"].partition("?")[0])).status == 401
    authorized = await hass_client()
    assert (await authorized.get("/api/givenergy/capture/nothing")).status == 404


async def test_only_the_latest_recordings_are_kept(
    hass: HomeAssistant,
    loaded: GivEnergyConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    urls = [(await record(hass, loaded, monkeypatch))["url"] for _ in range(6)]
    client = await hass_client_no_auth()
    assert [(await client.get(url)).status for url in urls] == [404, *[200] * 5]


async def record(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Record the poll that a recording starts with, without waiting for the rest of the time."""
    client = entry.runtime_data.client
    capture = client.capture_frames

    async def capture_one_poll(sink: Any, duration: float) -> None:
        assert duration == 5
        await capture(sink, 0.5)

    monkeypatch.setattr(client, "capture_frames", capture_one_poll)
    result = await use(hass, entry, "action.capture_frames", duration=5)
    monkeypatch.setattr(client, "capture_frames", capture)
    assert isinstance(result, dict)
    return result


async def test_one_recording_at_a_time(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = hass.async_create_task(
        loaded.runtime_data.client.capture_frames(lambda *_: None, 0.1)
    )
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, loaded, "action.capture_frames", duration=5)
    assert caught.value.translation_key == "capture_running"
    await running


async def test_a_check_returns_figures_and_findings(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    simulator.registers[INVERTER].store(Bank.HOLDING, 50, [60])
    result: Any = await use(hass, loaded, "action.check_system", listen=0)
    assert result["connected"] is True
    assert result["inverter_serial"].endswith("000")
    assert result["requests"] == 20
    findings = {finding["code"]: finding for finding in result["findings"]}
    assert findings["output_limited"]["percent"] == 60
    assert findings["output_limited"]["advice"].startswith("The active power limit is 60%.")


# Added hardware


async def test_nothing_new_is_found_where_nothing_was_added(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry
) -> None:
    assert await use(hass, loaded, "action.rescan_devices") == {"found": []}


async def test_a_rescan_without_a_link_is_an_error(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await simulator.close()
    with pytest.raises(HomeAssistantError) as caught:
        await use(hass, loaded, "action.rescan_devices")
    assert caught.value.translation_key == "no_answer"
