"""An EMS: a controller of several inverters."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, override

from .. import TimeSlot
from ..codecs import Codec, bits, deci_int16, enum, flag, hexadecimal, int16, serial, slot
from ..commands.device_commands import _EmsCommands
from ..enums import EmsInverterStatus, MeterStatus, Status
from ..register import HR, IR, Within, Writable
from ..register_model import Celsius, Percent, WattHours, Watts

MAX_MANAGED_INVERTERS = 4
_METERS = 8


class EmsMeterRole(IntEnum):
    """What an EMS uses a meter for."""

    GRID = 0
    GENERATION = 1
    LOAD = 2
    OTHER = 3


def _role(lsb: int) -> Codec[EmsMeterRole]:
    return enum(EmsMeterRole, bits(lsb, 2))


def _presence(lsb: int) -> Codec[MeterStatus]:
    return enum(MeterStatus, bits(lsb, 2))


def _digit(lsb: int) -> Codec[str]:
    return hexadecimal(1, bits(lsb, 3))


def _condition(lsb: int) -> Codec[EmsInverterStatus]:
    return enum(EmsInverterStatus, bits(lsb, 3))


@dataclass(frozen=True, slots=True)
class InverterSummary:
    """The report of an EMS on one of its inverters."""

    serial_number: str
    status: str | None
    """Its state code, a hexadecimal digit."""
    p_inverter_out: int | None
    battery_soc: int | None
    t_inverter_heatsink: float | None


class Ems(_EmsCommands):
    """An EMS, the controller of several inverters."""

    plant_status: Annotated[Status | None, HR(2040), enum(Status)] = None
    """The same register as ``plant_enabled``, under the name it was first given."""
    plant_enabled: Annotated[bool | None, HR(2040), flag, Writable()] = None
    """Whether the schedules below command the inverters."""
    expected_inverter_count: Annotated[int | None, HR(2041)] = None
    expected_meter_count: Annotated[int | None, HR(2042)] = None
    expected_car_charger_count: Annotated[int | None, HR(2043)] = None
    discharge_slot_1: Annotated[TimeSlot | None, HR(2044), slot, Writable()] = None
    discharge_target_1: Annotated[Percent, HR(2046), Writable(0, 100)] = None
    discharge_slot_2: Annotated[TimeSlot | None, HR(2047), slot, Writable()] = None
    discharge_target_2: Annotated[Percent, HR(2049), Writable(0, 100)] = None
    discharge_slot_3: Annotated[TimeSlot | None, HR(2050), slot, Writable()] = None
    discharge_target_3: Annotated[Percent, HR(2052), Writable(0, 100)] = None
    charge_slot_1: Annotated[TimeSlot | None, HR(2053), slot, Writable()] = None
    charge_target_1: Annotated[Percent, HR(2055), Writable(0, 100)] = None
    charge_slot_2: Annotated[TimeSlot | None, HR(2056), slot, Writable()] = None
    charge_target_2: Annotated[Percent, HR(2058), Writable(0, 100)] = None
    charge_slot_3: Annotated[TimeSlot | None, HR(2059), slot, Writable()] = None
    charge_target_3: Annotated[Percent, HR(2061), Writable(0, 100)] = None
    export_slot_1: Annotated[TimeSlot | None, HR(2062), slot, Writable()] = None
    export_target_1: Annotated[Percent, HR(2064), Writable(0, 100)] = None
    export_slot_2: Annotated[TimeSlot | None, HR(2065), slot, Writable()] = None
    export_target_2: Annotated[Percent, HR(2067), Writable(0, 100)] = None
    export_slot_3: Annotated[TimeSlot | None, HR(2068), slot, Writable()] = None
    export_target_3: Annotated[Percent, HR(2070), Writable(0, 100)] = None
    export_power_limit: Annotated[Watts, HR(2071), Writable(0, 65535)] = None
    car_charge_mode: Annotated[int | None, HR(2072)] = None
    car_charge_boost: Annotated[int | None, HR(2073)] = None
    plant_charge_compensation: Annotated[int | None, HR(2074)] = None
    plant_discharge_compensation: Annotated[int | None, HR(2075)] = None

    e_active_generation_total: Annotated[Watts, IR(18)] = None
    """Power of all generation; the name is wrong."""
    ems_status: Annotated[Status | None, IR(2040), enum(Status)] = None
    meter_count: Annotated[int | None, IR(2041)] = None
    meter_types: Annotated[int | None, IR(2042)] = None
    """The role of every meter, two bits each."""
    meter_1_role: Annotated[EmsMeterRole | None, IR(2042), _role(0)] = None
    meter_2_role: Annotated[EmsMeterRole | None, IR(2042), _role(2)] = None
    meter_3_role: Annotated[EmsMeterRole | None, IR(2042), _role(4)] = None
    meter_4_role: Annotated[EmsMeterRole | None, IR(2042), _role(6)] = None
    meter_5_role: Annotated[EmsMeterRole | None, IR(2042), _role(8)] = None
    meter_6_role: Annotated[EmsMeterRole | None, IR(2042), _role(10)] = None
    meter_7_role: Annotated[EmsMeterRole | None, IR(2042), _role(12)] = None
    meter_8_role: Annotated[EmsMeterRole | None, IR(2042), _role(14)] = None
    meter_1_status: Annotated[MeterStatus | None, IR(2043), _presence(0)] = None
    meter_2_status: Annotated[MeterStatus | None, IR(2043), _presence(2)] = None
    meter_3_status: Annotated[MeterStatus | None, IR(2043), _presence(4)] = None
    meter_4_status: Annotated[MeterStatus | None, IR(2043), _presence(6)] = None
    meter_5_status: Annotated[MeterStatus | None, IR(2043), _presence(8)] = None
    meter_6_status: Annotated[MeterStatus | None, IR(2043), _presence(10)] = None
    meter_7_status: Annotated[MeterStatus | None, IR(2043), _presence(12)] = None
    meter_8_status: Annotated[MeterStatus | None, IR(2043), _presence(14)] = None
    inverter_count: Annotated[int | None, IR(2044)] = None
    inverter_1_status: Annotated[str | None, IR(2045), _digit(0)] = None
    inverter_2_status: Annotated[str | None, IR(2045), _digit(3)] = None
    inverter_3_status: Annotated[str | None, IR(2045), _digit(6)] = None
    inverter_4_status: Annotated[str | None, IR(2045), _digit(9)] = None
    inverter_1_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(0)] = None
    inverter_2_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(3)] = None
    inverter_3_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(6)] = None
    inverter_4_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(9)] = None
    meter_1_power: Annotated[Watts, IR(2046), int16] = None
    meter_2_power: Annotated[Watts, IR(2047), int16] = None
    meter_3_power: Annotated[Watts, IR(2048), int16] = None
    meter_4_power: Annotated[Watts, IR(2049), int16] = None
    meter_5_power: Annotated[Watts, IR(2050), int16] = None
    meter_6_power: Annotated[Watts, IR(2051), int16] = None
    meter_7_power: Annotated[Watts, IR(2052), int16] = None
    meter_8_power: Annotated[Watts, IR(2053), int16] = None
    inverter_1_power: Annotated[Watts, IR(2054), int16] = None
    inverter_2_power: Annotated[Watts, IR(2055), int16] = None
    inverter_3_power: Annotated[Watts, IR(2056), int16] = None
    inverter_4_power: Annotated[Watts, IR(2057), int16] = None
    inverter_1_soc: Annotated[Percent, IR(2058)] = None
    inverter_2_soc: Annotated[Percent, IR(2059)] = None
    inverter_3_soc: Annotated[Percent, IR(2060)] = None
    inverter_4_soc: Annotated[Percent, IR(2061)] = None
    inverter_1_temp: Annotated[Celsius, IR(2062), deci_int16, Within(-60, 150)] = None
    inverter_2_temp: Annotated[Celsius, IR(2063), deci_int16, Within(-60, 150)] = None
    inverter_3_temp: Annotated[Celsius, IR(2064), deci_int16, Within(-60, 150)] = None
    inverter_4_temp: Annotated[Celsius, IR(2065), deci_int16, Within(-60, 150)] = None
    inverter_1_serial_number: Annotated[str | None, IR(2066), serial] = None
    inverter_2_serial_number: Annotated[str | None, IR(2071), serial] = None
    inverter_3_serial_number: Annotated[str | None, IR(2076), serial] = None
    inverter_4_serial_number: Annotated[str | None, IR(2081), serial] = None
    calc_load_power: Annotated[Watts, IR(2086)] = None
    measured_load_power: Annotated[Watts, IR(2087)] = None
    total_generation_load_power: Annotated[Watts, IR(2088)] = None
    grid_meter_power: Annotated[Watts, IR(2089), int16] = None
    """Positive is import, against the sign inverters use."""
    total_battery_power: Annotated[Watts, IR(2090), int16] = None
    """Positive is discharge."""
    remaining_battery_wh: Annotated[WattHours, IR(2091)] = None
    other_battery_power: Annotated[Watts, IR(2094), int16] = None

    @classmethod
    @override
    def apply_overrides(cls, values: dict[str, Any]) -> None:
        """Clear the role of absent meters, which reads as the first role."""
        for place in range(1, _METERS + 1):
            if values[f"meter_{place}_status"] is MeterStatus.DISABLED:
                values[f"meter_{place}_role"] = None

    def is_valid(self) -> bool:
        """Return whether an EMS responded."""
        return self.ems_status is not None

    @property
    def managed_inverters(self) -> list[InverterSummary]:
        """The reports on the inverters that have a serial number."""
        summaries = map(self._summary, range(1, MAX_MANAGED_INVERTERS + 1))
        return [summary for summary in summaries if summary is not None]

    def _summary(self, place: int) -> InverterSummary | None:
        # Typed by the fields above, all of which exist for every place.
        serial_number, *rest = (
            getattr(self, f"inverter_{place}_{what}")
            for what in ("serial_number", "status", "power", "soc", "temp")
        )
        serial_number = (serial_number or "").strip()
        return InverterSummary(serial_number, *rest) if serial_number else None
