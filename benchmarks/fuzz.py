"""A plant that receives a million damaged frames, each followed by a valid one.

Nothing may come out of the reader but messages and errors as values; every good frame must come
out, in order; what fails its checksum must not change the plant; and what has a valid CRC,
the plant must decode, to values that are believable or none.
"""

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

from givenergy_modbus.crc import crc16
from givenergy_modbus.exceptions import ExceptionBase
from givenergy_modbus.framer import ClientFramer
from givenergy_modbus.model.devices.hv_stack import HvStack
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.plant_devices import PlantInverter
from givenergy_modbus.model.register import RegisterField
from givenergy_modbus.pdu import (
    BasePDU,
    LanConfigBroadcast,
    NullResponse,
    ReadInputRegistersResponse,
    ReadRegistersResponse,
    WriteHoldingRegisterResponse,
)
from givenergy_modbus.simulator import PROFILES, Simulator

from .plants import Sample, sample

BATCH = 40
"""Damaged frames that arrive in one go, in chunks cut anywhere."""

EVERY = 10
"""After so many corrupted responses with a valid CRC, the whole plant is checked."""

COVERED = slice(26, -2)
"""What a frame's checksum is about."""

WORDS = slice(42, -2)
"""Where an answer's registers are."""

type Damage = Callable[[Random, bytes], bytes]


def flipped(random: Random, frame: bytes) -> bytes:
    """Flip a few bits."""
    spoilt = bytearray(frame)
    for _ in range(random.choice((1, 1, 2, 8))):
        spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
    return bytes(spoilt)


def overwritten(random: Random, frame: bytes) -> bytes:
    """Write noise over a stretch."""
    start, length = random.randrange(len(frame)), random.randrange(1, 40)
    return (frame[:start] + random.randbytes(length) + frame[start + length :])[: len(frame)]


def shortened(random: Random, frame: bytes) -> bytes:
    """Break off anywhere."""
    return frame[: random.randrange(len(frame))]


def holed(random: Random, frame: bytes) -> bytes:
    """Leave out a stretch."""
    start = random.randrange(len(frame))
    return frame[:start] + frame[start + random.randrange(1, 30) :]


def stretched(random: Random, frame: bytes) -> bytes:
    """Put noise in between."""
    start = random.randrange(len(frame))
    return frame[:start] + random.randbytes(random.randrange(1, 30)) + frame[start:]


def repeated(random: Random, frame: bytes) -> bytes:
    """Stammer."""
    start = random.randrange(len(frame))
    return frame[: start + random.randrange(1, 60)] + frame[start:]


def doubled(random: Random, frame: bytes) -> bytes:
    """Send everything twice, the second time in two chunks in reverse order."""
    start = random.randrange(len(frame))
    return frame + frame[start:] + frame[:start]


def wiped(random: Random, frame: bytes) -> bytes:
    """Leave nothing but zeros from somewhere on."""
    start = random.randrange(8, len(frame))
    return frame[:start] + bytes(len(frame) - start)


def mismeasured(random: Random, frame: bytes) -> bytes:
    """Claim another length."""
    length = random.choice((0, 1, 12, 13, 28, 300, 301, 0xFFFF, random.randrange(0x200)))
    return frame[:4] + length.to_bytes(2) + frame[6:]


def marked(random: Random, frame: bytes) -> bytes:
    """Put the beginning of a frame, or a part of it, somewhere inside."""
    start = random.randrange(len(frame))
    marker = b"YY\0\1\0\x9e\1\2"[: random.randrange(1, 9)]
    return (frame[:start] + marker + frame[start + len(marker) :])[: len(frame)]


def noise(random: Random, frame: bytes) -> bytes:
    """Send something else altogether."""
    return random.randbytes(len(frame))


