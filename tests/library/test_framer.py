"""The framer: what it makes of streams that arrive in chunks, glued together or damaged."""

import pytest
from givenergy_modbus.exceptions import InvalidFrame, InvalidPduState
from givenergy_modbus.framer import ClientFramer, ServerFramer
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    HeartbeatResponse,
    NullResponse,
    ReadHoldingRegistersRequest,
    ReadInputRegistersResponse,
    TransparentMessage,
    WriteHoldingRegisterRequest,
    decode_response,
)
from givenergy_modbus.pdu.base import intact

from tests.library import frames
from tests.library.framer_items import (
    BAD,
    BEAT,
    ERR,
    HB,
    HOLDING,
    INPUT,
    LAN,
    METER,
    changed,
    described,
    fed,
    with_length,
)

SIX = ReadInputRegistersResponse(
    base_register=16,
    register_count=6,
    register_values=(1, 2, 3, 4, 5, 6),
    inverter_serial_number="SA2114G000",
).encode()


@pytest.mark.parametrize(
    ("chunks", "items", "pending"),
    [
        pytest.param([HB], [BEAT], 0, id="whole"),
        pytest.param([HB[:17], HB[17:]], [BEAT], 0, id="split-17"),
        pytest.param([HB[:18], HB[18:]], [BEAT], 0, id="split-18"),
        pytest.param([b"\x00\x11\x22" + HB], [BEAT], 0, id="garbage-in-front"),
        pytest.param([b"\xaa" * 50], [], 3, id="garbage-only"),
        pytest.param([b"\xaa" * 50 + b"YY", b"\0\1" + HB[4:]], [BEAT], 0, id="split-marker"),
        pytest.param([ERR[:10] + HB], [BEAT], 0, id="implausibly-short"),
        pytest.param([ERR[:20] + HB * 3], [BAD, BEAT, BEAT, BEAT], 0, id="truncated"),
        pytest.param([with_length(HB, 0x012D) + HB], [BEAT], 0, id="length-301"),
        pytest.param([changed(HB, 6, 2) + HB], [BEAT], 0, id="unit-2"),
        pytest.param([changed(HB, 6, 0) + HB], [BEAT, BEAT], 0, id="unit-0"),
        pytest.param([changed(HB, 7, 3) + HB], [BEAT], 0, id="main-function-3"),
        pytest.param([changed(ERR, 27, 0x2B) + HB], [BAD, BEAT], 0, id="unknown-function"),
        pytest.param([with_length(HB, 12) + HB], [BAD, BEAT], 0, id="heartbeat-too-short"),
        pytest.param([with_length(HB, 14) + b"\0" + HB], [BEAT, BEAT], 0, id="heartbeat-surplus"),
        pytest.param([changed(ERR, 43, 0x5C)], [HOLDING + "?"], 0, id="wrong-checksum"),
        pytest.param([changed(SIX, 41, 61)], [BAD], 0, id="61-registers-announced"),
        pytest.param([changed(SIX, 41, 5)], [INPUT + "?"], 0, id="5-registers-announced"),
        pytest.param([changed(SIX, 41, 0)], [INPUT + "?"], 0, id="0-registers-announced"),
        pytest.param([frames.NULL_AND_HEARTBEAT], ["NullResponse", BEAT], 0, id="null"),
        pytest.param([frames.WIPED_AND_HEARTBEAT], [INPUT + "?", BEAT], 0, id="wiped"),
        pytest.param([LAN + HB], ["LanConfigBroadcast", BEAT], 0, id="lan-config"),
        pytest.param([b"\0", HB], [BEAT], 0, id="stray-byte"),
        pytest.param([], [], 0, id="nothing"),
    ],
)
def test_stream_of_responses(chunks: list[bytes], items: list[str], pending: int) -> None:
    framer = ClientFramer()
    assert fed(framer, *chunks) == items
    assert framer.pending == pending


def test_four_answers_in_three_reads() -> None:
    answers = [frames.IDENTITY, frames.MEASUREMENTS, frames.BATTERY, frames.GHOST]
    stream = b"".join(answers)
    framer = ClientFramer()
    items = [framer.feed(stream[:300]), framer.feed(stream[300:600]), framer.feed(stream[600:])]
    assert [len(some) for some in items] == [1, 2, 1]
    assert [item for some in items for item in some] == [decode_response(f) for f in answers]


