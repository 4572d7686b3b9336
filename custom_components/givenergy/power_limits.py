"""Battery power limits in W, which inverters keep as shares of the battery's capacity."""

from dataclasses import dataclass
from typing import Self

from .givenergy_modbus.model.plant import Plant

FULL_RATE = 50
"""C-rate that means no limit, in hundredths of the capacity per hour."""


@dataclass(frozen=True, slots=True)
class PowerScale:
    """Converts a power limit between W and hundredths of the capacity per hour."""

    capacity_wh: float
    top: int
    """The most the battery can be charged or discharged with, in W."""

    @classmethod
    def of(cls, capacity_kwh: float | None, port_w: int | None, rated_w: int | None) -> Self | None:
        """Return the scale of a battery; None while its capacity is unknown.

        The port is what the inverter's battery side is good for, in W; its AC rating
        stands in where that is unknown.
        """
        if not capacity_kwh:
            return None
        half = round(capacity_kwh * 1000 * FULL_RATE / 100)
        return cls(capacity_kwh * 1000, min(half, port_w or rated_w or half))

    @classmethod
    def of_plant(cls, plant: Plant) -> Self | None:
        """Return the scale of a plant's batteries; None while their capacity is unknown."""
        inverter = plant.inverter
        capacity = inverter.battery_capacity_kwh
        if capacity is None:
            capacity = sum(stack.bcu.capacity_wh or 0 for stack in plant.hv_stacks) / 1000
        return cls.of(capacity, inverter.battery_max_power, inverter.inverter_max_power)

    def watts(self, c_rate: int) -> int:
        """Return the power that a C-rate allows, in W."""
        if c_rate >= FULL_RATE:
            return self.top
        return min(round(self.capacity_wh * c_rate / 100), self.top)

    def c_rate(self, watts: float) -> int:
        """Return the C-rate nearest to a power in W; without limit from the top on."""
        return FULL_RATE if watts >= self.top else round(100 * watts / self.capacity_wh)
