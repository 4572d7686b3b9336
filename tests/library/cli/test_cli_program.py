"""The program as a whole: its errors, its options, and what it imports."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from givenergy_modbus import cli

from tests.library.cli.command_line import QUICK, Cli, run, run_beside

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
