"""Frames to feed to a framer, and the names of what it returns."""

from givenergy_modbus.exceptions import ExceptionBase
from givenergy_modbus.framer import Framer
from givenergy_modbus.pdu import BasePDU, TransparentMessage

from tests.library import frames

HB = frames.HEARTBEAT
ERR = frames.EXCEPTION
METER = frames.METER
LAN = frames.LAN_CONFIG


def changed(frame: bytes, at: int, value: int) -> bytes:
    """Return a frame with one byte replaced."""
    damaged = bytearray(frame)
    damaged[at] = value
    return bytes(damaged)


def with_length(frame: bytes, length: int) -> bytes:
    """Return a frame that lies about its length."""
    return frame[:4] + length.to_bytes(2) + frame[6:]


def described(item: BasePDU | ExceptionBase) -> str:
    """Return the kind of an item, and whether its checksum was wrong."""
    damaged = isinstance(item, TransparentMessage) and item.crc_failed
    return type(item).__name__ + ("?" if damaged else "")


def fed(framer: Framer, *chunks: bytes) -> list[str]:
    """Return what came out of a framer."""
    return [described(item) for chunk in chunks for item in framer.feed(chunk)]


BEAT = "HeartbeatRequest"
BAD = "InvalidFrame"
HOLDING = "ReadHoldingRegistersResponse"
INPUT = "ReadInputRegistersResponse"
