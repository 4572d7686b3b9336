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
    """Firmware of the gateway: four letters and four small numbers."""
    work_mode: Annotated[WorkMode | None, IR(1604), enum(WorkMode)] = None
    """How the gateway is connected."""
    v_grid: Annotated[Volts, IR(1608), deci_int16, Within(0, 300)] = None
    """Grid voltage, in V."""
    i_grid: Annotated[Amperes, IR(1609), deci_int16, Within(-500, 500)] = None
    """Grid current, in A."""
    v_load: Annotated[Volts, IR(1610), deci, Within(0, 300)] = None
    """Load voltage, in V."""
    i_load: Annotated[Amperes, IR(1611), deci, Within(0, 500)] = None
    """Load current, in A."""
    i_pv: Annotated[Amperes, IR(1612), deci_int16, Within(0, 500)] = None
    """PV inverter current, in A."""
    p_ac1: Annotated[Watts, IR(1616), int16] = None
    """Positive is export."""
    p_pv: Annotated[Watts, IR(1617), Within(None, 50000)] = None
    """PV power, in W."""
    p_load: Annotated[Watts, IR(1618), Within(None, 50000)] = None
    """House load power, in W."""
    p_liberty: Annotated[Watts, IR(1619), negated(int16)] = None
    """Calculated power of all All-in-Ones; positive is discharging."""
    fault_protection: Annotated[int | None, IR(1620), uint32] = None
    """Protection bits, 32 bits."""
    gateway_fault_codes: Annotated[
        tuple[str, ...] | None, IR(1622), messages(GATEWAY_FAULTS, 2, highest_first=True)
    ] = None
    """Messages of the active warnings and faults, highest bit first."""
    v_grid_relay: Annotated[Volts, IR(1624), deci, Within(0, 300)] = None
    """Grid relay voltage, in V."""
    v_inverter_relay: Annotated[Volts, IR(1625), deci, Within(0, 300)] = None
    """Inverter relay voltage, in V."""
    first_inverter_serial_number: Annotated[str | None, IR(1627), serial] = None
    """Serial number of the gateway or of its first All-in-One."""
    e_grid_import_today: Annotated[DailyEnergy, IR(1640), deci] = None
    """Grid import energy today, in kWh."""
    e_pv_today: Annotated[DailyEnergy, IR(1643), deci] = None
    """PV energy today, in kWh."""
    e_grid_export_today: Annotated[DailyEnergy, IR(1646), deci] = None
    """Grid export energy today, in kWh."""
    e_aio_charge_today: Annotated[DailyEnergy, IR(1649), deci] = None
    """Energy charged by all All-in-Ones today, in kWh."""
    e_aio_discharge_today: Annotated[DailyEnergy, IR(1652), deci] = None
    """Energy discharged by all All-in-Ones today, in kWh."""
    e_load_today: Annotated[DailyEnergy, IR(1655), deci] = None
    """House consumption today, in kWh."""
    parallel_aio_num: Annotated[int | None, IR(1700)] = None
    """Number of All-in-Ones in parallel."""
    parallel_aio_online_num: Annotated[int | None, IR(1701)] = None
    """Number of All-in-Ones online."""
    p_aio_total: Annotated[Watts, IR(1702), negated(int16)] = None
    """Positive is discharge."""
    aio_state: Annotated[State | None, IR(1703), enum(State)] = None
    """What the All-in-Ones are doing together."""
    battery_firmware_version: Annotated[int | None, IR(1704)] = None
    """Firmware word of the All-in-Ones and their batteries."""
    e_aio1_charge_today: Annotated[DailyEnergy, IR(1705), deci] = None
    """Energy charged by All-in-One 1 today, in kWh."""
    e_aio2_charge_today: Annotated[DailyEnergy, IR(1708), deci] = None
    """Energy charged by All-in-One 2 today, in kWh."""
    e_aio3_charge_today: Annotated[DailyEnergy, IR(1711), deci] = None
    """Energy charged by All-in-One 3 today, in kWh."""
    e_aio1_discharge_today: Annotated[DailyEnergy, IR(1750), deci] = None
    """Energy discharged by All-in-One 1 today, in kWh."""
    e_aio2_discharge_today: Annotated[DailyEnergy, IR(1753), deci] = None
    """Energy discharged by All-in-One 2 today, in kWh."""
    e_aio3_discharge_today: Annotated[DailyEnergy, IR(1756), deci] = None
    """Energy discharged by All-in-One 3 today, in kWh."""
    e_battery_charge_today: Annotated[DailyEnergy, IR(1795), deci] = None
    """Battery charge energy today (DC side), in kWh."""
    e_battery_discharge_today: Annotated[DailyEnergy, IR(1798), deci] = None
    """Battery discharge energy today (DC side), in kWh."""
    aio1_soc: Annotated[Percent, IR(1801), Within(0, 100)] = None
    """State of charge of All-in-One 1, in %."""
    aio2_soc: Annotated[Percent, IR(1802), Within(0, 100)] = None
    """State of charge of All-in-One 2, in %."""
    aio3_soc: Annotated[Percent, IR(1803), Within(0, 100)] = None
    """State of charge of All-in-One 3, in %."""
    p_aio1_inverter: Annotated[Watts, IR(1816), negated(int16)] = None
    """Positive is discharge."""
    p_aio2_inverter: Annotated[Watts, IR(1817), negated(int16)] = None
    """Positive is discharge."""
    p_aio3_inverter: Annotated[Watts, IR(1818), negated(int16)] = None
    """Positive is discharge."""
    aio1_serial_number: Annotated[str | None, IR(1841), serial] = None
    """Serial number of All-in-One 1."""

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
    """Total grid import energy, in kWh."""
    e_pv_total: Annotated[LifetimeEnergy, IR(1644), deci_uint32] = None
    """Total PV energy, in kWh."""
    e_grid_export_total: Annotated[LifetimeEnergy, IR(1647), deci_uint32] = None
    """Total grid export energy, in kWh."""
    e_aio_charge_total: Annotated[LifetimeEnergy, IR(1650), deci_uint32] = None
    """Energy charged by all All-in-Ones, in kWh."""
    e_aio_discharge_total: Annotated[LifetimeEnergy, IR(1653), deci_uint32] = None
    """Energy discharged by all All-in-Ones, in kWh."""
    e_load_total: Annotated[LifetimeEnergy, IR(1656), deci_uint32] = None
    """Total house consumption, in kWh."""
    e_aio1_charge_total: Annotated[LifetimeEnergy, IR(1706), deci_uint32] = None
    """Energy charged by All-in-One 1, in kWh."""
    e_aio2_charge_total: Annotated[LifetimeEnergy, IR(1709), deci_uint32] = None
    """Energy charged by All-in-One 2, in kWh."""
    e_aio3_charge_total: Annotated[LifetimeEnergy, IR(1712), deci_uint32] = None
    """Energy charged by All-in-One 3, in kWh."""
    e_aio1_discharge_total: Annotated[LifetimeEnergy, IR(1751), deci_uint32] = None
    """Energy discharged by All-in-One 1, in kWh."""
    e_aio2_discharge_total: Annotated[LifetimeEnergy, IR(1754), deci_uint32] = None
    """Energy discharged by All-in-One 2, in kWh."""
    e_aio3_discharge_total: Annotated[LifetimeEnergy, IR(1757), deci_uint32] = None
    """Energy discharged by All-in-One 3, in kWh."""
    e_battery_charge_total: Annotated[LifetimeEnergy, IR(1796), deci_uint32] = None
    """Total battery charge energy (DC side), in kWh."""
    e_battery_discharge_total: Annotated[LifetimeEnergy, IR(1799), deci_uint32] = None
    """Total battery discharge energy (DC side), in kWh."""
    aio2_serial_number: Annotated[str | None, IR(1846), serial] = None
    """Serial number of All-in-One 2."""
    aio3_serial_number: Annotated[str | None, IR(1851), serial] = None
    """Serial number of All-in-One 3."""


