"""The sensors of batteries and meters."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy

from ..givenergy_modbus.model.devices.battery import Battery
from ..givenergy_modbus.model.devices.hv_module import HvModule
from ..givenergy_modbus.model.devices.hv_stack import Bcu
from ..givenergy_modbus.model.devices.lv_bcu import LvBcu
from ..givenergy_modbus.model.devices.meter import Meter
from ..givenergy_modbus.model.register import Register
from ..givenergy_modbus.model.register_model import RegisterModel
from .description import (
    CHARGE,
    COUNT,
    DIAGNOSTIC,
    DIAGNOSTIC_DISABLED,
    DISABLED,
    ENABLED,
    IN_KILOWATT_HOURS,
    POWER_FACTOR,
    SETTING,
    GivEnergySensorDescription,
    Overrides,
    Table,
    rows,
    sensor_description,
)

type _Choose = Callable[[Iterable[float]], float]

_NOMINAL_CELL_VOLTS = 3.2
_EXTREMES: Final[tuple[tuple[str, _Choose], ...]] = (("min", min), ("max", max))
_FACTOR: Final = {**DIAGNOSTIC_DISABLED, **POWER_FACTOR}

# fmt: off
_PACK: Table = {
    "soc": CHARGE,
    "v_out": DIAGNOSTIC,
    "i_battery": DIAGNOSTIC_DISABLED,
    "t_max": ENABLED,
    "t_min": DIAGNOSTIC,
    "t_bms_mosfet": DIAGNOSTIC_DISABLED,
    "cap_remaining": DIAGNOSTIC,
    "cap_calibrated": DIAGNOSTIC,
    "cap_design": DIAGNOSTIC_DISABLED,
    "cap_design2": DIAGNOSTIC_DISABLED,
    "num_cycles": {**DIAGNOSTIC, **COUNT},
    "num_cells": SETTING,
    "v_cells_sum": DIAGNOSTIC_DISABLED,
    "v_cell_spread": DIAGNOSTIC,
    "e_battery_charge_total": DISABLED,
    "e_battery_discharge_total": DISABLED,
    "bms_firmware_version": DIAGNOSTIC_DISABLED,
    "usb_device_inserted": DIAGNOSTIC_DISABLED,
    **dict.fromkeys((f"status_{number}" for number in range(1, 8)), DIAGNOSTIC_DISABLED),
    **dict.fromkeys((f"warning_{number}" for number in (1, 2)), DIAGNOSTIC_DISABLED),
}
_LV_BCU: Table = {
    "bms_status_1": DIAGNOSTIC_DISABLED,
    "bms_status_2": DIAGNOSTIC_DISABLED,
    "request_charge_current": DIAGNOSTIC,
    "request_discharge_current": DIAGNOSTIC,
}
_STACK: Table = {
    "status_label": DIAGNOSTIC,
    "soc": CHARGE,
    "battery_soc_max": {**DIAGNOSTIC_DISABLED, **CHARGE},
    "battery_soc_min": {**DIAGNOSTIC_DISABLED, **CHARGE},
    "battery_soh": DIAGNOSTIC,
    "battery_voltage": DIAGNOSTIC,
    "load_voltage": DIAGNOSTIC_DISABLED,
    "battery_charge_power": ENABLED,
    "battery_discharge_power": ENABLED,
    "charge_energy_today": ENABLED,
    "charge_energy_total": ENABLED,
    "discharge_energy_today": ENABLED,
    "discharge_energy_total": ENABLED,
    "charge_capacity_today": DIAGNOSTIC_DISABLED,
    "charge_capacity_total": DIAGNOSTIC_DISABLED,
    "discharge_capacity_today": DIAGNOSTIC_DISABLED,
    "discharge_capacity_total": DIAGNOSTIC_DISABLED,
    "remaining_battery_capacity_ah": DIAGNOSTIC,
    "battery_nominal_capacity_ah": SETTING,
    "number_of_cycles": {**DIAGNOSTIC, **COUNT},
    "number_of_modules": SETTING,
    "total_cell_count": SETTING,
    **dict.fromkeys(
        (
            "min_discharge_voltage", "max_charge_voltage",
            "min_discharge_current", "max_charge_current",
        ),
        DIAGNOSTIC_DISABLED,
    ),
    **dict.fromkeys(("v_cell_max", "v_cell_min", "v_cell_spread"), DIAGNOSTIC),
    **dict.fromkeys(("v_cell_max_module", "v_cell_max_cell"), DIAGNOSTIC_DISABLED),
    **dict.fromkeys(("v_cell_min_module", "v_cell_min_cell"), DIAGNOSTIC_DISABLED),
    **dict.fromkeys(("t_cell_max", "t_cell_min"), DIAGNOSTIC),
    **dict.fromkeys(("t_cell_max_module", "t_cell_max_sensor"), DIAGNOSTIC_DISABLED),
    **dict.fromkeys(("t_cell_min_module", "t_cell_min_sensor"), DIAGNOSTIC_DISABLED),
    "t_cell_average": DIAGNOSTIC_DISABLED,
    **dict.fromkeys(("fan_fault_code", "self_check_status"), DIAGNOSTIC_DISABLED),
    **dict.fromkeys(
        ("pack_warning_status", "pack_protection_status", "pack_fault_status"), DIAGNOSTIC_DISABLED
    ),
    "pack_software_version": DIAGNOSTIC_DISABLED,
}
_METER: Table = {
    "v_phase_1": DIAGNOSTIC,
    "i_phase_1": DIAGNOSTIC,
    "frequency": DIAGNOSTIC,
    "e_import_active": ENABLED,
    "e_export_active": ENABLED,
    **dict.fromkeys((f"p_active_phase_{phase}" for phase in (1, 2, 3)), DISABLED),
    **dict.fromkeys(
        (f"{what}_phase_{phase}" for what in "vi" for phase in (2, 3)), DIAGNOSTIC_DISABLED
    ),
    **dict.fromkeys(("i_ln", "i_total"), DIAGNOSTIC_DISABLED),
    **dict.fromkeys(
        (
            f"p_{kind}_{of}"
            for kind in ("reactive", "apparent")
            for of in ("phase_1", "phase_2", "phase_3", "total")
        ),
        DIAGNOSTIC_DISABLED,
    ),
    **dict.fromkeys(
        (f"pf_{of}" for of in ("phase_1", "phase_2", "phase_3", "total")),
        _FACTOR,
    ),
    "e_import_reactive": DIAGNOSTIC_DISABLED,
    "e_export_reactive": DIAGNOSTIC_DISABLED,
}
# fmt: on

_ENERGY: Overrides = {
    "native_unit_of_measurement": UnitOfEnergy.WATT_HOUR,
    "device_class": SensorDeviceClass.ENERGY_STORAGE,
    "state_class": SensorStateClass.MEASUREMENT,
    "suggested_display_precision": 0,
    **IN_KILOWATT_HOURS,
}


def pack_sensors() -> Iterator[GivEnergySensorDescription[Battery]]:
    """Describe the sensors of a low-voltage pack."""
    yield from rows(Battery, _PACK)
    yield sensor_description(
        Battery,
        "remaining_energy_nominal_wh",
        translation_key="stored_energy",
        **IN_KILOWATT_HOURS,
    )
    yield GivEnergySensorDescription(
        key="usable_capacity",
        translation_key="usable_capacity",
        value_fn=lambda it: _watt_hours(it.cap_calibrated, it.num_cells, it.v_out),
        reads=_registers(Battery, "cap_calibrated", "num_cells"),
        **DIAGNOSTIC,
        **_ENERGY,
    )
    yield from _cell_voltages(Battery)
    for cells in ("01_04", "05_08", "09_12", "13_16"):
        first, last = (str(int(cell)) for cell in cells.split("_"))
        yield sensor_description(
            Battery,
            f"t_cells_{cells}",
            translation_key="t_cells",
            translation_placeholders={"first": first, "last": last},
            **DIAGNOSTIC_DISABLED,
        )


def controller_sensors() -> Iterator[GivEnergySensorDescription[LvBcu]]:
    """Describe the sensors of the controller of low-voltage packs."""
    return rows(LvBcu, _LV_BCU)


def stack_sensors() -> Iterator[GivEnergySensorDescription[Bcu]]:
    """Describe the sensors of a high-voltage stack."""
    yield from rows(Bcu, _STACK)
    # The stack counts charging as positive; everywhere else here discharging is.
    yield sensor_description(Bcu, "battery_power", value_fn=lambda it: _negated(it.battery_power))
    yield sensor_description(
        Bcu,
        "battery_current",
        value_fn=lambda it: _negated(it.battery_current),
        **DIAGNOSTIC,
    )
    yield GivEnergySensorDescription(
        key="stored_energy",
        translation_key="stored_energy",
        value_fn=_stack_energy("remaining_battery_capacity_ah"),
        reads=_registers(Bcu, "remaining_battery_capacity_ah", "total_cell_count"),
        **ENABLED,
        **_ENERGY,
    )
    yield GivEnergySensorDescription(
        key="usable_capacity",
        translation_key="usable_capacity",
        value_fn=lambda it: it.usable_capacity_wh,
        reads=_registers(Bcu, "battery_nominal_capacity_ah", "total_cell_count"),
        **DIAGNOSTIC,
        **_ENERGY,
    )


def module_sensors(
    model: type[HvModule],
) -> Iterator[GivEnergySensorDescription[HvModule]]:
    """Describe the sensors of a module of a high-voltage stack."""
    yield from _cell_voltages(model)
    yield sensor_description(model, "v_cell_spread", **DIAGNOSTIC)
    sensors = [name for name in model.register_fields if name.startswith("t_cell_")]
    for which, choose in _EXTREMES:
        yield sensor_description(
            model,
            sensors[0],
            key=f"t_cell_{which}",
            value_fn=_extreme(lambda it: [getattr(it, name) for name in sensors], choose),
            reads=_registers(model, *sensors),
            **DIAGNOSTIC,
        )
    for name in sensors:
        yield sensor_description(
            model,
            name,
            translation_key="t_cell",
            translation_placeholders={"number": str(int(name[-2:]))},
            **DIAGNOSTIC_DISABLED,
        )


def meter_sensors() -> Iterator[GivEnergySensorDescription[Meter]]:
    """Describe the sensors of a meter."""
    yield from rows(Meter, _METER)
    phases = [f"p_active_phase_{phase}" for phase in (1, 2, 3)]
    yield sensor_description(
        Meter,
        "p_active_total",
        value_fn=lambda it: it.p_active_total or _sum(getattr(it, name) for name in phases),
        reads=_registers(Meter, "p_active_total", *phases),
    )


def _cell_voltages[ModelT: (Battery, HvModule)](
    model: type[ModelT],
) -> Iterator[GivEnergySensorDescription[ModelT]]:
    """Describe the voltage of the emptiest and the fullest cell, and of every one."""
    cells = [name for name in model.register_fields if _is_cell(name)]
    for which, choose in _EXTREMES:
        yield sensor_description(
            model,
            cells[0],
            key=f"v_cell_{which}",
            value_fn=_extreme(lambda it: [volts for volts in it.cells if volts != 0], choose),
            reads=_registers(model, *cells),
            **DIAGNOSTIC,
        )
    for name in cells:
        yield sensor_description(
            model,
            name,
            translation_key="v_cell",
            translation_placeholders={"number": str(int(name[-2:]))},
            **DIAGNOSTIC_DISABLED,
        )


def _is_cell(name: str) -> bool:
    return name.startswith("v_cell_") and name[-2:].isdigit()


def _registers(model: type[RegisterModel], *names: str) -> tuple[Register, ...]:
    return tuple(register for name in names for register in model.all_fields[name].registers)


def _extreme(
    values_fn: Callable[[Any], list[float | None]], choose: _Choose
) -> Callable[[Any], float | None]:
    """Return a function for the lowest or highest value; None while one is not to be believed."""

    def value(device: Any) -> float | None:
        values = values_fn(device)
        known = [it for it in values if it is not None]
        return choose(known) if known and len(known) == len(values) else None

    return value


def _sum(values: Iterator[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _negated(value: float | None) -> float | None:
    return None if value is None else -value or value


def _stack_energy(name: str) -> Callable[[Bcu], int | None]:
    """Return a function for one of a stack's charges as energy."""
    return lambda it: _watt_hours(getattr(it, name), it.total_cell_count, it.battery_voltage)


def _watt_hours(
    ampere_hours: float | None, cells: int | None, measured_volts: float | None
) -> int | None:
    """Return a charge as energy at nominal voltage, which does not move with the load."""
    volts = cells * _NOMINAL_CELL_VOLTS if cells else measured_volts
    return None if ampere_hours is None or volts is None else round(ampere_hours * volts)
