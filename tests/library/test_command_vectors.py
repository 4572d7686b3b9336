"""Commands against recorded ones: what was asked for, and which writes came of it."""

import builtins
import json
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from givenergy_modbus import exceptions
from givenergy_modbus.client import commands
from givenergy_modbus.model import TimeSlot
from givenergy_modbus.model.allowlist import reject_reason
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.commands.slot_map import slot_map_of
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.inverter import EXTENDED_SLOTS, SINGLE_PHASE_SLOTS, SinglePhaseInverter
from givenergy_modbus.model.inverter_threephase import THREE_PHASE_SLOTS, ThreePhaseInverter
from givenergy_modbus.model.models import Model, resolve_model
from givenergy_modbus.model.register import HR
from givenergy_modbus.model.register_model import RegisterModel
from givenergy_modbus.pdu import WriteHoldingRegisterRequest

SLOT_MAPS = {
    "SINGLE_PHASE": SINGLE_PHASE_SLOTS,
    "EXTENDED": EXTENDED_SLOTS,
    "THREE_PHASE": THREE_PHASE_SLOTS,
    "EMS": slot_map_of(Ems),
}

type Vector = Mapping[str, Any]


@dataclass(frozen=True)
class Deviation:
    """Where a command knowingly does something else than was recorded."""

    why: str
    error: str | None = None
    accepted: bool | None = None


_NUMBERS_ARE_NO_SWITCHES = Deviation("on or off is True or False", error="ValueError")
_NO_TIME = Deviation("only a time of day is a time, not a text or a number", error="ValueError")
_NO_MODE = Deviation("refused when it is built, as everything else is", error="ValueError")
_PAUSE = Deviation("a device that has the pause setting may be written it", accepted=True)
_UNDETECTED = Deviation("nothing is written before detection", accepted=False)
_NOT_READ = Deviation("no slot is written that the device is not read for", accepted=False)
_READ = Deviation("a device is written the settings that it has", accepted=True)
_FOREIGN = Deviation("only the inverter itself is written", accepted=False)
_GATEWAY = Deviation("the settings of a gateway are unknown", accepted=False)

DEVIATIONS: Mapping[str, Deviation] = {
    "V030": _UNDETECTED,
    "V031": _UNDETECTED,
    "V046": _NUMBERS_ARE_NO_SWITCHES,
    "V047": _NUMBERS_ARE_NO_SWITCHES,
    "V048": _NUMBERS_ARE_NO_SWITCHES,
    "V049": _NUMBERS_ARE_NO_SWITCHES,
    "V145": _NO_TIME,
    "V146": _NO_TIME,
    "V147": _NO_TIME,
    "V168": _NOT_READ,
    "V176": _NOT_READ,
    "V206": _NO_MODE,
    "V210": _NO_MODE,
    "V211": _NO_MODE,
    "V212": _PAUSE,
    "V213": _PAUSE,
    "V217": _PAUSE,
    "V220": _PAUSE,
    "V469": _FOREIGN,
    "V474": _READ,
}
"""By the recorded command's number."""

INSTALLER_ONLY = (
    "enable_black_start",
    "reset_energy_totals",
    "restore_factory_defaults",
    "set_anti_islanding_detection",
    "set_battery_max_charge_pct",
    "set_battery_nominal_",
    "set_enable_ev_charger",
    "set_enable_export_limit_3ph",
    "set_enable_generator",
    "set_enable_import_limit_3ph",
    "set_enable_micro_grid",
    "set_enable_plant_mode",
    "set_enable_smart_load",
    "set_ev_charger_",
    "set_export_power_rate",
    "set_f_ac_",
    "set_general_load_",
    "set_generator_",
    "set_grid_import_limit_",
    "set_peak_shaving_",
    "set_smart_load_control_",
    "set_t_ac_",
    "set_v_ac_",
    "three_phase_factory_reset",
)
"""Prefixes of commands that are not offered: they are for installers."""


def _vectors(of: Callable[[Vector], bool] = lambda _: True) -> list[Any]:
    folder = os.environ.get("GIVENERGY_CAPTURES")
    if folder is None:
        reason = pytest.mark.skip(reason="GIVENERGY_CAPTURES names no folder of recordings")
        return [pytest.param({}, id="none", marks=reason)]
    text = (Path(folder) / "vectors" / "commands.json").read_text()
    return [pytest.param(vector, id=vector["id"]) for vector in json.loads(text) if of(vector)]


