import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from givenergy_modbus import cli
from givenergy_modbus.cli.app import app
from givenergy_modbus.cli.arguments import parse, placeholder
from givenergy_modbus.cli.setting import COMMANDS
from givenergy_modbus.cli.views import HEADLINES, format_value
from givenergy_modbus.client import commands
from givenergy_modbus.client.text_redaction import redact_any_text
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.device_kinds import DeviceKind
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.devices.gateway import GatewayV1, GatewayV2
from givenergy_modbus.model.devices.hv_stack import Bcu
from givenergy_modbus.model.devices.meter import Meter
from givenergy_modbus.model.enums import BatteryPauseMode, ExportPriority
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR
from givenergy_modbus.model.register_cache import RegisterCache, parse_compact, to_compact
from givenergy_modbus.model.register_model import RegisterModel
from givenergy_modbus.simulator import PROFILES, Fault, Simulator
from givenergy_modbus.testing import plant_from_capture
from typer.testing import CliRunner, Result

from tests.library.plants import layout_of

SERIAL = "SA2241G101"
SHARED_SERIAL = "SA2241G000"
QUICK = ("--timeout-factor", "0.2")


def run(*words: object, **environment: str) -> Result:
    """Run a command as a shell would, without one."""
    return CliRunner().invoke(app, [str(word) for word in words], env=environment)


async def run_beside(*words: object, **environment: str) -> Result:
    """Run a command while the simulator goes on in this loop."""
    return await asyncio.to_thread(run, *words, **environment)


class Cli:
    """The command line, with the address of a simulated plant."""

    def __init__(self, sim: Simulator, layout: Path) -> None:
        self.sim = sim
        self.layout = layout
        layout.write_text(json.dumps(layout_of(sim).to_dict()))

    async def __call__(self, command: str, *words: object) -> Result:
        where = ("--host", self.sim.host, "--port", self.sim.port, *QUICK)
        layout = () if command == "capture" else ("--topology", self.layout)
        return await run_beside(command, *where, *layout, *words)


@pytest.fixture
async def hybrid(tmp_path: Path) -> AsyncIterator[Cli]:
    """Return the command line for a hybrid with two packs."""
    async with Simulator("gen1_hybrid", latency=0, heartbeat=0) as sim:
        yield Cli(sim, tmp_path / "layout.json")


@pytest.fixture
async def plant(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Cli]:
    """Return the command line for the plant a test names."""
    async with Simulator(request.param, latency=0, heartbeat=0) as sim:
        yield Cli(sim, tmp_path / "layout.json")


# Looking


async def test_detect_finds_the_devices_and_keeps_the_layout(hybrid: Cli) -> None:
    hybrid.layout.unlink()
    shown = await hybrid("detect")
    assert shown.exit_code == 0, shown.stderr
    assert "Hybrid Gen 1" in shown.stdout
    assert re.search(rf"Inverter .*0x11.*{SERIAL}", shown.stdout)
    assert shown.stdout.count("Battery") == 2
    assert PlantCapabilities.from_dict(json.loads(hybrid.layout.read_text())) == layout_of(
        hybrid.sim
    )


async def test_detect_uses_the_layout_and_looks_anew_if_told(hybrid: Cli) -> None:
    known = await hybrid("detect", "--json")
    assert json.loads(known.stdout) == layout_of(hybrid.sim).to_dict()
    asked = {request.device_address for request in hybrid.sim.requests}
    assert asked == {0x11, 0x32, 0x33}
    hybrid.sim.silent.add(0x33)
    lost = await hybrid("detect")
    assert lost.exit_code == 1
    assert lost.stderr.startswith("error: ")
    assert "--rescan" in lost.stderr
    found = await hybrid("detect", "--rescan", "--json")
    assert json.loads(found.stdout)["lv_battery_addresses"] == ["0x32"]
    assert json.loads(hybrid.layout.read_text())["lv_battery_addresses"] == ["0x32"]


