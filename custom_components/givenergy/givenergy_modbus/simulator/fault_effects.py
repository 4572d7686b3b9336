"""The effects of faults: one function per fault.

Each returns whether it applied, so that a fault injected once waits for
the first response it can affect.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from ..crc import crc16
from ..model.device_kinds import LV_BATTERY
from ..model.register import Bank, Energy, Register, RegisterField
from ..pdu import (
    MARKER,
    NullResponse,
    ReadRegistersRequest,
    ReadRegistersResponse,
    WriteHoldingRegisterRequest,
    WriteHoldingRegisterResponse,
)
from ..pdu.base import COVERED, adapter_serial
from .outgoing import FULL_PAGE, Injection, OutgoingResponse, first_register

_LENGTH = 4
"""Offset of a frame's length field."""
_UNKNOWN_FUNCTION = 0x39
_TOO_LONG = 301

_PACKET = {
    28: 0x4C32, 30: 0xA119, 31: 0x34EA, 32: 0xE77F, 33: 0xD475, 35: 0x4500,
    40: 0xE4F9, 41: 0xC0A8, 43: 0xC0A8, 46: 0xC5E9, 50: 0x60EF, 51: 0x8018,
    52: 0x43E0, 53: 0xF6CE, 56: 0x080A, 58: 0xFCC1, 59: 0x661E,
}  # fmt: skip
"""Words of a network packet that adapters leak into a page, by position."""


# Applied to the request.


def _exception(outgoing: OutgoingResponse, count: int | None) -> bool:
    request = outgoing.request
    if not isinstance(request, ReadRegistersRequest):
        return False
    return outgoing.replace_response(
        request.response_type(
            device_address=request.device_address,
            error=True,
            base_register=request.base_register,
            register_count=request.register_count if count is None else count,
        )
    )


