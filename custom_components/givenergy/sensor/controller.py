"""The sensors of what may stand in an inverter's place, and of the inverters it speaks for."""

from collections.abc import Callable, Iterator
from typing import Any

from ..devices import PlantDevice
from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.devices.ems import Ems
from ..givenergy_modbus.model.register_model import RegisterModel
from .description import (
    CHARGE,
    DIAGNOSTIC,
    DIAGNOSTIC_DISABLED,
    DISABLED,
    ENABLED,
    IN_KILOWATT_HOURS,
    SETTING,
    GivEnergySensorDescription,
    Table,
    rows,
    sensor_description,
)

# fmt: off
_EMS: Table = {
    "ems_status": DIAGNOSTIC,
    "calc_load_power": ENABLED,
    "measured_load_power": DISABLED,
    "total_generation_load_power": ENABLED,
    "total_battery_power": ENABLED,
    "other_battery_power": DISABLED,
    "remaining_battery_wh": IN_KILOWATT_HOURS,
    "inverter_count": DIAGNOSTIC,
    "meter_count": DIAGNOSTIC,
    **dict.fromkeys(
        (
            "expected_inverter_count", "expected_meter_count", "expected_car_charger_count",
            "plant_charge_compensation", "plant_discharge_compensation",
        ),
        SETTING,
    ),
}
_MANAGED: Table = {
    "inverter_{}_power": ENABLED,
    "inverter_{}_soc": CHARGE,
    "inverter_{}_temp": DIAGNOSTIC,
    "inverter_{}_status": DIAGNOSTIC_DISABLED,
}
_GATEWAY: Table = {
    "work_mode": DIAGNOSTIC,
    "p_pv": ENABLED,
    "p_load": ENABLED,
    "p_ac1": ENABLED,
    "p_aio_total": ENABLED,
    "p_liberty": DISABLED,
    "aio_state": DIAGNOSTIC,
    "e_pv_today": ENABLED,
    "e_pv_total": ENABLED,
    "e_load_today": ENABLED,
    "e_load_total": ENABLED,
    "e_grid_import_today": ENABLED,
    "e_grid_import_total": ENABLED,
    "e_grid_export_today": ENABLED,
    "e_grid_export_total": ENABLED,
    "e_battery_charge_today": ENABLED,
    "e_battery_charge_total": ENABLED,
    "e_battery_discharge_today": ENABLED,
    "e_battery_discharge_total": ENABLED,
    "e_aio_charge_today": DISABLED,
    "e_aio_charge_total": DISABLED,
    "e_aio_discharge_today": DISABLED,
    "e_aio_discharge_total": DISABLED,
    "v_grid": DIAGNOSTIC,
    "v_load": DIAGNOSTIC,
    **dict.fromkeys(("i_grid", "i_load", "i_pv"), DIAGNOSTIC_DISABLED),
    **dict.fromkeys(("v_grid_relay", "v_inverter_relay"), DIAGNOSTIC_DISABLED),
    "parallel_aio_num": DIAGNOSTIC,
    "parallel_aio_online_num": DIAGNOSTIC,
    "gateway_fault_codes": DIAGNOSTIC,
    "fault_protection": DIAGNOSTIC_DISABLED,
    "software_version": DIAGNOSTIC_DISABLED,
    "battery_firmware_version": DIAGNOSTIC_DISABLED,
    "first_inverter_serial_number": DIAGNOSTIC_DISABLED,
}
_AIO_UNIT: Table = {
    "p_aio{}_inverter": ENABLED,
    "aio{}_soc": CHARGE,
    "e_aio{}_charge_today": ENABLED,
    "e_aio{}_charge_total": ENABLED,
    "e_aio{}_discharge_today": ENABLED,
    "e_aio{}_discharge_total": ENABLED,
}
# fmt: on


def ems_sensors(
    model: type[RegisterModel], capabilities: PlantCapabilities
) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe the sensors of a plant controller and of the meters it reads."""
    yield from rows(model, _EMS)
    # The controller counts import as positive; everywhere else here export is.
    yield from _split(model, "grid_meter_power", "grid_export_power", "grid_import_power", -1)
    yield sensor_description(
        model,
        "grid_meter_power",
        key="grid_power",
        translation_key="p_grid_out",
        value_fn=_share("grid_meter_power", -1),
    )
    yield from _split(
        model, "total_battery_power", "battery_discharge_power", "battery_charge_power"
    )
    for place in capabilities.meter_addresses:
        numbered = {"translation_placeholders": {"number": str(place)}}
        for what, special in (("power", DISABLED), ("role", DIAGNOSTIC_DISABLED)):
            yield sensor_description(
                model,
                f"meter_{place}_{what}",
                translation_key=f"meter_{what}",
                **numbered,
                **special,
            )


def gateway_sensors(model: type[RegisterModel]) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe the sensors of a gateway."""
    yield from rows(model, _GATEWAY)
    yield from _split(model, "p_ac1", "grid_export_power", "grid_import_power")
    yield from _split(model, "p_aio_total", "battery_discharge_power", "battery_charge_power")


def rolled_up_sensors(plant_device: PlantDevice) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe the sensors of an inverter that another device speaks for."""
    for name, special in (_MANAGED if plant_device.model is Ems else _AIO_UNIT).items():
        key = name.replace("_{}", "").replace("{}", "")
        yield sensor_description(
            plant_device.model, name.format(plant_device.place), key=key, **special
        )


def _share(name: str, sign: int) -> Callable[[Any], int | None]:
    """Return a function that reads a power, turned round if the sign is negative."""

    def value(device: Any) -> int | None:
        power: int | None = getattr(device, name)
        return None if power is None else sign * power

    return value


def _split(
    model: type[RegisterModel], name: str, positive: str, negative: str, sign: int = 1
) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe both ways of a power that has a sign."""
    for key, way in ((positive, sign), (negative, -sign)):
        power = _share(name, way)

        def one_way(device: Any, power: Callable[[Any], int | None] = power) -> int | None:
            value = power(device)
            return None if value is None else max(0, value)

        yield sensor_description(model, name, key=key, value_fn=one_way)