async def test_a_rescan_replaces_no_other_file(hybrid: Cli) -> None:
    for content in ("precious\n", "[]", '{"name": "other"}', ""):
        hybrid.layout.write_text(content)
        shown = await hybrid("detect", "--rescan")
        assert shown.exit_code == 2, content
        assert "is not a topology file" in shown.stderr
        assert hybrid.layout.read_text() == content
    assert not hybrid.sim.requests


async def test_check_shows_figures_and_advice(hybrid: Cli) -> None:
    hybrid.sim.registers[0x11][HR(50)] = 60
    where = ("--host", hybrid.sim.host, "--port", hybrid.sim.port, *QUICK, "--listen", 0)
    shown = await run_beside("check", *where)
    assert shown.exit_code == 0, shown.stderr
    assert SHARED_SERIAL in shown.stdout
    assert SERIAL not in shown.stdout
    assert "* The active power limit is 60%." in shown.stdout
    assert re.search(r"response time median +[\d.]+ s ", shown.stdout)
    values = json.loads((await run_beside("check", *where, "--json", "--no-redact")).stdout)
    assert values["inverter_serial"] == SERIAL
    assert {"code": "output_limited", "percent": 60} in values["findings"]


async def test_show_has_the_most_interesting_or_all(hybrid: Cli) -> None:
    shown = await hybrid("show")
    assert shown.exit_code == 0, shown.stderr
    assert f"Inverter {SERIAL}" in shown.stdout
    soc = hybrid.sim.registers[0x11][IR(59)]
    assert re.search(rf"battery_soc +│ {soc} %", shown.stdout)
    assert re.search(r"charge_slot_1 +│ 00:30-04:30", shown.stdout)
    assert "work_time_total_hours" not in shown.stdout
    full = await hybrid("show", "--all")
    assert re.search(r"work_time_total_hours +│ \d+ h", full.stdout)


async def test_show_as_json_is_what_the_library_decodes(hybrid: Cli) -> None:
    shown = await hybrid("show", "--json")
    assert shown.exit_code == 0, shown.stderr
    values = json.loads(shown.stdout)
    assert values["missed"] == []
    inverter, first, second = values["devices"]
    assert (inverter["parent"], inverter["kind"]) == (None, "inverter")
    assert first["parent"] == second["parent"] == inverter["identity"]
    decoded = Plant.from_caches(hybrid.sim.registers).inverter.model_dump(mode="json")
    reported = {name: value for name, value in decoded.items() if value is not None}
    assert len(reported) > 100
    assert {name: inverter["values"][name] for name in reported} == reported


async def test_show_tells_of_what_did_not_come(hybrid: Cli) -> None:
    hybrid.sim.silent.add((0x11, IR(180)))
    shown = await hybrid("show", "--json")
    assert shown.exit_code == 3
    assert json.loads(shown.stdout)["missed"] == ["0x11:IR(180,60)"]
    assert "no response: 0x11:IR(180,60)" in shown.stderr


@pytest.mark.parametrize("plant", sorted(PROFILES), indirect=True)
async def test_show_knows_every_kind_of_plant(plant: Cli) -> None:
    shown = await plant("show")
    assert shown.exit_code == 0, shown.stderr
    values = json.loads((await plant("show", "--json")).stdout)
    known = Plant.from_caches(plant.sim.registers).devices
    assert [device["identity"] for device in values["devices"]] == [item.identity for item in known]


async def test_watch_writes_a_line_to_the_poll(hybrid: Cli) -> None:
    shown = await hybrid("watch", "--count", 2, "--interval", 0)
    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert len(lines) == 2
    assert all("battery_soc" in line for line in lines)
    shown = await hybrid("watch", "--count", 2, "--interval", 0, "--json")
    values = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [len(value["devices"]) for value in values] == [3, 3]


