"""Settings of a GivEnergy plant that are numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
    RestoreNumber,
)
from homeassistant.components.number.const import NumberDeviceClass
from homeassistant.const import EntityCategory, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
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
from .givenergy_modbus.model.inverter import SinglePhaseInverter
from .givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from .givenergy_modbus.model.models import Trait
from .givenergy_modbus.model.register import Unit
from .givenergy_modbus.model.register_model import RegisterModel, Requests
from .power_limits import PowerScale
from .quantities import quantity_of
from .runtime import GivEnergyConfigEntry
from .slots import SLOT_KINDS, SlotKind

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class GivEnergyNumberDescription[DeviceT: RegisterModel](
    GivEnergyControlDescription[DeviceT, float], NumberEntityDescription
):
    """A number as one row; bounds, step and unit come from the setting's declaration."""

    accepted: tuple[float, float]
    usual: tuple[float, float]
    set_fn: Callable[[DeviceT, float], Requests]


def number[DeviceT: RegisterModel](
    model: type[DeviceT],
    pick: Callable[[DeviceT], float | None],
    set_fn: Callable[[DeviceT, float], Requests] | None = None,
    overrides: RowOverrides = NO_OVERRIDES,
) -> GivEnergyNumberDescription[DeviceT]:
    """Describe the number of a writable field; setting it writes the field."""
    name = name_of(pick)
    field = model.setting(name)
    limits = field.writable
    assert limits is not None
    assert limits.low is not None
    assert limits.high is not None
    accepted = limits.low, limits.high
    quantity = quantity_of(field)
    row: RowOverrides = {"translation_key": name, **overrides}
    return GivEnergyNumberDescription(
        key=name,
        accepted=accepted,
        usual=limits.usual or accepted,
        set_fn=set_fn or (lambda device, value: device.write(**{name: value})),
        value_fn=pick,
        reads=field.registers,
        native_unit_of_measurement=quantity.unit,
        device_class=quantity.number_class,
        native_step=10**-field.precision,
        mode=NumberMode.BOX if field.unit is Unit.WATT else NumberMode.SLIDER,
        **row,
    )


_SINGLE_PHASE: RowOverrides = {**CONFIG, "lacks": Trait.THREE_PHASE}
_C_RATE: RowOverrides = {**_SINGLE_PHASE, "entity_registry_enabled_default": False}
_MOST_WATTS = 100_000.0


def _inverter_numbers(
    model: type[AnyInverter],
) -> Iterator[GivEnergyNumberDescription[AnyInverter]]:
    """Describe the numbers that inverters have, single-phase and three-phase alike."""
    yield number(model, lambda inverter: inverter.charge_target_soc)
    yield number(model, lambda inverter: inverter.battery_soc_reserve)
    yield number(
        model,
        lambda inverter: inverter.battery_discharge_min_power_reserve,
        overrides={**_SINGLE_PHASE, "entity_registry_enabled_default": False},
    )
    yield number(model, lambda inverter: inverter.battery_charge_limit, overrides=_C_RATE)
    yield number(model, lambda inverter: inverter.battery_discharge_limit, overrides=_C_RATE)
    yield number(
        model,
        lambda inverter: inverter.active_power_rate,
        overrides={**_SINGLE_PHASE, "entity_registry_enabled_default": False},
    )


def _single_phase_numbers(
    model: type[SinglePhaseInverter],
) -> Iterator[GivEnergyNumberDescription[SinglePhaseInverter]]:
    yield number(model, lambda inverter: inverter.battery_charge_limit_ac, overrides=CONFIG)
    yield number(model, lambda inverter: inverter.battery_discharge_limit_ac, overrides=CONFIG)


def _three_phase_numbers(
    model: type[ThreePhaseInverter],
) -> Iterator[GivEnergyNumberDescription[ThreePhaseInverter]]:
    yield number(model, lambda inverter: inverter.battery_reserve_soc)


def _ems_numbers() -> Iterator[GivEnergyNumberDescription[Ems]]:
    yield number(Ems, lambda ems: ems.export_power_limit, overrides=CONFIG_DISABLED)


def _slot_target[DeviceT: RegisterModel](
    kind: SlotKind[DeviceT], idx: int
) -> Callable[[DeviceT], int | None]:
    """Return the function that picks the target of a slot."""
    return lambda device: kind.read_target(device, idx)


