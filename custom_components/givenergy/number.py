"""Settings of a GivEnergy plant that are numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import PlantDevice
from .entity import GivEnergyControlDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.client import commands
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register import Unit
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .quantities import quantity_of
from .runtime import GivEnergyConfigEntry
from .slots import SLOT_KINDS

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergyNumberDescription[DeviceT](
    GivEnergyControlDescription[DeviceT], NumberEntityDescription
):
    """A number as one row; bounds, step and unit come from the setting's declaration."""

    accepted: tuple[float, float]
    usual: tuple[float, float]
    set_fn: Callable[[DeviceT, float], Requests]


def adjustable[DeviceT: RegisterModel](
    model: type[DeviceT], name: str, set_fn: Callable[[Any, Any], Requests], **special: Any
) -> GivEnergyNumberDescription[DeviceT]:
    """Describe the number that a writable setting amounts to."""
    field = model.setting(name)
    limits = field.writable
    assert limits is not None
    assert limits.low is not None
    assert limits.high is not None
    accepted = limits.low, limits.high
    quantity = quantity_of(field)
    facts: dict[str, Any] = {
        "key": name,
        "translation_key": name,
        "accepted": accepted,
        "usual": limits.usual or accepted,
        "set_fn": set_fn,
        "value_fn": attrgetter(field.name),
        "reads": field.registers,
        "native_unit_of_measurement": quantity.unit,
        "device_class": quantity.number_class,
        "native_step": 10**-field.precision,
        "mode": NumberMode.BOX if field.unit is Unit.WATT else NumberMode.SLIDER,
    }
    return GivEnergyNumberDescription(**facts | special)


def inverter_numbers(
    model: type[Any],
) -> Iterator[GivEnergyNumberDescription[Any]]:
    """Describe the numbers of an inverter."""
    number = partial(adjustable, model)
    config: dict[str, Any] = {"entity_category": EntityCategory.CONFIG}
    single = {"lacks": Trait.THREE_PHASE, **config}
    yield number("charge_target_soc", lambda it, value: it.set_charge_target_soc(value))
    yield number("battery_soc_reserve", lambda it, value: it.set_battery_soc_reserve(value))
    yield number(
        "battery_discharge_min_power_reserve",
        lambda it, value: it.set_battery_power_reserve(value),
        entity_registry_enabled_default=False,
        **single,
    )
    yield number(
        "battery_charge_limit",
        lambda it, value: it.set_battery_charge_limit(value),
        disabled_for=Trait.AC_COUPLED,
        **single,
    )
    yield number(
        "battery_discharge_limit",
        lambda it, value: it.set_battery_discharge_limit(value),
        disabled_for=Trait.AC_COUPLED,
        **single,
    )
    yield number(
        "active_power_rate",
        lambda it, value: it.set_active_power_rate(value),
        entity_registry_enabled_default=False,
        **single,
    )
    if "battery_reserve_soc" in model.register_fields:
        yield number("battery_reserve_soc", lambda it, value: it.set_battery_reserve_soc(value))
    else:
        yield number(
            "battery_charge_limit_ac",
            lambda _, value: commands.set_battery_charge_limit_ac(value),
            **config,
        )
        yield number(
            "battery_discharge_limit_ac",
            lambda _, value: commands.set_battery_discharge_limit_ac(value),
            **config,
        )


def _targeting(
    set_target: Callable[[Any, int, Any], Requests], idx: int
) -> Callable[[Any, Any], Requests]:
    return lambda it, soc: set_target(it, idx, soc)


def slot_targets(plant_device: PlantDevice) -> Iterator[GivEnergyNumberDescription[Any]]:
    """Describe the target SOC of every window that may have one of its own."""
    for kind in SLOT_KINDS:
        if (
            kind.device_kind != plant_device.kind.key
            or kind.target is None
            or kind.set_target is None
        ):
            continue
        for idx in range(1, kind.count + 1):
            yield adjustable(
                plant_device.model,
                kind.target.format(idx),
                _targeting(kind.set_target, idx),
                translation_key=f"{kind.key}_slot_target",
                translation_placeholders={"number": str(idx)},
                entity_category=EntityCategory.CONFIG,
                entity_registry_enabled_default=plant_device.kind.key == "ems",
            )


def numbers(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[GivEnergyNumberDescription[Any]]:
    """Describe the numbers of one device."""
    if plant_device.kind.key == "inverter":
        yield from inverter_numbers(plant_device.model)
    if plant_device.kind.key == "ems":
        yield adjustable(
            plant_device.model,
            "export_power_limit",
            lambda it, value: it.set_ems_export_power_limit(value),
            entity_category=EntityCategory.CONFIG,
            entity_registry_enabled_default=False,
        )
    yield from slot_targets(plant_device)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the numbers of a plant."""
    async_add_entities(entities_of(entry, numbers, GivEnergyNumber))


class GivEnergyNumber[DeviceT](GivEnergyEntity[DeviceT], NumberEntity):
    """A setting that is a number."""

    entity_description: GivEnergyNumberDescription[DeviceT]

    @property
    @override
    def native_value(self) -> float | None:
        value: float | None = self.device_value
        return value

    @property
    @override
    def native_max_value(self) -> float:
        return self._range[1]

    @property
    @override
    def native_min_value(self) -> float:
        return self._range[0]

    @property
    def _range(self) -> tuple[float, float]:
        """What is usual, or all that is accepted where the plant is set to something unusual."""
        low, high = self.entity_description.usual
        value = self.native_value
        if value is None or low <= value <= high:
            return low, high
        least, most = self.entity_description.accepted
        return min(least, value), max(most, value)

    @override
    async def async_set_native_value(self, value: float) -> None:
        await self.send(self.entity_description.set_fn, value)
