"""When the framer gives up a partial frame, and the pieces it cuts a stream into."""

import logging

import pytest
from givenergy_modbus.framer import Chunk, ChunkKind, ClientFramer, split
from givenergy_modbus.pdu import BasePDU, LanConfigBroadcast

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
    fed,
    with_length,
)


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# --- hold_timeout ---------------------------------------------------------------------------


def test_partial_frame_is_given_up_in_time() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock)
    assert fed(framer, METER[:50]) == []
    clock.now += 4.9
    assert fed(framer, b"") == []
    assert framer.pending == 50
    clock.now += 0.1
    assert fed(framer, b"") == [BAD]
    assert framer.pending == 0
    assert fed(framer, HB) == [BEAT]


def test_overdue_partial_frame_does_not_touch_what_comes_next() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock, hold_timeout=1.0)
    assert fed(framer, METER[:50]) == []
    clock.now += 1.0
    assert fed(framer, ERR[:30]) == [BAD]
    clock.now += 0.9
    assert fed(framer, ERR[30:]) == [HOLDING]


def test_more_bytes_do_not_prolong_the_wait() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock)
    items: list[str] = []
    for at in range(0, 14, 2):
        items += fed(framer, with_length(METER, 300)[at : at + 2])
        clock.now += 1.0
    assert items == []  # 12 bytes are not worth a report
    assert framer.pending == 2


def test_each_frame_has_its_own_time() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock)
    assert fed(framer, METER[:50]) == []
    clock.now += 4.0
    assert fed(framer, METER[50:] + ERR[:20]) == [INPUT]
    clock.now += 4.0
    assert fed(framer, ERR[20:]) == [HOLDING]


def test_frame_behind_the_overdue_one_gets_its_own_time() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock)
    assert fed(framer, with_length(METER, 300)) == []
    clock.now += 4.0
    assert fed(framer, frames.BATTERY[:100]) == []
    clock.now += 1.0
    assert fed(framer, b"") == [BAD]
    clock.now += 4.0
    assert fed(framer, frames.BATTERY[100:]) == [INPUT]


def test_whole_frame_of_unclear_end_is_read_when_time_is_up() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock)
    assert fed(framer, METER[:-1] + b"Y") == []
    clock.now += 5.0
    assert fed(framer, b"") == [INPUT + "?"]
    assert framer.pending == 0


def test_beginning_of_a_marker_is_not_given_up() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock)
    assert fed(framer, HB + HB[:2]) == [BEAT]
    clock.now += 60.0
    assert fed(framer, HB[2:6]) == []
    clock.now += 4.0
    assert fed(framer, HB[6:]) == [BEAT]


def test_reset_forgets_the_former_connection() -> None:
    clock = Clock()
    framer = ClientFramer(clock=clock)
    assert fed(framer, METER[:50]) == []
    clock.now += 4.0
    framer.reset()
    assert framer.pending == 0
    assert fed(framer, METER[:50]) == []
    clock.now += 4.0
    assert fed(framer, METER[50:]) == [INPUT]
    assert fed(framer, METER[:50]) == []
    framer.reset()
    assert fed(framer, METER[50:] + HB) == [BEAT]


# --- cutting ----------------------------------------------------------------------------


def test_split_tells_the_pieces_apart() -> None:
    wiped = frames.WIPED_AND_HEARTBEAT[:164]
    stream = b"\xaa\xbb" + METER + ERR[:20] + wiped + LAN + HB + METER[:30]
    assert split(stream) == (
        [
            Chunk(ChunkKind.NOISE, b"\xaa\xbb"),
            Chunk(ChunkKind.SOUND, METER),
            Chunk(ChunkKind.BROKEN, ERR[:20]),
            Chunk(ChunkKind.DOUBTFUL, wiped),
            Chunk(ChunkKind.SOUND, LAN),
            Chunk(ChunkKind.SOUND, HB),
        ],
        METER[:30],
    )


def test_giving_up_takes_one_piece_at_a_time() -> None:
    stream = METER[:50] + ERR[:40] + b"YY"
    assert split(stream) == ([], stream)
    chunks, stream = split(stream, flush=True)
    assert chunks == [Chunk(ChunkKind.BROKEN, METER[:50])]
    chunks, stream = split(stream, flush=True)
    assert chunks == [Chunk(ChunkKind.BROKEN, ERR[:40])]
    assert split(stream, flush=True) == ([Chunk(ChunkKind.NOISE, b"YY")], b"")
    assert split(b"", flush=True) == ([], b"")


def test_items_carry_their_bytes() -> None:
    stream = METER + changed(ERR, 27, 0x2B) + LAN + HB
    items = ClientFramer().feed(stream)
    assert isinstance(items[2], LanConfigBroadcast)
    raw = [i.raw_frame if isinstance(i, BasePDU) else i.frame for i in items]  # type: ignore[attr-defined]
    assert b"".join(raw) == stream


def test_much_noise_is_worth_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    framer = ClientFramer()
    with caplog.at_level(logging.WARNING):
        fed(framer, b"\xaa" * 90, b"\xaa" * 90)
        assert not caplog.records
        fed(framer, b"\xaa" * 300, b"\xaa" * 300, b"\xaa" * 300)
        assert len(caplog.records) == 1
        fed(framer, HB, b"\xaa" * 300)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
