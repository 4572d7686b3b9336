"""Registers of inverters, EMS and gateways, from the energy flow."""

from ..model.enums import ChargeStatus, State, Status, WorkMode
from ..model.models import Trait
from .batteries import cell_volts
from .device_registers import DeviceRegisters
from .meters import PHASES, MeterRole
from .physics import World

ROOT_3 = 3**0.5


def _charge_status(world: World) -> ChargeStatus:
    if not world.battery:
        return ChargeStatus.IDLE
    return ChargeStatus.DISCHARGING if world.battery > 0 else ChargeStatus.CHARGING


def _string_volts(watts: float, peak: int) -> float:
    """Return a PV string's voltage: 0 in the dark, lower at higher power."""
    return 0.0 if watts <= 0 else 330.0 + 40.0 * min(watts / 60, 1.0) - 30.0 * watts / peak


class SinglePhaseDevice:
    """A single-phase inverter."""

    def __init__(self, registers: DeviceRegisters, traits: Trait, cells: int) -> None:
        """Initialize from the described registers."""
        self._registers = registers
        self._traits = traits
        self._cells = cells
        self._hours: int = registers.get("work_time_total_hours", 0)

    def update(self, world: World) -> None:
        """Write the inverter's registers."""
        self._registers.write(
            self._solar(world) | self._mains(world) | self._battery(world) | self._energy(world)
        )
        if Trait.BATTERY_TOTALS_IN_IR180 in self._traits:
            self._registers.write(
                {
                    "e_battery_discharge_total_alt1": world.total("discharge"),
                    "e_battery_charge_total_alt1": world.total("charge"),
                    "e_battery_discharge_today_alt2": world.today("discharge"),
                    "e_battery_charge_today_alt2": world.today("charge"),
                }
            )

    def _solar(self, world: World) -> dict[str, float]:
        values: dict[str, float] = {}
        for number in (1, 2):
            watts = world.strings[number - 1] if number <= len(world.strings) else 0
            if world.site.solar_on_ac:
                # Nothing is connected here: what shows is an echo of the mains.
                volts = world.weather.volts if number == 1 else 0.0
            else:
                peak = world.site.solar_w[number - 1] if number <= len(world.strings) else 1
                volts = _string_volts(watts, peak)
            values |= {
                f"p_pv{number}": watts,
                f"v_pv{number}": volts,
                f"i_pv{number}": watts / volts if volts else 0.0,
                f"e_pv{number}_day": world.today(f"pv{number}"),
            }
        return values

    def _mains(self, world: World) -> dict[str, float]:
        volts, hertz = world.weather.volts, world.weather.hertz
        apparent = round(abs(world.ac) * 1.02)
        return {
            "status": Status.NORMAL,
            "system_mode": 1,
            "v_p_bus": 385.0 + world.solar / 500,
            "v_highbrigh_bus": self._volts(world) if self._cells > 50 else 290.0,
            "v_ac1": volts,
            "f_ac1": hertz,
            "i_ac1": apparent / volts,
            "v_ac1_output": volts if world.backup else 0.0,
            "f_ac1_output": hertz if world.backup else 0.0,
            "p_grid_out_ph1": world.ac,
            "p_grid_out": world.grid,
            "p_load_demand": world.load,
            "p_backup": world.backup,
            "p_grid_apparent": apparent,
            "i_grid_port": apparent / volts,
            "t_inverter_heatsink": world.heatsink,
            "work_time_total_hours": self._hours + int(world.hours),
        }

    def _volts(self, world: World) -> float:
        return self._cells * cell_volts(world.soc, world.c_rate)

    def _battery(self, world: World) -> dict[str, float]:
        volts = self._volts(world)
        return {
            "charge_status": _charge_status(world),
            "p_battery": world.battery,
            "v_battery": volts,
            "i_battery": world.battery / volts,
            "battery_soc": round(world.soc),
            "t_charger": world.heatsink - 1.5,
            "t_battery": world.temperature,
        }

    def _energy(self, world: World) -> dict[str, float]:
        made = ("ac_out",) if Trait.AC_METERED_PV in self._traits else ("pv1", "pv2")
        return {
            "e_battery_throughput": world.total("charge", "discharge"),
            "e_pv_total": world.total("pv1", "pv2"),
            "e_grid_out_total": world.total("export"),
            "e_grid_out_day": world.today("export"),
            "e_grid_in_total": world.total("import"),
            "e_grid_in_day": world.today("import"),
            "e_inverter_in_total": world.total("ac_in"),
            "e_ac_charge_today": world.today("ac_in"),
            "e_battery_charge_today_alt1": world.today("charge"),
            "e_battery_discharge_today_alt1": world.today("discharge"),
            "e_pv_generation_today": world.today(*made),
            "e_pv_generation_total": world.total(*made),
        }


