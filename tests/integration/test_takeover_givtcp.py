"""Entities of GivTCP move in from the real MQTT integration and back, with a real broker."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components import mqtt
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from paho.mqtt.client import CallbackAPIVersion, Client, MQTTMessage
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.givenergy.const import DOMAIN
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import DATA_TIMING
from custom_components.givenergy.takeover.move import async_plan_return

from .broker import MOSQUITTO, broker
from .conftest import QUICK

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="there is no mosquitto")

SERIAL = "SA2241G101"
BATTERY = "BG2238G204"
PREFIX = "GivTCP"

ENERGY = {"device_class": "energy", "unit_of_measurement": "kWh", "state_class": "total_increasing"}
POWER = {"device_class": "power", "unit_of_measurement": "W", "state_class": "measurement"}
LEVEL = {"device_class": "battery", "unit_of_measurement": "%", "state_class": "measurement"}
VOLTS = {"device_class": "voltage", "unit_of_measurement": "V", "state_class": "measurement"}
COMMAND = {"command_topic": "GivEnergy/control"}

# Platform, device, key, state, what else the discovery message has, and our key in its place
ENTITIES: tuple[tuple[str, str, str, str, dict[str, Any], str | None], ...] = (
    ("sensor", SERIAL, "Import_Energy_Total_kWh", "9425.3", ENERGY, "e_grid_in_total"),
    ("sensor", SERIAL, "Export_Energy_Total_kWh", "7818.8", ENERGY, "e_grid_out_total"),
    ("sensor", SERIAL, "Import_Energy_Today_kWh", "4.6", ENERGY, "e_grid_in_day"),
    ("sensor", SERIAL, "PV_Energy_Total_kWh", "16920.6", ENERGY, "e_pv_total"),
    ("sensor", SERIAL, "PV_Energy_Today_kWh", "16.1", ENERGY, "e_pv_today"),
    ("sensor", SERIAL, "Battery_Throughput_Total_kWh", "9898.6", ENERGY, "e_battery_throughput"),
    ("sensor", SERIAL, "Battery_Charge_Energy_Total_kWh", "12.0", ENERGY, None),
    ("sensor", SERIAL, "Load_Power", "413", POWER, "p_load_demand"),
    ("sensor", SERIAL, "PV_Power", "3109", POWER, "pv_power"),
    ("sensor", SERIAL, "Battery_Power", "-2600", POWER, "p_battery"),
    ("sensor", SERIAL, "Solar_to_House", "400", POWER, None),
    ("sensor", SERIAL, "SOC", "64", LEVEL, "battery_soc"),
    ("sensor", SERIAL, "Grid_Voltage", "244.1", VOLTS, "v_ac1"),
    ("sensor", SERIAL, "Invertor_Type", "Gen 1", {}, None),
    ("sensor", BATTERY, "Battery_SOC", "63", LEVEL, "soc"),
    ("sensor", BATTERY, "Battery_Cell_7_Voltage", "3.29", VOLTS, "v_cell_07"),
    ("number", SERIAL, "Target_SOC", "85", {**COMMAND, "max": 100}, "charge_target_soc"),
    ("number", SERIAL, "Battery_Charge_Rate", "2600", {**COMMAND, "max": 9000},
     "charge_power_limit"),
    ("switch", SERIAL, "Enable_Charge_Schedule", "ON", COMMAND, "enable_charge"),
    ("select", SERIAL, "Mode", "Eco", {**COMMAND, "options": ["Eco", "Timed Export"]},
     "operating_mode"),
    ("button", SERIAL, "Sync_Time", "", COMMAND, "sync_clock"),
)  # fmt: skip


async def until_soon(condition: Callable[[], object]) -> None:
    """Wait for the broker, and for the MQTT integration, which subscribes in its own time."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def topic_of(platform: str, device: str, key: str) -> str:
    """Return where GivTCP publishes the discovery message of an entity."""
    return f"homeassistant/{platform}/GivEnergy/{device}_{key}/config"


