"""An inverter that is replaced while an override runs."""

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant

from custom_components.givenergy.givenergy_modbus.simulator import Simulator
from custom_components.givenergy.runtime import GivEnergyConfigEntry

from ..actions import state_of, use
from .plants import set_words, settings, simulated, written


async def test_a_new_inverter_keeps_its_own_settings(
    hass: HomeAssistant, simulator: Simulator, loaded: GivEnergyConfigEntry
) -> None:
    await use(hass, loaded, "action.force_export", duration="01:00:00")
    assert state_of(hass, loaded, "sensor.override") == "export"
    async with simulated("gen2_hybrid") as other:
        # Its owner wants what the override has set in the old one.
        set_words(other, dict(written(simulator)))
        before = settings(other)
        flows = hass.config_entries.flow
        flow = await loaded.start_reconfigure_flow(hass)
        address = {CONF_HOST: other.host, CONF_PORT: other.port}
        await flows.async_configure(flow["flow_id"], address)
        await hass.async_block_till_done(wait_background_tasks=True)
        flow = await flows.async_configure(flow["flow_id"])
        assert flow["step_id"] == "replace"
        await flows.async_configure(flow["flow_id"], {})
        await hass.async_block_till_done(wait_background_tasks=True)
        assert state_of(hass, loaded, "sensor.override") == "none"
        assert settings(other) == before
        assert not other.writes
        assert await hass.config_entries.async_unload(loaded.entry_id)
