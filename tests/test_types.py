"""What the type checker finds: mistakes in rows, and the types a user of the wheel sees."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".mypy_cache"
INTEGRATION = Path("custom_components/givenergy")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Mistake(NamedTuple):
    """A slip of the pen in one module: what is replaced, by what, and what is complained of."""

    module: str
    right: str
    wrong: str
    found: str


MISTAKES = (
    Mistake(
        "number.py",
        "lambda inverter: inverter.battery_soc_reserve)",
        "lambda inverter: inverter.battery_soc_reserve,\n"
        "        lambda inverter, value: inverter.set_battery_soc_reserv(int(value)))",
        "set_battery_soc_reserv",
    ),
    Mistake("number.py", "inverter.active_power_rate", "inverter.active_power_rat", "power_rat"),
    Mistake("select.py", "inverter.export_priority", "inverter.export_prio", "export_prio"),
    Mistake("select.py", "set_discharge_mode_max_power", "set_discharge_max", "set_discharge_max"),
    Mistake("switch.py", "ems.plant_enabled", "ems.plant_enable", "plant_enable"),
    Mistake("slots.py", "ems.set_ems_export_slot(", "ems.set_export_slots(", "set_export_slots"),
    Mistake("slots.py", "inverter.charge_slot_7", "inverter.charge_slot7", "charge_slot7"),
    Mistake("button.py", "set_inverter_reboot()", "reboot_inverter()", "reboot_inverter"),
    Mistake("button.py", "inverter.system_time", "inverter.systemtime", "systemtime"),
    Mistake("time.py", "row.set_end(", "row.set_ends(", "set_ends"),
    Mistake("time.py", "set_end=set_end", "set_end=kind.set_both", "set_end"),
    Mistake("binary_sensor/tables.py", "pack.warning_2", "pack.warning_22", "warning_22"),
    Mistake("binary_sensor/tables.py", "WorkMode.ON_GRID", "WorkMode.ONGRID", "ONGRID"),
    Mistake("event.py", "device.v_grid", "device.v_grit", "v_grit"),
    Mistake("sensor/battery.py", "pack.v_cell_spread", "pack.v_cell_spred", "v_cell_spred"),
    Mistake("sensor/battery.py", "stack.battery_soh", "stack.battery_sohh", "battery_sohh"),
    Mistake("sensor/inverter.py", "inverter.pv_power", "inverter.pv_pover", "pv_pover"),
    Mistake("sensor/inverter.py", "inverter.t_buck_boost", "inverter.t_buckboost", "t_buckboost"),
    Mistake("sensor/controller.py", "gateway.aio2_soc", "gateway.aio_2_soc", "aio_2_soc"),
    Mistake("sensor/connection.py", "plant.retry_count", "plant.retries_count", "retries_count"),
    Mistake(
        "actions/slot_settings.py",
        "inverter.set_mode_storage",
        "inverter.set_storage",
        "set_storage",
    ),
    Mistake(
        "actions/system.py", "inverter.set_system_date_time, at", "inverter.set_clock, at", "clock"
    ),
)


def check(folder: Path, *arguments: str, **environment: str) -> str:
    """Return what mypy prints."""
    done = subprocess.run(  # noqa: S603
        (sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", *arguments),
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def test_each_mistake_in_a_row_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "custom_components", tmp_path / "custom_components")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    # What is known of everything else saves most of the time.
    if CACHE.exists():
        shutil.copytree(CACHE, tmp_path / CACHE.name)
    for mistake in MISTAKES:
        module = tmp_path / INTEGRATION / mistake.module
        text = module.read_text()
        assert mistake.right in text, mistake
        module.write_text(text.replace(mistake.right, mistake.wrong, 1))
    errors = check(tmp_path, str(INTEGRATION)).splitlines()
    for mistake in MISTAKES:
        where = re.escape(str(INTEGRATION / mistake.module)) + r":\d+: error: "
        assert any(re.match(where, line) and mistake.found in line for line in errors), mistake


PROGRAM = """
from givenergy_modbus.client.client import Client

async def main() -> None:
    async with Client("192.0.2.1", 8899) as client:
        plant = await client.refresh()
        reveal_type(plant.batteries[0].soc)
        reveal_type(plant.inverter.set_charge_slot(1, None))
"""


def test_a_program_that_uses_the_wheel_sees_types(tmp_path: Path) -> None:
    subprocess.run(  # noqa: S603
        (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)),
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    home = tmp_path / "home"
    venv.create(home, symlinks=True)
    (site,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        assert "givenergy_modbus/py.typed" in archive.namelist()
        archive.extractall(site)
    (site / "pydantic.pth").write_text(sysconfig.get_path("purelib") + "\n")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    python = str(home / "bin/python")
    printed = check(tmp_path, "--strict", "--python-executable", python, str(program))
    assert 'Revealed type is "int | None"' in printed
    assert "list[givenergy_modbus.pdu" in printed
    assert "error" not in printed, printed