async def test_watch_goes_on_through_a_silence(hybrid: Cli) -> None:
    for at in (0x11, 0x32, 0x33):
        hybrid.sim.inject(Fault.SILENT, 4, address=at, start=IR(0) if at == 0x11 else None)
    hybrid.layout.unlink()
    shown = await hybrid("watch", "--count", 6, "--interval", 0)
    assert shown.exit_code == 0
    assert "no response: " in shown.stderr
    assert len(shown.stdout.splitlines()) > 2


# Registers


async def test_probe_shows_every_register_and_its_meaning(hybrid: Cli) -> None:
    shown = await hybrid("probe")
    assert shown.exit_code == 0, shown.stderr
    assert re.search(
        r"^0x11  HR\(94\) +0x001e +30  charge_slot_1: 00:30-04:30$", shown.stdout, re.MULTILINE
    )
    assert re.search(r"^0x33  IR\(60\)", shown.stdout, re.MULTILINE)
    assert SERIAL not in shown.stdout
    assert SHARED_SERIAL in shown.stdout


async def test_probe_in_its_other_forms_brings_the_registers_back(hybrid: Cli) -> None:
    compact = await hybrid("probe", "--compact")
    assert compact.exit_code == 0, compact.stderr
    redacted_plant = Plant.from_caches(hybrid.sim.registers).redact()
    assert_same(parse_compact(compact.stdout), redacted_plant.register_caches)
    whole = await hybrid("probe", "--compact", "--no-redact")
    assert_same(parse_compact(whole.stdout), hybrid.sim.registers)
    values = json.loads((await hybrid("probe", "--json")).stdout)
    caches = {
        int(at, 0): RegisterCache.from_json(json.dumps(words))
        for at, words in values.items()
        if at.startswith("0x")
    }
    assert_same(caches, redacted_plant.register_caches)


def assert_same(probed: dict[int, RegisterCache], known: dict[int, RegisterCache]) -> None:
    """Compare what was probed with what a plant has, measurements standing still."""
    assert {0x11, 0x32, 0x33} <= set(probed)
    for address, cache in probed.items():
        assert len(cache) >= 60
        for register, word in cache.items():
            assert known[address].get(register, 0) == word, (hex(address), register)


async def test_probe_tries_everything_if_told(hybrid: Cli) -> None:
    await hybrid("probe", "--compact", "--all", "--timeout-factor", 0.02)
    assert any(
        read.device_address == 0x11 and read.base_register == 2040 for read in reads(hybrid.sim)
    )


def reads(sim: Simulator) -> list[Any]:
    return [request for request in sim.requests if hasattr(request, "base_register")]


async def test_a_dump_takes_one_form(hybrid: Cli) -> None:
    shown = await hybrid("probe", "--compact", "--json")
    assert shown.exit_code == 2
    assert shown.stderr.startswith("error: ")


async def test_redact_knows_the_forms(hybrid: Cli, tmp_path: Path) -> None:
    file = tmp_path / "probe.txt"
    for form in ("--compact", "--json"):
        file.write_text((await hybrid("probe", form, "--no-redact")).stdout)
        shown = run("redact", file)
        shared = (await hybrid("probe", form)).stdout
        assert shown.exit_code == 0
        assert shown.stdout.rstrip("\n") == shared.rstrip("\n")
    file.write_text(f"my inverter is {SERIAL}\n")
    to = tmp_path / "redacted.txt"
    assert run("redact", file, "--output", to).exit_code == 0
    assert to.read_text() == f"my inverter is {SHARED_SERIAL}\n"
    assert run("redact", tmp_path / "missing").exit_code == 2


def test_redact_blanks_frames_cut_anywhere() -> None:
    serial, adapter = b"SA2241G101", b"WF2239G017"
    frame = bytes.fromhex("5959000100120102") + adapter + bytes.fromhex("0000000000000008")
    frame += bytes.fromhex("11060000") + serial
    text = f"# note\n2026-01-01T00:00:00 rx {frame[:20].hex()}\nrx: {frame[20:].hex()}\n"
    blanked = redact_any_text(text)
    raw = bytes.fromhex("".join(re.findall(r"rx:? ([0-9a-f]+)", blanked)))
    assert blanked.startswith("# note\n")
    assert len(raw) == len(frame)
    assert serial not in raw
    assert adapter not in raw


