"""Codes that devices report and accept."""

from enum import IntEnum


class Status(IntEnum):
    """The status a device reports."""

    WAITING = 0
    NORMAL = 1
    WARNING = 2
    FAULT = 3
    FLASHING_FIRMWARE_UPDATE = 4


class ChargeStatus(IntEnum):
    """What the battery is doing."""

    IDLE = 0
    CHARGING = 2
    FINISHING = 3
    DISCHARGING = 5


class UsbDevice(IntEnum):
    """What is plugged into the inverter's USB port."""

    NONE = 0
    WIFI = 1
    DISK = 2


class MeterType(IntEnum):
    """What measures the grid for the inverter."""

    CT_OR_EM418 = 0
    EM115 = 1


class BatteryType(IntEnum):
    """What the battery is made of."""

    LEAD_ACID = 0
    LITHIUM = 1


class BatteryPowerMode(IntEnum):
    """What the battery discharges for."""

    EXPORT = 0
    """As much as it can, the surplus going to the grid."""
    SELF_CONSUMPTION = 1
    """Only what the house needs; the app calls it eco mode."""


class BatteryCalibrationStage(IntEnum):
    """How far the battery is through calibrating its state of charge."""

    OFF = 0
    DISCHARGE = 1
    SET_LOWER_LIMIT = 2
    CHARGE = 3
    SET_UPPER_LIMIT = 4
    BALANCE = 5
    SET_FULL_CAPACITY = 6
    FINISH = 7


class BatteryPauseMode(IntEnum):
    """What the battery is kept from doing during the pause window."""

    DISABLED = 0
    PAUSE_CHARGE = 1
    PAUSE_DISCHARGE = 2
    PAUSE_BOTH = 3


class BatteryMaintenance(IntEnum):
    """What battery maintenance has a three-phase inverter do."""

    OFF = 0
    DISCHARGE = 1
    CHARGE = 2
    STANDBY = 3


class ExportPriority(IntEnum):
    """Where surplus goes first."""

    LOAD_FIRST = 0
    BATTERY_FIRST = 1
    GRID_FIRST = 2


class PowerFactorFunctionModel(IntEnum):
    """How the inverter chooses its power factor."""

    PF_1 = 0
    PF_BY_SET = 1
    DEFAULT_PF_LINE = 2
    USER_PF_LINE = 3
    UNDER_EXCITED_INDUCTIVE_REACTIVE_POWER = 4
    OVER_EXCITED_CAPACITIVE_REACTIVE_POWER = 5
    QV_MODEL = 6


class BcuStatus(IntEnum):
    """What the controller of a high-voltage stack is doing."""

    BMS_INITIALISING = 0
    PRECHARGING = 1
    STANDBY = 2
    CHARGING = 3
    DISCHARGING = 4
    ERROR = 5
    UPDATING = 6
    POWERED_OFF = 7
    PRODUCTION = 8


class WorkMode(IntEnum):
    """How a gateway is connected."""

    INITIALISING = 0
    OFF_GRID = 1
    ON_GRID = 2
    FAULT = 3
    UPDATE = 4


class State(IntEnum):
    """Which way an All-in-One behind a gateway moves energy."""

    STATIC = 0
    CHARGE = 1
    DISCHARGE = 2


class MeterStatus(IntEnum):
    """Whether a plant controller hears a meter."""

    DISABLED = 0
    ONLINE = 1
    OFFLINE = 2


class EmsInverterStatus(IntEnum):
    """Whether a plant controller hears an inverter."""

    ABSENT = 0
    ONLINE = 2
