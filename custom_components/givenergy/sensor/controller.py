"""The sensors of EMS and gateway, and of the inverters they report on."""

from collections.abc import Callable, Iterator

from ..givenergy_modbus.model.capabilities import PlantCapabilities
from ..givenergy_modbus.model.devices.ems import Ems
from ..givenergy_modbus.model.devices.gateway import GatewayV1
from ..givenergy_modbus.model.register_model import RegisterModel
from .description import (
    CHARGE,
    DIAGNOSTIC,
    DIAGNOSTIC_DISABLED,
    DISABLED,
    ENABLED,
    IN_KILOWATT_HOURS,
    SETTING,
    Fields,
    GivEnergySensorDescription,
    SensorOverrides,
    Table,
    rows,
    sensor_description,
)

# fmt: off
_EMS: Table[Ems] = (
    Fields(DIAGNOSTIC, lambda ems: (ems.ems_status, ems.inverter_count, ems.meter_count)),
    Fields(ENABLED, lambda ems: (
        ems.calc_load_power, ems.total_generation_load_power, ems.total_battery_power,
    )),
    Fields(DISABLED, lambda ems: (ems.measured_load_power, ems.other_battery_power)),
    Fields(IN_KILOWATT_HOURS, lambda ems: (ems.remaining_battery_wh,)),
    Fields(SETTING, lambda ems: (
        ems.expected_inverter_count, ems.expected_meter_count, ems.expected_car_charger_count,
        ems.plant_charge_compensation, ems.plant_discharge_compensation,
    )),
)
_GATEWAY: Table[GatewayV1] = (
    Fields(DIAGNOSTIC, lambda gateway: (
        gateway.work_mode, gateway.aio_state, gateway.v_grid, gateway.v_load,
        gateway.parallel_aio_num, gateway.parallel_aio_online_num, gateway.gateway_fault_codes,
    )),
    Fields(ENABLED, lambda gateway: (
        gateway.p_pv, gateway.p_load, gateway.p_ac1, gateway.p_aio_total, gateway.e_pv_today,
        gateway.e_pv_total, gateway.e_load_today, gateway.e_load_total, gateway.e_grid_import_today,
        gateway.e_grid_import_total, gateway.e_grid_export_today, gateway.e_grid_export_total,
        gateway.e_battery_charge_today, gateway.e_battery_charge_total,
        gateway.e_battery_discharge_today, gateway.e_battery_discharge_total,
    )),
    Fields(DISABLED, lambda gateway: (
        gateway.p_liberty, gateway.e_aio_charge_today, gateway.e_aio_charge_total,
        gateway.e_aio_discharge_today, gateway.e_aio_discharge_total,
    )),
    Fields(DIAGNOSTIC_DISABLED, lambda gateway: (
        gateway.i_grid, gateway.i_load, gateway.i_pv, gateway.v_grid_relay,
        gateway.v_inverter_relay, gateway.fault_protection, gateway.software_version,
        gateway.battery_firmware_version, gateway.first_inverter_serial_number,
    )),
)
# fmt: on


def ems_sensors(capabilities: PlantCapabilities) -> Iterator[GivEnergySensorDescription[Ems]]:
    """Describe the sensors of an EMS and of the meters it reads."""
    yield from rows(Ems, _EMS)
    # The EMS counts import as positive; everywhere else here export is.
    yield from _split(
        Ems, lambda ems: ems.grid_meter_power, "grid_export_power", "grid_import_power", -1
    )
    yield sensor_description(
        Ems,
        lambda ems: ems.grid_meter_power,
        key="grid_power",
        value_fn=lambda ems: _signed(ems.grid_meter_power, -1),
        overrides={"translation_key": "p_grid_out"},
    )
    yield from _split(
        Ems, lambda ems: ems.total_battery_power, "battery_discharge_power", "battery_charge_power"
    )
    for place in capabilities.meter_addresses:
        yield from _ems_meter(place)


def _ems_meter(place: int) -> Iterator[GivEnergySensorDescription[Ems]]:
    """Describe the sensors of a meter that an EMS reads."""
    numbered: SensorOverrides = {"translation_placeholders": {"number": str(place)}}
    yield sensor_description(
        Ems,
        lambda ems: (
            ems.meter_1_power,
            ems.meter_2_power,
            ems.meter_3_power,
            ems.meter_4_power,
            ems.meter_5_power,
            ems.meter_6_power,
            ems.meter_7_power,
            ems.meter_8_power,
        )[place - 1],
        overrides={**numbered, **DISABLED, "translation_key": "meter_power"},
    )
    yield sensor_description(
        Ems,
        lambda ems: (
            ems.meter_1_role,
            ems.meter_2_role,
            ems.meter_3_role,
            ems.meter_4_role,
            ems.meter_5_role,
            ems.meter_6_role,
            ems.meter_7_role,
            ems.meter_8_role,
        )[place - 1],
        overrides={**numbered, **DIAGNOSTIC_DISABLED, "translation_key": "meter_role"},
    )


