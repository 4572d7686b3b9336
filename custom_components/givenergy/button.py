"""Things a GivEnergy plant can be told to do."""

from asyncio import sleep
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .devices import PlantDevice
from .entity import GivEnergyControlDescription, GivEnergyEntity, entities_of
from .givenergy_modbus.model.allowlist import command_class
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register_model import Requests
from .runtime import GivEnergyConfigEntry
from .slots import SlotKind, windows

PARALLEL_UPDATES = 1

_MINUTE_IS_SAFE_UNTIL = 55
"""The clock is set in six writes; started later, the minute might turn half-way."""


@dataclass(frozen=True, kw_only=True)
class EndOverrideDescription(GivEnergyControlDescription[Any], ButtonEntityDescription):
    """The button that ends an override."""


@dataclass(frozen=True, kw_only=True)
class GivEnergyButtonDescription[DeviceT](
    GivEnergyControlDescription[DeviceT], ButtonEntityDescription
):
    """A button as one row."""

    press_fn: Callable[[DeviceT], Requests]
    settles_clock: bool = False


def buttons(
    plant_device: PlantDevice, capabilities: PlantCapabilities
) -> Iterator[GivEnergyButtonDescription[Any]]:
    """Describe the buttons of one device."""
    for kind, idx, registers in windows(plant_device):
        yield GivEnergyButtonDescription(
            key=f"clear_{kind.name(idx)}",
            translation_key=f"clear_{kind.key}_slot",
            translation_placeholders={"number": str(idx)},
            entity_category=EntityCategory.CONFIG,
            entity_registry_enabled_default=False,
            reads=registers,
            press_fn=partial(_clear, kind, idx),
        )
    if plant_device.kind.key == "inverter":
        yield from _inverter_buttons(plant_device.model)


def _clear(kind: SlotKind, idx: int, device: Any) -> Requests:
    return kind.set_both(device, idx, None)


def _calibrate(stage: int, inverter: Any) -> Requests:
    requests: Requests = inverter.set_calibrate_battery_soc(stage)
    return requests


def _inverter_buttons(model: type[Any]) -> Iterator[GivEnergyButtonDescription[Any]]:
    fields = model.register_fields
    config: dict[str, Any] = {"entity_category": EntityCategory.CONFIG}
    yield GivEnergyButtonDescription(
        key="sync_clock",
        translation_key="sync_clock",
        reads=fields["system_time"].registers,
        press_fn=lambda it: it.set_system_date_time(dt_util.now()),
        settles_clock=True,
        **config,
    )
    yield GivEnergyButtonDescription(
        key="eco_preset",
        translation_key="eco_preset",
        reads=(
            *fields["battery_power_mode"].registers,
            *fields["battery_soc_reserve"].registers,
            *fields["enable_discharge"].registers,
        ),
        press_fn=lambda it: it.set_mode_dynamic(),
        disabled_for=Trait.THREE_PHASE,
    )
    for key, stage in (("start", 1), ("stop", 0), ("charge_only", 3)):
        yield GivEnergyButtonDescription(
            key=f"calibration_{key}",
            translation_key=f"calibration_{key}",
            reads=fields["battery_calibration_stage"].registers,
            press_fn=partial(_calibrate, stage),
            entity_registry_enabled_default=False,
            **config,
        )
    yield GivEnergyButtonDescription(
        key="reboot",
        translation_key="reboot",
        device_class=ButtonDeviceClass.RESTART,
        reads=fields["inverter_reboot"].registers,
        press_fn=lambda it: it.set_inverter_reboot(),
        entity_registry_enabled_default=False,
        **config,
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
    async_add_entities(entities_of(entry, buttons, GivEnergyButton))
    async_add_entities(entities_of(entry, override_buttons, EndOverrideButton))


async def minute_is_safe() -> None:
    """Wait out the last seconds of a minute."""
    second = dt_util.now().second
    if second >= _MINUTE_IS_SAFE_UNTIL:
        await sleep(60 - second)


class GivEnergyButton[DeviceT](GivEnergyEntity[DeviceT], ButtonEntity):
    """Something the plant can be told to do."""

    entity_description: GivEnergyButtonDescription[DeviceT]

    @override
    async def async_press(self) -> None:
        if self.entity_description.settles_clock:
            await minute_is_safe()
        await self.send(self.entity_description.press_fn)


class EndOverrideButton(GivEnergyEntity[Any], ButtonEntity):
    """Ends the override there is."""

    entity_description: EndOverrideDescription

    def __init__(
        self,
        entry: GivEnergyConfigEntry,
        plant_device: PlantDevice,
        description: EndOverrideDescription,
    ) -> None:
        """Remember whose override it is."""
        super().__init__(entry, plant_device, description)
        self._overrides = entry.runtime_data.overrides

    @override
    async def async_press(self) -> None:
        await self._overrides.end()
