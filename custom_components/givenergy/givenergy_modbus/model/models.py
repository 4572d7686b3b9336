"""The models, one row each: type codes, traits and ratings.

Nothing else in the library knows a model by name; a new one is a new row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from functools import lru_cache
from typing import override


class Model(Enum):
    """A product, as far as its registers differ from the others'."""

    HYBRID = "2"
    AC = "3"
    HYBRID_3PH = "4"
    EMS = "5"
    AC_3PH = "6"
    GATEWAY = "7"
    ALL_IN_ONE = "8"
    HYBRID_GEN1 = "20g1"
    HYBRID_GEN2 = "20g2"
    HYBRID_GEN3 = "20g3"
    POLAR = "21"
    AIO_COMMERCIAL = "41"
    EMS_COMMERCIAL = "51"
    HYBRID_HV_GEN3 = "81"
    ALL_IN_ONE_HYBRID = "82"
    HYBRID_GEN4 = "83"

    @classmethod
    @override
    def _missing_(cls, value: object) -> Model | None:
        """Fall back to the family a longer type code belongs to."""
        if isinstance(value, str) and len(value) > 1:
            return next((member for member in cls if member.value == value[0]), None)
        return None


class Trait(Flag):
    """A property of a model that decides which blocks it serves and which settings it has."""

    INVERTER = auto()
    """The ordinary inverter blocks carry data."""
    THREE_PHASE = auto()
    AC_COUPLED = auto()
    AC_CONFIG = auto()
    """Export priority, backup output, pause and the AC power limits."""
    AC_CONFIG_MAYBE = auto()
    EXTENDED_SLOTS = auto()
    EXTENDED_SLOTS_MAYBE = auto()
    AC_METERED_PV = auto()
    """Solar is measured on the AC side: string voltages are echoes, and what a
    hybrid counts as solar is the inverter's own output."""
    LV_BATTERY = auto()
    HV_BATTERY = auto()
    AIO_MODULES = auto()
    EMS = auto()
    GATEWAY = auto()
    BATTERY_DAY_IN_IR36 = auto()
    BATTERY_DAY_IN_IR182 = auto()
    BATTERY_TOTALS_IN_IR180 = auto()
    DOUBTFUL_CHARGE_SLOT_2 = auto()
    """Owners report that the second charge slot does not exist, though its registers do."""
    STACKED_BATTERY = auto()
    """The capacity depends on the number of modules, which only the stacks report."""
    NEWER_BLOCK_MAYBE = auto()
    """Some firmware serves HR(180..239)."""


_HYBRID = Trait.INVERTER | Trait.LV_BATTERY | Trait.NEWER_BLOCK_MAYBE
_THREE = Trait.INVERTER | Trait.THREE_PHASE | Trait.EXTENDED_SLOTS_MAYBE | Trait.NEWER_BLOCK_MAYBE
_STACK = Trait.HV_BATTERY | Trait.STACKED_BATTERY

_STEPS = (5000, 4600, 3600, 6000, 7000, 8000)
_THREE_STEPS = (6000, 8000, 10000, 11000, 15000, 20000)


def _rated(prefix: str, watts: Iterable[int]) -> dict[str, int]:
    """Return ratings by type code, which are numbered from 01 on."""
    return {f"{prefix}{number:02}": rating for number, rating in enumerate(watts, 1)}


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One product."""

    name: str
    prefixes: tuple[str, ...]
    """Leading digits of its type code; the longest match wins."""
    traits: Trait
    rated_w: Mapping[str, int] = field(default_factory=dict)
    """AC rating by type code."""
    battery_w: Mapping[str, int] = field(default_factory=dict)
    """Battery power by full type code, or by ``""`` for all."""
    nominal_battery_v: float = 51.2
    firmware_centuries: tuple[int, ...] = ()
    """ARM firmware hundreds that single this product out among its prefix."""
    extended_slots_above: int | None = None
    """ARM firmware above which ten slots are served."""
    battery_totals_up_to: int | None = None
    """ARM firmware up to which the battery's lifetime totals are counted."""


