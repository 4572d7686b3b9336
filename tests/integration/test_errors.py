"""The library's errors have their own message each."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components.givenergy.errors import translated_errors
from custom_components.givenergy.givenergy_modbus.exceptions import (
    InvalidPduState,
    InvalidSetting,
    WriteNotPermitted,
)
from custom_components.givenergy.runtime import GivEnergyConfigEntry


@pytest.mark.parametrize(
    ("err", "key", "message"),
    [
        (
            InvalidSetting("charge_target_soc", 2, "4 to 100"),
            "out_of_range",
            "Charge target must be between 4 and 100 (got 2)",
        ),
        (
            InvalidSetting("enable_charge", 7, "a bool"),
            "invalid_setting",
            "Scheduled charging cannot be set to 7",
        ),
        (ValueError("there is no charge slot 5"), "not_supported", "Not supported by this system"),
        (WriteNotPermitted("no"), "not_supported", "Not supported by this system"),
        (InvalidPduState("no"), "no_answer", "The system is not responding"),
    ],
)
async def test_an_error_is_translated(
    hass: HomeAssistant, loaded: GivEnergyConfigEntry, err: Exception, key: str, message: str
) -> None:
    with (
        pytest.raises(
            HomeAssistantError, match=f"^{message.replace('(', '.').replace(')', '.')}$"
        ) as caught,
        translated_errors(loaded.runtime_data.writer.names),
    ):
        raise err
    assert caught.value.translation_key == key
