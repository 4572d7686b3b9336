"""The commands probe, redact, capture and replay, and the files they write and read."""

import json
import re
from pathlib import Path
from typing import Any

from givenergy_modbus.client.text_redaction import redact_any_text
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register_cache import RegisterCache, parse_compact
from givenergy_modbus.simulator import Simulator
from givenergy_modbus.testing import plant_from_capture

from tests.library.cli.command_line import SERIAL, SHARED_SERIAL, Cli, run

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
