"""Settings of a GivEnergy plant that are on or off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import INVERTERS, AnyInverter, PlantDevice
from .entity import (
    CONFIG,
    CONFIG_DISABLED,
    NO_OVERRIDES,
    GivEnergyControlDescription,
    GivEnergyEntity,
    RowOverrides,
    add_entities_of,
)
from .field_names import name_of
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.devices.ems import Ems
from .givenergy_modbus.model.enums import BatteryPowerMode
from .givenergy_modbus.model.inverter import SinglePhaseInverter
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .runtime import GivEnergyConfigEntry

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergySwitchDescription[DeviceT: RegisterModel](
    GivEnergyControlDescription[DeviceT, bool], SwitchEntityDescription
):
    """A switch as one row."""

    set_fn: Callable[[DeviceT, bool], Requests]


def switch[DeviceT: RegisterModel](
    model: type[DeviceT],
    pick: Callable[[DeviceT], bool | None],
    set_fn: Callable[[DeviceT, bool], Requests] | None = None,
    *,
    key: str | None = None,
    overrides: RowOverrides = NO_OVERRIDES,
) -> GivEnergySwitchDescription[DeviceT]:
    """Describe the switch of a writable flag; switching it writes the field."""
    name = name_of(pick)
    row: RowOverrides = {"translation_key": key or name, **overrides}
    return GivEnergySwitchDescription(
        key=key or name,
        set_fn=set_fn or (lambda device, on: device.write(**{name: on})),
        value_fn=pick,
        reads=model.register_fields[name].registers,
        **row,
    )


_NOT_THREE_PHASE: RowOverrides = {"disabled_for": Trait.THREE_PHASE}


def _inverter_switches(
    model: type[AnyInverter],
) -> Iterator[GivEnergySwitchDescription[AnyInverter]]:
    """Describe the switches that inverters have, single-phase and three-phase alike."""
    yield switch(model, lambda inverter: inverter.enable_discharge, overrides=_NOT_THREE_PHASE)
    yield switch(model, lambda inverter: inverter.enable_charge_target, overrides=_NOT_THREE_PHASE)
    yield switch(
        model,
        lambda inverter: inverter.enable_rtc,
        overrides={**CONFIG_DISABLED, "lacks": Trait.THREE_PHASE},
    )
    yield switch(model, lambda inverter: inverter.enable_eps, overrides=CONFIG)
    yield _eco_mode(model)


def _eco_mode(model: type[AnyInverter]) -> GivEnergySwitchDescription[AnyInverter]:
    """Describe the switch of the discharge strategy: to match the home's demand, or not."""
    return GivEnergySwitchDescription(
        key="eco_mode",
        translation_key="eco_mode",
        value_fn=_is_eco,
        set_fn=_set_eco,
        reads=model.setting(name_of(_power_mode)).registers,
        disabled_for=Trait.THREE_PHASE,
    )


def _power_mode(inverter: AnyInverter) -> BatteryPowerMode | None:
    return inverter.battery_power_mode


def _is_eco(inverter: AnyInverter) -> bool | None:
    mode = inverter.battery_power_mode
    return None if mode is None else mode is BatteryPowerMode.SELF_CONSUMPTION


def _set_eco(inverter: AnyInverter, on: bool) -> Requests:
    if on:
        return inverter.set_discharge_mode_to_match_demand()
    return inverter.set_discharge_mode_max_power()


def _single_phase_switches(
    model: type[SinglePhaseInverter],
) -> Iterator[GivEnergySwitchDescription[SinglePhaseInverter]]:
    yield switch(model, lambda inverter: inverter.enable_charge)


def _three_phase_switches(
    model: type[ThreePhaseInverter],
) -> Iterator[GivEnergySwitchDescription[ThreePhaseInverter]]:
    yield switch(model, lambda inverter: inverter.ac_charge_enable, key="enable_charge")
    yield switch(model, lambda inverter: inverter.force_charge_enable)
    yield switch(model, lambda inverter: inverter.force_discharge_enable)


def _ems_switches() -> Iterator[GivEnergySwitchDescription[Ems]]:
    yield switch(Ems, lambda ems: ems.plant_enabled)


type AnySwitch = GivEnergySwitchDescription[Any]


def switches(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Iterator[AnySwitch]:
    """Describe the switches of one device."""
    model = plant_device.model
    if issubclass(model, INVERTERS):
        yield from _inverter_switches(model)
    if issubclass(model, SinglePhaseInverter):
        yield from _single_phase_switches(model)
    elif issubclass(model, ThreePhaseInverter):
        yield from _three_phase_switches(model)
    elif plant_device.kind == "ems":
        yield from _ems_switches()


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of a plant."""
    add_entities_of(entry, async_add_entities, switches, GivEnergySwitch)


class GivEnergySwitch[DeviceT: RegisterModel](GivEnergyEntity[DeviceT, bool], SwitchEntity):
    """A setting that is on or off."""

    entity_description: GivEnergySwitchDescription[DeviceT]

    @property
    @override
    def is_on(self) -> bool | None:
        return self.device_value

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.send(self.entity_description.set_fn, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.send(self.entity_description.set_fn, False)
