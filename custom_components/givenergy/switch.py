"""Settings of a GivEnergy plant that are on or off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import PlantDevice
from .entity import GivEnergyControlDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .runtime import GivEnergyConfigEntry

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergySwitchDescription[DeviceT](
    GivEnergyControlDescription[DeviceT], SwitchEntityDescription
):
    """A switch as one row."""

    set_fn: Callable[[DeviceT, bool], Requests]


def switchable[DeviceT: RegisterModel](
    model: type[DeviceT], name: str, set_fn: Callable[[Any, bool], Requests], **special: Any
) -> GivEnergySwitchDescription[DeviceT]:
    """Describe the switch that a writable flag amounts to."""
    field = model.setting(name)
    facts: dict[str, Any] = {
        "key": name,
        "translation_key": name,
        "set_fn": set_fn,
        "value_fn": attrgetter(field.name),
        "reads": field.registers,
    }
    return GivEnergySwitchDescription(**facts | special)


def switches(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[GivEnergySwitchDescription[Any]]:
    """Describe the switches of one device."""
    switch = partial(switchable, plant_device.model)
    if plant_device.kind.key == "ems":
        yield switch("plant_enabled", lambda it, on: it.set_ems_plant(on))
    if plant_device.kind.key != "inverter":
        return
    config: dict[str, Any] = {"entity_category": EntityCategory.CONFIG}
    yield switch("enable_charge", lambda it, on: it.set_enable_charge(on))
    yield switch(
        "enable_discharge",
        lambda it, on: it.set_enable_discharge(on),
        disabled_for=Trait.THREE_PHASE,
    )
    yield switch(
        "enable_charge_target",
        lambda it, on: it.set_enable_charge_target(on),
        disabled_for=Trait.THREE_PHASE,
    )
    yield switch(
        "enable_rtc",
        lambda it, on: it.set_enable_rtc(on),
        lacks=Trait.THREE_PHASE,
        entity_registry_enabled_default=False,
        **config,
    )
    yield switch("enable_eps", lambda it, on: it.set_enable_eps(on), **config)
    if "force_charge_enable" in plant_device.model.register_fields:
        yield switch("force_charge_enable", lambda it, on: it.set_force_charge(on))
        yield switch("force_discharge_enable", lambda it, on: it.set_force_discharge(on))


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of a plant."""
    async_add_entities(entities_of(entry, switches, GivEnergySwitch))


class GivEnergySwitch[DeviceT](GivEnergyEntity[DeviceT], SwitchEntity):
    """A setting that is on or off."""

    entity_description: GivEnergySwitchDescription[DeviceT]

    @property
    @override
    def is_on(self) -> bool | None:
        value: bool | None = self.device_value
        return value

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.send(self.entity_description.set_fn, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.send(self.entity_description.set_fn, False)