# Captures


async def test_capture_can_be_replayed_and_simulated(hybrid: Cli, tmp_path: Path) -> None:
    file = tmp_path / "capture.txt"
    made = await hybrid("capture", file, "--duration", 3, "--interval", 0.1)
    assert made.exit_code == 0, made.stderr
    assert re.search(r"\d+ frames received, \d+ sent", made.stdout)
    assert SERIAL.encode().hex() not in file.read_text()
    plant = plant_from_capture(file)
    assert plant.capabilities is not None
    assert plant.capabilities.lv_battery_addresses == [0x32, 0x33]

    shown = run("replay", file)
    assert shown.exit_code == 0, shown.stderr
    assert "Hybrid Gen 1" in shown.stdout
    assert re.search(r"battery_soc +│ \d+ %", shown.stdout)
    values = json.loads(run("replay", file, "--json").stdout)
    assert values["devices"][0]["values"] == plant.inverter.model_dump(mode="json")


async def test_an_existing_file_is_replaced_only_if_told(hybrid: Cli, tmp_path: Path) -> None:
    file = tmp_path / "capture.txt"
    file.write_text("precious\n")
    refused = await hybrid("capture", file, "--duration", 0)
    assert refused.exit_code == 2
    assert "use --overwrite" in refused.stderr
    assert file.read_text() == "precious\n"
    assert run("redact", file, "--output", file).exit_code == 2
    assert file.read_text() == "precious\n"
    assert (await hybrid("capture", file, "--duration", 0, "--overwrite")).exit_code == 0
    assert "precious" not in file.read_text()
    file.write_text(f"{SERIAL}\n")
    assert run("redact", file, "--output", file, "--overwrite").exit_code == 0
    assert file.read_text() == f"{SHARED_SERIAL}\n"


def test_replay_needs_a_capture(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("nothing\n")
    shown = run("replay", empty)
    assert shown.exit_code == 2
    assert shown.stderr.startswith("error: no frames in")


# Telling


async def test_set_writes_reads_back_and_does_not_repeat_itself(hybrid: Cli) -> None:
    shown = await hybrid("set", "charge-slot", 1, "01:30-04:00")
    assert shown.exit_code == 0, shown.stderr
    assert re.search(r"HR\(94\) +│ charge_slot_1 +│ 130 +│ written", shown.stdout)
    assert hybrid.sim.writes == [(0x11, 94, 130), (0x11, 95, 400)]
    again = await hybrid("set", "set_charge_slot", 1, "01:30-04:00", "--json")
    assert [row["outcome"] for row in json.loads(again.stdout)["registers"]] == ["unchanged"] * 2
    assert len(hybrid.sim.writes) == 2
    await hybrid("set", "set_charge_slot", 1, "01:30-04:00", "--always")
    assert len(hybrid.sim.writes) == 4


async def test_set_only_shows_what_it_would_do(hybrid: Cli) -> None:
    shown = await hybrid("set", "mode_dynamic", "--dry-run", "--json")
    assert shown.exit_code == 0, shown.stderr
    rows = json.loads(shown.stdout)["registers"]
    assert [(row["register"], row["value"]) for row in rows] == [(27, 1), (110, 4), (59, 0)]
    assert hybrid.sim.writes == []


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["nonsense"], 2, "unknown command 'nonsense'"),
        (["enable_charge"], 2, "usage: set enable_charge on|off"),
        (["enable_charge", "on", "off"], 2, "usage: set enable_charge on|off"),
        (["enable_charge", "maybe"], 2, "enabled: 'maybe' is not on or off"),
        (["battery_soc_reserve", "half"], 2, "val: 'half' is not a whole number"),
        (["battery_soc_reserve", "101"], 2, "battery_soc_reserve must be 4 to 100"),
        (["charge_slot", "3", "01:00-02:00"], 2, "there is no charge slot 3"),
        (["charge_slot", "1", "25:00-02:00"], 2, "is not HH:MM-HH:MM or none"),
        (["battery_pause_mode", "pause_both"], 1, "cannot be written on Hybrid Gen 1"),
        (["force_charge", "on"], 1, "set_force_charge is not supported by this system"),
    ],
)
async def test_set_says_in_a_line_what_is_wrong(
    hybrid: Cli, words: list[str], code: int, error: str
) -> None:
    shown = await hybrid("set", *words)
    assert shown.exit_code == code, shown.stderr
    assert error in shown.stderr
    assert shown.stderr.startswith("error: ")
    assert shown.stderr.count("\n") == 1
    assert hybrid.sim.writes == []


