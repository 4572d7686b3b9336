"""Registers of packs, modules and stacks, consistent with one another."""

from random import Random

from ..model.enums import BcuStatus
from ..model.register import IR, Register
from .device_registers import DeviceRegisters
from .physics import World

MODULE_CELLS = 24
MODULE_SENSORS = 12
PACK_CELLS = 16
NOMINAL_CELL_V = 3.2


def cell_volts(soc: float, c_rate: float) -> float:
    """Return the voltage of an LFP cell; ``c_rate`` is positive when discharging."""
    low, high = max(0.0, (10 - soc) / 10), max(0.0, (soc - 95) / 5)
    sag = 0.05 * min(max(c_rate, -1.0), 1.0)
    return 3.2 + 0.0013 * soc - 0.32 * low**2 + 0.09 * high**2 - sag


class SimulatedCells:
    """Cell voltages and temperatures of one pack, with small differences and noise."""

    def __init__(self, random: Random, cells: int, sensors: int) -> None:
        """Draw a fixed offset for every cell and sensor."""
        self._random = random
        self._volts = [random.uniform(-0.006, 0.006) for _ in range(cells)]
        self._temperature = [random.uniform(-0.8, 0.8) for _ in range(sensors)]

    def millivolts(self, world: World, soc: float) -> list[int]:
        """Return the voltage of every cell in mV."""
        mean = cell_volts(soc, world.c_rate)
        return [round(1000 * (mean + off)) + self._random.choice((-1, 0, 1)) for off in self._volts]

    def celsius(self, world: World) -> list[float]:
        """Return every temperature sensor's value in °C."""
        mean = world.temperature + 5 * abs(world.c_rate)
        return [round(mean + off, 1) for off in self._temperature]


class Pack:
    """A low-voltage battery pack."""

    def __init__(
        self, registers: DeviceRegisters, random: Random, *, counts: bool, measures: bool
    ) -> None:
        """Initialize from the described registers; newer firmware counts energy and current."""
        self._registers = registers
        self._cells = SimulatedCells(random, PACK_CELLS, 4)
        self._counts = counts
        self._measures = measures
        self._off = random.uniform(-1.5, 0.5)
        self._cycles: int = registers.get("num_cycles", 0)
        self._ah: float = registers.get("cap_calibrated", 100.0)

    def update(self, world: World) -> None:
        """Write the pack's registers."""
        soc = min(max(world.soc + self._off, 0.0), 100.0)
        cells = self._cells.millivolts(world, soc)
        temperature = self._cells.celsius(world)
        amperes = world.c_rate * self._ah
        moved = world.moved_wh / world.capacity_wh
        self._registers.write(
            {
                **{f"v_cell_{n:02}": mv / 1000 for n, mv in enumerate(cells, 1)},
                **dict(
                    zip(
                        ("t_cells_01_04", "t_cells_05_08", "t_cells_09_12", "t_cells_13_16"),
                        temperature,
                        strict=True,
                    )
                ),
                "v_cells_sum": sum(cells) / 1000,
                "v_out": sum(cells) / 1000 - 0.0004 * amperes,
                "t_bms_mosfet": temperature[0] + 2.5 + 6 * abs(world.c_rate),
                "t_max": max(temperature),
                "t_min": min(temperature),
                "cap_remaining": self._ah * soc / 100,
                "soc": round(soc),
                "i_battery": amperes if self._measures else 0.0,
                "num_cycles": self._cycles + int(moved / 2),
            }
        )
        if self._counts:
            self._registers.write(
                {
                    "e_battery_discharge_total": world.total("discharge"),
                    "e_battery_charge_total": world.total("charge"),
                }
            )