@pytest.mark.parametrize(
    ("stream", "items"),
    [
        (frames.WRITE, ["WriteHoldingRegisterRequest"]),
        (changed(frames.WRITE, 33, 0), ["WriteHoldingRegisterRequest?"]),
        (changed(frames.READ_IR_0, 31, 61), ["InvalidPduState"]),
        (changed(frames.WRITE, 27, 0x05), [BAD]),
        (changed(frames.WRITE, 27, 0x10), [BAD]),
        (frames.HEARTBEAT_ANSWER, ["HeartbeatResponse"]),
        (frames.READ_IR_0 + frames.READ_METER, ["ReadInputRegistersRequest"] * 2),
    ],
    ids=frames.name_of,
)
def test_stream_of_requests(stream: bytes, items: list[str]) -> None:
    framer = ServerFramer()
    assert fed(framer, stream) == items
    assert framer.pending == 0


def test_errors_carry_what_they_are_about() -> None:
    (broken, *_) = ClientFramer().feed(ERR[:20] + HB)
    assert isinstance(broken, InvalidFrame)
    assert broken.frame == ERR[:20]
    (refused,) = ServerFramer().feed(changed(frames.READ_IR_0, 31, 61))
    assert isinstance(refused, InvalidPduState)
    assert isinstance(refused.pdu, TransparentMessage)
    assert refused.pdu.raw_frame == changed(frames.READ_IR_0, 31, 61)


async def test_decode_yields_what_feed_returns() -> None:
    stream = frames.NULL_AND_HEARTBEAT
    items = [item async for item in ClientFramer().decode(stream)]
    assert items == ClientFramer().feed(stream)
    assert [type(item) for item in items] == [NullResponse, HeartbeatRequest]


def test_both_ends_read_their_own_side() -> None:
    assert isinstance(ClientFramer().feed(HB)[0], HeartbeatRequest)
    assert isinstance(ServerFramer().feed(HB)[0], HeartbeatResponse)
    request = ReadHoldingRegistersRequest(base_register=0, register_count=60)
    assert ServerFramer().feed(request.encode()) == [request]
    assert ServerFramer().feed(WriteHoldingRegisterRequest(96, 1).encode()) == [
        WriteHoldingRegisterRequest(96, 1)
    ]


# --- a marker is no proof ---------------------------------------------------------------


def response(*values: int) -> bytes:
    """Return a read response with these registers, and its checksum in order."""
    return ReadInputRegistersResponse(
        base_register=0, register_count=len(values), register_values=values
    ).encode()


MARKER_INSIDE = response(1, 0x5959, 0x0001, 0x000D, 0x0101, *range(20))
ODD_MARKER_INSIDE = response(0x1159, 0x5900, 0x0122, *range(20))
FRAME_INSIDE = response(*(int.from_bytes(HB[i : i + 2]) for i in range(0, 18, 2)), 0x0100, 3, 4)


@pytest.mark.parametrize(
    "frame", [MARKER_INSIDE, ODD_MARKER_INSIDE, FRAME_INSIDE], ids=["even", "odd", "frame"]
)
def test_good_checksum_wins_over_a_marker_inside(frame: bytes) -> None:
    framer = ClientFramer()
    assert fed(framer, frame + HB) == [INPUT, BEAT]
    assert framer.pending == 0


@pytest.mark.parametrize("frame", [MARKER_INSIDE, ODD_MARKER_INSIDE], ids=["even", "odd"])
def test_marker_inside_a_frame_that_is_still_arriving(frame: bytes) -> None:
    for at in range(1, len(frame)):
        assert fed(ClientFramer(), frame[:at], frame[at:] + HB) == [INPUT, BEAT], at


def test_chance_marker_in_a_damaged_frame_is_skipped() -> None:
    damaged = changed(response(1, 0x5959, 0x0001, 0x7FFF, 0x0101, *range(20)), -1, 0x5C)
    assert fed(ClientFramer(), damaged + HB) == [INPUT + "?", BEAT]


def test_header_in_a_damaged_frame_ends_it() -> None:
    damaged = changed(MARKER_INSIDE, 26, 0x12)
    assert fed(ClientFramer(), damaged + HB + HB) == [BAD, "HeartbeatRequest", BEAT, BEAT]


