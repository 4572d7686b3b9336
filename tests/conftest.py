"""Settings for all tests."""

import gc

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes depends on the machine.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.fixture(autouse=True, scope="session")
def garbage_collection() -> None:
    """Collect once before the first test; Home Assistant's own fixture does so in each module."""
    gc.collect()
    gc.freeze()