def slot_targets(plant_device: PlantDevice) -> Iterator[AnyNumber]:
    """Describe the target SOC of every slot that may have one of its own."""
    for kind in SLOT_KINDS:
        if kind.device_kind != plant_device.kind or kind.targets is None:
            continue
        for idx in range(1, kind.count + 1):
            yield number(
                plant_device.model,
                _slot_target(kind, idx),
                overrides={
                    "translation_key": f"{kind.key}_slot_target",
                    "translation_placeholders": {"number": str(idx)},
                    "entity_category": EntityCategory.CONFIG,
                    "entity_registry_enabled_default": plant_device.kind == "ems",
                },
            )


type AnyNumber = GivEnergyNumberDescription[Any]


def numbers(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Iterator[AnyNumber]:
    """Describe the numbers of one device."""
    model = plant_device.model
    if issubclass(model, INVERTERS):
        yield from _inverter_numbers(model)
    if issubclass(model, SinglePhaseInverter):
        yield from _single_phase_numbers(model)
    elif issubclass(model, ThreePhaseInverter):
        yield from _three_phase_numbers(model)
    elif plant_device.kind == "ems":
        yield from _ems_numbers()
    yield from slot_targets(plant_device)


def _power_limit(
    model: type[AnyInverter], key: str, pick: Callable[[AnyInverter], int | None]
) -> GivEnergyNumberDescription[AnyInverter]:
    """Describe a power limit in W of a C-rate field; setting it writes the C-rate."""
    name = name_of(pick)
    return GivEnergyNumberDescription(
        key=key,
        translation_key=key,
        accepted=(0.0, _MOST_WATTS),
        usual=(0.0, _MOST_WATTS),
        set_fn=lambda inverter, c_rate: inverter.write(**{name: c_rate}),
        value_fn=pick,
        reads=model.setting(name).registers,
        native_unit_of_measurement=UnitOfPower.WATT,
        device_class=NumberDeviceClass.POWER,
        native_step=1,
        mode=NumberMode.BOX,
        lacks=Trait.THREE_PHASE,
    )


def power_limits(plant_device: PlantDevice, capabilities: PlantCapabilities) -> Iterator[AnyNumber]:
    """Describe the battery's power limits of one device, in W."""
    model = plant_device.model
    if issubclass(model, INVERTERS):
        yield _power_limit(
            model, "charge_power_limit", lambda inverter: inverter.battery_charge_limit
        )
        yield _power_limit(
            model, "discharge_power_limit", lambda inverter: inverter.battery_discharge_limit
        )


async def async_setup_entry(
    hass: HomeAssistant,
    entry: GivEnergyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the numbers of a plant."""
    add_entities_of(entry, async_add_entities, numbers, GivEnergyNumber)
    add_entities_of(entry, async_add_entities, power_limits, GivEnergyPowerLimit)


class GivEnergyNumber[DeviceT: RegisterModel](GivEnergyEntity[DeviceT, float], NumberEntity):
    """A setting that is a number."""

    entity_description: GivEnergyNumberDescription[DeviceT]

    @property
    @override
    def native_value(self) -> float | None:
        return self.device_value

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


class GivEnergyPowerLimit[DeviceT: RegisterModel](GivEnergyNumber[DeviceT], RestoreNumber):
    """A limit of the battery's power in W, which the inverter keeps as a C-rate."""

    _every_poll = True
    _asked: float | None = None
    """The value last set; shown while the inverter holds its rounded form."""

    @override
    async def async_added_to_hass(self) -> None:
        """Restore the value last set."""
        if (saved := await self.async_get_last_number_data()) is not None:
            self._asked = saved.native_value
        await super().async_added_to_hass()

    @property
    def _scale(self) -> PowerScale | None:
        return PowerScale.of_plant(self.plant)

    @property
    @override
    def device_value(self) -> float | None:
        c_rate, scale = super().device_value, self._scale
        if c_rate is None or scale is None:
            return None
        if self._asked is not None and scale.c_rate(self._asked) == c_rate:
            return min(self._asked, scale.top)
        return scale.watts(int(c_rate))

    @property
    @override
    def _range(self) -> tuple[float, float]:
        scale = self._scale
        return self.entity_description.usual if scale is None else (0.0, scale.top)

    @override
    async def async_set_native_value(self, value: float) -> None:
        if (scale := self._scale) is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="battery_capacity_unknown"
            )
        before, self._asked = self._asked, value
        try:
            await self.send(self.entity_description.set_fn, scale.c_rate(value))
        except BaseException:
            self._asked = before
            raise
        self.async_write_ha_state()
