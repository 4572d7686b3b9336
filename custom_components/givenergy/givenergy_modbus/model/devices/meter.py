"""An energy meter."""

from math import hypot, sqrt
from typing import Annotated, Any, TypeAlias, override

from ..codecs import centi, deci, int16, scaled, text
from ..register import IR, MR, Unit, Within
from ..register_model import (
    Amperes,
    FineVoltAmperes,
    Hertz,
    KilovarHours,
    LifetimeEnergy,
    RegisterModel,
    Vars,
    Volts,
    Watts,
)
from ..serials import number_serial

# Up to two, because meters that count from one downwards go on below zero by going up.
_Fraction: TypeAlias = Annotated[float | None, scaled(int16, 10000), Within(-1, 2)]
_Baud: TypeAlias = Annotated[int | None, Unit.BAUD]

_PHASES = ("phase_1", "phase_2", "phase_3")
_CURRENTS = tuple(f"i_{of}" for of in (*_PHASES, "ln", "total"))
_APPARENT = tuple(f"p_apparent_{of}" for of in (*_PHASES, "total"))
_FACTORS = tuple(f"pf_{of}" for of in (*_PHASES, "total"))
_BETWEEN = sqrt(10)
"""Half-way from one power of ten to the next."""


class Meter(RegisterModel):
    """An energy meter.

    Meters of different makes count currents in tenths or hundredths of an ampere
    and apparent power in tenths or whole volt-amperes, without any sign of which.
    Declared is the finer unit of each; :meth:`apply_overrides` determines the real one.
    """

    v_phase_1: Annotated[Volts, IR(60), deci, Within(0, 300)] = None
    """Voltage, phase 1, in V."""
    v_phase_2: Annotated[Volts, IR(61), deci, Within(0, 300)] = None
    """Voltage, phase 2, in V."""
    v_phase_3: Annotated[Volts, IR(62), deci, Within(0, 300)] = None
    """Voltage, phase 3, in V."""
    i_phase_1: Annotated[Amperes, IR(63), centi] = None
    """Current, phase 1, in A."""
    i_phase_2: Annotated[Amperes, IR(64), centi] = None
    """Current, phase 2, in A."""
    i_phase_3: Annotated[Amperes, IR(65), centi] = None
    """Current, phase 3, in A."""
    i_ln: Annotated[Amperes, IR(66), centi] = None
    """Neutral / line-neutral current, in A."""
    i_total: Annotated[Amperes, IR(67), centi] = None
    """Total current, in A."""
    p_active_phase_1: Annotated[Watts, IR(68), int16] = None
    """Active power, phase 1, positive = import, in W."""
    p_active_phase_2: Annotated[Watts, IR(69), int16] = None
    """Active power, phase 2, positive = import, in W."""
    p_active_phase_3: Annotated[Watts, IR(70), int16] = None
    """Active power, phase 3, positive = import, in W."""
    p_active_total: Annotated[Watts, IR(71), int16] = None
    """Zero on some plants with one phase, which report it as that of the phase."""
    p_reactive_phase_1: Annotated[Vars, IR(72), int16] = None
    """Reactive power, phase 1, in var."""
    p_reactive_phase_2: Annotated[Vars, IR(73), int16] = None
    """Reactive power, phase 2, in var."""
    p_reactive_phase_3: Annotated[Vars, IR(74), int16] = None
    """Reactive power, phase 3, in var."""
    p_reactive_total: Annotated[Vars, IR(75), int16] = None
    """Total reactive power, in var."""
    p_apparent_phase_1: Annotated[FineVoltAmperes, IR(76), deci] = None
    """Apparent power, phase 1, in VA."""
    p_apparent_phase_2: Annotated[FineVoltAmperes, IR(77), deci] = None
    """Apparent power, phase 2, in VA."""
    p_apparent_phase_3: Annotated[FineVoltAmperes, IR(78), deci] = None
    """Apparent power, phase 3, in VA."""
    p_apparent_total: Annotated[FineVoltAmperes, IR(79), deci] = None
    """Total apparent power, in VA."""
    pf_phase_1: Annotated[_Fraction, IR(80)] = None
    """Power factor, phase 1, signed/10000."""
    pf_phase_2: Annotated[_Fraction, IR(81)] = None
    """Power factor, phase 2, signed/10000."""
    pf_phase_3: Annotated[_Fraction, IR(82)] = None
    """Power factor, phase 3, signed/10000."""
    pf_total: Annotated[_Fraction, IR(83)] = None
    """Total power factor, signed/10000."""
    frequency: Annotated[Hertz, IR(84), centi, Within(40, 70)] = None
    """Frequency, in Hz."""
    e_import_active: Annotated[LifetimeEnergy, IR(85), deci] = None
    """Starts again after 6553.5 kWh."""
    e_import_reactive: Annotated[KilovarHours, IR(86), deci] = None
    """Imported reactive energy, in kvarh."""
    e_export_active: Annotated[LifetimeEnergy, IR(87), deci] = None
    """Starts again after 6553.5 kWh."""
    e_export_reactive: Annotated[KilovarHours, IR(88), deci] = None
    """Exported reactive energy, in kvarh."""

    def is_valid(self) -> bool:
        """Return whether there is a meter: most inverters respond with zeros for a missing one."""
        return bool(self.v_phase_1)

    @classmethod
    @override
    def apply_overrides(cls, values: dict[str, Any]) -> None:
        """Convert values from the units this meter counts in.

        Apparent power is voltage times current: the power of ten by which that is off
        shows the unit. Power factors count either from zero, with the sign of the
        power, or from one downwards.
        """
        off = _off(values)
        if off is None:
            downwards = _counts_downwards(values)
            if _falls_short(values):
                _scale_up(values, _APPARENT)
        else:
            downwards = off > 1 / _BETWEEN
            if off < _BETWEEN:
                _scale_up(values, _CURRENTS)
            if off > 1 / _BETWEEN:
                _scale_up(values, _APPARENT)
        for name in _FACTORS:
            if (factor := values[name]) is None:
                continue
            if downwards:
                factor = round(1 - factor, 4)
            values[name] = factor if -1 <= factor <= 1 else None


