"""Cells in series, which every kind of pack reports in the same registers."""

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from pydantic import computed_field

from ..codecs import deci_int16, milli
from ..register import IR, Within
from ..register_model import Celsius, RegisterModel, Volts

NOMINAL_CELL_VOLTAGE = 3.2
"""Volts of a lithium iron phosphate cell."""

CellVolts: TypeAlias = Annotated[Volts, milli, Within(1, 5)]
CellCelsius: TypeAlias = Annotated[Celsius, deci_int16, Within(-60, 150)]


def spread(voltages: Iterable[float | None]) -> float | None:
    """Return how far the fullest cell is above the emptiest; a place without a cell reads zero."""
    fitted = [voltage for voltage in voltages if voltage != 0]
    known = [voltage for voltage in fitted if voltage is not None]
    return round(max(known) - min(known), 3) if known and len(known) == len(fitted) else None


class Cells(RegisterModel):
    """A pack, as far as its cells are concerned."""

    v_cell_01: Annotated[CellVolts, IR(60)] = None
    """Voltage of cell 1, in V."""
    v_cell_02: Annotated[CellVolts, IR(61)] = None
    """Voltage of cell 2, in V."""
    v_cell_03: Annotated[CellVolts, IR(62)] = None
    """Voltage of cell 3, in V."""
    v_cell_04: Annotated[CellVolts, IR(63)] = None
    """Voltage of cell 4, in V."""
    v_cell_05: Annotated[CellVolts, IR(64)] = None
    """Voltage of cell 5, in V."""
    v_cell_06: Annotated[CellVolts, IR(65)] = None
    """Voltage of cell 6, in V."""
    v_cell_07: Annotated[CellVolts, IR(66)] = None
    """Voltage of cell 7, in V."""
    v_cell_08: Annotated[CellVolts, IR(67)] = None
    """Voltage of cell 8, in V."""
    v_cell_09: Annotated[CellVolts, IR(68)] = None
    """Voltage of cell 9, in V."""
    v_cell_10: Annotated[CellVolts, IR(69)] = None
    """Voltage of cell 10, in V."""
    v_cell_11: Annotated[CellVolts, IR(70)] = None
    """Voltage of cell 11, in V."""
    v_cell_12: Annotated[CellVolts, IR(71)] = None
    """Voltage of cell 12, in V."""
    v_cell_13: Annotated[CellVolts, IR(72)] = None
    """Voltage of cell 13, in V."""
    v_cell_14: Annotated[CellVolts, IR(73)] = None
    """Voltage of cell 14, in V."""
    v_cell_15: Annotated[CellVolts, IR(74)] = None
    """Voltage of cell 15, in V."""
    v_cell_16: Annotated[CellVolts, IR(75)] = None
    """Voltage of cell 16, in V."""

    @property
    def cells(self) -> tuple[float | None, ...]:
        """The voltage of every place for a cell."""
        return (
            self.v_cell_01,
            self.v_cell_02,
            self.v_cell_03,
            self.v_cell_04,
            self.v_cell_05,
            self.v_cell_06,
            self.v_cell_07,
            self.v_cell_08,
            self.v_cell_09,
            self.v_cell_10,
            self.v_cell_11,
            self.v_cell_12,
            self.v_cell_13,
            self.v_cell_14,
            self.v_cell_15,
            self.v_cell_16,
        )

    @computed_field
    @property
    def v_cell_spread(self) -> CellVolts:
        """How far the fullest cell is above the emptiest."""
        return spread(self.cells)
