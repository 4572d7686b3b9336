"""Writing one holding register, the only way to change a setting."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self, override

from ..errors import InvalidPduState
from .base import (
    COVERED,
    ERROR,
    Shape,
    TransparentRequest,
    TransparentResponse,
    adapter_serial,
    device_serial,
    is_integer,
)

_permitted: set[int] = set()


def permit_writes(registers: Iterable[int]) -> None:
    """Allow writes of holding registers to be encoded.

    Declaring a setting calls this; until then no write can be encoded. The client decides
    which of the registers a given plant takes.
    """
    _permitted.update(registers)


def permitted_registers() -> frozenset[int]:
    """Return the holding registers that some declared setting permits to write."""
    return frozenset(_permitted)


_SETTING = struct.Struct(">HH")
# Device address, function, (device serial,) register and value, checksum.
_REQUEST = struct.Struct(">BxHH2x")
_RESPONSE = struct.Struct(">BB10xHH2x")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteHoldingRegisterResponse(TransparentResponse):
    """The acknowledgement of a write, or an exception.

    Every client of the adapter receives it, also for the writes of others; the value is
    no part of the shape.
    """

    function: ClassVar[int] = 0x06

    register: int
    value: int

    @property
    @override
    def _key(self) -> Shape:
        return (self.register,)

    @override
    def ensure_valid_state(self) -> None:
        TransparentResponse.ensure_valid_state(self)
        self._require("register", self.register, 0, 0xFFFF)
        self._require("value", self.value, 0, 0xFFFF)

    @override
    def _data(self) -> bytes:
        return _SETTING.pack(self.register, self.value)

    @classmethod
    @override
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        device_address, function, register, value = _RESPONSE.unpack_from(frame, COVERED)
        return cls(
            data_adapter_serial_number=adapter_serial(frame),
            raw_frame=frame,
            device_address=device_address,
            crc_failed=crc_failed,
            inverter_serial_number=device_serial(frame),
            error=function >= ERROR,
            register=register,
            value=value,
        )


@dataclass(frozen=True, slots=True)
class WriteHoldingRegisterRequest(TransparentRequest):
    """Write one holding register; the client decides whether a plant takes it.

    Raises ValueError for a register or value that is no integer. A register that is no
    declared setting can be decoded, but never encoded.
    """

    function: ClassVar[int] = 0x06
    response_type: ClassVar[type[WriteHoldingRegisterResponse]] = WriteHoldingRegisterResponse
    """What it is answered with."""

    register: int
    value: int

    def __post_init__(self) -> None:
        for name, number in (("register", self.register), ("value", self.value)):
            if not is_integer(number):
                raise ValueError(f"{name} must be an integer, not {number!r}")

    @property
    @override
    def _key(self) -> Shape:
        return (self.register,)

    @override
    def ensure_valid_state(self) -> None:
        TransparentRequest.ensure_valid_state(self)
        self._require("register", self.register, 0, 0xFFFF)
        if self.register not in _permitted:
            raise InvalidPduState(f"HR({self.register}) is never written", self)
        self._require("value", self.value, 0, 0xFFFF)

    @override
    def _data(self) -> bytes:
        return _SETTING.pack(self.register, self.value)

    @classmethod
    @override
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        device_address, register, value = _REQUEST.unpack_from(frame, COVERED)
        return cls(
            register,
            value,
            data_adapter_serial_number=adapter_serial(frame),
            raw_frame=frame,
            device_address=device_address,
            crc_failed=crc_failed,
        )
