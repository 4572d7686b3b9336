"""What holds for every stream, however it was cut up, glued together or damaged."""

import pytest
from givenergy_modbus.exceptions import ExceptionBase
from givenergy_modbus.framer import ChunkKind, ClientFramer, Framer, ServerFramer, split
from givenergy_modbus.pdu import MARKER, BasePDU, decode_request, decode_response
from hypothesis import given
from hypothesis import strategies as st

from tests.library import frames
from tests.library.messages import REQUEST_MESSAGES, RESPONSE_MESSAGES

LONGEST = 306

GOOD_RESPONSES = (
    frames.HEARTBEAT,
    frames.IDENTITY,
    frames.METER,
    frames.EXCEPTION,
    frames.WRITTEN,
    frames.LAN_CONFIG,
)
GOOD_REQUESTS = (frames.HEARTBEAT_ANSWER, frames.READ_IR_0, frames.READ_METER, frames.WRITE)


def changed(frame: bytes, at: int, value: int) -> bytes:
    """Return a frame with one byte replaced, counted round its end."""
    at %= len(frame)
    return frame[:at] + bytes((value,)) + frame[at + 1 :]


def with_length(frame: bytes, length: int) -> bytes:
    """Return a frame with this length in its header."""
    return frame[:4] + length.to_bytes(2) + frame[6:]


encoded_responses = RESPONSE_MESSAGES.map(BasePDU.encode)
encoded_requests = REQUEST_MESSAGES.map(BasePDU.encode)
some_frame = st.one_of(
    encoded_responses, encoded_requests, st.sampled_from(GOOD_RESPONSES + GOOD_REQUESTS)
)
noise = st.binary(max_size=60).filter(lambda data: MARKER not in data)
headers = st.builds(
    lambda length, unit, main: MARKER + length.to_bytes(2) + bytes((unit, main)),
    st.integers(0, 320),
    st.integers(0, 2),
    st.integers(0, 3),
)
damage = st.one_of(
    noise,
    headers,
    st.sampled_from([MARKER[:1], MARKER[:2], MARKER[:3], MARKER, MARKER * 5]),
    st.builds(lambda frame, kept: frame[:kept], some_frame, st.integers(0, 170)),
    st.builds(lambda frame, kept: frame[-kept:], some_frame, st.integers(1, 170)),
    st.builds(changed, some_frame, st.integers(0, 170), st.integers(0, 0xFF)),
    st.builds(with_length, some_frame, st.integers(0, 320)),
)
streams = st.lists(st.one_of(damage, some_frame), max_size=8).map(b"".join)


@st.composite
def chunks(draw: st.DrawFn, stream: st.SearchStrategy[bytes]) -> list[bytes]:
    """Return a stream as it may arrive: cut anywhere, byte by byte or not at all."""
    data = draw(stream)
    size = draw(st.sampled_from([1, 7, 300, None]))
    if size is not None:
        return [data[at : at + size] for at in range(0, len(data), size)]
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=20)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def described(item: BasePDU | ExceptionBase) -> object:
    """Return something equal for equal items, which exceptions are not by themselves."""
    if isinstance(item, BasePDU):
        return item, item.raw_frame
    return type(item), item.message, getattr(item, "frame", None), getattr(item, "pdu", None)


@pytest.mark.parametrize("framer", [ClientFramer, ServerFramer])
@given(chunks(streams))
def test_items_do_not_depend_on_how_the_bytes_arrive(
    framer: type[Framer], parts: list[bytes]
) -> None:
    one, other = framer(), framer()
    at_once = [described(item) for item in one.feed(b"".join(parts))]
    in_parts = [described(item) for part in parts for item in other.feed(part)]
    assert in_parts == at_once
    assert one.pending == other.pending


@given(st.lists(RESPONSE_MESSAGES, max_size=8), st.data())
def test_every_response_arrives_in_order(messages: list[BasePDU], draw: st.DataObject) -> None:
    # The last one settles where the one before it ended.
    stream = b"".join(message.encode() for message in messages) + frames.METER
    framer = ClientFramer()
    parts = draw.draw(chunks(st.just(stream)))
    items = [item for part in parts for item in framer.feed(part)]
    assert items == [*messages, decode_response(frames.METER)]
    assert framer.pending == 0


@given(st.lists(REQUEST_MESSAGES, max_size=8), st.data())
def test_every_request_arrives_in_order(messages: list[BasePDU], draw: st.DataObject) -> None:
    stream = b"".join(message.encode() for message in messages) + frames.WRITE
    framer = ServerFramer()
    parts = draw.draw(chunks(st.just(stream)))
    items = [item for part in parts for item in framer.feed(part)]
    assert items == [*messages, decode_request(frames.WRITE)]
    assert framer.pending == 0


@given(st.lists(RESPONSE_MESSAGES, max_size=5), st.lists(noise, max_size=5))
def test_noise_between_responses_is_skipped(messages: list[BasePDU], noises: list[bytes]) -> None:
    framer = ClientFramer()
    items: list[BasePDU | ExceptionBase] = []
    for message, between in zip(messages, noises, strict=False):
        items += framer.feed(between.rstrip(b"Y\0") + message.encode())
    items += framer.feed(frames.METER)
    count = min(len(messages), len(noises))
    assert items == [*messages[:count], decode_response(frames.METER)]


@given(chunks(streams), st.sampled_from(GOOD_RESPONSES))
def test_good_response_after_any_damage_is_read_at_once(parts: list[bytes], good: bytes) -> None:
    framer = ClientFramer()
    for part in parts:
        framer.feed(part)
    assert framer.feed(good)[-1:] == [decode_response(good)]
    assert framer.pending == 0


@given(chunks(streams), st.sampled_from(GOOD_REQUESTS))
def test_good_request_after_any_damage_is_read_at_once(parts: list[bytes], good: bytes) -> None:
    framer = ServerFramer()
    for part in parts:
        framer.feed(part)
    assert framer.feed(good)[-1:] == [decode_request(good)]
    assert framer.pending == 0


@given(st.lists(st.tuples(st.binary(max_size=400), st.floats(0, 10)), max_size=10))
def test_garbage_raises_nothing_whenever_it_comes(parts: list[tuple[bytes, float]]) -> None:
    now = 0.0
    framers = [kind(clock=lambda: now) for kind in (ClientFramer, ServerFramer)]
    for data, pause in parts:
        now += pause
        for framer in framers:
            framer.feed(data)
            assert framer.pending <= LONGEST


@given(chunks(streams), st.floats(0, 10))
def test_nothing_waits_for_ever(parts: list[bytes], pause: float) -> None:
    now = 0.0
    framer = ClientFramer(clock=lambda: now)
    for part in parts:
        framer.feed(part)
        now += pause
    for _ in range(LONGEST):
        now += 5.0
        framer.feed(b"")
    assert framer.pending < len(MARKER)


@given(streams)
def test_pieces_are_the_stream(stream: bytes) -> None:
    chunks, rest = split(stream)
    assert b"".join(data for _, data in chunks) + rest == stream
    assert all(data for _, data in chunks)
    assert len(rest) <= LONGEST
    assert split(rest) == ([], rest)
    while rest:
        flushed, rest = split(rest, flush=True)
        assert flushed
        chunks += flushed
    assert b"".join(data for _, data in chunks) == stream


@given(streams)
def test_sound_frame_is_sound_by_itself(stream: bytes) -> None:
    for kind, data in split(stream)[0]:
        if kind is ChunkKind.SOUND:
            (again,), rest = split(data)
            assert (again.kind, again.data, rest) == (kind, data, b"")
