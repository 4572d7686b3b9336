"""Devices of a simulated plant that are exchanged, and what Home Assistant shows of them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from custom_components.givenergy.givenergy_modbus.model.register import IR, Register
from custom_components.givenergy.givenergy_modbus.model.register_cache import RegisterCache
from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry
from custom_components.givenergy.tracking import MISSING_AFTER

CONFIRMED = 5
"""Polls, a minute apart, after which the same page counts as confirmed."""
GONE = 2 * MISSING_AFTER
"""Polls after which a device is missing that is silent, or that was searched for in vain."""

PACK_SERIAL = tuple(IR(at) for at in range(110, 115))
MODULE_SERIAL = tuple(IR(at) for at in range(114, 119))
STACK_SERIAL = tuple(IR(at) for at in range(138, 143))


class Kind(NamedTuple):
    """Devices of one kind: where two of them answer, and which registers name them."""

    kind: str
    one: int
    other: int
    serial: tuple[Register, ...]


PACKS = ("gen1_hybrid", Kind("lv_battery", 0x32, 0x33, PACK_SERIAL))
MODULES = ("three_phase_hv", Kind("hv_module", 0x50, 0x51, MODULE_SERIAL))
AIO_MODULES = ("all_in_one", Kind("aio_module", 0x50, 0x51, MODULE_SERIAL))
STACK = ("three_phase_hv", Kind("hv_stack", 0x70, 0x70, STACK_SERIAL))
NEW = "ZZ2601G001"

type Watch = Callable[[GivEnergyConfigEntry], None]
type Answer = Callable[[str, str], Awaitable[None]]


def words(serial: str) -> tuple[int, ...]:
    """Return a serial number as registers hold it."""
    return tuple(int.from_bytes(serial[at : at + 2].encode()) for at in range(0, 10, 2))


def swap(simulator: Simulator, one: int, other: int) -> None:
    """Exchange two devices."""
    first, second = dict(simulator.registers[one]), dict(simulator.registers[other])
    put(simulator, one, second)
    put(simulator, other, first)


def put(simulator: Simulator, address: int, device: Mapping[Register, int]) -> None:
    """Have a device answer at an address."""
    cache = simulator.registers.setdefault(address, RegisterCache())
    cache.clear()
    cache.update(device)


def exchange(
    simulator: Simulator, address: int, serial: tuple[Register, ...], new: str = NEW
) -> None:
    """Put a device of another serial number in place of one, with other values."""
    cache = simulator.registers[address]
    for register in cache:
        if 60 <= register.address < 84 and cache[register] > 1000:
            cache[register] -= 13
    for register in (IR(91), IR(92), IR(96), IR(98), IR(99)):
        if cache.get(register, 0) > 20:
            cache[register] -= 13
    cache.update(dict(zip(serial, words(new), strict=True)))
    if serial is MODULE_SERIAL:
        cache[IR(110)] = 0


def entities_of(hass: HomeAssistant, identity: str) -> set[str]:
    """Return the entity ids of a device, those that are disabled left out."""
    return {
        entity.entity_id
        for entity in er.async_get(hass).entities.values()
        if entity.unique_id.startswith(f"{identity}_") and entity.disabled_by is None
    }


def states_of(hass: HomeAssistant, identity: str) -> dict[str, str]:
    """Return the states of a device's entities."""
    found = {entity_id: hass.states.get(entity_id) for entity_id in entities_of(hass, identity)}
    assert found
    return {entity_id: state.state for entity_id, state in found.items() if state is not None}


def names_of(hass: HomeAssistant, entry: GivEnergyConfigEntry) -> dict[str, str | None]:
    """Return the names of a plant's devices."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {device.id: device.name for device in found}


def is_unavailable(hass: HomeAssistant, identity: str) -> bool:
    """Return whether all entities of a device are unavailable."""
    return set(states_of(hass, identity).values()) == {STATE_UNAVAILABLE}


def missing(hass: HomeAssistant) -> set[str]:
    """Return the identities of the devices that a repair asks about."""
    return {
        str((issue.data or {})["identity"])
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "device_missing" and issue.is_fixable
    }


def assert_never_mixed(shown: Mapping[str, set[str]], before: Mapping[str, str]) -> None:
    """Check that entities only ever showed their own values, which do not change here."""
    for entity_id, value in before.items():
        assert shown[entity_id] <= {value, STATE_UNAVAILABLE}, entity_id