def managed_inverter_sensors(place: int) -> Iterator[GivEnergySensorDescription[Ems]]:
    """Describe the sensors of an inverter that an EMS reports on."""
    at = place - 1
    yield sensor_description(
        Ems,
        lambda ems: (
            ems.inverter_1_power,
            ems.inverter_2_power,
            ems.inverter_3_power,
            ems.inverter_4_power,
        )[at],
        key="inverter_power",
    )
    yield sensor_description(
        Ems,
        lambda ems: (
            ems.inverter_1_soc,
            ems.inverter_2_soc,
            ems.inverter_3_soc,
            ems.inverter_4_soc,
        )[at],
        key="inverter_soc",
        overrides=CHARGE,
    )
    yield sensor_description(
        Ems,
        lambda ems: (
            ems.inverter_1_temp,
            ems.inverter_2_temp,
            ems.inverter_3_temp,
            ems.inverter_4_temp,
        )[at],
        key="inverter_temp",
        overrides=DIAGNOSTIC,
    )
    yield sensor_description(
        Ems,
        lambda ems: (
            ems.inverter_1_status,
            ems.inverter_2_status,
            ems.inverter_3_status,
            ems.inverter_4_status,
        )[at],
        key="inverter_status",
        overrides=DIAGNOSTIC_DISABLED,
    )


def aio_unit_sensors(place: int) -> Iterator[GivEnergySensorDescription[GatewayV1]]:
    """Describe the sensors of an All-in-One that a gateway reports on."""
    at = place - 1
    yield sensor_description(
        GatewayV1,
        lambda gateway: (
            gateway.p_aio1_inverter,
            gateway.p_aio2_inverter,
            gateway.p_aio3_inverter,
        )[at],
        key="p_aio_inverter",
    )
    yield sensor_description(
        GatewayV1,
        lambda gateway: (gateway.aio1_soc, gateway.aio2_soc, gateway.aio3_soc)[at],
        key="aio_soc",
        overrides=CHARGE,
    )
    yield from _aio_unit_energies(at)


def _aio_unit_energies(at: int) -> Iterator[GivEnergySensorDescription[GatewayV1]]:
    yield sensor_description(
        GatewayV1,
        lambda gateway: (
            gateway.e_aio1_charge_today,
            gateway.e_aio2_charge_today,
            gateway.e_aio3_charge_today,
        )[at],
        key="e_aio_charge_today",
    )
    yield sensor_description(
        GatewayV1,
        lambda gateway: (
            gateway.e_aio1_charge_total,
            gateway.e_aio2_charge_total,
            gateway.e_aio3_charge_total,
        )[at],
        key="e_aio_charge_total",
    )
    yield sensor_description(
        GatewayV1,
        lambda gateway: (
            gateway.e_aio1_discharge_today,
            gateway.e_aio2_discharge_today,
            gateway.e_aio3_discharge_today,
        )[at],
        key="e_aio_discharge_today",
    )
    yield sensor_description(
        GatewayV1,
        lambda gateway: (
            gateway.e_aio1_discharge_total,
            gateway.e_aio2_discharge_total,
            gateway.e_aio3_discharge_total,
        )[at],
        key="e_aio_discharge_total",
    )


def gateway_sensors() -> Iterator[GivEnergySensorDescription[GatewayV1]]:
    """Describe the sensors of a gateway."""
    yield from rows(GatewayV1, _GATEWAY)
    yield from _split(
        GatewayV1, lambda gateway: gateway.p_ac1, "grid_export_power", "grid_import_power"
    )
    yield from _split(
        GatewayV1,
        lambda gateway: gateway.p_aio_total,
        "battery_discharge_power",
        "battery_charge_power",
    )


def _signed(power: int | None, sign: int) -> int | None:
    """Return a power, with its sign changed if ``sign`` is negative."""
    return None if power is None else sign * power


def _split[DeviceT: RegisterModel](
    model: type[DeviceT],
    pick: Callable[[DeviceT], int | None],
    positive: str,
    negative: str,
    sign: int = 1,
) -> Iterator[GivEnergySensorDescription[DeviceT]]:
    """Describe both directions of a signed power as sensors of their own."""
    yield sensor_description(model, pick, key=positive, value_fn=_one_way(pick, sign))
    yield sensor_description(model, pick, key=negative, value_fn=_one_way(pick, -sign))


def _one_way[DeviceT](
    pick: Callable[[DeviceT], int | None], sign: int
) -> Callable[[DeviceT], int | None]:
    def value(device: DeviceT) -> int | None:
        power = _signed(pick(device), sign)
        return None if power is None else max(0, power)

    return value
