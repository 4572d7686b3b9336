"""Plants for overrides: awake at a given time, with settings that are there to be kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeassistant.util import dt as dt_util

from custom_components.givenergy.givenergy_modbus.model.register import HR, Bank
from custom_components.givenergy.givenergy_modbus.simulator import Simulator, profile

INVERTER = 0x11
FAMILIES = (
    "gen1_hybrid",
    "gen2_hybrid",
    "gen3_hybrid",
    "hv_gen3",
    "ac_coupled",
    "all_in_one",
    "three_phase_hv",
    "ems",
)
"""One ready plant of every family that takes commands."""

CLOCK = range(35, 41)
"""Registers of the inverter's clock, which runs on by itself."""


def simulated(name: str, **options: Any) -> Simulator:
    """Return a plant whose clock is Home Assistant's, and which stands still."""
    start = dt_util.now().replace(tzinfo=None)
    options = {"latency": 0, "speed": 0, "start": start, "clock_offset": 0, **options}
    return Simulator(profile(name), **options)


def settings(simulator: Simulator) -> dict[int, int]:
    """Return the inverter's holding registers, except its clock."""
    return {
        register.address: word
        for register, word in simulator.registers[INVERTER].items()
        if register.bank is Bank.HOLDING and register.address not in CLOCK
    }


def changed(before: Mapping[int, int], now: Mapping[int, int]) -> dict[int, int]:
    """Return the registers that hold another word than before."""
    return {register: word for register, word in now.items() if before.get(register) != word}


def written(simulator: Simulator) -> list[tuple[int, int]]:
    """Return what was written, in order."""
    return [(register, word) for _, register, word in simulator.writes]


def set_words(simulator: Simulator, words: Mapping[int, int]) -> None:
    """Change holding registers, as another client does."""
    cache = simulator.registers[INVERTER]
    for register, word in words.items():
        cache[HR(register)] = word


def word_of(at: datetime) -> int:
    """Return a time of day as a slot has it."""
    return at.hour * 100 + at.minute
