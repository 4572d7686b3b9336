"""The controller of a stack of low-voltage packs, where newer firmware has one."""

from typing import Annotated

from ..register import IR
from ..register_model import RegisterModel, WholeAmperes


class LvBcu(RegisterModel):
    """The controller of a stack of low-voltage packs."""

    bms_status_1: Annotated[int | None, IR(60)] = None
    """Stack BMS status word 1."""
    bms_status_2: Annotated[int | None, IR(61)] = None
    """Stack BMS status word 2."""
    request_charge_current: Annotated[WholeAmperes, IR(62)] = None
    """Charge current the BMS asks for, in A."""
    request_discharge_current: Annotated[WholeAmperes, IR(63)] = None
    """Discharge current the BMS asks for, in A."""

    def is_valid(self) -> bool:
        """Whether there is one: firmware without it answers zeros."""
        return any(
            (
                self.bms_status_1,
                self.bms_status_2,
                self.request_charge_current,
                self.request_discharge_current,
            )
        )