@pytest.fixture
async def mqtt_entry(
    hass: HomeAssistant, mock_hass_config: None, socket_enabled: None, tmp_path: Path
) -> AsyncIterator[MockConfigEntry]:
    """Run a broker and the MQTT integration that is connected to it."""
    hass.data[DATA_TIMING] = QUICK
    async with broker(tmp_path) as port:
        entry = MockConfigEntry(
            domain=mqtt.DOMAIN,
            data={mqtt.CONF_BROKER: "127.0.0.1", CONF_PORT: port},
            version=mqtt.CONFIG_ENTRY_VERSION,
            minor_version=mqtt.CONFIG_ENTRY_MINOR_VERSION,
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert await mqtt.async_wait_for_mqtt_client(hass)
        await publish(hass)
        yield entry
        await hass.config_entries.async_unload(entry.entry_id)


async def publish(hass: HomeAssistant) -> None:
    """Publish what GivTCP does, and wait until its entities are there."""
    for platform, device, key, state, more, _ in ENTITIES:
        topic = f"GivEnergy/{device}/{key}"
        where = {} if platform == "button" else {"state_topic": topic}
        message = {
            "name": key.replace("_", " "),
            "unique_id": f"{PREFIX}_{device}_{key}",
            "default_entity_id": f"{platform}.givtcp_{device}_{key}".lower(),
            "device": {"identifiers": f"{device}_Power", "name": f"GivTCP {device}"},
            **where,
            **more,
        }
        await mqtt.async_publish(hass, topic, state, retain=True)
        await mqtt.async_publish(
            hass, topic_of(platform, device, key), json.dumps(message), retain=True
        )
    await until_soon(lambda: all(is_shown(hass, *found[:4]) for found in ENTITIES))


def entity_id_of(hass: HomeAssistant, platform: str, device: str, key: str) -> str | None:
    """Return the entity id that the MQTT integration has given an entity."""
    unique_id = f"{PREFIX}_{device}_{key}"
    return er.async_get(hass).async_get_entity_id(platform, mqtt.DOMAIN, unique_id)


def is_shown(hass: HomeAssistant, platform: str, device: str, key: str, state: str) -> bool:
    """Return whether the MQTT integration shows an entity with its state."""
    entity_id = entity_id_of(hass, platform, device, key)
    shown = None if entity_id is None else hass.states.get(entity_id)
    return shown is not None and (platform == "button" or shown.state == state.replace("ON", "on"))


def _retained(port: int) -> set[str]:
    """Read what the broker keeps; a message of our own comes after all of that."""
    found: set[str] = set()
    client = Client(CallbackAPIVersion.VERSION2)

    def mark(*_: object) -> None:
        client.publish("test/mark", "here")

    client.on_subscribe = mark

    def note(_: Client, __: object, message: MQTTMessage) -> None:
        if message.topic == "test/mark":
            client.disconnect()
        else:
            found.add(message.topic)

    client.on_message = note
    client.connect("127.0.0.1", port)
    client.subscribe([("homeassistant/+/GivEnergy/+/config", 0), ("test/mark", 0)])
    client.loop_forever()
    return found


async def retained(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the topics of the discovery messages that the broker keeps."""
    return await hass.async_add_executor_job(_retained, entry.data[CONF_PORT])


def kept_of(hass: HomeAssistant, entry: Any) -> dict[str, Any]:
    """Return what the registry keeps of an entry's entities, by registry id."""
    return {
        found.id: (found.entity_id, found.unique_id, found.disabled_by, found.original_name)
        for found in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }


async def add(hass: HomeAssistant, simulator: Simulator) -> Any:
    """Add the system and move what can be moved; return our entry."""
    flows = hass.config_entries.flow
    flow = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    address = {CONF_HOST: simulator.host, CONF_PORT: simulator.port}
    await flows.async_configure(flow["flow_id"], address)
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await flows.async_configure(flow["flow_id"])
    flow = await flows.async_configure(flow["flow_id"], {})
    assert flow["step_id"] == "takeover"
    flow = await flows.async_configure(flow["flow_id"], {"move": True})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["result"].state is ConfigEntryState.LOADED
    return flow["result"]


async def test_entities_move_in_from_a_broker_and_back(
    hass: HomeAssistant, simulator: Simulator, mqtt_entry: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    ids = {found[2]: entity_id_of(hass, *found[:3]) for found in ENTITIES}
    before = kept_of(hass, mqtt_entry)
    assert len(before) == len(ENTITIES)
    topics = await retained(hass, mqtt_entry)
    assert len(topics) == len(ENTITIES)

    entry = await add(hass, simulator)
    staying = {topic_of(*found[:3]) for found in ENTITIES if found[5] is None}
    for platform, device, key, _, _, ours in ENTITIES:
        now = registry.async_get(ids[key])
        if ours is None:
            assert now.platform == mqtt.DOMAIN
        else:
            assert (now.platform, now.unique_id) == (DOMAIN, f"{device}_{ours}")
            assert now.domain == platform
            assert now.disabled_by is None
            assert hass.states.get(now.entity_id).state != "unavailable"
    assert hass.states.get(ids["Import_Energy_Total_kWh"]).state == "9425.3"
    assert mqtt_entry.state is ConfigEntryState.LOADED
    assert await retained(hass, mqtt_entry) == staying

    # A restart of the other integration finds nothing to make anew.
    await hass.config_entries.async_reload(mqtt_entry.entry_id)
    assert await retained(hass, mqtt_entry) == staying
    assert len(kept_of(hass, mqtt_entry)) == len(staying)

    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    flow = await options.async_configure(flow["flow_id"], {"next_step_id": "give_back"})
    await options.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    await until_soon(lambda: all(is_shown(hass, *found[:4]) for found in ENTITIES))
    assert kept_of(hass, mqtt_entry) == before
    assert await retained(hass, mqtt_entry) == topics


async def test_entities_come_back_without_a_connection_to_the_broker(
    hass: HomeAssistant, simulator: Simulator, mqtt_entry: MockConfigEntry
) -> None:
    before = kept_of(hass, mqtt_entry)
    entry = await add(hass, simulator)
    await hass.config_entries.async_unload(mqtt_entry.entry_id)
    await async_plan_return(hass, entry.entry_id)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert kept_of(hass, mqtt_entry) == before
