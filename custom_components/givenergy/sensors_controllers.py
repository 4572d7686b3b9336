"""The sensors of what may stand in an inverter's place, and of the inverters it speaks for."""

from collections.abc import Callable, Iterator
from typing import Any

from .devices import Part
from .givenergy_modbus.model.capabilities import PlantCapabilities
from .givenergy_modbus.model.devices.ems import Ems
from .givenergy_modbus.model.register_model import RegisterModel
from .readings import (
    CHARGE,
    DETAIL,
    DIAGNOSTIC,
    EXTRA,
    IN_KILOWATT_HOURS,
    SETTING,
    SHOWN,
    GivEnergySensorDescription,
    Table,
    measured,
    rows,
)

# fmt: off
_EMS: Table = {
    "ems_status": DIAGNOSTIC,
    "calc_load_power": SHOWN,
    "measured_load_power": EXTRA,
    "total_generation_load_power": SHOWN,
    "total_battery_power": SHOWN,
    "other_battery_power": EXTRA,
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
    "inverter_{}_power": SHOWN,
    "inverter_{}_soc": CHARGE,
    "inverter_{}_temp": DIAGNOSTIC,
    "inverter_{}_status": DETAIL,
}
_GATEWAY: Table = {
    "work_mode": DIAGNOSTIC,
    "p_pv": SHOWN,
    "p_load": SHOWN,
    "p_ac1": SHOWN,
    "p_aio_total": SHOWN,
    "p_liberty": EXTRA,
    "aio_state": DIAGNOSTIC,
    "e_pv_today": SHOWN,
    "e_pv_total": SHOWN,
    "e_load_today": SHOWN,
    "e_load_total": SHOWN,
    "e_grid_import_today": SHOWN,
    "e_grid_import_total": SHOWN,
    "e_grid_export_today": SHOWN,
    "e_grid_export_total": SHOWN,
    "e_battery_charge_today": SHOWN,
    "e_battery_charge_total": SHOWN,
    "e_battery_discharge_today": SHOWN,
    "e_battery_discharge_total": SHOWN,
    "e_aio_charge_today": EXTRA,
    "e_aio_charge_total": EXTRA,
    "e_aio_discharge_today": EXTRA,
    "e_aio_discharge_total": EXTRA,
    "v_grid": DIAGNOSTIC,
    "v_load": DIAGNOSTIC,
    **dict.fromkeys(("i_grid", "i_load", "i_pv"), DETAIL),
    **dict.fromkeys(("v_grid_relay", "v_inverter_relay"), DETAIL),
    "parallel_aio_num": DIAGNOSTIC,
    "parallel_aio_online_num": DIAGNOSTIC,
    "gateway_fault_codes": DIAGNOSTIC,
    "fault_protection": DETAIL,
    "software_version": DETAIL,
    "battery_firmware_version": DETAIL,
    "first_inverter_serial_number": DETAIL,
}
_AIO_UNIT: Table = {
    "p_aio{}_inverter": SHOWN,
    "aio{}_soc": CHARGE,
    "e_aio{}_charge_today": SHOWN,
    "e_aio{}_charge_total": SHOWN,
    "e_aio{}_discharge_today": SHOWN,
    "e_aio{}_discharge_total": SHOWN,
}
# fmt: on


def ems_sensors(
    model: type[RegisterModel], capabilities: PlantCapabilities
) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe the sensors of a plant controller and of the meters it reads."""
    yield from rows(model, _EMS)
    # The controller counts import as positive; everywhere else here export is.
    yield from _split(model, "grid_meter_power", "grid_export_power", "grid_import_power", -1)
    yield measured(
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
        for what, special in (("power", EXTRA), ("role", DETAIL)):
            yield measured(
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


def rolled_up_sensors(part: Part) -> Iterator[GivEnergySensorDescription[Any]]:
    """Describe the sensors of an inverter that another device speaks for."""
    for name, special in (_MANAGED if part.model is Ems else _AIO_UNIT).items():
        key = name.replace("_{}", "").replace("{}", "")
        yield measured(part.model, name.format(part.place), key=key, **special)


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

        yield measured(model, name, key=key, value_fn=one_way)