async def test_set_tells_of_a_refusal_and_of_what_was_done_before(hybrid: Cli) -> None:
    hybrid.sim.inject(Fault.WRITE_REFUSED, start=HR(95))
    shown = await hybrid("set", "charge_slot", 1, "02:00-03:00")
    assert shown.exit_code == 1
    assert re.search(r"HR\(94\).*written", shown.stdout)
    assert re.search(r"HR\(95\).*refused", shown.stdout)
    assert shown.stderr.startswith("error: ")


async def test_set_tells_of_a_setting_that_was_not_taken(hybrid: Cli) -> None:
    hybrid.sim.inject(Fault.WRITE_IGNORED)
    shown = await hybrid("set", "battery_soc_reserve", 20)
    assert shown.exit_code == 1
    assert re.search(r"HR\(110\).*reported as 4", shown.stdout)


@pytest.mark.parametrize("plant", ["ems"], indirect=True)
async def test_set_talks_to_a_plant_controller(plant: Cli) -> None:
    shown = await plant("set", "ems_charge_slot", 1, "01:00-05:00")
    assert shown.exit_code == 0, shown.stderr
    assert [write[2] for write in plant.sim.writes] == [100, 500]


@pytest.mark.parametrize("plant", ["ac_coupled"], indirect=True)
async def test_set_knows_what_only_some_inverters_take(plant: Cli) -> None:
    shown = await plant("set", "battery_pause_mode", "pause_charge")
    assert shown.exit_code == 0, shown.stderr
    assert plant.sim.writes == [(0x11, 318, 1)]


@pytest.mark.parametrize("plant", ["three_phase_hv"], indirect=True)
async def test_set_writes_where_this_inverter_keeps_a_setting(plant: Cli) -> None:
    shown = await plant("set", "battery_soc_reserve", 30)
    assert shown.exit_code == 0, shown.stderr
    assert plant.sim.writes == [(0x11, 1109, 30)]


def test_set_offers_every_command_but_former_names() -> None:
    functions = {
        name
        for name in commands.__all__
        if not hasattr(getattr(commands, name), "__deprecated__") and not name.endswith("_3ph")
    }
    assert functions == set(COMMANDS)
    shown = run("set", "--list")
    assert shown.exit_code == 0
    for name in COMMANDS:
        assert name.removeprefix("set_") in shown.stdout


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("on", "set_enable_charge", True),
        ("0", "set_enable_charge", False),
        ("80", "set_charge_target_soc", 80),
        ("pause-charge", "set_battery_pause_mode", BatteryPauseMode.PAUSE_CHARGE),
        ("2", "set_battery_pause_mode", 2),
        ("GRID_FIRST", "set_export_priority", ExportPriority.GRID_FIRST),
        ("none", "set_pause_slot", None),
        ("0030-0430", "set_pause_slot", TimeSlot.from_components(0, 30, 4, 30)),
        ("7:05-23:59", "set_pause_slot", TimeSlot.from_components(7, 5, 23, 59)),
    ],
)
def test_what_is_typed_becomes_what_a_command_takes(text: str, name: str, value: object) -> None:
    annotation = COMMANDS[name].parameters[-1].annotation
    assert parse(text, annotation) == value
    assert type(parse(text, annotation)) is type(value)


