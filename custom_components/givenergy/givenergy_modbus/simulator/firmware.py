"""How each model's firmware responds: register ranges, mirrors, limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from ..model.models import Model
from ..model.register import Bank


class Absence(Enum):
    """How reads of missing registers or devices are answered."""

    SILENCE = "silence"
    EXCEPTION = "exception"
    ZEROS = "zeros"


class Extent(NamedTuple):
    """A range of registers a device serves; those without a value are zero."""

    bank: Bank
    start: int
    stop: int

    def covers(self, bank: Bank, start: int, count: int) -> bool:
        """Return whether a whole read lies within the range."""
        return bank is self.bank and self.start <= start and start + count <= self.stop


def _hr(stop: int, start: int = 0) -> Extent:
    return Extent(Bank.HOLDING, start, stop)


def _ir(stop: int, start: int = 0) -> Extent:
    return Extent(Bank.INPUT, start, stop)


MIRROR_30 = (_ir(60),)
MIRROR_31 = (_hr(360), _ir(60), _ir(360, 120))
MIRROR_32 = (_hr(180), _ir(60), _ir(240, 120))
"""The inverter's registers that older hardware mirrors at 0x30, 0x31 and 0x32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """The behavior of one model's firmware."""

    extents: tuple[Extent, ...]
    """The ranges served at its own address."""
    outside: Absence = Absence.SILENCE
    """How reads outside the ranges are answered."""
    no_meter: Absence = Absence.SILENCE
    no_pack: Absence = Absence.SILENCE
    mirrors: Mapping[int, tuple[Extent, ...]] = field(default_factory=dict)
    """Further addresses at which it mirrors some of its registers."""
    heartbeat: float = 180.0
    rejects: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Values it refuses, by holding register."""
    clamps: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Bounds it silently clamps values to, by holding register."""


_OLD_MIRRORS = {0x30: MIRROR_30, 0x31: MIRROR_31, 0x32: MIRROR_32}
_C_RATES = {111: (0, 50), 112: (0, 50)}
_AC_LIMITS = {313: frozenset({0}), 314: frozenset({0})}

_GEN1 = Firmware(
    extents=(_hr(180), _ir(300)),
    no_pack=Absence.ZEROS,
    mirrors=_OLD_MIRRORS,
    clamps=_C_RATES,
)
_GEN2 = Firmware(extents=(_hr(240), _ir(300)), clamps=_C_RATES)
_GEN3 = Firmware(extents=(_hr(360), _ir(300)), clamps=_C_RATES, rejects=_AC_LIMITS)
_THREE_PHASE = Firmware(
    extents=(_hr(180), _hr(300, 240), _hr(1125, 1000), _ir(240), _ir(1420, 1000)),
    no_meter=Absence.ZEROS,
)
_EMS = Firmware(
    extents=(_hr(180), _hr(2100, 2040), _ir(240), _ir(2100, 2040)),
    no_meter=Absence.ZEROS,
    heartbeat=60.0,
)

FIRMWARE: Mapping[Model | None, Firmware] = {
    None: Firmware(extents=(_hr(180), _ir(240))),
    Model.HYBRID: _GEN1,
    Model.HYBRID_GEN1: _GEN1,
    Model.HYBRID_GEN2: _GEN2,
    Model.HYBRID_GEN3: _GEN3,
    Model.HYBRID_GEN4: _GEN3,
    Model.POLAR: _GEN1,
    Model.AC: Firmware(
        extents=(_hr(360), _ir(300)),
        no_pack=Absence.ZEROS,
        mirrors=_OLD_MIRRORS,
        clamps=_C_RATES,
        rejects=_AC_LIMITS,
    ),
    Model.ALL_IN_ONE: Firmware(
        extents=(_hr(360), _ir(300)),
        outside=Absence.EXCEPTION,
        no_meter=Absence.ZEROS,
        clamps=_C_RATES,
        rejects=_AC_LIMITS,
    ),
    Model.HYBRID_HV_GEN3: Firmware(
        # It answers the three-phase range too, with nothing in it.
        extents=(_hr(300), _ir(300), _ir(1414, 1000)),
        clamps=_C_RATES,
    ),
    Model.HYBRID_3PH: _THREE_PHASE,
    Model.AC_3PH: _THREE_PHASE,
    Model.AIO_COMMERCIAL: _THREE_PHASE,
    Model.ALL_IN_ONE_HYBRID: _THREE_PHASE,
    Model.EMS: _EMS,
    Model.EMS_COMMERCIAL: _EMS,
    Model.GATEWAY: Firmware(
        extents=(_hr(360), _ir(240), _ir(1960, 1600)),
        no_meter=Absence.ZEROS,
    ),
}
"""One row per model; None is an unknown type code."""

UNREAD = Firmware(extents=())
"""For a plant whose type code was not recorded: it serves what was."""
