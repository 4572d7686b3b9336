"""Redact what identifies a device or a network in plain text."""

import re
from base64 import b64decode, b64encode
from contextlib import suppress
from ipaddress import ip_address

from ...model.redaction import redact_serial, redact_text
from ...pdu import MARKER
from ..capture import redact_bytes
from .edits import TextEdits

REDACTED = "redacted"

_KEPT = 7
"""Leading characters of a serial that stay."""

_SPACED_SERIAL = re.compile(
    r"\b([A-Z]{2}[ _-]?\d{4}[ _-]?[A-Z][ _-]?|[A-Z]{3}[ _-]?\d{4}[ _-]?)\d{3}\b", re.IGNORECASE
)
_SERIAL_VALUE = re.compile(
    r"(?:serial|\bsn\b)[\w -]*?[\"']?\s*(?:[:=│|]\s*|\bis\s+)b?[\"']?([^\s\"',;)}\]│|]+)",
    re.IGNORECASE,
)
_HOST_VALUE = re.compile(
    r"(?:\b(?:host(?:[ _]?name)?|ip(?:[ _]address)?|\w+_HOST)[\"']?\s*[:=]\s*[\"']?|--host[ =]|-H )"
    r"([^\s\"',;)}\]│|]+)",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(
    r"(?<![\w:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])", re.IGNORECASE
)
_ENDPOINT = re.compile(r"(?<=connecting to )[^\s:]+(?=:\d)")
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/=-])")
_URL_SAFE = str.maketrans("+/", "-_"), str.maketrans("-_", "+/")
_HEX = re.compile(r"[0-9a-fA-F]+")
_DIGITS = re.compile(r"\d")


def redact_plain(text: str) -> str:
    """Redact serials by their shape, and network addresses by theirs."""
    text = redact_text(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
    text = _SPACED_SERIAL.sub(r"\g<1>000", text)
    text = _ENDPOINT.sub(lambda match: _redact_host(match[0]), text)
    text = _MAC.sub(r"xx\1xx\1xx\1xx\1xx\1xx", text)
    return _IPV6.sub(_redact_address, _IPV4.sub(_redact_address, text))


def redact_serial_value(value: str) -> str:
    """Redact the value of something that is called a serial number."""
    if redact_serial(value, strict=True):
        return redact_serial(value)
    if value.isdigit():
        return "0" * len(value)
    if len(value) > _KEPT and value.isalnum() and any(map(str.isdigit, value)):
        return value[:_KEPT] + "0" * (len(value) - _KEPT)
    return redact_plain(value)


def zero_digits(text: str) -> str:
    """Return a text with 0 for every digit."""
    return _DIGITS.sub("0", text)


def redact_named_values(edits: TextEdits) -> None:
    """Redact values that are called a serial number or a host."""
    for pattern, redact in ((_SERIAL_VALUE, redact_serial_value), (_HOST_VALUE, _redact_host)):
        for match in pattern.finditer(edits.text):
            if edits.is_free(*match.span(1)) and redact(match[1]) != match[1]:
                edits.replace(*match.span(1), redact(match[1]))


def redact_base64(edits: TextEdits) -> None:
    """Redact frames and serials written in base64, of either alphabet, padded or not."""
    for match in _BASE64.finditer(edits.text):
        if not edits.is_free(*match.span()) or _HEX.fullmatch(match[0]):
            continue
        to_url_safe, from_url_safe = _URL_SAFE
        text = match[0].translate(from_url_safe)
        with suppress(ValueError):
            data = b64decode(text + "=" * (-len(text) % 4), validate=True)
            redacted = redact_text(redact_bytes(data) if MARKER in data else data)
            if redacted != data:
                new = b64encode(redacted).decode()[: len(text)]
                is_url_safe = text != match[0]
                edits.replace(*match.span(), new.translate(to_url_safe) if is_url_safe else new)


def _redact_host(host: str) -> str:
    return host if host in (REDACTED, "localhost") or host.startswith("127.") else REDACTED


def _redact_address(match: re.Match[str]) -> str:
    """Return a network address without its digits, unless it is of this machine or none."""
    try:
        address = ip_address(match[0])
    except ValueError:
        return match[0]
    if address.is_loopback or address.is_unspecified:
        return match[0]
    return "x.x.x.x" if address.version == 4 else "x::x"