def test_every_argument_says_how_it_is_typed() -> None:
    for command in COMMANDS.values():
        for parameter in command.parameters:
            assert placeholder(parameter.annotation)
    clock = COMMANDS["set_system_date_time"].parameters[0].annotation
    assert parse("2026-06-18T13:30", clock).hour == 13
    assert abs(parse("now", clock).timestamp() - time.time()) < 5


# Errors


async def test_nobody_there_is_one_line_and_a_code(unused_tcp_port: int, tmp_path: Path) -> None:
    for words in (
        ("detect",),
        ("show",),
        ("watch",),
        ("probe",),
        ("capture", tmp_path / "out.txt"),
        ("set", "enable_charge", "on"),
    ):
        shown = await run_beside(*words, "--host", "127.0.0.1", "--port", unused_tcp_port)
        assert shown.exit_code == 1, words
        assert shown.stderr.startswith("error: ")
        assert shown.stderr.count("\n") == 1
    assert not (tmp_path / "out.txt").exists()


def test_no_host_is_a_misuse() -> None:
    for words in (("detect",), ("set", "enable_charge", "on"), ("capture", "file")):
        shown = run(*words)
        assert shown.exit_code == 2
        assert "--host" in shown.stderr
    assert run("nothing").exit_code == 2


async def test_the_host_may_come_first(hybrid: Cli) -> None:
    where = (hybrid.sim.host, "--port", hybrid.sim.port, "--topology", hybrid.layout)
    for command in ("detect", "show", "probe"):
        shown = await run_beside(command, *where, *QUICK)
        assert shown.exit_code == 0, shown.stderr


async def test_the_host_may_come_from_the_environment(hybrid: Cli) -> None:
    shown = await run_beside(
        "detect",
        *QUICK,
        GIVENERGY_HOST=hybrid.sim.host,
        GIVENERGY_PORT=str(hybrid.sim.port),
        GIVENERGY_TOPOLOGY=str(hybrid.layout),
    )
    assert shown.exit_code == 0, shown.stderr


async def test_a_layout_must_be_one(hybrid: Cli) -> None:
    hybrid.layout.write_text("[]")
    shown = await hybrid("detect")
    assert shown.exit_code == 2
    assert "is not a topology file" in shown.stderr


def test_the_version_is_told() -> None:
    shown = run("--version")
    assert shown.exit_code == 0
    assert re.fullmatch(r"givenergy-modbus \d+\.\d+\S*\n", shown.stdout)


async def test_more_is_told_on_demand(hybrid: Cli) -> None:
    shown = await run_beside(
        "-vv", "detect", "--host", hybrid.sim.host, "--port", hybrid.sim.port, *QUICK
    )
    assert "No answer to" in shown.stderr


# Simulating


def simulating(*words: object) -> tuple[Result, list[bytes]]:
    """Simulate until something was received, then interrupt."""
    received: list[bytes] = []
    over = threading.Event()

    def talk(port: int) -> None:
        deadline = time.monotonic() + 20
        layout = ["--timeout-factor", "0.2", "--host", "127.0.0.1", "--port", str(port)]
        while time.monotonic() < deadline and not over.is_set():
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "givenergy_modbus", "detect", "--json", *layout],
                capture_output=True,
                check=False,
            )
            if done.returncode == 0:
                received.append(done.stdout)
                break
            time.sleep(0.2)
        if not over.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    port = free_port()
    thread = threading.Thread(target=talk, args=(port,))
    thread.start()
    try:
        shown = run("simulate", "--port", port, "--latency", 0, *words)
    finally:
        over.set()
        thread.join()
    return shown, received


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_simulate_serves_a_plant_until_interrupted() -> None:
    shown, received = simulating("--plant", "ac_coupled", "--others", "--fault", "stray_zero=0.1")
    assert shown.exit_code == 0, shown.stderr
    assert "listening on 127.0.0.1:" in shown.stdout
    assert json.loads(received[0])["device_type"] == "AC"


