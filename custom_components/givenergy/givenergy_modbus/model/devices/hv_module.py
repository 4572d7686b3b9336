"""A battery module of a high-voltage stack, stand-alone or built in."""

from typing import Annotated, override

from ..register import IR
from ..register_model import Celsius
from ..serials import split_serial
from .cells import CellCelsius, Cells, CellVolts


class HvModule(Cells):
    """A battery module of a high-voltage stack: 24 cells, 12 temperature sensors."""

    v_cell_17: Annotated[CellVolts, IR(76)] = None
    """Voltage of cell 17, in V."""
    v_cell_18: Annotated[CellVolts, IR(77)] = None
    """Voltage of cell 18, in V."""
    v_cell_19: Annotated[CellVolts, IR(78)] = None
    """Voltage of cell 19, in V."""
    v_cell_20: Annotated[CellVolts, IR(79)] = None
    """Voltage of cell 20, in V."""
    v_cell_21: Annotated[CellVolts, IR(80)] = None
    """Voltage of cell 21, in V."""
    v_cell_22: Annotated[CellVolts, IR(81)] = None
    """Voltage of cell 22, in V."""
    v_cell_23: Annotated[CellVolts, IR(82)] = None
    """Voltage of cell 23, in V."""
    v_cell_24: Annotated[CellVolts, IR(83)] = None
    """Voltage of cell 24, in V."""

    t_cell_01: Annotated[CellCelsius, IR(90)] = None
    """Temperature sensor 1, in °C."""
    t_cell_02: Annotated[CellCelsius, IR(91)] = None
    """Temperature sensor 2, in °C."""
    t_cell_03: Annotated[CellCelsius, IR(92)] = None
    """Temperature sensor 3, in °C."""
    t_cell_04: Annotated[CellCelsius, IR(93)] = None
    """Temperature sensor 4, in °C."""
    t_cell_05: Annotated[CellCelsius, IR(94)] = None
    """Temperature sensor 5, in °C."""
    t_cell_06: Annotated[CellCelsius, IR(95)] = None
    """Temperature sensor 6, in °C."""
    t_cell_07: Annotated[CellCelsius, IR(96)] = None
    """Temperature sensor 7, in °C."""
    t_cell_08: Annotated[CellCelsius, IR(97)] = None
    """Temperature sensor 8, in °C."""
    t_cell_09: Annotated[CellCelsius, IR(98)] = None
    """Temperature sensor 9, in °C."""
    t_cell_10: Annotated[CellCelsius, IR(99)] = None
    """Temperature sensor 10, in °C."""
    t_cell_11: Annotated[CellCelsius, IR(100)] = None
    """Temperature sensor 11, in °C."""
    t_cell_12: Annotated[CellCelsius, IR(101)] = None
    """Temperature sensor 12, in °C."""

    # There are twelve sensors. What follows their registers belongs to the next module
    # in the stack, or to none; these names are known elsewhere and stay unanswered.
    t_cell_13: Celsius = None
    t_cell_14: Celsius = None
    t_cell_15: Celsius = None
    t_cell_16: Celsius = None
    t_cell_17: Celsius = None
    t_cell_18: Celsius = None
    t_cell_19: Celsius = None
    t_cell_20: Celsius = None
    t_cell_21: Celsius = None
    t_cell_22: Celsius = None
    t_cell_23: Celsius = None
    t_cell_24: Celsius = None

    # Some modules leave the first two letters behind in IR(110).
    serial_number: Annotated[
        str | None, IR(110), IR(114), IR(115), IR(116), IR(117), IR(118), split_serial
    ] = None
    """Module serial number."""

    @property
    @override
    def cells(self) -> tuple[float | None, ...]:
        """The voltage of every cell."""
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
            self.v_cell_17,
            self.v_cell_18,
            self.v_cell_19,
            self.v_cell_20,
            self.v_cell_21,
            self.v_cell_22,
            self.v_cell_23,
            self.v_cell_24,
        )

    def is_valid(self) -> bool:
        """Return whether there is a module: it has a serial number, possibly truncated."""
        return bool(self.serial_number and self.serial_number.strip())
