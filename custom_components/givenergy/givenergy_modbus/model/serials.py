"""Serial numbers: their format, and the unusual ways in which some are stored."""

import re
from typing import TypeGuard

from .codecs import Codec, serial

_SERIAL = re.compile("[A-Z0-9]{10}")


def is_serial(text: str | None) -> TypeGuard[str]:
    """Whether a text is a whole serial number: ten capital letters and digits."""
    return text is not None and _SERIAL.fullmatch(text) is not None


def _decode_split(letters: int, first: int, *rest: int) -> str | None:
    """Decode five words, the first of which may be in the register before them.

    No temperature looks like two capital letters: it would be above 1600 degrees.
    """
    stray = letters.to_bytes(2, "big")
    astray = first == 0 and stray.isalpha() and stray.isupper()
    return serial.decode(letters if astray else first, *rest)


split_serial = Codec(str, decode=_decode_split, words=6, optional=1, identifies=True)
"""A serial number after the register where some firmware puts its first two letters."""


def _decode_number(high: int, low: int) -> str | None:
    return str(high << 16 | low) if high or low else None


def _encode_number(text: str) -> tuple[int, ...]:
    number = int(text)
    return number >> 16, number & 0xFFFF


number_serial = Codec(str, decode=_decode_number, encode=_encode_number, words=2, identifies=True)
"""A serial number that is a number; zero is none."""