def test_simulate_takes_a_probe(tmp_path: Path) -> None:
    dump = tmp_path / "dump.txt"
    dump.write_text(to_compact(PROFILES["all_in_one"].build()))
    _, received = simulating("--dump", dump)
    assert json.loads(received[0])["device_type"] == "ALL_IN_ONE"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--plant", "castle"], "unknown plant 'castle'"),
        (["--fault", "rain"], "unknown fault 'rain'"),
        (["--fault", "silent=2"], "'2' is not a share"),
        (["--fault", "silent=x"], "'x' is not a share"),
        (["--plant", "ems", "--dump", __file__], "exclude one another"),
        (["--dump", __file__], "no registers in test_cli"),
        (["--capture", __file__], "no frames in"),
    ],
)
def test_simulate_says_what_is_wrong(words: list[str], error: str) -> None:
    shown = run("simulate", *words)
    assert shown.exit_code == 2
    assert error in shown.stderr.replace("\n", "")


def test_simulate_describes_a_plant_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"like": "ems"}))
    _, received = simulating("--file", file)
    assert json.loads(received[0])["device_type"] == "EMS"
    file.write_text(json.dumps({"like": "nobody"}))
    assert run("simulate", "--file", file).exit_code == 2


def test_simulate_lists_plants_and_faults() -> None:
    shown = run("simulate", "--list")
    assert shown.exit_code == 0
    for name in (*PROFILES, *(fault.name.lower() for fault in Fault)):
        assert name in shown.stdout


def test_a_program_of_its_own_that_stops_when_told() -> None:
    command = [sys.executable, "-m", "givenergy_modbus", "simulate", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603
        assert program.stdout is not None
        assert "listening on" in program.stdout.readline()
        program.send_signal(signal.SIGTERM)
        assert program.wait(10) == 0


# What is loaded


def test_help_and_version_load_no_models() -> None:
    program = (
        "import sys; from givenergy_modbus.cli.app import app\n"
        "for words in (['--version'], ['detect', '--help'], ['set', '--help']):\n"
        "    app(words, standalone_mode=False)\n"
        "loaded = {name for name in sys.modules if name.startswith('givenergy_modbus.')}\n"
        "print(*sorted(loaded), file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stderr.split()) == {
        "givenergy_modbus.cli",
        *(f"givenergy_modbus.cli.{name}" for name in ("app", "console", "options")),
        "givenergy_modbus.errors",
        "givenergy_modbus.write_report",
    }


# The packages it needs

BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
from runpy import run_module
run_module("givenergy_modbus", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_a_missing_package_is_named_in_one_line(missing: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", BLOCKER.format(missing=missing), "detect"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"givenergy-modbus needs {missing}: pip install 'givenergy-local-modbus[cli]'\n"
    )


def test_a_package_that_is_there_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["givenergy-modbus", "--version"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0


# Words


MODELS: Mapping[DeviceKind, tuple[type[RegisterModel], ...]] = {
    DeviceKind.INVERTER: (SinglePhaseInverter, ThreePhaseInverter),
    DeviceKind.EMS: (Ems,),
    DeviceKind.GATEWAY: (GatewayV1, GatewayV2),
    DeviceKind.LV_BATTERY: (Battery,),
    DeviceKind.HV_STACK: (Bcu,),
    DeviceKind.METER: (Meter,),
}


def test_the_interesting_values_exist() -> None:
    assert set(HEADLINES) == set(MODELS)
    for kind, names in HEADLINES.items():
        known = {name for model in MODELS[kind] for name in model.all_fields}
        assert set(names) <= known


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (12.345, "12.3 V"),
        (7, "7 V"),
        (("one", "two"), "one, two"),
        ((), "none"),
        (BatteryPauseMode.PAUSE_BOTH, "pause both"),
        (TimeSlot.from_components(0, 30, 4, 5), "00:30-04:05"),
    ],
)
def test_values_in_words(value: object, words: str) -> None:
    assert format_value(value, 1, "V") == words
