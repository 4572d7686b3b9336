"""Reading registers: up to 60 consecutive ones of one kind, of one device."""

import logging
import struct
from dataclasses import dataclass
from typing import ClassVar, Self, override

from ..errors import InvalidFrame, InvalidPduState
from .base import (
    CHECK_SIZE,
    COVERED,
    ERROR,
    MAX_REGISTERS,
    Shape,
    TransparentRequest,
    TransparentResponse,
    adapter_serial,
    device_serial,
)

_LOGGER = logging.getLogger(__name__)

_RANGE = struct.Struct(">HH")
# Device address, function, (device serial,) first register and count, checksum.
_REQUEST = struct.Struct(">BxHH2x")
_RESPONSE = struct.Struct(">BB10xHH2x")
_VALUES = COVERED + _RESPONSE.size - CHECK_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRegistersResponse(TransparentResponse):
    """The words of a run of registers, or an exception."""

    base_register: int
    register_count: int
    """As many as there are values; in an exception as likely 0 as the number asked for."""
    register_values: tuple[int, ...] = ()

    bank: ClassVar[str]
    """The kind of registers: ``HR``, ``IR`` or ``MR``."""

    @property
    @override
    def _key(self) -> Shape:
        return (self.base_register, self.register_count)

    def to_dict(self) -> dict[int, int]:
        """Return the words by register number."""
        return dict(enumerate(self.register_values, self.base_register))

    @override
    def ensure_valid_state(self) -> None:
        TransparentResponse.ensure_valid_state(self)
        self._require("base register", self.base_register, 0, 0xFFFF)
        self._require("register count", self.register_count, 0, 0xFFFF)
        if self.error:
            return
        self._require("register count", self.register_count, 0, MAX_REGISTERS)
        if self.register_count != len(self.register_values):
            raise InvalidPduState(
                f"{len(self.register_values)} values for {self.register_count} registers", self
            )
        for value in self.register_values:
            self._require("register value", value, 0, 0xFFFF)

    @override
    def _data(self) -> bytes:
        values = () if self.error else self.register_values
        return _RANGE.pack(self.base_register, self.register_count) + struct.pack(
            f">{len(values)}H", *values
        )

    @classmethod
    @override
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        device_address, function, base, count = _RESPONSE.unpack_from(frame, COVERED)
        error = function >= ERROR
        announced = 0 if error else count
        surplus = len(frame) - _VALUES - CHECK_SIZE - 2 * announced
        if surplus < 0 or announced > MAX_REGISTERS:
            raise InvalidFrame(f"{count} registers announced, fewer carried", frame)
        if surplus:
            _LOGGER.debug("%d surplus bytes in a read response", surplus)
        return cls(
            data_adapter_serial_number=adapter_serial(frame),
            raw_frame=frame,
            device_address=device_address,
            crc_failed=crc_failed,
            inverter_serial_number=device_serial(frame),
            error=error,
            base_register=base,
            register_count=count,
            register_values=struct.unpack_from(f">{announced}H", frame, _VALUES),
        )


class ReadHoldingRegistersResponse(ReadRegistersResponse):
    """Settings and product data."""

    __slots__ = ()
    function = 0x03
    bank = "HR"


class ReadInputRegistersResponse(ReadRegistersResponse):
    """Measurements."""

    __slots__ = ()
    function = 0x04
    bank = "IR"


class ReadMeterProductRegistersResponse(ReadRegistersResponse):
    """Product data of a meter."""

    __slots__ = ()
    function = 0x16
    bank = "MR"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRegistersRequest(TransparentRequest):
    """Read a run of registers."""

    base_register: int
    register_count: int

    bank: ClassVar[str]
    """The kind of registers: ``HR``, ``IR`` or ``MR``."""
    response_type: ClassVar[type[ReadRegistersResponse]]
    """What it is answered with."""

    @property
    @override
    def _key(self) -> Shape:
        return (self.base_register, self.register_count)

    @override
    def ensure_valid_state(self) -> None:
        TransparentRequest.ensure_valid_state(self)
        self._require("base register", self.base_register, 0, 0xFFFF)
        self._require("register count", self.register_count, 1, MAX_REGISTERS)

    @override
    def _data(self) -> bytes:
        return _RANGE.pack(self.base_register, self.register_count)

    @classmethod
    @override
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        device_address, base, count = _REQUEST.unpack_from(frame, COVERED)
        return cls(
            data_adapter_serial_number=adapter_serial(frame),
            raw_frame=frame,
            device_address=device_address,
            crc_failed=crc_failed,
            base_register=base,
            register_count=count,
        )


class ReadHoldingRegistersRequest(ReadRegistersRequest):
    """Read settings."""

    __slots__ = ()
    function = 0x03
    bank = "HR"
    response_type = ReadHoldingRegistersResponse


class ReadInputRegistersRequest(ReadRegistersRequest):
    """Read measurements."""

    __slots__ = ()
    function = 0x04
    bank = "IR"
    response_type = ReadInputRegistersResponse


class ReadMeterProductRegistersRequest(ReadRegistersRequest):
    """Read the product data of a meter."""

    __slots__ = ()
    function = 0x16
    bank = "MR"
    response_type = ReadMeterProductRegistersResponse
