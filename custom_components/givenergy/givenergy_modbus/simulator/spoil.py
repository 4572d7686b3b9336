"""How answers are spoilt: one function for everything that goes wrong.

Each returns whether there was anything to spoil, so that a fault switched on for
one answer waits for one it can strike.
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
from ..pdu.base import COVERED
from .answer import WHOLE, Answer, Injection, first_register

_LENGTH = 4
"""Where a frame says how long it is."""
_UNKNOWN_FUNCTION = 0x39
_TOO_LONG = 301

_PACKET = {
    28: 0x4C32, 30: 0xA119, 31: 0x34EA, 32: 0xE77F, 33: 0xD475, 35: 0x4500,
    40: 0xE4F9, 41: 0xC0A8, 43: 0xC0A8, 46: 0xC5E9, 50: 0x60EF, 51: 0x8018,
    52: 0x43E0, 53: 0xF6CE, 56: 0x080A, 58: 0xFCC1, 59: 0x661E,
}  # fmt: skip
"""Words of a network packet that adapters are known to leak into a page, by position."""


# Before the device is asked.


def _exception(answer: Answer, count: int | None) -> bool:
    request = answer.request
    if not isinstance(request, ReadRegistersRequest):
        return False
    return answer.settle(
        request.response_type(
            device_address=request.device_address,
            error=True,
            base_register=request.base_register,
            register_count=request.register_count if count is None else count,
        )
    )


def exception_without_count(answer: Answer, injection: Injection) -> bool:
    """Answer with an exception that has forgotten how much was asked."""
    return _exception(answer, 0)


def exception_with_count(answer: Answer, injection: Injection) -> bool:
    """Answer with an exception that repeats how much was asked."""
    return _exception(answer, None)


def _write_response(answer: Answer, *, error: bool) -> bool:
    request = answer.request
    if not isinstance(request, WriteHoldingRegisterRequest):
        return False
    return answer.settle(
        WriteHoldingRegisterResponse(
            device_address=request.device_address,
            error=error,
            register=request.register,
            value=request.value,
        )
    )


def write_refused(answer: Answer, injection: Injection) -> bool:
    """Turn a write down."""
    return _write_response(answer, error=True)


def write_ignored(answer: Answer, injection: Injection) -> bool:
    """Acknowledge a write, and change nothing."""
    return _write_response(answer, error=False)


def no_answer(answer: Answer, injection: Injection) -> bool:
    """Never answer."""
    return answer.settle(None)


def silent_window(answer: Answer, injection: Injection) -> bool:
    """Answer nobody for some seconds."""
    answer.adapter.hush(injection.seconds)
    return answer.settle(None)


def drop_connection(answer: Answer, injection: Injection) -> bool:
    """Hang up on everybody instead of answering."""
    answer.adapter.drop_connections()
    return answer.settle(None)


def reset_connection(answer: Answer, injection: Injection) -> bool:
    """Reset every connection instead of answering."""
    answer.adapter.drop_connections(reset=True)
    return answer.settle(None)


def lost_pack(answer: Answer, injection: Injection) -> bool:
    """Let a battery fall silent."""
    if injection.address is None and answer.request.device_address not in LV_BATTERY.addresses:
        return False
    return answer.settle(None)


# Once the device has answered.


def _replaced(page: ReadRegistersResponse, words: dict[int, int]) -> list[int]:
    return [
        words.get(page.base_register + at, word) for at, word in enumerate(page.register_values)
    ]


def pattern_a(answer: Answer, injection: Injection) -> bool:
    """Leak a network packet into a page of measurements."""
    page = answer.page
    if page is None or page.bank != Bank.INPUT or page.register_count != WHOLE:
        return False
    return answer.rewrite(_PACKET.get(at, word) for at, word in enumerate(page.register_values))


def pattern_b(answer: Answer, injection: Injection) -> bool:
    """Let a whole page read zero."""
    page = answer.page
    return page is not None and answer.rewrite(0 for _ in page.register_values)


def cohort_page(answer: Answer, injection: Injection) -> bool:
    """Let all temperatures of a pack read exactly zero."""
    if (page := answer.pack_page) is None:
        return False
    return answer.rewrite(_replaced(page, dict.fromkeys((76, 77, 78, 79), 0)))


def splice_single(answer: Answer, injection: Injection) -> bool:
    """Let one cell of a pack read like its status word."""
    if (page := answer.pack_page) is None:
        return False
    status = page.to_dict()[91]
    return answer.rewrite(_replaced(page, {64: status}))


def constant_flip(answer: Answer, injection: Injection) -> bool:
    """Give a pack another number of cells."""
    if (page := answer.pack_page) is None:
        return False
    return answer.rewrite(_replaced(page, {97: page.to_dict()[97] ^ 0x0100}))


def frozen_pack(answer: Answer, injection: Injection) -> bool:
    """Let a battery say for ever what it said last."""
    page = answer.page if injection.address is not None else answer.pack_page
    if page is None or (first := first_register(answer.request)) is None:
        return False
    kept = injection.memory.setdefault(first, page.register_values)
    if len(kept) == len(page.register_values):
        answer.rewrite(kept)
    return True


def lost_pack_zeros(answer: Answer, injection: Injection) -> bool:
    """Leave nothing but zeros of a battery."""
    page = answer.page if injection.address is not None else answer.pack_page
    return page is not None and answer.rewrite(0 for _ in page.register_values)


def lost_pack_ghost(answer: Answer, injection: Injection) -> bool:
    """Leave a few stale cells of a battery, and no serial."""
    if (page := answer.pack_page) is None:
        return False
    stale = range(68, 76)
    return answer.rewrite(
        word if at in stale else 0
        for at, word in enumerate(page.register_values, page.base_register)
    )


def _counters(answer: Answer) -> Iterable[tuple[RegisterField, list[int]]]:
    """Yield the lifetime counters of a page with the places of their words in it."""
    if (page := answer.page) is None:
        return
    first = Register.at(Bank(page.bank), page.base_register)
    for counter in answer.adapter.fields(page.device_address):
        places = [register - first for register in counter.registers]
        if counter.energy is Energy.LIFETIME and all(
            0 <= place < page.register_count for place in places
        ):
            yield counter, places


def lost_high_word(answer: Answer, injection: Injection) -> bool:
    """Drop the high word of lifetime counters."""
    lost = {places[0] for counter, places in _counters(answer) if len(places) == 2}
    page = answer.page
    return page is not None and answer.rewrite(
        0 if at in lost else word for at, word in enumerate(page.register_values)
    )


def _moved_counters(answer: Answer, ticks: int) -> bool:
    low = {places[-1] for _, places in _counters(answer)}
    page = answer.page
    return page is not None and answer.rewrite(
        min(max(word + ticks, 0), 0xFFFF) if at in low and word else word
        for at, word in enumerate(page.register_values)
    )


def counter_step_back(answer: Answer, injection: Injection) -> bool:
    """Set lifetime counters back by 7 kWh."""
    return _moved_counters(answer, -70)


def counter_jump(answer: Answer, injection: Injection) -> bool:
    """Let lifetime counters leap ahead by 500 kWh."""
    return _moved_counters(answer, 5000)


# On the bytes.


def wrong_crc(answer: Answer, injection: Injection) -> bool:
    """Spoil the checksum of the answer."""
    *rest, last = answer.chunks
    answer.chunks = [*rest, last[:-2] + bytes((last[-2] ^ 0x5A, last[-1]))]
    return True


def _resealed(frame: bytes) -> bytes:
    return frame[:-2] + crc16(frame[COVERED:-2]).to_bytes(2, "little")


def unknown_function(answer: Answer, injection: Injection) -> bool:
    """Send the answer under a function nobody knows."""
    frame = answer.chunks[0]
    at = COVERED + 1
    answer.chunks = [_resealed(frame[:at] + bytes((_UNKNOWN_FUNCTION,)) + frame[at + 1 :])]
    return True


def zero_tail(answer: Answer, injection: Injection) -> bool:
    """Send a heartbeat with the answer, whose end it wipes out."""
    frame = answer.chunks[0]
    if answer.page is None:
        return False
    kept = len(frame) - 2 * answer.page.register_count * 4 // 5
    wiped = frame[:kept].ljust(len(frame), b"\0")
    answer.chunks = [wiped + answer.adapter.heartbeat()]
    return True


def null_response(answer: Answer, injection: Injection) -> bool:
    """Send a heartbeat with the answer, of which it leaves the address."""
    null = NullResponse(device_address=answer.request.device_address)
    adapter_serial = answer.chunks[0][8:18].decode("latin1")
    frame = replace(null, data_adapter_serial_number=adapter_serial).encode()
    answer.chunks = [frame + answer.adapter.heartbeat()]
    return True


def late_answer(answer: Answer, injection: Injection) -> bool:
    """Send the answer some seconds late."""
    answer.delay = injection.seconds
    return True


def duplicated_answer(answer: Answer, injection: Injection) -> bool:
    """Send the answer twice."""
    answer.chunks *= 2
    return True


def foreign_write_ack(answer: Answer, injection: Injection) -> bool:
    """Acknowledge somebody else's write to the same register first."""
    response = answer.response
    if not isinstance(response, WriteHoldingRegisterResponse):
        return False
    other = replace(response, value=response.value ^ 1, error=False)
    answer.chunks.insert(0, other.encode())
    return True


