"""Settings of a GivEnergy plant that are one of a few."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import PlantDevice
from .entity import GivEnergyControlDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.client import commands
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.enums import BatteryPauseMode, BatteryPowerMode, ExportPriority
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register_model import Requests
from .runtime import GivEnergyConfigEntry

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergySelectDescription[DeviceT](
    GivEnergyControlDescription[DeviceT], SelectEntityDescription
):
    """A choice as one row: what the device has for each option, and how to bring it there."""

    choices: Mapping[str, Any]
    set_fn: Callable[[DeviceT, Any], Requests]


MODES = {
    "eco": (BatteryPowerMode.SELF_CONSUMPTION, False),
    "timed_discharge": (BatteryPowerMode.SELF_CONSUMPTION, True),
    "timed_export": (BatteryPowerMode.EXPORT, True),
    "export_paused": (BatteryPowerMode.EXPORT, False),
}
"""Operating modes as the vendor's portal names them, by discharge strategy and timed discharge."""


def _power_mode(inverter: Any, mode: BatteryPowerMode) -> Requests:
    if mode is BatteryPowerMode.EXPORT:
        return inverter.set_discharge_mode_max_power()  # type: ignore[no-any-return]
    return inverter.set_discharge_mode_to_match_demand()  # type: ignore[no-any-return]


def _operating_mode(inverter: Any, mode: tuple[BatteryPowerMode, bool]) -> Requests:
    """Build the two writes of a mode; the flag that lets the battery go comes last."""
    strategy, timed = mode
    return [*_power_mode(inverter, strategy), *inverter.set_enable_discharge(timed)]


def selects(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[GivEnergySelectDescription[Any]]:
    """Describe the choices of one device."""
    if plant_device.kind.key != "inverter":
        return
    fields = plant_device.model.register_fields

    def registers(*names: str) -> tuple[Any, ...]:
        return tuple(register for name in names for register in fields[name].registers)

    yield GivEnergySelectDescription(
        key="operating_mode",
        translation_key="operating_mode",
        choices=MODES,
        value_fn=lambda it: (it.battery_power_mode, it.enable_discharge),
        set_fn=_operating_mode,
        reads=registers("battery_power_mode", "enable_discharge"),
        disabled_for=Trait.THREE_PHASE,
    )
    yield GivEnergySelectDescription(
        key="battery_power_mode",
        translation_key="battery_power_mode",
        choices={mode.name.lower(): mode for mode in BatteryPowerMode},
        value_fn=lambda it: it.battery_power_mode,
        set_fn=_power_mode,
        reads=registers("battery_power_mode"),
        disabled_for=Trait.THREE_PHASE,
    )
    yield GivEnergySelectDescription(
        key="battery_pause_mode",
        translation_key="battery_pause_mode",
        choices={mode.name.lower(): mode for mode in BatteryPauseMode},
        value_fn=lambda it: it.battery_pause_mode,
        set_fn=lambda _, mode: commands.set_battery_pause_mode(mode),
        reads=registers("battery_pause_mode"),
    )
    yield GivEnergySelectDescription(
        key="export_priority",
        translation_key="export_priority",
        entity_category=EntityCategory.CONFIG,
        choices={priority.name.lower(): priority for priority in ExportPriority},
        value_fn=lambda it: it.export_priority,
        set_fn=lambda it, priority: it.set_export_priority(priority),
        reads=registers("export_priority"),
    )


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the choices of a plant."""
    async_add_entities(entities_of(entry, selects, GivEnergySelect))


class GivEnergySelect[DeviceT](GivEnergyEntity[DeviceT], SelectEntity):
    """A setting that is one of a few."""

    entity_description: GivEnergySelectDescription[DeviceT]

    @property
    @override
    def options(self) -> list[str]:
        return list(self.entity_description.choices)

    @property
    @override
    def current_option(self) -> str | None:
        value = self.device_value
        choices = self.entity_description.choices
        return next((option for option, means in choices.items() if means == value), None)

    @override
    async def async_select_option(self, option: str) -> None:
        wanted = self.entity_description.choices[option]
        await self.send(self.entity_description.set_fn, wanted)