def _has_frames(vector: Vector) -> bool:
    return "frames" in vector and not vector["call"].startswith(INSTALLER_ONLY)


@pytest.mark.parametrize("vector", _vectors())
def test_command(vector: Vector) -> None:
    """A command builds the writes recorded for it, and addresses the recorded device."""
    if vector["call"].startswith(INSTALLER_ONLY):
        assert not hasattr(commands, vector["call"])
        assert not hasattr(SinglePhaseInverter, vector["call"])
        return
    if "installer" in vector["kwargs"]:
        with pytest.raises(TypeError):
            _build(vector)
        return
    deviation = DEVIATIONS.get(vector["id"])
    error = (deviation and deviation.error) or vector.get("error")
    if error == "InvalidPduState":
        _assert_never_sent(vector)
    elif error is not None:
        with pytest.raises(getattr(exceptions, error, None) or getattr(builtins, error)):
            _build(vector)
    else:
        writes = [
            (request.device_address, request.register, request.value) for request in _build(vector)
        ]
        assert writes == [tuple(write) for write in vector["writes"]]
        _assert_accepted(vector, writes, deviation)


@pytest.mark.parametrize("vector", _vectors(_has_frames))
def test_frames(vector: Vector) -> None:
    """A command goes over the wire byte for byte as recorded."""
    assert [request.encode().hex() for request in _build(vector)] == vector["frames"]


def test_deviations_are_deviations(captures: Path) -> None:
    """Nothing stands in the table of deviations that agrees with the recording."""
    vectors = {
        item["id"]: item for item in json.loads((captures / "vectors/commands.json").read_text())
    }
    for number, deviation in DEVIATIONS.items():
        if (vector := vectors.get(number)) is None:
            continue
        if deviation.error is not None:
            assert vector.get("error") != deviation.error, number
        else:
            assert vector["accepted"]["one_shot_command"] is not deviation.accepted, number


def _assert_never_sent(vector: Vector) -> None:
    """Check that no plant is sent what a frame was not allowed to carry."""
    plants = [PlantCapabilities(model) for model in Model]
    for address, register, value in vector["built"]:
        assert all(reject_reason(plant, register, value, address) for plant in plants)


def _assert_accepted(
    vector: Vector, writes: list[tuple[int, int, int]], deviation: Deviation | None
) -> None:
    if (accepted := vector.get("accepted")) is None:
        return
    expected = accepted["one_shot_command"]
    if deviation is not None and deviation.accepted is not None:
        expected = deviation.accepted
    plant = _capabilities(vector)
    refused = [
        plant is None or reject_reason(plant, register, value, address)
        for address, register, value in writes
    ]
    assert any(refused) is not expected, refused


def _capabilities(vector: Vector) -> PlantCapabilities | None:
    if "dtc" not in vector:
        return None
    return PlantCapabilities(
        resolve_model(vector["dtc"], vector["arm_fw"]), arm_firmware_version=vector["arm_fw"]
    )


def _build(vector: Vector) -> list[WriteHoldingRegisterRequest]:
    kwargs = {name: _argument(value) for name, value in vector["kwargs"].items()}
    match vector["surface"]:
        case "raw":
            return [WriteHoldingRegisterRequest(**kwargs)]
        case "commands":
            command = getattr(commands, vector["call"])
        case surface:
            command = getattr(_device(vector, surface), vector["call"])
    if not vector.get("deprecation_warning"):
        with warnings.catch_warnings(action="error"):
            requests = command(**kwargs)
    else:
        with pytest.deprecated_call():
            requests = command(**kwargs)
    return list(requests)


def _device(vector: Vector, surface: str) -> RegisterModel:
    words = {HR(0): int(vector["dtc"], 16), HR(21): vector["arm_fw"]}
    plant = _capabilities(vector)
    if surface == "ems":
        return Ems.from_register_cache(words)
    three_phase = plant is not None and plant.is_three_phase
    return (ThreePhaseInverter if three_phase else SinglePhaseInverter).from_register_cache(words)


def _argument(value: Any) -> Any:
    """Return an argument, which a recording can only describe."""
    match value:
        case {"$time": text}:
            return time.fromisoformat(text)
        case {"$slot": [start, end]}:
            return TimeSlot(time.fromisoformat(start), time.fromisoformat(end))
        case {"$slot_map": name}:
            return SLOT_MAPS[name]
        case {"$datetime": text}:
            return datetime.fromisoformat(text)
        case {"$float": text}:
            return float(text)
    return value
