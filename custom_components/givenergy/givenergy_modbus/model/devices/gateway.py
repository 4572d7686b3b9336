"""A gateway: the box that All-in-Ones in parallel share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from ..codecs import (
    deci,
    deci_int16,
    deci_uint32,
    enum,
    int16,
    messages,
    negated,
    serial,
    uint32,
    version,
)
from ..enums import State, WorkMode
from ..fault_codes import GATEWAY_FAULTS
from ..register import IR, Energy, Register, Within
from ..register_model import (
    Amperes,
    DailyEnergy,
    LifetimeEnergy,
    Percent,
    RegisterModel,
    Volts,
    Watts,
)

MAX_AIO_UNITS = 3


@dataclass(frozen=True, slots=True)
class AioUnitSummary:
    """What a gateway reports of one of its All-in-Ones."""

    serial_number: str | None
    soc: int | None
    """Percent."""
    p_inverter: int | None
    """Watts, positive when discharging."""
    e_charge_today: float | None
    """Kilowatt-hours, as are the three below."""
    e_discharge_today: float | None
    e_charge_total: float | None
    e_discharge_total: float | None


class Gateway(RegisterModel):
    """The fields that gateways of both word orders share."""

    software_version: Annotated[str | None, IR(1600), version] = None
    work_mode: Annotated[WorkMode | None, IR(1604), enum(WorkMode)] = None
    v_grid: Annotated[Volts, IR(1608), deci_int16, Within(0, 500)] = None
    i_grid: Annotated[Amperes, IR(1609), deci_int16, Within(-500, 500)] = None
    v_load: Annotated[Volts, IR(1610), deci, Within(0, 500)] = None
    i_load: Annotated[Amperes, IR(1611), deci, Within(0, 500)] = None
    i_pv: Annotated[Amperes, IR(1612), deci_int16, Within(0, 500)] = None
    p_ac1: Annotated[Watts, IR(1616), int16] = None
    """Positive is export."""
    p_pv: Annotated[Watts, IR(1617), Within(None, 50000)] = None
    p_load: Annotated[Watts, IR(1618), Within(None, 50000)] = None
    p_liberty: Annotated[Watts, IR(1619), negated(int16)] = None
    """Calculated power of all All-in-Ones; positive is discharging."""
    fault_protection: Annotated[int | None, IR(1620), uint32] = None
    gateway_fault_codes: Annotated[
        tuple[str, ...] | None, IR(1622), messages(GATEWAY_FAULTS, 2, highest_first=True)
    ] = None
    v_grid_relay: Annotated[Volts, IR(1624), deci, Within(0, 500)] = None
    v_inverter_relay: Annotated[Volts, IR(1625), deci, Within(0, 500)] = None
    first_inverter_serial_number: Annotated[str | None, IR(1627), serial] = None
    e_grid_import_today: Annotated[DailyEnergy, IR(1640), deci] = None
    e_pv_today: Annotated[DailyEnergy, IR(1643), deci] = None
    e_grid_export_today: Annotated[DailyEnergy, IR(1646), deci] = None
    e_aio_charge_today: Annotated[DailyEnergy, IR(1649), deci] = None
    e_aio_discharge_today: Annotated[DailyEnergy, IR(1652), deci] = None
    e_load_today: Annotated[DailyEnergy, IR(1655), deci] = None
    parallel_aio_num: Annotated[int | None, IR(1700)] = None
    parallel_aio_online_num: Annotated[int | None, IR(1701)] = None
    p_aio_total: Annotated[Watts, IR(1702), negated(int16)] = None
    """Positive is discharge."""
    aio_state: Annotated[State | None, IR(1703), enum(State)] = None
    battery_firmware_version: Annotated[int | None, IR(1704)] = None
    e_aio1_charge_today: Annotated[DailyEnergy, IR(1705), deci] = None
    e_aio2_charge_today: Annotated[DailyEnergy, IR(1708), deci] = None
    e_aio3_charge_today: Annotated[DailyEnergy, IR(1711), deci] = None
    e_aio1_discharge_today: Annotated[DailyEnergy, IR(1750), deci] = None
    e_aio2_discharge_today: Annotated[DailyEnergy, IR(1753), deci] = None
    e_aio3_discharge_today: Annotated[DailyEnergy, IR(1756), deci] = None
    e_battery_charge_today: Annotated[DailyEnergy, IR(1795), deci] = None
    e_battery_discharge_today: Annotated[DailyEnergy, IR(1798), deci] = None
    aio1_soc: Annotated[Percent, IR(1801), Within(0, 100)] = None
    aio2_soc: Annotated[Percent, IR(1802), Within(0, 100)] = None
    aio3_soc: Annotated[Percent, IR(1803), Within(0, 100)] = None
    p_aio1_inverter: Annotated[Watts, IR(1816), negated(int16)] = None
    """Positive is discharge."""
    p_aio2_inverter: Annotated[Watts, IR(1817), negated(int16)] = None
    """Positive is discharge."""
    p_aio3_inverter: Annotated[Watts, IR(1818), negated(int16)] = None
    """Positive is discharge."""
    aio1_serial_number: Annotated[str | None, IR(1841), serial] = None

    def is_valid(self) -> bool:
        """Return whether a gateway responded."""
        return self.software_version is not None

    def aio_unit(self, place: int) -> AioUnitSummary:
        """Return what the gateway reports of its All-in-One at a place, counting from 1."""
        return AioUnitSummary(
            *(
                getattr(self, name.format(place), None)
                for name in (
                    "aio{}_serial_number",
                    "aio{}_soc",
                    "p_aio{}_inverter",
                    "e_aio{}_charge_today",
                    "e_aio{}_discharge_today",
                    "e_aio{}_charge_total",
                    "e_aio{}_discharge_total",
                )
            )
        )


class GatewayV1(Gateway):
    """A gateway with the high word of its totals first."""

    e_grid_import_total: Annotated[LifetimeEnergy, IR(1641), deci_uint32] = None
    e_pv_total: Annotated[LifetimeEnergy, IR(1644), deci_uint32] = None
    e_grid_export_total: Annotated[LifetimeEnergy, IR(1647), deci_uint32] = None
    e_aio_charge_total: Annotated[LifetimeEnergy, IR(1650), deci_uint32] = None
    e_aio_discharge_total: Annotated[LifetimeEnergy, IR(1653), deci_uint32] = None
    e_load_total: Annotated[LifetimeEnergy, IR(1656), deci_uint32] = None
    e_aio1_charge_total: Annotated[LifetimeEnergy, IR(1706), deci_uint32] = None
    e_aio2_charge_total: Annotated[LifetimeEnergy, IR(1709), deci_uint32] = None
    e_aio3_charge_total: Annotated[LifetimeEnergy, IR(1712), deci_uint32] = None
    e_aio1_discharge_total: Annotated[LifetimeEnergy, IR(1751), deci_uint32] = None
    e_aio2_discharge_total: Annotated[LifetimeEnergy, IR(1754), deci_uint32] = None
    e_aio3_discharge_total: Annotated[LifetimeEnergy, IR(1757), deci_uint32] = None
    e_battery_charge_total: Annotated[LifetimeEnergy, IR(1796), deci_uint32] = None
    e_battery_discharge_total: Annotated[LifetimeEnergy, IR(1799), deci_uint32] = None
    aio2_serial_number: Annotated[str | None, IR(1846), serial] = None
    aio3_serial_number: Annotated[str | None, IR(1851), serial] = None


class GatewayV2(Gateway):
    """A gateway with the low word of its totals first."""

    e_grid_import_total: Annotated[LifetimeEnergy, IR(1642), IR(1641), deci_uint32] = None
    e_pv_total: Annotated[LifetimeEnergy, IR(1645), IR(1644), deci_uint32] = None
    e_grid_export_total: Annotated[LifetimeEnergy, IR(1648), IR(1647), deci_uint32] = None
    e_aio_charge_total: Annotated[LifetimeEnergy, IR(1651), IR(1650), deci_uint32] = None
    e_aio_discharge_total: Annotated[LifetimeEnergy, IR(1654), IR(1653), deci_uint32] = None
    e_load_total: Annotated[LifetimeEnergy, IR(1657), IR(1656), deci_uint32] = None
    e_aio1_charge_total: Annotated[LifetimeEnergy, IR(1707), IR(1706), deci_uint32] = None
    e_aio2_charge_total: Annotated[LifetimeEnergy, IR(1710), IR(1709), deci_uint32] = None
    e_aio3_charge_total: Annotated[LifetimeEnergy, IR(1713), IR(1712), deci_uint32] = None
    e_aio1_discharge_total: Annotated[LifetimeEnergy, IR(1752), IR(1751), deci_uint32] = None
    e_aio2_discharge_total: Annotated[LifetimeEnergy, IR(1755), IR(1754), deci_uint32] = None
    e_aio3_discharge_total: Annotated[LifetimeEnergy, IR(1758), IR(1757), deci_uint32] = None
    e_battery_charge_total: Annotated[LifetimeEnergy, IR(1797), IR(1796), deci_uint32] = None
    e_battery_discharge_total: Annotated[LifetimeEnergy, IR(1800), IR(1799), deci_uint32] = None
    aio2_serial_number: Annotated[str | None, IR(1848), serial] = None
    aio3_serial_number: Annotated[str | None, IR(1855), serial] = None


def select_gateway(cache: Mapping[Register, int]) -> GatewayV1 | GatewayV2:
    """Decode a gateway with the word order that gives plausible totals.

    The firmware version does not determine the order. In the wrong one every
    kilowatt-hour reads as thousands, so the one with the smaller sum is right.
    """
    layouts: tuple[GatewayV1 | GatewayV2, ...] = (
        GatewayV1.from_register_cache(cache),
        GatewayV2.from_register_cache(cache),
    )
    return min(layouts, key=_counted)


def _counted(gateway: Gateway) -> float:
    return sum(
        getattr(gateway, name) or 0
        for name, field in gateway.register_fields.items()
        if field.energy is Energy.LIFETIME
    )