class ThreePhaseDevice:
    """A three-phase inverter; its single-phase registers stay at zero."""

    def __init__(self, registers: DeviceRegisters, cells: int) -> None:
        """Initialize from the described registers."""
        self._registers = registers
        self._cells = cells

    def update(self, world: World) -> None:
        """Write the inverter's registers."""
        self._registers.write(
            self._solar(world) | self._mains(world) | self._battery(world) | self._energy(world)
        )

    def _solar(self, world: World) -> dict[str, float]:
        values: dict[str, float] = {}
        for number, (watts, peak) in enumerate(
            zip(world.strings, world.site.solar_w, strict=True), 1
        ):
            volts = 1.6 * _string_volts(watts, peak)
            values |= {
                f"p_pv{number}": watts,
                f"v_pv{number}": volts,
                f"i_pv{number}": watts / volts if volts else 0.0,
                f"e_pv{number}_today": world.today(f"pv{number}"),
                f"e_pv{number}_total": world.total(f"pv{number}"),
            }
        return values

    def _mains(self, world: World) -> dict[str, float]:
        volts, third = world.weather.volts - 10, round(world.ac / 3)
        values: dict[str, float] = {
            "status": Status.NORMAL,
            "dc_status": Status.NORMAL,
            "system_mode": 1,
            "f_ac1": world.weather.hertz,
            "f_nominal_eps": world.weather.hertz,
            "p_inverter_out": world.ac,
            "p_inverter_ac_charge": max(-world.ac, 0),
            "p_grid_apparent": abs(world.ac) * 1.02,
            "p_meter_import": max(-world.grid, 0),
            "p_meter_export": max(world.grid, 0),
            "p_load_all": world.load,
            "p_meter2": MeterRole.HEATING.watts(world),
            "t_inverter": world.heatsink,
            "t_boost": world.heatsink - 3,
            "t_buck_boost": world.heatsink - 1,
            "v_dc_bus": 708.0 + world.solar / 1000,
            "v_inv_bus": 707.5 + world.solar / 1000,
        }
        parts = [round(world.grid * share) for share in PHASES]
        parts[0] += world.grid - sum(parts)
        for number, (part, own) in enumerate(
            zip(parts, (world.ac - 2 * third, third, third), strict=True), 1
        ):
            phase = volts + 0.6 * (number - 2)
            values |= {
                f"v_ac{number}": ROOT_3 * phase,
                f"i_ac{number}": abs(world.ac) * 1.02 / 3 / phase,
                f"v_out_ac{number}": phase,
                f"v_eps_ac{number}": phase,
                f"p_meter_active_ac{number}": part,
                f"p_inverter_active_ac{number}": own,
            }
        return values

    def _battery(self, world: World) -> dict[str, float]:
        volts = self._cells * cell_volts(world.soc, world.c_rate)
        return {
            "battery_soc": round(world.soc),
            "v_battery_bms": volts,
            "v_battery_pcs": volts + 0.4,
            "p_battery_discharge": max(world.battery, 0),
            "p_battery_charge": max(-world.battery, 0),
            "i_battery": world.battery / volts,
        }

    def _energy(self, world: World) -> dict[str, float]:
        sources = {
            "inverter_out": ("ac_out",),
            "ac_charge": ("ac_in",),
            "import": ("import",),
            "export": ("export",),
            "battery_discharge": ("discharge",),
            "battery_charge": ("charge",),
            "load": ("load",),
            "pv": ("pv1", "pv2"),
        }
        return {
            **{f"e_{name}_today": world.today(*of) for name, of in sources.items()},
            **{f"e_{name}_total": world.total(*of) for name, of in sources.items()},
        }


