"""The command simulate."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from givenergy_modbus.model.register_cache import to_compact
from givenergy_modbus.simulator import PROFILES, Fault
from typer.testing import Result

from tests.library.cli.command_line import run


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
