"""The base of every device model."""

from collections.abc import Callable, Iterator, Mapping
from inspect import getdoc
from math import inf
from types import CodeType, MappingProxyType, NoneType
from typing import Annotated, Any, ClassVar, Self, TypeAlias, get_args, get_origin, override

from pydantic import BaseModel, ConfigDict
from pydantic.fields import ComputedFieldInfo, FieldInfo

from ..pdu import WriteHoldingRegisterRequest, permit_writes
from .codecs import Codec, uint16
from .register import AnyField, ComputedField, Energy, Register, RegisterField, Unit

# Plain aliases on purpose: a ``type`` statement hides its metadata from pydantic.
Volts: TypeAlias = Annotated[float | None, Unit.VOLT]
WholeVolts: TypeAlias = Annotated[int | None, Unit.VOLT]
Amperes: TypeAlias = Annotated[float | None, Unit.AMPERE]
WholeAmperes: TypeAlias = Annotated[int | None, Unit.AMPERE]
Watts: TypeAlias = Annotated[int | None, Unit.WATT]
FineWatts: TypeAlias = Annotated[float | None, Unit.WATT]
VoltAmperes: TypeAlias = Annotated[int | None, Unit.VOLT_AMPERE]
FineVoltAmperes: TypeAlias = Annotated[float | None, Unit.VOLT_AMPERE]
Vars: TypeAlias = Annotated[int | None, Unit.VAR]
LifetimeEnergy: TypeAlias = Annotated[float | None, Unit.KILOWATT_HOUR, Energy.LIFETIME]
DailyEnergy: TypeAlias = Annotated[float | None, Unit.KILOWATT_HOUR, Energy.DAILY]
StoredEnergy: TypeAlias = Annotated[float | None, Unit.KILOWATT_HOUR, Energy.STORED]
WattHours: TypeAlias = Annotated[int | None, Unit.WATT_HOUR]
KilovarHours: TypeAlias = Annotated[float | None, Unit.KILOVAR_HOUR]
AmpereHours: TypeAlias = Annotated[float | None, Unit.AMPERE_HOUR]
WholeAmpereHours: TypeAlias = Annotated[int | None, Unit.AMPERE_HOUR]
Hertz: TypeAlias = Annotated[float | None, Unit.HERTZ]
WholeHertz: TypeAlias = Annotated[int | None, Unit.HERTZ]
Celsius: TypeAlias = Annotated[float | None, Unit.CELSIUS]
Percent: TypeAlias = Annotated[int | None, Unit.PERCENT]
FinePercent: TypeAlias = Annotated[float | None, Unit.PERCENT]
CRate: TypeAlias = Annotated[int | None, Unit.C_RATE]
Seconds: TypeAlias = Annotated[int | None, Unit.SECOND]
FineSeconds: TypeAlias = Annotated[float | None, Unit.SECOND]
Minutes: TypeAlias = Annotated[int | None, Unit.MINUTE]
Hours: TypeAlias = Annotated[int | None, Unit.HOUR]
PercentPerMinute: TypeAlias = Annotated[float | None, Unit.PERCENT_PER_MINUTE]
Messages: TypeAlias = tuple[str, ...] | None

type Requests = list[WriteHoldingRegisterRequest]
"""Single-register writes that carry out a command, in the order to send them."""


