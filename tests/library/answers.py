"""Answers of devices, made by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from givenergy_modbus.model.register import HR, IR, Bank, Register
from givenergy_modbus.pdu import (
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
    ReadMeterProductRegistersResponse,
    ReadRegistersResponse,
)

NOON = datetime(2026, 6, 5, 12, tzinfo=UTC)

INVERTER = "SA2114G123"
ADAPTER = "WF2125G123"
PACK = "BG2134G123"

_KINDS: Mapping[Bank, type[ReadRegistersResponse]] = {
    Bank.HOLDING: ReadHoldingRegistersResponse,
    Bank.INPUT: ReadInputRegistersResponse,
    Bank.METER: ReadMeterProductRegistersResponse,
}


def after(seconds: float) -> datetime:
    """Return a moment so long after noon."""
    return NOON + timedelta(seconds=seconds)


def words_of(serial: str) -> tuple[int, ...]:
    """Return a serial number as registers hold it."""
    raw = serial.encode("latin-1")
    return tuple(int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))


def answer(
    address: int,
    first: Register,
    words: Sequence[int],
    *,
    serial: str = INVERTER,
    crc_failed: bool = False,
    error: bool = False,
) -> ReadRegistersResponse:
    """Return what a device answers when its registers from ``first`` on are read."""
    return _KINDS[first.bank](
        data_adapter_serial_number=ADAPTER,
        device_address=address,
        inverter_serial_number=serial,
        base_register=first.address,
        register_count=len(words),
        register_values=tuple(words),
        crc_failed=crc_failed,
        error=error,
    )


def block(first: Register, count: int, known: Mapping[Register, int]) -> tuple[int, ...]:
    """Return a run of words that are zero but for a few."""
    return tuple(known.get(Register(first + offset), 0) for offset in range(count))


def put(first: Register, words: Sequence[int]) -> dict[Register, int]:
    """Return registers from ``first`` on with the given words."""
    return {Register(first + offset): word for offset, word in enumerate(words)}


def identity(
    type_code: int = 0x2001,
    arm_firmware: int = 449,
    *,
    serial: str = INVERTER,
    clock: datetime | None = None,
) -> tuple[int, ...]:
    """Return what HR(0,60) of an inverter may hold."""
    known = {HR(0): type_code, HR(21): arm_firmware, **put(HR(13), words_of(serial))}
    if clock is not None:
        known |= put(
            HR(35),
            (clock.year - 2000, clock.month, clock.day, clock.hour, clock.minute, clock.second),
        )
    return block(HR(0), 60, known)


def pack(**changed: int) -> tuple[int, ...]:
    """Return the page of a healthy battery pack; ``IR100=50`` changes a register."""
    known = {
        **put(IR(60), [3300] * 16),
        **put(IR(76), [231, 232, 230, 229, 52_800, 251, 0, 52_810]),
        **put(IR(84), [0, 18_900, 0, 18_600, 0, 9000]),
        **put(IR(97), [16, 3007]),
        IR(100): 48,
        **put(IR(101), [0, 18_600, 232, 229, 1200, 1300]),
        **put(IR(110), words_of(PACK)),
        **{IR(int(name.removeprefix("IR"))): word for name, word in changed.items()},
    }
    return block(IR(60), 60, known)