def _off(values: dict[str, Any]) -> float | None:
    """Return by how much voltage times current exceeds apparent power, on the busiest phase.

    A tenth, one or ten in the declared units; None if the words do not show it.
    """
    triples = ((values[f"v_{of}"], values[f"i_{of}"], values[f"p_apparent_{of}"]) for of in _PHASES)
    power, product = max(
        ((triple[2], triple[0] * triple[1]) for triple in triples if None not in triple),
        default=(0, 0),
    )
    if not power or not product:
        return None
    off: float = product / power
    return off if 0.1 / _BETWEEN < off < 10 * _BETWEEN else None


def _falls_short(values: dict[str, Any]) -> bool:
    """Return whether some apparent power is less than its active and reactive power imply.

    Below half a count of current, which can be 12 VA, current shows nothing; but no
    apparent power is less than the root of the sum of the squares, give or take a count.
    """
    for of in (*_PHASES, "total"):
        active, reactive = values[f"p_active_{of}"], values[f"p_reactive_{of}"]
        apparent = values[f"p_apparent_{of}"]
        if None not in (active, reactive, apparent) and apparent + 1.5 < hypot(active, reactive):
            return True
    return False


def _scale_up(values: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if values[name] is not None:
            values[name] = round(values[name] * 10, 1)


def _counts_downwards(values: dict[str, Any]) -> bool:
    """Whether some factor proves to be counted from one downwards.

    It does when it is above one, or is one where no power flows.
    """
    pairs = [
        (values[factor], values[power]) for factor, power in zip(_FACTORS, _APPARENT, strict=True)
    ]
    return any(
        factor is not None and (factor > 1 or (factor == 1 and power == 0))
        for factor, power in pairs
    )


class MeterProduct(RegisterModel):
    """Product data of a meter."""

    serial_number: Annotated[str | None, MR(60), number_serial] = None
    """Meter serial number."""
    factory_code: Annotated[str | None, MR(62), text(2)] = None
    """Factory / vendor code."""
    meter_type: Annotated[int | None, MR(64)] = None
    """Type of the installed meter."""
    hardware_version: Annotated[int | None, MR(65)] = None
    """Hardware version word."""
    software_version: Annotated[int | None, MR(66)] = None
    """Software version word."""
    modbus_id: Annotated[int | None, MR(67)] = None
    """Modbus unit id of the meter."""
    baud_rate: Annotated[_Baud, MR(68)] = None
    """Serial baud rate, in Bd."""

    def is_valid(self) -> bool:
        """Whether a meter answered with a serial number."""
        return self.serial_number is not None
