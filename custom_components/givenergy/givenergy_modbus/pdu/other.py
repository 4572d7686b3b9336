"""What adapters send without being asked, or by mistake."""

import re
import struct
from dataclasses import dataclass
from typing import ClassVar, Self, override

from ..errors import InvalidFrame, InvalidPduState
from .base import (
    COUNTED,
    COVERED,
    TRANSPARENT,
    BasePDU,
    Shape,
    TransparentResponse,
    adapter_serial,
    device_serial,
)

_NULL_WORDS = 62
_NULL = struct.Struct(f">B11x{2 * _NULL_WORDS}x2x")

_ADDRESS = rb"([0-9.]{7,15})"
_LAN_CONFIG = re.compile(
    rb"YY\x00\x01..[\x00\x01]\x02.{18}" + rb",".join([_ADDRESS] * 3) + rb"\r\n\r\n(?P<check>..)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NullResponse(TransparentResponse):
    """An answer wiped out behind its device address, typically by a heartbeat sent with it."""

    function: ClassVar[int] = 0x00

    inverter_serial_number: str = "\0" * 10

    @property
    @override
    def _key(self) -> Shape:
        return ()

    @override
    def _data(self) -> bytes:
        return bytes(2 * _NULL_WORDS)

    @override
    def _check(self, covered: bytes) -> bytes:
        return bytes(2)

    @classmethod
    @override
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        (device_address,) = _NULL.unpack_from(frame, COVERED)
        return cls(
            data_adapter_serial_number=adapter_serial(frame),
            raw_frame=frame,
            device_address=device_address,
            inverter_serial_number=device_serial(frame),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanConfigBroadcast(BasePDU):
    """The adapter's own network addresses, which some adapters announce every 3 minutes.

    Text where other frames have a device address; how the check bytes come about is
    not known.
    """

    main_function: ClassVar[int] = TRANSPARENT

    ip: str
    netmask: str
    gateway: str
    check: bytes = b"\0\0"

    @property
    @override
    def shape(self) -> Shape:
        return (self.main_function,)

    @override
    def ensure_valid_state(self) -> None:
        for address in (self.ip, self.netmask, self.gateway):
            if not re.fullmatch(_ADDRESS, address.encode()):
                raise InvalidPduState(f"{address!r} is no network address", self)
        if len(self.check) != 2:
            raise InvalidPduState("there are two check bytes", self)

    @override
    def _body(self) -> bytes:
        text = f"{self.ip},{self.netmask},{self.gateway}\r\n\r\n"
        return self._seal(text.encode(), self.check)

    @staticmethod
    def is_lan_config(frame: bytes) -> bool:
        """Return whether a frame carries this text, however long."""
        return _LAN_CONFIG.fullmatch(frame) is not None and frame[4:6] == (
            len(frame) - COUNTED
        ).to_bytes(2)

    @classmethod
    @override
    def from_frame(cls, frame: bytes, *, crc_failed: bool = False) -> Self:
        if (match := _LAN_CONFIG.fullmatch(frame)) is None:
            raise InvalidFrame("not a LAN configuration", frame)
        ip, netmask, gateway = (address.decode() for address in match.groups()[:3])
        return cls(
            data_adapter_serial_number=adapter_serial(frame),
            raw_frame=frame,
            ip=ip,
            netmask=netmask,
            gateway=gateway,
            check=match["check"],
        )