def lying(random: Random, frame: bytes) -> bytes:
    """Send random words with a valid CRC."""
    words = bytearray(frame[WORDS])
    for _ in range(random.choice((1, 1, 2, 60))):
        if len(words) >= 2:
            at = random.randrange(len(words) // 2) * 2
            word = random.choice((0, 0xFFFF, 0x7FFF, 0x8000, random.randrange(0x10000)))
            words[at : at + 2] = word.to_bytes(2)
    return sealed(frame[: WORDS.start] + bytes(words) + frame[-2:])


def sealed(frame: bytes) -> bytes:
    """Return a frame with the checksum of what it carries."""
    return frame[:-2] + bytes(crc16(frame[COVERED]).to_bytes(2, "little"))


DAMAGES: Sequence[Damage] = (
    flipped,
    overwritten,
    shortened,
    holed,
    stretched,
    repeated,
    doubled,
    wiped,
    mismeasured,
    marked,
    noise,
    lying,
)


@dataclass(slots=True)
class Findings:
    """What came of it."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        """Note what must not be."""
        self.counts["problems"] += 1
        if len(self.problems) < 20:
            self.problems.append(text)


class FuzzedPlant:
    """A plant that receives frames."""

    def __init__(self, sample: Sample, random: Random, findings: Findings) -> None:
        self._random, self._findings = random, findings
        self._frames = sample.frames
        self._framer = ClientFramer()
        self._now = datetime(2026, 6, 18, 12, tzinfo=UTC)
        self._spoilt = 0
        self.plant = Plant(sample.capabilities)
        self._good = cycle(list(good_frames(sample.frames[0])))
        for _ in range(2):
            self._take(b"".join(sample.frames))

    def batch(self) -> None:
        """Send damaged frames with valid ones after them, in chunks."""
        random = self._random
        stream, good = [], []
        for _ in range(BATCH):
            damage = random.choice(DAMAGES)
            good.append(next(self._good))
            stream += [damage(random, random.choice(self._frames)), good[-1]]
            self._findings.counts[damage.__name__] += 1
        whole = b"".join(stream)
        found: list[bytes] = []
        while whole:
            size = random.choice((len(whole), 164, 300, random.randrange(1, 700)))
            chunk, whole = whole[:size], whole[size:]
            found += self._take(chunk)
        expected = set(good)
        kept = [item for item in found if item in expected]
        self._findings.counts["good frames"] += len(good)
        if kept != good:
            lost = len(good) - len(kept)
            self._findings.problem(f"{lost} good frames lost, or in disorder")

    def _take(self, chunk: bytes) -> list[bytes]:
        """Parse a chunk, update the plant, and return the valid frames."""
        sound: list[bytes] = []
        try:
            for item in self._framer.feed(chunk):
                if isinstance(item, BasePDU):
                    sound.append(item.raw_frame)
                    self._tell(item)
                elif isinstance(item, ExceptionBase):
                    self._findings.counts[f"read as {type(item).__name__}"] += 1
                else:
                    self._findings.problem(f"the reader returned {item!r}")
        except Exception as err:  # noqa: BLE001
            self._findings.problem(f"{type(err).__name__}: {err} out of {chunk.hex()}")
            self._framer.reset()
        return sound

    def _tell(self, message: BasePDU) -> None:
        self._now += timedelta(seconds=1)
        damaged = getattr(message, "crc_failed", False)
        before = self._revisions() if damaged else {}
        verdict = self.plant.update(message, self._now)
        self._findings.counts["failed their checksum" if damaged else "taken for sound"] += 1
        if damaged and self._revisions() != before:
            self._findings.problem(f"{message} failed its checksum and was stored")
        if isinstance(message, ReadRegistersResponse) and damaged is (
            message.raw_frame == sealed(message.raw_frame)
        ):
            self._findings.problem(f"{message}: the checksum says otherwise")
        if isinstance(message, ReadRegistersResponse) and not damaged:
            self._findings.counts[f"answers {verdict.name.lower()}"] += 1
            self._spoilt += 1
            if self._spoilt % EVERY == 0:
                self.look()

    def _revisions(self) -> dict[int, int]:
        return {at: cache.revision for at, cache in self.plant.register_caches.items()}

    def look(self) -> None:
        """Decode the whole plant; every value must be believable or none."""
        self._findings.counts["looks at the plant"] += 1
        for device in self.plant.devices:
            model = device.device
            if isinstance(model, PlantInverter):
                model = model.direct or model
            elif isinstance(model, HvStack):
                model = model.bcu
            fields: Mapping[str, Any] = getattr(type(model), "all_fields", {})
            for name, reading in fields.items():
                self._judge(device.device_address, reading, getattr(model, name))

    def _judge(self, address: int, reading: Any, value: Any) -> None:
        self._findings.counts["values judged"] += 1
        if value is None or not isinstance(reading, RegisterField) or reading.within is None:
            return
        words = [
            self.plant.register_caches[address].get(register) for register in reading.registers
        ]
        if value not in reading.within and any(words):
            self._findings.problem(f"{reading.name} is {value}, of {words}")


def good_frames(like: bytes) -> Iterator[bytes]:
    """Yield answers that nothing else looks like, about registers no device declares."""
    for base in range(20000, 20000 + 3 * BATCH):
        yield ReadInputRegistersResponse(
            device_address=0xEE,
            inverter_serial_number=like[28:38].decode("latin-1"),
            data_adapter_serial_number=like[8:18].decode("latin-1"),
            base_register=base,
            register_count=2,
            register_values=(base, 0xFFFF - base),
        ).encode()


def unprompted(name: str) -> list[bytes]:
    """Return what an adapter sends that is no answer to a read."""
    simulator = Simulator(name)
    serial = simulator.profile.adapter_serial
    return [
        simulator.heartbeat(),
        LanConfigBroadcast(
            data_adapter_serial_number=serial,
            ip="192.168.0.77",
            netmask="255.255.255.0",
            gateway="192.168.0.1",
            check=b"\x5c\x39",
        ).encode(),
        NullResponse(data_adapter_serial_number=serial).encode(),
        *(
            WriteHoldingRegisterResponse(
                data_adapter_serial_number=serial,
                inverter_serial_number=simulator.bus.inverter_serial,
                register=110,
                value=20,
                error=error,
            ).encode()
            for error in (False, True)
        ),
    ]


def fuzz(count: int, seed: int = 0, report: Callable[[str], object] = print) -> Findings:
    """Send so many damaged frames to plants of every family."""
    findings = Findings()
    plants = list(PROFILES)
    each = -(-count // (len(plants) * BATCH))
    for number, name in enumerate(plants):
        frames = sample(name)
        frames.frames.extend(unprompted(name))
        fuzzed = FuzzedPlant(frames, Random(seed + number), findings)
        for _ in range(each):
            fuzzed.batch()
        fuzzed.look()
        report(
            f"{name}: {each * BATCH:,} damaged frames, problems so far: {len(findings.problems)}"
        )
    return findings


def main() -> None:
    """Do it, print the figures, and exit with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable()
    began = time.monotonic()
    findings = fuzz(options.frames, options.seed)
    damaged = sum(findings.counts[damage.__name__] for damage in DAMAGES)
    for name, count in sorted(findings.counts.items()):
        print(f"{count:>12,}  {name}")
    print(f"{damaged:>12,}  damaged frames in {time.monotonic() - began:.0f} s")
    for problem in findings.problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if findings.problems else 0)


if __name__ == "__main__":
    main()
