"""Settings of a GivEnergy plant that are one of a few."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import INVERTERS, AnyInverter, PlantDevice
from .entity import (
    CONFIG,
    NO_OVERRIDES,
    GivEnergyControlDescription,
    GivEnergyEntity,
    RowOverrides,
    add_entities_of,
)
from .field_names import name_of, registers_of
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.enums import BatteryPauseMode, BatteryPowerMode, ExportPriority
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .runtime import GivEnergyConfigEntry

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergySelectDescription[DeviceT: RegisterModel, ChoiceT](
    GivEnergyControlDescription[DeviceT, ChoiceT], SelectEntityDescription
):
    """A choice as one row: the device's value for each option, and how to set it."""

    choices: Mapping[str, ChoiceT]
    set_fn: Callable[[DeviceT, ChoiceT], Requests]


type OperatingMode = tuple[BatteryPowerMode | None, bool | None]

MODES: Mapping[str, OperatingMode] = {
    "eco": (BatteryPowerMode.SELF_CONSUMPTION, False),
    "timed_discharge": (BatteryPowerMode.SELF_CONSUMPTION, True),
    "timed_export": (BatteryPowerMode.EXPORT, True),
    "export_paused": (BatteryPowerMode.EXPORT, False),
}
"""Operating modes as the vendor's portal names them, by discharge strategy and timed discharge."""


def _power_mode(inverter: AnyInverter, mode: int | None) -> Requests:
    if mode == BatteryPowerMode.EXPORT:
        return inverter.set_discharge_mode_max_power()
    return inverter.set_discharge_mode_to_match_demand()


def _operating_mode(inverter: AnyInverter, mode: OperatingMode) -> Requests:
    """Build the two writes of a mode; the flag that lets the battery discharge comes last."""
    strategy, timed = mode
    return [*_power_mode(inverter, strategy), *inverter.set_enable_discharge(bool(timed))]


def select[DeviceT: RegisterModel](
    model: type[DeviceT],
    pick: Callable[[DeviceT], int | None],
    members: type[IntEnum],
    set_fn: Callable[[DeviceT, int], Requests] | None = None,
    overrides: RowOverrides = NO_OVERRIDES,
) -> GivEnergySelectDescription[DeviceT, int]:
    """Describe the choice of a writable field; setting it writes the field."""
    name = name_of(pick)
    row: RowOverrides = {"translation_key": name, **overrides}
    return GivEnergySelectDescription(
        key=name,
        choices={member.name.lower(): member for member in members},
        value_fn=pick,
        set_fn=set_fn or (lambda device, member: device.write(**{name: member})),
        reads=model.setting(name).registers,
        **row,
    )


def _operating_mode_select(
    model: type[AnyInverter],
) -> GivEnergySelectDescription[AnyInverter, OperatingMode]:
    return GivEnergySelectDescription(
        key="operating_mode",
        translation_key="operating_mode",
        choices=MODES,
        value_fn=lambda inverter: (inverter.battery_power_mode, inverter.enable_discharge),
        set_fn=_operating_mode,
        reads=registers_of(
            model, lambda inverter: (inverter.battery_power_mode, inverter.enable_discharge)
        ),
        disabled_for=Trait.THREE_PHASE,
    )


def _power_mode_select(
    model: type[AnyInverter],
) -> GivEnergySelectDescription[AnyInverter, int]:
    return select(
        model,
        lambda inverter: inverter.battery_power_mode,
        BatteryPowerMode,
        _power_mode,
        overrides={"disabled_for": Trait.THREE_PHASE},
    )


def _pause_mode_select(
    model: type[AnyInverter],
) -> GivEnergySelectDescription[AnyInverter, int]:
    return select(model, lambda inverter: inverter.battery_pause_mode, BatteryPauseMode)


PREDBAT_PAUSES: Mapping[str, int] = {
    "Not Paused": BatteryPauseMode.DISABLED,
    "Pause Charge": BatteryPauseMode.PAUSE_CHARGE,
    "Pause Discharge": BatteryPauseMode.PAUSE_DISCHARGE,
    "Pause Charge & Discharge": BatteryPauseMode.PAUSE_BOTH,
}
"""Pause modes in the words that Predbat writes, which are not translated."""


def _predbat_pause_select(
    model: type[AnyInverter],
) -> GivEnergySelectDescription[AnyInverter, int]:
    pause = _pause_mode_select(model)
    return replace(
        pause,
        key="predbat_pause",
        translation_key="predbat_pause",
        choices=PREDBAT_PAUSES,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
    )


def _export_priority_select(
    model: type[AnyInverter],
) -> GivEnergySelectDescription[AnyInverter, int]:
    return select(
        model, lambda inverter: inverter.export_priority, ExportPriority, overrides=CONFIG
    )


type AnySelect = GivEnergySelectDescription[Any, Any]


def selects(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Iterator[AnySelect]:
    """Describe the choices of one device."""
    model = plant_device.model
    if issubclass(model, INVERTERS):
        yield _operating_mode_select(model)
        yield _power_mode_select(model)
        yield _pause_mode_select(model)
        yield _predbat_pause_select(model)
        yield _export_priority_select(model)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the choices of a plant."""
    add_entities_of(entry, async_add_entities, selects, GivEnergySelect)


class GivEnergySelect[DeviceT: RegisterModel, ChoiceT](
    GivEnergyEntity[DeviceT, ChoiceT], SelectEntity
):
    """A setting that is one of a few."""

    entity_description: GivEnergySelectDescription[DeviceT, ChoiceT]

    @property
    @override
    def options(self) -> list[str]:
        return list(self.entity_description.choices)

    @property
    @override
    def current_option(self) -> str | None:
        value = self.device_value
        choices = self.entity_description.choices
        return next((option for option, choice in choices.items() if choice == value), None)

    @override
    async def async_select_option(self, option: str) -> None:
        choice = self.entity_description.choices[option]
        await self.send(self.entity_description.set_fn, choice)
