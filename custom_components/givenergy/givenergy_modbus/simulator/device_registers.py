"""One device's registers by attribute name, for reading and writing."""

from collections.abc import Mapping
from datetime import datetime, time
from enum import Enum
from functools import cache
from typing import Any

from ..model import TimeSlot
from ..model.codecs import Codec
from ..model.register import Register, RegisterField
from ..model.register_cache import RegisterCache
from ..model.register_model import RegisterModel

type Values = Mapping[Any, Any]
"""Values by attribute name, or words by register.

Keys are not typed any closer because a mapping of names alone would not fit.
"""


class DeviceRegisters:
    """Reads and writes the registers of one device by attribute name.

    Unlike a command it writes anything a device may show: measurements, and
    numbers finer than their register, which are rounded. A counter past the
    end of its register starts again at 0, as it does in the device.
    """

    def __init__(self, words: RegisterCache, *models: type[RegisterModel]) -> None:
        """Look names up in the models, in order."""
        self.words = words
        self._fields = _fields(models)

    def __getitem__(self, name: str) -> Any:
        """Return a field's value, None if it is invalid."""
        return self._fields[name].read(self.words)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field's value, or the default if it is missing or invalid."""
        field = self._fields.get(name)
        value = None if field is None else field.read(self.words)
        return default if value is None else value

    def write(self, values: Values) -> None:
        """Encode values into their registers. Raises ValueError for an invalid value."""
        for name, value in values.items():
            if isinstance(name, Register):
                self.words[name] = int(value)
                continue
            if (field := self._fields.get(name)) is None:
                raise ValueError(f"no register is called {name!r}")
            self._put(field, value)
        self.words.revision += 1

    def _put(self, field: RegisterField, value: Any) -> None:
        try:
            value = _as_kind(field.codec, value)
            if field.codec.encode is None:
                (register,) = field.registers
                self.words[register] = _packed(field.codec, value, self.words.get(register, 0))
                return
            encoded = field.codec.encode(value)
        except (ValueError, TypeError, KeyError, AttributeError) as err:
            raise ValueError(f"{field.name} cannot be {value!r}") from err
        for register, word in zip(field.registers, encoded, strict=True):
            self.words[register] = max(word, 0) & 0xFFFF


@cache
def _fields(models: tuple[type[RegisterModel], ...]) -> Mapping[str, RegisterField]:
    """Return the fields of several models by name; the first model with a name wins."""
    return {
        name: field for model in reversed(models) for name, field in model.register_fields.items()
    }


def _as_kind(codec: Codec[Any], value: Any) -> Any:
    """Convert a value, possibly text, to the codec's type."""
    kind = codec.kind
    if kind is float:
        return round(float(value), codec.precision)
    if kind is int:
        return round(value)
    if kind is TimeSlot and isinstance(value, str):
        return TimeSlot(*(time.fromisoformat(end.strip()) for end in value.split("-")))
    if kind is datetime and isinstance(value, str):
        return datetime.fromisoformat(value)
    if issubclass(kind, Enum):
        return kind[value] if isinstance(value, str) else kind(value)
    return kind(value) if kind in (bool, str) else value


@cache
def _packing(codec: Codec[Any]) -> tuple[int, Mapping[Any, int]]:
    """Return the bit mask of a packed field, and the bits of every value."""
    empty = codec.decode(0)
    mask = sum(1 << bit for bit in range(16) if codec.decode(1 << bit) != empty)
    lowest = mask & -mask
    step = lowest or 1
    words = {codec.decode(word): word for word in range(mask, -1, -step) if word & mask == word}
    return mask, words


def _packed(codec: Codec[Any], value: Any, word: int) -> int:
    mask, words = _packing(codec)
    return word & ~mask | words[value]


def version_words(text: str) -> tuple[int, int, int, int]:
    """Return the words of a firmware version such as ``GAAA0014``."""
    letters, digits = text[:4].encode("latin1"), [int(digit) for digit in text[4:]]
    first, second, third, fourth = digits
    return (
        letters[0] << 8 | letters[1],
        letters[2] << 8 | letters[3],
        first << 8 | second,
        third << 8 | fourth,
    )
