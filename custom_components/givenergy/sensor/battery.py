"""The sensors of batteries and meters."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy

from ..field_names import registers_of
from ..givenergy_modbus.model.devices.battery import Battery
from ..givenergy_modbus.model.devices.cells import Cells
from ..givenergy_modbus.model.devices.hv_module import HvModule
from ..givenergy_modbus.model.devices.hv_stack import Bcu
from ..givenergy_modbus.model.devices.lv_bcu import LvBcu
from ..givenergy_modbus.model.devices.meter import Meter
from ..givenergy_modbus.model.register_model import RegisterModel
from .description import (
    CHARGE,
    COUNT,
    DIAGNOSTIC,
    DIAGNOSTIC_DISABLED,
    DISABLED,
    ENABLED,
    FIXED,
    IN_KILOWATT_HOURS,
    POWER_FACTOR,
    SETTING,
    Fields,
    GivEnergySensorDescription,
    SensorOverrides,
    Table,
    rows,
    sensor_description,
)

type _Choose = Callable[[Iterable[float]], float]

_NOMINAL_CELL_VOLTS = 3.2
_EXTREMES: Final[tuple[tuple[str, _Choose], ...]] = (("min", min), ("max", max))

# fmt: off
_PACK: Table[Battery] = (
    Fields({**DIAGNOSTIC, **FIXED}, lambda pack: pack.cap_calibrated),
    Fields(SETTING, lambda pack: (pack.cap_design, pack.cap_design2)),
    Fields(CHARGE, lambda pack: (pack.soc,)),
    Fields(DIAGNOSTIC, lambda pack: (
        pack.v_out, pack.t_min, pack.cap_remaining, pack.v_cell_spread,
    )),
    Fields(DIAGNOSTIC_DISABLED, lambda pack: (
        pack.i_battery, pack.t_bms_mosfet, pack.v_cells_sum,
        pack.bms_firmware_version, pack.usb_device_inserted, pack.status_1, pack.status_2,
        pack.status_3, pack.status_4, pack.status_5, pack.status_6, pack.status_7, pack.warning_1,
        pack.warning_2,
    )),
    Fields(ENABLED, lambda pack: (pack.t_max,)),
    Fields({**DIAGNOSTIC, **COUNT}, lambda pack: (pack.num_cycles,)),
    Fields(SETTING, lambda pack: (pack.num_cells,)),
    Fields(DISABLED, lambda pack: (pack.e_battery_charge_total, pack.e_battery_discharge_total)),
)
_LV_BCU: Table[LvBcu] = (
    Fields(DIAGNOSTIC_DISABLED, lambda bcu: (bcu.bms_status_1, bcu.bms_status_2)),
    Fields(DIAGNOSTIC, lambda bcu: (bcu.request_charge_current, bcu.request_discharge_current)),
)
_STACK: Table[Bcu] = (
    Fields({**DIAGNOSTIC_DISABLED, **COUNT}, lambda stack: (
        stack.charge_capacity_today, stack.charge_capacity_total,
        stack.discharge_capacity_today, stack.discharge_capacity_total,
    )),
    Fields(SETTING, lambda stack: (
        stack.min_discharge_voltage, stack.max_charge_voltage,
        stack.min_discharge_current, stack.max_charge_current,
    )),
    Fields(DIAGNOSTIC, lambda stack: (
        stack.status_label, stack.battery_soh, stack.battery_voltage,
        stack.remaining_battery_capacity_ah, stack.v_cell_max, stack.v_cell_min,
        stack.v_cell_spread, stack.t_cell_max, stack.t_cell_min,
    )),
    Fields(CHARGE, lambda stack: (stack.soc,)),
    Fields({**DIAGNOSTIC_DISABLED, **CHARGE}, lambda stack: (
        stack.battery_soc_max, stack.battery_soc_min,
    )),
    Fields(DIAGNOSTIC_DISABLED, lambda stack: (
        stack.load_voltage,
        stack.v_cell_max_module, stack.v_cell_max_cell, stack.v_cell_min_module,
        stack.v_cell_min_cell, stack.t_cell_max_module, stack.t_cell_max_sensor,
        stack.t_cell_min_module, stack.t_cell_min_sensor, stack.t_cell_average,
        stack.fan_fault_code, stack.self_check_status, stack.pack_warning_status,
        stack.pack_protection_status, stack.pack_fault_status, stack.pack_software_version,
    )),
    Fields(ENABLED, lambda stack: (
        stack.battery_charge_power, stack.battery_discharge_power, stack.charge_energy_today,
        stack.charge_energy_total, stack.discharge_energy_today, stack.discharge_energy_total,
    )),
    Fields(SETTING, lambda stack: (
        stack.battery_nominal_capacity_ah, stack.number_of_modules, stack.total_cell_count,
    )),
    Fields({**DIAGNOSTIC, **COUNT}, lambda stack: (stack.number_of_cycles,)),
)
_METER: Table[Meter] = (
    Fields(DIAGNOSTIC, lambda meter: (meter.v_phase_1, meter.i_phase_1, meter.frequency)),
    Fields(ENABLED, lambda meter: (meter.e_import_active, meter.e_export_active)),
    Fields(DISABLED, lambda meter: (
        meter.p_active_phase_1, meter.p_active_phase_2, meter.p_active_phase_3,
    )),
    Fields(DIAGNOSTIC_DISABLED, lambda meter: (
        meter.v_phase_2, meter.v_phase_3, meter.i_phase_2, meter.i_phase_3, meter.i_ln,
        meter.i_total, meter.p_reactive_phase_1, meter.p_reactive_phase_2, meter.p_reactive_phase_3,
        meter.p_reactive_total, meter.p_apparent_phase_1, meter.p_apparent_phase_2,
        meter.p_apparent_phase_3, meter.p_apparent_total, meter.e_import_reactive,
        meter.e_export_reactive,
    )),
    Fields({**DIAGNOSTIC_DISABLED, **POWER_FACTOR}, lambda meter: (
        meter.pf_phase_1, meter.pf_phase_2, meter.pf_phase_3, meter.pf_total,
    )),
)
# fmt: on

_ENERGY: SensorOverrides = {
    "native_unit_of_measurement": UnitOfEnergy.WATT_HOUR,
    "device_class": SensorDeviceClass.ENERGY_STORAGE,
    "state_class": SensorStateClass.MEASUREMENT,
    **IN_KILOWATT_HOURS,
}


def pack_sensors() -> Iterator[GivEnergySensorDescription[Battery]]:
    """Describe the sensors of a low-voltage pack."""
    yield from rows(Battery, _PACK)
    yield sensor_description(
        Battery,
        lambda pack: pack.remaining_energy_nominal_wh,
        overrides={**IN_KILOWATT_HOURS, "translation_key": "stored_energy"},
    )
    yield _energy(
        Battery,
        "usable_capacity",
        lambda pack: _watt_hours(pack.cap_calibrated, pack.num_cells, pack.v_out),
        lambda pack: (pack.cap_calibrated, pack.num_cells),
        {**DIAGNOSTIC, **FIXED},
    )
    yield from _cell_voltages(Battery)
    for first, pick in zip((1, 5, 9, 13), _PACK_TEMPERATURES, strict=True):
        yield sensor_description(
            Battery,
            pick,
            overrides={
                **DIAGNOSTIC_DISABLED,
                "translation_key": "t_cells",
                "translation_placeholders": {"first": str(first), "last": str(first + 3)},
            },
        )


_PACK_TEMPERATURES: Final[tuple[Callable[[Battery], float | None], ...]] = (
    lambda pack: pack.t_cells_01_04,
    lambda pack: pack.t_cells_05_08,
    lambda pack: pack.t_cells_09_12,
    lambda pack: pack.t_cells_13_16,
)


def controller_sensors() -> Iterator[GivEnergySensorDescription[LvBcu]]:
    """Describe the sensors of the controller of low-voltage packs."""
    return rows(LvBcu, _LV_BCU)


def stack_sensors() -> Iterator[GivEnergySensorDescription[Bcu]]:
    """Describe the sensors of a high-voltage stack."""
    yield from rows(Bcu, _STACK)
    # The stack counts charging as positive; everywhere else here discharging is.
    yield sensor_description(
        Bcu,
        lambda stack: stack.battery_power,
        value_fn=lambda stack: _negated(stack.battery_power),
    )
    yield sensor_description(
        Bcu,
        lambda stack: stack.battery_current,
        value_fn=lambda stack: _negated(stack.battery_current),
        overrides=DIAGNOSTIC,
    )
    yield _energy(
        Bcu,
        "stored_energy",
        lambda stack: _watt_hours(
            stack.remaining_battery_capacity_ah, stack.total_cell_count, stack.battery_voltage
        ),
        lambda stack: (stack.remaining_battery_capacity_ah, stack.total_cell_count),
    )
    yield _energy(
        Bcu,
        "usable_capacity",
        lambda stack: stack.usable_capacity_wh,
        lambda stack: (stack.battery_nominal_capacity_ah, stack.total_cell_count),
        {**DIAGNOSTIC, **FIXED},
    )


def _energy[DeviceT: RegisterModel](
    model: type[DeviceT],
    key: str,
    value_fn: Callable[[DeviceT], int | None],
    reads: Callable[[DeviceT], object],
    overrides: SensorOverrides = ENABLED,
) -> GivEnergySensorDescription[DeviceT]:
    """Describe an energy in watt-hours that is computed from a charge."""
    row: SensorOverrides = {"translation_key": key, **_ENERGY, **overrides}
    return GivEnergySensorDescription(
        key=key, value_fn=value_fn, reads=registers_of(model, reads), **row
    )


def module_sensors(model: type[HvModule]) -> Iterator[GivEnergySensorDescription[HvModule]]:
    """Describe the sensors of a module of a high-voltage stack."""
    yield from _cell_voltages(model)
    yield sensor_description(model, lambda module: module.v_cell_spread, overrides=DIAGNOSTIC)
    names = [name for name in model.register_fields if name.startswith("t_cell_")]
    temperatures = attrgetter(*names)
    for which, choose in _EXTREMES:
        yield sensor_description(
            model,
            attrgetter(names[0]),
            key=f"t_cell_{which}",
            value_fn=_extreme(temperatures, choose),
            reads=registers_of(model, temperatures),
            overrides=DIAGNOSTIC,
        )
    for name in names:
        yield sensor_description(
            model,
            attrgetter(name),
            overrides={
                **DIAGNOSTIC_DISABLED,
                "translation_key": "t_cell",
                "translation_placeholders": {"number": str(int(name[-2:]))},
            },
        )


def meter_sensors() -> Iterator[GivEnergySensorDescription[Meter]]:
    """Describe the sensors of a meter."""
    yield from rows(Meter, _METER)
    yield sensor_description(
        Meter,
        lambda meter: meter.p_active_total,
        value_fn=lambda meter: meter.p_active_total or _sum(_phase_powers(meter)),
        reads=registers_of(Meter, lambda meter: (meter.p_active_total, *_phase_powers(meter))),
    )


def _phase_powers(meter: Meter) -> tuple[int | None, ...]:
    return meter.p_active_phase_1, meter.p_active_phase_2, meter.p_active_phase_3


def _cell_voltages[CellsT: Cells](
    model: type[CellsT],
) -> Iterator[GivEnergySensorDescription[CellsT]]:
    """Describe the voltage of the emptiest and the fullest cell, and of every one."""
    names = [name for name in model.register_fields if _is_cell(name)]
    for which, choose in _EXTREMES:
        yield sensor_description(
            model,
            attrgetter(names[0]),
            key=f"v_cell_{which}",
            value_fn=_extreme(
                lambda device: [volts for volts in device.cells if volts != 0], choose
            ),
            reads=registers_of(model, attrgetter(*names)),
            overrides=DIAGNOSTIC,
        )
    for name in names:
        yield sensor_description(
            model,
            attrgetter(name),
            overrides={
                **DIAGNOSTIC_DISABLED,
                "translation_key": "v_cell",
                "translation_placeholders": {"number": str(int(name[-2:]))},
            },
        )


def _is_cell(name: str) -> bool:
    return name.startswith("v_cell_") and name[-2:].isdigit()


def _extreme[DeviceT](
    values_fn: Callable[[DeviceT], Sequence[float | None]], choose: _Choose
) -> Callable[[DeviceT], float | None]:
    """Return a function for the lowest or highest value; None while one is implausible."""

    def value(device: DeviceT) -> float | None:
        values = values_fn(device)
        known = [value for value in values if value is not None]
        return choose(known) if known and len(known) == len(values) else None

    return value


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _negated(value: float | None) -> float | None:
    return None if value is None else -value or value


def _watt_hours(
    ampere_hours: float | None, cells: int | None, measured_volts: float | None
) -> int | None:
    """Return a charge as energy at nominal voltage, which does not move with the load."""
    volts = cells * _NOMINAL_CELL_VOLTS if cells else measured_volts
    return None if ampere_hours is None or volts is None else round(ampere_hours * volts)
