"""The inverter's clock, compared with Home Assistant's."""

from datetime import datetime, timedelta

from homeassistant.util import dt as dt_util

from .givenergy_modbus.model.plan import CONFIG, INVERTER_ADDRESS, Read
from .givenergy_modbus.model.plant import Plant

CLOCK_BLOCK = Read(INVERTER_ADDRESS, CONFIG[0])
CLOCK_DRIFT_LIMIT = timedelta(minutes=2)


def drift_of(plant: Plant) -> timedelta | None:
    """Return how far the inverter's clock is ahead of ours, None while it is unread."""
    shown: datetime | None = plant.inverter.system_time
    read_at = plant.stored_at(CLOCK_BLOCK)
    if shown is None or read_at is None:
        return None
    return shown - dt_util.as_local(read_at).replace(tzinfo=None)
