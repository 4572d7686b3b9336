"""Batteries, meters and controllers of real plants decode to what was recorded of them."""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any, NamedTuple

import pytest
from givenergy_modbus.model.devices.aio_module import AioBatteryModule
from givenergy_modbus.model.devices.battery import Battery
from givenergy_modbus.model.devices.ems import Ems
from givenergy_modbus.model.devices.gateway import GatewayV1, GatewayV2, select_gateway
from givenergy_modbus.model.devices.hv_stack import Bcu, Bmu
from givenergy_modbus.model.devices.lv_bcu import LvBcu
from givenergy_modbus.model.devices.meter import Meter
from givenergy_modbus.model.register_model import RegisterModel

from tests.library.difference import Words
from tests.library.differences_devices import DIFFERENCES
from tests.library.golden import Recording, recordings, same

VIEWS: Mapping[str, type[RegisterModel]] = {
    "as_battery": Battery,
    "as_lv_bcu": LvBcu,
    "as_bcu": Bcu,
    "as_meter": Meter,
    "as_ems": Ems,
    "as_gateway_v1": GatewayV1,
    "as_gateway_v2": GatewayV2,
}
"""The types as which a recording decodes addresses, regardless of the plant's devices."""


class Pair(NamedTuple):
    """A device as decoded here, and as recorded."""

    address: int
    ours: Any
    golden: Mapping[str, Any]
    words: Words

    @property
    def kind(self) -> str:
        """What the table of differences calls it."""
        return type(self.ours).__name__

    def values(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield every recorded value with ours."""
        for name, golden in self.golden.items():
            if not name.startswith("$"):
                yield name, getattr(self.ours, name), golden
        if "$is_valid" in self.golden:
            yield "is_valid", self.ours.is_valid(), self.golden["$is_valid"]

    def differences(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield what is read otherwise; some recordings keep the bare number of a choice."""
        for name, ours, golden in self.values():
            bare = isinstance(ours, IntEnum) and isinstance(golden, int)
            if not same(int(ours) if bare else ours, golden):
                yield name, ours, golden


def pairs(recording: Recording) -> Iterator[Pair]:
    """Yield every device of a plant, and every address looked at as something."""
    yield from _root(recording)
    yield from _peripherals(recording)
    yield from _stacks(recording.decoded["hv_stacks"], recording.words)
    for address, words in recording.words.items():
        for view, device in VIEWS.items():
            if found := recording.at(address, view):
                yield _pair(recording.words, address, device, found)
        if found := recording.at(address, "as_battery_module"):
            yield Pair(address, AioBatteryModule.from_register_cache(words, address), found, words)


def _root(recording: Recording) -> Iterator[Pair]:
    golden, words = recording.decoded, recording.words
    if golden["ems"]:
        yield _pair(words, 0x11, Ems, golden["ems"])
    if golden["gateway"]:
        yield Pair(0x11, select_gateway(words[0x11]), golden["gateway"], words[0x11])


def _peripherals(recording: Recording) -> Iterator[Pair]:
    golden, words = recording.decoded, recording.words
    layout = golden["capabilities"]
    for at, pack in zip(layout["lv_battery_addresses"], golden["batteries"], strict=True):
        yield _pair(words, int(at, 16), Battery, pack)
    for module in golden["aio_battery_modules"]:
        at = module["module_address"]
        yield Pair(at, AioBatteryModule.from_register_cache(words[at], at), module, words[at])
    for at, meter in golden["meters"].items():
        yield _pair(words, int(at, 16), Meter, meter)
    if golden["lv_bcu"]:
        yield _pair(words, 0x31, LvBcu, golden["lv_bcu"])


def _pair(
    words: Mapping[int, Words], address: int, device: type[RegisterModel], golden: Mapping[str, Any]
) -> Pair:
    return Pair(address, device.from_register_cache(words[address]), golden, words[address])


def _stacks(stacks: list[Mapping[str, Any]], words: Mapping[int, Words]) -> Iterator[Pair]:
    """Yield the controllers and, numbered through all stacks, their modules."""
    at = 0x50
    for stack in stacks:
        yield _pair(words, int(stack["device_address"], 16), Bcu, stack["bcu"])
        for index, golden in enumerate(stack["bmus"]):
            yield Pair(at, Bmu.from_register_cache(words[at], index), golden, words[at])
            at += 1


@pytest.mark.parametrize("recording", recordings())
def test_every_value(recording: Recording) -> None:
    """Each is the recorded one, or a known difference."""
    unexplained = [
        f"{pair.kind} at {pair.address:#04x}: {name} {ours!r} {golden!r}"
        for pair in pairs(recording)
        for name, ours, golden in pair.differences()
        if not any(row.covers(pair.kind, name, ours, golden, pair.words) for row in DIFFERENCES)
    ]
    assert not unexplained


@pytest.mark.parametrize("recording", recordings())
def test_inverters_behind_a_plant_controller(recording: Recording) -> None:
    golden = recording.decoded["ems"] or {"$managed_inverters": []}
    ems = Ems.from_register_cache(recording.words[0x11])
    ours = [
        {name: getattr(inverter, name) for name in inverter.__slots__}
        for inverter in ems.managed_inverters
    ]
    assert ours == golden["$managed_inverters"]


def test_every_difference_is_one(captures: object) -> None:
    """A row that no recording needs states its condition."""
    found = [
        (pair, values)
        for case in recordings()
        for pair in pairs(case.values[0])
        for values in pair.differences()
    ]
    idle = {
        row
        for row in DIFFERENCES
        if not any(row.covers(pair.kind, *values, pair.words) for pair, values in found)
    }
    assert all("not in a recording" in row.evidence.lower() for row in idle)
