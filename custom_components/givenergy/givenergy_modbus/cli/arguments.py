"""Parse command-line words into a command's arguments."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from enum import IntEnum
from types import NoneType, UnionType
from typing import Any, TypeAliasType, get_args

from ..model import TimeSlot

NUMBER = "N"
"""The placeholder of a plain number."""

_NOTHING = ("none", "off", "clear", "-")
_YES = ("on", "yes", "true", "1")
_NO = ("off", "no", "false", "0")
_SLOT = re.compile(r"(\d{1,2}):?(\d{2})\s*(?:-|to)\s*(\d{1,2}):?(\d{2})")
_TIME = re.compile(r"(\d{1,2}):?(\d{2})")


def kinds(annotation: Any) -> tuple[type, ...]:
    """Return the types an argument may have."""
    return tuple(_kinds(annotation))


def _kinds(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, TypeAliasType):
        yield from _kinds(annotation.__value__)
    elif isinstance(annotation, UnionType):
        for member in get_args(annotation):
            yield from _kinds(member)
    else:
        yield NoneType if annotation is None else annotation


def placeholder(annotation: Any) -> str:
    """Return the placeholder of an argument in usage lines."""
    allowed = kinds(annotation)
    shown = [kind for kind in allowed if kind is not datetime or time not in allowed]
    return "|".join(dict.fromkeys(word for kind in shown for word in _spellings(kind)))


def _spellings(kind: type) -> Iterator[str]:
    if kind is bool:
        yield "on|off"
    elif kind is TimeSlot:
        yield "HH:MM-HH:MM"
    elif kind is time:
        yield "HH:MM"
    elif kind is datetime:
        yield "YYYY-MM-DDTHH:MM:SS|now"
    elif kind is NoneType:
        yield "none"
    elif issubclass(kind, IntEnum):
        yield "|".join(member.name.lower() for member in kind)
    else:
        yield NUMBER


def parse(text: str, annotation: Any) -> Any:
    """Parse an argument. Raises ValueError for invalid text."""
    allowed = kinds(annotation)
    if NoneType in allowed and text.lower() in _NOTHING:
        return None
    for kind in allowed:
        if kind is not NoneType and (value := _read(text.strip(), kind)) is not None:
            return value
    raise ValueError(f"{text!r} is not {_either(placeholder(annotation))}")


def _either(words: str) -> str:
    return "a whole number" if words == NUMBER else words.replace("|", " or ")


def _read(text: str, kind: Any) -> Any:
    """Parse text as one type, None if it is invalid."""
    try:
        if (reader := _READERS.get(kind)) is not None:
            return reader(text)
        if issubclass(kind, IntEnum):
            return kind[text.upper().replace("-", "_")]
        return kind(text)
    except ValueError, KeyError:
        return None


def _switch(text: str) -> bool | None:
    return True if text.lower() in _YES else False if text.lower() in _NO else None


def _slot(text: str) -> TimeSlot | None:
    ends = _SLOT.fullmatch(text)
    return None if ends is None else TimeSlot.from_components(*map(int, ends.groups()))


def _time(text: str) -> time | None:
    at = _TIME.fullmatch(text)
    return None if at is None else time(int(at[1]), int(at[2]))


def _moment(text: str) -> datetime:
    """Return a local time without a zone, as inverters store it."""
    if text.lower() == "now":
        return datetime.now()  # noqa: DTZ005
    return datetime.fromisoformat(text)


_READERS: Mapping[type, Callable[[str], Any]] = {
    bool: _switch,
    TimeSlot: _slot,
    time: _time,
    datetime: _moment,
}