class GatewayV2(Gateway):
    """A gateway with the low word of its totals first."""

    e_grid_import_total: Annotated[LifetimeEnergy, IR(1642), IR(1641), deci_uint32] = None
    """Total grid import energy, in kWh."""
    e_pv_total: Annotated[LifetimeEnergy, IR(1645), IR(1644), deci_uint32] = None
    """Total PV energy, in kWh."""
    e_grid_export_total: Annotated[LifetimeEnergy, IR(1648), IR(1647), deci_uint32] = None
    """Total grid export energy, in kWh."""
    e_aio_charge_total: Annotated[LifetimeEnergy, IR(1651), IR(1650), deci_uint32] = None
    """Energy charged by all All-in-Ones, in kWh."""
    e_aio_discharge_total: Annotated[LifetimeEnergy, IR(1654), IR(1653), deci_uint32] = None
    """Energy discharged by all All-in-Ones, in kWh."""
    e_load_total: Annotated[LifetimeEnergy, IR(1657), IR(1656), deci_uint32] = None
    """Total house consumption, in kWh."""
    e_aio1_charge_total: Annotated[LifetimeEnergy, IR(1707), IR(1706), deci_uint32] = None
    """Energy charged by All-in-One 1, in kWh."""
    e_aio2_charge_total: Annotated[LifetimeEnergy, IR(1710), IR(1709), deci_uint32] = None
    """Energy charged by All-in-One 2, in kWh."""
    e_aio3_charge_total: Annotated[LifetimeEnergy, IR(1713), IR(1712), deci_uint32] = None
    """Energy charged by All-in-One 3, in kWh."""
    e_aio1_discharge_total: Annotated[LifetimeEnergy, IR(1752), IR(1751), deci_uint32] = None
    """Energy discharged by All-in-One 1, in kWh."""
    e_aio2_discharge_total: Annotated[LifetimeEnergy, IR(1755), IR(1754), deci_uint32] = None
    """Energy discharged by All-in-One 2, in kWh."""
    e_aio3_discharge_total: Annotated[LifetimeEnergy, IR(1758), IR(1757), deci_uint32] = None
    """Energy discharged by All-in-One 3, in kWh."""
    e_battery_charge_total: Annotated[LifetimeEnergy, IR(1797), IR(1796), deci_uint32] = None
    """Total battery charge energy (DC side), in kWh."""
    e_battery_discharge_total: Annotated[LifetimeEnergy, IR(1800), IR(1799), deci_uint32] = None
    """Total battery discharge energy (DC side), in kWh."""
    aio2_serial_number: Annotated[str | None, IR(1848), serial] = None
    """Serial number of All-in-One 2."""
    aio3_serial_number: Annotated[str | None, IR(1855), serial] = None
    """Serial number of All-in-One 3."""


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
