"""Registers of energy meters, with the scaling of each meter type."""

from dataclasses import dataclass
from enum import Enum

from .device_registers import DeviceRegisters
from .physics import World

PHASES = (0.30, 0.36, 0.34)
"""Share of the load on each phase of a three-phase house."""


HEATING_SHARE = 0.4
"""Share of the load that is the heat pump's."""


class MeterRole(Enum):
    """What a meter measures."""

    GRID = "grid"
    GENERATION = "generation"
    HEATING = "heating"

    def watts(self, world: World) -> int:
        """Return the power in W, positive for import."""
        match self:
            case MeterRole.GRID:
                return -world.grid
            case MeterRole.GENERATION:
                return world.solar
            case MeterRole.HEATING:
                return round(world.load * HEATING_SHARE)

    def counters(self, world: World) -> tuple[float, float]:
        """Return the kWh imported and exported."""
        match self:
            case MeterRole.GRID:
                return world.total("import"), world.total("export")
            case MeterRole.GENERATION:
                return world.total("pv1", "pv2"), 0.0
            case MeterRole.HEATING:
                return world.total("load") * HEATING_SHARE, 0.0


@dataclass(frozen=True, slots=True)
class MeterScaling:
    """Scaling factors of a meter type, which no register holds."""

    ampere: int = 100
    """Units per ampere."""
    volt_ampere: int = 1
    """Units per volt-ampere."""
    factors_from_one: bool = True
    """Power factors are stored as 1 minus the value."""
    totals: bool = True
    """A single-phase meter repeats its phase as the total."""


SINGLE_PHASE = MeterScaling()
THREE_PHASE = MeterScaling(ampere=10)
EMS = MeterScaling(ampere=10, volt_ampere=10, factors_from_one=False)
GATEWAY = MeterScaling(totals=False)


class EnergyMeter:
    """A meter of one or three phases."""

    def __init__(
        self, registers: DeviceRegisters, role: MeterRole, make: MeterScaling, phases: int = 1
    ) -> None:
        """Initialize from role, scaling and number of phases."""
        self._registers = registers
        self._role = role
        self._make = make
        self._shares = PHASES if phases == 3 else (1.0,)

    def update(self, world: World) -> None:
        """Write the meter's registers."""
        watts, volts = self._role.watts(world), world.weather.volts
        bought, sold = self._role.counters(world)
        values = {
            "frequency": world.weather.hertz,
            "e_import_active": bought,
            "e_export_active": sold,
        }
        phases = [round(watts * share) for share in self._shares]
        phases[0] += watts - sum(phases)
        for number, active in enumerate(phases, 1):
            values[f"v_phase_{number}"] = volts + (number - 1) * 0.7
            values |= self._flow(f"phase_{number}", active, volts)
        if self._make.totals:
            values |= self._flow("total", watts, volts)
        self._registers.write(values)

    def _flow(self, of: str, active: int, volts: float) -> dict[str, float]:
        """Return the values of one phase or the total, in the declared units."""
        make = self._make
        reactive = -round(40 + 0.03 * abs(active))
        apparent = round((active**2 + reactive**2) ** 0.5)
        factor = active / apparent
        if make.factors_from_one:
            factor = 1 - factor
        return {
            f"i_{of}": round(apparent / volts * make.ampere) / 100,
            f"p_active_{of}": active,
            f"p_reactive_{of}": reactive,
            f"p_apparent_{of}": round(apparent * make.volt_ampere) / 10,
            f"pf_{of}": factor,
        }
