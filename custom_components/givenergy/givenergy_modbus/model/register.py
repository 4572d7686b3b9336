"""The vocabulary a device's register map is written in.

A field of a device model is annotated with facts that do not depend on one
another: where it lives (``HR(110)``), how it is encoded (``deci``), what it
measures (``Unit.VOLT``), which values are believable (``Within``), and what
it may be set to (``Writable``). Nothing else in the code base repeats them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from math import isfinite
from types import NoneType
from typing import TYPE_CHECKING, Any, Self, get_args, override

from ..errors import InvalidSetting
from .codecs import Codec, uint16
from .field_docs import description_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


class Bank(StrEnum):
    """A register address space."""

    HOLDING = "HR"
    INPUT = "IR"
    METER = "MR"


_BANKS = tuple(Bank)


class Register(int):
    """One 16-bit register, and the key of a register cache.

    An integer underneath (bank, then address), so that looking one up costs
    what looking up a number costs.
    """

    __slots__ = ()

    @classmethod
    def at(cls, bank: Bank, address: int) -> Self:
        """Return the register of a bank at an address, 0 to 65535."""
        return cls(_BANKS.index(bank) << 16 | address)

    @property
    def bank(self) -> Bank:
        """The address space."""
        return _BANKS[self >> 16]

    @property
    def address(self) -> int:
        """The number within its bank."""
        return self & 0xFFFF

    @override
    def __str__(self) -> str:
        return f"{self.bank}({self.address})"

    __repr__ = __str__


def HR(address: int) -> Register:
    """Return a holding register: a setting."""
    return Register.at(Bank.HOLDING, address)


def IR(address: int) -> Register:
    """Return an input register: a measurement."""
    return Register.at(Bank.INPUT, address)


def MR(address: int) -> Register:
    """Return a meter-product register: product data of a meter."""
    return Register.at(Bank.METER, address)


class Unit(StrEnum):
    """What a number counts."""

    VOLT = "V"
    AMPERE = "A"
    WATT = "W"
    VOLT_AMPERE = "VA"
    VAR = "var"
    WATT_HOUR = "Wh"
    KILOWATT_HOUR = "kWh"
    KILOVAR_HOUR = "kvarh"
    AMPERE_HOUR = "Ah"
    HERTZ = "Hz"
    CELSIUS = "°C"
    PERCENT = "%"
    SECOND = "s"
    MINUTE = "min"
    HOUR = "h"
    C_RATE = "C/100"
    """Hundredths of the battery's capacity per hour: 50 is half the capacity in an hour."""
    BAUD = "Bd"
    PERCENT_PER_MINUTE = "%/min"


class Energy(Enum):
    """How an energy figure moves, which decides what to believe and how to count it."""

    LIFETIME = auto()
    """Counts up and never starts again."""
    DAILY = auto()
    """Counts up, and starts again at the inverter's midnight."""
    STORED = auto()
    """A content, which rises and falls."""


