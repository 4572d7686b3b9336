import logging
from collections.abc import Iterator

import pytest
from givenergy_modbus import framer
from givenergy_modbus.model.register import RegisterField

from benchmarks.fuzz import DAMAGES, fuzz

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Leave out the warnings, of which there would be one for every frame."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def shake(frames: int) -> int:
    """Return how many things went wrong."""
    findings = fuzz(frames, report=lambda _: None)
    assert all(findings.counts[damage.__name__] for damage in DAMAGES)
    assert findings.counts["good frames"] >= frames
    return findings.counts["problems"]


def test_damaged_frames_harm_nobody() -> None:
    assert shake(20_000) == 0


def test_a_reader_that_loses_frames_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framer, "_next_frame", lambda *_: 0)
    assert shake(5_000)


def test_a_checksum_that_nobody_looks_at_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    decode = framer.decode_response
    monkeypatch.setattr(framer, "decode_response", lambda value, **_: decode(value, verified=True))
    assert shake(5_000)


def test_a_value_that_nobody_can_believe_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(field: RegisterField, cache: dict[int, int]) -> object:
        words = [cache.get(register) for register in field.registers]
        return None if None in words else field.codec.decode(*words)

    monkeypatch.setattr(RegisterField, "read", read)
    assert shake(5_000)