class Module:
    """A battery module of a high-voltage stack."""

    def __init__(self, registers: DeviceRegisters, random: Random) -> None:
        """Initialize from the described registers."""
        self._registers = registers
        self._cells = SimulatedCells(random, MODULE_CELLS, MODULE_SENSORS)
        self.millivolts: list[int] = []
        self.celsius: list[float] = []

    def update(self, world: World) -> None:
        """Write the module's registers."""
        self.millivolts = self._cells.millivolts(world, world.soc)
        self.celsius = self._cells.celsius(world)
        self._registers.write(
            {
                **{f"v_cell_{n:02}": mv / 1000 for n, mv in enumerate(self.millivolts, 1)},
                **{f"t_cell_{n:02}": at for n, at in enumerate(self.celsius, 1)},
            }
        )


class Stack:
    """The controller of a high-voltage stack, which aggregates its modules."""

    def __init__(self, registers: DeviceRegisters, modules: list[Module]) -> None:
        """Initialize from the described registers."""
        self._registers = registers
        self._modules = modules
        self._ah: float = registers.get("battery_nominal_capacity_ah", 50.0)
        self._cycles: int = registers.get("number_of_cycles", 0)

    def update(self, world: World) -> None:
        """Write the controller's registers; its modules must be updated before."""
        volts = sum(sum(module.millivolts) for module in self._modules) / 1000
        amperes = -world.battery / volts
        per_kwh = 1000 / (volts or 1)
        moved = world.moved_wh / world.capacity_wh
        self._registers.write(
            {
                "status": _status(world),
                "battery_voltage": volts,
                "load_voltage": volts + 0.01 * amperes,
                "battery_current": amperes,
                "battery_power": round(-world.battery / 100) * 100,
                "battery_soc_max": round(world.soc),
                "battery_soc_min": max(round(world.soc) - 1, 0),
                "charge_energy_total": world.total("charge"),
                "discharge_energy_total": world.total("discharge"),
                "charge_capacity_total": world.total("charge") * per_kwh,
                "discharge_capacity_total": world.total("discharge") * per_kwh,
                "charge_energy_today": world.today("charge"),
                "discharge_energy_today": world.today("discharge"),
                "charge_capacity_today": world.today("charge") * per_kwh,
                "discharge_capacity_today": world.today("discharge") * per_kwh,
                "remaining_battery_capacity_ah": self._ah * world.soc / 100,
                "number_of_cycles": self._cycles + int(moved / 2),
                **self._extremes(),
            }
        )

    def _extremes(self) -> dict[str | Register, float]:
        """Return the highest and lowest cell and sensor with their positions."""
        volts = [
            (mv, number, cell)
            for number, module in enumerate(self._modules, 1)
            for cell, mv in enumerate(module.millivolts, 1)
        ]
        temperature = [
            (at, number, sensor)
            for number, module in enumerate(self._modules, 1)
            for sensor, at in enumerate(module.celsius, 1)
        ]
        (v_max, v_max_module, v_max_cell), (v_min, v_min_module, v_min_cell) = (
            max(volts), min(volts),
        )  # fmt: skip
        (t_max, t_max_module, t_max_sensor), (t_min, t_min_module, t_min_sensor) = (
            max(temperature), min(temperature),
        )  # fmt: skip
        return {
            "v_cell_max": v_max / 1000,
            "v_cell_max_module": v_max_module,
            "v_cell_max_cell": v_max_cell,
            "v_cell_min": v_min / 1000,
            "v_cell_min_module": v_min_module,
            "v_cell_min_cell": v_min_cell,
            IR(134): v_max - v_min,
            IR(135): round(10 * (t_max - t_min)),
            "t_cell_max": t_max,
            "t_cell_max_module": t_max_module,
            "t_cell_max_sensor": t_max_sensor,
            "t_cell_min": t_min,
            "t_cell_min_module": t_min_module,
            "t_cell_min_sensor": t_min_sensor,
            "t_cell_average": sum(at for at, _, _ in temperature) / len(temperature),
        }


def _status(world: World) -> BcuStatus:
    if not world.battery:
        return BcuStatus.STANDBY
    return BcuStatus.DISCHARGING if world.battery > 0 else BcuStatus.CHARGING
