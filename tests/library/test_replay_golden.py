"""Recordings of real plants, frame by frame, come to what they were recorded to come to."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.device_kinds import DeviceKind
from givenergy_modbus.model.guards import Reason, Verdict
from givenergy_modbus.model.plant import Plant
from givenergy_modbus.model.register import IR
from givenergy_modbus.pdu import ReadRegistersResponse
from givenergy_modbus.testing import frames, plant_from_capture

from tests.library.difference import Difference
from tests.library.differences_replay import DIFFERENCES
from tests.library.golden import Recording, plain, recordings

type Pairs = Iterator[tuple[str, Any, Any]]
"""What is compared, our value, and the recorded one."""

EVERY_RECORDING = pytest.mark.parametrize("recording", recordings())

BATTERY_PAGE = {IR(address) for address in range(60, 120)}


def path_of(recording: Recording, captures: Path) -> Path:
    return captures / "captures" / f"{recording.name}.log"


def layout_of(recording: Recording) -> PlantCapabilities:
    return PlantCapabilities.from_dict(recording.decoded["capabilities"])


def replayed(recording: Recording, captures: Path) -> Plant:
    """Return the plant of a recording; one of them lacks the model of the inverter."""
    is_derived = recording.decoded["capabilities_source"] == "derived"
    return _replayed(path_of(recording, captures), None if is_derived else recording.name)


@cache
def _replayed(path: Path, unsaid: str | None) -> Plant:
    prior = next(
        (layout_of(recording.values[0]) for recording in recordings() if recording.id == unsaid),
        None,
    )
    return plant_from_capture(path, prior=prior)


# What is compared.


def registers(plant: Plant, recording: Recording) -> Pairs:
    for address in {*plant.register_caches, *recording.words}:
        ours = plant.register_caches.get(address, {})
        golden = recording.words.get(address, {})
        for register in {*ours, *golden}:
            own = address == 0x32 and register in BATTERY_PAGE
            where = "a battery's own page" if own else f"{address:#04x}:{register}"
            yield where, ours.get(register), golden.get(register)


def layout(plant: Plant, recording: Recording) -> Pairs:
    yield "layout", plant.capabilities, layout_of(recording)


def whole(plant: Plant, recording: Recording) -> Pairs:
    for name, golden in recording.decoded["plant"].items():
        yield name, getattr(plant, name), golden
    index = {serial: item.data_source for serial, item in plant.serial_index.items()}
    yield "serial_index", index, recording.decoded["serial_index"]


def counts(plant: Plant, recording: Recording) -> Pairs:
    for name, golden in recording.decoded["quality_counters"].items():
        ours = {f"{address:#04x}": times for address, times in getattr(plant, name).items()}
        yield name, ours, golden
    yield "energy counters in doubt", plant.dropped[Reason.ENERGY], 0
    yield "answers of other plants", plant.dropped[Reason.FOREIGN], 0


KINDS = {
    DeviceKind.LV_BATTERY: "battery",
    DeviceKind.AIO_MODULE: "battery_module",
    DeviceKind.HV_MODULE: "battery_module",
    DeviceKind.MANAGED_INVERTER: "inverter",
}
"""Kinds that have another name in recordings."""

CLASSES = {"PlantInverter": "Inverter"}
"""Classes that have another name in recordings."""


def devices(plant: Plant, recording: Recording) -> Pairs:
    """Compare kind by kind: here a stack comes before its modules."""
    ours = [node for node in plant.devices if node.kind is not DeviceKind.AIO_UNIT]
    ours.sort(key=lambda device: KINDS.get(device.kind, device.kind))
    golden = sorted(recording.decoded["devices"], key=lambda value: str(value["device_type"]))
    for mine, theirs in zip(ours, golden, strict=True):
        kind = theirs["device_type"]
        yield "kind", KINDS.get(mine.kind, mine.kind), kind
        device_class = type(mine.device).__name__
        yield f"class {kind}", CLASSES.get(device_class, device_class), theirs["device_class"]
        for name in theirs.keys() - {"device_class", "device_type"}:
            yield f"{name} {kind}", getattr(mine, name), theirs[name]


def inverters(plant: Plant, recording: Recording) -> Pairs:
    for mine, theirs in zip(plant.inverters, recording.decoded["inverters"], strict=True):
        for name in ("batteries", "hv_stacks", "battery_modules"):
            yield f"inverters {name}", len(getattr(mine, name)), theirs[f"n_{name}"]
        for name in (
            "serial_number",
            "data_source",
            "is_blinded",
            "status",
            "p_inverter_out",
            "battery_soc",
            "t_inverter_heatsink",
        ):
            yield f"inverters {name}", plain(getattr(mine, name)), theirs[name]
        yield "inverters summary", mine.summary is None, theirs["summary"] is None


ASPECTS = (registers, layout, whole, counts, devices, inverters)


@EVERY_RECORDING
@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_recording_comes_to_the_same(
    aspect: Callable[[Plant, Recording], Pairs], recording: Recording, captures: Path
) -> None:
    unknown = [
        (what, ours, golden)
        for what, ours, golden in aspect(replayed(recording, captures), recording)
        if ours != golden and not any(covered(recording, what, ours, golden))
    ]
    assert not unknown


def covered(recording: Recording, what: str, ours: Any, golden: Any) -> Iterator[Difference]:
    """Yield the known differences that explain a pair."""
    return (row for row in DIFFERENCES if row.covers(recording.name, what, ours, golden, {}))


def test_every_known_difference_is_one(captures: Path) -> None:
    seen = {
        (row.attribute, recording.name)
        for recording in (recording.values[0] for recording in recordings())
        for aspect in ASPECTS
        for what, ours, golden in aspect(replayed(recording, captures), recording)
        if ours != golden
        for row in covered(recording, what, ours, golden)
    }
    assert seen == {(row.attribute, name) for row in DIFFERENCES for name in row.devices}


@EVERY_RECORDING
def test_every_device_has_an_identity_of_its_own_below_one_that_came_before(
    recording: Recording, captures: Path
) -> None:
    known: set[str | None] = {None}
    for device in replayed(recording, captures).devices:
        assert device.parent in known
        assert device.identity not in known
        known.add(device.identity)


@EVERY_RECORDING
def test_a_plant_whose_layout_is_known_comes_to_the_same(
    recording: Recording, captures: Path
) -> None:
    """Every module's response is accepted, in any form of its serial number."""
    plant = Plant(layout_of(recording))
    for at, direction, message in frames(path_of(recording, captures)):
        if direction == "rx":
            verdict = plant.update(message, at)
            if isinstance(message, ReadRegistersResponse):
                module = message.device_address in range(0x50, 0x70)
                assert verdict is Verdict.STORED or not module
    assert plant.register_caches == replayed(recording, captures).register_caches
    assert not plant.dropped[Reason.ENERGY]


@EVERY_RECORDING
def test_times_make_no_difference(recording: Recording, captures: Path) -> None:
    plant = Plant()
    for _, direction, message in frames(path_of(recording, captures)):
        if direction == "rx":
            plant.update(message)
    assert plant.register_caches == replayed(recording, captures).register_caches
