"""An inverter of a plant, by its own registers, by its EMS's report, or by both."""

from dataclasses import dataclass
from typing import Any, Literal

from .devices.aio_module import AioBatteryModule
from .devices.battery import Battery
from .devices.ems import InverterSummary
from .devices.hv_stack import HvStack
from .enums import Status
from .inverter import SinglePhaseInverter
from .inverter_threephase import ThreePhaseInverter

type DataSource = Literal["direct", "ems_rollup", "merged"]
"""Where the values of an inverter come from: its own registers, an EMS's report, or both."""


@dataclass(frozen=True, slots=True)
class PlantInverter:
    """An inverter of a plant, by its own registers, its EMS's report, or both."""

    serial_number: str
    direct: SinglePhaseInverter | ThreePhaseInverter | None = None
    summary: InverterSummary | None = None
    batteries: tuple[Battery, ...] = ()
    hv_stacks: tuple[HvStack, ...] = ()
    battery_modules: tuple[AioBatteryModule, ...] = ()
    slot: int | None = None
    """Its place in the report of the EMS, from 1."""

    @property
    def data_source(self) -> DataSource:
        """Where its values come from."""
        if self.direct is None:
            return "ems_rollup"
        return "direct" if self.summary is None else "merged"

    @property
    def is_blinded(self) -> bool:
        """Whether its own registers are not read."""
        return self.direct is None

    @property
    def status(self) -> Status | str | None:
        """Its status; the code of it if only the EMS reports it."""
        return self._either("status")  # type: ignore[no-any-return]

    @property
    def p_inverter_out(self) -> int | float | None:
        """What it delivers, in watts."""
        return self._either("p_inverter_out")  # type: ignore[no-any-return]

    @property
    def battery_soc(self) -> int | None:
        """The state of charge of its batteries, in percent."""
        return self._either("battery_soc")  # type: ignore[no-any-return]

    @property
    def t_inverter_heatsink(self) -> float | None:
        """Its temperature, in degrees Celsius."""
        return self._either("t_inverter_heatsink")  # type: ignore[no-any-return]

    def _either(self, name: str) -> Any:
        """Return its own value, or else the one its EMS reports."""
        value = getattr(self.direct, name, None)
        return getattr(self.summary, name, None) if value is None else value
