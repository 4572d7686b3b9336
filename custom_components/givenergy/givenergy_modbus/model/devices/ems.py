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
    """Configured number of inverters."""
    expected_meter_count: Annotated[int | None, HR(2042)] = None
    """Configured number of meters."""
    expected_car_charger_count: Annotated[int | None, HR(2043)] = None
    """Configured number of EV chargers."""
    discharge_slot_1: Annotated[TimeSlot | None, HR(2044), slot, Writable()] = None
    """Discharge slot 1: when the batteries discharge each day."""
    discharge_target_1: Annotated[Percent, HR(2046), Writable(0, 100)] = None
    """State of charge at which discharging stops in discharge slot 1, in %."""
    discharge_slot_2: Annotated[TimeSlot | None, HR(2047), slot, Writable()] = None
    """Discharge slot 2: when the batteries discharge each day."""
    discharge_target_2: Annotated[Percent, HR(2049), Writable(0, 100)] = None
    """State of charge at which discharging stops in discharge slot 2, in %."""
    discharge_slot_3: Annotated[TimeSlot | None, HR(2050), slot, Writable()] = None
    """Discharge slot 3: when the batteries discharge each day."""
    discharge_target_3: Annotated[Percent, HR(2052), Writable(0, 100)] = None
    """State of charge at which discharging stops in discharge slot 3, in %."""
    charge_slot_1: Annotated[TimeSlot | None, HR(2053), slot, Writable()] = None
    """Charge slot 1: when the batteries charge each day."""
    charge_target_1: Annotated[Percent, HR(2055), Writable(0, 100)] = None
    """State of charge at which charging stops in charge slot 1, in %."""
    charge_slot_2: Annotated[TimeSlot | None, HR(2056), slot, Writable()] = None
    """Charge slot 2: when the batteries charge each day."""
    charge_target_2: Annotated[Percent, HR(2058), Writable(0, 100)] = None
    """State of charge at which charging stops in charge slot 2, in %."""
    charge_slot_3: Annotated[TimeSlot | None, HR(2059), slot, Writable()] = None
    """Charge slot 3: when the batteries charge each day."""
    charge_target_3: Annotated[Percent, HR(2061), Writable(0, 100)] = None
    """State of charge at which charging stops in charge slot 3, in %."""
    export_slot_1: Annotated[TimeSlot | None, HR(2062), slot, Writable()] = None
    """Export slot 1: when the batteries export each day."""
    export_target_1: Annotated[Percent, HR(2064), Writable(0, 100)] = None
    """State of charge at which exporting stops in export slot 1, in %."""
    export_slot_2: Annotated[TimeSlot | None, HR(2065), slot, Writable()] = None
    """Export slot 2: when the batteries export each day."""
    export_target_2: Annotated[Percent, HR(2067), Writable(0, 100)] = None
    """State of charge at which exporting stops in export slot 2, in %."""
    export_slot_3: Annotated[TimeSlot | None, HR(2068), slot, Writable()] = None
    """Export slot 3: when the batteries export each day."""
    export_target_3: Annotated[Percent, HR(2070), Writable(0, 100)] = None
    """State of charge at which exporting stops in export slot 3, in %."""
    export_power_limit: Annotated[Watts, HR(2071), Writable(0, 65535)] = None
    """System export power limit, in W."""
    car_charge_mode: Annotated[int | None, HR(2072)] = None
    """EV charger mode."""
    car_charge_boost: Annotated[int | None, HR(2073)] = None
    """EV charger fast-charge amount."""
    plant_charge_compensation: Annotated[int | None, HR(2074)] = None
    """System battery charge compensation; scale unknown."""
    plant_discharge_compensation: Annotated[int | None, HR(2075)] = None
    """System battery discharge compensation; scale unknown."""

    e_active_generation_total: Annotated[Watts, IR(18)] = None
    """Power of all generation; the name is wrong."""
    ems_status: Annotated[Status | None, IR(2040), enum(Status)] = None
    """EMS controller state."""
    meter_count: Annotated[int | None, IR(2041)] = None
    """Number of meters."""
    meter_types: Annotated[int | None, IR(2042)] = None
    """The role of every meter, two bits each."""
    meter_1_role: Annotated[EmsMeterRole | None, IR(2042), _role(0)] = None
    """What the EMS uses meter 1 for."""
    meter_2_role: Annotated[EmsMeterRole | None, IR(2042), _role(2)] = None
    """What the EMS uses meter 2 for."""
    meter_3_role: Annotated[EmsMeterRole | None, IR(2042), _role(4)] = None
    """What the EMS uses meter 3 for."""
    meter_4_role: Annotated[EmsMeterRole | None, IR(2042), _role(6)] = None
    """What the EMS uses meter 4 for."""
    meter_5_role: Annotated[EmsMeterRole | None, IR(2042), _role(8)] = None
    """What the EMS uses meter 5 for."""
    meter_6_role: Annotated[EmsMeterRole | None, IR(2042), _role(10)] = None
    """What the EMS uses meter 6 for."""
    meter_7_role: Annotated[EmsMeterRole | None, IR(2042), _role(12)] = None
    """What the EMS uses meter 7 for."""
    meter_8_role: Annotated[EmsMeterRole | None, IR(2042), _role(14)] = None
    """What the EMS uses meter 8 for."""
    meter_1_status: Annotated[MeterStatus | None, IR(2043), _presence(0)] = None
    """Online state of meter 1."""
    meter_2_status: Annotated[MeterStatus | None, IR(2043), _presence(2)] = None
    """Online state of meter 2."""
    meter_3_status: Annotated[MeterStatus | None, IR(2043), _presence(4)] = None
    """Online state of meter 3."""
    meter_4_status: Annotated[MeterStatus | None, IR(2043), _presence(6)] = None
    """Online state of meter 4."""
    meter_5_status: Annotated[MeterStatus | None, IR(2043), _presence(8)] = None
    """Online state of meter 5."""
    meter_6_status: Annotated[MeterStatus | None, IR(2043), _presence(10)] = None
    """Online state of meter 6."""
    meter_7_status: Annotated[MeterStatus | None, IR(2043), _presence(12)] = None
    """Online state of meter 7."""
    meter_8_status: Annotated[MeterStatus | None, IR(2043), _presence(14)] = None
    """Online state of meter 8."""
    inverter_count: Annotated[int | None, IR(2044)] = None
    """Number of managed inverters."""
    inverter_1_status: Annotated[str | None, IR(2045), _digit(0)] = None
    """Status code of managed inverter 1, one hexadecimal digit."""
    inverter_2_status: Annotated[str | None, IR(2045), _digit(3)] = None
    """Status code of managed inverter 2, one hexadecimal digit."""
    inverter_3_status: Annotated[str | None, IR(2045), _digit(6)] = None
    """Status code of managed inverter 3, one hexadecimal digit."""
    inverter_4_status: Annotated[str | None, IR(2045), _digit(9)] = None
    """Status code of managed inverter 4, one hexadecimal digit."""
    inverter_1_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(0)] = None
    """Whether managed inverter 1 is online."""
    inverter_2_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(3)] = None
    """Whether managed inverter 2 is online."""
    inverter_3_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(6)] = None
    """Whether managed inverter 3 is online."""
    inverter_4_suspected_status: Annotated[EmsInverterStatus | None, IR(2045), _condition(9)] = None
    """Whether managed inverter 4 is online."""
    meter_1_power: Annotated[Watts, IR(2046), int16] = None
    """Active power of meter 1, positive = import, in W."""
    meter_2_power: Annotated[Watts, IR(2047), int16] = None
    """Active power of meter 2, positive = import, in W."""
    meter_3_power: Annotated[Watts, IR(2048), int16] = None
    """Active power of meter 3, positive = import, in W."""
    meter_4_power: Annotated[Watts, IR(2049), int16] = None
    """Active power of meter 4, positive = import, in W."""
    meter_5_power: Annotated[Watts, IR(2050), int16] = None
    """Active power of meter 5, positive = import, in W."""
    meter_6_power: Annotated[Watts, IR(2051), int16] = None
    """Active power of meter 6, positive = import, in W."""
    meter_7_power: Annotated[Watts, IR(2052), int16] = None
    """Active power of meter 7, positive = import, in W."""
    meter_8_power: Annotated[Watts, IR(2053), int16] = None
    """Active power of meter 8, positive = import, in W."""
    inverter_1_power: Annotated[Watts, IR(2054), int16] = None
    """Power of managed inverter 1, in W."""
    inverter_2_power: Annotated[Watts, IR(2055), int16] = None
    """Power of managed inverter 2, in W."""
    inverter_3_power: Annotated[Watts, IR(2056), int16] = None
    """Power of managed inverter 3, in W."""
    inverter_4_power: Annotated[Watts, IR(2057), int16] = None
    """Power of managed inverter 4, in W."""
    inverter_1_soc: Annotated[Percent, IR(2058)] = None
    """Battery state of charge of managed inverter 1, in %."""
    inverter_2_soc: Annotated[Percent, IR(2059)] = None
    """Battery state of charge of managed inverter 2, in %."""
    inverter_3_soc: Annotated[Percent, IR(2060)] = None
    """Battery state of charge of managed inverter 3, in %."""
    inverter_4_soc: Annotated[Percent, IR(2061)] = None
    """Battery state of charge of managed inverter 4, in %."""
    inverter_1_temp: Annotated[Celsius, IR(2062), deci_int16, Within(-60, 150)] = None
    """Temperature of managed inverter 1, in °C."""
    inverter_2_temp: Annotated[Celsius, IR(2063), deci_int16, Within(-60, 150)] = None
    """Temperature of managed inverter 2, in °C."""
    inverter_3_temp: Annotated[Celsius, IR(2064), deci_int16, Within(-60, 150)] = None
    """Temperature of managed inverter 3, in °C."""
    inverter_4_temp: Annotated[Celsius, IR(2065), deci_int16, Within(-60, 150)] = None
    """Temperature of managed inverter 4, in °C."""
    inverter_1_serial_number: Annotated[str | None, IR(2066), serial] = None
    """Serial number of managed inverter 1."""
    inverter_2_serial_number: Annotated[str | None, IR(2071), serial] = None
    """Serial number of managed inverter 2."""
    inverter_3_serial_number: Annotated[str | None, IR(2076), serial] = None
    """Serial number of managed inverter 3."""
    inverter_4_serial_number: Annotated[str | None, IR(2081), serial] = None
    """Serial number of managed inverter 4."""
    calc_load_power: Annotated[Watts, IR(2086)] = None
    """Calculated house load, in W."""
    measured_load_power: Annotated[Watts, IR(2087)] = None
    """Measured house load, in W."""
    total_generation_load_power: Annotated[Watts, IR(2088)] = None
    """Total generation power, in W."""
    grid_meter_power: Annotated[Watts, IR(2089), int16] = None
    """Positive is import, against the sign inverters use."""
    total_battery_power: Annotated[Watts, IR(2090), int16] = None
    """Positive is discharge."""
    remaining_battery_wh: Annotated[WattHours, IR(2091)] = None
    """Remaining stored energy, in Wh."""
    other_battery_power: Annotated[Watts, IR(2094), int16] = None
    """Battery power of other inverters, in W."""

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
