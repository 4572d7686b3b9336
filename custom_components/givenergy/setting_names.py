"""Names and values of settings, as the entities that show them are translated."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_translate_state

from .const import DOMAIN
from .givenergy_modbus.model import TimeSlot
from .givenergy_modbus.model.devices.ems import Ems
from .givenergy_modbus.model.register import HR, RegisterField
from .givenergy_modbus.model.register_model import RegisterModel
from .slots import SLOT_KINDS
from .texts import cached_text, message_text

_PLATFORMS = ("number", "select", "switch", "time", "button", "sensor", "binary_sensor")
_SHOWN_AS = {"ac_charge_enable": "enable_charge", "inverter_reboot": "reboot"}
"""Entities that go by another key than the setting they write."""


class SettingNames:
    """Translates the settings of one device into Home Assistant's language."""

    def __init__(self, hass: HomeAssistant, device: type[RegisterModel]) -> None:
        """Use the texts of the entities of this kind of device."""
        self._hass = hass
        self._device = device
        self._owner = "ems" if issubclass(device, Ems) else "inverter"

    def name(self, setting: str) -> str:
        """Return the name of a setting given by its field, such as ``charge_target_soc``."""
        return (
            self._slot_name(setting)
            or self._entity_text(_SHOWN_AS.get(setting, setting))
            or setting.replace("_", " ").capitalize()
        )

    def limits(self, setting: str) -> tuple[float, float] | None:
        """Return the smallest and the largest value a setting accepts, None if it has no range."""
        field = self._device.register_fields.get(setting)
        limits = field.writable if field is not None else None
        if limits is None or limits.low is None or limits.high is None:
            return None
        return limits.low, limits.high

    def fields_at(self, registers: Iterable[int]) -> list[RegisterField]:
        """Return the settings kept in some holding registers, each once."""
        wanted = {HR(register) for register in registers}
        fields = self._device.register_fields.values()
        return [
            field
            for field in fields
            if field.writable is not None and not wanted.isdisjoint(field.registers)
        ]

    def names_at(self, registers: Iterable[int]) -> str:
        """Return the names of the settings kept in some holding registers, with commas."""
        return ", ".join(self.name(field.name) for field in self.fields_at(registers))

    def value(self, field: RegisterField, value: Any) -> str:
        """Return a setting's value as its entity shows it."""
        if isinstance(value, bool):
            return async_translate_state(
                self._hass, "on" if value else "off", "switch", None, None, None
            )
        if isinstance(value, Enum):
            return async_translate_state(
                self._hass, value.name.lower(), "select", DOMAIN, field.name, None
            )
        return str(to_json_value(value))

    def slot_kind(self, key: str) -> str:
        """Return what a kind of slot is called."""
        return self._text("selector", f"slot_kind.options.{key}") or key

    def slot_end(self, key: str, number: int) -> str:
        """Return what the time entity of one end of a slot is called, by its translation key."""
        name = self._text("entity", f"time.{key}.name")
        return key if name is None else name.format(number=number)

    def note(self, key: str) -> str:
        """Return a note on an override."""
        return self._text("selector", f"override_note.options.{key}") or key

    def message(self, message: str) -> str:
        """Return a fault or warning message of the device."""
        return message_text(self._hass, message)

    def _slot_name(self, setting: str) -> str | None:
        for kind in SLOT_KINDS:
            if kind.device_kind != self._owner:
                continue
            for number in range(1, kind.count + 1):
                if setting == kind.name(number):
                    called = self.slot_kind(kind.key)
                    return called if kind.count == 1 else f"{called} {number}"
                if setting == kind.target_name(number):
                    name = self._text("entity", f"number.{kind.key}_slot_target.name")
                    return name and name.format(number=number)
        return None

    def _entity_text(self, key: str) -> str | None:
        names = (self._text("entity", f"{platform}.{key}.name") for platform in _PLATFORMS)
        return next((name for name in names if name is not None), None)

    def _text(self, category: str, key: str) -> str | None:
        return cached_text(self._hass, category, key)


def to_json_value(value: Any) -> Any:
    """Return a setting's value as events and messages can carry it."""
    if isinstance(value, TimeSlot):
        return f"{value.start:%H:%M}-{value.end:%H:%M}"
    if isinstance(value, Enum):
        return value.name.lower()
    return value if value is None or isinstance(value, int | float) else str(value)