def exception_without_count(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Respond with an exception whose register count is 0."""
    return _exception(outgoing, 0)


def exception_with_count(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Respond with an exception that echoes the register count."""
    return _exception(outgoing, None)


def _write_response(outgoing: OutgoingResponse, *, error: bool) -> bool:
    request = outgoing.request
    if not isinstance(request, WriteHoldingRegisterRequest):
        return False
    return outgoing.replace_response(
        WriteHoldingRegisterResponse(
            device_address=request.device_address,
            error=error,
            register=request.register,
            value=request.value,
        )
    )


def write_refused(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Refuse a write."""
    return _write_response(outgoing, error=True)


def write_ignored(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Acknowledge a write without applying it."""
    return _write_response(outgoing, error=False)


def no_answer(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Never respond."""
    return outgoing.replace_response(None)


def silent_window(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Respond to nothing for some seconds."""
    outgoing.adapter.mute(injection.seconds)
    return outgoing.replace_response(None)


def drop_connection(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Close all connections instead of responding."""
    outgoing.adapter.drop_connections()
    return outgoing.replace_response(None)


def reset_connection(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Reset all connections instead of responding."""
    outgoing.adapter.drop_connections(reset=True)
    return outgoing.replace_response(None)


def lost_pack(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Make a battery stop responding."""
    if injection.address is None and outgoing.request.device_address not in LV_BATTERY.addresses:
        return False
    return outgoing.replace_response(None)


# Applied to the response.


def _replaced(page: ReadRegistersResponse, words: dict[int, int]) -> list[int]:
    return [
        words.get(page.base_register + at, word) for at, word in enumerate(page.register_values)
    ]


def pattern_a(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Leak a network packet into a page of measurements."""
    page = outgoing.page
    if page is None or page.bank != Bank.INPUT or page.register_count != FULL_PAGE:
        return False
    return outgoing.rewrite(_PACKET.get(at, word) for at, word in enumerate(page.register_values))


def pattern_b(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Set a whole page to zero."""
    page = outgoing.page
    return page is not None and outgoing.rewrite(0 for _ in page.register_values)


def cohort_page(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Set all temperatures of a pack to zero."""
    if (page := outgoing.pack_page) is None:
        return False
    return outgoing.rewrite(_replaced(page, dict.fromkeys((76, 77, 78, 79), 0)))


def splice_single(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Copy a pack's status word into one of its cells."""
    if (page := outgoing.pack_page) is None:
        return False
    status = page.to_dict()[91]
    return outgoing.rewrite(_replaced(page, {64: status}))


def constant_flip(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Change a pack's number of cells."""
    if (page := outgoing.pack_page) is None:
        return False
    return outgoing.rewrite(_replaced(page, {97: page.to_dict()[97] ^ 0x0100}))


def frozen_pack(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Repeat a battery's last page."""
    page = outgoing.page if injection.address is not None else outgoing.pack_page
    if page is None or (first := first_register(outgoing.request)) is None:
        return False
    kept = injection.memory.setdefault(first, page.register_values)
    if len(kept) == len(page.register_values):
        outgoing.rewrite(kept)
    return True


def lost_pack_zeros(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Set a battery's page to zero."""
    page = outgoing.page if injection.address is not None else outgoing.pack_page
    return page is not None and outgoing.rewrite(0 for _ in page.register_values)


def lost_pack_ghost(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Keep a few stale cells of a battery, and no serial."""
    if (page := outgoing.pack_page) is None:
        return False
    stale = range(68, 76)
    return outgoing.rewrite(
        word if at in stale else 0
        for at, word in enumerate(page.register_values, page.base_register)
    )


def _counters(outgoing: OutgoingResponse) -> Iterable[tuple[RegisterField, list[int]]]:
    """Yield the lifetime counters of a page with the positions of their words."""
    if (page := outgoing.page) is None:
        return
    first = Register.at(Bank(page.bank), page.base_register)
    for counter in outgoing.adapter.fields(page.device_address):
        places = [register - first for register in counter.registers]
        if counter.energy is Energy.LIFETIME and all(
            0 <= place < page.register_count for place in places
        ):
            yield counter, places


def lost_high_word(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Drop the high word of lifetime counters."""
    lost = {places[0] for counter, places in _counters(outgoing) if len(places) == 2}
    page = outgoing.page
    return page is not None and outgoing.rewrite(
        0 if at in lost else word for at, word in enumerate(page.register_values)
    )


def _moved_counters(outgoing: OutgoingResponse, ticks: int) -> bool:
    low = {places[-1] for _, places in _counters(outgoing)}
    page = outgoing.page
    return page is not None and outgoing.rewrite(
        min(max(word + ticks, 0), 0xFFFF) if at in low and word else word
        for at, word in enumerate(page.register_values)
    )


def counter_step_back(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Set lifetime counters back by 7 kWh."""
    return _moved_counters(outgoing, -70)


def counter_jump(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Set lifetime counters ahead by 500 kWh."""
    return _moved_counters(outgoing, 5000)


# Applied to the frame.


def wrong_crc(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Corrupt the response's checksum."""
    *rest, last = outgoing.chunks
    outgoing.chunks = [*rest, last[:-2] + bytes((last[-2] ^ 0x5A, last[-1]))]
    return True


def _resealed(frame: bytes) -> bytes:
    return frame[:-2] + crc16(frame[COVERED:-2]).to_bytes(2, "little")


def unknown_function(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send the response with an unknown function code."""
    frame = outgoing.chunks[0]
    at = COVERED + 1
    outgoing.chunks = [_resealed(frame[:at] + bytes((_UNKNOWN_FUNCTION,)) + frame[at + 1 :])]
    return True


def zero_tail(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Append a heartbeat that zeroes the end of the response."""
    frame = outgoing.chunks[0]
    if outgoing.page is None:
        return False
    kept = len(frame) - 2 * outgoing.page.register_count * 4 // 5
    wiped = frame[:kept].ljust(len(frame), b"\0")
    outgoing.chunks = [wiped + outgoing.adapter.heartbeat()]
    return True


def null_response(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Append a heartbeat that zeroes the response but for its address."""
    null = NullResponse(device_address=outgoing.request.device_address)
    serial = adapter_serial(outgoing.chunks[0])
    frame = replace(null, data_adapter_serial_number=serial).encode()
    outgoing.chunks = [frame + outgoing.adapter.heartbeat()]
    return True


def late_response(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send the response some seconds late."""
    outgoing.delay = injection.seconds
    return True


def duplicated_response(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send the response twice."""
    outgoing.chunks *= 2
    return True


def foreign_write_ack(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send another client's acknowledgement of the same register first."""
    response = outgoing.response
    if not isinstance(response, WriteHoldingRegisterResponse):
        return False
    other = replace(response, value=response.value ^ 1, error=False)
    outgoing.chunks.insert(0, other.encode())
    return True


def truncated_frame(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send two thirds of the response before the whole."""
    frame = outgoing.chunks[0]
    outgoing.chunks = [frame[: len(frame) * 2 // 3] + frame]
    return True


def oversize_length(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Set the length field beyond the longest frame."""
    frame = outgoing.chunks[0]
    outgoing.chunks = [
        frame[:_LENGTH] + _TOO_LONG.to_bytes(2, "big") + frame[_LENGTH + 2 :],
    ]
    return True


def garbage_between(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send noise before the response."""
    noise = outgoing.random.randbytes(outgoing.random.randint(5, 60)).replace(MARKER[:1], b"\0")
    outgoing.chunks[0] = noise + outgoing.chunks[0]
    return True


def stray_zero(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send a zero byte before the response."""
    outgoing.chunks[0] = b"\0" + outgoing.chunks[0]
    return True


def coalesce(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send another client's response, this one and a heartbeat together."""
    adapter = outgoing.adapter
    outgoing.chunks = [adapter.foreign() + b"".join(outgoing.chunks) + adapter.heartbeat()]
    return True


def split_frames(outgoing: OutgoingResponse, injection: Injection) -> bool:
    """Send the response in parts."""
    whole = b"".join(outgoing.chunks)
    cuts = sorted({0, len(whole), *(outgoing.random.randrange(1, len(whole)) for _ in range(3))})
    outgoing.chunks = [whole[start:end] for start, end in pairwise(cuts)]
    return True
