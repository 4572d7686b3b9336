"""The plant and the clock of the overrides' tests."""

from ..overrides.conftest import at, clock, simulator, time_of, zone

__all__ = ["at", "clock", "simulator", "time_of", "zone"]
