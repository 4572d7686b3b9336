"""Looking at what Home Assistant shows of a plant, and at what the plant was asked."""

from collections import Counter
from collections.abc import Iterator

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import async_get_platforms

from custom_components.givenergy.const import CONF_IDENTITIES, DOMAIN
from custom_components.givenergy.entity import GivEnergyEntity
from custom_components.givenergy.event import GivEnergyEvent
from custom_components.givenergy.givenergy_modbus.model.plan import Block, Read
from custom_components.givenergy.givenergy_modbus.model.register import Bank, Register
from custom_components.givenergy.givenergy_modbus.pdu import ReadRegistersRequest
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.identities import DeviceStatus, Identity
from custom_components.givenergy.runtime import DATA_CLOCK, GivEnergyConfigEntry
from custom_components.givenergy.sensor.aggregate import AggregateSensor

from .clocks import MovableClock


async def poll(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, times: int = 1, *, seconds: float = 61
) -> None:
    """Poll a plant so many times; a minute apart, so that every measurement is due."""
    clock = hass.data[DATA_CLOCK]
    assert isinstance(clock, MovableClock)
    for _ in range(times):
        clock.advanced += seconds
        await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)


def unavailable(hass: HomeAssistant) -> set[str]:
    """Return the entities that are unavailable."""
    return {
        state.entity_id for state in hass.states.async_all() if state.state == STATE_UNAVAILABLE
    }


def entities(hass: HomeAssistant) -> Iterator[GivEnergyEntity]:
    """Yield every entity that is shown."""
    for platform in async_get_platforms(hass, DOMAIN):
        for entity in platform.entities.values():
            assert isinstance(entity, GivEnergyEntity)
            yield entity


def looked_at(entity: GivEnergyEntity) -> set[tuple[int, Register]]:
    """Return every register an entity's value depends on, with the device it is read from."""
    if isinstance(entity, GivEnergyEvent):
        return set()
    if isinstance(entity, AggregateSensor):
        return {
            (part.address, register)
            for part, description in entity.entity_description.members
            for register in description.reads
        }
    return {(entity.plant_device.address, register) for register in entity.entity_description.reads}


def depending_on(hass: HomeAssistant, *reads: Read) -> set[str]:
    """Return the entities that show something of given blocks."""
    return {
        entity.entity_id
        for entity in entities(hass)
        if any(
            address == read.device_address and register in read.block
            for address, register in looked_at(entity)
            for read in reads
        )
    }


def of_part(hass: HomeAssistant, entry: GivEnergyConfigEntry, key: str) -> set[str]:
    """Return the shown entities on the page of one of a plant's devices."""
    part = next(
        plant_device for plant_device in entry.runtime_data.plant_devices if plant_device.key == key
    )
    return {
        entity.entity_id
        for entity in entities(hass)
        if entity.plant_device.identity == part.identity
    }


def identity_of(entry: GivEnergyConfigEntry, key: str) -> str:
    """Return who is stored to be at a place, given as ``kind@place``."""
    (identity,) = [
        identity
        for identity, device in entry.data[CONF_IDENTITIES].items()
        if f"{device['kind']}@{device['place']}" == key and device["status"] == DeviceStatus.PLACED
    ]
    return identity


def stored(entry: GivEnergyConfigEntry, key: str) -> Identity:
    """Return what is stored of the device at a place, given as ``kind@place``."""
    device: Identity = entry.data[CONF_IDENTITIES][identity_of(entry, key)]
    return device


def keys_of(entry: GivEnergyConfigEntry) -> set[str]:
    """Return the places at which there are devices, as ``kind@place``."""
    return {
        f"{device['kind']}@{device['place']}"
        for device in entry.data[CONF_IDENTITIES].values()
        if device["status"] == DeviceStatus.PLACED
    }


def asked(simulator: Simulator) -> Counter[Read]:
    """Count which blocks a plant was asked for."""
    return Counter(
        Read(
            request.device_address,
            Block(Bank(request.bank), request.base_register, request.register_count),
        )
        for request in simulator.requests
        if isinstance(request, ReadRegistersRequest)
    )


def entity_id_of(hass: HomeAssistant, platform: str, unique_id: str) -> str:
    """Return what an entity is called."""
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    assert entity_id is not None, unique_id
    return entity_id


async def open_options(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> ConfigFlowResult:
    """Open an entry's options, and choose the form from the menu."""
    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    assert flow["type"] is FlowResultType.MENU
    return await options.async_configure(flow["flow_id"], {"next_step_id": "init"})
