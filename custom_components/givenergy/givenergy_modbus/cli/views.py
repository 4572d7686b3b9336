"""Render a plant as tables, lines or JSON values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..model import TimeSlot
from ..model.device_kinds import DEVICE_KINDS, DeviceKind
from ..model.devices.ems import InverterSummary
from ..model.devices.gateway import AioUnitSummary
from ..model.devices.hv_stack import HvStack
from ..model.models import row_of
from ..model.plant import Plant
from ..model.plant_devices import DeviceNode, PlantInverter
from ..model.register_model import RegisterModel

_SLOTS = ("charge_slot_1", "charge_slot_2", "discharge_slot_1", "discharge_slot_2")

HEADLINES: Mapping[DeviceKind, Sequence[str]] = {
    DeviceKind.INVERTER: (
        "status",
        "battery_soc",
        "pv_power",
        "p_load_demand",
        "battery_charge_power",
        "battery_discharge_power",
        "grid_import_power",
        "grid_export_power",
        "e_pv_today",
        "e_consumption_today",
        "e_battery_charge_today",
        "e_battery_discharge_today",
        "e_grid_in_day",
        "e_grid_out_day",
        "e_import_today",
        "e_export_today",
        "t_inverter_heatsink",
        "system_time",
        "battery_power_mode",
        "battery_soc_reserve",
        "enable_charge",
        "ac_charge_enable",
        "charge_target_soc",
        "enable_discharge",
        *_SLOTS,
    ),
    DeviceKind.EMS: (
        "ems_status",
        "plant_enabled",
        "calc_load_power",
        "total_generation_load_power",
        "grid_meter_power",
        "total_battery_power",
        "remaining_battery_wh",
        *_SLOTS,
    ),
    DeviceKind.GATEWAY: (
        "work_mode",
        "aio_state",
        "p_pv",
        "p_load",
        "p_ac1",
        "p_aio_total",
        "e_pv_today",
        "e_load_today",
        "e_grid_import_today",
        "e_grid_export_today",
    ),
    DeviceKind.LV_BATTERY: (
        "soc",
        "v_out",
        "i_battery",
        "cap_remaining",
        "cap_calibrated",
        "num_cycles",
        "t_max",
        "t_min",
        "v_cell_spread",
    ),
    DeviceKind.HV_STACK: (
        "status",
        "soc",
        "battery_voltage",
        "battery_charge_power",
        "battery_discharge_power",
        "number_of_modules",
        "number_of_cycles",
        "v_cell_spread",
    ),
    DeviceKind.METER: (
        "p_active_total",
        "v_phase_1",
        "frequency",
        "e_import_active",
        "e_export_active",
    ),
}
"""The main values of each kind of device."""


def model_name(plant: Plant) -> str:
    """Return the name of the plant's model."""
    topology = plant.capabilities
    return "Unknown model" if topology is None else row_of(topology.device_type).name


def model_of(device: DeviceNode) -> RegisterModel | None:
    """Return the device's own values, None if another device reports them."""
    shown: object = device.device
    if isinstance(shown, PlantInverter):
        shown = shown.direct
    elif isinstance(shown, HvStack):
        shown = shown.bcu
    return shown if isinstance(shown, RegisterModel) else None


def overview(plant: Plant) -> RenderableType:
    """Return a table of the devices."""
    table = Table(title=model_name(plant), title_justify="left", title_style="bold")
    for heading in ("Device", "Address", "Serial number", "Firmware", "Identity"):
        table.add_column(heading)
    depths: dict[str | None, int] = {None: -1}
    for device in plant.devices:
        depth = depths[device.identity] = depths.get(device.parent, 0) + 1
        table.add_row(
            "  " * depth + DEVICE_KINDS[device.kind].name,
            f"{device.device_address:#04x}",
            device.serial_number or "",
            device.firmware_version or "",
            device.identity,
        )
    return table


def readings(plant: Plant, *, everything: bool = False) -> RenderableType:
    """Return a table of values for each device: the main ones, or all."""
    return Group(*_tables(plant, everything=everything))


def _tables(plant: Plant, *, everything: bool) -> Iterator[RenderableType]:
    for device in plant.devices:
        title = f"{DEVICE_KINDS[device.kind].name} {device.serial_number or device.identity}"
        table = Table(title=title, title_justify="left", title_style="bold", show_header=False)
        table.add_column(style="cyan")
        table.add_column()
        names = None if everything else HEADLINES.get(device.kind)
        for name, value in _values(device, names):
            table.add_row(name, Text(value))
        if table.row_count:
            yield table


def headline(plant: Plant) -> str:
    """Return the main values of the first device in one line."""
    first = plant.devices[0]
    names = HEADLINES[first.kind][:8]
    return "  ".join(f"{name} {value}" for name, value in _values(first, names))


def _values(device: DeviceNode, names: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """Yield a device's values as text, by name."""
    model = model_of(device)
    if model is None:
        for name, value in _summary(device).items():
            if value is not None:
                yield name, format_value(value)
        return
    readings = type(model).all_fields
    for name in readings if names is None else names:
        if name in readings and (value := getattr(model, name)) is not None:
            reading = readings[name]
            yield name, format_value(value, reading.precision, reading.unit)


def _summary(device: DeviceNode) -> dict[str, Any]:
    """Return what another device reports of one that it manages."""
    match device.device:
        case PlantInverter(summary=InverterSummary() as summary):
            return asdict(summary)
        case AioUnitSummary() as unit:
            return asdict(unit)
    return {}


def format_value(value: object, precision: int = 0, unit: str | None = None) -> str:
    """Format a value with its unit."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Enum():
            return value.name.lower().replace("_", " ")
        case TimeSlot(start=start, end=end):
            return f"{start:%H:%M}-{end:%H:%M}"
        case datetime():
            return value.isoformat(" ")
        case tuple() | list():
            return ", ".join(map(str, value)) or "none"
        case float():
            text = f"{value:.{precision}f}"
        case _:
            text = str(value)
    return f"{text} {unit}" if unit else text


def as_values(plant: Plant, missed: Sequence[str] = ()) -> dict[str, Any]:
    """Return all values of a plant, for JSON."""
    topology = plant.capabilities
    return {
        "inverter_serial_number": plant.inverter_serial,
        "data_adapter_serial_number": plant.data_adapter_serial_number,
        "capabilities": None if topology is None else topology.to_dict(),
        "missed": list(missed),
        "devices": [_as_values(device) for device in plant.devices],
    }


def _as_values(device: DeviceNode) -> dict[str, Any]:
    model = model_of(device)
    return {
        "identity": device.identity,
        "kind": device.kind.value,
        "parent": device.parent,
        "device_address": device.device_address,
        "serial_number": device.serial_number,
        "firmware_version": device.firmware_version,
        "is_valid": device.is_valid,
        "values": _summary(device) if model is None else model.model_dump(mode="json"),
    }
