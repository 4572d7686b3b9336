"""Names that moved between the supported releases of Home Assistant."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
    from homeassistant.components.button.const import ButtonDeviceClass
else:
    try:
        from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
        from homeassistant.components.button.const import ButtonDeviceClass
    except ImportError:  # before 2026.10 the packages themselves define them
        from homeassistant.components.binary_sensor import BinarySensorDeviceClass
        from homeassistant.components.button import ButtonDeviceClass

__all__ = ["BinarySensorDeviceClass", "ButtonDeviceClass"]
