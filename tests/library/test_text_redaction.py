"""No serial number and no address survives redaction, in any form of text."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from givenergy_modbus.client.capture import FrameRedactor
from givenergy_modbus.client.text_redaction import redact_any_text
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR, MR, Register
from givenergy_modbus.model.register_cache import RegisterCache, parse_compact, to_compact
from givenergy_modbus.pdu import (
    HeartbeatRequest,
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
    WriteHoldingRegisterResponse,
)
from givenergy_modbus.simulator import PROFILES
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.library.pages import page, spelled

SERIALS = st.one_of(
    st.from_regex(r"[A-Z]{2}[0-4]{4}[A-Z][5-9]{3}", fullmatch=True),
    st.from_regex(r"[A-Z]{3}[0-4]{4}[5-9]{3}", fullmatch=True),
)
"""Both shapes a serial has, with a unit that looks like no date."""
WORDS = st.lists(
    st.sampled_from([0, 1, 99, 449, 1000, 3300, 8193, 50000, 0xFFFF]), min_size=60, max_size=60
)
"""Words that are no text by chance."""


def _identity(serial: str, adapter: str, words: list[int]) -> bytes:
    values = [*words[:13], *spelled(serial), *words[18:]]
    return ReadHoldingRegistersResponse(
        data_adapter_serial_number=adapter,
        inverter_serial_number=serial,
        device_address=0x11,
        base_register=0,
        register_count=60,
        register_values=tuple(values),
    ).encode()


def _pack(serial: str, adapter: str, words: list[int]) -> bytes:
    values = [*words[:50], *spelled(serial), *words[55:]]
    return ReadInputRegistersResponse(
        data_adapter_serial_number=adapter,
        inverter_serial_number=serial,
        device_address=0x32,
        base_register=60,
        register_count=60,
        register_values=tuple(values),
    ).encode()


def _written(serial: str, adapter: str, words: list[int]) -> bytes:
    return WriteHoldingRegisterResponse(
        data_adapter_serial_number=adapter,
        inverter_serial_number=serial,
        device_address=0x11,
        register=110,
        value=words[0],
    ).encode()


FRAMES = (_identity, _pack, _written)


def _hex_dump(frame: bytes) -> str:
    """Return bytes as xxd writes them."""
    rows = []
    for at in range(0, len(frame), 16):
        part = frame[at : at + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        rows.append(f"{at:08x}: {part.hex(' ', 2):<39}  {text}")
    return "\n".join(rows)


def _canonical_hex_dump(frame: bytes) -> str:
    """Return bytes as hexdump -C writes them."""
    rows = []
    for at in range(0, len(frame), 16):
        part = frame[at : at + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        rows.append(f"{at:08x}  {part[:8].hex(' '):<23}  {part[8:].hex(' '):<23}  |{text}|")
    return "\n".join(rows)


FRAME_FORMS: Mapping[str, Callable[[bytes], str]] = {
    "capture": lambda frame: f"2026-05-28T18:04:39+00:00 rx {frame.hex()}\n",
    "no time": lambda frame: f"rx: {frame.hex()}",
    "upper case": lambda frame: f"RX: {frame.hex().upper()}",
    "log": lambda frame: f"2026-05-28 18:04:39.123 DEBUG (MainThread) [x] rx {frame.hex()}, 3 s",
    "quoted": lambda frame: f'> > rx "{frame.hex()}"',
    "indented": lambda frame: f"\t    rx {frame.hex()}  ",
    "called sent": lambda frame: f"tx {frame.hex()}",
    "equals": lambda frame: f"rx={frame.hex()};",
    "bare": lambda frame: frame.hex(),
    "bare upper case": lambda frame: frame.hex().upper(),
    "in a sentence": lambda frame: f"I received {frame.hex()} from it.",
    "after a letter": lambda frame: f"frame={frame.hex()} a{frame.hex()}",
    "0x": lambda frame: f"0x{frame.hex()}",
    "spaced": lambda frame: frame.hex(" "),
    "colons": lambda frame: frame.hex(":").upper(),
    "dashes": lambda frame: frame.hex("-"),
    "words": lambda frame: frame.hex(" ", 2),
    "numbers": lambda frame: str(list(frame)),
    "hex numbers": lambda frame: f"[{', '.join(map(hex, frame))}]",
    "two digits each": lambda frame: ", ".join(f"0x{byte:02X}" for byte in frame),
    "repr": repr,
    "escapes": lambda frame: "".join(f"\\x{byte:02x}" for byte in frame),
    "base64": lambda frame: base64.b64encode(frame).decode(),
    "base64 unpadded": lambda frame: base64.b64encode(frame).decode().rstrip("="),
    "base64 for URLs": lambda frame: base64.urlsafe_b64encode(frame).decode(),
    "hex dump": _hex_dump,
    "canonical hex dump": _canonical_hex_dump,
    "pipes": lambda frame: frame.hex("|").upper(),
    "wrapped": lambda frame: "rx " + re.sub("(.{76})", r"\1\n", frame.hex()),
    "wrapped bare": lambda frame: re.sub("(.{64})", r"\1\n> ", frame.hex()),
    "two lines": lambda frame: f"rx {frame[:33].hex()}\n# note\nrx {frame[33:].hex()}\n",
    "cut begin": lambda frame: f"rx {frame[31:].hex()}",
    "cut end": lambda frame: f"rx {frame[:-7].hex()}f",
    "json": lambda frame: json.dumps({"data": [{"log": f"a\nrx {frame.hex()}\nb"}]}, indent=2),
    "json list": lambda frame: json.dumps([frame[:20].hex(), frame[20:].hex()]),
    "json numbers": lambda frame: json.dumps({"a": {"b": {"frame": list(frame)}}}),
    "json in json": lambda frame: json.dumps({"a": json.dumps({"b": frame.hex()})}),
    "json lines": lambda frame: f'start\n{{"rx": "{frame.hex()}"}}\n{{"n": 1}}\n',
    "escaped line ends": lambda frame: f'"{frame.hex()}\\n{frame.hex()}\\n"',
    "markdown": lambda frame: f"| rx | `{frame.hex()}` |",
    "prefixed": lambda frame: f"homeassistant  | rx {frame.hex()}",
}


def assert_no_unit(text: str, *serials: str) -> None:
    """Fail if the last three characters of a serial stand anywhere behind some others."""
    digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", text).lower()
    numbers = bytes(int(item, 0) & 0xFF for item in re.findall(r"0x[0-9a-f]{2}\b|\b\d{1,3}\b", text)
                    if not re.match(r"0\d", item))  # fmt: skip
    encoded = b""
    for word in re.findall(r"[A-Za-z0-9+/_-]{40,}", text):
        with suppress(ValueError):
            padded = word + "=" * (-len(word) % 4)
            encoded += base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    for serial in serials:
        tail = serial[-4:].encode()
        assert serial not in text
        assert tail.hex() not in digits
        assert tail not in numbers
        assert tail not in encoded


@pytest.mark.parametrize("form", FRAME_FORMS)
@pytest.mark.parametrize("frame", FRAMES)
@settings(max_examples=6)
@given(serial=SERIALS, adapter=SERIALS, words=WORDS)
def test_frames_in_every_form(
    frame: Callable[..., bytes], form: str, serial: str, adapter: str, words: list[int]
) -> None:
    text = FRAME_FORMS[form](frame(serial, adapter, words))
    shown = redact_any_text(text)
    assert_no_unit(shown, serial, adapter)
    assert redact_any_text(shown) == shown


CAPTURE_FORMS = ("capture", "no time", "upper case", "bare", "in a sentence", "prefixed", "0x")


@pytest.mark.parametrize("form", [*CAPTURE_FORMS, "spaced", "wrapped", "wrapped bare"])
def test_frames_stay_frames(form: str) -> None:
    """A frame that can be read keeps everything else, and its checksum is right again."""
    words = list(range(1000, 1060))
    text = FRAME_FORMS[form](_identity("SA2241G101", "WF2239G017", words))
    assert redact_any_text(text) == FRAME_FORMS[form](_identity("SA2241G000", "WF2239G000", words))


def test_requests_stay_requests() -> None:
    request = replace(
        ReadHoldingRegistersRequest(device_address=0x11, base_register=0, register_count=60),
        data_adapter_serial_number="AB1234G567",
    )
    shown = replace(request, data_adapter_serial_number="AB1234G000").encode().hex()
    for form in ("tx {}", "TX: {}", "{}", "sent {}"):
        assert redact_any_text(form.format(request.encode().hex())) == form.format(shown)
    heartbeat = HeartbeatRequest(data_adapter_serial_number="WF2239G017").encode().hex()
    assert "313731" not in redact_any_text(f"rx {heartbeat}")


@given(SERIALS, st.integers(0, 9))
def test_bytes_that_cannot_be_read_lose_their_digits(serial: str, at: int) -> None:
    """Hexadecimal that is neither frame nor row keeps no part of a serial."""
    for whole in (serial, f"???{serial[at:]}??", f"{serial}{serial}"):
        for text in (
            whole.encode().hex(),
            f"x {whole.encode().hex()} y",
            f"f{whole.encode().hex()}",
        ):
            if len(text) > 24:
                assert serial[-3:].encode().hex() not in redact_any_text(text)


def _caches(serial: str) -> dict[int, RegisterCache]:
    inverter = page(HR(0), [0x2001, *[0] * 12, *spelled(serial), *range(42)])
    inverter |= page(IR(0), range(1000, 1060))
    pack = page(IR(60), [*range(3300, 3350), *spelled(serial), 8, 0, 0, 0, 0])
    meter = page(MR(60), [0x3A79, 0x5E01, 0x4553]) | page(IR(60), [2400] * 30)
    return {0x11: RegisterCache(inverter), 0x32: RegisterCache(pack), 1: RegisterCache(meter)}


def _redacted_rows(serial: str) -> str:
    plant = Plant()
    plant.register_caches.update(_caches(serial))
    return to_compact(plant.redact().register_caches)


ROW_FORMS: Mapping[str, Callable[[str], str]] = {
    "as it is": lambda rows: f"# note\n{rows}\n",
    "indented": lambda rows: "\n".join(f"   {row}" for row in rows.splitlines()),
    "quoted": lambda rows: "\n".join(f"> {row}" for row in rows.splitlines()),
    "in a log": lambda rows: "\n".join(f"12:00:00 INFO {row} end" for row in rows.splitlines()),
    "upper case": lambda rows: re.sub(r"(?<= )[0-9a-f]+", lambda value: value[0].upper(), rows),
    "wrapped": lambda rows: re.sub(r"([0-9a-f]{40})", r"\1\n", rows),
    "wrapped quote": lambda rows: re.sub(r"([0-9a-f]{40})", r"\1\n> ", rows),
    "json": lambda rows: json.dumps({"data": {"registers": rows.splitlines()}}, indent=2),
    "json text": lambda rows: json.dumps({"data": [{"registers": rows}]}),
    "json pasted": lambda rows: "see:\n" + json.dumps({"registers": rows.splitlines()}, indent=2),
    "yaml": lambda rows: "registers:\n" + "\n".join(f"  - '{row}'" for row in rows.splitlines()),
}


@pytest.mark.parametrize("form", ROW_FORMS)
@settings(max_examples=6)
@given(serial=SERIALS)
def test_rows_in_every_form(form: str, serial: str) -> None:
    """Rows of a dump are redacted in place: the same form, the words the library redacts."""
    shown = redact_any_text(ROW_FORMS[form](to_compact(_caches(serial))))
    assert shown == ROW_FORMS[form](_redacted_rows(serial))
    assert redact_any_text(shown) == shown


@pytest.mark.parametrize("cut", [7, 63, 90])
def test_rows_cut_short(cut: int) -> None:
    row = to_compact({0x11: _caches("SA2241G101")[0x11]}).splitlines()[0]
    assert_no_unit(redact_any_text(row[:cut]), "SA2241G101")
    wrong_count = row.replace("(0,60)", "(0,99)") + "\nother"
    assert_no_unit(redact_any_text(wrong_count), "SA2241G101")


REGISTER_FORMS: Mapping[str, Callable[[Mapping[Register, int]], str]] = {
    "probe": lambda words: "\n".join(
        f"0x11  {register!s:<9} {word:#06x} {word:6}  name: value"
        for register, word in words.items()
    ),
    "decimal": lambda words: "\n".join(f"{register} = {word}" for register, word in words.items()),
    "pairs": lambda words: ", ".join(f"{register}: {word}" for register, word in words.items()),
    "other names": lambda words: "\n".join(
        f"HR:{register.address} {word}" for register, word in words.items()
    ),
    "json": lambda words: json.dumps(
        {"a": {"0x11": {str(item): word for item, word in words.items()}}}
    ),
    "json by colon": lambda words: json.dumps(
        {f"HR:{item.address}": w for item, w in words.items()}
    ),
    "python": lambda words: repr({str(item): word for item, word in words.items()}),
    "values": lambda words: f"register_values=({', '.join(map(str, words.values()))})",
    "json values": lambda words: json.dumps({"x": {"values": list(words.values())}}),
    "markdown": lambda words: "\n".join(f"| {item} | {word} |" for item, word in words.items()),
}


@pytest.mark.parametrize("form", REGISTER_FORMS)
@settings(max_examples=6)
@given(serial=SERIALS)
def test_registers_in_every_form(form: str, serial: str) -> None:
    words = page(HR(10), [1, 2, 3, *spelled(serial), 4])
    shown = redact_any_text(REGISTER_FORMS[form](words))
    expected = page(HR(10), [1, 2, 3, *spelled(f"{serial[:7]}000"), 4])
    if form == "probe":
        lines = zip(shown.splitlines(), expected.items(), strict=True)
        assert all(f"{word:#06x}" in line for line, (_, word) in lines)
        assert all(re.search(rf"\b{word}\b", line) for line, word in
                   zip(shown.splitlines(), expected.values(), strict=True))  # fmt: skip
    else:
        assert shown == REGISTER_FORMS[form](expected)


@given(
    SERIALS, st.sampled_from(["{}", "my {} is", "{}.", "({})", "GivEnergy_{}_soc", "{}-{}", "é{}"])
)
def test_serials_in_plain_text(serial: str, form: str) -> None:
    for written in (serial, serial.lower()):
        shown = redact_any_text(form.replace("{}", written))
        assert shown == form.replace("{}", f"{written[:7]}000")
    letters = 2 if serial[6].isalpha() else 3
    spaced = f"{serial[:letters]} {serial[letters:-3]}-{serial[-3:]}"
    assert serial[-3:] not in redact_any_text(f"number {spaced} here")


@given(SERIALS)
def test_serials_as_keys_and_values_of_json(serial: str) -> None:
    values = {serial: {"identity": serial, "list": [[serial]]}, "n": 1, "none": None, "yes": True}
    shown = redact_any_text(json.dumps(values))
    redacted = f"{serial[:7]}000"
    assert json.loads(shown) == {
        redacted: {"identity": redacted, "list": [[redacted]]},
        "n": 1,
        "none": None,
        "yes": True,
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("serial_number: 98136577", "serial_number: 00000000"),
        ("Serial number │ 98136577", "Serial number │ 00000000"),
        ('{"serial_number": 98136577}', '{"serial_number": 0}'),
        ("serial number is A1B2C3D4E5", "serial number is A1B2C3D000"),
        ("dongle at 192.168.1.50:8899", "dongle at x.x.x.x:8899"),
        ("ssh root@10.0.0.2", "ssh root@x.x.x.x"),
        ("at 127.0.0.1", "at 127.0.0.1"),
        ("fe80::1ff:fe23:4567:890a here", "x::x here"),
        ("MAC aa:bb:cc:dd:ee:ff.", "MAC xx:xx:xx:xx:xx:xx."),
        ('{"host": "inverter.local", "port": 8899}', '{"host": "redacted", "port": 8899}'),
        ("detect --host inverter.local -v", "detect --host redacted -v"),
        ("GIVENERGY_HOST=inverter.lan", "GIVENERGY_HOST=redacted"),
        ("version 1.4.2, at 12:34:56 on 2026-05-28", "version 1.4.2, at 12:34:56 on 2026-05-28"),
        ("2026-05-28 18:04:39,123 10 20 30", "2026-05-28 18:04:39,123 10 20 30"),
        ("", ""),
    ],
)
def test_names_numbers_and_addresses(text: str, shown: str) -> None:
    assert redact_any_text(text) == shown


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """No text is an error, and redacting twice changes nothing."""
    shown = redact_any_text(text)
    assert redact_any_text(shown) == shown


@pytest.mark.parametrize("name", PROFILES)
def test_every_simulated_plant(name: str) -> None:
    """The rows of a plant are redacted as the plant itself is."""
    plant = Plant.from_caches(PROFILES[name].build())
    shown = redact_any_text(to_compact(plant.register_caches))
    assert parse_compact(shown) == parse_compact(to_compact(plant.redact().register_caches))


def test_recordings_keep_their_form(captures: Path) -> None:
    """A recording has its frames redacted, and everything else as it was."""
    for path in sorted((captures / "captures").glob("*.log"))[:3]:
        lines = path.read_text().splitlines()[:400]
        shown = redact_any_text("\n".join(lines)).splitlines()
        assert [line.split()[:2] for line in shown] == [line.split()[:2] for line in lines]
        for direction in ("rx", "tx"):
            before, after = _bytes(lines, direction), _bytes(shown, direction)
            redactor = FrameRedactor(direction)
            assert after == redactor.feed(before) + redactor.flush(), path


def _bytes(lines: list[str], direction: str) -> bytes:
    parts = [line.split() for line in lines]
    return b"".join(bytes.fromhex(part[2]) for part in parts if part[1:2] == [direction])
