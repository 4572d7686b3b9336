"""Redact registers written in a text: rows of a dump, one register per line, lists of numbers."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...model.redaction import redact_text, redact_words
from ...model.register import Bank, Register
from ...pdu import MARKER
from ..capture import redact_bytes
from .edits import TextEdits
from .identifiers import redact_plain, zero_digits

_LAST_ADDRESS = 0xFFFF
_DIGITS_PER_WORD = 4

_ROW = re.compile(
    r"(?:(?P<address>0x[0-9a-f]{1,2})\s*:\s*)?(?P<bank>HR|IR|MR)"
    r"\((?P<start>\d{1,5}),\s*(?P<count>\d{1,3})\)[:\s]*",
    re.IGNORECASE,
)
_ROW_DIGITS = re.compile(r"[ \t]*([0-9a-f])", re.IGNORECASE)
_BREAK = re.compile(r"[ \t\"',+|>\\]*(?:\\[rn]|\n|\r)+(?:\\[rnt]|[\s\"'>|])*", re.IGNORECASE)
_HEX_LINE = re.compile(r"[0-9a-f][0-9a-f \t]*(?=[ \t\"',+|\\]*(?:\\[rn]|[\r\n]|\Z))", re.IGNORECASE)
_HEADER = re.compile(
    r"(?:device |[\"']|^[ \t>]*)(0x[0-9a-f]{1,2})[\"']?\s*[:{]?", re.IGNORECASE | re.MULTILINE
)
_REGISTER = re.compile(
    r"(?:(?P<address>0x[0-9a-f]{1,2})[\s:,/|]+)?\b(?P<bank>HR|IR|MR)"
    r"(?:\s?\(\s*(?P<at>\d{1,5})\s*\)|[:_ ](?P<at2>\d{1,5}))[\"']?[ \t]*[:=|]?[ \t]*"
    r"(?:(?P<hex>0x[0-9a-f]{1,4})\b[ \t|]*)?(?P<decimal>\d{1,5}\b)?",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"[\[(]\s*((?:0x[0-9a-f]{1,4}|\d{1,5})(?:\s*,\s*(?:0x[0-9a-f]{1,4}|\d{1,5})){3,})\s*,?\s*[\])]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"0x[0-9a-f]+|\d+", re.IGNORECASE)


@dataclass(slots=True)
class _Device:
    """Words of one device, each with the way to write another one in its place."""

    address: int | None
    words: dict[Register, int] = field(default_factory=dict)
    digits: dict[Register, list[int]] = field(default_factory=dict)
    matches: dict[Register, re.Match[str]] = field(default_factory=dict)


class _Devices:
    """Devices of the dumps in a text; a register that comes again begins another dump."""

    def __init__(self) -> None:
        self.all: list[_Device] = []
        self._current: dict[int | None, _Device] = {}

    def of(self, address: int | None, register: Register) -> _Device:
        """Return the device that takes a register."""
        device = self._current.get(address)
        if device is None or register in device.words:
            device = self._current[address] = _Device(address)
            self.all.append(device)
        return device


def redact_rows(edits: TextEdits) -> None:
    """Redact rows such as ``0x11:HR(0,3) 200100030832``, reflowed or cut."""
    devices, headers = _Devices(), _Headers(edits.text)
    for match in _ROW.finditer(edits.text):
        places = _row_places(edits.text, match.end(), _DIGITS_PER_WORD * int(match["count"]))
        if not places or not edits.is_free(match.start(), places[-1] + 1):
            continue
        edits.claim(match.start(), places[-1] + 1)
        _zero_rest(edits, places)
        address = headers.address(match)
        bank, start = Bank(match["bank"].upper()), int(match["start"])
        for offset in range(len(places) // _DIGITS_PER_WORD):
            if start + offset > _LAST_ADDRESS:
                continue
            register = Register.at(bank, start + offset)
            own = places[_DIGITS_PER_WORD * offset : _DIGITS_PER_WORD * (offset + 1)]
            device = devices.of(address, register)
            device.words[register] = int("".join(edits.text[place] for place in own), 16)
            device.digits[register] = own
    for device in devices.all:
        for register, word in _changed(device):
            edits.replace_hex(device.digits[register], f"{word:04x}")


def _zero_rest(edits: TextEdits, places: list[int]) -> None:
    """Zero the digits at the end of a row that make no whole word."""
    whole = len(places) - len(places) % _DIGITS_PER_WORD
    for place in places[whole:]:
        edits.replace(place, place + 1, "0")


def _row_places(text: str, at: int, most: int) -> list[int]:
    """Return where the digits of a row are; it goes on in lines of nothing but digits."""
    places: list[int] = []
    while len(places) < most:
        if digit := _ROW_DIGITS.match(text, at):
            if _REGISTER.match(text, digit.start(1)) or _ROW.match(text, digit.start(1)):
                break
            places.append(digit.start(1))
            at = digit.end()
        elif (gap := _BREAK.match(text, at)) and _HEX_LINE.match(text, gap.end()):
            at = gap.end()
        else:
            break
    return places


def redact_single_registers(edits: TextEdits) -> None:
    """Redact registers written one by one, such as ``0x11  HR(17) 0x3131 12593  name: value``."""
    devices, headers = _Devices(), _Headers(edits.text)
    for match in _REGISTER.finditer(edits.text):
        number = _word(match)
        at = int(match["at"] or match["at2"])
        if number is None or at > _LAST_ADDRESS or not edits.is_free(*match.span()):
            continue
        edits.claim(*match.span())
        register = Register.at(Bank(match["bank"].upper()), at)
        device = devices.of(headers.address(match), register)
        device.words[register] = number
        device.matches[register] = match
    for device in devices.all:
        for register, word in _changed(device):
            _rewrite(edits, device.matches[register], word)


def _rewrite(edits: TextEdits, match: re.Match[str], word: int) -> None:
    """Write another word in both notations, and blank what was decoded from the old one."""
    if match["hex"]:
        width = len(match["hex"]) - 2
        edits.replace(*match.span("hex"), f"0x{word:0{width}x}")
    if match["decimal"]:
        edits.replace(*match.span("decimal"), str(word))
    if match["hex"] and match["decimal"]:
        end = edits.text.find("\n", match.end())
        end = len(edits.text) if end < 0 else end
        rest = edits.text[match.end() : end]
        if edits.is_free(match.end(), end):
            plain = redact_plain(rest)
            edits.replace(match.end(), end, zero_digits(rest) if plain == rest else plain)


def redact_numbers(edits: TextEdits) -> None:
    """Redact lists of words or bytes, such as ``[21313, 12849, ...]``."""
    for match in _NUMBERS.finditer(edits.text):
        if not edits.is_free(*match.span(1)):
            continue
        edits.claim(*match.span(1))
        found = list(_NUMBER.finditer(edits.text, *match.span(1)))
        numbers = [int(number[0], 0) if "x" in number[0].lower() else int(number[0])
                   for number in found]  # fmt: skip
        for number, new in zip(found, redact_integers(numbers), strict=True):
            if int(number[0], 16 if "x" in number[0].lower() else 10) != new:
                edits.replace(*number.span(), hex(new) if "x" in number[0] else str(new))


def redact_integers(numbers: list[int]) -> list[int]:
    """Return integers, taken as bytes or as words, with serials redacted."""
    for size in (1, 2):
        if all(0 <= number < 0x100**size for number in numbers):
            raw = b"".join(number.to_bytes(size) for number in numbers)
            raw = redact_bytes(raw) if size == 1 and MARKER in raw else redact_text(raw)
            redacted = [int.from_bytes(raw[at : at + size]) for at in range(0, len(raw), size)]
            if redacted != numbers:
                return redacted
    return numbers


def _changed(device: _Device) -> Iterator[tuple[Register, int]]:
    redacted = redact_words(device.words, device.address)
    for register, word in device.words.items():
        if redacted[register] != word:
            yield register, redacted[register]


def _word(match: re.Match[str]) -> int | None:
    if match["hex"]:
        return int(match["hex"], 16)
    number = int(match["decimal"]) if match["decimal"] else None
    return number if number is not None and number <= 0xFFFF else None


class _Headers:
    """The device addresses that a text names, by place."""

    def __init__(self, text: str) -> None:
        found = [(match.start(), int(match[1], 16)) for match in _HEADER.finditer(text)]
        self._places = [place for place, _ in found]
        self._addresses = [address for _, address in found]

    def address(self, match: re.Match[str]) -> int | None:
        """Return the device of a register: named with it, or by the last header above."""
        if match["address"]:
            return int(match["address"], 16)
        above = bisect_left(self._places, match.start())
        return self._addresses[above - 1] if above else None
