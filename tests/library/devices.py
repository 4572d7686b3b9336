"""Devices that take commands, and the writes of a command."""

from collections.abc import Sized

from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.register import HR
from givenergy_modbus.pdu import WriteHoldingRegisterRequest

type Writes = list[tuple[int, int]]

NIGHT = TimeSlot.from_components(23, 30, 5, 30)

HYBRID = SinglePhaseInverter.from_register_cache({HR(0): 0x2001, HR(21): 449})
TEN_SLOTS = SinglePhaseInverter.from_register_cache({HR(0): 0x8001, HR(21): 612})
THREE_PHASE = ThreePhaseInverter.from_register_cache({HR(0): 0x4004, HR(21): 0})
EMS = Ems.from_register_cache({HR(0): 0x5001, HR(21): 1036})


def numbered(rows: Sized) -> list[str]:
    """Return a name for every row of a table."""
    return [str(number) for number in range(len(rows))]


def writes(requests: list[WriteHoldingRegisterRequest]) -> Writes:
    """Return what requests write, and check that they go to the inverter."""
    assert all(request.device_address == 0x11 for request in requests)
    return [(request.register, request.value) for request in requests]
