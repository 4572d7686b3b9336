"""How much power a field can show: what the inverter is rated for, or the supply."""

import re
from functools import cache
from typing import NamedTuple

from ..devices.meter import Meter
from ..register import RegisterField
from ..register_model import RegisterModel

PHASE_WATTS = 25_000
"""What one phase of a house's supply can carry: 100 A at 250 V."""

UNKNOWN_RATING = 100_000
"""Watts thought possible where no rating is known."""

_SUPPLY = re.compile(r"grid|import|export|load|meter|demand|combined|apparent|calc_|other_")
_PHASE = re.compile(r"_(?:ac|phase_|ph)\d$")


class Limits(NamedTuple):
    """The watts that can flow."""

    inverter: int = UNKNOWN_RATING
    """Through solar strings, battery and output of the inverter."""
    phases: int = 3
    """Phases of the supply, for grid, load and meters."""

    def watts(self, model: type[RegisterModel], field: RegisterField) -> int:
        """Return the limit of one field, a power or an energy."""
        if not is_of_supply(model, field.name):
            return self.inverter
        one_phase = self.phases == 1 or _PHASE.search(field.name)
        return PHASE_WATTS * (1 if one_phase else self.phases)


@cache
def is_of_supply(model: type[RegisterModel], name: str) -> bool:
    """Return whether a field shows what flows through the supply or into the house."""
    if name.startswith(("e_inverter_", "p_inverter_")):
        return False
    return issubclass(model, Meter) or _SUPPLY.search(name) is not None
