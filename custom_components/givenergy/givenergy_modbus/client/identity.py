"""The request that identifies a plant by its inverter's serial number."""

from ..model.codecs import serial
from ..model.plan import CONFIG, FACADE_ADDRESS, INVERTER_ADDRESS, Read
from ..model.serials import is_serial
from ..pdu import ReadHoldingRegistersResponse, TransparentResponse

IDENTITY = Read(INVERTER_ADDRESS, CONFIG[0])
"""The block with the inverter's serial number."""

_SERIAL = slice(13, 18)


def stated_serial(response: TransparentResponse) -> str | None:
    """Return the serial number in a response to the identity request, None for others."""
    if response.shape != IDENTITY.request.expected_shape or response.error:
        return None
    assert isinstance(response, ReadHoldingRegistersResponse)
    stated = serial.decode(*response.register_values[_SERIAL])
    return stated if is_serial(stated) else response.inverter_serial_number


def names_another(response: TransparentResponse, serial_number: str) -> bool:
    """Return whether a response carries the serial number of another inverter."""
    return (
        response.device_address in (INVERTER_ADDRESS, FACADE_ADDRESS)
        and is_serial(response.inverter_serial_number)
        and response.inverter_serial_number != serial_number
    )