class RegisterModel(BaseModel):
    """A device, as a typed view of its registers."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    register_fields: ClassVar[Mapping[str, RegisterField]] = {}
    """Every declared field by name; what writes, plans and tests derive from."""

    all_fields: ClassVar[Mapping[str, AnyField]] = {}
    """Declared and computed fields by name; what a display derives from."""

    _plain: ClassVar[tuple[tuple[str, Register], ...]] = ()
    """Fields that are their word."""

    _single: ClassVar[
        tuple[tuple[str, Register, Callable[[int], Any], float | None, float], ...]
    ] = ()
    """Fields of one word, with how to decode it and its bounds; a low of None is no bounds."""

    _others: ClassVar[tuple[RegisterField, ...]] = ()

    unfilled_zeros: ClassVar[tuple[frozenset[str], ...]] = ()
    """Groups of fields that are all None while all of them are zero: never filled."""

    setting_aliases: ClassVar[Mapping[str, str]] = {}
    """Settings that this device has under another of its field names."""

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Collect the register map when the class is made, and permit writes to its settings."""
        super().__pydantic_init_subclass__(**kwargs)
        declared = (cls._declared(name, info) for name, info in cls.model_fields.items())
        cls.register_fields = MappingProxyType(
            {field.name: field for field in declared if field is not None}
        )
        cls._sort_fields()
        permit_writes(
            register.address
            for field in cls.register_fields.values()
            if field.writable is not None
            for register in field.registers
        )
        cls.all_fields = MappingProxyType(
            {
                **cls.register_fields,
                **{
                    name: cls._derived(name, info)
                    for name, info in cls.model_computed_fields.items()
                },
            }
        )

    @classmethod
    def _declared(cls, name: str, info: FieldInfo) -> RegisterField | None:
        """Return a field's facts; those of a base where it is inherited as it is."""
        for base in cls.__bases__:
            if (inherited := getattr(base, "model_fields", {}).get(name)) is not None:
                before = inherited.metadata, inherited.annotation
                if before == (info.metadata, info.annotation) and issubclass(base, RegisterModel):
                    return base.register_fields.get(name)
        return RegisterField.declared(name, info, cls)

    @classmethod
    def _sort_fields(cls) -> None:
        """Sort the fields by the work it takes to decode them."""
        plain, single, others = [], [], []
        for field in cls.register_fields.values():
            within = field.within
            if len(field.registers) > 1:
                others.append(field)
            elif field.codec is uint16 and within is None:
                plain.append((field.name, field.registers[0]))
            else:
                low = None if within is None else -inf if within.low is None else within.low
                high = inf if within is None or within.high is None else within.high
                single.append((field.name, field.registers[0], field.codec.decode, low, high))
        cls._plain, cls._single, cls._others = tuple(plain), tuple(single), tuple(others)

    @classmethod
    def _derived(cls, name: str, info: ComputedFieldInfo) -> ComputedField:
        """Gather what a computed field is made of: its facts, and the registers it looks at."""
        annotation: Any = info.wrapped_property.fget.__annotations__["return"]
        facts: list[Any] = []
        if get_origin(annotation) is Annotated:
            annotation, *facts = get_args(annotation)
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        return ComputedField(
            name=name,
            registers=tuple(sorted(cls._looked_at(name, frozenset()))),
            kind=kinds[0] if kinds else annotation,
            unit=next((fact for fact in facts if isinstance(fact, Unit)), None),
            energy=next((fact for fact in facts if isinstance(fact, Energy)), None),
            precision=next(
                (fact.precision for fact in facts if isinstance(fact, Codec)),
                1 if float in kinds else 0,
            ),
            description=getdoc(info.wrapped_property.fget),
        )

    @classmethod
    def _looked_at(cls, name: str, seen: frozenset[str]) -> set[Register]:
        """Return the registers behind a name, following properties into what they mention."""
        if (field := cls.register_fields.get(name)) is not None:
            return set(field.registers)
        member = getattr(cls, name, None)
        function = getattr(member, "fget", None) or getattr(member, "__func__", member)
        code = getattr(function, "__code__", None)
        if code is None or name in seen:
            return set()
        return {
            register
            for mentioned in _mentions(code)
            for register in cls._looked_at(mentioned, seen | {name})
        }

    @classmethod
    def from_register_cache(cls, cache: Mapping[Register, int]) -> Self:
        """Decode the device; missing or implausible values are None."""
        values = cls._read(cache)
        for group in cls.unfilled_zeros:
            if not any(values[name] for name in group):
                values.update(dict.fromkeys(group))
        cls.apply_overrides(values)
        return cls.model_validate(values)

    @classmethod
    def _read(cls, cache: Mapping[Register, int]) -> dict[str, Any]:
        """Decode every field; the same as reading one after the other, in half the time."""
        word_of = cache.get
        values: dict[str, Any] = {name: word_of(register) for name, register in cls._plain}
        for name, register, decode, low, high in cls._single:
            if (word := word_of(register)) is None:
                values[name] = None
                continue
            value = decode(word)
            believable = value is None or not word or low is None or low <= value <= high
            values[name] = value if believable else None
        for field in cls._others:
            values[field.name] = field.read(cache)
        return values

    @classmethod
    def apply_overrides(cls, values: dict[str, Any]) -> None:
        """Correct decoded values in place, where a register differs by model."""

    @classmethod
    def setting(cls, name: str) -> RegisterField:
        """Return the field a setting is written to; ValueError if the device has none."""
        try:
            return cls.register_fields[cls.setting_aliases.get(name, name)]
        except KeyError:
            raise ValueError(f"{cls.__name__} has no setting {name!r}") from None

    @classmethod
    def write(cls, **settings: Any) -> Requests:
        """Return the requests that apply the named settings, in order.

        Raises ValueError, with nothing built, for a value a setting cannot take.
        """
        return [
            WriteHoldingRegisterRequest(register.address, word)
            for name, value in settings.items()
            for field in (cls.setting(name),)
            for register, word in zip(field.registers, field.encode(value), strict=True)
        ]


def _mentions(code: CodeType) -> Iterator[str]:
    """Yield every name and text a function mentions, in inner functions too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _mentions(constant)
