"""How plants are reached."""

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .givenergy_modbus.client.client import Client
from .givenergy_modbus.client.patience import Patience

PATIENCE: HassKey[Patience] = HassKey(f"{DOMAIN}_patience")
"""Time-outs and gaps for plants that are quicker than real ones."""


def client_for(hass: HomeAssistant, host: str, port: int) -> Client:
    """Return a client for the plant at an address; nothing is sent yet."""
    return Client(host, port, patience=hass.data.get(PATIENCE, Patience()))
