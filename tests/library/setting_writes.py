"""Writes of single settings, and those that a simulated plant received."""

from dataclasses import replace

from givenergy_modbus.client.timing import RetryPolicy
from givenergy_modbus.pdu import WriteHoldingRegisterRequest
from givenergy_modbus.simulator import Simulator

from tests.library.plants import QUICK

HASTY = replace(QUICK, refresh=RetryPolicy(0.15, 1, 0.0), command=RetryPolicy(0.15, 0, 0.0))
ENABLE_CHARGE = 96
RESERVE = 110
TARGET = 116
CHARGE_LIMIT = 111


def write(register: int, value: int) -> WriteHoldingRegisterRequest:
    """Return a write."""
    return WriteHoldingRegisterRequest(register, value)


def written(sim: Simulator) -> list[tuple[int, int]]:
    """Return the registers and values written to the plant."""
    assert {item[0] for item in sim.writes} <= {0x11}
    return [(register, value) for _, register, value in sim.writes]