@dataclass(frozen=True, slots=True)
class Within:
    """The believable values, either end open; anything else decodes to None."""

    low: float | None = None
    high: float | None = None

    def __contains__(self, value: float) -> bool:
        """Whether a reading is believable."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class Momentary(Enum):
    """A setting that acts when written, and how its taking effect is seen."""

    ACKNOWLEDGED = auto()
    LINK_DROPS = auto()
    CLOCK_FOLLOWS = auto()


@dataclass(frozen=True, slots=True)
class Writable:
    """The values a setting accepts; without bounds, all it can encode.

    ``usual`` is what a slider offers where that is less than what is accepted,
    ``only`` lists the words to accept where bounds are not enough.
    """

    low: float | None = None
    high: float | None = None
    usual: tuple[float, float] | None = None
    only: tuple[int, ...] | None = None
    momentary: Momentary | None = None


@dataclass(frozen=True, slots=True)
class RegisterField:
    """A field of a device model, with its facts gathered in one place."""

    name: str
    registers: tuple[Register, ...]
    codec: Codec[Any]
    unit: Unit | None = None
    energy: Energy | None = None
    within: Within | None = None
    writable: Writable | None = None
    owner: type | None = field(default=None, compare=False, repr=False)
    """The class that has the field."""

    @property
    def description(self) -> str | None:
        """What it means, with its unit."""
        return None if self.owner is None else description_of(self.owner, self.name)

    @property
    def kind(self) -> Any:
        """The type a reading has when there is one."""
        return self.codec.kind

    @property
    def precision(self) -> int:
        """How many decimals the spelling carries."""
        return self.codec.precision

    @classmethod
    def declared(
        cls, name: str, info: FieldInfo, owner: type | None = None
    ) -> RegisterField | None:
        """Gather a model field's facts, or None when it names no register.

        Raises TypeError when the facts contradict one another or a fact is
        given twice, so a slip in the table stops the import, not a user's poll.
        """
        named = tuple(fact for fact in info.metadata if isinstance(fact, Register))
        if not named:
            return None
        facts: dict[type, Any] = {}
        for fact in info.metadata:
            if isinstance(fact, Register):
                continue
            if type(fact) in facts:
                raise TypeError(f"{name} states {type(fact).__name__} twice")
            facts[type(fact)] = fact
        codec: Codec[Any] = facts.get(Codec, uint16)
        if set(get_args(info.annotation)) != {codec.kind, NoneType}:
            raise TypeError(
                f"{name} is annotated {info.annotation} but decodes to {codec.kind} | None"
            )
        if len(named) not in (1, codec.words):
            raise TypeError(f"{name} names {len(named)} registers but is spelled in {codec.words}")
        registers = (
            named
            if len(named) > 1
            else tuple(Register(named[0] + offset) for offset in range(codec.words))
        )
        declared = cls(
            name=name,
            registers=registers,
            codec=codec,
            unit=facts.get(Unit),
            energy=facts.get(Energy),
            within=facts.get(Within, _range_of(facts.get(Writable))),
            writable=facts.get(Writable),
            owner=owner,
        )
        declared.check()
        return declared

    def check(self) -> None:
        """Raise TypeError where two facts cannot both be meant."""
        if (self.unit is Unit.KILOWATT_HOUR) is not (self.energy is not None):
            raise TypeError(f"{self.name} needs a kind of energy counter, or another unit")
        if self.writable is not None:
            if self.codec.encode is None:
                raise TypeError(f"{self.name} is writable but cannot be spelled")
            if any(register.bank is not Bank.HOLDING for register in self.registers):
                raise TypeError(f"{self.name} is writable but no holding register")

    def read(self, cache: Mapping[Register, int]) -> Any:
        """Decode the field; None if it is missing or out of bounds.

        Bounds do not apply while every word is zero: a register that was never
        filled reads as zero.
        """
        words = [cache.get(register) for register in self.registers]
        if None in words:
            optional = self.codec.optional
            words[:optional] = (0 if word is None else word for word in words[:optional])
            if None in words:
                return None
        value = self.codec.decode(*words)
        if (within := self.within) is None or value is None or not any(words):
            return value
        return value if value in within else None

    @property
    def allowed(self) -> str:
        """What the setting accepts, in words."""
        limits = self.writable or Writable()
        if limits.only is not None:
            return "one of " + ", ".join(map(str, limits.only))
        if limits.low is not None and limits.high is not None:
            return f"{limits.low:g} to {limits.high:g}"
        return "a " + getattr(self.kind, "__name__", str(self.kind))

    def encode(self, value: Any) -> tuple[int, ...]:
        """Encode a value to words; InvalidSetting if it may not be set to that."""
        if (limits := self.writable) is None or self.codec.encode is None:
            raise InvalidSetting(self.name, value, None)
        value = self._accepted(value)
        if isinstance(value, int | float) and value not in Within(limits.low, limits.high):
            raise InvalidSetting(self.name, value, self.allowed)
        try:
            words = self.codec.encode(value)
        except ValueError as err:
            raise InvalidSetting(self.name, value, self.allowed) from err
        if limits.only is not None and words[0] not in limits.only:
            raise InvalidSetting(self.name, value, self.allowed)
        if any(not 0 <= word <= 0xFFFF for word in words):
            raise InvalidSetting(self.name, value, "0 to 65535")
        return words

    def _accepted(self, value: Any) -> Any:
        """Return the value as the codec's own kind, never rounding one."""
        kind = self.kind
        if kind is bool:
            if isinstance(value, bool):
                return value
        elif kind in (int, float) or (isinstance(kind, type) and issubclass(kind, int)):
            if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
                return self._number(value, kind)
        elif isinstance(kind, type) and isinstance(value, kind):
            return value
        raise InvalidSetting(self.name, value, self.allowed)

    def _number(self, value: float, kind: type[Any]) -> Any:
        """Return a number as float, int or enum member."""
        if kind is float:
            return value
        try:
            if value == int(value):
                return kind(int(value))
        except ValueError as err:
            raise InvalidSetting(self.name, value, self.allowed) from err
        raise InvalidSetting(self.name, value, self.allowed)


def _range_of(writable: Writable | None) -> Within | None:
    """Return the believable values of a setting: those it accepts."""
    if writable is None or (writable.low is None and writable.high is None):
        return None
    return Within(writable.low, writable.high)


@dataclass(frozen=True, slots=True)
class ComputedField:
    """A value computed from declared fields, with the facts that follow from them."""

    name: str
    registers: tuple[Register, ...]
    kind: Any
    unit: Unit | None = None
    energy: Energy | None = None
    precision: int = 0
    description: str | None = None


type AnyField = RegisterField | ComputedField
"""Anything a device model can be asked for."""
