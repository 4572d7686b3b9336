"""What the log holds: neither a whole serial number nor a network address."""

import logging

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant

from custom_components.givenergy.const import DOMAIN, LOGGER
from custom_components.givenergy.givenergy_modbus.exceptions import CommunicationError
from custom_components.givenergy.givenergy_modbus.simulator import Simulator, profile
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from .conftest import nobody_at, set_up
from .states import poll

FORMATTER = logging.Formatter()


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return what was logged about the integration, tracebacks included."""
    return "\n".join(
        FORMATTER.format(record)
        for record in caplog.records
        if "simulator" not in record.name and not record.name.startswith("homeassistant.helpers")
    )


async def test_an_outage_is_logged_without_address_and_serial(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await set_up(hass, entry)
    await poll(hass, entry)
    await simulator.close()
    await poll(hass, entry, 4)
    text = logged(caplog)
    assert "the system does not respond" in text
    assert simulator.host not in text
    assert simulator.bus.inverter_serial not in text
    warnings = [record for record in caplog.records if record.levelno > logging.INFO]
    assert len([record for record in warnings if DOMAIN in record.name]) == 1


@pytest.mark.parametrize("host", ["192.168.1.50", "dongle.lan", "fd12::50"])
def test_an_error_is_logged_without_the_host(host: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    LOGGER.debug("Poll failed: %s", CommunicationError(f"Error connecting to {host}:8899"))
    assert host not in caplog.text
    assert "Poll failed: Error connecting to " in caplog.text


async def test_a_failed_set_up_is_logged_without_address(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await simulator.close()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert simulator.host not in logged(caplog)


async def test_another_system_is_logged_without_serials(
    hass: HomeAssistant,
    socket_enabled: None,
    entry: GivEnergyConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Simulator(profile("gen3_hybrid"), latency=0) as other:
        data = {**entry.data, CONF_HOST: other.host, CONF_PORT: other.port}
        hass.config_entries.async_update_entry(entry, data=data)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        await nobody_at(other)
    text = logged(caplog)
    assert entry.unique_id is not None
    assert entry.unique_id not in text
    assert other.bus.inverter_serial not in text
    assert other.host not in text
