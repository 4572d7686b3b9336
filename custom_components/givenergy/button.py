"""Commands of a GivEnergy system, as buttons."""

from asyncio import sleep
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .compat import ButtonDeviceClass
from .devices import INVERTERS, AnyInverter, PlantDevice
from .entity import GivEnergyControlDescription, GivEnergyEntity, add_entities_of
from .field_names import registers_of
from .givenergy_modbus.model.allowlist import command_class
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register import Register
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .runtime import GivEnergyConfigEntry
from .slots import SlotKind, slots_of

PARALLEL_UPDATES = 1

_MINUTE_IS_SAFE_UNTIL = 55
"""The clock is set in six writes; started later, the minute might turn half-way."""


@dataclass(frozen=True, kw_only=True)
class EndOverrideDescription(
    GivEnergyControlDescription[RegisterModel, object], ButtonEntityDescription
):
    """The button that ends an override."""


@dataclass(frozen=True, kw_only=True)
class GivEnergyButtonDescription[DeviceT: RegisterModel](
    GivEnergyControlDescription[DeviceT, object], ButtonEntityDescription
):
    """A button as one row."""

    press_fn: Callable[[DeviceT], Requests]
    settles_clock: bool = False


type AnyButton = GivEnergyButtonDescription[Any]


def buttons(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Iterator[AnyButton]:
    """Describe the buttons of one device."""
    for kind, idx, registers in slots_of(plant_device):
        yield _clear_button(kind, idx, registers)
    if issubclass(plant_device.model, INVERTERS):
        yield from _inverter_buttons(plant_device.model)


def _clear_button[DeviceT: RegisterModel](
    kind: SlotKind[DeviceT], idx: int, registers: tuple[Register, ...]
) -> GivEnergyButtonDescription[DeviceT]:
    return GivEnergyButtonDescription(
        key=f"clear_{kind.name(idx)}",
        translation_key=f"clear_{kind.key}_slot",
        translation_placeholders={"number": str(idx)},
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        reads=registers,
        press_fn=lambda device: kind.set_both(device, idx, None),
    )


def _inverter_buttons(
    model: type[AnyInverter],
) -> Iterator[GivEnergyButtonDescription[AnyInverter]]:
    yield GivEnergyButtonDescription(
        key="sync_clock",
        translation_key="sync_clock",
        entity_category=EntityCategory.CONFIG,
        reads=registers_of(model, lambda inverter: (inverter.system_time,)),
        press_fn=lambda inverter: inverter.set_system_date_time(dt_util.now()),
        settles_clock=True,
    )
    yield GivEnergyButtonDescription(
        key="eco_preset",
        translation_key="eco_preset",
        reads=registers_of(
            model,
            lambda inverter: (
                inverter.battery_power_mode,
                inverter.battery_soc_reserve,
                inverter.enable_discharge,
            ),
        ),
        press_fn=lambda inverter: inverter.set_mode_dynamic(),
        disabled_for=Trait.THREE_PHASE,
    )
    yield _calibration_button(
        model, "start", lambda inverter: inverter.set_calibrate_battery_soc(1)
    )
    yield _calibration_button(model, "stop", lambda inverter: inverter.set_calibrate_battery_soc(0))
    yield _calibration_button(
        model, "charge_only", lambda inverter: inverter.set_calibrate_battery_soc(3)
    )
    yield GivEnergyButtonDescription(
        key="reboot",
        translation_key="reboot",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        device_class=ButtonDeviceClass.RESTART,
        reads=registers_of(model, lambda inverter: (inverter.inverter_reboot,)),
        press_fn=lambda inverter: inverter.set_inverter_reboot(),
    )


def _calibration_button(
    model: type[AnyInverter], key: str, press_fn: Callable[[AnyInverter], Requests]
) -> GivEnergyButtonDescription[AnyInverter]:
    return GivEnergyButtonDescription(
        key=f"calibration_{key}",
        translation_key=f"calibration_{key}",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        reads=registers_of(model, lambda inverter: (inverter.battery_calibration_stage,)),
        press_fn=press_fn,
    )


def override_buttons(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[EndOverrideDescription]:
    """Describe the button that ends an override, where a system can have one."""
    if plant_device.parent is None and command_class(capabilities) is not None:
        yield EndOverrideDescription(key="end_override", translation_key="end_override")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of a plant."""
    add_entities_of(entry, async_add_entities, buttons, GivEnergyButton)
    add_entities_of(entry, async_add_entities, override_buttons, EndOverrideButton)


async def minute_is_safe() -> None:
    """Wait out the last seconds of a minute."""
    second = dt_util.now().second
    if second >= _MINUTE_IS_SAFE_UNTIL:
        await sleep(60 - second)


class GivEnergyButton[DeviceT: RegisterModel](GivEnergyEntity[DeviceT, object], ButtonEntity):
    """A command of one device."""

    entity_description: GivEnergyButtonDescription[DeviceT]

    @override
    async def async_press(self) -> None:
        if self.entity_description.settles_clock:
            await minute_is_safe()
        await self.send(self.entity_description.press_fn)


class EndOverrideButton(GivEnergyEntity[RegisterModel, object], ButtonEntity):
    """Ends the active override."""

    entity_description: EndOverrideDescription

    @override
    async def async_press(self) -> None:
        await self._entry.runtime_data.overrides.end()
