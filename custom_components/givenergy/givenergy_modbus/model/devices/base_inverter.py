"""Base of single-phase and three-phase inverters."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, override

from pydantic import computed_field

from ..commands.device_commands import _InverterCommands
from ..models import Model, Trait, battery_power, rated_power, resolve_model, row_of, traits_of
from ..register_model import StoredEnergy, Watts
from .inverter_measurements import SharedMeasurements
from .inverter_settings import (
    AcSettings,
    BatterySettings,
    GridProtection,
    GridSupport,
    SlotSettings,
    SpecialSettings,
    SystemSettings,
    UnpolledSettings,
)


def traits_by_words(code: str | None, firmware: int | None) -> Trait:
    """Return the traits of a type code and an ARM firmware; none while either is unread."""
    if code is None or firmware is None:
        return Trait(0)
    return traits_of(resolve_model(code, firmware), firmware)


class Inverter(
    SharedMeasurements,
    UnpolledSettings,
    AcSettings,
    SlotSettings,
    SpecialSettings,
    GridSupport,
    BatterySettings,
    GridProtection,
    SystemSettings,
    _InverterCommands,
):
    """Base of single-phase and three-phase inverters."""

    only_with: ClassVar[Mapping[str, Trait]] = {}
    """Fields that only models with one of these traits have."""

    never_with: ClassVar[Mapping[str, Trait]] = {"battery_capacity_kwh": Trait.STACKED_BATTERY}
    """Fields that are meaningless on models with one of these traits."""

    @classmethod
    @lru_cache
    def absent(cls, traits: Trait) -> frozenset[str]:
        """Return the fields that are always None on a model with these traits."""
        return frozenset(
            [name for name, needed in cls.only_with.items() if not needed & traits]
            + [name for name, barring in cls.never_with.items() if barring & traits]
        )

    @classmethod
    @override
    def apply_overrides(cls, values: dict[str, Any]) -> None:
        """Clear the fields that this model does not have."""
        traits = traits_by_words(values["device_type_code"], values["arm_firmware_version"])
        for name in cls.absent(traits) & values.keys():
            values[name] = None

    @property
    def device_type(self) -> Model | None:
        """The model; None if the type code is unknown or was not read."""
        code = self.device_type_code
        return None if code is None else resolve_model(code, self.arm_firmware_version)

    @property
    def traits(self) -> Trait:
        """What model and firmware imply; nothing while they are unread."""
        return traits_by_words(self.device_type_code, self.arm_firmware_version)

    @computed_field
    @property
    def inverter_max_power(self) -> Watts:
        """AC rating."""
        code = self.device_type_code
        return None if code is None else rated_power(code, self.device_type)

    @computed_field
    @property
    def battery_max_power(self) -> Watts:
        """What the battery port is good for."""
        code = self.device_type_code
        if code is None or self.arm_firmware_version is None:
            return None
        return battery_power(code, self.device_type)

    @computed_field
    @property
    def battery_capacity_kwh(self) -> StoredEnergy:
        """Configured capacity in kWh, at the nominal voltage of the model's battery.

        None where the capacity is not configured, and where the voltage depends on the
        number of modules, which only the stacks report.
        """
        row = row_of(self.device_type or self.model)
        if not self.battery_capacity_ah or Trait.STACKED_BATTERY in row.traits:
            return None
        volts = row.nominal_battery_v
        return round(self.battery_capacity_ah * volts / 1000, 4)

    @computed_field
    @property
    def is_ac_coupled(self) -> bool:
        """Whether the inverter has no solar input of its own."""
        return Trait.AC_COUPLED in row_of(self.model).traits