class EmsDevice:
    """An EMS with its inverters, which share the battery power."""

    def __init__(self, registers: DeviceRegisters, shares: tuple[float, ...]) -> None:
        """Split the battery power by these shares."""
        self._registers = registers
        self._shares = shares

    def update(self, world: World) -> None:
        """Write the EMS's registers."""
        parts = [round(world.battery * share) for share in self._shares]
        parts[0] += world.battery - sum(parts)
        values: dict[str, float] = {
            "ems_status": Status.NORMAL,
            "meter_1_power": -world.grid,
            "meter_3_power": world.solar,
            "calc_load_power": world.load,
            "total_generation_load_power": world.solar,
            "grid_meter_power": -world.grid,
            "total_battery_power": world.battery,
            "remaining_battery_wh": min(round(world.stored_wh), 0xFFFF),
        }
        for number, part in enumerate(parts, 1):
            values |= {
                f"inverter_{number}_power": part,
                f"inverter_{number}_soc": min(max(round(world.soc) + 4 - 4 * number, 0), 100),
                f"inverter_{number}_temp": world.heatsink + 1.5 - number,
            }
        self._registers.write(values)
        self._summary(world)

    def _summary(self, world: World) -> None:
        """Write the standard inverter block, which repeats the EMS's values."""
        self._registers.write(
            {
                "status": Status.NORMAL,
                "v_ac1": world.weather.volts,
                "f_ac1": world.weather.hertz,
                "p_pv1": world.solar,
                "p_grid_out_ph1": world.battery,
                "p_grid_out": world.grid,
                "p_load_demand": world.load,
                "p_battery": world.battery,
                "battery_soc": round(world.soc),
                "v_battery": 16 * cell_volts(world.soc, world.c_rate),
                "t_inverter_heatsink": world.heatsink,
                "t_battery": world.temperature,
                "e_pv1_day": world.today("pv1", "pv2"),
                "e_grid_out_day": world.today("export"),
                "e_grid_in_day": world.today("import"),
                "e_grid_out_total": world.total("export"),
                "e_grid_in_total": world.total("import"),
                "e_battery_charge_today_alt1": world.today("charge"),
                "e_battery_discharge_today_alt1": world.today("discharge"),
                "e_battery_throughput": world.total("charge", "discharge"),
            }
        )


class GatewayDevice:
    """A gateway with its All-in-Ones, which share the battery power."""

    def __init__(self, registers: DeviceRegisters, shares: tuple[float, ...]) -> None:
        """Split the battery power by these shares."""
        self._registers = registers
        self._shares = shares

    def update(self, world: World) -> None:
        """Write the gateway's registers."""
        volts = world.weather.volts
        state = (
            State.STATIC
            if not world.battery
            else (State.DISCHARGE if world.battery > 0 else State.CHARGE)
        )
        self._registers.write(
            {
                "work_mode": WorkMode.ON_GRID,
                "v_grid": volts,
                "i_grid": world.grid / volts,
                "v_load": volts,
                "i_load": world.load / volts,
                "i_pv": world.solar / volts,
                "p_ac1": world.grid,
                "p_pv": world.solar,
                "p_load": world.load,
                "p_liberty": world.ac,
                "v_grid_relay": volts,
                "v_inverter_relay": volts,
                "p_aio_total": world.battery,
                "aio_state": state,
            }
        )
        self._registers.write(self._energy(world) | self._members(world))

    def _energy(self, world: World) -> dict[str, float]:
        sources = {
            "grid_import": ("import",),
            "pv": ("pv1", "pv2"),
            "grid_export": ("export",),
            "aio_charge": ("ac_in",),
            "aio_discharge": ("ac_out",),
            "load": ("load",),
            "battery_charge": ("charge",),
            "battery_discharge": ("discharge",),
        }
        return {
            **{f"e_{name}_today": world.today(*of) for name, of in sources.items()},
            **{f"e_{name}_total": world.total(*of) for name, of in sources.items()},
        }

    def _members(self, world: World) -> dict[str, float]:
        """Return the values of each All-in-One; the last one makes the sums exact."""
        values: dict[str, float] = {}
        left = {
            (kind, span): round(10 * getattr(world, span)(kind))
            for kind in ("charge", "discharge")
            for span in ("today", "total")
        }
        power = world.ac
        for number, share in enumerate(self._shares, 1):
            last = number == len(self._shares)
            part = power if last else round(world.ac * share)
            power -= part
            values[f"p_aio{number}_inverter"] = part
            values[f"aio{number}_soc"] = min(max(round(world.soc) + 2 - number, 0), 100)
            for (kind, span), ticks in left.items():
                whole = round(10 * getattr(world, span)(kind))
                own = ticks if last else int(whole * share)
                left[kind, span] = ticks - own
                values[f"e_aio{number}_{kind}_{span}"] = own / 10
        return values