# --- lengths that lie -------------------------------------------------------------------


KINDS = {"heartbeat": HB, "meter": METER, "exception": ERR, "lan": LAN, "battery": frames.BATTERY}


@pytest.mark.parametrize("good", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("frame", KINDS.values(), ids=KINDS)
def test_wrong_length_costs_no_following_frame(frame: bytes, good: bytes) -> None:
    for length in range(0x200):
        framer = ClientFramer()
        # Nothing else follows, and yet it is there at once.
        items = framer.feed(with_length(frame, length) + good)
        assert items[-1:] == [decode_response(good)], length
        assert framer.pending == 0


@pytest.mark.parametrize("good", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("frame", KINDS.values(), ids=KINDS)
def test_truncation_costs_no_following_frame(frame: bytes, good: bytes) -> None:
    for kept in range(len(frame)):
        stream = frame[:kept] + good
        for chunks in ([stream], [stream[i : i + 1] for i in range(len(stream))]):
            framer = ClientFramer()
            items = [item for chunk in chunks for item in framer.feed(chunk)]
            assert items[-1:] == [decode_response(good)], kept
            assert framer.pending == 0


def test_unfinished_frames_in_a_row_are_told_apart() -> None:
    first, second = with_length(METER, 300)[:60], with_length(METER, 200)[:40]
    items = ClientFramer().feed(first + second + HB)
    assert [described(item) for item in items] == [BAD, BAD, BEAT]
    assert [item.frame for item in items if isinstance(item, InvalidFrame)] == [first, second]


def test_checksum_that_is_right_by_accident_does_not_swallow_a_frame() -> None:
    liar = with_length(METER, 2 * len(METER) - 6)
    liar = liar[:50] + bytes.fromhex("f881") + liar[52:]
    assert intact(liar + METER)
    assert fed(ClientFramer(), liar + METER) == [BAD, INPUT]


@pytest.mark.parametrize(
    ("kept", "chance", "good"),
    [(60, "6934", METER), (60, "ba2c", ERR), (90, "ea7c", METER), (90, "d6f4", ERR)],
)
def test_accident_across_two_frames_swallows_neither(kept: int, chance: str, good: bytes) -> None:
    cut = METER[:50] + bytes.fromhex(chance) + METER[52:kept]
    stream = cut + good * 3
    assert intact(stream[: len(METER)]), "by accident"
    items = [decode_response(good)] * 3
    for chunks in ([stream], [stream[i : i + 1] for i in range(len(stream))]):
        framer = ClientFramer()
        broken, *others = [item for chunk in chunks for item in framer.feed(chunk)]
        assert isinstance(broken, InvalidFrame)
        assert others == items
        assert framer.pending == 0


def test_good_frame_does_not_wait_for_ever_for_what_it_seems_to_overlap() -> None:
    now = 0.0
    frame = response(1, 2, 3, 0x5959, 0x0001, 0x009E, 0x0102, 4)
    framer = ClientFramer(clock=lambda: now)
    assert fed(framer, frame) == []
    now = 5.0
    assert fed(framer, b"") == [INPUT]
    assert framer.pending == 0
    assert fed(framer, frame + HB * 9) == [INPUT, *[BEAT] * 9]


@pytest.mark.parametrize("tail", [b"Y", b"YY", b"YY\0"], ids=["one", "two", "three"])
def test_damaged_frame_that_ends_like_a_marker(tail: bytes) -> None:
    damaged = METER[: -len(tail)] + tail
    framer = ClientFramer()
    assert fed(framer, damaged) == []  # the next bytes decide
    assert fed(framer, HB) == [INPUT + "?", BEAT]
    # It was cut short, and what looked like its end was the next frame's beginning.
    assert fed(framer, damaged, HB[len(tail) :]) == [BAD, BEAT]


def test_inner_header_that_has_not_wholly_arrived() -> None:
    damaged = METER[:-6] + HB[:6]
    framer = ClientFramer()
    assert fed(framer, damaged) == []
    assert fed(framer, HB[6:]) == [BAD, BEAT]
    assert fed(framer, damaged) == []
    assert fed(framer, b"\x07\x07" + HB) == [INPUT + "?", BEAT]
