"""The commands detect, check, show and watch, and how they format values."""

import json
import re
from collections.abc import Mapping

import pytest
from givenergy_modbus.cli.views import HEADLINES, format_value
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.device_kinds import DeviceKind
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.devices.gateway import GatewayV1, GatewayV2
from givenergy_modbus.model.devices.hv_stack import Bcu
from givenergy_modbus.model.devices.meter import Meter
from givenergy_modbus.model.enums import BatteryPauseMode
from givenergy_modbus.model.inverter import SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import ThreePhaseInverter
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import HR, IR
from givenergy_modbus.model.register_model import RegisterModel
from givenergy_modbus.simulator import PROFILES, Fault

from tests.library.cli.command_line import QUICK, SERIAL, SHARED_SERIAL, Cli, run_beside
from tests.library.plants import layout_of

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
