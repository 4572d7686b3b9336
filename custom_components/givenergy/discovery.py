"""Whether a discovered dongle belongs to a configured system that has moved."""

from ipaddress import ip_address

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.util.network import is_ip_address

from .givenergy_modbus.exceptions import CommunicationError
from .runtime import GivEnergyConfigEntry, client_for


def responds(entry: GivEnergyConfigEntry) -> bool:
    """Return whether an entry's system responded to its last poll."""
    return entry.state is ConfigEntryState.LOADED and not entry.runtime_data.coordinator.data.failed


async def async_serial_at(hass: HomeAssistant, host: str, port: int) -> str | None:
    """Return the serial number of the system at an address, None where there is none."""
    client = client_for(hass, host, port)
    try:
        await client.connect()
        alive = await client.probe_alive()
    except CommunicationError:
        return None
    finally:
        await client.close()
    return client.plant.inverter_serial if alive else None


async def async_has_moved(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, host: str, port: int
) -> bool:
    """Return whether an entry's system, found at an address, no longer responds at its own.

    A host name follows its system by itself. A proxy is left alone: it is on this machine,
    on a port that the dongle does not use, or it responds.
    """
    known: str = entry.data.get(CONF_HOST, host)
    if known == host or entry.data[CONF_PORT] != port or responds(entry):
        return False
    if not is_ip_address(known) or ip_address(known).is_loopback:
        return False
    return await async_serial_at(hass, known, port) != entry.unique_id
