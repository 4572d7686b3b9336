"""Writing one holding register, the only way to change a setting."""

import struct
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

# fmt: off
_RUNS = (
    (20, 20), (27, 27), (29, 29), (31, 32), (35, 40), (44, 45), (50, 50), (56, 57), (59, 59),
    (94, 96), (110, 112), (114, 114), (116, 116), (163, 163), (166, 166), (242, 242), (245, 269),
    (272, 272), (275, 299), (311, 311), (313, 314), (317, 320), (554, 573), (1078, 1078),
    (1109, 1109), (1111, 1116), (1118, 1123), (2040, 2040), (2044, 2071),
)
# fmt: on
SETTINGS = frozenset(register for first, last in _RUNS for register in range(first, last + 1))
"""Every register that any product may ever be told through this library.

The last interlock before the socket, on purpose a copy made by hand: which of
these a given plant takes is for the client to decide.
"""

_SETTING = struct.Struct(">HH")
# Device address, function, (device serial,) register and value, checksum.
_REQUEST = struct.Struct(">BxHH2x")
_RESPONSE = struct.Struct(">BB10xHH2x")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteHoldingRegisterResponse(TransparentResponse):
    """The setting repeated by the device that took it or, as an exception, did not.

    It acknowledges somebody's write: every client of the adapter sees it, and the
    value is no part of the shape.
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
    """Change one setting; whether this plant takes it is for the client to decide.

    Raises ValueError for a register or value that is no integer. A register that no
    product is told can be read off the wire, and is never put on it.
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
        if self.register not in SETTINGS:
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
