"""A clock that tests move."""

from typing import override

from custom_components.givenergy.givenergy_modbus.clock import SystemClock


class MovableClock(SystemClock):
    """A clock whose monotonic time tests advance, so that blocks grow old at once."""

    def __init__(self) -> None:
        """Start at the present."""
        self.advanced = 0.0

    @override
    def monotonic(self) -> float:
        return super().monotonic() + self.advanced
