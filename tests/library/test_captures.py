"""Reading captures, whichever way they were written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model
from givenergy_modbus.pdu import HeartbeatRequest, HeartbeatResponse, ReadInputRegistersRequest
from givenergy_modbus.testing import CaptureLine, frames, plant_from_capture, read_lines

from tests.library.frames import (
    BATTERY,
    HEARTBEAT,
    HEARTBEAT_ANSWER,
    IDENTITY,
    MEASUREMENTS,
    READ_IR_0,
)

FIRST = datetime(2026, 5, 28, 18, 4, 39, 888432, tzinfo=UTC)
SECOND = datetime(2026, 5, 28, 18, 4, 40, tzinfo=UTC)


def capture(folder: Path, text: str, name: str = "capture.log") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_lines_of_both_forms(tmp_path: Path) -> None:
    path = capture(
        tmp_path,
        f"""# what this is
        2026-05-28T18:04:39.888432+00:00 rx {HEARTBEAT.hex()}
        # reconnected
        2026-05-28T18:04:40 tx {HEARTBEAT_ANSWER.hex().upper()}
        rx: {HEARTBEAT.hex()}
        tomorrow rx {HEARTBEAT.hex()}
        rx: 5
        something else
        """,
    )
    assert read_lines(path) == [
        CaptureLine(FIRST, "rx", HEARTBEAT),
        CaptureLine(SECOND, "tx", HEARTBEAT_ANSWER),
        CaptureLine(None, "rx", HEARTBEAT),
        CaptureLine(None, "rx", HEARTBEAT),
    ]


def test_captures_are_put_in_the_order_of_their_times(tmp_path: Path) -> None:
    late = capture(tmp_path, "2026-05-28T18:04:40+00:00 rx 02\nrx: 03\n", "a")
    early = capture(tmp_path, "2026-05-28T19:04:39.888432+01:00 rx 01\n", "b")
    assert [line.data for line in read_lines(late, early)] == [b"\1", b"\2", b"\3"]


def test_messages_of_both_directions(tmp_path: Path) -> None:
    path = capture(
        tmp_path,
        f"2026-05-28T18:04:39.888432+00:00 rx {HEARTBEAT.hex()}{IDENTITY[:50].hex()}\n"
        f"2026-05-28T18:04:40+00:00 tx {HEARTBEAT_ANSWER.hex()}{READ_IR_0.hex()}\n"
        f"2026-05-28T18:04:40+00:00 rx {IDENTITY[50:].hex()}00\n",
    )
    found = [(at, direction, type(message)) for at, direction, message in frames(path)]
    assert found[:3] == [
        (FIRST, "rx", HeartbeatRequest),
        (SECOND, "tx", HeartbeatResponse),
        (SECOND, "tx", ReadInputRegistersRequest),
    ]
    assert len(found) == 4


def test_a_plant_as_it_was_heard(tmp_path: Path) -> None:
    path = capture(
        tmp_path,
        "\n".join(f"rx: {frame.hex()}" for frame in (IDENTITY, MEASUREMENTS, BATTERY, BATTERY)),
    )
    plant = plant_from_capture(path)
    assert plant.capabilities == PlantCapabilities(
        Model.HYBRID_GEN1, lv_battery_addresses=[0x32], arm_firmware_version=449
    )
    assert plant.inverter_serial == "SA2114G000"
    assert plant.inverter.v_ac1 == 243.1
    assert plant.batteries[0].serial_number == "BG2134G000"


def test_a_plant_that_never_said_what_it_is(tmp_path: Path) -> None:
    path = capture(tmp_path, f"rx: {MEASUREMENTS.hex()}")
    assert plant_from_capture(path).capabilities is None
    prior = PlantCapabilities(Model.AC)
    assert plant_from_capture(path, prior=prior).capabilities == prior


def test_what_was_asked_is_not_heard(tmp_path: Path) -> None:
    path = capture(tmp_path, f"tx: {READ_IR_0.hex()}\ntx: {IDENTITY.hex()}")
    with pytest.raises(ValueError, match=r"no frames in .*capture\.log"):
        plant_from_capture(path)
    with pytest.raises(ValueError, match="no capture"):
        plant_from_capture()