def truncated_frame(answer: Answer, injection: Injection) -> bool:
    """Send two thirds of the answer before the whole of it."""
    frame = answer.chunks[0]
    answer.chunks = [frame[: len(frame) * 2 // 3] + frame]
    return True


def oversize_length(answer: Answer, injection: Injection) -> bool:
    """Let the answer claim to be longer than any frame."""
    frame = answer.chunks[0]
    answer.chunks = [
        frame[:_LENGTH] + _TOO_LONG.to_bytes(2, "big") + frame[_LENGTH + 2 :],
    ]
    return True


def garbage_between(answer: Answer, injection: Injection) -> bool:
    """Send noise before the answer."""
    noise = answer.random.randbytes(answer.random.randint(5, 60)).replace(MARKER[:1], b"\0")
    answer.chunks[0] = noise + answer.chunks[0]
    return True


def stray_zero(answer: Answer, injection: Injection) -> bool:
    """Send a zero byte before the answer."""
    answer.chunks[0] = b"\0" + answer.chunks[0]
    return True


def coalesce(answer: Answer, injection: Injection) -> bool:
    """Send the answer in one piece with somebody else's and a heartbeat."""
    adapter = answer.adapter
    answer.chunks = [adapter.foreign() + b"".join(answer.chunks) + adapter.heartbeat()]
    return True


def split_frames(answer: Answer, injection: Injection) -> bool:
    """Send the answer in pieces."""
    whole = b"".join(answer.chunks)
    cuts = sorted({0, len(whole), *(answer.random.randrange(1, len(whole)) for _ in range(3))})
    answer.chunks = [whole[start:end] for start, end in pairwise(cuts)]
    return True
