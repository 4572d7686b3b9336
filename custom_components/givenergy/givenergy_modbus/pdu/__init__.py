"""The messages on the wire, one class per message, the same for both ends."""

import logging
import struct
from collections.abc import Mapping

from ..errors import InvalidFrame
from .base import (
    COUNTED,
    COVERED,
    ENVELOPE,
    ERROR,
    HEARTBEAT,
    INVERTER_ADDRESS,
    MARKER,
    MAX_REGISTERS,
    TRANSPARENT,
    BasePDU,
    Shape,
    TransparentMessage,
    TransparentRequest,
    TransparentResponse,
    inner_length,
    intact,
)
from .heartbeat import HeartbeatMessage, HeartbeatRequest, HeartbeatResponse
from .other import LanConfigBroadcast, NullResponse
from .read import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    ReadMeterProductRegistersRequest,
    ReadMeterProductRegistersResponse,
    ReadRegistersRequest,
    ReadRegistersResponse,
)
from .write import (
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
    permit_writes,
    permitted_registers,
)

__all__ = [
    "INVERTER_ADDRESS",
    "MARKER",
    "MAX_REGISTERS",
    "REQUESTS",
    "RESPONSES",
    "BasePDU",
    "HeartbeatMessage",
    "HeartbeatRequest",
    "HeartbeatResponse",
    "LanConfigBroadcast",
    "NullResponse",
    "ReadHoldingRegistersRequest",
    "ReadHoldingRegistersResponse",
    "ReadInputRegistersRequest",
    "ReadInputRegistersResponse",
    "ReadMeterProductRegistersRequest",
    "ReadMeterProductRegistersResponse",
    "ReadRegistersRequest",
    "ReadRegistersResponse",
    "Shape",
    "TransparentMessage",
    "TransparentRequest",
    "TransparentResponse",
    "WriteHoldingRegisterRequest",
    "WriteHoldingRegisterResponse",
    "decode_request",
    "decode_response",
    "permit_writes",
    "permitted_registers",
]

_LOGGER = logging.getLogger(__name__)

REQUESTS: Mapping[int, type[TransparentRequest]] = {
    message.function: message
    for message in (
        ReadHoldingRegistersRequest,
        ReadInputRegistersRequest,
        WriteHoldingRegisterRequest,
        ReadMeterProductRegistersRequest,
    )
}
"""What a client may ask, by function."""

RESPONSES: Mapping[int, type[TransparentResponse]] = {
    message.function: message
    for message in (
        NullResponse,
        ReadHoldingRegistersResponse,
        ReadInputRegistersResponse,
        WriteHoldingRegisterResponse,
        ReadMeterProductRegistersResponse,
    )
}
"""What a device may answer, by function."""

_MAY_BE_REFUSED = frozenset(REQUESTS)


def decode_request(
    frame: bytes, *, verified: bool = False
) -> HeartbeatResponse | TransparentRequest:
    """Decode a frame from a client; ``verified`` skips the checksum.

    Raises InvalidFrame, and InvalidPduState (with the request) for a request that is
    not allowed.
    """
    message = _decode(frame, HeartbeatResponse, REQUESTS, verified=verified)
    message.ensure_valid_state()
    return message


def decode_response(
    frame: bytes, *, verified: bool = False
) -> HeartbeatRequest | TransparentResponse | LanConfigBroadcast:
    """Decode a frame from an adapter; ``verified`` skips the checksum.

    Raises InvalidFrame.
    """
    if LanConfigBroadcast.is_lan_config(frame):
        return LanConfigBroadcast.from_frame(frame)
    return _decode(frame, HeartbeatRequest, RESPONSES, verified=verified)


def _main_function(frame: bytes) -> int:
    """Return the main function of a frame; raises InvalidFrame for an invalid envelope."""
    if len(frame) < ENVELOPE.size:
        raise InvalidFrame("shorter than an envelope", frame)
    marker, length, unit, main_function, _ = ENVELOPE.unpack_from(frame)
    if marker != MARKER:
        raise InvalidFrame("does not begin with the marker", frame)
    if length != len(frame) - COUNTED:
        raise InvalidFrame(f"{length} bytes announced, {len(frame) - COUNTED} carried", frame)
    if unit not in (0, 1):
        raise InvalidFrame(f"unit id {unit}", frame)
    return int(main_function)


def _decode[H: HeartbeatMessage, M: TransparentMessage](
    frame: bytes, heartbeat: type[H], messages: Mapping[int, type[M]], *, verified: bool
) -> H | M:
    main_function = _main_function(frame)
    if main_function == HEARTBEAT:
        return heartbeat.from_frame(frame)
    if main_function != TRANSPARENT:
        raise InvalidFrame(f"unknown main function 0x{main_function:02x}", frame)
    if len(frame) < COVERED + 4:
        raise InvalidFrame("too short to name a device and a function", frame)
    function = frame[COVERED + 1]
    if messages is RESPONSES and function - ERROR in _MAY_BE_REFUSED:
        function -= ERROR
    if (message := messages.get(function)) is None:
        raise InvalidFrame(f"unknown function 0x{function:02x}", frame)
    if (inner := inner_length(frame)) != len(frame) - COVERED:
        _LOGGER.debug("Inner length %d of a frame with %d bytes", inner, len(frame))
    try:
        return message.from_frame(frame, crc_failed=not verified and not intact(frame))
    except struct.error as err:
        raise InvalidFrame(f"too short for a {message.__name__}", frame) from err
