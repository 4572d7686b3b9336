"""Energy counters of single-phase inverters, and energies computed from them."""

from typing import Annotated, ClassVar

from pydantic import computed_field

from ..codecs import deci, deci_uint32
from ..models import Trait
from ..register import IR
from ..register_model import DailyEnergy, LifetimeEnergy
from .base_inverter import Inverter

_SUMMED = Trait.EMS | Trait.GATEWAY
"""Devices that repeat sums of others here, each in its own way."""

_BATTERY_DAY = Trait.BATTERY_DAY_IN_IR36
_UNMETERED_GRID = 0.01
"""Share of the inverter's own energy below which the grid counters count nothing."""


class SinglePhaseEnergies(Inverter):
    """Energies of a single-phase inverter, in kWh."""

    only_with: ClassVar = {
        "e_battery_charge_today": _BATTERY_DAY,
        "e_battery_discharge_today": _BATTERY_DAY,
        "e_battery_charge_total": Trait.BATTERY_TOTALS_IN_IR180,
        "e_battery_discharge_total": Trait.BATTERY_TOTALS_IN_IR180,
        "e_pv_direct_today": _BATTERY_DAY,
    }
    never_with: ClassVar = {
        **Inverter.never_with,
        **dict.fromkeys(
            (
                "e_pv_generation_today",
                "e_pv_generation_total",
                "v_pv1",
                "v_pv2",
                "i_pv1",
                "i_pv2",
            ),
            Trait.AC_METERED_PV,
        ),
        **dict.fromkeys(
            ("e_self_consumption_today", "e_self_consumption_total", "e_pv_direct_today"),
            Trait.AC_METERED_PV | _SUMMED,
        ),
        **dict.fromkeys(
            (
                "e_inverter_out_today",
                "e_inverter_out_total",
                "e_consumption_today",
                "e_consumption_total",
            ),
            _SUMMED,
        ),
    }
    unfilled_zeros: ClassVar = (
        frozenset({"e_battery_charge_total_alt1", "e_battery_discharge_total_alt1"}),
        frozenset({"battery_soc", "v_battery", "i_battery", "t_battery", "p_battery"}),
    )

    e_battery_throughput: Annotated[LifetimeEnergy, IR(6), deci_uint32] = None
    """Energy into and out of the battery together, in kWh."""
    e_pv_total: Annotated[LifetimeEnergy, IR(11), deci_uint32] = None
    """Solar energy of both strings since commissioning, in kWh."""
    e_ac_charge_today: Annotated[DailyEnergy, IR(35), deci] = None
    """Energy from the AC side into the battery today, in kWh."""
    e_inverter_out_today: Annotated[DailyEnergy, IR(44), deci] = None
    """Energy from the inverter to the AC side today, in kWh."""
    e_inverter_out_total: Annotated[LifetimeEnergy, IR(45), deci_uint32] = None
    """Energy from the inverter to the AC side since commissioning, in kWh."""

    @computed_field
    @property
    def e_pv_today(self) -> DailyEnergy:
        """Solar energy of both strings today, in kWh."""
        match self.e_pv1_day, self.e_pv2_day:
            case float(first), float(second):
                return round(first + second, 1)
        return None

    def e_pv_day(self) -> float | None:
        """Return today's solar energy of both strings, in kWh."""
        return self.e_pv_today

    @computed_field
    @property
    def e_battery_charge_today(self) -> DailyEnergy:
        """Energy into the battery today, in kWh; None where the firmware does not count it."""
        known = Trait.BATTERY_DAY_IN_IR36 in self.traits
        return self.e_battery_charge_today_alt1 if known else None

    @computed_field
    @property
    def e_battery_discharge_today(self) -> DailyEnergy:
        """Energy out of the battery today, in kWh; None where the firmware does not count it."""
        known = Trait.BATTERY_DAY_IN_IR36 in self.traits
        return self.e_battery_discharge_today_alt1 if known else None

    @computed_field
    @property
    def e_battery_charge_total(self) -> LifetimeEnergy:
        """Energy into the battery, in kWh; None where the firmware does not count it."""
        known = Trait.BATTERY_TOTALS_IN_IR180 in self.traits
        return self.e_battery_charge_total_alt1 if known else None

    @computed_field
    @property
    def e_battery_discharge_total(self) -> LifetimeEnergy:
        """Energy out of the battery, in kWh; None where the firmware does not count it."""
        known = Trait.BATTERY_TOTALS_IN_IR180 in self.traits
        return self.e_battery_discharge_total_alt1 if known else None

    @computed_field
    @property
    def e_consumption_today(self) -> DailyEnergy:
        """Energy the house used today, in kWh, from the balance of the counters.

        Inverter output plus import, less export and charging from the AC side; where
        solar is metered on the AC side it is added. None while the grid is not metered.
        """
        return self._consumption(
            self.e_inverter_out_today,
            self.e_grid_in_day,
            self.e_grid_out_day,
            self.e_ac_charge_today,
            self.e_pv_today,
        )

    @computed_field
    @property
    def e_consumption_total(self) -> LifetimeEnergy:
        """Energy the house used since commissioning, in kWh; the balance of today's, lifelong."""
        return self._consumption(
            self.e_inverter_out_total,
            self.e_grid_in_total,
            self.e_grid_out_total,
            self.e_inverter_in_total,
            self.e_pv_total,
        )

    def _consumption(
        self,
        output: float | None,
        bought: float | None,
        sold: float | None,
        charged: float | None,
        solar: float | None,
    ) -> float | None:
        if _SUMMED & self.traits:
            return None
        if Trait.AC_METERED_PV not in self.traits:
            solar = 0.0
        if output is None or bought is None or sold is None or charged is None or solar is None:
            return None
        if not self._is_grid_metered:
            return None
        return round(max(0.0, output + bought - sold - charged + solar), 1)

    @property
    def _is_grid_metered(self) -> bool:
        """Whether the grid counters count: without a meter they stay near zero for years."""
        match self.e_grid_in_total, self.e_grid_out_total:
            case float(bought), float(sold):
                own = (self.e_inverter_out_total or 0.0) + (self.e_inverter_in_total or 0.0)
                return bought + sold >= _UNMETERED_GRID * own
        return False

    @computed_field
    @property
    def e_self_consumption_today(self) -> DailyEnergy:
        """Solar energy not exported today, in kWh; it falls while a battery is exporting."""
        return self._kept(self.e_pv_today, self.e_grid_out_day)

    @computed_field
    @property
    def e_self_consumption_total(self) -> LifetimeEnergy:
        """Solar energy not exported, in kWh; it falls while a battery is exporting."""
        return self._kept(self.e_pv_total, self.e_grid_out_total)

    @computed_field
    @property
    def e_pv_direct_today(self) -> DailyEnergy:
        """Solar energy that went straight to the house today, in kWh."""
        match self.e_battery_charge_today, self.e_ac_charge_today:
            case float(stored), float(from_ac):
                kept = self._kept(self.e_pv_today, self.e_grid_out_day)
                return _remainder(kept, max(0.0, stored - from_ac))
        return None

    def _kept(self, solar: float | None, sold: float | None) -> float | None:
        """Return the solar energy that was not exported, where the strings are the inverter's."""
        return None if (Trait.AC_METERED_PV | _SUMMED) & self.traits else _remainder(solar, sold)


def _remainder(energy: float | None, taken: float | None) -> float | None:
    """Return what is left of an energy, in kWh and never negative."""
    if energy is None or taken is None:
        return None
    return round(max(0.0, energy - taken), 1)