# fmt: off
MODELS: Mapping[Model, ModelRow] = {
    Model.HYBRID: ModelRow(
        "Hybrid", ("2",), _HYBRID | Trait.AC_CONFIG_MAYBE,
        rated_w={
            **_rated("22", _STEPS), **_rated("23", _STEPS[:4]),
            **_rated("24", _STEPS), **_rated("25", _STEPS),
        },
        battery_w={"2201": 5400},
    ),
    Model.HYBRID_GEN1: ModelRow(
        "Hybrid Gen 1", ("20",),
        _HYBRID | Trait.BATTERY_DAY_IN_IR36 | Trait.BATTERY_DAY_IN_IR182
        | Trait.BATTERY_TOTALS_IN_IR180,
        rated_w=_rated("20", _STEPS[:3]), battery_w={"": 2600}, battery_totals_up_to=450,
    ),
    Model.HYBRID_GEN2: ModelRow(
        "Hybrid Gen 2", ("20",),
        _HYBRID | Trait.BATTERY_DAY_IN_IR36 | Trait.AC_CONFIG_MAYBE
        | Trait.DOUBTFUL_CHARGE_SLOT_2,
        rated_w=_rated("20", _STEPS[:3]), battery_w={"": 3600}, firmware_centuries=(8, 9),
    ),
    Model.HYBRID_GEN3: ModelRow(
        "Hybrid Gen 3", ("20",), _HYBRID | Trait.BATTERY_DAY_IN_IR36 | Trait.AC_CONFIG_MAYBE,
        rated_w=_rated("20", _STEPS[:3]), battery_w={"": 3600}, firmware_centuries=(3,),
        extended_slots_above=302,
    ),
    Model.POLAR: ModelRow(
        "Polar", ("21",), _HYBRID,
        rated_w=_rated("21", _STEPS),
    ),
    Model.AC: ModelRow(
        "AC Coupled", ("3",),
        _HYBRID | Trait.AC_COUPLED | Trait.AC_CONFIG | Trait.AC_METERED_PV
        | Trait.BATTERY_DAY_IN_IR36 | Trait.DOUBTFUL_CHARGE_SLOT_2,
        rated_w=_rated("30", (3000, 3600)), battery_w={"3001": 3000, "3002": 3000},
    ),
    Model.HYBRID_3PH: ModelRow(
        "Hybrid Three Phase", ("4",), _THREE | _STACK,
        rated_w=_rated("40", (*_THREE_STEPS, 5000)),
    ),
    Model.AIO_COMMERCIAL: ModelRow(
        "All in One Commercial", ("41",), _THREE | Trait.LV_BATTERY,
        rated_w={"4101": 30000, "4103": 50000}, nominal_battery_v=76.8,
    ),
    Model.AC_3PH: ModelRow(
        "AC Coupled Three Phase", ("6",),
        _THREE | _STACK | Trait.AC_COUPLED | Trait.AC_CONFIG,
        rated_w=_rated("60", _THREE_STEPS),
    ),
    Model.EMS: ModelRow("EMS", ("5",), Trait.EMS),
    Model.EMS_COMMERCIAL: ModelRow("EMS Commercial", ("51",), Trait.EMS),
    Model.GATEWAY: ModelRow(
        "Gateway", ("7",), Trait.INVERTER | Trait.GATEWAY,
        rated_w={"7001": 12000},
    ),
    Model.ALL_IN_ONE: ModelRow(
        "All in One", ("8",),
        Trait.INVERTER | Trait.HV_BATTERY | Trait.AIO_MODULES | Trait.AC_CONFIG
        | Trait.EXTENDED_SLOTS | Trait.AC_METERED_PV | Trait.BATTERY_DAY_IN_IR36
        | Trait.NEWER_BLOCK_MAYBE,
        rated_w=_rated("80", (6000, 3600, 5000)),
        battery_w={"8001": 6000, "8002": 3600, "8003": 5000}, nominal_battery_v=307.0,
    ),
    Model.HYBRID_HV_GEN3: ModelRow(
        "Hybrid HV Gen 3", ("81",),
        Trait.INVERTER | _STACK | Trait.EXTENDED_SLOTS | Trait.NEWER_BLOCK_MAYBE
        | Trait.BATTERY_DAY_IN_IR36,
        rated_w=_rated("81", (6000, 8000, 10000)), battery_w={"8102": 8000, "8103": 10000},
    ),
    Model.ALL_IN_ONE_HYBRID: ModelRow(
        "All in One Hybrid", ("82",),
        Trait.INVERTER | Trait.THREE_PHASE | Trait.HV_BATTERY | Trait.EXTENDED_SLOTS
        | Trait.NEWER_BLOCK_MAYBE,
        rated_w=_rated("82", (6000, 8000, 10000, 12000, 11000)),
        nominal_battery_v=307.0,
    ),
    Model.HYBRID_GEN4: ModelRow(
        "Hybrid Gen 4", ("83",), _HYBRID | Trait.EXTENDED_SLOTS | Trait.AC_CONFIG_MAYBE,
        rated_w=_rated("83", (3600, 4600, 5000, 6000)), nominal_battery_v=307.0,
    ),
}
# fmt: on

UNKNOWN = ModelRow("Unknown model", (), _HYBRID)
"""The row for unknown type codes: read-only, with the most common traits."""


@lru_cache
def resolve_model(type_code: str, arm_firmware: int | None) -> Model | None:
    """Return the product a four-digit type code and ARM firmware stand for, None if unknown."""
    century = (arm_firmware or 0) // 100

    def closeness(row: ModelRow) -> tuple[int, bool]:
        matching = (len(prefix) for prefix in row.prefixes if type_code.startswith(prefix))
        prefix = max(matching, default=0)
        return prefix, century in row.firmware_centuries

    candidates = [
        model
        for model, row in MODELS.items()
        if closeness(row)[0] and (not row.firmware_centuries or closeness(row)[1])
    ]
    return max(candidates, key=lambda model: closeness(MODELS[model]), default=None)


def family_of(type_code: str) -> Model | None:
    """Return the coarse family a type code's first digit names, None if unknown."""
    return next((model for model in Model if model.value == type_code[:1]), None)


def row_of(model: Model | None) -> ModelRow:
    """Return a model's row; the read-only one for an unknown model."""
    return UNKNOWN if model is None else MODELS[model]


def traits_of(model: Model | None, arm_firmware: int | None) -> Trait:
    """Return a model's traits, as its firmware changes them."""
    row = row_of(model)
    if arm_firmware is None:
        return row.traits
    above, up_to = row.extended_slots_above, row.battery_totals_up_to
    added = Trait.EXTENDED_SLOTS if above is not None and arm_firmware > above else Trait(0)
    gone = Trait.BATTERY_TOTALS_IN_IR180 if up_to is not None and arm_firmware > up_to else Trait(0)
    return (row.traits | added) & ~gone


def rated_power(type_code: str, model: Model | None) -> int | None:
    """Return the AC rating in watts, None where it is not known."""
    return row_of(model).rated_w.get(type_code)


def battery_power(type_code: str, model: Model | None) -> int | None:
    """Return what the battery port is good for in watts, None where it is not known."""
    known = row_of(model).battery_w
    return known.get(type_code, known.get(""))
