"""True words of plants of every kind, to prove the guards with."""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from givenergy_modbus.model.capabilities import PlantCapabilities
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.register import HR, IR, Register
from givenergy_modbus.pdu import ReadRegistersResponse
from givenergy_modbus.simulator import PROFILES, Simulator

from tests.library.answers import block, identity, pack, put, words_of
from tests.library.plants import layout_of

type Key = tuple[int, Register]
"""A block: the device's address and the first register."""

type Words = list[int]

type Pages = Mapping[Key, Sequence[int]]

IDENTITY = (0x11, HR(0))
PACKS = range(0x32, 0x38)

_MOST_PAGES = 7
"""Pages of a large plant that are looked at; which ones is random."""


@cache
def _single_phase() -> Pages:
    readings = {
        IR(0): 1, IR(1): 2810, IR(5): 2412, IR(8): 31, IR(11): 0, IR(12): 4040, IR(13): 5003,
        IR(17): 81, IR(18): 812, IR(19): 42, IR(20): 411, IR(21): 1, IR(22): 1200, IR(25): 33,
        IR(26): 12, IR(28): 410, IR(30): 0xFF38, IR(32): 0, IR(33): 9120, IR(35): 7, IR(36): 66,
        IR(37): 51, IR(41): 312, IR(42): 712, IR(44): 120, IR(46): 30_100, IR(47): 1, IR(48): 700,
        IR(49): 1, IR(50): 5210, IR(51): 0xFE00, IR(52): 0xFF00, IR(55): 280, IR(59): 48,
    }  # fmt: skip
    meter = {
        IR(60): 2410, IR(63): 210, IR(68): 508, IR(71): 508, IR(76): 5100, IR(79): 5100,
        IR(80): 9900, IR(84): 5001, IR(85): 31_000, IR(87): 200,
    }  # fmt: skip
    return {
        IDENTITY: identity(),
        (0x11, HR(60)): block(HR(60), 60, put(HR(94), (30, 430, 1, 0, 0))),
        (0x11, HR(240)): block(HR(240), 60, {HR(243): 130, HR(244): 430}),
        (0x11, IR(0)): block(IR(0), 60, readings),
        (0x11, IR(180)): block(IR(180), 60, put(IR(180), (9000, 9500, 51, 66))),
        (0x32, IR(60)): pack(),
        (0x33, IR(60)): pack(**dict(zip(("IR110", "IR111"), words_of("CF21"), strict=True))),
        (0x31, IR(60)): block(IR(60), 60, put(IR(60), (3, 1, 60, 60))),
        (0x01, IR(60)): block(IR(60), 30, meter),
    }


@cache
def _three_phase() -> Pages:
    counters = {Register(IR(1360) + at): 100 + at for at in range(1, 54, 2)}
    return {
        IDENTITY: identity(0x4001),
        (0x11, IR(1000)): block(IR(1000), 60, {IR(1034): 406}),
        (0x11, IR(1060)): block(IR(1060), 60, {IR(1061): 4021, IR(1070): 900, IR(1080): 4100}),
        (0x11, IR(1120)): block(IR(1120), 60, {IR(1131): 4720, IR(1132): 80, IR(1137): 1200}),
        (0x11, IR(1180)): block(IR(1180), 60, {IR(1181): 2320, IR(1188): 9000}),
        (0x11, IR(1300)): block(IR(1300), 60, {IR(1302): 4}),
        (0x11, IR(1360)): block(IR(1360), 54, counters),
        (0x50, IR(60)): block(
            IR(60),
            60,
            {
                **put(IR(60), [3300] * 24),
                **put(IR(90), [250] * 12),
                **put(IR(114), words_of("HY2336G001")),
            },
        ),
    }


@cache
def _simulated(name: str) -> tuple[PlantCapabilities, Pages]:
    """Return a plant of the simulator and all its pages, at noon."""
    simulator = Simulator(name)
    simulator.step(60)
    layout = layout_of(simulator)
    pages: dict[Key, Sequence[int]] = {}
    for read in (*layout.config_plan, *layout.measurement_plan):
        answer = simulator.bus.answer(read.request)
        assert isinstance(answer, ReadRegistersResponse)
        first = Register.at(read.block.bank, read.block.start)
        pages[read.device_address, first] = answer.register_values
    return layout, pages


def random_plant(random: Random) -> tuple[PlantCapabilities, Pages]:
    """Return the topology of a plant, and true words of some of its pages."""
    name = random.choice(("single phase", "three phase", *PROFILES))
    if name == "single phase":
        packs = [0x32, 0x33]
        return PlantCapabilities(
            Model.HYBRID_GEN1, lv_battery_addresses=packs, meter_addresses=[1]
        ), _single_phase()
    if name == "three phase":
        return PlantCapabilities(Model.HYBRID_3PH, hv_bmu_addresses=[0x50]), _three_phase()
    layout, pages = _simulated(name)
    chosen = random.sample(sorted(pages), min(len(pages), _MOST_PAGES))
    return layout, {key: pages[key] for key in dict.fromkeys((IDENTITY, *chosen))}
